/* host_meta - where a domain can be reached by the Web (XEP-0156)
 *
 * The documents of RFC 6415 that /.well-known/host-meta (XML) and
 * /.well-known/host-meta.json are, as far as links to WebSockets go.  Pure.
 */
#ifndef XMPP_HOST_META_H
#define XMPP_HOST_META_H

#include "base/buf.h"
#include "xmpp/target.h"

#define XMPP_HOST_META_MAX (64 * 1024) /* bytes of a document */
#define XMPP_HOST_META_TYPE "application/xrd+xml"

/* Adds the WebSockets on TLS among the links, in their order, as far as there
 * is room; what is no URL, or has no TLS, is passed over.  False: the document
 * is malformed. */
bool xmpp_host_meta_parse(struct span document, struct xmpp_target *found,
	size_t room, size_t *count, struct err *e);

#endif
