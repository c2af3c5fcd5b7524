/* host_meta_links - the links of a host-meta, whatever its form; private to
 * host_meta.c (XML) and host_meta_json.c
 */
#ifndef XMPP_HOST_META_LINKS_H
#define XMPP_HOST_META_LINKS_H

#include "xmpp/host_meta.h"

struct xmpp_links {
	unsigned kinds; /* that are wanted */
	struct xmpp_target *found;
	size_t room, count, websockets;
};

/* rel and href may be NULL. */
void xmpp_links_take(struct xmpp_links *l, const char *rel, const char *href);

#endif
