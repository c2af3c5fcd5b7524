/* RFC 6121 section 3 and its appendix A: each end of a subscription keeps its
 * own half of the state; a request goes through both. */
#include "presence.h"

#include <string.h>

#include "roster.h"
#include "route.h"
#include "xmpp/ns.h"

enum step { SUBSCRIBE, SUBSCRIBED, UNSUBSCRIBE, UNSUBSCRIBED, STEPS };

static const char *const names[STEPS] = { "subscribe", "subscribed",
	"unsubscribe", "unsubscribed" };

static enum step step_of(const struct xmpp_stanza *s)
{
	enum step step = SUBSCRIBE;
	while (step < STEPS && !xmpp_stanza_attr_is(s, "type", names[step]))
		step++;
	return step;
}

bool presence_is_subscription(const struct xmpp_stanza *s)
{
	return step_of(s) < STEPS;
}

static struct xmpp_stanza *make(enum step step, struct span from, struct span to)
{
	struct xmpp_stanza *s = xmpp_stanza_attr(
		xmpp_stanza_new("presence", XMPP_NS_CLIENT), "type",
		names[step]);
	xmpp_stanza_attr_span(s, "from", from);
	return xmpp_stanza_attr_span(s, "to", to);
}

/* The half of who says it; false: it changes nothing and goes no further. */
static bool step_out(struct user *u, struct contact *c, enum step step)
{
	unsigned before = c->subscription;
	bool asked = c->asked, requested = c->requested;
	switch (step) {
	case SUBSCRIBE:
		c->asked = !(c->subscription & SUB_TO);
		c->listed = true;
		break;
	case SUBSCRIBED:
		if (!c->requested)
			return false;
		c->requested = false;
		c->listed = true;
		c->subscription |= SUB_FROM;
		break;
	case UNSUBSCRIBE:
		c->asked = false;
		c->subscription &= ~(unsigned)SUB_TO;
		break;
	case UNSUBSCRIBED:
		c->requested = false;
		c->subscription &= ~(unsigned)SUB_FROM;
		break;
	case STEPS:
		break;
	}
	if (before != c->subscription || asked != c->asked ||
		step == SUBSCRIBE)
		roster_push(u, c);
	return step == SUBSCRIBE || before != c->subscription ||
	       asked != c->asked || requested != c->requested;
}

/* The half of whom it is said to; true: its resources are to see it. */
static bool step_in(struct user *u, struct contact *c, enum step step)
{
	unsigned before = c->subscription;
	bool asked = c->asked;
	switch (step) {
	case SUBSCRIBE:
		c->requested = true;
		return true;
	case SUBSCRIBED:
		if (!c->asked)
			return false;
		c->asked = false;
		c->subscription |= SUB_TO;
		break;
	case UNSUBSCRIBE:
		c->requested = false;
		c->subscription &= ~(unsigned)SUB_FROM;
		break;
	case UNSUBSCRIBED:
		c->asked = false;
		c->subscription &= ~(unsigned)SUB_TO;
		break;
	case STEPS:
		return false;
	}
	if (before == c->subscription && asked == c->asked)
		return false;
	roster_push(u, c);
	return true;
}

static void deliver(struct session *sender, struct user *u, enum step step,
	const struct xmpp_stanza *s)
{
	struct user *from = sender->user;
	struct contact *c =
		user_contact(u, xmpp_jid_bare(&from->jid), step == SUBSCRIBE);
	if (!c)
		return;
	if (step == SUBSCRIBE && c->subscription & SUB_FROM) {
		/* section 3.1.3: answered on the account's behalf */
		struct xmpp_stanza *yes = make(SUBSCRIBED,
			xmpp_jid_bare(&u->jid), xmpp_jid_bare(&from->jid));
		struct contact *ours = user_contact(
			from, xmpp_jid_bare(&u->jid), false);
		if (ours && step_in(from, ours, SUBSCRIBED))
			route_to_available(from, NULL, yes);
		xmpp_stanza_free(yes);
		presence_show(u, from, true);
		return;
	}
	if (step_in(u, c, step))
		route_to_available(u, sender, s);
	if (step == UNSUBSCRIBE)
		presence_show(u, from, false);
}

static void say(struct session *c, struct contact *contact, enum step step,
	const struct xmpp_stanza *original)
{
	struct xmpp_jid to;
	if (!xmpp_jid_parse(&to, span_of(contact->jid), NULL))
		return;
	struct user *u = span_equal(to.domain, c->server->domain.domain)
				 ? user_find(c->server, to.local)
				 : NULL;
	struct xmpp_stanza *s =
		original ? xmpp_stanza_dup(original)
			 : xmpp_stanza_attr(
				   xmpp_stanza_new("presence", XMPP_NS_CLIENT),
				   "type", names[step]);
	xmpp_stanza_attr_span(s, "from", xmpp_jid_bare(&c->user->jid));
	xmpp_stanza_attr_span(s, "to", xmpp_jid_bare(&to));
	if (step_out(c->user, contact, step) && u) {
		deliver(c, u, step, s);
		if (step == SUBSCRIBED || step == UNSUBSCRIBED)
			presence_show(c->user, u, step == SUBSCRIBED);
	}
	xmpp_stanza_free(s);
	xmpp_jid_clear(&to);
}

void presence_subscribe(
	struct session *c, const struct xmpp_jid *to, struct xmpp_stanza *s)
{
	enum step step = step_of(s);
	struct contact *contact =
		user_contact(c->user, xmpp_jid_bare(to), step == SUBSCRIBE);
	if (!span_equal(to->domain, c->server->domain.domain))
		route_bounce(c, s, "remote-server-not-found");
	else if (contact)
		say(c, contact, step, s);
	else if (step == SUBSCRIBE)
		route_bounce(c, s, "policy-violation");
	xmpp_stanza_free(s);
}

void presence_pending(struct session *c)
{
	const struct map *roster = &c->user->roster;
	for (struct map_node *n = map_next(roster, NULL); n;
		n = map_next(roster, n)) {
		struct contact *contact = MAP_ITEM(n, struct contact, node);
		if (contact->requested)
			session_send(c, make(SUBSCRIBE, n->key,
						xmpp_jid_bare(&c->user->jid)));
	}
}

void presence_end_subscriptions(struct session *c, struct contact *contact)
{
	if (contact->subscription & SUB_TO || contact->asked)
		say(c, contact, UNSUBSCRIBE, NULL);
	if (contact->subscription & SUB_FROM || contact->requested)
		say(c, contact, UNSUBSCRIBED, NULL);
}
