/* login - who we are to those who ask for it, and what they asked last
 *
 * RFC 3261 section 22, RFC 8760, RFC 7616 sections 3.3 to 3.6.  One per
 * account: its user and password or HA1s, the servers they are for, and for
 * each server the challenge it made last, which later requests answer before
 * they are asked, with a nonce count that goes on.
 *
 * SEVERAL REALMS  Proxies in a chain ask one after the other, and those that a
 * request is forked to all at once (22.3), in WWW-Authenticate as well as in
 * Proxy-Authenticate: each realm that there is a secret for gets an answer of
 * its own.  The first secret is for one realm, see below; each of the others
 * is for the realm it is given with.
 *
 * WHO GETS AN ANSWER  A hash of a password can be cracked at leisure, so that
 * whoever is called or calls must never get one.  An answer goes to a request
 * whose next hop is a server of the account, by name or by the address at
 * which that name was met; and for a 401, or within a dialog, only where the
 * request-URI names such a server too.  A dialog that the far side began
 * never gets one.  A server is held to one realm of its first challenge, all
 * of them to `realm` where that is given: whoever is behind a proxy may ask by
 * a 407 as well, but in another realm.  Where that first challenge names
 * several, the one that is called like a server of the account comes first.
 *
 * WHO IS BELIEVED  A response that says by rspauth that its server knows the
 * password (RFC 7616 section 3.5), and is wrong in that, is not of that server.
 * Few say anything, which is no fault.
 *
 * Not thread-safe, without sockets and timers; sip/request.h uses it, and so
 * may who has client transactions of its own.
 */
#ifndef SIP_LOGIN_H
#define SIP_LOGIN_H

#include "net/endpoint.h"
#include "sip/digest.h"

/* Challenges remembered: one for each server and kind. */
#define SIP_LOGIN_SPACES_MAX 32
/* Names and addresses that are trusted. */
#define SIP_LOGIN_SERVERS_MAX 32
/* Secrets of one account, the first among them. */
#define SIP_LOGIN_SECRETS_MAX 4
/* Answers to challenges that one request may take: one for each hop of a long
 * chain. */
#define SIP_LOGIN_ROUNDS_MAX 8
/* A nonce may be stale, and the next one again where many requests share it;
 * more often than this nobody means it. */
#define SIP_LOGIN_STALE_MAX 3

struct sip_login;

struct sip_login_settings {
	struct sip_digest_login secret; /* copied, and wiped at the end */
	struct span realm;              /* empty: what each server asks first */
	bool topmost; /* RFC 8760 section 2.4 instead of the strongest */
	bool prefer_auth_int; /* where a server offers both */
};

struct sip_login *sip_login_new(const struct sip_login_settings *s);
void sip_login_free(struct sip_login *l); /* NULL is fine */
/* One more, for secret->realm; copied.  False: that is empty or taken, or
 * there are SIP_LOGIN_SECRETS_MAX. */
bool sip_login_add(struct sip_login *l, const struct sip_digest_login *secret);

/* The host of this URI is a server of the account: its own domain, the
 * registrar, the proxy, what a registrar named in Service-Route.  False: it
 * has no host. */
bool sip_login_trust(struct sip_login *l, struct span uri);
bool sip_login_is_server(const struct sip_login *l, struct span uri);

/* ---- one request ---------------------------------------------------------- */

/* Where it goes; remote NULL: not known yet. */
struct sip_login_way {
	struct span next_hop; /* a URI */
	const struct endpoint *remote;
	bool is_theirs; /* in a dialog that the far side began */
};

/* What became of its challenges; zero at the start. */
struct sip_login_tries {
	unsigned answered[2]; /* private: bits of secrets, by kind */
	unsigned stale, rounds;
};

/* Puts Authorization and Proxy-Authorization into a whole request, behind its
 * request line, for what is known of that server; leaves it as it is where
 * there is nothing to say.  Each call uses up a nonce count.  False: there is
 * no room in it. */
bool sip_login_sign(struct buf *request, struct sip_login *l,
	const struct sip_login_way *way);

/* Is a final response one for either of the two below? */
bool sip_login_is_concerned(const struct sip_scan *response);

/* A 401 or 407 to the request as it was sent.  True: the same again, with the
 * next CSeq and signed, may be let through.  False: e (STATUS_AUTH)
 * says why not. */
bool sip_login_challenged(struct sip_login *l, struct sip_login_tries *tries,
	const struct sip_scan *request, const struct sip_scan *response,
	const struct sip_login_way *way, struct err *e);

/* Any other final response: its Authentication-Info or
 * Proxy-Authentication-Info may name the next nonce, and prove that it is of
 * who knows the password (RFC 7616 section 3.5).  False: its proof is wrong,
 * e (STATUS_AUTH, condition "not-proven") says so; a 2xx is then not to be
 * believed. */
bool sip_login_learn(struct sip_login *l, const struct sip_scan *request,
	const struct sip_scan *response, const struct sip_login_way *way,
	struct err *e);

#endif
