#include "answer.h"

#include "roster.h"
#include "route.h"
#include "xmpp/ns.h"

static bool empty_result(void *arg, const struct xmpp_stanza *request)
{
	struct session *c = arg;
	xmpp_iqs_answer(c->iqs, xmpp_stanza_reply(request, "result"));
	return true;
}

static void add_identity(struct xmpp_stanza *query, const char *category,
	const char *type, const char *name)
{
	struct xmpp_stanza *s = xmpp_stanza_child(query, "identity", NULL);
	xmpp_stanza_attr(s, "category", category);
	xmpp_stanza_attr(s, "type", type);
	xmpp_stanza_attr(s, "name", name);
}

/* Is it about the server, and not an account? */
static bool is_to_server(
	const struct session *c, const struct xmpp_stanza *request)
{
	const char *to = xmpp_stanza_attr_find(request, "to");
	return to && span_equal(span_of(to), c->server->domain.domain);
}

static bool disco_info(void *arg, const struct xmpp_stanza *request)
{
	static const char *const features[] = { XMPP_NS_DISCO_INFO,
		XMPP_NS_DISCO_ITEMS, XMPP_NS_PING, XMPP_NS_ROSTER,
		"msgoffline", NULL };
	struct session *c = arg;
	struct xmpp_stanza *reply = xmpp_stanza_reply(request, "result");
	struct xmpp_stanza *query =
		xmpp_stanza_child(reply, "query", XMPP_NS_DISCO_INFO);
	if (is_to_server(c, request))
		add_identity(query, "server", "im", "xmppserve");
	else
		add_identity(query, "account", "registered", NULL);
	for (size_t i = 0; features[i]; i++)
		xmpp_stanza_attr(xmpp_stanza_child(query, "feature", NULL),
			"var", features[i]);
	xmpp_iqs_answer(c->iqs, reply);
	return true;
}

/* Nothing hangs below the server. */
static bool disco_items(void *arg, const struct xmpp_stanza *request)
{
	struct session *c = arg;
	struct xmpp_stanza *reply = xmpp_stanza_reply(request, "result");
	xmpp_stanza_child(reply, "query", XMPP_NS_DISCO_ITEMS);
	xmpp_iqs_answer(c->iqs, reply);
	return true;
}

void answer_register(struct session *c)
{
	xmpp_iqs_on(c->iqs, "get", "ping", XMPP_NS_PING, empty_result, c);
	xmpp_iqs_on(c->iqs, "set", "session", XMPP_NS_SESSION, empty_result, c);
	xmpp_iqs_on(c->iqs, "get", "query", XMPP_NS_DISCO_INFO, disco_info, c);
	xmpp_iqs_on(
		c->iqs, "get", "query", XMPP_NS_DISCO_ITEMS, disco_items, c);
	xmpp_iqs_on(c->iqs, "get", "query", XMPP_NS_ROSTER, roster_get, c);
	xmpp_iqs_on(c->iqs, "set", "query", XMPP_NS_ROSTER, roster_set, c);
}

/* An account says to others that it is there, and no more. */
void answer_for_account(
	struct session *c, struct user *u, const struct xmpp_stanza *s)
{
	if (u == c->user)
		xmpp_iqs_take(c->iqs, s);
	else if (xmpp_stanza_attr_is(s, "type", "get") &&
		 xmpp_stanza_find(s, "ping", XMPP_NS_PING))
		session_send(c, xmpp_stanza_reply(s, "result"));
	else
		route_bounce(c, s, "service-unavailable");
}
