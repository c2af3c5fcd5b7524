#include "xmpp/stanza.h"

#include "xmpp/ns.h"

struct xml_element *xmpp_stanza_reply(
	const struct xml_element *s, const char *type)
{
	struct xml_element *reply = xml_element_new(s->name, s->ns);
	xml_element_attr(reply, "from", xml_element_attr_find(s, "to"));
	xml_element_attr(reply, "to", xml_element_attr_find(s, "from"));
	xml_element_attr(reply, "id", xml_element_attr_find(s, "id"));
	return xml_element_attr(reply, "type", type);
}

bool xmpp_stanza_format(struct buf *out, const struct xml_element *s,
	const char *ns, struct err *e)
{
	const struct xml_scope scope = {
		.ns = ns, .prefix = "stream", .prefix_ns = XMPP_NS_STREAM
	};
	return xml_element_format(out, s, &scope, e);
}
