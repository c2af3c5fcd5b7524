/* digest - HTTP digest authentication as SIP uses it
 *
 * RFC 3261 section 22, RFC 8760, RFC 7616, and RFC 2617 for peers that know
 * nothing else: MD5, SHA-256 and SHA-512-256, each with and without -sess;
 * qop none, auth and auth-int; userhash; nonce counts.  Both ends: answering
 * a challenge, and making one and verifying the answer.
 *
 * Spans of a parsed value point into it; text between quotes stays escaped,
 * as both ends put it into the hash that way.  The user is compared, and put
 * into the hash, as people write it.
 */
#ifndef SIP_DIGEST_H
#define SIP_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/span.h"
#include "sip/scan.h"

/* Of growing strength, so that they compare. */
enum sip_digest_algorithm {
	SIP_DIGEST_UNKNOWN, /* cannot be answered */
	SIP_DIGEST_MD5,
	SIP_DIGEST_SHA256,
	SIP_DIGEST_SHA512_256,
	SIP_DIGEST_COUNT
};

enum { /* bits of a qop list */
	SIP_QOP_AUTH = 1,
	SIP_QOP_AUTH_INT = 2,
};

#define SIP_DIGEST_HEX_MAX 65 /* of SHA-256 and SHA-512-256, with the NUL */

struct sip_credentials;

/* ---- the client's side --------------------------------------------------------- */

struct sip_challenge {
	struct span realm, nonce, opaque, domain;
	bool has_opaque;
	enum sip_digest_algorithm algorithm;
	bool is_sess;
	struct span algorithm_text; /* as written; empty: MD5 by default */
	bool is_stale;
	unsigned qop; /* offered; 0 where there is no qop (RFC 2617, 2069) */
	bool has_qop;
	bool userhash;
};

/* A value of WWW-Authenticate or Proxy-Authenticate.  Another scheme than
 * Digest, or one without realm or nonce, is an error. */
bool sip_challenge_parse(
	struct sip_challenge *c, struct span value, struct err *e);

/* What a person has: a password, or HA1 (lower case hex of
 * algorithm(user:realm:password)) by algorithm, which fits one realm. */
struct sip_digest_login {
	struct span user;
	struct span password; /* p NULL: none, only HA1s; it may be "" */
	struct span ha1[SIP_DIGEST_COUNT];
	struct span ha1_realm; /* of the HA1s; empty: any */
	struct span realm;     /* the only one to answer; empty: any */
};

/* Of all challenges of a kind in a 401 or 407, the strongest that login can
 * answer; the first of equals.  topmost: the first that can be answered
 * (RFC 8760 section 2.4).  False: none, with STATUS_AUTH. */
bool sip_challenge_choose(struct sip_challenge *best,
	const struct sip_scan *response, enum sip_hdr kind,
	const struct sip_digest_login *login, bool topmost, struct err *e);

/* What goes into an answer. */
struct sip_digest_request {
	struct span method, uri, body;
	struct span cnonce;   /* fresh for each: rand_token() */
	uint32_t nonce_count; /* from 1, for each use of a nonce */
	bool prefer_auth_int; /* where the challenge offers both */
};

/* Appends the value of Authorization or Proxy-Authorization. */
bool sip_digest_answer(struct buf *out, const struct sip_challenge *c,
	const struct sip_digest_login *login,
	const struct sip_digest_request *request, struct err *e);

/* Authentication-Info or Proxy-Authentication-Info (RFC 7616 section 3.5). */
struct sip_auth_info {
	struct span next_nonce; /* empty: none */
	bool has_rspauth, has_cnonce;
	struct span rspauth, cnonce;
	unsigned qop; /* 0: none */
	bool has_count;
	uint32_t nonce_count;
};
bool sip_auth_info_parse(
	struct sip_auth_info *info, struct span value, struct err *e);

/* Can it be about these credentials, which were sent? */
bool sip_auth_info_is_of(
	const struct sip_auth_info *info, const struct sip_credentials *sent);
/* Is its rspauth what login's password or HA1 gives for them?  body is that
 * of the response.  Takes as long wherever it differs. */
bool sip_auth_info_verify(const struct sip_auth_info *info,
	const struct sip_credentials *sent,
	const struct sip_digest_login *login, struct span body);

/* ---- the server's side ----------------------------------------------------------- */

struct sip_digest_offer {
	struct span realm, nonce, opaque; /* opaque empty: none */
	enum sip_digest_algorithm algorithm;
	bool is_sess, is_stale, userhash;
	unsigned qop;
};
/* Appends the value of WWW-Authenticate or Proxy-Authenticate. */
bool sip_digest_challenge(struct buf *out, const struct sip_digest_offer *o);

struct sip_credentials {
	struct span user; /* or its hash, where userhash */
	struct span realm, nonce, uri, response, cnonce, opaque;
	enum sip_digest_algorithm algorithm;
	bool is_sess, userhash;
	unsigned qop; /* the one used; 0: none */
	uint32_t nonce_count;
};
bool sip_credentials_parse(
	struct sip_credentials *c, struct span value, struct err *e);

/* Is the response what login's password or HA1 gives?  Takes as long
 * wherever it differs.  The caller checks realm, nonce, nonce count, uri and
 * that algorithm and qop are what it offered. */
bool sip_digest_verify(const struct sip_credentials *c,
	const struct sip_digest_login *login, struct span method,
	struct span body);
/* Does the user of c (plain, or a userhash) mean this one? */
bool sip_digest_is_user(const struct sip_credentials *c, struct span user);

/* Appends the value of an Authentication-Info in the response to them, with
 * its body; next_nonce may be empty.  False: login has no secret for it. */
bool sip_auth_info_format(struct buf *out, const struct sip_credentials *c,
	const struct sip_digest_login *login, struct span body,
	struct span next_nonce);

/* HA1 as lower case hex with a NUL. */
void sip_digest_ha1(char out[SIP_DIGEST_HEX_MAX],
	enum sip_digest_algorithm algorithm, struct span user,
	struct span realm, struct span password);

/* "MD5", "SHA-256", "SHA-512-256"; any case, with or without -sess. */
enum sip_digest_algorithm sip_digest_find(struct span text, bool *is_sess);
const char *sip_digest_name(enum sip_digest_algorithm algorithm);

#endif
