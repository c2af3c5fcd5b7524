/* Stanzas somebody has written: cut anywhere they are the same stanzas, or
 * refused; what discovery and rooms read of them stays within bounds. */
#include <stdlib.h>
#include <string.h>

#include "xml/parser.h"
#include "xmpp/caps.h"
#include "xmpp/disco.h"
#include "xmpp/muc.h"
#include "xmpp/ns.h"
#include "xmpp/snippets.h"

static void look_at(const struct xml_element *s)
{
	struct buf ver = BUF_INIT(200);
	struct xmpp_caps caps;
	const struct xml_element *query =
		xmpp_disco_query(s, XMPP_NS_DISCO_INFO);
	const struct xml_element *x = xmpp_muc_user_find(s);
	if (query && xmpp_caps_compute(&ver, query, "sha-1", NULL) &&
		ver.len != 28)
		abort();
	xmpp_caps_find(&caps, s);
	if (x) {
		struct xmpp_muc_item item;
		XML_ELEMENT_EACH(x, at, "item", NULL)
		xmpp_muc_item_parse(&item, at);
		xmpp_muc_has_status(x, 110);
	}
	buf_clear(&ver);
}

/* All of them as text; NULL where it was refused.  To mem_free by buf_take. */
static bool read_by(struct buf *out, struct span all, size_t n)
{
	struct xmpp_snippets *s = xmpp_snippets_new();
	enum xmpp_snippets_got got = XMPP_SNIPPETS_MORE;
	while (all.n && got != XMPP_SNIPPETS_FAULT) {
		struct span now = span_first(all, n);
		struct xml_element *stanza;
		all = span_skip(all, n);
		while ((got = xmpp_snippets_take(s, &now, &stanza, NULL)) ==
			XMPP_SNIPPETS_STANZA) {
			look_at(stanza);
			xmpp_stanza_format(out, stanza, XMPP_NS_CLIENT, NULL);
			xml_element_free(stanza);
		}
	}
	bool good = got != XMPP_SNIPPETS_FAULT && xmpp_snippets_end(s, NULL);
	xmpp_snippets_free(s);
	return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span all = span_from((const char *)data, size);
	struct buf whole = BUF_INIT(1 << 22), cut = BUF_INIT(1 << 22);
	bool good = read_by(&whole, all, size ? size : 1);
	if (good != read_by(&cut, all, 3) ||
		!span_equal(buf_view(&whole), buf_view(&cut)))
		abort();
	buf_clear(&whole);
	buf_clear(&cut);
	return 0;
}
