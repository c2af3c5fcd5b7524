/* out - standard output as a queue that never blocks the loop
 *
 * Records and other output are queued and written by the loop.  While more
 * than OUT_HIGH bytes wait, out_is_full is true and a session stops reading
 * its peer; nothing is dropped.  Without a loop (pure filters) writes block.
 *
 * A reader that left (EPIPE) is a polite end, not an error: out_has_reader
 * turns false and what is written after it is forgotten.  Any other failure is
 * STATUS_LOCAL_IO and stays.
 */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include "base/err.h"
#include "base/span.h"
#include "net/loop.h"

struct out;

#define OUT_HIGH (256 * 1024)

struct out *out_new(int fd, struct loop *l, struct err *e); /* l may be NULL */
void out_free(struct out *o); /* without waiting; NULL is fine */

void out_set_json(struct out *o, bool json);
bool out_is_json(const struct out *o);

bool out_write(struct out *o, struct span bytes, struct err *e);
bool out_is_full(const struct out *o);
bool out_is_drained(void *out); /* for run_until: nothing waits any more */
bool out_has_reader(const struct out *o);
bool out_has_failed(const struct out *o, struct err *e);

/* Called when the queue is empty again after it was full. */
void out_on_drained(struct out *o, void (*drained)(void *arg), void *arg);

#endif
