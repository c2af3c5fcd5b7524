/* xmpproster - what its files share
 *
 *	main.c		options, operations, the run
 *	change.c	what is to become of one contact
 *	outcome.c	what became of it: records, and the verdict
 */
#ifndef XMPPROSTER_XMPPROSTER_H
#define XMPPROSTER_XMPPROSTER_H

#include "change.h"
#include "cli/xmpp_login.h"

struct xmpproster;
typedef bool action_read(struct xmpproster *t, char **operands, struct err *e);
typedef void action_do(struct xmpproster *t, struct change *c);

enum outcome { OUTCOME_LISTED, OUTCOME_GONE, OUTCOME_APPROVED };

struct action {
	const char *name;
	int min, max; /* operands behind it; max -1: any number */
	action_read *read;
	action_do *change;    /* NULL: it only looks */
	bool must_be_there;   /* in the roster, before */
	enum outcome outcome; /* what is so behind it */
};

struct options;

struct xmpproster {
	struct run *run;
	const struct options *options;
	const struct action *action;
	struct xmpp_login login;
	struct changes changes;
	struct xmpp_roster *before, *after;
	struct xmpp_roster **wanted; /* the one that is asked for */
	size_t open;                 /* requests */
	struct err fault;            /* of the roster itself, or of stdout */
};

/* It is not in the roster: it failed, unless it has already. */
void outcome_missing(struct change *c);
/* Records of contacts: all, or what the changes have come to by the roster
 * behind them; a fault of stdout is t->fault. */
void outcome_list(struct xmpproster *t);
void outcome_report(struct xmpproster *t);
/* One contact's own sentence; of several the worst, and how many. */
bool outcome_judge(struct xmpproster *t, struct err *e);

#endif
