#include "route.h"

#include <string.h>

#include "answer.h"
#include "archive.h"
#include "delivery.h"
#include "presence.h"
#include "room.h"
#include "subscribe.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"

#define NS_CHAT_STATES "http://jabber.org/protocol/chatstates" /* XEP-0085 */

/* ---- who is there ---- */

static struct session *find_resource(
	const struct user *u, const struct xmpp_jid *full)
{
	LIST_EACH(&u->sessions, at)
	{
		struct session *c = LIST_ITEM(at, struct session, of_user);
		if (span_equal(c->jid.resource, full->resource))
			return c;
	}
	return NULL;
}

struct session *route_find(
	const struct server *server, const struct xmpp_jid *full)
{
	const struct user *u = user_of(server, full);
	return u ? find_resource(u, full) : NULL;
}

static bool takes_messages(const struct session *c)
{
	return c->presence && c->priority >= 0;
}

/* The highest priority; of several the one that came last. */
static struct session *find_best(const struct user *u)
{
	struct session *best = NULL;
	LIST_EACH(&u->sessions, at)
	{
		struct session *c = LIST_ITEM(at, struct session, of_user);
		if (takes_messages(c) &&
			(!best || c->priority >= best->priority))
			best = c;
	}
	return best;
}

void route_to_available(const struct user *u, const struct xml_element *s)
{
	LIST_EACH(&u->sessions, at)
	{
		struct session *c = LIST_ITEM(at, struct session, of_user);
		if (c->presence)
			session_send(c, xml_element_dup(s));
	}
}

/* ---- errors ---- */

void route_bounce(struct server *server, const struct xml_element *s,
	const char *condition)
{
	const char *from = xml_element_attr_find(s, "from");
	struct xmpp_jid sender;
	if (!from || xml_element_attr_is(s, "type", "error") ||
		xml_element_attr_is(s, "type", "result") ||
		!xmpp_jid_parse(&sender, span_of(from), NULL))
		return;
	struct session *c = route_find(server, &sender);
	xmpp_jid_clear(&sender);
	if (c)
		session_send(c, xmpp_error_reply(s, condition, NULL));
}

static void bounce(
	struct server *server, struct xml_element *s, const char *condition)
{
	route_bounce(server, s, condition);
	xml_element_free(s);
}

/* ---- messages ---- */

/* XEP-0160 section 3: chat states alone are not worth keeping. */
static bool is_worth_keeping(const struct xml_element *s)
{
	XML_ELEMENT_EACH(s, child, NULL, NULL)
	if (strcmp(child->ns, NS_CHAT_STATES) != 0 &&
		!xml_element_is(child, "thread", XMPP_NS_CLIENT))
		return true;
	return false;
}

static void store(struct server *server, struct user *u, struct xml_element *s)
{
	if (!is_worth_keeping(s))
		xml_element_free(s);
	else if (!user_store(u, s, loop_wall(server->loop)))
		bounce(server, s, "service-unavailable");
}

static void to_all(struct user *u, struct xml_element *s)
{
	LIST_EACH(&u->sessions, at)
	{
		struct session *c = LIST_ITEM(at, struct session, of_user);
		if (takes_messages(c))
			session_send(c, xml_element_dup(s));
	}
	xml_element_free(s);
}

/* By the table of section 8.5.4; u is NULL where there is no such account. */
static void message_to(struct server *server, struct user *u,
	enum delivery_address form, struct session *match,
	struct xml_element *s)
{
	struct session *best = u ? find_best(u) : NULL;
	enum delivery_account account = !u     ? ACCOUNT_UNKNOWN
					: best ? ACCOUNT_PRESENT
					       : ACCOUNT_AWAY;
	switch (delivery_of(account, form, delivery_type_of(s))) {
	case DELIVER_NOT:
		xml_element_free(s);
		break;
	case DELIVER_BOUNCE:
		bounce(server, s, "service-unavailable");
		break;
	case DELIVER_STORE:
		store(server, u, s);
		break;
	case DELIVER_TO_IT:
		session_send(match, s);
		break;
	case DELIVER_TO_BEST:
		session_send(best, s);
		break;
	case DELIVER_TO_ALL:
		to_all(u, s);
		break;
	}
}

void route_again(struct server *server, struct user *u, struct xml_element *s)
{
	if (xml_element_is(s, "message", NULL))
		message_to(server, u, ADDRESS_BARE, NULL, s);
	else if (xml_element_is(s, "iq", NULL))
		bounce(server, s, "service-unavailable");
	else
		xml_element_free(s);
}

/* ---- requests and their replies (sections 8.5.2.1.3 and 8.5.3) ---- */

static bool is_reply(const struct xml_element *iq)
{
	return xml_element_attr_is(iq, "type", "result") ||
	       xml_element_attr_is(iq, "type", "error");
}

static void iq_to(struct session *c, struct user *u, const struct xmpp_jid *to,
	struct session *match, struct xml_element *s)
{
	if (is_reply(s)) {
		/* To anything but a resource: of roster pushes, for instance. */
		if (match)
			session_send(match, s);
		else
			xml_element_free(s);
		return;
	}
	if (!answer_is_request(s))
		bounce(c->server, s, "bad-request");
	else if (match && presence_is_shared(match, &c->jid))
		session_send(match, s);
	else if (u && !to->resource.n)
		answer_for_account(c, u, s);
	else
		bounce(c->server, s, "service-unavailable");
}

static void to_server(struct session *c, struct xml_element *s)
{
	if (xml_element_is(s, "message", NULL))
		bounce(c->server, s, "service-unavailable");
	else if (!xml_element_is(s, "iq", NULL) || is_reply(s))
		xml_element_free(s);
	else if (answer_is_request(s))
		answer_for_server(c, s);
	else
		bounce(c->server, s, "bad-request");
}

/* ---- from a client ---- */

static void message_from(struct session *c, struct user *u,
	enum delivery_address form, struct session *match,
	struct xml_element *s)
{
	if (u)
		archive_message(c->server, c->user, u, s);
	message_to(c->server, u, form, match, s);
}

static void to_address(
	struct session *c, const struct xmpp_jid *to, struct xml_element *s)
{
	struct user *u = user_of(c->server, to);
	struct session *match =
		u && to->resource.n ? find_resource(u, to) : NULL;
	if (room_is_address(c->server, to))
		room_take(c, to, s);
	else if (!span_equal(to->domain, c->server->domain.domain))
		bounce(c->server, s, "remote-server-not-found");
	else if (xml_element_is(s, "presence", NULL))
		presence_to(c, to, s);
	else if (to->local.n == 0)
		to_server(c, s);
	else if (xml_element_is(s, "iq", NULL))
		iq_to(c, u, to, match, s);
	else
		message_from(c, u,
			!to->resource.n ? ADDRESS_BARE
			: match         ? ADDRESS_MATCH
					: ADDRESS_NO_MATCH,
			match, s);
}

/* RFC 6120 section 10.3: to one's own account. */
static void to_nobody(struct session *c, struct xml_element *s)
{
	if (xml_element_is(s, "presence", NULL))
		presence_broadcast(c, s);
	else if (xml_element_is(s, "iq", NULL))
		iq_to(c, c->user, &c->user->jid, NULL, s);
	else
		message_from(c, c->user, ADDRESS_BARE, NULL, s);
}

/* True where a fault has dealt with it. */
static bool is_faulted(struct session *c, const struct xml_element *s)
{
	bool message = xml_element_is(s, "message", NULL);
	if (!message && (!xml_element_is(s, "iq", NULL) ||
				!xml_element_find(s, "ping", XMPP_NS_PING)))
		return false;
	enum fault_when when = message ? FAULT_MESSAGE : FAULT_PING;
	enum fault_what what = fault_now(&c->server->faults, when);
	if (what != FAULT_BOUNCE)
		return session_misbehave(c, when, what);
	route_bounce(c->server, s, "service-unavailable");
	return true;
}

void route_from(struct session *c, struct xml_element *s)
{
	const char *to_text = xml_element_attr_find(s, "to");
	struct xmpp_jid to;
	xml_element_attr_span(s, "from", xmpp_jid_full(&c->jid));
	if (is_faulted(c, s)) {
		xml_element_free(s);
	} else if (!to_text) {
		to_nobody(c, s);
	} else if (xmpp_jid_parse(&to, span_of(to_text), NULL)) {
		to_address(c, &to, s);
		xmpp_jid_clear(&to);
	} else {
		bounce(c->server, s, "jid-malformed");
	}
}
