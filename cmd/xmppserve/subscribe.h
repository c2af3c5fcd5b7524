/* subscribe - asking for somebody's presence, and granting it (RFC 6121
 * section 3)
 *
 * Both ends are here, so a stanza goes out of the one account and into the
 * other at once; subscription.h has what it does to each.
 */
#ifndef XMPPSERVE_SUBSCRIBE_H
#define XMPPSERVE_SUBSCRIBE_H

#include "session.h"

/* subscribe, subscribed, unsubscribe or unsubscribed of a client; s is taken.
 */
void subscribe_take(
	struct session *c, const struct xmpp_jid *to, struct xml_element *s);
/* A new resource is shown the requests that wait for an answer. */
void subscribe_remind(struct session *c);
/* Both directions end: the contact is about to be removed (section 2.5.2). */
void subscribe_end(struct server *s, struct user *u, struct contact *contact);

#endif
