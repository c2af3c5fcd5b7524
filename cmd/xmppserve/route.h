/* route - where a stanza goes (RFC 6120 section 10, RFC 6121 section 8) */
#ifndef XMPPSERVE_ROUTE_H
#define XMPPSERVE_ROUTE_H

#include "session.h"

/* What a client sent; taken. */
void route_from(struct session *c, struct xmpp_stanza *s);

/* A message for u that one of its resources did not get; taken. */
void route_again(
	struct server *server, struct user *u, struct xmpp_stanza *s);

/* To all who are available of u; s stays the caller's. */
void route_to_available(struct user *u, struct session *sender,
	const struct xmpp_stanza *s);

/* An error back to who sent s, unless s is one itself; s stays. */
void route_bounce(struct session *sender, const struct xmpp_stanza *s,
	const char *condition);

#endif
