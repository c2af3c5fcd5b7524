/* What is asked of a room or of its service, its administration aside. */
#include "room.h"

#include "base/mem.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"

static void add_feature(struct xml_element *query, const char *var)
{
	xml_element_attr(xml_element_child(query, "feature", NULL), "var", var);
}

/* Section 6.4; of the service where r is NULL. */
static struct xml_element *info(
	const struct room *r, const struct xml_element *request)
{
	struct xml_element *reply = xmpp_stanza_reply(request, "result");
	struct xml_element *query =
		xml_element_child(reply, "query", XMPP_NS_DISCO_INFO);
	struct xml_element *identity =
		xml_element_child(query, "identity", NULL);
	xml_element_attr(identity, "category", "conference");
	xml_element_attr(identity, "type", "text");
	xml_element_attr(identity, "name", r ? r->title : "rooms");
	add_feature(query, XMPP_NS_DISCO_INFO);
	add_feature(query, XMPP_NS_DISCO_ITEMS);
	add_feature(query, XMPP_NS_MUC);
	if (r) {
		add_feature(query, XMPP_NS_SID);
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
static struct xml_element *items(const struct server *server,
	const struct room *r, const struct xml_element *request)
{
	struct xml_element *reply = xmpp_stanza_reply(request, "result");
	struct xml_element *query =
		xml_element_child(reply, "query", XMPP_NS_DISCO_ITEMS);
	for (struct map_node *n = map_next(&server->rooms, NULL); n && !r;
		n = map_next(&server->rooms, n))
		xml_element_attr_span(xml_element_child(query, "item", NULL),
			"jid",
			xmpp_jid_full(&MAP_ITEM(n, struct room, node)->jid));
	if (r)
		LIST_EACH(&r->occupants, at)
		{
			struct occupant *o =
				LIST_ITEM(at, struct occupant, link);
			char *jid = mem_format("%s/%s", r->jid.text, o->nick);
			xml_element_attr(xml_element_child(query, "item", NULL),
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
	struct session *c, const struct xmpp_jid *to, struct xml_element *s)
{
	struct room *r = room_find(c->server, to->local);
	const struct xml_element *payload = xml_element_find(s, NULL, NULL);
	bool get = xml_element_attr_is(s, "type", "get");
	bool ping = get && xml_element_is(payload, "ping", XMPP_NS_PING);
	const char *refusal = "service-unavailable";
	struct xml_element *reply = NULL;
	if (to->resource.n)
		refusal = occupant_request(c, r, to, ping);
	else if (to->local.n && !r)
		refusal = "item-not-found";
	else if (r &&
		 (xml_element_is(payload, NULL, XMPP_NS_MUC_ADMIN) ||
			 xml_element_is(payload, NULL, XMPP_NS_MUC_OWNER))) {
		room_administer(c, r, s);
		return;
	} else if (get && xml_element_is(payload, "query", XMPP_NS_DISCO_INFO))
		reply = info(r, s);
	else if (get && xml_element_is(payload, "query", XMPP_NS_DISCO_ITEMS))
		reply = items(c->server, r, s);
	else if (ping)
		refusal = NULL;
	if (!reply)
		reply = refusal ? xmpp_error_reply(s, refusal, NULL)
				: xmpp_stanza_reply(s, "result");
	session_send(c, reply);
	xml_element_free(s);
}
