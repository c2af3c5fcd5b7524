/* target_web - where a domain's clients connect by the Web (XEP-0156)
 *
 * WebSockets and managers of BOSH, as the domain's host-meta names them: asked
 * for by https, as XML, and where that has none or is not there as JSON (RFC
 * 6415 sections 2 and 3).  The certificate must be the domain's, by the
 * caller's trust, and redirects lead to https alone.
 */
#ifndef XMPP_TARGET_WEB_H
#define XMPP_TARGET_WEB_H

#include "net/loop.h"
#include "net/tls.h"
#include "net/tunnel.h"
#include "xmpp/target.h"

struct xmpp_web_search;

struct xmpp_web {
	struct resolver *resolver;
	enum resolve_family family;
	const struct tls_settings *tls; /* ca_file and insecure; borrowed */
	const char *const *connect_to;  /* see net/connect_to.h; borrowed */
	/* Through this proxy, as net/http.h has it; borrowed; NULL: straight. */
	const struct tunnel_settings *via;
	unsigned kinds;                 /* XMPP_TARGET_KIND of each wanted */
};

/* domain in A-labels; done is called once, unless cancelled, never from
 * within.  WebSockets come first, then BOSH, each in its order; e where there
 * is none. */
struct xmpp_web_search *xmpp_web_find(struct loop *l,
	const struct xmpp_web *web, const char *domain, xmpp_target_done *done,
	void *arg);
void xmpp_web_cancel(struct xmpp_web_search *s); /* NULL is fine */

#endif
