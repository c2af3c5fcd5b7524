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
	struct xmpp_roster_item *item, const struct xml_element *s)
{
	const char *jid = xml_element_attr_find(s, "jid");
	if (!xml_element_is(s, "item", XMPP_NS_ROSTER) || !jid)
		return false;
	struct xmpp_roster_item found = { .jid = jid,
		.name = xml_element_attr_find(s, "name"),
		.ask = xml_element_attr_is(s, "ask", "subscribe"),
		.approved = xml_element_attr_is(s, "approved", "true") ||
			    xml_element_attr_is(s, "approved", "1"),
		.element = s };
	for (size_t i = 0; i < COUNT(subscriptions); i++)
		if (xml_element_attr_is(s, "subscription", subscriptions[i]))
			found.subscription = (enum xmpp_subscription)i;
	*item = found;
	return true;
}

struct xml_element *xmpp_roster_make_get(void)
{
	struct xml_element *s = xmpp_iq_make("get", NULL);
	xml_element_child(s, "query", XMPP_NS_ROSTER);
	return s;
}

bool xmpp_roster_push_parse(struct xmpp_roster_item *item,
	const struct xml_element *request, const struct xmpp_jid *self)
{
	if (!xmpp_from_account(xml_element_attr_find(request, "from"), self))
		return false;
	const struct xml_element *query =
		xml_element_find(request, "query", XMPP_NS_ROSTER);
	const struct xml_element *only =
		query ? xml_element_find(query, NULL, NULL) : NULL;
	return only && !xml_element_next(only, NULL, NULL) &&
	       xmpp_roster_item_parse(item, only);
}

static struct xml_element *make_item(struct xml_element *s, const char *jid)
{
	struct xml_element *item = xml_element_child(
		xml_element_child(s, "query", XMPP_NS_ROSTER), "item", NULL);
	return xml_element_attr(item, "jid", jid);
}

struct xml_element *xmpp_roster_make_set(const char *jid, const char *name,
	const char *const *groups, size_t group_count)
{
	struct xml_element *s = xmpp_iq_make("set", NULL);
	struct xml_element *item = make_item(s, jid);
	xml_element_attr(item, "name", name);
	for (size_t i = 0; i < group_count; i++)
		xml_element_text(
			xml_element_child(item, "group", NULL), groups[i]);
	return s;
}

struct xml_element *xmpp_roster_make_remove(const char *jid)
{
	struct xml_element *s = xmpp_iq_make("set", NULL);
	xml_element_attr(make_item(s, jid), "subscription",
		xmpp_subscription_text(XMPP_SUBSCRIPTION_REMOVE));
	return s;
}

/* ---- all of it ---- */

struct entry {
	struct xmpp_roster_item item;
	struct map_node node; /* by JID */
};

struct xmpp_roster {
	struct xml_element *reply;
	struct entry *entries;
	size_t count;
	struct map by_jid;
};

struct xmpp_roster *xmpp_roster_new(const struct xml_element *reply)
{
	struct xmpp_roster *r = mem_alloc(sizeof(*r));
	r->reply = xml_element_dup(reply);
	const struct xml_element *query =
		xml_element_find(r->reply, "query", XMPP_NS_ROSTER);
	size_t room = 0;
	if (query)
		XML_ELEMENT_EACH(query, at, "item", XMPP_NS_ROSTER)
	room++;
	r->entries = mem_array(room ? room : 1, sizeof(*r->entries));
	if (query)
		XML_ELEMENT_EACH(query, at, "item", XMPP_NS_ROSTER)
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
	xml_element_free(r->reply);
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
