#include "xml/sax.h"

#include <string.h>

#include <libxml/parser.h>
#include <libxml/xmlmemory.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "xml/parser.h"
#include "xml/scan.h"
#include "xml/tree.h"

/* About a thousand messages.  200,000 stanzas of unique names took 6.1 s and
 * 37 MB in one context, and 25 MB of nothing but names 5 s in contexts of 2
 * MiB; a new one costs 1 % of what it takes to fill it. */
#define WORN_BYTES (256u << 10)

struct xml_sax {
	xmlParserCtxtPtr ctx;
	unsigned depth;
	struct xml_element *root;     /* start tag of the root, untaken */
	char *content_ns;             /* its default namespace */
	struct xml_element *top, *at; /* the tree being built; where */
	struct xml_element *whole;    /* closed, untaken */
	struct buf text;              /* of at, not yet in the tree */
	struct err fault;             /* the first of libxml2 */
	size_t bytes;
};

static struct span span_xml(const xmlChar *s)
{
	return span_of((const char *)s);
}

static const char *ns_xml(const xmlChar *s)
{
	return s ? (const char *)s : "";
}

/* ---- what libxml2 reports ---- */

static void flush_text(struct xml_sax *x)
{
	if (x->at && x->text.len)
		xml_tree_text(x->at, buf_view(&x->text));
	buf_reset(&x->text);
}

/* Five pointers each: local name, prefix, namespace, value, its end. */
static void add_attr(struct xml_element *s, const xmlChar *const *five)
{
	struct span value =
		span_between((const char *)five[3], (const char *)five[4]);
	const char *ns = (const char *)five[2];
	if (!five[1] || strcmp((const char *)five[1], "xml") != 0) {
		xml_tree_attr(s, span_xml(five[0]), ns, value);
		return;
	}
	if (strcmp((const char *)five[0], "lang") == 0) {
		xml_tree_attr(s, SPAN("xml:lang"), NULL, value);
		return;
	}
	struct buf name = BUF_INIT(XML_TAG_MAX);
	buf_str(&name, "xml:");
	buf_span(&name, span_xml(five[0]));
	xml_tree_attr(s, buf_view(&name), NULL, value);
	buf_clear(&name);
}

static void keep_content_ns(
	struct xml_sax *x, int count, const xmlChar **namespaces)
{
	const xmlChar *ns = NULL;
	for (int i = 0; i < count; i++)
		if (!namespaces[2 * i])
			ns = namespaces[2 * i + 1];
	mem_free(x->content_ns);
	x->content_ns = mem_str(ns_xml(ns));
}

static void on_start(void *arg, const xmlChar *name, const xmlChar *prefix,
	const xmlChar *ns, int namespace_count, const xmlChar **namespaces,
	int attr_count, int defaulted, const xmlChar **attrs)
{
	struct xml_sax *x = arg;
	(void)prefix;
	(void)defaulted;
	flush_text(x);
	struct xml_element *s =
		xml_tree_element(x->at, span_xml(name), ns_xml(ns));
	for (int i = 0; i < attr_count; i++)
		add_attr(s, (const xmlChar *const *)attrs + 5 * i);
	if (x->depth++ == 0) {
		keep_content_ns(x, namespace_count, namespaces);
		x->root = s;
		return;
	}
	if (!x->at)
		x->top = s;
	x->at = s;
}

static void on_end(void *arg, const xmlChar *name, const xmlChar *prefix,
	const xmlChar *ns)
{
	struct xml_sax *x = arg;
	(void)name;
	(void)prefix;
	(void)ns;
	flush_text(x);
	x->depth--;
	if (!x->at)
		return;
	x->at = x->at->parent;
	if (!x->at) {
		x->whole = x->top;
		x->top = NULL;
	}
}

static void on_text(void *arg, const xmlChar *text, int n)
{
	struct xml_sax *x = arg;
	if (x->at)
		buf_add(&x->text, text, (size_t)n);
}

static const char *condition_of(int code)
{
	switch (code) {
	case XML_ERR_UNDECLARED_ENTITY:
	case XML_WAR_UNDECLARED_ENTITY:
		return "restricted-xml";
	default:
		return "not-well-formed";
	}
}

static void on_error(void *arg, xmlErrorPtr error)
{
	struct xml_sax *x = arg;
	if (error->level < XML_ERR_ERROR || err_is_set(&x->fault))
		return;
	char why[ERR_TEXT_MAX / 2];
	struct span message = span_trim(span_of(error->message));
	utf8_printable_to(why, sizeof(why), message);
	xml_scan_refuse(&x->fault, condition_of(error->code), "XML: %s", why);
}

/* ---- its context ---- */

static void start_libxml2(void)
{
	static bool started;
	if (started)
		return;
	started = true;
	xmlMemSetup(mem_foreign_free, mem_foreign_alloc, mem_foreign_resize,
		mem_str);
	xmlInitParser();
}

/* Without handlers for entities none can be defined, and with serror set
 * nothing is printed. */
static const xmlSAXHandler handler = {
	.initialized = XML_SAX2_MAGIC,
	.startElementNs = on_start,
	.endElementNs = on_end,
	.characters = on_text,
	.ignorableWhitespace = on_text,
	.cdataBlock = on_text,
	.serror = on_error,
};

struct xml_sax *xml_sax_new(void)
{
	start_libxml2();
	struct xml_sax *x = mem_alloc(sizeof(*x));
	x->text = BUF_INIT(XML_ELEMENT_MAX);
	xmlSAXHandler copy = handler;
	x->ctx = xmlCreatePushParserCtxt(&copy, x, NULL, 0, NULL);
	/* NOENT: without it "&amp;" in an attribute is given as "&#38;".  There
	 * are no other entities than the five, since none can be defined. */
	xmlCtxtUseOptions(x->ctx, XML_PARSE_NONET | XML_PARSE_NOENT);
	return x;
}

void xml_sax_free(struct xml_sax *x)
{
	if (!x)
		return;
	xmlFreeParserCtxt(x->ctx);
	xml_element_free(x->root);
	xml_element_free(x->top);
	xml_element_free(x->whole);
	mem_free(x->content_ns);
	buf_clear(&x->text);
	mem_free(x);
}

/* A reference without its ";" is waited for: a piece that was not used up is
 * not well-formed either. */
static bool is_good(const struct xml_sax *x)
{
	return x->ctx->wellFormed && x->ctx->nsWellFormed &&
	       !err_is_set(&x->fault) &&
	       x->ctx->input->cur == x->ctx->input->end;
}

bool xml_sax_feed(struct xml_sax *x, struct span piece, struct err *e)
{
	x->bytes += piece.n;
	xmlParseChunk(x->ctx, piece.p, (int)piece.n, 0);
	if (is_good(x))
		return true;
	if (!err_is_set(&x->fault))
		xml_scan_refuse(&x->fault, "not-well-formed",
			"the XML is not well-formed");
	if (e)
		*e = x->fault;
	return false;
}

unsigned xml_sax_depth(const struct xml_sax *x)
{
	return x->depth;
}

bool xml_sax_is_whole(const struct xml_sax *x)
{
	return x->whole != NULL;
}

struct xml_element *xml_sax_take_root(struct xml_sax *x)
{
	struct xml_element *root = x->root;
	x->root = NULL;
	return root;
}

const char *xml_sax_content_ns(const struct xml_sax *x)
{
	return x->content_ns;
}

struct xml_element *xml_sax_take(struct xml_sax *x)
{
	struct xml_element *whole = x->whole;
	x->whole = NULL;
	return whole;
}

bool xml_sax_is_worn(const struct xml_sax *x)
{
	return x->bytes >= WORN_BYTES;
}
