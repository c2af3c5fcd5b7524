#include "subscribe.h"

#include "presence.h"
#include "roster.h"
#include "route.h"
#include "xmpp/ns.h"

static struct xml_element *make(enum subscription_step step)
{
	return xml_element_attr(xml_element_new("presence", XMPP_NS_CLIENT),
		"type", subscription_step_text(step));
}

/* Sections 3.1.6, 3.2.3 and 3.3.3: a request goes to who is available, what
 * follows to who asked for the roster, and before the push. */
static void tell(const struct user *u, enum subscription_step step,
	struct xml_element *s)
{
	LIST_EACH(&u->sessions, at)
	{
		struct session *c = LIST_ITEM(at, struct session, of_user);
		if (step == STEP_SUBSCRIBE ? c->presence != NULL
					   : c->interested)
			session_send(c, xml_element_dup(s));
	}
}

static void step_in(struct server *server, struct user *u, struct user *from,
	enum subscription_step step, struct xml_element *s);

/* What u's server says for it. */
static void answer(struct server *server, struct user *u, struct user *to,
	enum subscription_step step)
{
	struct xml_element *s = make(step);
	xml_element_attr_span(s, "from", xmpp_jid_bare(&u->jid));
	xml_element_attr_span(s, "to", xmpp_jid_bare(&to->jid));
	step_in(server, to, u, step, s);
	xml_element_free(s);
	if (step == STEP_SUBSCRIBED)
		presence_show(u, to, true);
}

/* The other's half.  s stays the caller's. */
static void step_in(struct server *server, struct user *u, struct user *from,
	enum subscription_step step, struct xml_element *s)
{
	struct contact *c = step == STEP_SUBSCRIBE
				    ? user_make_contact(u, &from->jid)
				    : user_contact(u, &from->jid);
	enum subscription_step reply;
	if (!c) {
		if (step == STEP_SUBSCRIBE)
			route_bounce(server, s, "resource-constraint");
		return;
	}
	unsigned before = c->subscription;
	bool changed = subscription_in(&c->subscription, step, &reply);
	if (changed)
		user_set_request(u, c, step == STEP_SUBSCRIBE ? s : NULL);
	if (changed)
		tell(u, step, s);
	if (changed && c->listed && step != STEP_SUBSCRIBE)
		roster_push(u, c);
	/* Section 3.3.3: who saw us sees us leave. */
	if (step == STEP_UNSUBSCRIBE && before & SUB_FROM)
		presence_show(u, from, false);
	user_tidy_contact(u, c);
	if (reply != STEP_NONE)
		answer(server, u, from, reply);
}

/* Our half, and then the other's; to is NULL where there is nobody. */
static void step_out(struct server *server, struct user *u, struct contact *c,
	struct user *to, enum subscription_step step, struct xml_element *s)
{
	unsigned before = c->subscription;
	bool routed = subscription_out(&c->subscription, step);
	bool changed = c->subscription != before;
	if (step == STEP_SUBSCRIBE || (step == STEP_SUBSCRIBED && changed))
		c->listed = true;
	if (!(c->subscription & SUB_IN))
		user_set_request(u, c, NULL);
	/* Section 3.2.2: they see us leave while they still may. */
	if (to && step == STEP_UNSUBSCRIBED && before & SUB_FROM)
		presence_show(u, to, false);
	if (to && routed)
		step_in(server, to, u, step, s);
	if (c->listed && changed)
		roster_push(u, c);
	if (to && step == STEP_SUBSCRIBED && changed)
		presence_show(u, to, true);
	user_tidy_contact(u, c);
}

void subscribe_take(
	struct session *c, const struct xmpp_jid *to, struct xml_element *s)
{
	enum subscription_step step =
		subscription_step_of(xml_element_attr_find(s, "type"));
	struct user *u = c->user, *other = user_of(c->server, to);
	struct contact *contact = step == STEP_SUBSCRIBE && other != u
					  ? user_make_contact(u, to)
					  : user_contact(u, to);
	if (contact) {
		struct xml_element *bare = xml_element_dup(s);
		xml_element_attr_span(bare, "from", xmpp_jid_bare(&u->jid));
		xml_element_attr_span(bare, "to", xmpp_jid_bare(to));
		step_out(c->server, u, contact, other, step, bare);
		xml_element_free(bare);
	} else if (step == STEP_SUBSCRIBE) {
		route_bounce(c->server, s,
			other == u ? "not-allowed" : "resource-constraint");
	}
	xml_element_free(s);
}

void subscribe_remind(struct session *c)
{
	for (struct contact *contact = user_next_contact(c->user, NULL);
		contact; contact = user_next_contact(c->user, contact)) {
		if (!(contact->subscription & SUB_IN))
			continue;
		struct xml_element *s =
			contact->request ? xml_element_dup(contact->request)
					 : make(STEP_SUBSCRIBE);
		xml_element_attr_span(s, "from", xmpp_jid_bare(&contact->jid));
		xml_element_attr_span(s, "to", xmpp_jid_bare(&c->user->jid));
		session_send(c, s);
	}
}

static void end_direction(struct server *server, struct user *u,
	struct contact *c, enum subscription_step step)
{
	struct user *other = user_of(server, &c->jid);
	struct xml_element *s = make(step);
	unsigned before = c->subscription;
	bool routed = subscription_out(&c->subscription, step);
	xml_element_attr_span(s, "from", xmpp_jid_bare(&u->jid));
	xml_element_attr_span(s, "to", xmpp_jid_bare(&c->jid));
	if (other && step == STEP_UNSUBSCRIBED && before & SUB_FROM)
		presence_show(u, other, false);
	if (other && routed)
		step_in(server, other, u, step, s);
	xml_element_free(s);
}

void subscribe_end(struct server *server, struct user *u, struct contact *c)
{
	if (c->subscription & (SUB_TO | SUB_OUT))
		end_direction(server, u, c, STEP_UNSUBSCRIBE);
	if (c->subscription & (SUB_FROM | SUB_IN))
		end_direction(server, u, c, STEP_UNSUBSCRIBED);
}
