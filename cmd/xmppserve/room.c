#include "room.h"

#include <string.h>

#include "answer.h"
#include "base/mem.h"
#include "route.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"
#include "xmpp/presence.h"

#define SERVICE "conference."

/* ---- who is there ---- */

bool room_is_address(const struct server *s, const struct xmpp_jid *to)
{
	struct span domain = to->domain;
	return span_starts(domain, SERVICE) &&
	       span_equal(span_skip(domain, strlen(SERVICE)), s->domain.domain);
}

void room_service(const struct server *s, struct buf *out)
{
	buf_str(out, SERVICE);
	buf_span(out, s->domain.domain);
}

static struct room *find_room(const struct server *s, struct span local)
{
	struct map_node *n = local.n ? map_find(&s->rooms, local) : NULL;
	return n ? MAP_ITEM(n, struct room, node) : NULL;
}

struct occupant *room_find_nick(const struct room *r, struct span nick)
{
	LIST_EACH(&r->occupants, at)
	{
		struct occupant *o = LIST_ITEM(at, struct occupant, link);
		if (span_is(nick, o->nick))
			return o;
	}
	return NULL;
}

struct occupant *room_find_jid(
	const struct room *r, const struct xmpp_jid *full)
{
	LIST_EACH(&r->occupants, at)
	{
		struct occupant *o = LIST_ITEM(at, struct occupant, link);
		if (xmpp_jid_equal(&o->jid, full))
			return o;
	}
	return NULL;
}

static struct standing *find_standing(
	const struct room *r, const struct xmpp_jid *who)
{
	LIST_EACH(&r->standings, at)
	{
		struct standing *s = LIST_ITEM(at, struct standing, link);
		if (xmpp_jid_equal_bare(&s->jid, who))
			return s;
	}
	return NULL;
}

enum xmpp_muc_affiliation room_affiliation(
	const struct room *r, const struct xmpp_jid *who)
{
	const struct standing *s = find_standing(r, who);
	return s ? s->affiliation : XMPP_MUC_NO_AFFILIATION;
}

bool room_set_affiliation(
	struct room *r, const struct xmpp_jid *who, enum xmpp_muc_affiliation a)
{
	struct standing *s = find_standing(r, who);
	if (!s && r->standing_count == OCCUPANTS_MAX)
		return false;
	if (!s) {
		s = mem_alloc(sizeof(*s));
		xmpp_jid_copy_bare(&s->jid, who);
		list_append(&r->standings, &s->link);
		r->standing_count++;
	}
	s->affiliation = a;
	return true;
}

/* ---- its life ---- */

static struct room *make_room(struct server *server, const struct xmpp_jid *at)
{
	if (server->rooms.count >= ROOMS_MAX)
		return NULL;
	struct room *r = mem_alloc(sizeof(*r));
	r->server = server;
	r->local = span_dup(at->local);
	xmpp_jid_copy_bare(&r->jid, at);
	link_init(&r->occupants);
	link_init(&r->standings);
	map_add(&server->rooms, &r->node, span_of(r->local));
	return r;
}

static void occupant_free(struct room *r, struct occupant *o)
{
	list_remove(&o->link);
	r->occupant_count--;
	xmpp_stanza_free(o->presence);
	xmpp_jid_clear(&o->jid);
	mem_free(o->nick);
	mem_free(o);
}

static void room_free(struct room *r)
{
	map_remove(&r->server->rooms, &r->node);
	LIST_EACH(&r->occupants, at)
	occupant_free(r, LIST_ITEM(at, struct occupant, link));
	LIST_EACH(&r->standings, at)
	{
		struct standing *s = LIST_ITEM(at, struct standing, link);
		xmpp_jid_clear(&s->jid);
		mem_free(s);
	}
	xmpp_jid_clear(&r->jid);
	mem_free(r->local);
	mem_free(r->title);
	mem_free(r->password);
	mem_free(r->subject);
	mem_free(r->subject_by);
	mem_free(r);
}

void room_free_all(struct server *s)
{
	struct map_node *n;
	while ((n = map_next(&s->rooms, NULL)))
		room_free(MAP_ITEM(n, struct room, node));
	map_clear(&s->rooms);
}

/* ---- what is said to its occupants ---- */

/* From an occupant, or from the room where nick is NULL; s is taken. */
static void send_as(const struct room *r, const char *nick,
	const struct occupant *to, struct xmpp_stanza *s)
{
	struct session *c = route_find(r->server, &to->jid);
	struct buf from = BUF_INIT(XMPP_JID_MAX);
	buf_span(&from, xmpp_jid_full(&r->jid));
	if (nick)
		buf_printf(&from, "/%s", nick);
	xmpp_stanza_attr(s, "from", buf_text(&from));
	xmpp_stanza_attr_span(s, "to", xmpp_jid_full(&to->jid));
	buf_clear(&from);
	if (c)
		session_send(c, s);
	else
		xmpp_stanza_free(s);
}

static void add_status(struct xmpp_stanza *x, unsigned code)
{
	if (code)
		xmpp_stanza_attr_u64(
			xmpp_stanza_child(x, "status", NULL), "code", code);
}

/* What `to` may know of o: its address is for moderators. */
static void show_to(const struct room *r, const struct occupant *o,
	const struct occupant *to, unsigned status)
{
	struct xmpp_stanza *s = xmpp_stanza_dup(o->presence);
	struct xmpp_stanza *x = xmpp_stanza_child(s, "x", XMPP_NS_MUC_USER);
	struct xmpp_stanza *item = xmpp_stanza_child(x, "item", NULL);
	xmpp_stanza_attr(item, "affiliation",
		xmpp_muc_affiliation_text(room_affiliation(r, &o->jid)));
	xmpp_stanza_attr(item, "role", xmpp_muc_role_text(o->role));
	if (to->role == XMPP_MUC_MODERATOR || to == o)
		xmpp_stanza_attr_span(item, "jid", xmpp_jid_full(&o->jid));
	add_status(x, status);
	add_status(x, to == o ? 110 : 0);
	send_as(r, o->nick, to, s);
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
	xmpp_stanza_free(o->presence);
	o->presence = xmpp_presence_make(&gone);
	o->role = XMPP_MUC_NO_ROLE;
	room_show(r, o, status);
	occupant_free(r, o);
}

void room_tidy(struct room *r)
{
	if (r->occupant_count == 0 && !r->persistent)
		room_free(r);
}

static void say_subject(const struct room *r, const struct occupant *to)
{
	struct xmpp_stanza *s = xmpp_stanza_new("message", XMPP_NS_CLIENT);
	xmpp_stanza_attr(s, "type", "groupchat");
	xmpp_stanza_text(xmpp_stanza_child(s, "subject", NULL),
		r->subject ? r->subject : "");
	send_as(r, r->subject_by, to, s);
}

/* ---- presence: sections 7.2 and 7.14 ---- */

/* NULL: it may enter. */
static const char *find_refusal(const struct room *r, const struct session *c,
	const struct xmpp_jid *to, const struct xmpp_stanza *s)
{
	enum xmpp_muc_affiliation a = room_affiliation(r, &c->jid);
	const struct xmpp_stanza *x = xmpp_stanza_find(s, "x", XMPP_NS_MUC);
	struct span password =
		x ? xmpp_stanza_child_text(x, "password", XMPP_NS_MUC)
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
static void keep_presence(struct occupant *o, struct xmpp_stanza *s)
{
	struct xmpp_stanza *x;
	while ((x = xmpp_stanza_find(s, "x", XMPP_NS_MUC)) ||
		(x = xmpp_stanza_find(s, "x", XMPP_NS_MUC_USER)))
		xmpp_stanza_remove(x);
	xmpp_stanza_free(o->presence);
	o->presence = s;
}

static void enter(struct room *r, struct session *c, const struct xmpp_jid *to,
	struct xmpp_stanza *s, bool made)
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
	struct session *c, const struct xmpp_jid *to, struct xmpp_stanza *s)
{
	struct room *r = find_room(c->server, to->local);
	bool made = !r;
	if (!to->resource.n)
		return "jid-malformed";
	if (!r) {
		r = make_room(c->server, to);
		if (!r)
			return "resource-constraint";
		room_set_affiliation(r, &c->jid, XMPP_MUC_OWNER);
	}
	const char *refusal = find_refusal(r, c, to, s);
	if (!refusal)
		enter(r, c, to, s, made);
	return refusal;
}

static void presence(
	struct session *c, const struct xmpp_jid *to, struct xmpp_stanza *s)
{
	struct xmpp_presence p;
	struct room *r = find_room(c->server, to->local);
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
	xmpp_stanza_free(s);
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

/* ---- messages: sections 7.4, 7.5, 7.8, 8.1 ---- */

static void to_occupants(
	struct room *r, const struct occupant *o, struct xmpp_stanza *s)
{
	const struct xmpp_stanza *subject =
		xmpp_stanza_find(s, "subject", XMPP_NS_CLIENT);
	if (subject && !xmpp_stanza_find(s, "body", XMPP_NS_CLIENT)) {
		mem_free(r->subject);
		mem_free(r->subject_by);
		r->subject = span_dup(xmpp_stanza_text_get(subject));
		r->subject_by = mem_str(o->nick);
	}
	LIST_EACH(&r->occupants, at)
	send_as(r, o->nick, LIST_ITEM(at, struct occupant, link),
		xmpp_stanza_dup(s));
}

static const char *invite(struct room *r, const struct occupant *o,
	const struct xmpp_stanza *invitation)
{
	const char *text = xmpp_stanza_attr_find(invitation, "to");
	struct xmpp_jid to;
	if (!text || !xmpp_jid_parse(&to, span_of(text), NULL))
		return "jid-malformed";
	struct user *u = user_of(r->server, &to);
	if (r->members_only && room_affiliation(r, &to) < XMPP_MUC_MEMBER)
		room_set_affiliation(r, &to, XMPP_MUC_MEMBER);
	if (u) {
		struct xmpp_stanza *s =
			xmpp_stanza_new("message", XMPP_NS_CLIENT);
		struct xmpp_stanza *x =
			xmpp_stanza_child(s, "x", XMPP_NS_MUC_USER);
		xmpp_stanza_attr_span(s, "from", xmpp_jid_full(&r->jid));
		xmpp_stanza_attr_span(s, "to", xmpp_jid_full(&to));
		struct xmpp_stanza *copy = xmpp_stanza_add(x, invitation);
		xmpp_stanza_attr(copy, "to", NULL);
		xmpp_stanza_attr_span(copy, "from", xmpp_jid_full(&o->jid));
		if (r->password)
			xmpp_stanza_text(xmpp_stanza_child(x, "password", NULL),
				r->password);
		route_again(r->server, u, s);
	}
	xmpp_jid_clear(&to);
	return u ? NULL : "item-not-found";
}

/* NULL: it is on its way. */
static const char *message(struct session *c, const struct xmpp_jid *to,
	const struct xmpp_stanza *s)
{
	struct room *r = find_room(c->server, to->local);
	struct occupant *o = r ? room_find_jid(r, &c->jid) : NULL;
	const struct xmpp_stanza *x = xmpp_muc_user_find(s);
	const struct xmpp_stanza *invitation =
		x ? xmpp_stanza_find(x, "invite", XMPP_NS_MUC_USER) : NULL;
	bool to_all = xmpp_stanza_attr_is(s, "type", "groupchat");
	if (!r)
		return "item-not-found";
	if (!o)
		return "not-acceptable";
	if (to->resource.n) {
		struct occupant *one = room_find_nick(r, to->resource);
		if (one && !to_all)
			send_as(r, o->nick, one, xmpp_stanza_dup(s));
		return to_all ? "bad-request" : one ? NULL : "item-not-found";
	}
	if (invitation)
		return invite(r, o, invitation);
	if (!to_all)
		return "bad-request";
	if (o->role < XMPP_MUC_PARTICIPANT)
		return "forbidden";
	to_occupants(r, o, xmpp_stanza_dup(s));
	return NULL;
}

/* ---- requests ---- */

static void add_feature(struct xmpp_stanza *query, const char *var)
{
	xmpp_stanza_attr(xmpp_stanza_child(query, "feature", NULL), "var", var);
}

/* Section 6.4; of the service where r is NULL. */
static struct xmpp_stanza *info(
	const struct room *r, const struct xmpp_stanza *request)
{
	struct xmpp_stanza *reply = xmpp_stanza_reply(request, "result");
	struct xmpp_stanza *query =
		xmpp_stanza_child(reply, "query", XMPP_NS_DISCO_INFO);
	struct xmpp_stanza *identity =
		xmpp_stanza_child(query, "identity", NULL);
	xmpp_stanza_attr(identity, "category", "conference");
	xmpp_stanza_attr(identity, "type", "text");
	xmpp_stanza_attr(identity, "name", r ? r->title : "rooms");
	add_feature(query, XMPP_NS_DISCO_INFO);
	add_feature(query, XMPP_NS_DISCO_ITEMS);
	add_feature(query, XMPP_NS_MUC);
	if (r) {
		add_feature(query,
			r->members_only ? "muc_membersonly" : "muc_open");
		add_feature(query, r->password ? "muc_passwordprotected"
					       : "muc_unsecured");
		add_feature(query,
			r->moderated ? "muc_moderated" : "muc_unmoderated");
	}
	return reply;
}

/* Sections 6.3 and 6.5. */
static struct xmpp_stanza *items(const struct server *server,
	const struct room *r, const struct xmpp_stanza *request)
{
	struct xmpp_stanza *reply = xmpp_stanza_reply(request, "result");
	struct xmpp_stanza *query =
		xmpp_stanza_child(reply, "query", XMPP_NS_DISCO_ITEMS);
	for (struct map_node *n = map_next(&server->rooms, NULL); n && !r;
		n = map_next(&server->rooms, n))
		xmpp_stanza_attr_span(xmpp_stanza_child(query, "item", NULL),
			"jid",
			xmpp_jid_full(&MAP_ITEM(n, struct room, node)->jid));
	if (r)
		LIST_EACH(&r->occupants, at)
		{
			struct occupant *o =
				LIST_ITEM(at, struct occupant, link);
			char *jid = mem_format("%s/%s", r->jid.text, o->nick);
			xmpp_stanza_attr(xmpp_stanza_child(query, "item", NULL),
				"jid", jid);
			mem_free(jid);
		}
	return reply;
}

/* XEP-0410 section 3.2: who pings itself learns that it is still there. */
static const char *occupant_request(const struct session *c,
	const struct room *r, const struct xmpp_jid *to, bool ping)
{
	const struct occupant *o = r ? room_find_jid(r, &c->jid) : NULL;
	if (!o)
		return "not-acceptable";
	if (!room_find_nick(r, to->resource))
		return "item-not-found";
	return ping && span_is(to->resource, o->nick) ? NULL
						      : "service-unavailable";
}

static void request(
	struct session *c, const struct xmpp_jid *to, struct xmpp_stanza *s)
{
	struct room *r = find_room(c->server, to->local);
	const struct xmpp_stanza *payload = xmpp_stanza_find(s, NULL, NULL);
	bool get = xmpp_stanza_attr_is(s, "type", "get");
	bool ping = get && xmpp_stanza_is(payload, "ping", XMPP_NS_PING);
	const char *refusal = "service-unavailable";
	struct xmpp_stanza *reply = NULL;
	if (to->resource.n)
		refusal = occupant_request(c, r, to, ping);
	else if (to->local.n && !r)
		refusal = "item-not-found";
	else if (r &&
		 (xmpp_stanza_is(payload, NULL, XMPP_NS_MUC_ADMIN) ||
			 xmpp_stanza_is(payload, NULL, XMPP_NS_MUC_OWNER))) {
		room_administer(c, r, s);
		return;
	} else if (get && xmpp_stanza_is(payload, "query", XMPP_NS_DISCO_INFO))
		reply = info(r, s);
	else if (get && xmpp_stanza_is(payload, "query", XMPP_NS_DISCO_ITEMS))
		reply = items(c->server, r, s);
	else if (ping)
		refusal = NULL;
	if (!reply)
		reply = refusal ? xmpp_error_reply(s, refusal, NULL)
				: xmpp_stanza_reply(s, "result");
	session_send(c, reply);
	xmpp_stanza_free(s);
}

void room_take(
	struct session *c, const struct xmpp_jid *to, struct xmpp_stanza *s)
{
	if (xmpp_stanza_is(s, "presence", NULL)) {
		presence(c, to, s);
		return;
	}
	if (xmpp_stanza_is(s, "iq", NULL) && answer_is_request(s)) {
		request(c, to, s);
		return;
	}
	if (xmpp_stanza_is(s, "message", NULL)) {
		const char *refusal = message(c, to, s);
		if (refusal)
			route_bounce(c->server, s, refusal);
	}
	xmpp_stanza_free(s);
}
