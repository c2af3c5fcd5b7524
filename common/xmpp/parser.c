#include "xmpp/parser.h"

#include <string.h>

#include "base/mem.h"
#include "xmpp/encoding.h"
#include "xmpp/ns.h"
#include "xmpp/scan.h"
#include "xmpp/xml.h"

/* In document mode every frame is a child of this element of ours. */
#define FRAMES_ROOT "<frames>"

struct xmpp_parser {
	enum xmpp_parser_mode mode;
	const struct xmpp_parser_handler *handler;
	void *arg;
	struct xmpp_encoding encoding;
	struct xmpp_scan scan;
	struct buf held;           /* what came behind the last whole tag */
	struct buf root;           /* the start tag of the stream */
	struct xmpp_xml *xml;      /* NULL until the first tag */
	struct xmpp_stanza *frame; /* of a frame that is not over */
	struct err fault;          /* what the peer was refused for */
	size_t rest;               /* of this feed, behind what was used */
	bool closed;
	bool stopped; /* by a handler: reset, or freed */
	bool busy;    /* a handler may be running */
	bool doomed;  /* freed by a handler */
};

static void forget(struct xmpp_parser *p)
{
	p->encoding = (struct xmpp_encoding){ 0 };
	xmpp_scan_init(&p->scan, p->mode);
	buf_clear(&p->held);
	buf_clear(&p->root);
	xmpp_xml_free(p->xml);
	p->xml = NULL;
	xmpp_stanza_free(p->frame);
	p->frame = NULL;
	p->fault = ERR_NONE;
	p->closed = false;
}

struct xmpp_parser *xmpp_parser_new(enum xmpp_parser_mode mode,
	const struct xmpp_parser_handler *handler, void *arg)
{
	struct xmpp_parser *p = mem_alloc(sizeof(*p));
	*p = (struct xmpp_parser){ .mode = mode,
		.handler = handler,
		.arg = arg,
		.held = BUF_INIT(XMPP_STANZA_MAX),
		.root = BUF_INIT(XMPP_TAG_MAX) };
	forget(p);
	return p;
}

void xmpp_parser_free(struct xmpp_parser *p)
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

void xmpp_parser_reset(struct xmpp_parser *p)
{
	p->stopped = true;
	forget(p);
}

/* Back from the handlers: what they asked for happens now. */
static void leave(struct xmpp_parser *p)
{
	p->busy = false;
	if (p->doomed)
		xmpp_parser_free(p);
}

/* ---- libxml2's part ---- */

/* A new context stands where the old one stood, between two stanzas. */
static bool renew(struct xmpp_parser *p)
{
	xmpp_xml_free(p->xml);
	p->xml = xmpp_xml_new();
	if (p->mode == XMPP_PARSER_DOCUMENT)
		return xmpp_xml_feed(p->xml, SPAN(FRAMES_ROOT), &p->fault);
	if (!p->root.len)
		return true;
	bool fed = xmpp_xml_feed(p->xml, buf_view(&p->root), &p->fault);
	xmpp_stanza_free(xmpp_xml_take_root(p->xml));
	return fed;
}

/* Scanner and libxml2 must have seen the same, or the bytes are such that the
 * one or the other was misled. */
static bool feed_xml(
	struct xmpp_parser *p, struct span tags, enum xmpp_scan_event event)
{
	if (!p->xml && !renew(p))
		return false;
	if (!xmpp_xml_feed(p->xml, tags, &p->fault))
		return false;
	unsigned below = p->mode == XMPP_PARSER_DOCUMENT ? 1 : 0;
	if (xmpp_xml_depth(p->xml) == p->scan.depth + below &&
		xmpp_xml_is_whole(p->xml) == (event == XMPP_SCAN_STANZA))
		return true;
	return xmpp_scan_refuse(&p->fault, "not-well-formed",
		"the tags of a stanza do not match");
}

/* bytes go on from what is held; the first whole of them end with a tag. */
static bool take_bytes(struct xmpp_parser *p, struct span bytes, size_t whole,
	enum xmpp_scan_event event)
{
	struct span tags = span_first(bytes, whole);
	if (p->held.len && whole) {
		buf_span(&p->held, tags);
		tags = buf_view(&p->held);
	}
	if (whole && !feed_xml(p, tags, event))
		return false;
	if (whole && event == XMPP_SCAN_HEADER)
		buf_span(&p->root, tags);
	if (whole)
		buf_reset(&p->held);
	return buf_span(&p->held, span_skip(bytes, whole));
}

/* ---- to the handlers ---- */

static bool deliver_header(struct xmpp_parser *p)
{
	struct xmpp_stanza *root = xmpp_xml_take_root(p->xml);
	if (strcmp(root->ns, XMPP_NS_STREAM) != 0)
		xmpp_scan_refuse(&p->fault, "invalid-namespace",
			"the root element is not in the namespace of streams");
	else if (strcmp(root->name, "stream") != 0)
		xmpp_scan_refuse(&p->fault, "bad-format",
			"the root element is not a stream");
	else
		p->handler->open(p->arg, root, xmpp_xml_content_ns(p->xml));
	xmpp_stanza_free(root);
	return !err_is_set(&p->fault);
}

static bool deliver_stanza(struct xmpp_parser *p)
{
	struct xmpp_stanza *stanza = xmpp_xml_take(p->xml);
	if (xmpp_xml_is_worn(p->xml) && !renew(p)) {
		xmpp_stanza_free(stanza);
		return false;
	}
	if (p->mode == XMPP_PARSER_DOCUMENT)
		p->frame = stanza;
	else
		p->handler->stanza(p->arg, stanza);
	return true;
}

static bool deliver_close(struct xmpp_parser *p)
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

static bool deliver(struct xmpp_parser *p, enum xmpp_scan_event event)
{
	switch (event) {
	case XMPP_SCAN_HEADER:
		return deliver_header(p);
	case XMPP_SCAN_STANZA:
		return deliver_stanza(p);
	case XMPP_SCAN_CLOSE:
		return deliver_close(p);
	default:
		return true;
	}
}

static bool take_declaration(struct xmpp_parser *p, struct span bytes)
{
	buf_span(&p->held, bytes);
	bool good = xmpp_encoding_declaration(buf_view(&p->held), &p->fault);
	buf_reset(&p->held);
	return good;
}

/* ---- the bytes ---- */

static bool run(struct xmpp_parser *p, struct span bytes)
{
	while (bytes.n && !p->stopped && !p->closed) {
		size_t used, whole;
		enum xmpp_scan_event event = xmpp_scan_run(
			&p->scan, bytes, &used, &whole, &p->fault);
		struct span now = span_first(bytes, used);
		bytes = span_skip(bytes, used);
		p->rest -= used;
		if (event == XMPP_SCAN_FAULT) {
			/* what stands in front of it may have its own */
			take_bytes(p, now, whole, event);
			return false;
		}
		if (event == XMPP_SCAN_SPACE)
			continue;
		bool good = event == XMPP_SCAN_XMLDECL
				    ? take_declaration(p, now)
				    : take_bytes(p, now, whole, event) &&
					      deliver(p, event);
		if (!good)
			return false;
	}
	return true;
}

/* What was refused stays refused, with the same sentence. */
static bool refused(struct xmpp_parser *p, struct err *e)
{
	if (e)
		*e = p->fault;
	return false;
}

/* Only whole characters are looked at. */
static bool run_characters(struct xmpp_parser *p, struct span bytes)
{
	struct span whole;
	bool bad;
	if (xmpp_encoding_join(&p->encoding, &bytes, &whole, &bad) &&
		!run(p, whole))
		return false;
	if (!bad && !p->stopped) {
		whole = xmpp_encoding_run(&p->encoding, bytes, &bad);
		if (!run(p, whole))
			return false;
	}
	if (bad && !p->stopped && !p->closed)
		return xmpp_scan_refuse(&p->fault, "unsupported-encoding",
			"the stream is not in UTF-8");
	return true;
}

bool xmpp_parser_feed(struct xmpp_parser *p, struct span bytes, struct err *e)
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

bool xmpp_parser_end(struct xmpp_parser *p, struct err *e)
{
	if (err_is_set(&p->fault))
		return refused(p, e);
	if (!p->frame || p->encoding.have) {
		xmpp_scan_refuse(&p->fault, "not-well-formed",
			"a frame ends before its element does, or behind it");
		return refused(p, e);
	}
	struct xmpp_stanza *frame = p->frame;
	p->frame = NULL;
	xmpp_scan_init(&p->scan, p->mode);
	p->busy = true;
	p->handler->stanza(p->arg, frame);
	leave(p);
	return true;
}

size_t xmpp_parser_rest(const struct xmpp_parser *p)
{
	return p->rest;
}

void xmpp_parser_hold(struct xmpp_parser *p)
{
	p->stopped = true;
	/* The beginning of a character at the end of the rest comes again. */
	p->encoding.have = 0;
}

bool xmpp_parser_is_within_stanza(const struct xmpp_parser *p)
{
	return p->held.len > 0 || p->encoding.have > 0 ||
	       p->scan.depth > p->scan.floor;
}
