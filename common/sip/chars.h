/* chars - the character classes of SIP's grammar (RFC 3261 section 25.1) */
#ifndef SIP_CHARS_H
#define SIP_CHARS_H

#include <stdbool.h>

#include "base/span.h"

enum sip_chars {
	SIP_CHAR_TOKEN = 1,
	SIP_CHAR_LWS = 2,    /* SP HTAB CR LF: inside a folded value */
	SIP_CHAR_HOST = 4,   /* what a host, port or address adds to a token */
	SIP_CHAR_USER = 8,   /* unreserved and user-unreserved */
	SIP_CHAR_PARAM = 16, /* unreserved and param-unreserved, of a URI */
	SIP_CHAR_HNV = 32,   /* unreserved and hnv-unreserved, of a URI */
	SIP_CHAR_WORD = 64,  /* of a Call-ID */
	SIP_CHAR_URIC = 128, /* reserved, unreserved, '%' and [] */
};

extern const unsigned char sip_char_table[256];

/* Is c in one of these classes? */
#define sip_char_is(c, classes)                                                \
	((sip_char_table[(unsigned char)(c)] & (classes)) != 0)

/* What RFC 3261 section 19.1.4 compares in a URI whose escapes are all whole:
 * the character at *i, unescaped, with *i behind it.  An escaped one of RFC
 * 2396's reserved set is not that character itself: it is 256 and above. */
unsigned sip_char_next(struct span s, size_t *i);
bool sip_escaped_equal(struct span a, struct span b);
bool sip_escaped_equal_nocase(struct span a, struct span b);

#endif
