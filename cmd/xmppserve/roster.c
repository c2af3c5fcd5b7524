#include "roster.h"

#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "subscribe.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"
#include "xmpp/roster.h"

/* Section 2.3.3 leaves them to the server. */
#define GROUPS_MAX 32
#define NAME_MAX_BYTES 1023
#define PUSH_ID_LENGTH 16

/* ---- what is said ---- */

static void add_item(
	struct xmpp_stanza *query, const struct contact *c, bool removed)
{
	struct xmpp_stanza *item = xmpp_stanza_child(query, "item", NULL);
	/* SUB_TO and SUB_FROM are the bits of its values. */
	enum xmpp_subscription subscription =
		removed ? XMPP_SUBSCRIPTION_REMOVE
			: (enum xmpp_subscription)(c->subscription & SUB_BOTH);
	xmpp_stanza_attr_span(item, "jid", xmpp_jid_bare(&c->jid));
	xmpp_stanza_attr(
		item, "subscription", xmpp_subscription_text(subscription));
	if (removed)
		return;
	xmpp_stanza_attr(item, "name", c->name);
	if (c->subscription & SUB_OUT)
		xmpp_stanza_attr(item, "ask", "subscribe");
	for (size_t i = 0; i < c->group_count; i++)
		xmpp_stanza_text(
			xmpp_stanza_child(item, "group", NULL), c->groups[i]);
}

static void push(const struct user *u, const struct contact *c, bool removed)
{
	LIST_EACH(&u->sessions, at)
	{
		struct session *s = LIST_ITEM(at, struct session, of_user);
		char id[PUSH_ID_LENGTH + 1];
		if (!s->interested)
			continue;
		rand_token(id, PUSH_ID_LENGTH);
		struct xmpp_stanza *iq = xmpp_stanza_new("iq", XMPP_NS_CLIENT);
		xmpp_stanza_attr(iq, "type", "set");
		xmpp_stanza_attr(iq, "id", id);
		xmpp_stanza_attr_span(iq, "to", xmpp_jid_full(&s->jid));
		add_item(xmpp_stanza_child(iq, "query", XMPP_NS_ROSTER), c,
			removed);
		session_send(s, iq);
	}
}

void roster_push(const struct user *u, const struct contact *c)
{
	push(u, c, false);
}

void roster_get(struct session *c, const struct xmpp_stanza *request)
{
	struct xmpp_stanza *reply = xmpp_stanza_reply(request, "result");
	struct xmpp_stanza *query =
		xmpp_stanza_child(reply, "query", XMPP_NS_ROSTER);
	for (struct contact *contact = user_next_contact(c->user, NULL);
		contact; contact = user_next_contact(c->user, contact))
		if (contact->listed)
			add_item(query, contact, false);
	c->interested = true;
	session_send(c, reply);
}

/* ---- set (sections 2.3 to 2.5): NULL, or the condition ---- */

static bool has(char **groups, size_t count, struct span name)
{
	for (size_t i = 0; i < count; i++)
		if (span_is(name, groups[i]))
			return true;
	return false;
}

/* Copies of the names into groups, which has room for GROUPS_MAX. */
static const char *read_groups(
	const struct xmpp_stanza *item, char **groups, size_t *count)
{
	*count = 0;
	XMPP_STANZA_EACH(item, group, "group", XMPP_NS_ROSTER)
	{
		struct span text = xmpp_stanza_text_get(group);
		if (*count == GROUPS_MAX || text.n == 0 ||
			text.n > NAME_MAX_BYTES)
			return "not-acceptable";
		if (has(groups, *count, text))
			return "bad-request";
		groups[(*count)++] = span_dup(text);
	}
	return NULL;
}

static const char *update(struct session *c, const struct xmpp_stanza *item,
	const struct xmpp_jid *jid)
{
	const char *name = xmpp_stanza_attr_find(item, "name");
	if (name && strlen(name) > NAME_MAX_BYTES)
		return "not-acceptable";
	char **groups = mem_array(GROUPS_MAX, sizeof(*groups));
	size_t count;
	const char *condition = read_groups(item, groups, &count);
	struct contact *contact =
		condition ? NULL : user_make_contact(c->user, jid);
	if (!condition && !contact)
		condition = "resource-constraint";
	if (condition) {
		while (count)
			mem_free(groups[--count]);
		mem_free(groups);
		return condition;
	}
	bool fits = user_rename_contact(
		c->user, contact, mem_str(name), groups, count);
	if (fits) {
		contact->listed = true;
		roster_push(c->user, contact);
	}
	user_tidy_contact(c->user, contact);
	return fits ? NULL : "resource-constraint";
}

static const char *remove_contact(struct session *c, const struct xmpp_jid *jid)
{
	struct contact *contact = user_contact(c->user, jid);
	if (!contact || !contact->listed)
		return "item-not-found";
	subscribe_end(c->server, c->user, contact);
	push(c->user, contact, true);
	user_drop_contact(c->user, contact);
	return NULL;
}

static const char *set(struct session *c, const struct xmpp_stanza *item)
{
	const char *text = item ? xmpp_stanza_attr_find(item, "jid") : NULL;
	struct xmpp_jid jid;
	if (!text || xmpp_stanza_next(item, "item", XMPP_NS_ROSTER))
		return "bad-request";
	if (!xmpp_jid_parse(&jid, span_of(text), NULL))
		return "jid-malformed";
	const char *condition =
		xmpp_jid_equal_bare(&jid, &c->jid) ? "not-allowed"
		: xmpp_stanza_attr_is(item, "subscription", "remove")
			? remove_contact(c, &jid)
			: update(c, item, &jid);
	xmpp_jid_clear(&jid);
	return condition;
}

void roster_set(struct session *c, const struct xmpp_stanza *request)
{
	const char *condition = set(
		c, xmpp_stanza_find(
			   xmpp_stanza_find(request, "query", XMPP_NS_ROSTER),
			   "item", XMPP_NS_ROSTER));
	session_send(c, condition ? xmpp_error_reply(request, condition, NULL)
				  : xmpp_stanza_reply(request, "result"));
}
