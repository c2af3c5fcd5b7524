#include "xmpp/host_meta.h"

#include <string.h>

#include "xml/document.h"
#include "xmpp/host_meta_links.h"
#include "xmpp/ns.h"

/* ---- links ---- */

/* XEP-0156 section 2.1; of a WebSocket the URL begins with wss, of BOSH with
 * https. */
static const struct {
	const char *relation;
	enum xmpp_security kind;
} relations[] = {
	{ "urn:xmpp:alt-connections:websocket", XMPP_SECURITY_WEBSOCKET },
	{ "urn:xmpp:alt-connections:xbosh", XMPP_SECURITY_BOSH },
};

static bool is_kind(const char *rel, enum xmpp_security kind)
{
	for (size_t i = 0; i < sizeof(relations) / sizeof(*relations); i++)
		if (strcmp(rel, relations[i].relation) == 0)
			return relations[i].kind == kind;
	return false;
}

/* The order of the links says nothing (section 2.2); ours is that a WebSocket is
 * one connection where BOSH is two. */
void xmpp_links_take(struct xmpp_links *l, const char *rel, const char *href)
{
	struct xmpp_target t;
	if (!rel || !href || !xmpp_target_parse_url(&t, span_of(href), NULL) ||
		!(l->kinds & XMPP_TARGET_KIND_OF(t.security)) ||
		!is_kind(rel, t.security))
		return;
	size_t at = l->count;
	if (t.security == XMPP_SECURITY_WEBSOCKET)
		at = l->websockets;
	if (at == l->room)
		return;
	/* The last of BOSH gives way. */
	if (l->count == l->room)
		l->count--;
	memmove(&l->found[at + 1], &l->found[at],
		(l->count - at) * sizeof(*l->found));
	l->found[at] = t;
	l->count++;
	l->websockets += t.security == XMPP_SECURITY_WEBSOCKET;
}

/* ---- XRD ---- */

bool xmpp_host_meta_parse(struct span document, unsigned kinds,
	struct xmpp_target *found, size_t room, size_t *count, struct err *e)
{
	struct xmpp_links links = {
		.kinds = kinds, .found = found, .room = room
	};
	/* A file ends with a line feed, and may begin with some. */
	struct xml_element *xrd = xml_document_read(span_trim(document), e);
	bool good = xrd && xml_element_is(xrd, "XRD", XMPP_NS_XRD);
	if (good) {
		XML_ELEMENT_EACH(xrd, link, "Link", XMPP_NS_XRD)
		xmpp_links_take(&links, xml_element_attr_find(link, "rel"),
			xml_element_attr_find(link, "href"));
	} else if (xrd) {
		err_set(e, STATUS_MALFORMED, "it is no XRD");
	}
	xml_element_free(xrd);
	*count = links.count;
	return good;
}
