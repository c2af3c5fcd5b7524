/* secret - a password from where passwords may be, and nowhere else
 *
 * From a file, a command or a descriptor, else asked for on the terminal with
 * its echo off; where there is none, at once STATUS_AUTH.  Never from argv or
 * the environment.  The first line counts, without its newline.  From the
 * moment a secret is read the process leaves no core and cannot be traced by
 * others of the same user.
 *
 * A command runs as `sh -c` in a clean environment, with stdin from
 * /dev/null; its stderr is ours.  All waits are waits of the run: its
 * deadline and signals end them, and the terminal's echo comes back always.
 */
#ifndef CLI_SECRET_H
#define CLI_SECRET_H

#include <stdbool.h>

#include "base/err.h"
#include "cli/opt.h"

#define SECRET_MAX 4096 /* bytes; more is not a password but a wrong file */

struct run;

struct secret_options {
	const char *file, *command, *fd;
};
extern const struct opt secret_options[]; /* --password-file, -command, -fd */

/* Of the three the first that is given; `whose` is for the prompt and the
 * sentences: "bot@example.org".  To mem_free_wiped; NULL and e. */
char *secret_read(struct run *r, const struct secret_options *o,
	const char *whose, struct err *e);

/* No core, no tracing; secret_read calls it, and who gets a secret from
 * elsewhere (--user NAME:PASSWORD of a test server). */
void secret_harden(void);

/* For the way out of a signal: turns the terminal's echo on again where a
 * prompt has turned it off. */
void secret_restore_terminal(void);

#endif
