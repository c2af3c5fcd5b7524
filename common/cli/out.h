/* out - standard output as a queue that never blocks the loop
 *
 * Records and other output are queued and written by the loop.  While more
 * than OUT_HIGH bytes wait, out_is_full is true and a session stops reading
 * its peer; nothing is dropped: over OUT_MAX, which only a tool reaches that
 * never asks, writing blocks.  Without a loop the queue is written, blocking,
 * whenever it is full and by out_flush; a pure filter, which has no peer to
 * serve meanwhile, does the same by run_goes_on (cli/run.h).
 *
 * A reader that left (EPIPE) is a polite end, not an error: out_has_reader
 * turns false and what is written after it is forgotten.  A pipe's reader
 * that leaves is noticed also while nothing is written.  Any other failure is
 * STATUS_LOCAL_IO and stays.
 *
 * The descriptor's flags are left alone: others write to the same terminal or
 * pipe, and O_NONBLOCK would be theirs too.
 */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "net/loop.h"

struct out;

#define OUT_HIGH (256 * 1024)
#define OUT_MAX (16 * 1024 * 1024)

/* fd stays the caller's; l may be NULL. */
struct out *out_new(int fd, struct loop *l, struct err *e);
void out_free(struct out *o); /* without waiting; NULL is fine */

void out_set_json(struct out *o, bool json);
bool out_is_json(const struct out *o);
int out_fd(const struct out *o);

/* False: it failed (e), or the reader left (e untouched). */
bool out_write(struct out *o, struct span bytes, struct err *e);
/* The same in place: append to the buf that out_begin gives, then out_end. */
struct buf *out_begin(struct out *o);
bool out_end(struct out *o, struct err *e);

/* Writes all that waits, blocking; as out_write. */
bool out_flush(struct out *o, struct err *e);

bool out_is_full(const struct out *o);
size_t out_waiting(const struct out *o); /* bytes in the queue */
bool out_is_drained(void *out); /* for run_until: nothing waits any more */
bool out_has_reader(const struct out *o);
bool out_has_failed(const struct out *o, struct err *e);

/* Called whenever all that was given has been written: what was promised for
 * then can be done (an acknowledgement).  Not after a failure. */
void out_on_written(struct out *o, void (*written)(void *arg), void *arg);

/* Called when the queue is empty again after it was full. */
void out_on_drained(struct out *o, void (*drained)(void *arg), void *arg);

#endif
