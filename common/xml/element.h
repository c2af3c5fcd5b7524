/* element - an XML element and what is in it (XML 1.0, Namespaces in XML)
 *
 * Stanzas of XMPP and documents in SIP's bodies are trees of this kind: the
 * parser delivers them, and what is sent is built by hand and formatted.  A
 * node is an element, or text where its name is NULL; text and elements stand
 * in the order they came in.
 *
 * Ownership: a tree is one arena.  xml_element_new makes a root, every other
 * node belongs to the root it was added to, and xml_element_free of the root
 * frees all at once.  The fields and all pointers found are valid until then.
 * Everything given is copied.
 *
 * Building cannot fail halfway: what XML cannot carry (a control character,
 * bytes that are not UTF-8, a name that is none) is left out and remembered
 * by the tree, and xml_element_format refuses it with a sentence.
 *
 * Namespaces: an attribute without prefix has the ns NULL; xml:lang and
 * xml:space are named so, with the ns NULL too (their prefix is fixed).  An
 * element in no namespace has the ns "".
 */
#ifndef XML_ELEMENT_H
#define XML_ELEMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

/* Namespaces in XML, section 3: always bound to the prefix xml */
#define XML_NS "http://www.w3.org/XML/1998/namespace"

struct xml_arena;

struct xml_attr {
	const char *name;
	const char *ns; /* NULL: none */
	const char *value;
	struct xml_attr *next;
};

/* For reading; it is changed by the functions below only. */
struct xml_element {
	const char *name; /* NULL: a text node */
	const char *ns;
	struct span text; /* of a text node */
	struct xml_attr *attrs;
	struct xml_element *parent, *first, *last, *next, *prev;
	struct xml_arena *arena; /* private */
};

/* ---- making and freeing ---- */

struct xml_element *xml_element_new(const char *name, const char *ns);
void xml_element_free(struct xml_element *root);
/* Bytes of memory the whole tree takes: for who keeps many of a peer's. */
size_t xml_element_memory(const struct xml_element *root);
/* A new root that is the same as s and all below it. */
struct xml_element *xml_element_dup(const struct xml_element *s);

/* ---- building ---- */

/* The new last child; ns NULL is that of the parent. */
struct xml_element *xml_element_child(
	struct xml_element *s, const char *name, const char *ns);
/* A copy of other and all below it, as the last child of s. */
struct xml_element *xml_element_add(
	struct xml_element *s, const struct xml_element *other);

/* These return s, so that calls nest.  An attribute is set, or replaced, or
 * with the value NULL removed; text is appended. */
struct xml_element *xml_element_attr(
	struct xml_element *s, const char *name, const char *value);
struct xml_element *xml_element_attr_span(
	struct xml_element *s, const char *name, struct span value);
struct xml_element *xml_element_attr_u64(
	struct xml_element *s, const char *name, unsigned long long value);
struct xml_element *xml_element_attr_ns(struct xml_element *s, const char *ns,
	const char *name, struct span value);
struct xml_element *xml_element_text(struct xml_element *s, const char *text);
struct xml_element *xml_element_text_span(
	struct xml_element *s, struct span text);

void xml_element_remove(struct xml_element *child); /* from its parent */
void xml_element_empty(struct xml_element *s);      /* all children */

/* Moves s and what is below it from one namespace to another: a stanza of
 * jabber:client that goes on over jabber:server or to a component. */
void xml_element_change_ns(
	struct xml_element *s, const char *from, const char *to);

/* ---- reading; name or ns NULL: any ---- */

bool xml_element_is(
	const struct xml_element *s, const char *name, const char *ns);

/* The first child element, and the next sibling element, of that kind. */
struct xml_element *xml_element_find(
	const struct xml_element *s, const char *name, const char *ns);
struct xml_element *xml_element_next(
	const struct xml_element *s, const char *name, const char *ns);

#define XML_ELEMENT_EACH(s, at, name, ns)                                      \
	for (struct xml_element *at = xml_element_find((s), (name), (ns)); at; \
		at = xml_element_next(at, (name), (ns)))

/* The value of an attribute without namespace (or xml:…), NULL where there is
 * none. */
const char *xml_element_attr_find(
	const struct xml_element *s, const char *name);
bool xml_element_attr_is(
	const struct xml_element *s, const char *name, const char *value);

/* All text directly in s, without that of its children; with a NUL behind
 * it, which p of the empty text points to as well.  s may be NULL. */
struct span xml_element_text_get(const struct xml_element *s);
/* The same of a child; p is NULL where there is no such child. */
struct span xml_element_child_text(
	const struct xml_element *s, const char *name, const char *ns);

/* ---- to bytes ---- */

/* What is declared where an element is to stand: the default namespace ns, and
 * one prefix.  With ns NULL the element becomes a document of its own, which
 * declares both, the prefix only where it is in that namespace itself. */
struct xml_scope {
	const char *ns;
	const char *prefix, *prefix_ns; /* "stream", its namespace; or NULL */
};

/* Appends s.  Nothing is appended where the tree holds what XML cannot carry,
 * or where it is larger than what the buf takes (condition
 * policy-violation). */
bool xml_element_format(struct buf *out, const struct xml_element *s,
	const struct xml_scope *scope, struct err *e);

#endif
