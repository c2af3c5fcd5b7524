/* lines - standard input, line by line, without blocking the loop
 *
 * It reads only while no complete line is at hand, so that who takes lines
 * slowly lets the writer wait: constant memory, however long the input.  A
 * last line without its newline counts.  A line over the maximum is
 * STATUS_MALFORMED and ends it.
 *
 *	switch (lines_next(lines, &line, e)) {
 *	case LINES_LINE: …
 *	case LINES_NONE: run_until(r, lines_has_next, lines, USEC_NEVER) …
 *
 * lines_has_next is waited for only after a LINES_NONE, which begins to read.
 */
#ifndef CLI_LINES_H
#define CLI_LINES_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "net/loop.h"

struct lines;

struct lines_settings {
	int fd;     /* stays the caller's */
	char end;   /* '\n', or '\0' as `find -print0` writes */
	size_t max; /* bytes of one line */
	/* Called when lines_has_next has become true; may be NULL. */
	void (*ready)(void *arg);
	void *arg;
};

struct lines *lines_new(
	struct loop *l, const struct lines_settings *s, struct err *e);
void lines_free(struct lines *l); /* NULL is fine */

enum lines_got {
	LINES_NONE, /* nothing yet */
	LINES_LINE, /* *line is one, without its end, until either is called */
	LINES_END,
	LINES_FAILED, /* e */
};
enum lines_got lines_next(struct lines *l, struct span *line, struct err *e);
/* It would not be LINES_NONE; where false, more is read from now on. */
bool lines_has_next(void *lines);

#endif
