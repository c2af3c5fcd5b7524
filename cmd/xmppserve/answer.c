#include "answer.h"

#include "room.h"
#include "roster.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"

/* Whom it is asked of. */
enum { SERVER = 1, OWN = 2, OTHER = 4, ANY = SERVER | OWN | OTHER };

static void give_nothing(struct session *c, const struct xmpp_stanza *request)
{
	session_send(c, xmpp_stanza_reply(request, "result"));
}

static void server_info(struct session *c, const struct xmpp_stanza *request);
static void account_info(struct session *c, const struct xmpp_stanza *request);
static void server_items(struct session *c, const struct xmpp_stanza *request);
static void account_items(struct session *c, const struct xmpp_stanza *request);

/* Who is not named in `of` gets `refusal`, else service-unavailable. */
static const struct answer {
	const char *type, *name, *ns;
	unsigned of;
	const char *refusal;
	void (*give)(struct session *c, const struct xmpp_stanza *request);
} answers[] = {
	{ "get", "ping", XMPP_NS_PING, ANY, NULL, give_nothing },
	{ "set", "session", XMPP_NS_SESSION, SERVER | OWN, NULL, give_nothing },
	{ "get", "query", XMPP_NS_DISCO_INFO, SERVER, NULL, server_info },
	{ "get", "query", XMPP_NS_DISCO_INFO, OWN, NULL, account_info },
	{ "get", "query", XMPP_NS_DISCO_ITEMS, SERVER, NULL, server_items },
	{ "get", "query", XMPP_NS_DISCO_ITEMS, OWN, NULL, account_items },
	{ "get", "query", XMPP_NS_ROSTER, OWN, "forbidden", roster_get },
	{ "set", "query", XMPP_NS_ROSTER, OWN, "forbidden", roster_set },
};

#define ANSWER_COUNT (sizeof(answers) / sizeof(answers[0]))

/* ---- service discovery ---- */

static struct xmpp_stanza *info(const struct xmpp_stanza *request,
	const char *category, const char *type)
{
	struct xmpp_stanza *reply = xmpp_stanza_reply(request, "result");
	struct xmpp_stanza *query =
		xmpp_stanza_child(reply, "query", XMPP_NS_DISCO_INFO);
	struct xmpp_stanza *identity =
		xmpp_stanza_child(query, "identity", NULL);
	xmpp_stanza_attr(identity, "category", category);
	xmpp_stanza_attr(identity, "type", type);
	return reply;
}

static void add_features(struct xmpp_stanza *reply, const char *const *list)
{
	struct xmpp_stanza *query =
		xmpp_stanza_find(reply, "query", XMPP_NS_DISCO_INFO);
	for (; *list; list++)
		xmpp_stanza_attr(xmpp_stanza_child(query, "feature", NULL),
			"var", *list);
}

static void server_info(struct session *c, const struct xmpp_stanza *request)
{
	/* msgoffline: XEP-0160 */
	static const char *const features[] = { XMPP_NS_DISCO_INFO,
		XMPP_NS_DISCO_ITEMS, XMPP_NS_PING, "msgoffline", NULL };
	struct xmpp_stanza *reply = info(request, "server", "im");
	xmpp_stanza_attr(
		xmpp_stanza_find(xmpp_stanza_find(reply, "query", NULL),
			"identity", NULL),
		"name", "xmppserve");
	add_features(reply, features);
	session_send(c, reply);
}

static void account_info(struct session *c, const struct xmpp_stanza *request)
{
	static const char *const features[] = { XMPP_NS_DISCO_INFO,
		XMPP_NS_DISCO_ITEMS, XMPP_NS_PING, XMPP_NS_ROSTER, NULL };
	struct xmpp_stanza *reply = info(request, "account", "registered");
	add_features(reply, features);
	session_send(c, reply);
}

static void server_items(struct session *c, const struct xmpp_stanza *request)
{
	struct xmpp_stanza *reply = xmpp_stanza_reply(request, "result");
	struct xmpp_stanza *query =
		xmpp_stanza_child(reply, "query", XMPP_NS_DISCO_ITEMS);
	struct buf rooms = BUF_INIT(XMPP_JID_MAX);
	room_service(c->server, &rooms);
	xmpp_stanza_attr(xmpp_stanza_child(query, "item", NULL), "jid",
		buf_text(&rooms));
	buf_clear(&rooms);
	session_send(c, reply);
}

/* XEP-0030 section 4.2: the resources that are there. */
static void account_items(struct session *c, const struct xmpp_stanza *request)
{
	struct xmpp_stanza *reply = xmpp_stanza_reply(request, "result");
	struct xmpp_stanza *query =
		xmpp_stanza_child(reply, "query", XMPP_NS_DISCO_ITEMS);
	LIST_EACH(&c->user->sessions, at)
	{
		struct session *s = LIST_ITEM(at, struct session, of_user);
		if (s->presence)
			xmpp_stanza_attr_span(
				xmpp_stanza_child(query, "item", NULL), "jid",
				xmpp_jid_full(&s->jid));
	}
	session_send(c, reply);
}

/* ---- the whole ---- */

bool answer_is_request(const struct xmpp_stanza *iq)
{
	const struct xmpp_stanza *payload = xmpp_stanza_find(iq, NULL, NULL);
	return (xmpp_stanza_attr_is(iq, "type", "get") ||
		       xmpp_stanza_attr_is(iq, "type", "set")) &&
	       xmpp_stanza_attr_find(iq, "id") && payload &&
	       !xmpp_stanza_next(payload, NULL, NULL);
}

static void answer(struct session *c, struct xmpp_stanza *request, unsigned of)
{
	const struct xmpp_stanza *payload =
		xmpp_stanza_find(request, NULL, NULL);
	const char *condition = "service-unavailable";
	for (size_t i = 0; i < ANSWER_COUNT; i++) {
		const struct answer *a = &answers[i];
		if (!xmpp_stanza_attr_is(request, "type", a->type) ||
			!xmpp_stanza_is(payload, a->name, a->ns))
			continue;
		if (a->of & of) {
			a->give(c, request);
			xmpp_stanza_free(request);
			return;
		}
		if (a->refusal)
			condition = a->refusal;
	}
	session_send(c, xmpp_error_reply(request, condition, NULL));
	xmpp_stanza_free(request);
}

void answer_for_server(struct session *c, struct xmpp_stanza *request)
{
	answer(c, request, SERVER);
}

void answer_for_account(
	struct session *c, const struct user *u, struct xmpp_stanza *request)
{
	answer(c, request, u == c->user ? OWN : OTHER);
}
