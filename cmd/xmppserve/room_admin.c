/* What moderators and owners ask of a room: XEP-0045 sections 8 to 10. */
#include <string.h>

#include "base/mem.h"
#include "room.h"
#include "xmpp/error.h"
#include "xmpp/form.h"
#include "xmpp/ns.h"

/* ---- lists ---- */

static void add_occupants(struct xml_element *query, const struct room *r,
	enum xmpp_muc_role role)
{
	LIST_EACH(&r->occupants, at)
	{
		struct occupant *o = LIST_ITEM(at, struct occupant, link);
		if (o->role != role)
			continue;
		struct xml_element *item =
			xml_element_child(query, "item", NULL);
		xml_element_attr(item, "nick", o->nick);
		xml_element_attr(item, "role", xmpp_muc_role_text(role));
		xml_element_attr_span(item, "jid", xmpp_jid_full(&o->jid));
	}
}

static void add_standings(struct xml_element *query, const struct room *r,
	enum xmpp_muc_affiliation a)
{
	LIST_EACH(&r->standings, at)
	{
		struct standing *s = LIST_ITEM(at, struct standing, link);
		if (s->affiliation != a)
			continue;
		struct xml_element *item =
			xml_element_child(query, "item", NULL);
		xml_element_attr(
			item, "affiliation", xmpp_muc_affiliation_text(a));
		xml_element_attr_span(item, "jid", xmpp_jid_full(&s->jid));
	}
}

static const char *list(const struct room *r, const struct xml_element *item,
	struct xml_element *query)
{
	enum xmpp_muc_affiliation a;
	enum xmpp_muc_role role;
	if (xmpp_muc_affiliation_parse(
		    &a, xml_element_attr_find(item, "affiliation")))
		add_standings(query, r, a);
	else if (xmpp_muc_role_parse(
			 &role, xml_element_attr_find(item, "role")))
		add_occupants(query, r, role);
	else
		return "bad-request";
	return NULL;
}

/* ---- changes ---- */

static const char *change_role(
	struct room *r, const struct xml_element *item, const char *nick)
{
	struct occupant *o = room_find_nick(r, span_of(nick));
	enum xmpp_muc_role role;
	if (!xmpp_muc_role_parse(&role, xml_element_attr_find(item, "role")))
		return "bad-request";
	if (!o)
		return "item-not-found";
	if (room_affiliation(r, &o->jid) >= XMPP_MUC_ADMIN)
		return "not-allowed";
	if (role == XMPP_MUC_NO_ROLE) {
		room_remove(r, o, 307);
		return NULL;
	}
	o->role = role;
	room_show(r, o, 0);
	return NULL;
}

/* All resources of it that are in the room. */
static void apply(
	struct room *r, const struct xmpp_jid *who, enum xmpp_muc_affiliation a)
{
	LIST_EACH(&r->occupants, at)
	{
		struct occupant *o = LIST_ITEM(at, struct occupant, link);
		if (!xmpp_jid_equal_bare(&o->jid, who))
			continue;
		if (a == XMPP_MUC_OUTCAST) {
			room_remove(r, o, 301);
			continue;
		}
		o->role = a >= XMPP_MUC_ADMIN ? XMPP_MUC_MODERATOR
					      : XMPP_MUC_PARTICIPANT;
		room_show(r, o, 0);
	}
}

static const char *change_affiliation(struct room *r,
	enum xmpp_muc_affiliation mine, const struct xml_element *item)
{
	const char *text = xml_element_attr_find(item, "jid");
	enum xmpp_muc_affiliation a;
	struct xmpp_jid who;
	if (!xmpp_muc_affiliation_parse(
		    &a, xml_element_attr_find(item, "affiliation")) ||
		!text)
		return "bad-request";
	if (!xmpp_jid_parse(&who, span_of(text), NULL))
		return "jid-malformed";
	enum xmpp_muc_affiliation before = room_affiliation(r, &who);
	bool may = mine == XMPP_MUC_OWNER ||
		   (a < XMPP_MUC_ADMIN && before < XMPP_MUC_ADMIN);
	const char *refusal = !may ? "not-allowed" : NULL;
	if (may && !room_set_affiliation(r, &who, a))
		refusal = "resource-constraint";
	if (!refusal)
		apply(r, &who, a);
	xmpp_jid_clear(&who);
	return refusal;
}

/* A moderator may change roles, an admin lists. */
static const char *administer(struct session *c, struct room *r,
	const struct xml_element *request, struct xml_element *query)
{
	const struct occupant *o = room_find_jid(r, &c->jid);
	enum xmpp_muc_affiliation mine = room_affiliation(r, &c->jid);
	const struct xml_element *item = xml_element_find(
		xml_element_find(request, "query", XMPP_NS_MUC_ADMIN), "item",
		XMPP_NS_MUC_ADMIN);
	bool moderates =
		mine >= XMPP_MUC_ADMIN || (o && o->role == XMPP_MUC_MODERATOR);
	if (!item)
		return "bad-request";
	const char *nick = xml_element_attr_find(item, "nick");
	if (xml_element_attr_is(request, "type", "get"))
		return moderates ? list(r, item, query) : "forbidden";
	if (nick)
		return moderates ? change_role(r, item, nick) : "forbidden";
	return mine >= XMPP_MUC_ADMIN ? change_affiliation(r, mine, item)
				      : "forbidden";
}

/* ---- the configuration: section 10.2 ---- */

#define FORM_TYPE XMPP_NS_MUC "#roomconfig"

static void add_field(struct xml_element *form, const char *var,
	const char *type, const char *label, const char *value)
{
	struct xml_element *field = xml_element_child(form, "field", NULL);
	xml_element_attr(field, "var", var);
	xml_element_attr(field, "type", type);
	xml_element_attr(field, "label", label);
	if (value)
		xml_element_text(
			xml_element_child(field, "value", NULL), value);
}

static void add_form(struct xml_element *query, const struct room *r)
{
	static const char *const bits[] = { "0", "1" };
	struct xml_element *form = xml_element_child(query, "x", XMPP_NS_DATA);
	xml_element_attr(form, "type", "form");
	add_field(form, "FORM_TYPE", "hidden", NULL, FORM_TYPE);
	add_field(form, "muc#roomconfig_roomname", "text-single", "Title",
		r->title);
	add_field(form, "muc#roomconfig_persistentroom", "boolean",
		"Stays when empty", bits[r->persistent]);
	add_field(form, "muc#roomconfig_membersonly", "boolean",
		"For members only", bits[r->members_only]);
	add_field(form, "muc#roomconfig_moderatedroom", "boolean",
		"New ones may listen only", bits[r->moderated]);
	add_field(form, "muc#roomconfig_roomsecret", "text-private", "Password",
		r->password);
}

static bool is_true(struct span value)
{
	return span_is(value, "1") || span_is(value, "true");
}

static void take_text(char **to, struct span value)
{
	mem_free(*to);
	*to = value.n ? span_dup(value) : NULL;
}

static void take_field(struct room *r, const struct xml_element *field)
{
	const char *var = xml_element_attr_find(field, "var");
	struct span value =
		xml_element_child_text(field, "value", XMPP_NS_DATA);
	struct span name = span_of(var);
	if (span_is(name, "muc#roomconfig_roomname"))
		take_text(&r->title, value);
	else if (span_is(name, "muc#roomconfig_roomsecret"))
		take_text(&r->password, value);
	else if (span_is(name, "muc#roomconfig_persistentroom"))
		r->persistent = is_true(value);
	else if (span_is(name, "muc#roomconfig_membersonly"))
		r->members_only = is_true(value);
	else if (span_is(name, "muc#roomconfig_moderatedroom"))
		r->moderated = is_true(value);
}

static void destroy(struct room *r)
{
	struct link *first;
	r->persistent = false;
	while ((first = list_first(&r->occupants)))
		room_remove(r, LIST_ITEM(first, struct occupant, link), 0);
}

static const char *own(struct session *c, struct room *r,
	const struct xml_element *request, struct xml_element *query)
{
	const struct xml_element *asked =
		xml_element_find(request, "query", XMPP_NS_MUC_OWNER);
	const struct xml_element *form =
		asked ? xml_element_find(asked, "x", XMPP_NS_DATA) : NULL;
	if (!asked)
		return "bad-request";
	if (room_affiliation(r, &c->jid) != XMPP_MUC_OWNER)
		return "forbidden";
	if (xml_element_attr_is(request, "type", "get")) {
		add_form(query, r);
	} else if (xml_element_find(asked, "destroy", XMPP_NS_MUC_OWNER) ||
		   (form && xml_element_attr_is(form, "type", "cancel") &&
			   r->occupant_count == 1 && !r->persistent)) {
		destroy(r);
	} else if (form) {
		XMPP_FORM_EACH_FIELD(form, field)
		take_field(r, field);
	} else {
		return "bad-request";
	}
	return NULL;
}

void room_administer(
	struct session *c, struct room *r, struct xml_element *request)
{
	const char *ns = xml_element_find(request, NULL, NULL)->ns;
	struct xml_element *reply = xmpp_stanza_reply(request, "result");
	struct xml_element *query = NULL;
	if (xml_element_attr_is(request, "type", "get"))
		query = xml_element_child(reply, "query", ns);
	const char *refusal = strcmp(ns, XMPP_NS_MUC_OWNER) == 0
				      ? own(c, r, request, query)
				      : administer(c, r, request, query);
	if (refusal) {
		xml_element_free(reply);
		reply = xmpp_error_reply(request, refusal, NULL);
	}
	room_tidy(r);
	session_send(c, reply);
	xml_element_free(request);
}
