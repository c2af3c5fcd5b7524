/* secret_private - what secret*.c share */
#ifndef CLI_SECRET_PRIVATE_H
#define CLI_SECRET_PRIVATE_H

#include "cli/run.h"

enum secret_until {
	SECRET_LINE, /* not a byte behind the newline is taken */
	SECRET_END,  /* reads on to the end of what a command prints */
};

/* The first line that comes out of fd; from is its name in sentences. */
char *secret_read_line(struct run *r, int fd, enum secret_until until,
	const char *from, struct err *e);

char *secret_from_command(struct run *r, const char *command, struct err *e);
char *secret_from_terminal(struct run *r, const char *whose, struct err *e);

#endif
