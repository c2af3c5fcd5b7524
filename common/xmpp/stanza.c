#include "xmpp/stanza.h"

#include <string.h>

#include "base/mem.h"
#include "xmpp/text.h"
#include "xmpp/tree.h"

/* Keeps the first problem of the tree for xmpp_stanza_format. */
static void set_problem(struct xmpp_stanza *s, const struct err *e)
{
	if (!s->arena->problem)
		s->arena->problem =
			xmpp_tree_string(s->arena, span_of(e->text));
}

static bool check_text(struct xmpp_stanza *s, struct span text)
{
	struct err e = ERR_NONE;
	if (xmpp_text_check(text, &e))
		return true;
	err_prefix(&e, "<%s/>", s->name);
	set_problem(s, &e);
	return false;
}

static bool check_name(struct xmpp_stanza *s, const char *name)
{
	if (xmpp_text_is_name(name))
		return true;
	struct err e;
	err_set(&e, STATUS_MALFORMED, "a name in <%s/> is no XML name",
		s->name);
	set_problem(s, &e);
	return false;
}

struct xmpp_stanza *xmpp_stanza_new(const char *name, const char *ns)
{
	struct xmpp_stanza *s = xmpp_tree_element(NULL, span_of(name), ns);
	if (!xmpp_text_is_name(name))
		s->name = "invalid";
	check_name(s, name);
	check_text(s, span_of(ns));
	return s;
}

void xmpp_stanza_free(struct xmpp_stanza *root)
{
	if (root)
		xmpp_tree_free(root->arena);
}

size_t xmpp_stanza_memory(const struct xmpp_stanza *root)
{
	return xmpp_tree_memory(root->arena);
}

struct xmpp_stanza *xmpp_stanza_child(
	struct xmpp_stanza *s, const char *name, const char *ns)
{
	if (!ns)
		ns = s->ns;
	bool good = check_name(s, name) && check_text(s, span_of(ns));
	return xmpp_tree_element(s, span_of(good ? name : "invalid"), ns);
}

/* ---- copies ---- */

static void copy_into(struct xmpp_stanza *to, const struct xmpp_stanza *from)
{
	for (const struct xmpp_attr *a = from->attrs; a; a = a->next)
		xmpp_tree_attr(to, span_of(a->name), a->ns, span_of(a->value));
	for (const struct xmpp_stanza *c = from->first; c; c = c->next) {
		if (c->name)
			copy_into(
				xmpp_tree_element(to, span_of(c->name), c->ns),
				c);
		else
			xmpp_tree_text(to, c->text);
	}
}

static struct xmpp_stanza *copy_under(
	struct xmpp_stanza *parent, const struct xmpp_stanza *s)
{
	struct xmpp_stanza *copy =
		xmpp_tree_element(parent, span_of(s->name), s->ns);
	copy_into(copy, s);
	if (s->arena->problem && !copy->arena->problem)
		copy->arena->problem = xmpp_tree_string(
			copy->arena, span_of(s->arena->problem));
	return copy;
}

struct xmpp_stanza *xmpp_stanza_dup(const struct xmpp_stanza *s)
{
	return copy_under(NULL, s);
}

struct xmpp_stanza *xmpp_stanza_add(
	struct xmpp_stanza *s, const struct xmpp_stanza *other)
{
	return copy_under(s, other);
}

struct xmpp_stanza *xmpp_stanza_reply(
	const struct xmpp_stanza *s, const char *type)
{
	struct xmpp_stanza *reply = xmpp_stanza_new(s->name, s->ns);
	xmpp_stanza_attr(reply, "from", xmpp_stanza_attr_find(s, "to"));
	xmpp_stanza_attr(reply, "to", xmpp_stanza_attr_find(s, "from"));
	xmpp_stanza_attr(reply, "id", xmpp_stanza_attr_find(s, "id"));
	return xmpp_stanza_attr(reply, "type", type);
}

/* ---- attributes ---- */

static bool same_ns(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static struct xmpp_attr **find_attr(
	const struct xmpp_stanza *s, const char *name, const char *ns)
{
	struct xmpp_attr **at = (struct xmpp_attr **)&s->attrs;
	while (*at && (strcmp((*at)->name, name) || !same_ns((*at)->ns, ns)))
		at = &(*at)->next;
	return at;
}

static void set_attr(struct xmpp_stanza *s, const char *name, const char *ns,
	struct span value)
{
	struct xmpp_attr *old = *find_attr(s, name, ns);
	const char *local = strncmp(name, "xml:", 4) == 0 ? name + 4 : name;
	if (!check_name(s, local) || !check_text(s, value))
		return;
	if (old)
		old->value = xmpp_tree_string(s->arena, value);
	else
		xmpp_tree_attr(s, span_of(name), ns, value);
}

struct xmpp_stanza *xmpp_stanza_attr(
	struct xmpp_stanza *s, const char *name, const char *value)
{
	struct xmpp_attr **at = find_attr(s, name, NULL);
	if (value)
		set_attr(s, name, NULL, span_of(value));
	else if (*at)
		*at = (*at)->next;
	return s;
}

struct xmpp_stanza *xmpp_stanza_attr_span(
	struct xmpp_stanza *s, const char *name, struct span value)
{
	set_attr(s, name, NULL, value);
	return s;
}

struct xmpp_stanza *xmpp_stanza_attr_u64(
	struct xmpp_stanza *s, const char *name, unsigned long long value)
{
	struct buf digits = BUF_INIT(20);
	buf_u64(&digits, value);
	set_attr(s, name, NULL, buf_view(&digits));
	buf_clear(&digits);
	return s;
}

struct xmpp_stanza *xmpp_stanza_attr_ns(struct xmpp_stanza *s, const char *ns,
	const char *name, struct span value)
{
	if (check_text(s, span_of(ns)))
		set_attr(s, name, ns, value);
	return s;
}

const char *xmpp_stanza_attr_find(const struct xmpp_stanza *s, const char *name)
{
	const struct xmpp_attr *attr = *find_attr(s, name, NULL);
	return attr ? attr->value : NULL;
}

bool xmpp_stanza_attr_is(
	const struct xmpp_stanza *s, const char *name, const char *value)
{
	const char *is = xmpp_stanza_attr_find(s, name);
	return is && strcmp(is, value) == 0;
}

/* ---- children ---- */

struct xmpp_stanza *xmpp_stanza_text(struct xmpp_stanza *s, const char *text)
{
	return xmpp_stanza_text_span(s, span_of(text));
}

struct xmpp_stanza *xmpp_stanza_text_span(
	struct xmpp_stanza *s, struct span text)
{
	if (text.n && check_text(s, text))
		xmpp_tree_text(s, text);
	return s;
}

void xmpp_stanza_remove(struct xmpp_stanza *child)
{
	struct xmpp_stanza *parent = child->parent;
	if (!parent)
		return;
	if (child->prev)
		child->prev->next = child->next;
	else
		parent->first = child->next;
	if (child->next)
		child->next->prev = child->prev;
	else
		parent->last = child->prev;
	child->parent = child->next = child->prev = NULL;
}

void xmpp_stanza_empty(struct xmpp_stanza *s)
{
	while (s->first)
		xmpp_stanza_remove(s->first);
}

void xmpp_stanza_change_ns(
	struct xmpp_stanza *s, const char *from, const char *to)
{
	if (!s->name || strcmp(s->ns, from) != 0)
		return;
	s->ns = s->parent && strcmp(s->parent->ns, to) == 0
			? s->parent->ns
			: xmpp_tree_string(s->arena, span_of(to));
	for (struct xmpp_stanza *c = s->first; c; c = c->next)
		xmpp_stanza_change_ns(c, from, to);
}

/* ---- reading ---- */

bool xmpp_stanza_is(
	const struct xmpp_stanza *s, const char *name, const char *ns)
{
	return s->name && (!name || strcmp(s->name, name) == 0) &&
	       (!ns || strcmp(s->ns, ns) == 0);
}

static struct xmpp_stanza *first_from(
	struct xmpp_stanza *s, const char *name, const char *ns)
{
	while (s && !xmpp_stanza_is(s, name, ns))
		s = s->next;
	return s;
}

struct xmpp_stanza *xmpp_stanza_find(
	const struct xmpp_stanza *s, const char *name, const char *ns)
{
	return first_from(s->first, name, ns);
}

struct xmpp_stanza *xmpp_stanza_next(
	const struct xmpp_stanza *s, const char *name, const char *ns)
{
	return first_from(s->next, name, ns);
}

static struct span join_text(const struct xmpp_stanza *s)
{
	size_t n = 0;
	for (const struct xmpp_stanza *c = s->first; c; c = c->next)
		n += c->name ? 0 : c->text.n;
	char *all = xmpp_tree_alloc(s->arena, n + 1), *at = all;
	for (const struct xmpp_stanza *c = s->first; c; c = c->next) {
		if (!c->name && c->text.n) {
			memcpy(at, c->text.p, c->text.n);
			at += c->text.n;
		}
	}
	return span_from(all, n);
}

struct span xmpp_stanza_text_get(const struct xmpp_stanza *s)
{
	if (!s || !s->first)
		return span_from("", 0);
	if (!s->first->name && !s->first->next)
		return s->first->text;
	return join_text(s);
}

struct span xmpp_stanza_child_text(
	const struct xmpp_stanza *s, const char *name, const char *ns)
{
	const struct xmpp_stanza *child = xmpp_stanza_find(s, name, ns);
	return child ? xmpp_stanza_text_get(child) : SPAN_EMPTY;
}
