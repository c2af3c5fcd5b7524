/* sipping - what the files of the tool share
 *
 * main.c has the options, the targets and the verdict; request.c sends one
 * OPTIONS and says what became of it; ping.c asks by the clock or in a flood,
 * trace.c one hop further each time.
 */
#ifndef SIPPING_H
#define SIPPING_H

#include "base/list.h"
#include "cli/probe.h"
#include "cli/run.h"
#include "cli/sip_agent.h"
#include "sip/locate.h"

#define CALL_ID_LENGTH 24
#define TAG_LENGTH 12
/* Answers that are compared with what --expect says. */
#define EXPECTED_MAX 16

struct options {
	struct run_options run;
	struct sip_agent_options agent;
	struct probe_options probe;
	const char *expect;
	bool trace;
	int64_t max_hops;
	/* of `expect`: from (with 200) to (with 299) */
	unsigned from[EXPECTED_MAX], to[EXPECTED_MAX];
	size_t expected; /* 0: any final response */
};

struct sipping {
	struct run *run;
	const struct options *options;
	struct sip_agent agent;
	struct target *targets;
	size_t count;
	struct err broken; /* of our own output */
};

struct trace {
	int64_t hop;     /* that is asked for, from 0; so its Max-Forwards */
	unsigned silent; /* hops in a row that did not answer */
	bool is_over;
	bool has_end;     /* there was an answer that is not 483 */
	struct buf last;  /* what tells that answer from another one's */
	struct err fault; /* why it did not come to the end */
};

/* What the requests to one place share. */
struct pattern {
	size_t place;
	unsigned max_forwards;
	struct endpoint local;
	struct buf text;
	/* Bytes of it up to the end of the Call-ID, and to the CSeq's number. */
	size_t head, middle;
};

/* One URI. */
struct target {
	struct sipping *tool;
	struct span uri;
	char call_id[CALL_ID_LENGTH + 1], from_tag[TAG_LENGTH + 1];
	struct sip_locate *locate;
	struct sip_target places[SIP_TARGETS_MAX];
	char *names[SIP_TARGETS_MAX];
	size_t place_count, place; /* the one that is asked now */
	bool has_answered;         /* at that place */
	struct link requests;      /* that are out */
	struct err nowhere;        /* why there is nobody to ask */
	struct err denied; /* the password that was given is no use there */
	struct probe probe;
	struct trace trace;
	struct pattern pattern;
};

/* The URI the requests are sent to. */
struct span target_next_hop(const struct target *t);

/* record_end's outcome: a failure ends the run. */
void check_written(struct sipping *t, bool written, const struct err *e);

/* ---- request.c ---- */

struct request {
	struct link link;
	struct target *of;
	int64_t sequence;
	unsigned max_forwards;
	uint32_t cseq;
	struct sip_client *client;
	struct timer *patience;
	char *text; /* as it was sent, where there is a login */
	struct sip_login_tries tries;
	bool is_again;       /* it was challenged, and the answer is known */
	struct err distrust; /* why its 2xx is not believed */
};

/* An OPTIONS to the target.  Later, or at once where it cannot be sent, comes
 * either target_answered or target_lost of it. */
void request_send(struct target *t, int64_t sequence, unsigned max_forwards);
void request_free(struct request *r);

/* main.c: m is a final response; *why is borrowed. */
void target_answered(
	const struct request *r, usec_t rtt, const struct sip_scan *m);
void target_lost(const struct request *r, const struct err *why);

/* Who answered: Server, or User-Agent; empty where it does not say. */
struct span server_of(const struct sip_scan *m);

/* ---- ping.c ---- */

void ping_start(struct target *t);
void ping_answered(
	const struct request *r, usec_t rtt, const struct sip_scan *m);
void ping_lost(const struct request *r, const struct err *why);
void ping_report(struct target *t); /* the summary */

/* Reads --expect: "200", "2xx", "200,4xx". */
bool expect_parse(struct options *o, struct err *e);

/* ---- trace.c ---- */

void trace_start(struct target *t);
void trace_answered(
	const struct request *r, usec_t rtt, const struct sip_scan *m);
void trace_lost(const struct request *r, const struct err *why);
/* Did it come to the end?  Else why not. */
bool trace_judge(const struct target *t, struct err *e);

#endif
