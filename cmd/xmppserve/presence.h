/* presence - who is there, and who may know (RFC 6121 sections 3 and 4) */
#ifndef XMPPSERVE_PRESENCE_H
#define XMPPSERVE_PRESENCE_H

#include "session.h"

/* Presence to nobody: to all who may see it.  s stays the caller's. */
void presence_broadcast(struct session *c, const struct xmpp_stanza *s);
/* The connection is gone: all who knew of it are told. */
void presence_gone(struct session *c);

/* Presence to a resource or account of ours, not a subscription. */
void presence_directed(struct session *c, const struct xmpp_jid *to,
	const struct xmpp_stanza *s);
void presence_to_account(struct session *c, struct user *u,
	const struct xmpp_jid *to, const struct xmpp_stanza *s);
void presence_forget_directed(struct session *c);

/* subscription.c: subscribe, subscribed, unsubscribe, unsubscribed. */
bool presence_is_subscription(const struct xmpp_stanza *s);
/* s is taken. */
void presence_subscribe(
	struct session *c, const struct xmpp_jid *to, struct xmpp_stanza *s);
/* What a new resource has to know: requests that wait for an answer. */
void presence_pending(struct session *c);
/* Both directions ended, as a contact is removed (section 2.5). */
void presence_end_subscriptions(struct session *c, struct contact *contact);

/* presence.c, for subscription.c: the presence of u's resources to the account
 * `viewer`, or that they are unavailable. */
void presence_show(struct user *u, struct user *viewer, bool available);

#endif
