/* opt_private - what opt.c, opt_help.c and opt_near.c share */
#ifndef CLI_OPT_PRIVATE_H
#define CLI_OPT_PRIVATE_H

#include "cli/opt.h"

/* -h and -V, which opt.c adds to each table. */
bool opt_is_standard(const struct opt *o);

/* The long name that a person who typed word ("--cuont=3") may have meant;
 * NULL where none is near. */
const char *opt_nearest(const struct command *c, const char *word);

#endif
