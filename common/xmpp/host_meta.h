/* host_meta - where a domain can be reached by the Web (XEP-0156)
 *
 * The documents of RFC 6415 that /.well-known/host-meta (XRD, appendix of XML)
 * and /.well-known/host-meta.json (JRD, appendix A) are, as far as links to
 * WebSockets and to managers of BOSH go.  Pure.
 *
 * Both functions take the links with TLS of the kinds that are wanted (a set of
 * XMPP_TARGET_KIND), as far as there is room: the WebSockets, then BOSH, each in
 * the order of the document.  What is no URL, or has no TLS, is passed over.
 * False: the document is malformed, and *count is 0.
 */
#ifndef XMPP_HOST_META_H
#define XMPP_HOST_META_H

#include "base/err.h"
#include "xmpp/target.h"

#define XMPP_HOST_META_MAX (64 * 1024) /* bytes of a document */
#define XMPP_HOST_META_TYPE "application/xrd+xml"
#define XMPP_HOST_META_JSON_TYPE "application/jrd+json, application/json"

bool xmpp_host_meta_parse(struct span document, unsigned kinds,
	struct xmpp_target *found, size_t room, size_t *count, struct err *e);
bool xmpp_host_meta_parse_json(struct span document, unsigned kinds,
	struct xmpp_target *found, size_t room, size_t *count, struct err *e);

#endif
