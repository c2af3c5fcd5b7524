#include "xmpp/disco.h"

#include "xmpp/iq.h"

static struct xmpp_stanza *make(
	const char *to, const char *node, const char *ns)
{
	struct xmpp_stanza *s = xmpp_iq_make("get", to);
	xmpp_stanza_attr(xmpp_stanza_child(s, "query", ns), "node", node);
	return s;
}

struct xmpp_stanza *xmpp_disco_make_info(const char *to, const char *node)
{
	return make(to, node, XMPP_NS_DISCO_INFO);
}

struct xmpp_stanza *xmpp_disco_make_items(const char *to, const char *node)
{
	return make(to, node, XMPP_NS_DISCO_ITEMS);
}

const struct xmpp_stanza *xmpp_disco_query(
	const struct xmpp_stanza *reply, const char *ns)
{
	return xmpp_stanza_find(reply, "query", ns);
}

bool xmpp_disco_has_feature(const struct xmpp_stanza *query, const char *var)
{
	XMPP_DISCO_EACH(query, feature, "feature")
	if (xmpp_stanza_attr_is(feature, "var", var))
		return true;
	return false;
}
