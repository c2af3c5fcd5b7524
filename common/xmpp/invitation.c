#include "xmpp/invitation.h"

#include "xmpp/muc.h"
#include "xmpp/ns.h"

static bool is_room(const char *text)
{
	struct xmpp_jid jid;
	if (!text || !xmpp_jid_parse(&jid, span_of(text), NULL))
		return false;
	bool is = jid.local.n && !jid.resource.n;
	xmpp_jid_clear(&jid);
	return is;
}

static bool is_jid(const char *text)
{
	struct xmpp_jid jid;
	if (!text || !xmpp_jid_parse(&jid, span_of(text), NULL))
		return false;
	xmpp_jid_clear(&jid);
	return true;
}

/* Section 7.8.2: from the room; who invites may be hidden. */
static bool read_mediated(struct xmpp_invitation *i, const char *sender,
	const struct xml_element *invite)
{
	const char *from = xml_element_attr_find(invite, "from");
	if (!is_room(sender) || (from && !is_jid(from)))
		return false;
	i->from = from ? from : sender;
	i->room = sender;
	i->reason = xml_element_child_text(invite, "reason", invite->ns);
	return true;
}

static bool read_direct(struct xmpp_invitation *i, const char *sender,
	const struct xml_element *x)
{
	const char *reason = xml_element_attr_find(x, "reason");
	i->from = sender;
	i->room = xml_element_attr_find(x, "jid");
	i->reason = reason ? span_of(reason) : SPAN_EMPTY;
	return is_room(i->room);
}

bool xmpp_invitation_read(
	struct xmpp_invitation *i, const struct xmpp_message *m)
{
	const struct xml_element *s = m->stanza;
	const struct xml_element *user = xmpp_muc_user_find(s);
	const struct xml_element *invite =
		user ? xml_element_find(user, "invite", XMPP_NS_MUC_USER)
		     : NULL;
	const struct xml_element *x =
		xml_element_find(s, "x", XMPP_NS_CONFERENCE);
	if (!invite && !x)
		return false;
	const char *sender = xml_element_attr_find(s, "from");
	if (m->sent || !is_jid(sender) ||
		xml_element_attr_is(s, "type", "error") ||
		xml_element_attr_is(s, "type", "groupchat"))
		return false;
	if (invite)
		return read_mediated(i, sender, invite);
	return read_direct(i, sender, x);
}
