/* probe - pinging as ping(8) does: when to ask next, what came back in figures
 *
 * For sipping and xmppping.  A probe asks one target again and again by the
 * clock and counts; how it is asked, and how long its answer is waited for, is
 * the tool's: `ask` is called with 1, 2, 3 …, and of each is said once what
 * became of it, by probe_answered or probe_lost.  Times are microseconds.
 */
#ifndef CLI_PROBE_H
#define CLI_PROBE_H

#include "cli/opt.h"
#include "cli/record.h"
#include "net/loop.h"

struct run;

/* Answers still out; a very short interval with a very long wait. */
#define PROBE_OUTSTANDING_MAX 10000

struct probe_options {
	int64_t count; /* 0: no end */
	usec_t interval, reply_wait;
	int64_t max_loss; /* percent */
	bool nagios;
	const char *warning, *critical; /* "MS,PERCENT%"; NULL: see below */
	bool flood;
	int64_t outstanding; /* of a flood */

	/* What the two texts say, by probe_options_use. */
	struct probe_limit {
		bool is_set;
		usec_t rtt;
		int64_t loss; /* percent */
	} warn_at, critical_at;
};
/* -c -i -W --max-loss --nagios --warning --critical */
extern const struct opt probe_options[];
/* --flood --outstanding, for who asks those that can bear it */
extern const struct opt probe_flood_options[];

#define PROBE_OPTIONS_DEFAULTS                                                 \
	{                                                                      \
		.interval = 1 * USEC_SEC, .reply_wait = 1 * USEC_SEC,          \
		.max_loss = 100, .outstanding = 100                            \
	}
/* What --nagios sends where there is no -c. */
#define PROBE_NAGIOS_COUNT 5

/* Makes the run one of --nagios, where that is given.  False and e: the limits
 * are malformed. */
bool probe_options_use(struct probe_options *o, struct run *r, struct err *e);

struct probe {
	const struct probe_options *options;
	struct loop *loop;
	void (*ask)(void *arg, int64_t sequence);
	void *arg;
	struct timer *next; /* NULL: not started */
	usec_t next_at;
	size_t out; /* asked, and not known what became of it */
	int64_t sent, received;
	usec_t fastest, slowest;
	double sum, sum_of_squares;
	struct err fault; /* the worst of those not answered */
};

/* The first is asked at once, from within; options are borrowed.  In a flood
 * each that is known about makes room for the next. */
void probe_start(struct probe *p, struct loop *l, const struct probe_options *o,
	void (*ask)(void *arg, int64_t sequence), void *arg);
void probe_stop(struct probe *p); /* also where it was never started */

void probe_answered(struct probe *p, usec_t rtt);
void probe_lost(struct probe *p, const struct err *why);

/* All were asked, and of all it is known what became of them. */
bool probe_is_done(const struct probe *p);

/* The `summary` record of what was sent to `to`; as record_end. */
bool probe_report(const struct probe *p, struct out *out,
	enum record_proto proto, struct span to, struct err *e);
/* An `error` record of one that was lost. */
bool probe_report_loss(const struct probe *p, struct out *out,
	enum record_proto proto, struct span to, int64_t sequence,
	const struct err *why, struct err *e);

double probe_mean(const struct probe *p); /* of the times; 0: none */

/* ---- the verdict: probe_verdict.c ---- */

/* Alive: something was answered, and no more lost than --max-loss.  Else the
 * sentence and status of what was lost; run_timed_out's where the deadline of
 * the run cut it off. */
bool probe_judge(const struct probe *p, const struct run *r, struct err *e);

/* With --nagios, the last step of a tool's run(): instead of the outcome e one
 * line on stdout and the exit status of the Monitoring Plugins guidelines: 0 OK,
 * 1 WARNING (--warning is reached; without it, some lost), 2 CRITICAL
 * (--critical is reached, or not alive), 3 UNKNOWN (nothing could be asked).
 * tried: it came to asking, or to nobody there to ask. */
bool probe_monitor(const struct probe *const *probes, size_t count,
	const struct probe_options *o, struct run *r, bool tried,
	struct err *e);

#endif
