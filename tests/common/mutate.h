/* mutate - messages that nobody thought of, from ones that somebody did
 *
 * By base/rand: rand_simulate(seed) in front makes them the same again.
 */
#ifndef TESTS_MUTATE_H
#define TESTS_MUTATE_H

#include "base/buf.h"

/* A few of: a piece put in or put over, bytes left out, a part said twice. */
void mutate(struct buf *out, struct span text);

#endif
