/* utf8 - is it text, and may a terminal see it (RFC 3629)
 *
 * What a peer wrote is bytes until utf8_is_valid has said otherwise.  What a
 * person reads goes through utf8_printable: terminals obey C0, DEL and C1
 * controls and reorder by bidi controls, so those and invalid bytes become
 * visible escapes (\x1b, \u{202e}).
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

/* The code point at p and its length in bytes; 0 where it is not valid
 * UTF-8 (overlong, surrogate, above U+10FFFF, cut off). */
size_t utf8_decode(const char *p, size_t n, uint32_t *code);

/* How many bytes from the front are valid, whole characters. */
size_t utf8_valid_length(const char *p, size_t n);
bool utf8_is_valid(struct span s);

bool utf8_add(struct buf *out, uint32_t code);

/* Appends s with every invalid byte sequence replaced by U+FFFD; true where
 * nothing had to be replaced. */
bool utf8_add_valid(struct buf *out, struct span s);

/* A control a terminal obeys, or that forges a line or an order. */
bool utf8_is_hidden(uint32_t code);

enum utf8_keep {
	UTF8_ONE_LINE, /* \t \n \r \\ are written as such escapes */
	UTF8_LINES,    /* tabs and newlines stay, \\ too: for whole bodies */
	UTF8_SENTENCE, /* \t \n \r as escapes; \\ stays, it may be one already */
};

/* Appends s as a terminal may see it. */
void utf8_printable(struct buf *out, struct span s, enum utf8_keep keep);

/* Into a fixed array, cut with "…" where too long; returns out. */
char *utf8_printable_to(char *out, size_t size, struct span s);

#endif
