/* tree - the memory and the bare nodes under xmpp/stanza.h; for stanza.c,
 * format.c and parser.c only
 *
 * An arena is a few growing pieces of memory that are freed together.  The
 * functions here copy what they are given and check nothing.
 */
#ifndef XMPP_TREE_H
#define XMPP_TREE_H

#include "base/span.h"
#include "xmpp/stanza.h"

struct xmpp_arena {
	struct xmpp_piece *pieces; /* the newest first */
	char *at, *end;            /* what is free of the newest */
	const char *problem; /* what XML cannot carry, or NULL; the first */
};

void *xmpp_tree_alloc(struct xmpp_arena *a, size_t n);
const char *xmpp_tree_string(struct xmpp_arena *a, struct span s);

/* parent NULL: a root with an arena of its own. */
struct xmpp_stanza *xmpp_tree_element(
	struct xmpp_stanza *parent, struct span name, const char *ns);
void xmpp_tree_attr(struct xmpp_stanza *s, struct span name, const char *ns,
	struct span value);
void xmpp_tree_text(struct xmpp_stanza *s, struct span text);
void xmpp_tree_free(struct xmpp_arena *a);
size_t xmpp_tree_memory(const struct xmpp_arena *a);

#endif
