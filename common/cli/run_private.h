/* run_private - what run.c, run_output.c and run_say.c share */
#ifndef CLI_RUN_PRIVATE_H
#define CLI_RUN_PRIVATE_H

#include "base/err.h"
#include "base/span.h"

struct out;
struct run;

/* One line on stderr, in one write, safe for a terminal. */
void run_say(const char *name, struct span sentence);

/* One more place for records; fd is closed at the end.  NULL and e. */
struct out *run_add_output(struct run *r, int fd, struct err *e);
/* Waits until all is written, closes and frees; what was lost is in e. */
void run_finish_outputs(struct run *r, struct err *e);

#endif
