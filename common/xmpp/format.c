#include "xmpp/stanza.h"

#include <string.h>

#include "xmpp/ns.h"
#include "xmpp/text.h"
#include "xmpp/tree.h"

struct context {
	const char *ns; /* the default namespace here, NULL: none declared */
	bool prefix;    /* "stream" stands for the namespace of streams */
	bool declare;   /* … and is yet to be declared */
};

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static void add_declaration(struct buf *out, const char *xmlns, const char *ns)
{
	buf_char(out, ' ');
	buf_str(out, xmlns);
	buf_str(out, "='");
	xmpp_text_escape_attr(out, span_of(ns));
	buf_char(out, '\'');
}

static void add_attrs(struct buf *out, const struct xmpp_stanza *s)
{
	unsigned prefixes = 0;
	for (const struct xmpp_attr *a = s->attrs; a; a = a->next) {
		char prefix[24] = "";
		if (a->ns) {
			struct buf p = BUF_INIT(sizeof(prefix));
			buf_printf(&p, "xmlns:a%u", prefixes++);
			add_declaration(out, buf_text(&p), a->ns);
			span_copy(prefix, sizeof(prefix),
				span_skip(buf_view(&p), strlen("xmlns:")));
			buf_clear(&p);
		}
		buf_char(out, ' ');
		buf_str(out, prefix);
		buf_str(out, *prefix ? ":" : "");
		buf_str(out, a->name);
		buf_str(out, "='");
		xmpp_text_escape_attr(out, span_of(a->value));
		buf_char(out, '\'');
	}
}

/* Two namespaces are written by prefix; xml may not be written otherwise. */
static const char *prefix_of(const struct xmpp_stanza *s, struct context c)
{
	if (c.prefix && same(s->ns, XMPP_NS_STREAM))
		return "stream:";
	return same(s->ns, XMPP_NS_XML) ? "xml:" : "";
}

static void add_element(
	struct buf *out, const struct xmpp_stanza *s, struct context c)
{
	const char *prefix = prefix_of(s, c);
	buf_char(out, '<');
	buf_str(out, prefix);
	buf_str(out, s->name);
	if (!*prefix && !same(s->ns, c.ns) && (c.ns || *s->ns)) {
		add_declaration(out, "xmlns", s->ns);
		c.ns = s->ns;
	}
	if (c.declare && *prefix == 's')
		add_declaration(out, "xmlns:stream", s->ns);
	c.declare = false;
	add_attrs(out, s);
	if (!s->first) {
		buf_str(out, "/>");
		return;
	}
	buf_char(out, '>');
	for (const struct xmpp_stanza *n = s->first; n && !out->failed;
		n = n->next) {
		if (n->name)
			add_element(out, n, c);
		else
			xmpp_text_escape(out, n->text);
	}
	buf_str(out, "</");
	buf_str(out, prefix);
	buf_str(out, s->name);
	buf_char(out, '>');
}

bool xmpp_stanza_format(struct buf *out, const struct xmpp_stanza *s,
	const char *ns, struct err *e)
{
	if (s->arena->problem)
		return err_set(e, STATUS_MALFORMED, "%s", s->arena->problem);
	size_t before = out->len;
	bool failed = out->failed;
	struct context c = { .ns = ns,
		.prefix = ns || same(s->ns, XMPP_NS_STREAM),
		.declare = !ns };
	out->failed = false;
	add_element(out, s, c);
	if (!out->failed) {
		out->failed = failed;
		return true;
	}
	out->len = before;
	out->failed = failed;
	if (out->data)
		out->data[before] = '\0';
	err_set(e, STATUS_MALFORMED,
		"the <%s/> is larger than the %zu bytes there are for it",
		s->name, out->max - before);
	err_condition(e, "policy-violation", false);
	return false;
}
