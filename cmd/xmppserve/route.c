#include "route.h"

#include <string.h>

#include "answer.h"
#include "presence.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"

/* ---- helpers ---- */

void route_bounce(struct session *sender, const struct xmpp_stanza *s,
	const char *condition)
{
	if (!sender || xmpp_stanza_attr_is(s, "type", "error") ||
		xmpp_stanza_attr_is(s, "type", "result"))
		return;
	session_send(sender, xmpp_error_reply(s, condition, NULL));
}

static struct session *find_resource(
	const struct user *u, const struct xmpp_jid *full)
{
	LIST_EACH(&u->sessions, at)
	{
		struct session *c = LIST_ITEM(at, struct session, of_user);
		if (xmpp_jid_equal(&c->jid, full))
			return c;
	}
	return NULL;
}

void route_to_available(struct user *u, struct session *sender,
	const struct xmpp_stanza *s)
{
	LIST_EACH(&u->sessions, at)
	{
		struct session *c = LIST_ITEM(at, struct session, of_user);
		if (c->presence)
			session_deliver(c, sender, xmpp_stanza_dup(s));
	}
}

/* ---- messages (RFC 6121 section 8.5.2.1.1) ---- */

static bool is_type(const struct xmpp_stanza *s, const char *type)
{
	return xmpp_stanza_attr_is(s, "type", type);
}

/* To every available resource that takes messages; false: there is none. */
static bool deliver_message(struct user *u, struct session *sender,
	const struct xmpp_stanza *s)
{
	bool any = false;
	LIST_EACH(&u->sessions, at)
	{
		struct session *c = LIST_ITEM(at, struct session, of_user);
		if (!c->presence || c->priority < 0 || c->dropping)
			continue;
		session_deliver(c, sender, xmpp_stanza_dup(s));
		any = true;
	}
	return any;
}

/* XEP-0160 section 3: what is worth keeping. */
static bool is_worth_keeping(const struct xmpp_stanza *s)
{
	if (is_type(s, "headline") || is_type(s, "groupchat") ||
		is_type(s, "error"))
		return false;
	return !is_type(s, "chat") || xmpp_stanza_find(s, "body", NULL);
}

static void store(struct server *server, struct user *u,
	struct session *sender, struct xmpp_stanza *s)
{
	if (is_worth_keeping(s)) {
		if (user_store(u, s, loop_wall(server->run->loop)))
			return;
		route_bounce(sender, s, "service-unavailable");
	} else if (is_type(s, "groupchat")) {
		route_bounce(sender, s, "service-unavailable");
	}
	xmpp_stanza_free(s);
}

static void message_to_account(struct server *server, struct user *u,
	struct session *sender, struct xmpp_stanza *s)
{
	if (!is_type(s, "groupchat") && deliver_message(u, sender, s))
		xmpp_stanza_free(s);
	else
		store(server, u, sender, s);
}

void route_again(struct server *server, struct user *u, struct xmpp_stanza *s)
{
	message_to_account(server, u, NULL, s);
}

/* ---- to somebody of ours ---- */

/* RFC 6121 section 8.5.3.2: the resource is not there. */
static void no_such_resource(struct server *server, struct user *u,
	struct session *sender, struct xmpp_stanza *s)
{
	if (xmpp_stanza_is(s, "message", NULL) &&
		(is_type(s, "chat") || is_type(s, "normal") ||
			!xmpp_stanza_attr_find(s, "type"))) {
		message_to_account(server, u, sender, s);
		return;
	}
	if (!xmpp_stanza_is(s, "presence", NULL) && !is_type(s, "headline"))
		route_bounce(sender, s, "service-unavailable");
	xmpp_stanza_free(s);
}

static void to_resource(struct session *sender, struct user *u,
	const struct xmpp_jid *to, struct xmpp_stanza *s)
{
	struct session *c = find_resource(u, to);
	if (!c || c->dropping) {
		no_such_resource(sender->server, u, sender, s);
		return;
	}
	if (xmpp_stanza_is(s, "presence", NULL))
		presence_directed(sender, to, s);
	session_deliver(c, sender, s);
}

static void to_account(struct session *sender, struct user *u,
	const struct xmpp_jid *to, struct xmpp_stanza *s)
{
	if (xmpp_stanza_is(s, "message", NULL)) {
		message_to_account(sender->server, u, sender, s);
		return;
	}
	if (xmpp_stanza_is(s, "presence", NULL))
		presence_to_account(sender, u, to, s);
	else
		answer_for_account(sender, u, s);
	xmpp_stanza_free(s);
}

/* A name that nobody has: presence is swallowed, so that nobody learns it
 * from a subscription (RFC 6121 section 3.1.3); the rest comes back. */
static void to_nobody(struct session *sender, struct xmpp_stanza *s)
{
	if (!xmpp_stanza_is(s, "presence", NULL))
		route_bounce(sender, s, "service-unavailable");
	xmpp_stanza_free(s);
}

/* ---- from a client ---- */

static void to_server(struct session *c, struct xmpp_stanza *s)
{
	if (xmpp_stanza_is(s, "iq", NULL))
		xmpp_iqs_take(c->iqs, s);
	else if (xmpp_stanza_is(s, "message", NULL))
		route_bounce(c, s, "service-unavailable");
	xmpp_stanza_free(s);
}

static void to_address(
	struct session *c, const struct xmpp_jid *to, struct xmpp_stanza *s)
{
	struct user *u = NULL;
	if (!span_equal(to->domain, c->server->domain.domain)) {
		route_bounce(c, s, "remote-server-not-found");
		xmpp_stanza_free(s);
		return;
	}
	if (to->local.n == 0) {
		to_server(c, s);
		return;
	}
	u = user_find(c->server, to->local);
	if (!u)
		to_nobody(c, s);
	else if (to->resource.n)
		to_resource(c, u, to, s);
	else
		to_account(c, u, to, s);
}

/* RFC 6120 section 8.1.1.1 and 10.3: to nobody is to one's own account. */
static void to_self(struct session *c, struct xmpp_stanza *s)
{
	if (xmpp_stanza_is(s, "presence", NULL)) {
		presence_broadcast(c, s);
		xmpp_stanza_free(s);
	} else if (xmpp_stanza_is(s, "iq", NULL)) {
		to_server(c, s);
	} else {
		message_to_account(c->server, c->user, c, s);
	}
}

/* True where the stanza has been dealt with by a fault. */
static bool is_faulted(struct session *c, const struct xmpp_stanza *s)
{
	bool message = xmpp_stanza_is(s, "message", NULL);
	if (!message && !xmpp_stanza_find(s, "ping", XMPP_NS_PING))
		return false;
	enum fault_when when = message ? FAULT_MESSAGE : FAULT_PING;
	if (c->server->faults.of[when].what != FAULT_BOUNCE)
		return session_fault(c, when);
	if (fault_now(&c->server->faults, when) != FAULT_BOUNCE)
		return false;
	route_bounce(c, s, "service-unavailable");
	return true;
}

void route_from(struct session *c, struct xmpp_stanza *s)
{
	const char *to_text = xmpp_stanza_attr_find(s, "to");
	struct xmpp_jid to;
	if (is_faulted(c, s)) {
		xmpp_stanza_free(s);
		return;
	}
	xmpp_stanza_attr_span(s, "from", xmpp_jid_full(&c->jid));
	if (!to_text) {
		to_self(c, s);
	} else if (xmpp_jid_parse(&to, span_of(to_text), NULL)) {
		if (xmpp_stanza_is(s, "presence", NULL) &&
			presence_is_subscription(s))
			presence_subscribe(c, &to, s);
		else
			to_address(c, &to, s);
		xmpp_jid_clear(&to);
	} else {
		route_bounce(c, s, "jid-malformed");
		xmpp_stanza_free(s);
	}
}
