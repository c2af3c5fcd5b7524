#include "xml/parser.h"

#include <string.h>

#include "base/mem.h"
#include "xml/encoding.h"
#include "xml/scan.h"
#include "xml/sax.h"

/* In document mode every frame is a child of this element of ours. */
#define FRAMES_ROOT "<frames>"

struct xml_parser {
	enum xml_parser_mode mode;
	const struct xml_parser_handler *handler;
	void *arg;
	struct xml_encoding encoding;
	struct xml_scan scan;
	struct buf held;           /* what came behind the last whole tag */
	struct buf root;           /* the start tag of the stream */
	struct xml_sax *xml;       /* NULL until the first tag */
	struct xml_element *frame; /* of a frame that is not over */
	struct err fault;          /* what the peer was refused for */
	size_t rest;               /* of this feed, behind what was used */
	bool closed;
	bool stopped; /* by a handler: reset, or freed */
	bool busy;    /* a handler may be running */
	bool doomed;  /* freed by a handler */
};

static void forget(struct xml_parser *p)
{
	p->encoding = (struct xml_encoding){ 0 };
	xml_scan_init(&p->scan, p->mode);
	buf_clear(&p->held);
	buf_clear(&p->root);
	xml_sax_free(p->xml);
	p->xml = NULL;
	xml_element_free(p->frame);
	p->frame = NULL;
	p->fault = ERR_NONE;
	p->closed = false;
}

struct xml_parser *xml_parser_new(enum xml_parser_mode mode,
	const struct xml_parser_handler *handler, void *arg)
{
	struct xml_parser *p = mem_alloc(sizeof(*p));
	*p = (struct xml_parser){ .mode = mode,
		.handler = handler,
		.arg = arg,
		.held = BUF_INIT(XML_ELEMENT_MAX),
		.root = BUF_INIT(XML_TAG_MAX) };
	forget(p);
	return p;
}

void xml_parser_free(struct xml_parser *p)
{
	if (!p)
		return;
	p->stopped = true;
	p->doomed = true;
	if (p->busy)
		return;
	forget(p);
	mem_free(p);
}

void xml_parser_reset(struct xml_parser *p)
{
	p->stopped = true;
	forget(p);
}

/* Back from the handlers: what they asked for happens now. */
static void leave(struct xml_parser *p)
{
	p->busy = false;
	if (p->doomed)
		xml_parser_free(p);
}

/* ---- libxml2's part ---- */

/* A new context stands where the old one stood, between two stanzas. */
static bool renew(struct xml_parser *p)
{
	xml_sax_free(p->xml);
	p->xml = xml_sax_new();
	if (p->mode == XML_PARSER_DOCUMENT)
		return xml_sax_feed(p->xml, SPAN(FRAMES_ROOT), &p->fault);
	if (!p->root.len)
		return true;
	bool fed = xml_sax_feed(p->xml, buf_view(&p->root), &p->fault);
	xml_element_free(xml_sax_take_root(p->xml));
	return fed;
}

/* Scanner and libxml2 must have seen the same, or the bytes are such that the
 * one or the other was misled. */
static bool feed_xml(
	struct xml_parser *p, struct span tags, enum xml_scan_event event)
{
	if (!p->xml && !renew(p))
		return false;
	if (!xml_sax_feed(p->xml, tags, &p->fault))
		return false;
	unsigned below = p->mode == XML_PARSER_DOCUMENT ? 1 : 0;
	if (xml_sax_depth(p->xml) == p->scan.depth + below &&
		xml_sax_is_whole(p->xml) == (event == XML_SCAN_STANZA))
		return true;
	return xml_scan_refuse(&p->fault, "not-well-formed",
		"the tags of a stanza do not match");
}

/* bytes go on from what is held; the first whole of them end with a tag. */
static bool take_bytes(struct xml_parser *p, struct span bytes, size_t whole,
	enum xml_scan_event event)
{
	struct span tags = span_first(bytes, whole);
	if (p->held.len && whole) {
		buf_span(&p->held, tags);
		tags = buf_view(&p->held);
	}
	if (whole && !feed_xml(p, tags, event))
		return false;
	if (whole && event == XML_SCAN_HEADER)
		buf_span(&p->root, tags);
	if (whole)
		buf_reset(&p->held);
	return buf_span(&p->held, span_skip(bytes, whole));
}

/* ---- to the handlers ---- */

static bool deliver_header(struct xml_parser *p)
{
	struct xml_element *root = xml_sax_take_root(p->xml);
	const char *name = p->handler->root_name, *ns = p->handler->root_ns;
	if (!xml_element_is(root, NULL, ns))
		xml_scan_refuse(&p->fault, "invalid-namespace",
			"the root element is not in the namespace %s", ns);
	else if (!xml_element_is(root, name, NULL))
		xml_scan_refuse(&p->fault, "bad-format",
			"the root element is not a <%s/>", name);
	else
		p->handler->open(p->arg, root, xml_sax_content_ns(p->xml));
	xml_element_free(root);
	return !err_is_set(&p->fault);
}

static bool deliver_stanza(struct xml_parser *p)
{
	struct xml_element *stanza = xml_sax_take(p->xml);
	if (xml_sax_is_worn(p->xml) && !renew(p)) {
		xml_element_free(stanza);
		return false;
	}
	if (p->mode == XML_PARSER_DOCUMENT)
		p->frame = stanza;
	else
		p->handler->stanza(p->arg, stanza);
	return true;
}

static bool deliver_close(struct xml_parser *p)
{
	/* <stream:stream/> is both. */
	bool opened = p->root.len > 0;
	if (!opened && !deliver_header(p))
		return false;
	if (p->stopped)
		return true;
	p->closed = true;
	p->handler->close(p->arg);
	return true;
}

static bool deliver(struct xml_parser *p, enum xml_scan_event event)
{
	switch (event) {
	case XML_SCAN_HEADER:
		return deliver_header(p);
	case XML_SCAN_STANZA:
		return deliver_stanza(p);
	case XML_SCAN_CLOSE:
		return deliver_close(p);
	default:
		return true;
	}
}

static bool take_declaration(struct xml_parser *p, struct span bytes)
{
	buf_span(&p->held, bytes);
	bool good = xml_encoding_declaration(buf_view(&p->held), &p->fault);
	buf_reset(&p->held);
	return good;
}

/* ---- the bytes ---- */

static bool run(struct xml_parser *p, struct span bytes)
{
	while (bytes.n && !p->stopped && !p->closed) {
		size_t used, whole;
		enum xml_scan_event event =
			xml_scan_run(&p->scan, bytes, &used, &whole, &p->fault);
		struct span now = span_first(bytes, used);
		bytes = span_skip(bytes, used);
		p->rest -= used;
		if (event == XML_SCAN_FAULT) {
			/* what stands in front of it may have its own */
			take_bytes(p, now, whole, event);
			return false;
		}
		if (event == XML_SCAN_SPACE)
			continue;
		bool good = event == XML_SCAN_XMLDECL
				    ? take_declaration(p, now)
				    : take_bytes(p, now, whole, event) &&
					      deliver(p, event);
		if (!good)
			return false;
	}
	return true;
}

/* What was refused stays refused, with the same sentence. */
static bool refused(struct xml_parser *p, struct err *e)
{
	if (e)
		*e = p->fault;
	return false;
}

/* Only whole characters are looked at. */
static bool run_characters(struct xml_parser *p, struct span bytes)
{
	struct span whole;
	bool bad;
	if (xml_encoding_join(&p->encoding, &bytes, &whole, &bad) &&
		!run(p, whole))
		return false;
	if (!bad && !p->stopped) {
		whole = xml_encoding_run(&p->encoding, bytes, &bad);
		if (!run(p, whole))
			return false;
	}
	if (bad && !p->stopped && !p->closed)
		return xml_scan_refuse(&p->fault, "unsupported-encoding",
			"the stream is not in UTF-8");
	return true;
}

bool xml_parser_feed(struct xml_parser *p, struct span bytes, struct err *e)
{
	if (err_is_set(&p->fault))
		return refused(p, e);
	if (p->closed)
		return true;
	p->busy = true;
	p->stopped = false;
	p->rest = p->encoding.have + bytes.n;
	bool taken = run_characters(p, bytes);
	if (!taken)
		refused(p, e);
	leave(p);
	return taken;
}

bool xml_parser_end(struct xml_parser *p, struct err *e)
{
	if (err_is_set(&p->fault))
		return refused(p, e);
	if (!p->frame || p->encoding.have) {
		xml_scan_refuse(&p->fault, "not-well-formed",
			"a frame ends before its element does, or behind it");
		return refused(p, e);
	}
	struct xml_element *frame = p->frame;
	p->frame = NULL;
	xml_scan_init(&p->scan, p->mode);
	p->busy = true;
	p->handler->stanza(p->arg, frame);
	leave(p);
	return true;
}

size_t xml_parser_rest(const struct xml_parser *p)
{
	return p->rest;
}

void xml_parser_hold(struct xml_parser *p)
{
	p->stopped = true;
	/* The beginning of a character at the end of the rest comes again. */
	p->encoding.have = 0;
}

bool xml_parser_is_within_stanza(const struct xml_parser *p)
{
	return p->held.len > 0 || p->encoding.have > 0 ||
	       p->scan.depth > p->scan.floor;
}
