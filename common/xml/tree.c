#include "xml/tree.h"

#include <stdalign.h>
#include <string.h>

#include "base/mem.h"

/* A chat message with its tree takes about 900 bytes: one piece. */
#define PIECE_FIRST 1024
#define PIECE_LAST (64 * 1024)

struct xml_piece {
	struct xml_piece *older;
	size_t size;
};

#define ALIGNED(n) (((n) + alignof(void *) - 1) & ~(alignof(void *) - 1))
#define PIECE_HEAD ALIGNED(sizeof(struct xml_piece))

static void add_piece(struct xml_arena *a, size_t least)
{
	size_t size = a->pieces ? a->pieces->size * 2 : PIECE_FIRST;
	if (size > PIECE_LAST)
		size = PIECE_LAST;
	if (size < least + PIECE_HEAD)
		size = least + PIECE_HEAD;
	struct xml_piece *piece = mem_foreign_alloc(size);
	*piece = (struct xml_piece){ .older = a->pieces, .size = size };
	a->pieces = piece;
	a->at = (char *)piece + PIECE_HEAD;
	a->end = (char *)piece + size;
}

static void *take(struct xml_arena *a, size_t n)
{
	if (!a->at || (size_t)(a->end - a->at) < n)
		add_piece(a, n);
	void *p = a->at;
	a->at += n;
	return p;
}

static void *take_aligned(struct xml_arena *a, size_t n)
{
	/* Strings leave the end anywhere. */
	size_t odd = (uintptr_t)a->at & (alignof(void *) - 1);
	if (odd && a->at)
		a->at += alignof(void *) - odd;
	if (a->at > a->end)
		a->at = a->end;
	return take(a, n);
}

void *xml_tree_alloc(struct xml_arena *a, size_t n)
{
	return memset(take_aligned(a, n), 0, n);
}

/* A string of the caller's, into memory that was made for it. */
static const char *put(char **at, struct span s)
{
	char *copy = *at;
	if (s.n)
		memcpy(copy, s.p, s.n);
	copy[s.n] = '\0';
	*at += s.n + 1;
	return copy;
}

const char *xml_tree_string(struct xml_arena *a, struct span s)
{
	char *copy = take(a, s.n + 1);
	return put(&copy, s);
}

/* The arena lies in its own first piece. */
static struct xml_arena *arena_new(void)
{
	struct xml_arena a = { 0 };
	struct xml_arena *home = xml_tree_alloc(&a, sizeof(a));
	*home = a;
	return home;
}

void xml_tree_free(struct xml_arena *a)
{
	struct xml_piece *piece = a->pieces;
	while (piece) {
		struct xml_piece *older = piece->older;
		mem_free(piece);
		piece = older;
	}
}

size_t xml_tree_memory(const struct xml_arena *a)
{
	size_t sum = 0;
	for (const struct xml_piece *p = a->pieces; p; p = p->older)
		sum += p->size;
	return sum;
}

static void append(struct xml_element *parent, struct xml_element *child)
{
	child->parent = parent;
	child->prev = parent->last;
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
}

/* Most elements are in the namespace of their parent: one string for all. */
static const char *share_ns(
	struct xml_arena *a, const struct xml_element *parent, const char *ns)
{
	if (parent && (parent->ns == ns ||
			      (*parent->ns == *ns && !strcmp(parent->ns, ns))))
		return parent->ns;
	return xml_tree_string(a, span_of(ns));
}

struct xml_element *xml_tree_element(
	struct xml_element *parent, struct span name, const char *ns)
{
	struct xml_arena *a = parent ? parent->arena : arena_new();
	struct xml_element *s = take_aligned(a, sizeof(*s) + name.n + 1);
	char *strings = (char *)(s + 1);
	*s = (struct xml_element){ .arena = a, .name = put(&strings, name) };
	s->ns = share_ns(a, parent, ns);
	if (parent)
		append(parent, s);
	return s;
}

void xml_tree_attr(struct xml_element *s, struct span name, const char *ns,
	struct span value)
{
	struct span of_ns = span_of(ns);
	struct xml_attr *attr = take_aligned(s->arena,
		sizeof(*attr) + name.n + value.n + 2 + (ns ? of_ns.n + 1 : 0));
	char *strings = (char *)(attr + 1);
	attr->name = put(&strings, name);
	attr->value = put(&strings, value);
	attr->ns = ns ? put(&strings, of_ns) : NULL;
	attr->next = NULL;
	struct xml_attr **at = &s->attrs;
	while (*at)
		at = &(*at)->next;
	*at = attr;
}

void xml_tree_text(struct xml_element *s, struct span text)
{
	struct xml_element *node =
		take_aligned(s->arena, sizeof(*node) + text.n + 1);
	char *strings = (char *)(node + 1);
	*node = (struct xml_element){ .arena = s->arena,
		.text = { put(&strings, text), text.n } };
	append(s, node);
}
