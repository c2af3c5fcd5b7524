/* sipreg - what the files of the tool share
 *
 * main.c has the options and the run; job.c is one account and what it does
 * next; records.c prints what became of it.  Each account has a user agent of
 * its own, since it has its own password, proxy and TLS.
 */
#ifndef SIPREG_H
#define SIPREG_H

#include "cli/run.h"
#include "cli/sip_agent.h"
#include "sip/registration.h"

#define WAIT (30 * USEC_SEC)
/* RFC 5626 section 4.2.1: sets of two must be known, of four should be. */
#define EDGES_MAX 4

struct options {
	struct run_options run;
	struct sip_agent_options agent;
	struct opt_list remove, edges;
	bool query, remove_all, keep, leave;
	usec_t expires, listen_for;
	const char *instance;
	int64_t reg_id;
};

/* One account. */
struct job {
	struct sipreg *tool;
	struct sip_agent_options agent_options;
	struct sip_agent agent;
	struct sip_registration *registration;
	uint32_t reg_id; /* 0: none */
	size_t removed;  /* of options.remove */
	bool registered; /* it was there before: this is a refresh */
	bool leaving, done;
};

struct sipreg {
	struct run *run;
	const struct options *options;
	struct job *jobs;
	unsigned *flows; /* for each account, how many of them are up */
	size_t count, failed;
	struct err worst, fault; /* of the jobs; of stdout */
};

/* ---- job.c ---- */

/* A job for each of the accounts, or for the one that the options say, by each
 * edge proxy. */
bool jobs_open(struct sipreg *t, char **names, struct err *e);
void jobs_close(struct sipreg *t);
/* What the options want of it. */
void job_start(struct job *j);

/* ---- records.c ---- */

/* The bindings that are listed, but for our own where `own` is false: that has
 * a record already. */
size_t print_bindings(
	struct job *j, const struct sip_registration_event *event, bool own);
void print_done(struct job *j, const struct sip_registration_event *event);
void print_failure(struct job *j, const struct sip_registration_event *event);
/* uri NULL: that of the response, or all. */
void print_removed(struct job *j, const char *uri);

#endif
