#include "room.h"

#include <string.h>

#include "answer.h"
#include "base/mem.h"
#include "route.h"
#include "xmpp/ns.h"

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

struct room *room_find(const struct server *s, struct span local)
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

struct room *room_make(struct server *server, const struct xmpp_jid *at)
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

void room_drop_occupant(struct room *r, struct occupant *o)
{
	list_remove(&o->link);
	r->occupant_count--;
	xml_element_free(o->presence);
	xmpp_jid_clear(&o->jid);
	mem_free(o->nick);
	mem_free(o);
}

static void room_free(struct room *r)
{
	map_remove(&r->server->rooms, &r->node);
	LIST_EACH(&r->occupants, at)
	room_drop_occupant(r, LIST_ITEM(at, struct occupant, link));
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

void room_tidy(struct room *r)
{
	if (r->occupant_count == 0 && !r->persistent)
		room_free(r);
}

void room_free_all(struct server *s)
{
	struct map_node *n;
	while ((n = map_next(&s->rooms, NULL)))
		room_free(MAP_ITEM(n, struct room, node));
	map_clear(&s->rooms);
}

/* ---- what comes ---- */

void room_take(
	struct session *c, const struct xmpp_jid *to, struct xml_element *s)
{
	if (xml_element_is(s, "presence", NULL)) {
		room_presence(c, to, s);
		return;
	}
	if (xml_element_is(s, "iq", NULL) && answer_is_request(s)) {
		room_request(c, to, s);
		return;
	}
	if (xml_element_is(s, "message", NULL)) {
		const char *refusal = room_message(c, to, s);
		if (refusal)
			route_bounce(c->server, s, refusal);
	}
	xml_element_free(s);
}
