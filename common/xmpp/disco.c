#include "xmpp/disco.h"

#include "xmpp/iq.h"

static struct xml_element *make(
	const char *to, const char *node, const char *ns)
{
	struct xml_element *s = xmpp_iq_make("get", to);
	xml_element_attr(xml_element_child(s, "query", ns), "node", node);
	return s;
}

struct xml_element *xmpp_disco_make_info(const char *to, const char *node)
{
	return make(to, node, XMPP_NS_DISCO_INFO);
}

struct xml_element *xmpp_disco_make_items(const char *to, const char *node)
{
	return make(to, node, XMPP_NS_DISCO_ITEMS);
}

const struct xml_element *xmpp_disco_query(
	const struct xml_element *reply, const char *ns)
{
	return xml_element_find(reply, "query", ns);
}

bool xmpp_disco_has_feature(const struct xml_element *query, const char *var)
{
	XMPP_DISCO_EACH(query, feature, "feature")
	if (xml_element_attr_is(feature, "var", var))
		return true;
	return false;
}
