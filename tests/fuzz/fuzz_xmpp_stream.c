/* XML of a peer, as a stream or as frames: where the bytes are cut makes no
 * difference, and what was taken is written so that it parses to the same.
 *
 * The first byte of the input says which mode, the second how it is cut. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "xml/parser.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"

#define LOG_MAX (1 << 24)

struct log {
	struct buf text;
	unsigned stanzas;
	struct err e;
};

static void on_open(
	void *arg, const struct xml_element *header, const char *content_ns)
{
	struct log *log = arg;
	buf_printf(&log->text, "open %s ", content_ns);
	if (!xmpp_stanza_format(&log->text, header, NULL, NULL))
		abort();
}

static void on_stanza(void *arg, struct xml_element *stanza)
{
	struct log *log = arg;
	struct xmpp_error error;
	if (xmpp_error_parse(&error, stanza))
		xmpp_error_to_err(&error, NULL);
	/* Longer than it came is possible by references and namespaces. */
	buf_char(&log->text, '\n');
	if (!xmpp_stanza_format(&log->text, stanza, NULL, NULL))
		abort();
	log->stanzas++;
	xml_element_free(stanza);
}

static void on_close(void *arg)
{
	struct log *log = arg;
	buf_str(&log->text, "\nclose");
}

static const struct xml_parser_handler handler = {
	.open = on_open,
	.stanza = on_stanza,
	.close = on_close,
	.root_name = "stream",
	.root_ns = XMPP_NS_STREAM,
};

/* cut is the seed of the lengths of the pieces; 0: one piece. */
static void feed(struct log *log, enum xml_parser_mode mode, struct span in,
	unsigned cut)
{
	struct xml_parser *p = xml_parser_new(mode, &handler, log);
	bool good = true;
	*log = (struct log){ .text = BUF_INIT(LOG_MAX), .e = ERR_NONE };
	while (in.n && good) {
		size_t n = cut ? 1 + cut % 13 : in.n;
		cut = cut ? cut * 1103515245u + 12345u : 0;
		good = xml_parser_feed(p, span_first(in, n), &log->e);
		in = span_skip(in, n);
	}
	if (good && mode == XML_PARSER_DOCUMENT)
		xml_parser_end(p, &log->e);
	xml_parser_free(p);
}

/* A stanza written as a document parses to what is written the same. */
static void check_again(struct span document)
{
	struct log again;
	if (document.n > XMPP_STANZA_MAX)
		return;
	feed(&again, XML_PARSER_DOCUMENT, document, 0);
	/* Prefixes of our own may make a tag too long or too full. */
	bool over = strcmp(again.e.condition, "policy-violation") == 0;
	if (!over && !span_equal(span_skip(buf_view(&again.text), 1), document))
		abort();
	buf_clear(&again.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	struct span in = span_from((const char *)data + 2, size - 2);
	enum xml_parser_mode mode =
		data[0] & 1 ? XML_PARSER_DOCUMENT : XML_PARSER_STREAM;
	struct log whole, pieces;
	feed(&whole, mode, in, 0);
	feed(&pieces, mode, in, data[1] + 1u);
	if (!span_equal(buf_view(&whole.text), buf_view(&pieces.text)) ||
		strcmp(whole.e.condition, pieces.e.condition) != 0)
		abort();
	if (mode == XML_PARSER_DOCUMENT && whole.stanzas)
		check_again(span_skip(buf_view(&whole.text), 1));
	buf_clear(&whole.text);
	buf_clear(&pieces.text);
	return 0;
}
