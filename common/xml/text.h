/* text - what XML can carry (XML 1.0 section 2.2), and how it is written
 *
 * XML has no way to write most control characters, not even by reference: a
 * body that holds one is refused, or sent with the character replaced.
 */
#ifndef XML_TEXT_H
#define XML_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

/* How many bytes from the front are UTF-8 of characters XML can carry. */
size_t xml_text_valid_length(struct span s);

/* The sentence names the first character or byte that cannot be sent. */
bool xml_text_check(struct span s, struct err *e);

/* Appends s with each character and byte that cannot be sent replaced by
 * U+FFFD; returns how many were. */
size_t xml_text_replace(struct buf *out, struct span s);

/* Append s, which was checked, as character data or as an attribute value in
 * single quotes, so that a parser gives back the same bytes (XML 1.0 sections
 * 2.11 and 3.3.3: bare CR, and TAB and LF in attributes, would change). */
bool xml_text_escape(struct buf *out, struct span s);
bool xml_text_escape_attr(struct buf *out, struct span s);

/* A local name (Namespaces in XML, NCName), with ASCII taken exactly and any
 * other character taken as a letter. */
bool xml_text_is_name(const char *name);

#endif
