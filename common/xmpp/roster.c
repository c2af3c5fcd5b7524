#include "xmpp/roster.h"

#include <string.h>

#include "xmpp/ns.h"

static const char *const subscriptions[] = {
	[XMPP_SUBSCRIPTION_NONE] = "none",
	[XMPP_SUBSCRIPTION_TO] = "to",
	[XMPP_SUBSCRIPTION_FROM] = "from",
	[XMPP_SUBSCRIPTION_BOTH] = "both",
	[XMPP_SUBSCRIPTION_REMOVE] = "remove",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *xmpp_subscription_text(enum xmpp_subscription s)
{
	return subscriptions[s];
}

bool xmpp_roster_item_parse(
	struct xmpp_roster_item *item, const struct xmpp_stanza *s)
{
	const char *jid = xmpp_stanza_attr_find(s, "jid");
	if (!xmpp_stanza_is(s, "item", XMPP_NS_ROSTER) || !jid)
		return false;
	struct xmpp_roster_item found = { .jid = jid,
		.name = xmpp_stanza_attr_find(s, "name"),
		.ask = xmpp_stanza_attr_is(s, "ask", "subscribe"),
		.approved = xmpp_stanza_attr_is(s, "approved", "true") ||
			    xmpp_stanza_attr_is(s, "approved", "1"),
		.element = s };
	for (size_t i = 0; i < COUNT(subscriptions); i++)
		if (xmpp_stanza_attr_is(s, "subscription", subscriptions[i]))
			found.subscription = (enum xmpp_subscription)i;
	*item = found;
	return true;
}

struct xmpp_stanza *xmpp_roster_make_get(void)
{
	struct xmpp_stanza *s = xmpp_iq_make("get", NULL);
	xmpp_stanza_child(s, "query", XMPP_NS_ROSTER);
	return s;
}

bool xmpp_roster_push_parse(struct xmpp_roster_item *item,
	const struct xmpp_stanza *request, const struct xmpp_jid *self)
{
	if (!xmpp_from_account(xmpp_stanza_attr_find(request, "from"), self))
		return false;
	const struct xmpp_stanza *query =
		xmpp_stanza_find(request, "query", XMPP_NS_ROSTER);
	const struct xmpp_stanza *only =
		query ? xmpp_stanza_find(query, NULL, NULL) : NULL;
	return only && !xmpp_stanza_next(only, NULL, NULL) &&
	       xmpp_roster_item_parse(item, only);
}
