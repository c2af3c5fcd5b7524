/* What is said in a room: XEP-0045 sections 7.4, 7.5, 7.8, 8.1. */
#include "room.h"

#include "base/mem.h"
#include "base/rand.h"
#include "route.h"
#include "xmpp/ns.h"

#define ID_LENGTH 20

/* XEP-0359 section 4: nobody else gives ids in the room's name. */
static void give_id(const struct room *r, struct xml_element *s)
{
	char id[ID_LENGTH + 1];
	struct xml_element *at = xml_element_find(s, "stanza-id", XMPP_NS_SID);
	while (at) {
		struct xml_element *next =
			xml_element_next(at, "stanza-id", XMPP_NS_SID);
		if (xml_element_attr_is(at, "by", r->jid.text))
			xml_element_remove(at);
		at = next;
	}
	rand_token(id, ID_LENGTH);
	at = xml_element_child(s, "stanza-id", XMPP_NS_SID);
	xml_element_attr(at, "by", r->jid.text);
	xml_element_attr(at, "id", id);
}

static void to_occupants(
	struct room *r, const struct occupant *o, struct xml_element *s)
{
	const struct xml_element *subject =
		xml_element_find(s, "subject", XMPP_NS_CLIENT);
	if (subject && !xml_element_find(s, "body", XMPP_NS_CLIENT)) {
		mem_free(r->subject);
		mem_free(r->subject_by);
		r->subject = span_dup(xml_element_text_get(subject));
		r->subject_by = mem_str(o->nick);
	}
	give_id(r, s);
	LIST_EACH(&r->occupants, at)
	room_send(r, o->nick, LIST_ITEM(at, struct occupant, link),
		xml_element_dup(s));
}

static const char *invite(struct room *r, const struct occupant *o,
	const struct xml_element *invitation)
{
	const char *text = xml_element_attr_find(invitation, "to");
	struct xmpp_jid to;
	if (!text || !xmpp_jid_parse(&to, span_of(text), NULL))
		return "jid-malformed";
	struct user *u = user_of(r->server, &to);
	if (r->members_only && room_affiliation(r, &to) < XMPP_MUC_MEMBER)
		room_set_affiliation(r, &to, XMPP_MUC_MEMBER);
	if (u) {
		struct xml_element *s =
			xml_element_new("message", XMPP_NS_CLIENT);
		struct xml_element *x =
			xml_element_child(s, "x", XMPP_NS_MUC_USER);
		xml_element_attr_span(s, "from", xmpp_jid_full(&r->jid));
		xml_element_attr_span(s, "to", xmpp_jid_full(&to));
		struct xml_element *copy = xml_element_add(x, invitation);
		xml_element_attr(copy, "to", NULL);
		xml_element_attr_span(copy, "from", xmpp_jid_full(&o->jid));
		if (r->password)
			xml_element_text(xml_element_child(x, "password", NULL),
				r->password);
		route_again(r->server, u, s);
	}
	xmpp_jid_clear(&to);
	return u ? NULL : "item-not-found";
}

const char *room_message(struct session *c, const struct xmpp_jid *to,
	const struct xml_element *s)
{
	struct room *r = room_find(c->server, to->local);
	struct occupant *o = r ? room_find_jid(r, &c->jid) : NULL;
	const struct xml_element *x = xmpp_muc_user_find(s);
	const struct xml_element *invitation =
		x ? xml_element_find(x, "invite", XMPP_NS_MUC_USER) : NULL;
	bool to_all = xml_element_attr_is(s, "type", "groupchat");
	if (!r)
		return "item-not-found";
	if (!o)
		return "not-acceptable";
	if (to->resource.n) {
		struct occupant *one = room_find_nick(r, to->resource);
		if (one && !to_all)
			room_send(r, o->nick, one, xml_element_dup(s));
		return to_all ? "bad-request" : one ? NULL : "item-not-found";
	}
	if (invitation)
		return invite(r, o, invitation);
	if (!to_all)
		return "bad-request";
	if (o->role < XMPP_MUC_PARTICIPANT)
		return "forbidden";
	to_occupants(r, o, xml_element_dup(s));
	return NULL;
}
