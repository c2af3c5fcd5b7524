/* route - where a stanza goes (RFC 6120 section 10, RFC 6121 section 8)
 *
 * What a client sends has the sender's full JID stamped on it, so whoever it
 * comes back to is found by its address.
 */
#ifndef XMPPSERVE_ROUTE_H
#define XMPPSERVE_ROUTE_H

#include "session.h"

/* What a client sent; taken. */
void route_from(struct session *c, struct xml_element *s);

/* What was sent to a resource of u that is not there any more, and did not
 * arrive; taken. */
void route_again(struct server *server, struct user *u, struct xml_element *s);

/* Back to who sent it, with an error; not where it is an error or a result
 * itself.  s stays the caller's. */
void route_bounce(struct server *server, const struct xml_element *s,
	const char *condition);

/* The connected resource of that full JID; NULL. */
struct session *route_find(
	const struct server *server, const struct xmpp_jid *full);
/* A copy to each resource that is available. */
void route_to_available(const struct user *u, const struct xml_element *s);

#endif
