/* buf - bytes that grow up to a maximum
 *
 * Every buf has its maximum from the start, since every buf is in the end fed
 * by a peer or a user.  What does not fit is not added at all and sets
 * failed, which stays: append ten times, ask once.  data is followed by a
 * NUL that len does not count, once anything was added or buf_text called.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct buf {
	char *data;  /* the first live byte */
	size_t len;  /* live bytes */
	size_t max;  /* len never exceeds it */
	bool failed; /* something did not fit since the last reset */
	size_t room; /* private: bytes from data on that are allocated */
	size_t gone; /* private: bytes in front of data already consumed */
};

#define BUF_INIT(maximum) ((struct buf){ .max = (maximum) })

void buf_init(struct buf *b, size_t max);
void buf_clear(struct buf *b);       /* gives the memory back, keeps max */
void buf_clear_wiped(struct buf *b); /* the same, for secrets */
void buf_reset(struct buf *b);       /* empty again, memory kept */

bool buf_add(struct buf *b, const void *p, size_t n);
bool buf_span(struct buf *b, struct span s);
bool buf_str(struct buf *b, const char *s);
bool buf_char(struct buf *b, char c);
bool buf_u64(struct buf *b, unsigned long long value);
bool buf_printf(struct buf *b, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
bool buf_vprintf(struct buf *b, const char *format, va_list ap)
	__attribute__((format(printf, 2, 0)));

/* n bytes behind len to be written to, then buf_added(b, how many were);
 * NULL and failed where they do not fit. */
char *buf_reserve(struct buf *b, size_t n);
void buf_added(struct buf *b, size_t n);

void buf_consume(struct buf *b, size_t n); /* n ≤ len bytes from the front */

struct span buf_view(const struct buf *b); /* until the next change */
const char *buf_text(struct buf *b);       /* "" where nothing was added */
char *buf_take(struct buf *b); /* the string, to mem_free; b is empty then */

#endif
