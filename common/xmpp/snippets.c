#include "xmpp/snippets.h"

#include <string.h>

#include "base/mem.h"
#include "xml/parser.h"
#include "xmpp/ns.h"

struct place {
	unsigned long long line, column;
};

struct xmpp_snippets {
	struct xml_parser *parser;
	struct xml_element *whole; /* came in this piece */
	struct place at;           /* of the next byte */
	struct place begin;        /* of the stanza at hand */
	bool closed;
};

/* ---- the parser, in a stream of its own ---- */

static void on_open(
	void *arg, const struct xml_element *header, const char *content_ns)
{
	(void)arg;
	(void)header;
	(void)content_ns;
}

static void on_stanza(void *arg, struct xml_element *stanza)
{
	struct xmpp_snippets *s = arg;
	s->whole = stanza;
}

static void on_close(void *arg)
{
	struct xmpp_snippets *s = arg;
	s->closed = true;
}

struct xmpp_snippets *xmpp_snippets_new(void)
{
	static const struct xml_parser_handler handler = {
		.open = on_open, .stanza = on_stanza, .close = on_close
	};
	struct xmpp_snippets *s = mem_alloc(sizeof(*s));
	s->parser = xml_parser_new(XML_PARSER_STREAM, &handler, s);
	s->at = s->begin = (struct place){ 1, 1 };
	xml_parser_feed(s->parser,
		SPAN("<stream:stream xmlns='" XMPP_NS_CLIENT
		     "' xmlns:stream='" XMPP_NS_STREAM "'>"),
		NULL);
	return s;
}

void xmpp_snippets_free(struct xmpp_snippets *s)
{
	if (!s)
		return;
	xml_parser_free(s->parser);
	xml_element_free(s->whole);
	mem_free(s);
}

/* ---- lines and columns ---- */

static void step(struct place *at, struct span bytes)
{
	for (size_t i = 0; i < bytes.n; i++) {
		bool goes_on = (bytes.p[i] & 0xc0) == 0x80; /* of a character */
		if (bytes.p[i] == '\n')
			*at = (struct place){ at->line + 1, 1 };
		else if (!goes_on)
			at->column++;
	}
}

static bool refuse(struct err *e, const struct place *at, const char *why)
{
	err_set(e, STATUS_MALFORMED, "%s", why);
	err_prefix(e, "line %llu, column %llu", at->line, at->column);
	return false;
}

static struct span skip_space(struct xmpp_snippets *s, struct span bytes)
{
	size_t n = 0;
	while (n < bytes.n && strchr(" \t\r\n", bytes.p[n]) && bytes.p[n])
		n++;
	step(&s->at, span_first(bytes, n));
	return span_skip(bytes, n);
}

/* ---- one tag after the other ---- */

static bool feed(struct xmpp_snippets *s, struct span piece, struct err *e)
{
	struct err why = ERR_NONE;
	bool good = xml_parser_feed(s->parser, piece, &why);
	size_t rest = good ? 0 : xml_parser_rest(s->parser);
	step(&s->at, span_first(piece, rest < piece.n ? piece.n - rest : 0));
	if (!good)
		return refuse(e, &s->at, why.text);
	if (s->closed)
		return refuse(e, &s->at,
			"an end tag without its start, that of the stream "
			"perhaps, which is not ours to close");
	return true;
}

enum xmpp_snippets_got xmpp_snippets_take(struct xmpp_snippets *s,
	struct span *bytes, struct xml_element **out, struct err *e)
{
	while (bytes->n) {
		if (!xml_parser_is_within_stanza(s->parser)) {
			*bytes = skip_space(s, *bytes);
			s->begin = s->at;
		}
		struct span piece =
			span_first(*bytes, span_find(*bytes, '>', 0) + 1);
		*bytes = span_skip(*bytes, piece.n);
		if (piece.n && !feed(s, piece, e))
			return XMPP_SNIPPETS_FAULT;
		if (s->whole) {
			*out = s->whole;
			s->whole = NULL;
			return XMPP_SNIPPETS_STANZA;
		}
	}
	return XMPP_SNIPPETS_MORE;
}

bool xmpp_snippets_end(const struct xmpp_snippets *s, struct err *e)
{
	if (!xml_parser_is_within_stanza(s->parser))
		return true;
	return refuse(e, &s->begin, "the element that begins here has no end");
}

void xmpp_snippets_place(const struct xmpp_snippets *s,
	unsigned long long *line, unsigned long long *column)
{
	*line = s->begin.line;
	*column = s->begin.column;
}
