/* directed - who was sent presence besides the subscribers (RFC 6121 section
 * 4.6): they are told too when the resource leaves
 *
 * A list of addresses, bare or full, per session; at most DIRECTED_MAX, the
 * others are not told.
 */
#ifndef XMPPSERVE_DIRECTED_H
#define XMPPSERVE_DIRECTED_H

#include "session.h"

#define DIRECTED_MAX 1000

struct directed {
	struct map_node node;
	struct xmpp_jid to;
};

void directed_add(struct session *c, const struct xmpp_jid *to);
void directed_remove(struct session *c, const struct xmpp_jid *to);
/* Was presence sent to that address, or to its account? */
bool directed_has(const struct session *c, const struct xmpp_jid *to);
struct directed *directed_next(
	const struct session *c, const struct directed *at);
void directed_clear(struct session *c);

#endif
