/* finding - what a tool that diagnoses has found: a record each, and a verdict
 *
 * For sipcheck and xmppcheck.  A finding has a level, the check it is of, one
 * sentence, and where something can be done about it, advice.
 */
#ifndef CLI_FINDING_H
#define CLI_FINDING_H

#include "cli/record.h"

struct run;

enum finding_level {
	FINDING_OK,      /* as it should be */
	FINDING_NOTE,    /* good to know */
	FINDING_WARNING, /* works, and will fail for some or some day */
	FINDING_ERROR,   /* does not work, or must not be */
	FINDING_LEVELS
};

struct findings {
	struct run *run;
	enum record_proto proto;
	const char *subject; /* what is diagnosed; borrowed */
	bool nagios;         /* no records */
	/* Where the present check looks; NULL: nowhere in particular. */
	const char *transport, *address;
	size_t counts[FINDING_LEVELS];
	char first[ERR_TEXT_MAX]; /* of the worst level so far */
	struct err broken;        /* of our own output */
};

/* advice may be NULL.  With -q only warnings and errors are printed. */
void finding_add(struct findings *f, enum finding_level level,
	const char *check, const char *advice, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

enum finding_level findings_worst(const struct findings *f);

/* False, STATUS_REFUSED, where there was an error. */
bool findings_judge(const struct findings *f, struct err *e);

/* With --nagios, the last step of a tool's run(): one line on stdout and the
 * exit status of the Monitoring Plugins guidelines.  e: why it came to no
 * findings; UNKNOWN. */
bool findings_monitor(const struct findings *f, struct err *e);

#endif
