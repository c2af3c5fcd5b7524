/* sippresence - what the files of the tool share
 *
 * main.c runs and leaves, others.c watches, own.c tells.
 */
#ifndef SIPPRESENCE_H
#define SIPPRESENCE_H

#include "cli/sip_agent.h"
#include "sip/notifier.h"
#include "sip/publication.h"
#include "sip/subscription.h"

#define EVENT "presence"

struct options {
	struct run_options run;
	struct sip_agent_options agent;
	const char *set, *status, *listen, *wait_for;
	struct opt_list watch;
	int64_t count, expires;
	usec_t seconds;
};

/* Somebody who is watched. */
struct watched {
	struct sippresence *tool;
	char *uri;
	const char *awaited; /* a show, "" any; NULL: not waited for */
	struct sip_subscription *subscription;
};

struct sippresence {
	struct run *run;
	const struct options *options;
	struct sip_agent agent;
	struct sip_publication *publication;
	struct sip_notifier *notifier;
	struct watched *watched;
	size_t watched_count;
	size_t open; /* of the three kinds, what has not ended */
	int64_t printed;
	bool is_ready, has_come, is_leaving;
	struct err fault;
};

/* What --set knows; NULL ends them. */
extern const char *const shows[];

/* One of the three kinds has ended, of this one. */
void ended(struct sippresence *t, const struct err *e, const char *who);

/* ---- others.c ---- */

bool read_watched(struct sippresence *t, struct err *e);
void watch_all(struct sippresence *t);
void stop_watching(struct sippresence *t); /* farewells; `ended` follows */
void free_watched(struct sippresence *t);

/* ---- own.c ---- */

/* Publishes our presence, or has it ready for those who ask. */
bool tell(struct sippresence *t, struct err *e);
void stop_telling(struct sippresence *t);
void free_own(struct sippresence *t);

#endif
