#include "xmpp/roster.h"

#include <string.h>

#include "base/mem.h"
#include "xmpp/ns.h"

static const char *const subscriptions[] = {
	[XMPP_SUBSCRIPTION_NONE] = "none",
	[XMPP_SUBSCRIPTION_TO] = "to",
	[XMPP_SUBSCRIPTION_FROM] = "from",
	[XMPP_SUBSCRIPTION_BOTH] = "both",
	[XMPP_SUBSCRIPTION_REMOVE] = "remove",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *xmpp_subscription_text(enum xmpp_subscription s)
{
	return subscriptions[s];
}

bool xmpp_roster_item_parse(
	struct xmpp_roster_item *item, const struct xmpp_stanza *s)
{
	const char *jid = xmpp_stanza_attr_find(s, "jid");
	if (!xmpp_stanza_is(s, "item", XMPP_NS_ROSTER) || !jid)
		return false;
	struct xmpp_roster_item found = { .jid = jid,
		.name = xmpp_stanza_attr_find(s, "name"),
		.ask = xmpp_stanza_attr_is(s, "ask", "subscribe"),
		.approved = xmpp_stanza_attr_is(s, "approved", "true") ||
			    xmpp_stanza_attr_is(s, "approved", "1"),
		.element = s };
	for (size_t i = 0; i < COUNT(subscriptions); i++)
		if (xmpp_stanza_attr_is(s, "subscription", subscriptions[i]))
			found.subscription = (enum xmpp_subscription)i;
	*item = found;
	return true;
}

struct xmpp_stanza *xmpp_roster_make_get(void)
{
	struct xmpp_stanza *s = xmpp_iq_make("get", NULL);
	xmpp_stanza_child(s, "query", XMPP_NS_ROSTER);
	return s;
}

bool xmpp_roster_push_parse(struct xmpp_roster_item *item,
	const struct xmpp_stanza *request, const struct xmpp_jid *self)
{
	if (!xmpp_from_account(xmpp_stanza_attr_find(request, "from"), self))
		return false;
	const struct xmpp_stanza *query =
		xmpp_stanza_find(request, "query", XMPP_NS_ROSTER);
	const struct xmpp_stanza *only =
		query ? xmpp_stanza_find(query, NULL, NULL) : NULL;
	return only && !xmpp_stanza_next(only, NULL, NULL) &&
	       xmpp_roster_item_parse(item, only);
}

static struct xmpp_stanza *make_item(struct xmpp_stanza *s, const char *jid)
{
	struct xmpp_stanza *item = xmpp_stanza_child(
		xmpp_stanza_child(s, "query", XMPP_NS_ROSTER), "item", NULL);
	return xmpp_stanza_attr(item, "jid", jid);
}

struct xmpp_stanza *xmpp_roster_make_set(const char *jid, const char *name,
	const char *const *groups, size_t group_count)
{
	struct xmpp_stanza *s = xmpp_iq_make("set", NULL);
	struct xmpp_stanza *item = make_item(s, jid);
	xmpp_stanza_attr(item, "name", name);
	for (size_t i = 0; i < group_count; i++)
		xmpp_stanza_text(
			xmpp_stanza_child(item, "group", NULL), groups[i]);
	return s;
}

struct xmpp_stanza *xmpp_roster_make_remove(const char *jid)
{
	struct xmpp_stanza *s = xmpp_iq_make("set", NULL);
	xmpp_stanza_attr(make_item(s, jid), "subscription",
		xmpp_subscription_text(XMPP_SUBSCRIPTION_REMOVE));
	return s;
}

/* ---- all of it ---- */

struct entry {
	struct xmpp_roster_item item;
	struct map_node node; /* by JID */
};

struct xmpp_roster {
	struct xmpp_stanza *reply;
	struct entry *entries;
	size_t count;
	struct map by_jid;
};

struct xmpp_roster *xmpp_roster_new(const struct xmpp_stanza *reply)
{
	struct xmpp_roster *r = mem_alloc(sizeof(*r));
	r->reply = xmpp_stanza_dup(reply);
	const struct xmpp_stanza *query =
		xmpp_stanza_find(r->reply, "query", XMPP_NS_ROSTER);
	size_t room = 0;
	if (query)
		XMPP_STANZA_EACH(query, at, "item", XMPP_NS_ROSTER)
	room++;
	r->entries = mem_array(room ? room : 1, sizeof(*r->entries));
	if (query)
		XMPP_STANZA_EACH(query, at, "item", XMPP_NS_ROSTER)
		{
			struct entry *e = &r->entries[r->count];
			if (!xmpp_roster_item_parse(&e->item, at) ||
				map_find(&r->by_jid, span_of(e->item.jid)))
				continue;
			map_add(&r->by_jid, &e->node, span_of(e->item.jid));
			r->count++;
		}
	return r;
}

void xmpp_roster_free(struct xmpp_roster *r)
{
	if (!r)
		return;
	map_clear(&r->by_jid);
	mem_free(r->entries);
	xmpp_stanza_free(r->reply);
	mem_free(r);
}

const struct xmpp_roster_item *xmpp_roster_find(
	const struct xmpp_roster *r, const char *jid)
{
	struct map_node *n = map_find(&r->by_jid, span_of(jid));
	return n ? &MAP_ITEM(n, struct entry, node)->item : NULL;
}

const struct xmpp_roster_item *xmpp_roster_next(
	const struct xmpp_roster *r, const struct xmpp_roster_item *at)
{
	/* The item is the first member of its entry. */
	const struct entry *e = (const struct entry *)(const void *)at;
	size_t next = e ? (size_t)(e - r->entries) + 1 : 0;
	return next < r->count ? &r->entries[next].item : NULL;
}
