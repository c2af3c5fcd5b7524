/* units - where in a queue of bytes the pieces end that belong together
 *
 * Beside a buf that is filled behind and consumed in front: the lengths of its
 * units, in order.  What is behind the last of them is not in a unit (yet).
 * Whoever consumes bytes of the queue says so here.
 */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include "base/buf.h"

struct units {
	struct buf lengths; /* of size_t */
	size_t total;       /* their sum */
};

/* At most max units are kept: what would be more is joined to the last. */
void units_init(struct units *u, size_t max);
void units_clear(struct units *u);

/* The first `end` bytes of the queue are in units, of which the last ends
 * there.  Nothing where they are already. */
void units_end(struct units *u, size_t end);
/* The length of the whole units at the front that fit into max bytes, but at
 * least of the first; 0: there is none. */
size_t units_front(const struct units *u, size_t max);
/* n bytes are gone from the front, also in the middle of a unit. */
void units_consume(struct units *u, size_t n);

#endif
