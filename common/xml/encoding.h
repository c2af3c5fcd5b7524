/* encoding - is it UTF-8, by its bytes and by what it says of itself
 *
 * For parser.c only.  RFC 6120 section 11.6: UTF-8 and nothing else.  libxml2
 * would take Latin-1 and UTF-16 as well, so it sees neither such bytes nor
 * any XML declaration.
 */
#ifndef XML_ENCODING_H
#define XML_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/span.h"

/* UTF-8 that comes in pieces; {0} to begin with. */
struct xml_encoding {
	char part[4]; /* a character cut off by the end of the last piece */
	size_t have;
};

/* Takes from the front of *s what ends that character: true, and the
 * character in *whole, a view into u.  False where there was none, where *s
 * does not end it either, and where it is none: then *bad. */
bool xml_encoding_join(
	struct xml_encoding *u, struct span *s, struct span *whole, bool *bad);

/* The whole characters from the front of s; keeps one that is cut off.  *bad
 * where what follows them is no character. */
struct span xml_encoding_run(struct xml_encoding *u, struct span s, bool *bad);

/* Checks <?xml …?> (XML 1.0 section 2.8): version 1.0, no encoding but
 * UTF-8. */
bool xml_encoding_declaration(struct span s, struct err *e);

#endif
