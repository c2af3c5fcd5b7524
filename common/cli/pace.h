/* pace - when a tool that listens reads on, and when it lets more gather
 *
 * While stdout is full nothing is read.  And in a flood, reading rests: a
 * server sends in handfuls, as large as its own turns are, and being woken for
 * each costs more than what is in it does.  So behind a turn with several
 * records what follows is left in the kernel for a moment, and then taken at
 * once; as network cards do with interrupts.  What comes alone, or first, is
 * read when it comes.
 */
#ifndef CLI_PACE_H
#define CLI_PACE_H

#include "net/loop.h"

/* Records of one turn from which on it is a flood: no person writes so. */
#define PACE_FLOOD 4
/* How long a rest is: nobody sees it. */
#define PACE_REST (25 * USEC_MS)
#define PACE_REST_LEAST (1 * USEC_MS)
/* More than so many are not to gather: from a fast server rests are shorter.
 * Prosody keeps 500 unacknowledged stanzas, and there is little to gain. */
#define PACE_GATHERED 250

struct pace;

typedef void pace_pause(void *arg, bool paused);

struct pace *pace_new(struct loop *l, pace_pause *pause, void *arg);
/* Reading goes on, and does not stop any more. */
void pace_end(struct pace *p);
void pace_free(struct pace *p); /* without a word; NULL is fine */

/* Does reading rest in a flood?  Not at the start: whoever waits for an answer
 * wants it now. */
void pace_gather(struct pace *p, bool gathers);

/* A record was given to stdout, which is full now, or not. */
void pace_record(struct pace *p, bool is_full);
/* All that was given is written.  Where more waits in the kernel already, it
 * has gathered. */
void pace_written(struct pace *p, bool more_waits);

#endif
