/* What is said in the room. */
#include <string.h>

#include "base/mem.h"
#include "xmpp/muc_private.h"
#include "xmpp/ns.h"

/* XEP-0359 section 4: `by` is the room, which must vouch for it; there is one
 * of each `by`, and where there are two, one is a lie. */
const char *xmpp_muc_room_stanza_id(
	const struct xmpp_muc_room *r, const struct xml_element *s)
{
	const char *found = NULL;
	if (!r->ids)
		return NULL;
	XML_ELEMENT_EACH(s, id, "stanza-id", XMPP_NS_SID)
	{
		struct xmpp_jid by;
		if (!xmpp_jid_parse(&by,
			    span_of(xml_element_attr_find(id, "by")), NULL))
			continue;
		bool is_room = xmpp_jid_equal(&by, &r->jid);
		xmpp_jid_clear(&by);
		if (is_room && found)
			return NULL;
		if (is_room)
			found = xml_element_attr_find(id, "id");
	}
	return found;
}

static void take_groupchat(
	struct xmpp_muc_room *r, const struct xml_element *s, const char *nick)
{
	const struct xml_element *subject =
		xml_element_find(s, "subject", XMPP_NS_CLIENT);
	bool is_subject =
		subject && !xml_element_find(s, "body", XMPP_NS_CLIENT);
	/* What is asked for again to find our own in it. */
	bool is_review = r->was_in && r->phase == XMPP_MUC_JOINING &&
			 xml_element_find(s, "delay", XMPP_NS_DELAY);
	if (is_subject) {
		if (r->handlers.subject)
			r->handlers.subject(
				r->arg, s, nick, xml_element_text_get(subject));
	} else if (nick && r->handlers.message && !is_review) {
		r->handlers.message(r->arg, s, nick);
	}
	if (nick)
		xmpp_muc_take_reflection(r, s, nick, is_subject);
}

bool xmpp_muc_room_take_message(
	struct xmpp_muc_room *r, const struct xml_element *s)
{
	struct xmpp_jid from;
	if (!xmpp_muc_is_from(r, s, &from))
		return false;
	bool error = xml_element_attr_is(s, "type", "error");
	bool groupchat = xml_element_attr_is(s, "type", "groupchat");
	char *nick = from.resource.n ? span_dup(from.resource) : NULL;
	if (r->phase != XMPP_MUC_ENDED) {
		xmpp_muc_heard(r);
		if (error)
			xmpp_muc_take_bounce(r, s);
		else if (groupchat)
			take_groupchat(r, s, nick);
	}
	mem_free(nick);
	xmpp_jid_clear(&from);
	return error || groupchat;
}
