/* Who comes and goes: XEP-0045 sections 7.2 and 7.14. */
#include "room.h"

#include "base/mem.h"
#include "route.h"
#include "xmpp/ns.h"
#include "xmpp/presence.h"

/* ---- what its occupants see ---- */

void room_send(const struct room *r, const char *nick,
	const struct occupant *to, struct xml_element *s)
{
	struct session *c = route_find(r->server, &to->jid);
	struct buf from = BUF_INIT(XMPP_JID_MAX);
	buf_span(&from, xmpp_jid_full(&r->jid));
	if (nick)
		buf_printf(&from, "/%s", nick);
	xml_element_attr(s, "from", buf_text(&from));
	xml_element_attr_span(s, "to", xmpp_jid_full(&to->jid));
	buf_clear(&from);
	if (c)
		session_send(c, s);
	else
		xml_element_free(s);
}

static void add_status(struct xml_element *x, unsigned code)
{
	if (code)
		xml_element_attr_u64(
			xml_element_child(x, "status", NULL), "code", code);
}

/* What `to` may know of o: its address is for moderators. */
static void show_to(const struct room *r, const struct occupant *o,
	const struct occupant *to, unsigned status)
{
	struct xml_element *s = xml_element_dup(o->presence);
	struct xml_element *x = xml_element_child(s, "x", XMPP_NS_MUC_USER);
	struct xml_element *item = xml_element_child(x, "item", NULL);
	xml_element_attr(item, "affiliation",
		xmpp_muc_affiliation_text(room_affiliation(r, &o->jid)));
	xml_element_attr(item, "role", xmpp_muc_role_text(o->role));
	if (to->role == XMPP_MUC_MODERATOR || to == o)
		xml_element_attr_span(item, "jid", xmpp_jid_full(&o->jid));
	add_status(x, status);
	add_status(x, to == o ? 110 : 0);
	room_send(r, o->nick, to, s);
}

void room_show(struct room *r, struct occupant *o, unsigned status)
{
	LIST_EACH(&r->occupants, at)
	{
		struct occupant *to = LIST_ITEM(at, struct occupant, link);
		if (to != o)
			show_to(r, o, to, status == 201 ? 0 : status);
	}
	show_to(r, o, o, status);
}

void room_remove(struct room *r, struct occupant *o, unsigned status)
{
	struct xmpp_presence gone = { .type = XMPP_PRESENCE_UNAVAILABLE };
	xml_element_free(o->presence);
	o->presence = xmpp_presence_make(&gone);
	o->role = XMPP_MUC_NO_ROLE;
	room_show(r, o, status);
	room_drop_occupant(r, o);
}

static void say_subject(const struct room *r, const struct occupant *to)
{
	struct xml_element *s = xml_element_new("message", XMPP_NS_CLIENT);
	xml_element_attr(s, "type", "groupchat");
	xml_element_text(xml_element_child(s, "subject", NULL),
		r->subject ? r->subject : "");
	room_send(r, r->subject_by, to, s);
}

/* ---- coming and going ---- */

/* NULL: it may enter. */
static const char *find_refusal(const struct room *r, const struct session *c,
	const struct xmpp_jid *to, const struct xml_element *s)
{
	enum xmpp_muc_affiliation a = room_affiliation(r, &c->jid);
	const struct xml_element *x = xml_element_find(s, "x", XMPP_NS_MUC);
	struct span password =
		x ? xml_element_child_text(x, "password", XMPP_NS_MUC)
		  : SPAN_EMPTY;
	if (a == XMPP_MUC_OUTCAST)
		return "forbidden";
	if (r->members_only && a < XMPP_MUC_MEMBER)
		return "registration-required";
	if (r->password && !span_is(password, r->password))
		return "not-authorized";
	if (room_find_nick(r, to->resource))
		return "conflict";
	return r->occupant_count == OCCUPANTS_MAX ? "resource-constraint"
						  : NULL;
}

static enum xmpp_muc_role first_role(
	const struct room *r, const struct session *c)
{
	enum xmpp_muc_affiliation a = room_affiliation(r, &c->jid);
	if (a >= XMPP_MUC_ADMIN)
		return XMPP_MUC_MODERATOR;
	return r->moderated && a < XMPP_MUC_MEMBER ? XMPP_MUC_VISITOR
						   : XMPP_MUC_PARTICIPANT;
}

/* Without what the room says itself. */
static void keep_presence(struct occupant *o, struct xml_element *s)
{
	struct xml_element *x;
	while ((x = xml_element_find(s, "x", XMPP_NS_MUC)) ||
		(x = xml_element_find(s, "x", XMPP_NS_MUC_USER)))
		xml_element_remove(x);
	xml_element_free(o->presence);
	o->presence = s;
}

static void enter(struct room *r, struct session *c, const struct xmpp_jid *to,
	struct xml_element *s, bool made)
{
	struct occupant *o = mem_alloc(sizeof(*o));
	xmpp_jid_copy(&o->jid, &c->jid);
	o->nick = span_dup(to->resource);
	o->role = first_role(r, c);
	keep_presence(o, s);
	LIST_EACH(&r->occupants, at)
	show_to(r, LIST_ITEM(at, struct occupant, link), o, 0);
	list_append(&r->occupants, &o->link);
	r->occupant_count++;
	room_show(r, o, made ? 201 : 0);
	say_subject(r, o);
}

static const char *join(
	struct session *c, const struct xmpp_jid *to, struct xml_element *s)
{
	struct room *r = room_find(c->server, to->local);
	bool made = !r;
	if (!to->resource.n)
		return "jid-malformed";
	if (!r) {
		r = room_make(c->server, to);
		if (!r)
			return "resource-constraint";
		room_set_affiliation(r, &c->jid, XMPP_MUC_OWNER);
	}
	const char *refusal = find_refusal(r, c, to, s);
	if (!refusal)
		enter(r, c, to, s, made);
	return refusal;
}

void room_presence(
	struct session *c, const struct xmpp_jid *to, struct xml_element *s)
{
	struct xmpp_presence p;
	struct room *r = room_find(c->server, to->local);
	struct occupant *o = r ? room_find_jid(r, &c->jid) : NULL;
	const char *refusal = NULL;
	bool good = xmpp_presence_parse(&p, s);
	if (good && o && p.type == XMPP_PRESENCE_UNAVAILABLE) {
		room_remove(r, o, 0);
		room_tidy(r);
	} else if (good && p.type == XMPP_PRESENCE_AVAILABLE && o &&
		   span_is(to->resource, o->nick)) {
		keep_presence(o, s);
		room_show(r, o, 0);
		return;
	} else if (good && p.type == XMPP_PRESENCE_AVAILABLE) {
		refusal = o ? "not-acceptable" : join(c, to, s);
		if (!refusal)
			return;
		route_bounce(c->server, s, refusal);
	}
	xml_element_free(s);
}

void room_gone(struct session *c)
{
	struct map_node *n = map_next(&c->server->rooms, NULL);
	while (n) {
		struct room *r = MAP_ITEM(n, struct room, node);
		struct occupant *o = room_find_jid(r, &c->jid);
		n = map_next(&c->server->rooms, n);
		if (o)
			room_remove(r, o, 0);
		room_tidy(r);
	}
}
