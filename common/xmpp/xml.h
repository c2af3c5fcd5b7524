/* xml - whole tags to trees; the only door to libxml2
 *
 * For parser.c only, which has taken away before what libxml2 must not see:
 * declarations, comments, processing instructions, document types, what is
 * not UTF-8 and what is over a limit.  So the input here is elements, text,
 * CDATA and references, in pieces that end with a ">" of a tag.
 */
#ifndef XMPP_XML_H
#define XMPP_XML_H

#include <stdbool.h>

#include "base/err.h"
#include "base/span.h"
#include "xmpp/stanza.h"

struct xmpp_xml;

struct xmpp_xml *xmpp_xml_new(void);
void xmpp_xml_free(struct xmpp_xml *x);

/* At most one element below the root may end in a piece, with its last byte.
 * Refusals have conditions of RFC 6120 section 4.9.3. */
bool xmpp_xml_feed(struct xmpp_xml *x, struct span piece, struct err *e);

unsigned xmpp_xml_depth(const struct xmpp_xml *x); /* open elements */
bool xmpp_xml_is_whole(const struct xmpp_xml *x);  /* one to be taken */

/* What is complete and was not taken: the root without children, and its
 * default namespace (""; borrowed); an element below the root. */
struct xmpp_stanza *xmpp_xml_take_root(struct xmpp_xml *x);
const char *xmpp_xml_content_ns(const struct xmpp_xml *x);
struct xmpp_stanza *xmpp_xml_take(struct xmpp_xml *x);

/* libxml2 keeps every name it ever met, in lists that get slow: it is time to
 * go on with a new one. */
bool xmpp_xml_is_worn(const struct xmpp_xml *x);

#endif
