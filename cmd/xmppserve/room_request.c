/* What is asked of a room or of its service, its administration aside. */
#include "room.h"

#include "base/mem.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"

static void add_feature(struct xmpp_stanza *query, const char *var)
{
	xmpp_stanza_attr(xmpp_stanza_child(query, "feature", NULL), "var", var);
}

/* Section 6.4; of the service where r is NULL. */
static struct xmpp_stanza *info(
	const struct room *r, const struct xmpp_stanza *request)
{
	struct xmpp_stanza *reply = xmpp_stanza_reply(request, "result");
	struct xmpp_stanza *query =
		xmpp_stanza_child(reply, "query", XMPP_NS_DISCO_INFO);
	struct xmpp_stanza *identity =
		xmpp_stanza_child(query, "identity", NULL);
	xmpp_stanza_attr(identity, "category", "conference");
	xmpp_stanza_attr(identity, "type", "text");
	xmpp_stanza_attr(identity, "name", r ? r->title : "rooms");
	add_feature(query, XMPP_NS_DISCO_INFO);
	add_feature(query, XMPP_NS_DISCO_ITEMS);
	add_feature(query, XMPP_NS_MUC);
	if (r) {
		add_feature(query,
			r->members_only ? "muc_membersonly" : "muc_open");
		add_feature(query, r->password ? "muc_passwordprotected"
					       : "muc_unsecured");
		add_feature(query,
			r->moderated ? "muc_moderated" : "muc_unmoderated");
	}
	return reply;
}

/* Sections 6.3 and 6.5. */
static struct xmpp_stanza *items(const struct server *server,
	const struct room *r, const struct xmpp_stanza *request)
{
	struct xmpp_stanza *reply = xmpp_stanza_reply(request, "result");
	struct xmpp_stanza *query =
		xmpp_stanza_child(reply, "query", XMPP_NS_DISCO_ITEMS);
	for (struct map_node *n = map_next(&server->rooms, NULL); n && !r;
		n = map_next(&server->rooms, n))
		xmpp_stanza_attr_span(xmpp_stanza_child(query, "item", NULL),
			"jid",
			xmpp_jid_full(&MAP_ITEM(n, struct room, node)->jid));
	if (r)
		LIST_EACH(&r->occupants, at)
		{
			struct occupant *o =
				LIST_ITEM(at, struct occupant, link);
			char *jid = mem_format("%s/%s", r->jid.text, o->nick);
			xmpp_stanza_attr(xmpp_stanza_child(query, "item", NULL),
				"jid", jid);
			mem_free(jid);
		}
	return reply;
}

/* XEP-0410 section 3.2: who pings itself learns that it is still there. */
static const char *occupant_request(const struct session *c,
	const struct room *r, const struct xmpp_jid *to, bool ping)
{
	const struct occupant *o = r ? room_find_jid(r, &c->jid) : NULL;
	if (!o)
		return "not-acceptable";
	if (!room_find_nick(r, to->resource))
		return "item-not-found";
	return ping && span_is(to->resource, o->nick) ? NULL
						      : "service-unavailable";
}

void room_request(
	struct session *c, const struct xmpp_jid *to, struct xmpp_stanza *s)
{
	struct room *r = room_find(c->server, to->local);
	const struct xmpp_stanza *payload = xmpp_stanza_find(s, NULL, NULL);
	bool get = xmpp_stanza_attr_is(s, "type", "get");
	bool ping = get && xmpp_stanza_is(payload, "ping", XMPP_NS_PING);
	const char *refusal = "service-unavailable";
	struct xmpp_stanza *reply = NULL;
	if (to->resource.n)
		refusal = occupant_request(c, r, to, ping);
	else if (to->local.n && !r)
		refusal = "item-not-found";
	else if (r &&
		 (xmpp_stanza_is(payload, NULL, XMPP_NS_MUC_ADMIN) ||
			 xmpp_stanza_is(payload, NULL, XMPP_NS_MUC_OWNER))) {
		room_administer(c, r, s);
		return;
	} else if (get && xmpp_stanza_is(payload, "query", XMPP_NS_DISCO_INFO))
		reply = info(r, s);
	else if (get && xmpp_stanza_is(payload, "query", XMPP_NS_DISCO_ITEMS))
		reply = items(c->server, r, s);
	else if (ping)
		refusal = NULL;
	if (!reply)
		reply = refusal ? xmpp_error_reply(s, refusal, NULL)
				: xmpp_stanza_reply(s, "result");
	session_send(c, reply);
	xmpp_stanza_free(s);
}
