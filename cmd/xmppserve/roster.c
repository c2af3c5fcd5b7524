#include "roster.h"

#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "presence.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"

#define GROUPS_MAX 32
#define NAME_MAX_BYTES 1023 /* RFC 6121 section 2.3.3: a server may limit it */

static const char *const subscriptions[] = { "none", "to", "from", "both" };

static void add_item(struct xmpp_stanza *query, const struct contact *c)
{
	struct xmpp_stanza *item = xmpp_stanza_child(query, "item", NULL);
	xmpp_stanza_attr(item, "jid", c->jid);
	xmpp_stanza_attr(item, "subscription",
		c->listed ? subscriptions[c->subscription] : "remove");
	if (c->name)
		xmpp_stanza_attr(item, "name", c->name);
	if (c->asked)
		xmpp_stanza_attr(item, "ask", "subscribe");
	for (size_t i = 0; i < c->group_count; i++)
		xmpp_stanza_text(xmpp_stanza_child(item, "group", NULL),
			c->groups[i]);
}

bool roster_get(void *arg, const struct xmpp_stanza *request)
{
	struct session *c = arg;
	struct xmpp_stanza *reply = xmpp_stanza_reply(request, "result");
	struct xmpp_stanza *query =
		xmpp_stanza_child(reply, "query", XMPP_NS_ROSTER);
	const struct map *roster = &c->user->roster;
	for (struct map_node *n = map_next(roster, NULL); n;
		n = map_next(roster, n)) {
		struct contact *contact = MAP_ITEM(n, struct contact, node);
		if (contact->listed)
			add_item(query, contact);
	}
	c->interested = true;
	xmpp_iqs_answer(c->iqs, reply);
	return true;
}

void roster_push(struct user *u, const struct contact *c)
{
	LIST_EACH(&u->sessions, at)
	{
		struct session *s = LIST_ITEM(at, struct session, of_user);
		char id[17];
		if (!s->interested)
			continue;
		rand_token(id, sizeof(id) - 1);
		struct xmpp_stanza *push =
			xmpp_stanza_new("iq", XMPP_NS_CLIENT);
		xmpp_stanza_attr(push, "type", "set");
		xmpp_stanza_attr(push, "id", id);
		xmpp_stanza_attr_span(push, "to", xmpp_jid_full(&s->jid));
		add_item(xmpp_stanza_child(push, "query", XMPP_NS_ROSTER), c);
		session_send(s, push);
	}
}

/* ---- set ---- */

static bool refuse(struct session *c, const struct xmpp_stanza *request,
	const char *condition)
{
	xmpp_iqs_answer(
		c->iqs, xmpp_error_reply(request, condition, NULL));
	return true;
}

static bool done(struct session *c, const struct xmpp_stanza *request)
{
	xmpp_iqs_answer(c->iqs, xmpp_stanza_reply(request, "result"));
	return true;
}

static void set_groups(struct contact *c, const struct xmpp_stanza *item)
{
	for (size_t i = 0; i < c->group_count; i++)
		mem_free(c->groups[i]);
	c->group_count = 0;
	XMPP_STANZA_EACH(item, group, "group", XMPP_NS_ROSTER)
	{
		struct span text = xmpp_stanza_text_get(group);
		if (c->group_count == GROUPS_MAX || text.n == 0 ||
			text.n > NAME_MAX_BYTES)
			continue;
		c->groups = mem_grow(
			c->groups, c->group_count + 1, sizeof(*c->groups));
		c->groups[c->group_count++] = span_dup(text);
	}
}

static bool update(struct session *c, const struct xmpp_stanza *request,
	const struct xmpp_stanza *item, struct span jid)
{
	const char *name = xmpp_stanza_attr_find(item, "name");
	if (name && strlen(name) > NAME_MAX_BYTES)
		return refuse(c, request, "not-acceptable");
	struct contact *contact = user_contact(c->user, jid, true);
	if (!contact)
		return refuse(c, request, "resource-constraint");
	mem_free(contact->name);
	contact->name = mem_str(name);
	contact->listed = true;
	set_groups(contact, item);
	roster_push(c->user, contact);
	return done(c, request);
}

static bool remove_item(struct session *c, const struct xmpp_stanza *request,
	struct span jid)
{
	struct contact *contact = user_contact(c->user, jid, false);
	if (!contact || !contact->listed)
		return refuse(c, request, "item-not-found");
	presence_end_subscriptions(c, contact);
	contact->listed = false;
	roster_push(c->user, contact);
	user_drop_contact(c->user, contact);
	return done(c, request);
}

bool roster_set(void *arg, const struct xmpp_stanza *request)
{
	struct session *c = arg;
	const struct xmpp_stanza *item = xmpp_stanza_find(
		xmpp_stanza_find(request, "query", XMPP_NS_ROSTER), "item",
		XMPP_NS_ROSTER);
	const char *text = item ? xmpp_stanza_attr_find(item, "jid") : NULL;
	struct xmpp_jid jid;
	if (!item || xmpp_stanza_next(item, "item", XMPP_NS_ROSTER))
		return refuse(c, request, "bad-request");
	if (!xmpp_jid_parse(&jid, span_of(text), NULL))
		return refuse(c, request, "jid-malformed");
	bool answered =
		xmpp_stanza_attr_is(item, "subscription", "remove")
			? remove_item(c, request, xmpp_jid_bare(&jid))
			: update(c, request, item, xmpp_jid_bare(&jid));
	xmpp_jid_clear(&jid);
	return answered;
}
