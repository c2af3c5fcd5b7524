#include "presence.h"

#include <stdlib.h>

#include "base/mem.h"
#include "route.h"
#include "xmpp/ns.h"

struct directed {
	struct map_node node;
	struct xmpp_jid to;
};

static struct user *user_of(const struct server *s, struct span bare)
{
	struct xmpp_jid jid;
	struct user *u = NULL;
	if (!xmpp_jid_parse(&jid, bare, NULL))
		return NULL;
	if (span_equal(jid.domain, s->domain.domain))
		u = user_find(s, jid.local);
	xmpp_jid_clear(&jid);
	return u;
}

static struct xmpp_stanza *addressed(
	const struct xmpp_stanza *s, struct span from, struct span to)
{
	struct xmpp_stanza *copy = xmpp_stanza_dup(s);
	xmpp_stanza_attr_span(copy, "from", from);
	return xmpp_stanza_attr_span(copy, "to", to);
}

static struct xmpp_stanza *unavailable(void)
{
	return xmpp_stanza_attr(xmpp_stanza_new("presence", XMPP_NS_CLIENT),
		"type", "unavailable");
}

/* ---- to all who may see it ---- */

static void to_account(struct session *c, struct user *u,
	const struct xmpp_stanza *s)
{
	struct xmpp_stanza *copy = addressed(
		s, xmpp_jid_full(&c->jid), xmpp_jid_bare(&u->jid));
	route_to_available(u, c, copy);
	xmpp_stanza_free(copy);
}

static void to_subscribers(struct session *c, const struct xmpp_stanza *s)
{
	const struct map *roster = &c->user->roster;
	for (struct map_node *n = map_next(roster, NULL); n;
		n = map_next(roster, n)) {
		struct contact *contact = MAP_ITEM(n, struct contact, node);
		struct user *u = contact->subscription & SUB_FROM
					 ? user_of(c->server, n->key)
					 : NULL;
		if (u)
			to_account(c, u, s);
	}
	to_account(c, c->user, s);
}

static void show_resources(
	struct user *u, struct session *viewer, struct span to)
{
	LIST_EACH(&u->sessions, at)
	{
		struct session *c = LIST_ITEM(at, struct session, of_user);
		if (c->presence && c != viewer)
			session_send(viewer,
				addressed(c->presence, xmpp_jid_full(&c->jid),
					to));
	}
}

/* What probes would bring (section 4.3): everybody is here. */
static void show_contacts(struct session *c)
{
	const struct map *roster = &c->user->roster;
	struct span to = xmpp_jid_full(&c->jid);
	for (struct map_node *n = map_next(roster, NULL); n;
		n = map_next(roster, n)) {
		struct contact *contact = MAP_ITEM(n, struct contact, node);
		struct user *u = contact->subscription & SUB_TO
					 ? user_of(c->server, n->key)
					 : NULL;
		if (u)
			show_resources(u, c, to);
	}
	show_resources(c->user, c, to);
}

static void send_stored(struct session *c)
{
	struct xmpp_stanza *message;
	while ((message = user_take_stored(c->user)))
		session_send(c, message);
}

static void available(struct session *c, const struct xmpp_stanza *s)
{
	bool first = !c->presence;
	struct span priority =
		xmpp_stanza_child_text(s, "priority", XMPP_NS_CLIENT);
	long value = priority.p ? strtol(priority.p, NULL, 10) : 0;
	c->priority = value < -128 ? -128 : value > 127 ? 127 : (int)value;
	xmpp_stanza_free(c->presence);
	c->presence = xmpp_stanza_dup(s);
	to_subscribers(c, s);
	if (first) {
		show_contacts(c);
		presence_pending(c);
	}
	if (c->priority >= 0)
		send_stored(c);
}

/* ---- directed (section 4.6) ---- */

static struct directed *find_directed(
	const struct session *c, const struct xmpp_jid *to)
{
	struct map_node *n = map_find(&c->directed, xmpp_jid_full(to));
	return n ? MAP_ITEM(n, struct directed, node) : NULL;
}

static void forget(struct session *c, struct directed *d)
{
	map_remove(&c->directed, &d->node);
	xmpp_jid_clear(&d->to);
	mem_free(d);
}

static void note_directed(struct session *c, const struct xmpp_jid *to,
	const struct xmpp_stanza *s)
{
	struct directed *d = find_directed(c, to);
	bool gone = xmpp_stanza_attr_is(s, "type", "unavailable");
	if (gone && d)
		forget(c, d);
	if (gone || d || c->directed.count >= DIRECTED_MAX)
		return;
	d = mem_alloc(sizeof(*d));
	xmpp_jid_copy(&d->to, to);
	map_add(&c->directed, &d->node, xmpp_jid_full(&d->to));
}

void presence_directed(struct session *c, const struct xmpp_jid *to,
	const struct xmpp_stanza *s)
{
	if (!xmpp_stanza_attr_find(s, "type") ||
		xmpp_stanza_attr_is(s, "type", "unavailable"))
		note_directed(c, to, s);
}

void presence_forget_directed(struct session *c)
{
	struct map_node *n;
	while ((n = map_next(&c->directed, NULL)))
		forget(c, MAP_ITEM(n, struct directed, node));
	map_clear(&c->directed);
}

static bool may_see(const struct user *u, const struct user *viewer)
{
	struct map_node *n = map_find(&u->roster, xmpp_jid_bare(&viewer->jid));
	return u == viewer ||
	       (n && MAP_ITEM(n, struct contact, node)->subscription & SUB_FROM);
}

void presence_to_account(struct session *c, struct user *u,
	const struct xmpp_jid *to, const struct xmpp_stanza *s)
{
	if (xmpp_stanza_attr_is(s, "type", "probe")) {
		if (may_see(u, c->user))
			show_resources(u, c, xmpp_jid_full(&c->jid));
		return;
	}
	presence_directed(c, to, s);
	route_to_available(u, c, s);
}

/* ---- leaving ---- */

static void to_directed(struct session *c, const struct xmpp_stanza *s)
{
	const struct map *directed = &c->directed;
	for (struct map_node *n = map_next(directed, NULL); n;
		n = map_next(directed, n)) {
		struct xmpp_jid *to = &MAP_ITEM(n, struct directed, node)->to;
		struct user *u = user_find(c->server, to->local);
		if (u)
			to_account(c, u, s);
	}
	presence_forget_directed(c);
}

static void leave(struct session *c, const struct xmpp_stanza *s)
{
	xmpp_stanza_free(c->presence);
	c->presence = NULL;
	to_subscribers(c, s);
	to_directed(c, s);
}

void presence_gone(struct session *c)
{
	if (!c->presence && c->directed.count == 0)
		return;
	struct xmpp_stanza *s = unavailable();
	leave(c, s);
	xmpp_stanza_free(s);
}

void presence_broadcast(struct session *c, const struct xmpp_stanza *s)
{
	if (!xmpp_stanza_attr_find(s, "type"))
		available(c, s);
	else if (xmpp_stanza_attr_is(s, "type", "unavailable"))
		leave(c, s);
}

void presence_show(struct user *u, struct user *viewer, bool is_available)
{
	struct xmpp_stanza *away = unavailable();
	LIST_EACH(&u->sessions, at)
	{
		struct session *c = LIST_ITEM(at, struct session, of_user);
		if (c->presence)
			to_account(c, viewer, is_available ? c->presence : away);
	}
	xmpp_stanza_free(away);
}
