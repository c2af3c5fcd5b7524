/* digest_hash - the arithmetic both ends of a digest share
 *
 * RFC 7616 section 3.4; hex is lower case with a NUL behind it.
 */
#ifndef SIP_DIGEST_HASH_H
#define SIP_DIGEST_HASH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "sip/digest.h"
#include "sip/value.h"

/* What a response is made of. */
struct sip_digest_parts {
	enum sip_digest_algorithm algorithm;
	bool is_sess;
	struct span realm, nonce, cnonce, method, uri, body;
	unsigned qop; /* one or none of SIP_QOP_ */
	uint32_t nonce_count;
};

size_t sip_digest_hex_size(enum sip_digest_algorithm algorithm);

/* Has login a password, or an HA1 for this algorithm and realm? */
bool sip_digest_has_secret(const struct sip_digest_login *login,
	enum sip_digest_algorithm algorithm, struct span realm);

/* False where login has no secret for it. */
bool sip_digest_response(char out[SIP_DIGEST_HEX_MAX],
	const struct sip_digest_parts *parts,
	const struct sip_digest_login *login);

/* The same of credentials: what their response should be. */
bool sip_digest_response_of(char out[SIP_DIGEST_HEX_MAX],
	const struct sip_credentials *c, const struct sip_digest_login *login,
	struct span method, struct span body);

/* Is `given`, of a peer, that response?  Upper case is known there; takes as
 * long wherever it differs. */
bool sip_digest_is_response(struct span given, const char *response);

/* What userhash puts in place of the user. */
void sip_digest_userhash(char out[SIP_DIGEST_HEX_MAX],
	enum sip_digest_algorithm algorithm, struct span user,
	struct span realm);

/* Is text quoted the same as plain? */
bool sip_digest_is_plain(struct span quoted, struct span plain);

/* Takes the scheme from the front of *rest. */
bool sip_auth_scheme(struct span *rest, const char *scheme);
/* Takes the next auth-param; false at the end, with *malformed set where it
 * is not one or repeats a name. */
bool sip_auth_param_next(struct span *rest, struct sip_param *param,
	struct sip_names *names, bool *malformed);

/* nc-value: eight hexadecimal digits */
bool sip_digest_count(struct span s, uint32_t *count);
/* "auth,auth-int" as SIP_QOP_ bits; unknown ones are left out. */
unsigned sip_digest_qop(struct span list);
const char *sip_digest_qop_name(unsigned qop); /* of one bit */

/* Appends , name="value"; the value as it may stand between quotes. */
void sip_auth_add(struct buf *out, const char *name, struct span value);

#endif
