/* wait - until somebody is there, or so, or gone: --wait-for
 *
 * Who is online sends us presence when we come; whether that has happened is
 * known when a ping behind our own presence, to the same bare JID, is
 * answered.  Whom we are not subscribed to, by our roster, and who has sent
 * none by then, would be waited for in vain.
 */
#ifndef XMPPPRESENCE_WAIT_H
#define XMPPPRESENCE_WAIT_H

#include "cli/xmpp_listen.h"

struct wait;

/* what is JID[=SHOW]; SHOW also `unavailable`.  NULL and e (STATUS_USAGE). */
struct wait *wait_new(struct xmpp_listen *l, const char *what, struct err *e);
void wait_free(struct wait *w); /* NULL is fine */

/* Behind our presence. */
bool wait_begin(struct wait *w, struct err *e);
/* A new session, with our presence said anew: who is there is told again. */
bool wait_renew(struct wait *w, struct err *e);
/* True: this is what was waited for; listen.done is set. */
bool wait_presence(struct wait *w, const struct xml_element *s,
	const struct xmpp_presence *p);

#endif
