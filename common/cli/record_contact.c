#include "cli/record_contact.h"

#include "xmpp/ns.h"

bool record_contact(const struct record_xmpp *x, usec_t wall,
	const struct xmpp_roster_item *item, struct err *e)
{
	struct record r;
	struct buf groups = BUF_INIT(RECORD_XMPP_TEXTS_MAX);
	record_xmpp_texts(&groups, item->element, "group", XMPP_NS_ROSTER);
	record_begin(&r, x->out, RECORD_CONTACT, RECORD_XMPP, wall);
	if (x->account)
		record_str(&r, KEY_ACCOUNT, x->account);
	record_str(&r, KEY_JID, item->jid);
	record_str(&r, KEY_SUBSCRIPTION,
		xmpp_subscription_text(item->subscription));
	if (item->name)
		record_str(&r, KEY_NAME, item->name);
	record_json(&r, KEY_GROUPS, buf_view(&groups));
	if (item->ask)
		record_bool(&r, KEY_ASK, true);
	if (item->approved)
		record_bool(&r, KEY_APPROVED, true);
	bool written = record_end(&r, e);
	buf_clear(&groups);
	return written;
}
