#include "xmpp/host_meta.h"

#include "xmpp/ns.h"
#include "xmpp/parser.h"

#define RELATION "urn:xmpp:alt-connections:websocket"

struct reading {
	struct xmpp_target *found;
	size_t room, count;
	bool is_xrd;
};

static void take_link(struct reading *r, const struct xmpp_stanza *link)
{
	const char *href = xmpp_stanza_attr_find(link, "href");
	if (!href || !xmpp_stanza_attr_is(link, "rel", RELATION) ||
		r->count == r->room)
		return;
	if (xmpp_target_parse_url(&r->found[r->count], span_of(href), NULL))
		r->count++;
}

static void on_document(void *arg, struct xmpp_stanza *s)
{
	struct reading *r = arg;
	r->is_xrd = xmpp_stanza_is(s, "XRD", XMPP_NS_XRD);
	for (const struct xmpp_stanza *c = s->first; r->is_xrd && c;
		c = c->next)
		if (xmpp_stanza_is(c, "Link", XMPP_NS_XRD))
			take_link(r, c);
	xmpp_stanza_free(s);
}

bool xmpp_host_meta_parse(struct span document, struct xmpp_target *found,
	size_t room, size_t *count, struct err *e)
{
	static const struct xmpp_parser_handler handler = {
		.stanza = on_document
	};
	struct reading r = { .found = found, .room = room };
	struct xmpp_parser *p =
		xmpp_parser_new(XMPP_PARSER_DOCUMENT, &handler, &r);
	/* A file ends with a line feed, and may begin with some. */
	bool good = xmpp_parser_feed(p, span_trim(document), e) &&
		    xmpp_parser_end(p, e);
	xmpp_parser_free(p);
	if (good && !r.is_xrd)
		good = err_set(e, STATUS_MALFORMED, "it is no XRD");
	*count = good ? r.count : 0;
	return good;
}
