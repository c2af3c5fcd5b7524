#include "xml/element.h"

#include <string.h>

#include "base/mem.h"
#include "xml/text.h"
#include "xml/tree.h"

/* Keeps the first problem of the tree for xml_element_format. */
static void set_problem(struct xml_element *s, const struct err *e)
{
	if (!s->arena->problem)
		s->arena->problem = xml_tree_string(s->arena, span_of(e->text));
}

static bool check_text(struct xml_element *s, struct span text)
{
	struct err e = ERR_NONE;
	if (xml_text_check(text, &e))
		return true;
	err_prefix(&e, "<%s/>", s->name);
	set_problem(s, &e);
	return false;
}

static bool check_name(struct xml_element *s, const char *name)
{
	if (xml_text_is_name(name))
		return true;
	struct err e;
	err_set(&e, STATUS_MALFORMED, "a name in <%s/> is no XML name",
		s->name);
	set_problem(s, &e);
	return false;
}

struct xml_element *xml_element_new(const char *name, const char *ns)
{
	struct xml_element *s = xml_tree_element(NULL, span_of(name), ns);
	if (!xml_text_is_name(name))
		s->name = "invalid";
	check_name(s, name);
	check_text(s, span_of(ns));
	return s;
}

void xml_element_free(struct xml_element *root)
{
	if (root)
		xml_tree_free(root->arena);
}

size_t xml_element_memory(const struct xml_element *root)
{
	return xml_tree_memory(root->arena);
}

struct xml_element *xml_element_child(
	struct xml_element *s, const char *name, const char *ns)
{
	if (!ns)
		ns = s->ns;
	bool good = check_name(s, name) && check_text(s, span_of(ns));
	return xml_tree_element(s, span_of(good ? name : "invalid"), ns);
}

/* ---- copies ---- */

static void copy_into(struct xml_element *to, const struct xml_element *from)
{
	for (const struct xml_attr *a = from->attrs; a; a = a->next)
		xml_tree_attr(to, span_of(a->name), a->ns, span_of(a->value));
	for (const struct xml_element *c = from->first; c; c = c->next) {
		if (c->name)
			copy_into(xml_tree_element(to, span_of(c->name), c->ns),
				c);
		else
			xml_tree_text(to, c->text);
	}
}

static struct xml_element *copy_under(
	struct xml_element *parent, const struct xml_element *s)
{
	struct xml_element *copy =
		xml_tree_element(parent, span_of(s->name), s->ns);
	copy_into(copy, s);
	if (s->arena->problem && !copy->arena->problem)
		copy->arena->problem = xml_tree_string(
			copy->arena, span_of(s->arena->problem));
	return copy;
}

struct xml_element *xml_element_dup(const struct xml_element *s)
{
	return copy_under(NULL, s);
}

struct xml_element *xml_element_add(
	struct xml_element *s, const struct xml_element *other)
{
	return copy_under(s, other);
}

/* ---- attributes ---- */

/* The first letter tells most names apart, and a namespace is often the very
 * string of the parent: a stanza is looked through a few dozen times. */
static bool same(const char *a, const char *b)
{
	return a == b || (*a == *b && strcmp(a, b) == 0);
}

static bool same_ns(const char *a, const char *b)
{
	return a == b || (a && b && same(a, b));
}

static struct xml_attr **find_attr(
	const struct xml_element *s, const char *name, const char *ns)
{
	struct xml_attr **at = (struct xml_attr **)&s->attrs;
	while (*at && (!same((*at)->name, name) || !same_ns((*at)->ns, ns)))
		at = &(*at)->next;
	return at;
}

static void set_attr(struct xml_element *s, const char *name, const char *ns,
	struct span value)
{
	struct xml_attr *old = *find_attr(s, name, ns);
	const char *local = strncmp(name, "xml:", 4) == 0 ? name + 4 : name;
	if (!check_name(s, local) || !check_text(s, value))
		return;
	if (old)
		old->value = xml_tree_string(s->arena, value);
	else
		xml_tree_attr(s, span_of(name), ns, value);
}

struct xml_element *xml_element_attr(
	struct xml_element *s, const char *name, const char *value)
{
	struct xml_attr **at = find_attr(s, name, NULL);
	if (value)
		set_attr(s, name, NULL, span_of(value));
	else if (*at)
		*at = (*at)->next;
	return s;
}

struct xml_element *xml_element_attr_span(
	struct xml_element *s, const char *name, struct span value)
{
	set_attr(s, name, NULL, value);
	return s;
}

struct xml_element *xml_element_attr_u64(
	struct xml_element *s, const char *name, unsigned long long value)
{
	struct buf digits = BUF_INIT(20);
	buf_u64(&digits, value);
	set_attr(s, name, NULL, buf_view(&digits));
	buf_clear(&digits);
	return s;
}

struct xml_element *xml_element_attr_ns(struct xml_element *s, const char *ns,
	const char *name, struct span value)
{
	if (check_text(s, span_of(ns)))
		set_attr(s, name, ns, value);
	return s;
}

const char *xml_element_attr_find(const struct xml_element *s, const char *name)
{
	const struct xml_attr *attr = *find_attr(s, name, NULL);
	return attr ? attr->value : NULL;
}

bool xml_element_attr_is(
	const struct xml_element *s, const char *name, const char *value)
{
	const char *is = xml_element_attr_find(s, name);
	return is && strcmp(is, value) == 0;
}

/* ---- children ---- */

struct xml_element *xml_element_text(struct xml_element *s, const char *text)
{
	return xml_element_text_span(s, span_of(text));
}

struct xml_element *xml_element_text_span(
	struct xml_element *s, struct span text)
{
	if (text.n && check_text(s, text))
		xml_tree_text(s, text);
	return s;
}

void xml_element_remove(struct xml_element *child)
{
	struct xml_element *parent = child->parent;
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

void xml_element_empty(struct xml_element *s)
{
	while (s->first)
		xml_element_remove(s->first);
}

void xml_element_change_ns(
	struct xml_element *s, const char *from, const char *to)
{
	if (!s->name || strcmp(s->ns, from) != 0)
		return;
	s->ns = s->parent && strcmp(s->parent->ns, to) == 0
			? s->parent->ns
			: xml_tree_string(s->arena, span_of(to));
	for (struct xml_element *c = s->first; c; c = c->next)
		xml_element_change_ns(c, from, to);
}

/* ---- reading ---- */

bool xml_element_is(
	const struct xml_element *s, const char *name, const char *ns)
{
	return s->name && (!name || same(s->name, name)) &&
	       (!ns || same(s->ns, ns));
}

static struct xml_element *first_from(
	struct xml_element *s, const char *name, const char *ns)
{
	while (s && !xml_element_is(s, name, ns))
		s = s->next;
	return s;
}

struct xml_element *xml_element_find(
	const struct xml_element *s, const char *name, const char *ns)
{
	return first_from(s->first, name, ns);
}

struct xml_element *xml_element_next(
	const struct xml_element *s, const char *name, const char *ns)
{
	return first_from(s->next, name, ns);
}

static struct span join_text(const struct xml_element *s)
{
	size_t n = 0;
	for (const struct xml_element *c = s->first; c; c = c->next)
		n += c->name ? 0 : c->text.n;
	char *all = xml_tree_alloc(s->arena, n + 1), *at = all;
	for (const struct xml_element *c = s->first; c; c = c->next) {
		if (!c->name && c->text.n) {
			memcpy(at, c->text.p, c->text.n);
			at += c->text.n;
		}
	}
	return span_from(all, n);
}

struct span xml_element_text_get(const struct xml_element *s)
{
	if (!s || !s->first)
		return span_from("", 0);
	if (!s->first->name && !s->first->next)
		return s->first->text;
	return join_text(s);
}

struct span xml_element_child_text(
	const struct xml_element *s, const char *name, const char *ns)
{
	const struct xml_element *child = xml_element_find(s, name, ns);
	return child ? xml_element_text_get(child) : SPAN_EMPTY;
}
