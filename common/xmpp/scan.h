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
#ifndef XMPP_SCAN_H
#define XMPP_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/span.h"
#include "xmpp/parser.h"

enum xmpp_scan_state {
	XMPP_SCAN_START,  /* nothing came yet */
	XMPP_SCAN_DECL,   /* within <?…?> */
	XMPP_SCAN_PROLOG, /* before the root */
	XMPP_SCAN_CONTENT,
	XMPP_SCAN_LESS,  /* behind < */
	XMPP_SCAN_BANG,  /* behind <!, within [CDATA[ */
	XMPP_SCAN_CDATA, /* until ]]> */
	XMPP_SCAN_TAG,
	XMPP_SCAN_QUOTE,
	XMPP_SCAN_SLASH, /* behind / in a start tag */
	XMPP_SCAN_END_TAG,
	XMPP_SCAN_EPILOG, /* behind the root */
};

enum xmpp_scan_event {
	XMPP_SCAN_MORE,    /* all was used, nothing has ended */
	XMPP_SCAN_FAULT,   /* refused: e says why */
	XMPP_SCAN_SPACE,   /* between stanzas: to be dropped */
	XMPP_SCAN_XMLDECL, /* an XML declaration has ended */
	XMPP_SCAN_HEADER,  /* the start tag of a stream */
	XMPP_SCAN_STANZA,  /* a whole one */
	XMPP_SCAN_CLOSE,   /* the end tag of a stream */
};

struct xmpp_scan {
	enum xmpp_scan_state state;
	unsigned floor; /* the depth stanzas stand on: 1 in a stream, else 0 */
	unsigned depth; /* open elements */
	unsigned matched; /* of [CDATA[, of ]]>, of ?> */
	unsigned attrs;   /* of this tag */
	char quote;
	size_t tag_bytes, stanza_bytes;
};

void xmpp_scan_init(struct xmpp_scan *s, enum xmpp_parser_mode mode);

/* Goes on to the next event or to the end of bytes.  *used is how far, and
 * *whole how far the last whole tag among them reaches (in a fault, that in
 * front of it). */
enum xmpp_scan_event xmpp_scan_run(struct xmpp_scan *s, struct span bytes,
	size_t *used, size_t *whole, struct err *e);

/* Sets e to a refusal with a condition of RFC 6120 section 4.9.3. */
bool xmpp_scan_refuse(struct err *e, const char *condition, const char *format,
	...) __attribute__((format(printf, 3, 4)));

#endif
