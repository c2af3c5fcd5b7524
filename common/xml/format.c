#include "xml/element.h"

#include <stdio.h>
#include <string.h>

#include "xml/text.h"
#include "xml/tree.h"

struct context {
	const char *ns; /* the default namespace here, NULL: none declared */
	const char *prefix, *prefix_ns; /* NULL: none to be used */
	bool declare;                   /* that prefix is yet to be declared */
};

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Of the default namespace where prefix is "". */
static void add_declaration(struct buf *out, const char *prefix, const char *ns)
{
	buf_str(out, *prefix ? " xmlns:" : " xmlns");
	buf_str(out, prefix);
	buf_str(out, "='");
	xml_text_escape_attr(out, span_of(ns));
	buf_char(out, '\'');
}

static void add_name(struct buf *out, const char *prefix, const char *name)
{
	buf_str(out, prefix);
	buf_str(out, *prefix ? ":" : "");
	buf_str(out, name);
}

static void add_attrs(struct buf *out, const struct xml_element *s)
{
	unsigned prefixes = 0;
	for (const struct xml_attr *a = s->attrs; a; a = a->next) {
		char prefix[24] = "";
		if (a->ns) {
			snprintf(prefix, sizeof(prefix), "a%u", prefixes++);
			add_declaration(out, prefix, a->ns);
		}
		buf_char(out, ' ');
		add_name(out, prefix, a->name);
		buf_str(out, "='");
		xml_text_escape_attr(out, span_of(a->value));
		buf_char(out, '\'');
	}
}

/* Two namespaces are written by prefix; xml may not be written otherwise. */
static const char *prefix_of(
	const struct xml_element *s, const struct context *c)
{
	if (c->prefix && same(s->ns, c->prefix_ns))
		return c->prefix;
	return same(s->ns, XML_NS) ? "xml" : "";
}

static void add_element(
	struct buf *out, const struct xml_element *s, struct context c)
{
	const char *prefix = prefix_of(s, &c);
	buf_char(out, '<');
	add_name(out, prefix, s->name);
	if (!*prefix && !same(s->ns, c.ns) && (c.ns || *s->ns)) {
		add_declaration(out, "", s->ns);
		c.ns = s->ns;
	}
	if (c.declare && prefix == c.prefix)
		add_declaration(out, prefix, s->ns);
	c.declare = false;
	add_attrs(out, s);
	if (!s->first) {
		buf_str(out, "/>");
		return;
	}
	buf_char(out, '>');
	for (const struct xml_element *n = s->first; n && !out->failed;
		n = n->next) {
		if (n->name)
			add_element(out, n, c);
		else
			xml_text_escape(out, n->text);
	}
	buf_str(out, "</");
	add_name(out, prefix, s->name);
	buf_char(out, '>');
}

bool xml_element_format(struct buf *out, const struct xml_element *s,
	const struct xml_scope *scope, struct err *e)
{
	if (s->arena->problem)
		return err_set(e, STATUS_MALFORMED, "%s", s->arena->problem);
	size_t before = out->len;
	bool failed = out->failed;
	struct context c = { .ns = scope->ns, .declare = !scope->ns };
	if (scope->ns || same(s->ns, scope->prefix_ns)) {
		c.prefix = scope->prefix;
		c.prefix_ns = scope->prefix_ns;
	}
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
