#include "answer.h"

#include "archive.h"
#include "private.h"
#include "room.h"
#include "roster.h"
#include "xmpp/bookmark.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"

/* Whom it is asked of. */
enum { SERVER = 1, OWN = 2, OTHER = 4, ANY = SERVER | OWN | OTHER };

static void give_nothing(struct session *c, const struct xml_element *request)
{
	session_send(c, xmpp_stanza_reply(request, "result"));
}

static void server_info(struct session *c, const struct xml_element *request);
static void account_info(struct session *c, const struct xml_element *request);
static void server_items(struct session *c, const struct xml_element *request);
static void account_items(struct session *c, const struct xml_element *request);

/* Who is not named in `of` gets `refusal`, else service-unavailable. */
static const struct answer {
	const char *type, *name, *ns;
	unsigned of;
	const char *refusal;
	void (*give)(struct session *c, const struct xml_element *request);
} answers[] = {
	{ "get", "ping", XMPP_NS_PING, ANY, NULL, give_nothing },
	{ "set", "session", XMPP_NS_SESSION, SERVER | OWN, NULL, give_nothing },
	{ "get", "query", XMPP_NS_DISCO_INFO, SERVER, NULL, server_info },
	{ "get", "query", XMPP_NS_DISCO_INFO, OWN, NULL, account_info },
	{ "get", "query", XMPP_NS_DISCO_ITEMS, SERVER, NULL, server_items },
	{ "get", "query", XMPP_NS_DISCO_ITEMS, OWN, NULL, account_items },
	{ "get", "query", XMPP_NS_ROSTER, OWN, "forbidden", roster_get },
	{ "set", "query", XMPP_NS_ROSTER, OWN, "forbidden", roster_set },
	{ "set", "query", XMPP_NS_MAM, OWN, "forbidden", archive_query },
	{ "get", "prefs", XMPP_NS_MAM, OWN, "forbidden", archive_preferences },
	{ "get", "query", XMPP_NS_PRIVATE, OWN, "forbidden", private_get },
	{ "set", "query", XMPP_NS_PRIVATE, OWN, "forbidden", private_set },
};

#define ANSWER_COUNT (sizeof(answers) / sizeof(answers[0]))

/* ---- service discovery ---- */

static struct xml_element *info(const struct xml_element *request,
	const char *category, const char *type)
{
	struct xml_element *reply = xmpp_stanza_reply(request, "result");
	struct xml_element *query =
		xml_element_child(reply, "query", XMPP_NS_DISCO_INFO);
	struct xml_element *identity =
		xml_element_child(query, "identity", NULL);
	xml_element_attr(identity, "category", category);
	xml_element_attr(identity, "type", type);
	return reply;
}

static void add_features(struct xml_element *reply, const char *const *list)
{
	struct xml_element *query =
		xml_element_find(reply, "query", XMPP_NS_DISCO_INFO);
	for (; *list; list++)
		xml_element_attr(xml_element_child(query, "feature", NULL),
			"var", *list);
}

static void server_info(struct session *c, const struct xml_element *request)
{
	/* msgoffline: XEP-0160 */
	static const char *const features[] = { XMPP_NS_DISCO_INFO,
		XMPP_NS_DISCO_ITEMS, XMPP_NS_PING, "msgoffline", NULL };
	struct xml_element *reply = info(request, "server", "im");
	xml_element_attr(
		xml_element_find(xml_element_find(reply, "query", NULL),
			"identity", NULL),
		"name", "xmppserve");
	add_features(reply, features);
	session_send(c, reply);
}

static void account_info(struct session *c, const struct xml_element *request)
{
	static const char *const features[] = { XMPP_NS_DISCO_INFO,
		XMPP_NS_DISCO_ITEMS, XMPP_NS_PING, XMPP_NS_ROSTER, NULL };
	static const char *const kept[] = { XMPP_NS_MAM, XMPP_NS_SID, NULL };
	struct xml_element *reply = info(request, "account", "registered");
	add_features(reply, features);
	if (c->server->archive)
		add_features(reply, kept);
	session_send(c, reply);
}

static void server_items(struct session *c, const struct xml_element *request)
{
	struct xml_element *reply = xmpp_stanza_reply(request, "result");
	struct xml_element *query =
		xml_element_child(reply, "query", XMPP_NS_DISCO_ITEMS);
	struct buf rooms = BUF_INIT(XMPP_JID_MAX);
	room_service(c->server, &rooms);
	xml_element_attr(xml_element_child(query, "item", NULL), "jid",
		buf_text(&rooms));
	buf_clear(&rooms);
	session_send(c, reply);
}

/* XEP-0030 section 4.2: the resources that are there. */
static void account_items(struct session *c, const struct xml_element *request)
{
	struct xml_element *reply = xmpp_stanza_reply(request, "result");
	struct xml_element *query =
		xml_element_child(reply, "query", XMPP_NS_DISCO_ITEMS);
	LIST_EACH(&c->user->sessions, at)
	{
		struct session *s = LIST_ITEM(at, struct session, of_user);
		if (s->presence)
			xml_element_attr_span(
				xml_element_child(query, "item", NULL), "jid",
				xmpp_jid_full(&s->jid));
	}
	session_send(c, reply);
}

/* ---- the whole ---- */

bool answer_is_request(const struct xml_element *iq)
{
	const struct xml_element *payload = xml_element_find(iq, NULL, NULL);
	return (xml_element_attr_is(iq, "type", "get") ||
		       xml_element_attr_is(iq, "type", "set")) &&
	       xml_element_attr_find(iq, "id") && payload &&
	       !xml_element_next(payload, NULL, NULL);
}

static void answer(struct session *c, struct xml_element *request, unsigned of)
{
	const struct xml_element *payload =
		xml_element_find(request, NULL, NULL);
	const char *condition = "service-unavailable";
	for (size_t i = 0; i < ANSWER_COUNT; i++) {
		const struct answer *a = &answers[i];
		if (!xml_element_attr_is(request, "type", a->type) ||
			!xml_element_is(payload, a->name, a->ns))
			continue;
		if (a->of & of) {
			a->give(c, request);
			xml_element_free(request);
			return;
		}
		if (a->refusal)
			condition = a->refusal;
	}
	session_send(c, xmpp_error_reply(request, condition, NULL));
	xml_element_free(request);
}

void answer_for_server(struct session *c, struct xml_element *request)
{
	answer(c, request, SERVER);
}

void answer_for_account(
	struct session *c, const struct user *u, struct xml_element *request)
{
	answer(c, request, u == c->user ? OWN : OTHER);
}
