#include "xmpp/host_meta.h"

#include "xml/document.h"
#include "xmpp/ns.h"

#define RELATION "urn:xmpp:alt-connections:websocket"

/* Adds the target of a link, where it is such a link and there is room. */
static void take_link(const struct xml_element *link, struct xmpp_target *found,
	size_t room, size_t *count)
{
	const char *href = xml_element_attr_find(link, "href");
	if (!href || !xml_element_attr_is(link, "rel", RELATION) ||
		*count == room)
		return;
	if (xmpp_target_parse_url(&found[*count], span_of(href), NULL))
		++*count;
}

bool xmpp_host_meta_parse(struct span document, struct xmpp_target *found,
	size_t room, size_t *count, struct err *e)
{
	/* A file ends with a line feed, and may begin with some. */
	struct xml_element *xrd = xml_document_read(span_trim(document), e);
	bool good = xrd && xml_element_is(xrd, "XRD", XMPP_NS_XRD);
	*count = 0;
	if (good) {
		XML_ELEMENT_EACH(xrd, link, "Link", XMPP_NS_XRD)
		take_link(link, found, room, count);
	} else if (xrd) {
		err_set(e, STATUS_MALFORMED, "it is no XRD");
	}
	xml_element_free(xrd);
	return good;
}
