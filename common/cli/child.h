/* child - a command of the user's, run by sh -c
 *
 * Its words are the user's alone: what a peer sent comes to it by descriptor
 * and never by argument or environment.
 */
#ifndef CLI_CHILD_H
#define CLI_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/* in, out: what becomes its stdin (-1: /dev/null) and stdout; they stay the
 * caller's.  Every other descriptor above 2 is closed there, signals are as
 * they were given to a new process.  environment NULL: ours.  Below 0: e. */
pid_t child_start(const char *command, char **environment, int in, int out,
	struct err *e);

/* The same in a process group of its own, for child_end_group. */
pid_t child_start_group(const char *command, char **environment, int in,
	int out, struct err *e);
/* SIGTERM, to the command and all that it has started. */
void child_end_group(pid_t pid);

/* Has it ended?  how is that of waitpid. */
bool child_has_ended(pid_t pid, int *how);

/* False where it did not end with 0: what is its name in the sentence. */
bool child_ended_well(
	const char *what, int how, enum status status, struct err *e);

#endif
