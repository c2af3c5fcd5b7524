/* exec - a command for each record: --exec
 *
 * One at a time, in the order of the records.  The record, a line of JSON, is
 * the command's stdin, a file that it may also leave unread; what it prints
 * goes to stderr, since stdout carries records only (design: one promise).
 *
 *	struct out *out = exec_begin(x, e);
 *	if (out && record_…(out, …, e))
 *		exec_end(x, e);
 */
#ifndef CLI_EXEC_H
#define CLI_EXEC_H

#include "base/err.h"
#include "cli/run.h"

/* Records that wait: each has a descriptor. */
#define EXEC_WAITING_MAX 100

struct exec;

/* Called once for each record, in order: ERR_NONE where its command ended with
 * 0; else no further command is started. */
typedef void exec_done(void *arg, const struct err *e);

/* command is borrowed. */
struct exec *exec_new(struct run *r, const char *command, exec_done *done,
	void *arg, struct err *e);
/* Without waiting: a command that runs, and what it has started, gets SIGTERM.
 * NULL is fine. */
void exec_free(struct exec *x);

/* Where the next record is written to; NULL and e: no descriptor is left. */
struct out *exec_begin(struct exec *x, struct err *e);
/* It takes its turn. */
bool exec_end(struct exec *x, struct err *e);

bool exec_is_full(const struct exec *x); /* no more of them, for now */
/* No further command is started; those that wait are forgotten. */
void exec_stop(struct exec *x);
bool exec_is_idle(void *exec); /* for run_until: none runs, none waits */

#endif
