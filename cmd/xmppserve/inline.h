/* inline - what a client asks for with <authenticate/> (XEP-0388): to resume a
 * session (XEP-0198), or a resource of its own, with stream management
 * (XEP-0386)
 *
 * The latter throws away what waits offline, so it is offered only where there
 * is an archive.
 */
#ifndef XMPPSERVE_INLINE_H
#define XMPPSERVE_INLINE_H

#include "session.h"
#include "xmpp/features.h"

void inline_offer(const struct session *c, struct xmpp_features *f);
/* It is known who c is: what comes of its request goes into <success/>.  False:
 * the session is over. */
bool inline_take(struct session *c, struct xml_element *success);

#endif
