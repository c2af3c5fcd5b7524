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
	struct xml_element *query, const struct contact *c, bool removed)
{
	struct xml_element *item = xml_element_child(query, "item", NULL);
	/* SUB_TO and SUB_FROM are the bits of its values. */
	enum xmpp_subscription subscription =
		removed ? XMPP_SUBSCRIPTION_REMOVE
			: (enum xmpp_subscription)(c->subscription & SUB_BOTH);
	xml_element_attr_span(item, "jid", xmpp_jid_bare(&c->jid));
	xml_element_attr(
		item, "subscription", xmpp_subscription_text(subscription));
	if (removed)
		return;
	xml_element_attr(item, "name", c->name);
	if (c->subscription & SUB_OUT)
		xml_element_attr(item, "ask", "subscribe");
	for (size_t i = 0; i < c->group_count; i++)
		xml_element_text(
			xml_element_child(item, "group", NULL), c->groups[i]);
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
		struct xml_element *iq = xml_element_new("iq", XMPP_NS_CLIENT);
		xml_element_attr(iq, "type", "set");
		xml_element_attr(iq, "id", id);
		xml_element_attr_span(iq, "to", xmpp_jid_full(&s->jid));
		add_item(xml_element_child(iq, "query", XMPP_NS_ROSTER), c,
			removed);
		session_send(s, iq);
	}
}

void roster_push(const struct user *u, const struct contact *c)
{
	push(u, c, false);
}

void roster_get(struct session *c, const struct xml_element *request)
{
	struct xml_element *reply = xmpp_stanza_reply(request, "result");
	struct xml_element *query =
		xml_element_child(reply, "query", XMPP_NS_ROSTER);
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
	const struct xml_element *item, char **groups, size_t *count)
{
	*count = 0;
	XML_ELEMENT_EACH(item, group, "group", XMPP_NS_ROSTER)
	{
		struct span text = xml_element_text_get(group);
		if (*count == GROUPS_MAX || text.n == 0 ||
			text.n > NAME_MAX_BYTES)
			return "not-acceptable";
		if (has(groups, *count, text))
			return "bad-request";
		groups[(*count)++] = span_dup(text);
	}
	return NULL;
}

static const char *update(struct session *c, const struct xml_element *item,
	const struct xmpp_jid *jid)
{
	const char *name = xml_element_attr_find(item, "name");
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

static const char *set(struct session *c, const struct xml_element *item)
{
	const char *text = item ? xml_element_attr_find(item, "jid") : NULL;
	struct xmpp_jid jid;
	if (!text || xml_element_next(item, "item", XMPP_NS_ROSTER))
		return "bad-request";
	if (!xmpp_jid_parse(&jid, span_of(text), NULL))
		return "jid-malformed";
	const char *condition =
		xmpp_jid_equal_bare(&jid, &c->jid) ? "not-allowed"
		: xml_element_attr_is(item, "subscription", "remove")
			? remove_contact(c, &jid)
			: update(c, item, &jid);
	xmpp_jid_clear(&jid);
	return condition;
}

void roster_set(struct session *c, const struct xml_element *request)
{
	const char *condition = set(
		c, xml_element_find(
			   xml_element_find(request, "query", XMPP_NS_ROSTER),
			   "item", XMPP_NS_ROSTER));
	session_send(c, condition ? xmpp_error_reply(request, condition, NULL)
				  : xmpp_stanza_reply(request, "result"));
}
