/* presence - who is there, and who may know (RFC 6121 section 4) */
#ifndef XMPPSERVE_PRESENCE_H
#define XMPPSERVE_PRESENCE_H

#include "session.h"

/* Presence to nobody: to all who may see it; taken. */
void presence_broadcast(struct session *c, struct xml_element *s);
/* Presence to an address of our domain, of whatever type; taken. */
void presence_to(
	struct session *c, const struct xmpp_jid *to, struct xml_element *s);
/* The resource is gone without a word: all who knew of it are told. */
void presence_gone(struct session *c);

/* May that one know that this resource is there? */
bool presence_is_shared(const struct session *c, const struct xmpp_jid *with);

/* For subscribe.c: the presence of each of u's resources to the account
 * `viewer`, or that they are unavailable. */
void presence_show(const struct user *u, const struct user *viewer, bool show);

#endif
