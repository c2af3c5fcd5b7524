/* roster - the contacts, as the server keeps them (RFC 6121 section 2)
 *
 * An item points into the stanza it was read from.
 */
#ifndef XMPP_ROSTER_H
#define XMPP_ROSTER_H

#include "base/map.h"
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
	const struct xml_element *element; /* its <group/> children */
};

/* False where s is no <item/> with a JID. */
bool xmpp_roster_item_parse(
	struct xmpp_roster_item *item, const struct xml_element *s);
const char *xmpp_subscription_text(enum xmpp_subscription s);

/* The roster is asked for with it: items are in the reply's <query/>. */
struct xml_element *xmpp_roster_make_get(void);

/* To be requested: the whole item as it shall be, name may be NULL; and its
 * end (sections 2.3 to 2.5). */
struct xml_element *xmpp_roster_make_set(const char *jid, const char *name,
	const char *const *groups, size_t group_count);
struct xml_element *xmpp_roster_make_remove(const char *jid);

/* ---- all of it, as it was when it was asked for ---- */

struct xmpp_roster;
/* Of the reply to xmpp_roster_make_get, which is copied. */
struct xmpp_roster *xmpp_roster_new(const struct xml_element *reply);
void xmpp_roster_free(struct xmpp_roster *r); /* NULL is fine */
/* By prepared bare JID; NULL: not in it. */
const struct xmpp_roster_item *xmpp_roster_find(
	const struct xmpp_roster *r, const char *jid);
/* In the server's order; NULL begins, and is behind the last. */
const struct xmpp_roster_item *xmpp_roster_next(
	const struct xmpp_roster *r, const struct xmpp_roster_item *at);

/* ---- changes ---- */

/* A push: the one item of a `set` that may speak for our account (section
 * 2.1.6).  False: it is to be refused, nothing of it believed. */
bool xmpp_roster_push_parse(struct xmpp_roster_item *item,
	const struct xml_element *request, const struct xmpp_jid *self);

#endif
