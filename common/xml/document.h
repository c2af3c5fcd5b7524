/* document - one whole XML document to a tree
 *
 * For what comes in one piece, in the body of a message or as a file; the
 * limits and refusals are those of xml/parser.h.
 */
#ifndef XML_DOCUMENT_H
#define XML_DOCUMENT_H

#include "xml/element.h"

/* The root, the caller's; NULL with the reason in e.  White space around the
 * root is refused as the parser refuses it. */
struct xml_element *xml_document_read(struct span bytes, struct err *e);

#endif
