/* roster - the contacts, as the server keeps them (RFC 6121 section 2)
 *
 * An item points into the stanza it was read from.
 */
#ifndef XMPP_ROSTER_H
#define XMPP_ROSTER_H

#include "xmpp/iq.h"

enum xmpp_subscription {
	XMPP_SUBSCRIPTION_NONE,
	XMPP_SUBSCRIPTION_TO,
	XMPP_SUBSCRIPTION_FROM,
	XMPP_SUBSCRIPTION_BOTH,
	XMPP_SUBSCRIPTION_REMOVE, /* only in a push or a set */
};

struct xmpp_roster_item {
	const char *jid;
	const char *name; /* NULL: none */
	enum xmpp_subscription subscription;
	bool ask;                          /* our request is not answered yet */
	bool approved;                     /* section 3.4 */
	const struct xmpp_stanza *element; /* its <group/> children */
};

/* False where s is no <item/> with a JID. */
bool xmpp_roster_item_parse(
	struct xmpp_roster_item *item, const struct xmpp_stanza *s);
const char *xmpp_subscription_text(enum xmpp_subscription s);

/* The roster is asked for with it: items are in the reply's <query/>. */
struct xmpp_stanza *xmpp_roster_make_get(void);

/* A push: the one item of a `set` that may speak for our account (section
 * 2.1.6).  False: it is to be refused, nothing of it believed. */
bool xmpp_roster_push_parse(struct xmpp_roster_item *item,
	const struct xmpp_stanza *request, const struct xmpp_jid *self);

#endif
