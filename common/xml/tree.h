/* tree - the memory and the bare nodes under xml/element.h; for element.c,
 * format.c and sax.c only
 *
 * An arena is a few growing pieces of memory that are freed together.  The
 * functions here copy what they are given and check nothing.
 */
#ifndef XML_TREE_H
#define XML_TREE_H

#include "base/span.h"
#include "xml/element.h"

struct xml_arena {
	struct xml_piece *pieces; /* the newest first */
	char *at, *end;           /* what is free of the newest */
	const char *problem; /* what XML cannot carry, or NULL; the first */
};

void *xml_tree_alloc(struct xml_arena *a, size_t n);
const char *xml_tree_string(struct xml_arena *a, struct span s);

/* parent NULL: a root with an arena of its own. */
struct xml_element *xml_tree_element(
	struct xml_element *parent, struct span name, const char *ns);
void xml_tree_attr(struct xml_element *s, struct span name, const char *ns,
	struct span value);
void xml_tree_text(struct xml_element *s, struct span text);
void xml_tree_free(struct xml_arena *a);
size_t xml_tree_memory(const struct xml_arena *a);

#endif
