#include "xmpp/tree.h"

#include <stdalign.h>
#include <string.h>

#include "base/mem.h"

/* A chat message with its tree takes about 900 bytes: one piece. */
#define PIECE_FIRST 1024
#define PIECE_LAST (64 * 1024)

struct xmpp_piece {
	struct xmpp_piece *older;
	size_t size;
};

#define ALIGNED(n) (((n) + alignof(void *) - 1) & ~(alignof(void *) - 1))
#define PIECE_HEAD ALIGNED(sizeof(struct xmpp_piece))

static void add_piece(struct xmpp_arena *a, size_t least)
{
	size_t size = a->pieces ? a->pieces->size * 2 : PIECE_FIRST;
	if (size > PIECE_LAST)
		size = PIECE_LAST;
	if (size < least + PIECE_HEAD)
		size = least + PIECE_HEAD;
	struct xmpp_piece *piece = mem_foreign_alloc(size);
	*piece = (struct xmpp_piece){ .older = a->pieces, .size = size };
	a->pieces = piece;
	a->at = (char *)piece + PIECE_HEAD;
	a->end = (char *)piece + size;
}

static void *take(struct xmpp_arena *a, size_t n)
{
	if (!a->at || (size_t)(a->end - a->at) < n)
		add_piece(a, n);
	void *p = a->at;
	a->at += n;
	return p;
}

void *xmpp_tree_alloc(struct xmpp_arena *a, size_t n)
{
	/* Strings leave the end anywhere. */
	size_t odd = (uintptr_t)a->at & (alignof(void *) - 1);
	if (odd && a->at)
		a->at += alignof(void *) - odd;
	if (a->at > a->end)
		a->at = a->end;
	return memset(take(a, ALIGNED(n)), 0, n);
}

const char *xmpp_tree_string(struct xmpp_arena *a, struct span s)
{
	char *copy = take(a, s.n + 1);
	if (s.n)
		memcpy(copy, s.p, s.n);
	copy[s.n] = '\0';
	return copy;
}

/* The arena lies in its own first piece. */
static struct xmpp_arena *arena_new(void)
{
	struct xmpp_arena a = { 0 };
	struct xmpp_arena *home = xmpp_tree_alloc(&a, sizeof(a));
	*home = a;
	return home;
}

void xmpp_tree_free(struct xmpp_arena *a)
{
	struct xmpp_piece *piece = a->pieces;
	while (piece) {
		struct xmpp_piece *older = piece->older;
		mem_free(piece);
		piece = older;
	}
}

size_t xmpp_tree_memory(const struct xmpp_arena *a)
{
	size_t sum = 0;
	for (const struct xmpp_piece *p = a->pieces; p; p = p->older)
		sum += p->size;
	return sum;
}

static void append(struct xmpp_stanza *parent, struct xmpp_stanza *child)
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
	struct xmpp_arena *a, const struct xmpp_stanza *parent, const char *ns)
{
	if (parent && (parent->ns == ns || strcmp(parent->ns, ns) == 0))
		return parent->ns;
	return xmpp_tree_string(a, span_of(ns));
}

struct xmpp_stanza *xmpp_tree_element(
	struct xmpp_stanza *parent, struct span name, const char *ns)
{
	struct xmpp_arena *a = parent ? parent->arena : arena_new();
	struct xmpp_stanza *s = xmpp_tree_alloc(a, sizeof(*s));
	s->arena = a;
	s->name = xmpp_tree_string(a, name);
	s->ns = share_ns(a, parent, ns);
	if (parent)
		append(parent, s);
	return s;
}

void xmpp_tree_attr(struct xmpp_stanza *s, struct span name, const char *ns,
	struct span value)
{
	struct xmpp_attr *attr = xmpp_tree_alloc(s->arena, sizeof(*attr));
	attr->name = xmpp_tree_string(s->arena, name);
	attr->ns = ns ? xmpp_tree_string(s->arena, span_of(ns)) : NULL;
	attr->value = xmpp_tree_string(s->arena, value);
	struct xmpp_attr **at = &s->attrs;
	while (*at)
		at = &(*at)->next;
	*at = attr;
}

void xmpp_tree_text(struct xmpp_stanza *s, struct span text)
{
	struct xmpp_stanza *node = xmpp_tree_alloc(s->arena, sizeof(*node));
	node->arena = s->arena;
	node->text = span_from(xmpp_tree_string(s->arena, text), text.n);
	append(s, node);
}
