/* target - where a domain's clients connect (RFC 6120 section 3.2, XEP-0368)
 *
 * SRV _xmpp-client and _xmpps-client are asked for together and become one
 * list, by priority, and by weight at random within one (RFC 2782).  A target
 * of "." says that this kind of service is not there; then, and where there
 * are other records, the domain's own address is not tried.  Without records,
 * or without an answer, it is: port 5222 (section 3.2.2).
 *
 * Names are looked up here, addresses are not.  What a domain says by the Web is
 * xmpp/target_web.h's.
 */
#ifndef XMPP_TARGET_H
#define XMPP_TARGET_H

#include "base/buf.h"
#include "net/resolve.h"

#define XMPP_PORT_CLIENT 5222
#define XMPP_PORT_DIRECT_TLS 5223
/* More are not tried by anybody before giving up. */
#define XMPP_TARGETS_MAX 32

enum xmpp_security {
	XMPP_SECURITY_STARTTLS,
	XMPP_SECURITY_DIRECT,    /* XEP-0368 */
	XMPP_SECURITY_WEBSOCKET, /* RFC 7395, on TLS (wss) */
	XMPP_SECURITY_BOSH,      /* XEP-0206, on TLS (https) */
	XMPP_SECURITY_COUNT
};

/* For a set of kinds: XMPP_TARGET_KIND(WEBSOCKET) | … */
#define XMPP_TARGET_KIND_OF(security) (1u << (security))
#define XMPP_TARGET_KIND(name) XMPP_TARGET_KIND_OF(XMPP_SECURITY_##name)
#define XMPP_TARGET_WEB (XMPP_TARGET_KIND(WEBSOCKET) | XMPP_TARGET_KIND(BOSH))

#define XMPP_TARGET_PATH_MAX 500

struct xmpp_target {
	char host[256]; /* a name in ASCII, or a numeric address */
	uint16_t port;
	enum xmpp_security security;
	char path[XMPP_TARGET_PATH_MAX + 1]; /* of a URL; else "" */
};

/* Found by a URL, and proved by the name in it. */
static inline bool xmpp_target_is_web(const struct xmpp_target *t)
{
	return t->security == XMPP_SECURITY_WEBSOCKET ||
	       t->security == XMPP_SECURITY_BOSH;
}

struct xmpp_target_search;

/* Once, unless cancelled; never from within xmpp_target_find.  e where there
 * is none. */
typedef void xmpp_target_done(void *arg, const struct xmpp_target *found,
	size_t count, const struct err *e);

/* domain in A-labels. */
struct xmpp_target_search *xmpp_target_find(struct loop *l, struct resolver *r,
	const char *domain, xmpp_target_done *done, void *arg);
void xmpp_target_cancel(struct xmpp_target_search *s); /* NULL is fine */

/* "wss://HOST[:PORT]/PATH" or "https://…" of --url; false and STATUS_USAGE.
 * Without TLS (ws, http) it is refused. */
bool xmpp_target_parse_url(
	struct xmpp_target *t, struct span text, struct err *e);

/* Appends the URL of one of the Web; false where it does not fit. */
bool xmpp_target_add_url(struct buf *out, const struct xmpp_target *t);

/* Appends what Host of HTTP has of it. */
bool xmpp_target_add_host(struct buf *out, const struct xmpp_target *t);

/* "HOST", "HOST:PORT", "[V6]:PORT" of --server; false and STATUS_USAGE. */
bool xmpp_target_parse(struct xmpp_target *t, struct span text,
	enum xmpp_security security, struct err *e);

#endif
