/* span - a view of bytes that somebody else owns
 *
 * Not terminated and possibly with NULs inside.  A span is valid as long as
 * what it points into; parsers say in their header how long that is.  The
 * empty span may have a NULL pointer.
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
	const char *p;
	size_t n;
};

#define SPAN_EMPTY ((struct span){ NULL, 0 })
/* Of a string literal, known when compiling. */
#define SPAN(literal) ((struct span){ "" literal, sizeof(literal) - 1 })
/* For printf's "%.*s"; the text must have been made printable before. */
#define SPAN_ARGS(s) (int)((s).n), ((s).p ? (s).p : "")

static inline struct span span_from(const char *p, size_t n)
{
	return (struct span){ p, n };
}

/* NULL gives the empty span; a literal's length is known when compiling. */
static inline struct span span_of(const char *s)
{
	return s ? span_from(s, strlen(s)) : SPAN_EMPTY;
}

static inline struct span span_between(const char *from, const char *to)
{
	return span_from(from, (size_t)(to - from));
}

bool span_is(struct span s, const char *text);
bool span_is_nocase(struct span s, const char *text); /* ASCII only */
bool span_equal(struct span a, struct span b);
bool span_equal_nocase(struct span a, struct span b); /* ASCII only */
bool span_starts(struct span s, const char *prefix);
bool span_starts_nocase(struct span s, const char *prefix);
bool span_ends(struct span s, const char *suffix);
int span_compare(struct span a, struct span b); /* as memcmp, shorter first */

/* The first c at or after from, or s.n. */
size_t span_find(struct span s, char c, size_t from);
size_t span_find_span(struct span s, struct span what, size_t from);
bool span_has(struct span s, char c);

/* Both at most all of it. */
static inline struct span span_first(struct span s, size_t n)
{
	return span_from(s.p, n < s.n ? n : s.n);
}

static inline struct span span_skip(struct span s, size_t n)
{
	if (n > s.n)
		n = s.n;
	return n ? span_from(s.p + n, s.n - n) : s;
}

struct span span_trim(struct span s); /* SP HTAB CR LF at both ends */

/* Takes what stands before the first c into *head, leaves what is behind it
 * in *s.  Without c, head is all and false is returned.  head may be s: then
 * what is behind is dropped. */
bool span_cut(struct span *s, char c, struct span *head);

/* Digits only, whole span, no sign, at least one, at most max; outputs are
 * set only on success. */
bool span_to_u64(struct span s, uint64_t max, uint64_t *out);
bool span_to_u32(struct span s, uint32_t max, uint32_t *out);

char *span_dup(struct span s); /* with a NUL behind it; to mem_free */

/* Into a fixed array; false, and "" in it, where it does not fit. */
bool span_copy(char *out, size_t size, struct span s);

#endif
