/* sax - whole tags to trees; the only door to libxml2
 *
 * For parser.c only, which has taken away before what libxml2 must not see:
 * declarations, comments, processing instructions, document types, what is
 * not UTF-8 and what is over a limit.  So the input here is elements, text,
 * CDATA and references, in pieces that end with a ">" of a tag.
 */
#ifndef XML_SAX_H
#define XML_SAX_H

#include <stdbool.h>

#include "base/err.h"
#include "base/span.h"
#include "xml/element.h"

struct xml_sax;

struct xml_sax *xml_sax_new(void);
void xml_sax_free(struct xml_sax *x);

/* At most one element below the root may end in a piece, with its last byte.
 * Refusals have conditions of RFC 6120 section 4.9.3. */
bool xml_sax_feed(struct xml_sax *x, struct span piece, struct err *e);

unsigned xml_sax_depth(const struct xml_sax *x); /* open elements */
bool xml_sax_is_whole(const struct xml_sax *x);  /* one to be taken */

/* What is complete and was not taken: the root without children, and its
 * default namespace (""; borrowed); an element below the root. */
struct xml_element *xml_sax_take_root(struct xml_sax *x);
const char *xml_sax_content_ns(const struct xml_sax *x);
struct xml_element *xml_sax_take(struct xml_sax *x);

/* libxml2 keeps every name it ever met, in lists that get slow: it is time to
 * go on with a new one. */
bool xml_sax_is_worn(const struct xml_sax *x);

#endif
