/* scan - where tags and stanzas end, and every limit, before libxml2 looks
 *
 * For parser.c only.  In XML without DTD, comments and processing
 * instructions (RFC 6120 section 11.1) a "<" begins a tag or a CDATA section
 * and nothing else, a tag ends at the first ">" outside quotes, and an
 * attribute is a pair of quotes: so a scan without names finds the stanzas
 * exactly, and counts depth, attributes and bytes as they come.  The parser
 * compares its depth with that of libxml2 after every tag; where they differ,
 * the bytes were not well-formed.
 */
#ifndef XML_SCAN_H
#define XML_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/span.h"
#include "xml/parser.h"

enum xml_scan_state {
	XML_SCAN_START,  /* nothing came yet */
	XML_SCAN_DECL,   /* within <?…?> */
	XML_SCAN_PROLOG, /* before the root */
	XML_SCAN_CONTENT,
	XML_SCAN_LESS,  /* behind < */
	XML_SCAN_BANG,  /* behind <!, within [CDATA[ */
	XML_SCAN_CDATA, /* until ]]> */
	XML_SCAN_TAG,
	XML_SCAN_QUOTE,
	XML_SCAN_SLASH, /* behind / in a start tag */
	XML_SCAN_END_TAG,
	XML_SCAN_EPILOG, /* behind the root */
};

enum xml_scan_event {
	XML_SCAN_MORE,    /* all was used, nothing has ended */
	XML_SCAN_FAULT,   /* refused: e says why */
	XML_SCAN_SPACE,   /* between stanzas: to be dropped */
	XML_SCAN_XMLDECL, /* an XML declaration has ended */
	XML_SCAN_HEADER,  /* the start tag of a stream */
	XML_SCAN_STANZA,  /* a whole one */
	XML_SCAN_CLOSE,   /* the end tag of a stream */
};

struct xml_scan {
	enum xml_scan_state state;
	unsigned floor; /* the depth stanzas stand on: 1 in a stream, else 0 */
	unsigned depth; /* open elements */
	unsigned matched; /* of [CDATA[, of ]]>, of ?> */
	unsigned attrs;   /* of this tag */
	char quote;
	size_t tag_bytes, stanza_bytes;
};

void xml_scan_init(struct xml_scan *s, enum xml_parser_mode mode);

/* Goes on to the next event or to the end of bytes.  *used is how far, and
 * *whole how far the last whole tag among them reaches (in a fault, that in
 * front of it). */
enum xml_scan_event xml_scan_run(struct xml_scan *s, struct span bytes,
	size_t *used, size_t *whole, struct err *e);

/* Sets e to a refusal with a condition of RFC 6120 section 4.9.3. */
bool xml_scan_refuse(struct err *e, const char *condition, const char *format,
	...) __attribute__((format(printf, 3, 4)));

#endif
