/* conn_race - which of these addresses answers first (RFC 8305 section 5)
 *
 * Attempts begin one after the other, the next one CONN_RACE_DELAY after the
 * last or at once when one fails, and go on beside each other.  The first one
 * that stands wins and the rest is given up.  Private to net/conn*.c.
 */
#ifndef NET_CONN_RACE_H
#define NET_CONN_RACE_H

#include "net/conn.h"
#include "net/sock.h"

struct race;

/* Once, not from within race_new: the winner, which is the callee's from then
 * on, or NULL and why nobody was reached.  The race may be freed in it. */
typedef void race_over(void *arg, struct sock *winner,
	const struct endpoint *remote, const struct err *e);

struct race *race_new(struct loop *l, const struct endpoint *addresses,
	size_t count, const struct endpoint *local, race_over *over, void *arg);
void race_free(struct race *r); /* gives up what is open; NULL is fine */

/* The sentence for a race that is given up after this long. */
void race_describe(const struct race *r, usec_t after, struct err *e);

/* What an errno of a stream means: status, condition, sentence. */
void conn_errno(struct err *e, int number);

#endif
