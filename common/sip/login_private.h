/* login_private - what the files of sip/login share, and nobody else */
#ifndef SIP_LOGIN_PRIVATE_H
#define SIP_LOGIN_PRIVATE_H

#include "base/list.h"
#include "sip/login.h"

/* A server of ours: its host as URIs have it, and the address at which it was
 * met. */
struct server {
	struct link link;
	char *host;
	struct endpoint address; /* len 0: not met, or the host is one */
};

/* User and password, or HA1s; the spans of `as` are of the strings. */
struct secret {
	struct sip_digest_login as;
	char *user, *password, *realm, *ha1[SIP_DIGEST_COUNT];
};

/* RFC 7616 section 3.3: what a server has asked for in the realm of a secret.
 * Of a proxy it is known by the host of the next hop, of others by that of the
 * request-URI. */
struct space {
	struct link link;
	enum sip_hdr kind; /* WWW_AUTHENTICATE or PROXY_AUTHENTICATE */
	char *host;
	size_t secret;    /* which of the login's */
	char *challenge;  /* the value */
	char *next_nonce; /* instead of the challenge's; or NULL */
	uint32_t nonce_count;
	bool is_rejected; /* the answer to it was wrong: it gets no other */
};

struct sip_login {
	struct secret secrets[SIP_LOGIN_SECRETS_MAX];
	bool topmost, prefer_auth_int;
	struct link servers, spaces;
	size_t secret_count, server_count, space_count;
};

/* ---- login.c: whom we trust ---- */

/* The host of a sip: or sips: URI. */
bool sip_login_host(struct span *host, struct span uri);
bool sip_login_is_host(struct span a, struct span b);
/* NULL: the host of this URI is no server of ours. */
struct server *sip_login_find_server(
	const struct sip_login *l, struct span uri);
/* May a challenge of this kind to that request be answered? */
bool sip_login_may_answer(const struct sip_login *l, enum sip_hdr kind,
	const struct sip_scan *request, const struct sip_login_way *way);

/* ---- login_space.c: what they asked ---- */

/* The server that a challenge of this kind is said to be of. */
struct span sip_space_host(enum sip_hdr kind, const struct sip_scan *request,
	const struct sip_login_way *way);
struct space *sip_space_find(const struct sip_login *l, enum sip_hdr kind,
	struct span host, size_t secret);
/* Its challenge, with the nonce that holds now; spans of it. */
bool sip_space_read(struct sip_challenge *c, const struct space *space);
/* Keeps a challenge of this response for that secret and server. */
void sip_space_keep(struct sip_login *l, enum sip_hdr kind, struct span host,
	size_t secret, const struct sip_challenge *c,
	const struct sip_scan *response);
void sip_space_free(struct sip_login *l, struct space *space);

/* ---- login_realm.c: whose realm it is ---- */

/* Of the challenges of a kind the one to answer with that secret, as it is
 * held to a realm or has been by `host`.  False: there is none. */
bool sip_login_choose(struct sip_challenge *c, const struct sip_login *l,
	size_t secret, enum sip_hdr kind, struct span host,
	const struct sip_scan *response);
/* Why none of a kind could be answered; returns false. */
bool sip_login_explain(const struct sip_login *l, enum sip_hdr kind,
	struct span host, const struct sip_scan *response, struct err *e);

#endif
