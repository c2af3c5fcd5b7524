/* stanza - an XML element and what is in it
 *
 * Stanzas, stream features and every other first-level element of a stream
 * (RFC 6120 section 8) are trees of this kind: the parser delivers them, and
 * what is sent is built by hand and formatted.  A node is an element, or text
 * where its name is NULL; text and elements stand in the order they came in.
 *
 * Ownership: a tree is one arena.  xmpp_stanza_new makes a root, every other
 * node belongs to the root it was added to, and xmpp_stanza_free of the root
 * frees all at once.  The fields and all pointers found are valid until then.
 * Everything given is copied.
 *
 * Building cannot fail halfway: what XML cannot carry (a control character,
 * bytes that are not UTF-8, a name that is none) is left out and remembered
 * by the tree, and xmpp_stanza_format refuses it with a sentence.
 *
 * Namespaces: an attribute without prefix has the ns NULL; xml:lang and
 * xml:space are named so, with the ns NULL too (their prefix is fixed).  An
 * element in no namespace has the ns "".
 */
#ifndef XMPP_STANZA_H
#define XMPP_STANZA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

struct xmpp_arena;

struct xmpp_attr {
	const char *name;
	const char *ns; /* NULL: none */
	const char *value;
	struct xmpp_attr *next;
};

/* For reading; it is changed by the functions below only. */
struct xmpp_stanza {
	const char *name; /* NULL: a text node */
	const char *ns;
	struct span text; /* of a text node */
	struct xmpp_attr *attrs;
	struct xmpp_stanza *parent, *first, *last, *next, *prev;
	struct xmpp_arena *arena; /* private */
};

/* ---- making and freeing ---- */

struct xmpp_stanza *xmpp_stanza_new(const char *name, const char *ns);
void xmpp_stanza_free(struct xmpp_stanza *root);
/* Bytes of memory the whole tree takes: for who keeps many of a peer's. */
size_t xmpp_stanza_memory(const struct xmpp_stanza *root);
/* A new root that is the same as s and all below it. */
struct xmpp_stanza *xmpp_stanza_dup(const struct xmpp_stanza *s);
/* An empty stanza that answers s: its name and id, from and to exchanged,
 * and the type ("result", "error" …; NULL: none). */
struct xmpp_stanza *xmpp_stanza_reply(
	const struct xmpp_stanza *s, const char *type);

/* ---- building ---- */

/* The new last child; ns NULL is that of the parent. */
struct xmpp_stanza *xmpp_stanza_child(
	struct xmpp_stanza *s, const char *name, const char *ns);
/* A copy of other and all below it, as the last child of s. */
struct xmpp_stanza *xmpp_stanza_add(
	struct xmpp_stanza *s, const struct xmpp_stanza *other);

/* These return s, so that calls nest.  An attribute is set, or replaced, or
 * with the value NULL removed; text is appended. */
struct xmpp_stanza *xmpp_stanza_attr(
	struct xmpp_stanza *s, const char *name, const char *value);
struct xmpp_stanza *xmpp_stanza_attr_span(
	struct xmpp_stanza *s, const char *name, struct span value);
struct xmpp_stanza *xmpp_stanza_attr_u64(
	struct xmpp_stanza *s, const char *name, unsigned long long value);
struct xmpp_stanza *xmpp_stanza_attr_ns(struct xmpp_stanza *s, const char *ns,
	const char *name, struct span value);
struct xmpp_stanza *xmpp_stanza_text(struct xmpp_stanza *s, const char *text);
struct xmpp_stanza *xmpp_stanza_text_span(
	struct xmpp_stanza *s, struct span text);

void xmpp_stanza_remove(struct xmpp_stanza *child); /* from its parent */
void xmpp_stanza_empty(struct xmpp_stanza *s);      /* all children */

/* Moves s and what is below it from one namespace to another: a stanza of
 * jabber:client that goes on over jabber:server or to a component. */
void xmpp_stanza_change_ns(
	struct xmpp_stanza *s, const char *from, const char *to);

/* ---- reading; name or ns NULL: any ---- */

bool xmpp_stanza_is(
	const struct xmpp_stanza *s, const char *name, const char *ns);

/* The first child element, and the next sibling element, of that kind. */
struct xmpp_stanza *xmpp_stanza_find(
	const struct xmpp_stanza *s, const char *name, const char *ns);
struct xmpp_stanza *xmpp_stanza_next(
	const struct xmpp_stanza *s, const char *name, const char *ns);

#define XMPP_STANZA_EACH(s, at, name, ns)                                      \
	for (struct xmpp_stanza *at = xmpp_stanza_find((s), (name), (ns)); at; \
		at = xmpp_stanza_next(at, (name), (ns)))

/* The value of an attribute without namespace (or xml:…), NULL where there is
 * none. */
const char *xmpp_stanza_attr_find(
	const struct xmpp_stanza *s, const char *name);
bool xmpp_stanza_attr_is(
	const struct xmpp_stanza *s, const char *name, const char *value);

/* All text directly in s, without that of its children; with a NUL behind
 * it, which p of the empty text points to as well.  s may be NULL. */
struct span xmpp_stanza_text_get(const struct xmpp_stanza *s);
/* The same of a child; p is NULL where there is no such child. */
struct span xmpp_stanza_child_text(
	const struct xmpp_stanza *s, const char *name, const char *ns);

/* ---- to bytes ---- */

/* Appends s.  ns is the default namespace it will stand in, that of the
 * stream, where the prefix "stream" is declared too (RFC 6120 section 4.8);
 * with NULL s becomes a document of its own (RFC 7395 section 3.3.3).
 * Nothing is appended where the tree holds what XML cannot carry, or where it
 * is larger than what the buf takes (condition policy-violation). */
bool xmpp_stanza_format(struct buf *out, const struct xmpp_stanza *s,
	const char *ns, struct err *e);

#endif
