#include "presence.h"

#include "directed.h"
#include "route.h"
#include "subscribe.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"

/* ---- helpers ---- */

static struct xml_element *addressed(
	const struct xml_element *s, struct span from, struct span to)
{
	struct xml_element *copy = xml_element_dup(s);
	xml_element_attr_span(copy, "from", from);
	return xml_element_attr_span(copy, "to", to);
}

static struct xml_element *make(enum xmpp_presence_type type)
{
	return xmpp_presence_make(&(struct xmpp_presence){ .type = type });
}

static bool is_subscriber(const struct user *u, const struct xmpp_jid *who)
{
	const struct contact *c = user_contact(u, who);
	return c && c->subscription & SUB_FROM;
}

bool presence_is_shared(const struct session *c, const struct xmpp_jid *with)
{
	return xmpp_jid_equal_bare(&c->jid, with) ||
	       is_subscriber(c->user, with) || directed_has(c, with);
}

/* ---- to accounts ---- */

static void to_account(const struct session *c, const struct user *u,
	const struct xml_element *s)
{
	struct xml_element *copy =
		addressed(s, xmpp_jid_full(&c->jid), xmpp_jid_bare(&u->jid));
	route_to_available(u, copy);
	xml_element_free(copy);
}

static void to_subscribers(const struct session *c, const struct xml_element *s)
{
	for (struct contact *contact = user_next_contact(c->user, NULL);
		contact; contact = user_next_contact(c->user, contact)) {
		const struct user *u =
			contact->subscription & SUB_FROM
				? user_of(c->server, &contact->jid)
				: NULL;
		if (u)
			to_account(c, u, s);
	}
	to_account(c, c->user, s);
}

void presence_show(const struct user *u, const struct user *viewer, bool show)
{
	struct xml_element *away = make(XMPP_PRESENCE_UNAVAILABLE);
	LIST_EACH(&u->sessions, at)
	{
		struct session *c = LIST_ITEM(at, struct session, of_user);
		if (c->presence)
			to_account(c, viewer, show ? c->presence : away);
	}
	xml_element_free(away);
}

/* ---- coming (section 4.2) ---- */

static void show_resources(const struct user *u, struct session *viewer)
{
	LIST_EACH(&u->sessions, at)
	{
		struct session *c = LIST_ITEM(at, struct session, of_user);
		if (c->presence && c != viewer)
			session_send(viewer,
				addressed(c->presence, xmpp_jid_full(&c->jid),
					xmpp_jid_full(&viewer->jid)));
	}
}

/* What probes would bring (section 4.3.1): everybody is here. */
static void show_contacts(struct session *c)
{
	for (struct contact *contact = user_next_contact(c->user, NULL);
		contact; contact = user_next_contact(c->user, contact)) {
		const struct user *u =
			contact->subscription & SUB_TO
				? user_of(c->server, &contact->jid)
				: NULL;
		if (u)
			show_resources(u, c);
	}
	show_resources(c->user, c);
}

static void send_stored(struct session *c)
{
	struct xml_element *s;
	while (c->phase == SESSION_BOUND && (s = queue_take(&c->user->offline)))
		session_send(c, s);
}

static void available(struct session *c, struct xml_element *s)
{
	struct xmpp_presence p;
	bool first = !c->presence;
	if (xmpp_presence_parse(&p, s))
		c->priority = p.priority;
	xml_element_free(c->presence);
	c->presence = s;
	to_subscribers(c, s);
	if (first) {
		show_contacts(c);
		subscribe_remind(c);
	}
	if (c->priority >= 0)
		send_stored(c);
}

/* ---- leaving (section 4.5) ---- */

static void to_directed(
	const struct session *c, const struct xml_element *s, bool broadcast)
{
	for (struct directed *d = directed_next(c, NULL); d;
		d = directed_next(c, d)) {
		const struct user *u = user_of(c->server, &d->to);
		if (!u || (broadcast && is_subscriber(c->user, &d->to)))
			continue;
		struct session *at = route_find(c->server, &d->to);
		if (at)
			session_send(at, addressed(s, xmpp_jid_full(&c->jid),
						 xmpp_jid_full(&d->to)));
		else if (!d->to.resource.n)
			to_account(c, u, s);
	}
}

static void unavailable(struct session *c, const struct xml_element *s)
{
	bool was_available = c->presence != NULL;
	xml_element_free(c->presence);
	c->presence = NULL;
	if (was_available) {
		c->user->left = loop_wall(c->server->loop);
		to_subscribers(c, s);
	}
	to_directed(c, s, was_available);
	directed_clear(c);
}

void presence_gone(struct session *c)
{
	struct xml_element *s = make(XMPP_PRESENCE_UNAVAILABLE);
	unavailable(c, s);
	xml_element_free(s);
}

void presence_broadcast(struct session *c, struct xml_element *s)
{
	struct xmpp_presence p;
	bool good = xmpp_presence_parse(&p, s);
	if (good && p.type == XMPP_PRESENCE_AVAILABLE) {
		available(c, s);
		return;
	}
	if (good && p.type == XMPP_PRESENCE_UNAVAILABLE) {
		unavailable(c, s);
		/* the one that generated it as well (section 4.5.2) */
		session_send(c, addressed(s, xmpp_jid_full(&c->jid),
					xmpp_jid_bare(&c->jid)));
	} else {
		route_bounce(c->server, s, "bad-request");
	}
	xml_element_free(s);
}

/* ---- directed (section 4.6.3) ---- */

static void directed_presence(struct session *c, const struct xmpp_jid *to,
	struct xml_element *s, bool is_available)
{
	const struct user *u = user_of(c->server, to);
	struct session *match = route_find(c->server, to);
	if (!is_available)
		directed_remove(c, to);
	else if (u && (!c->presence || !is_subscriber(c->user, to)))
		directed_add(c, to);
	/* Section 4.6.1: who leaves needs not be told any more that we do. */
	if (!is_available && match)
		directed_remove(match, &c->jid);
	if (match) {
		session_send(match, s);
		return;
	}
	if (u && !to->resource.n)
		route_to_available(u, s);
	xml_element_free(s);
}

/* ---- probes (sections 4.3.2 and 4.6.6) ---- */

/* An answer without anything but that it is so. */
static void answer_probe(struct session *c, const struct xmpp_jid *from,
	enum xmpp_presence_type type, usec_t left, const char *id)
{
	struct xml_element *s = make(type);
	xml_element_attr_span(s, "from", xmpp_jid_full(from));
	xml_element_attr_span(s, "to", xmpp_jid_full(&c->jid));
	xml_element_attr(s, "id", id);
	if (left) {
		char stamp[CLOCK_TEXT_SIZE];
		xml_element_attr(xml_element_child(s, "delay", XMPP_NS_DELAY),
			"stamp", clock_format(stamp, left));
	}
	session_send(c, s);
}

static bool is_available(const struct user *u)
{
	LIST_EACH(&u->sessions, at)
	if (LIST_ITEM(at, struct session, of_user)->presence)
		return true;
	return false;
}

static void probe(struct session *c, const struct xmpp_jid *to,
	const struct xml_element *s)
{
	const char *id = xml_element_attr_find(s, "id");
	const struct user *u = user_of(c->server, to);
	const struct session *match = route_find(c->server, to);
	bool may = u && (u == c->user || is_subscriber(u, &c->jid));
	if (to->resource.n && (may || (match && directed_has(match, &c->jid))))
		answer_probe(c, to,
			match && (match->presence || !may)
				? XMPP_PRESENCE_AVAILABLE
				: XMPP_PRESENCE_UNAVAILABLE,
			0, id);
	else if (!may) {
		struct xmpp_jid bare;
		xmpp_jid_copy_bare(&bare, to);
		answer_probe(c, &bare, XMPP_PRESENCE_UNSUBSCRIBED, 0, id);
		xmpp_jid_clear(&bare);
	} else if (is_available(u))
		show_resources(u, c);
	else
		answer_probe(c, to, XMPP_PRESENCE_UNAVAILABLE, u->left, id);
}

/* ---- by type (section 8.5) ---- */

void presence_to(
	struct session *c, const struct xmpp_jid *to, struct xml_element *s)
{
	struct xmpp_presence p;
	struct session *match;
	if (!xmpp_presence_parse(&p, s)) {
		route_bounce(c->server, s, "bad-request");
		xml_element_free(s);
		return;
	}
	switch (p.type) {
	case XMPP_PRESENCE_AVAILABLE:
	case XMPP_PRESENCE_UNAVAILABLE:
		directed_presence(c, to, s, p.type == XMPP_PRESENCE_AVAILABLE);
		return;
	case XMPP_PRESENCE_SUBSCRIBE:
	case XMPP_PRESENCE_SUBSCRIBED:
	case XMPP_PRESENCE_UNSUBSCRIBE:
	case XMPP_PRESENCE_UNSUBSCRIBED:
		subscribe_take(c, to, s);
		return;
	case XMPP_PRESENCE_PROBE:
		probe(c, to, s);
		break;
	case XMPP_PRESENCE_ERROR:
		match = route_find(c->server, to);
		if (match) {
			session_send(match, s);
			return;
		}
		break;
	}
	xml_element_free(s);
}
