/* run_private - what run.c and run_say.c share */
#ifndef CLI_RUN_PRIVATE_H
#define CLI_RUN_PRIVATE_H

#include "base/span.h"

/* One line on stderr, in one write, safe for a terminal. */
void run_say(const char *name, struct span sentence);

#endif
