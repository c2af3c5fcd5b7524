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

/* Answers still out; a very short interval with a very long wait. */
#define PROBE_OUTSTANDING_MAX 10000

struct probe_options {
	int64_t count;   /* 0: no end */
	usec_t interval; /* 0: PROBE_INTERVAL */
	usec_t reply_wait;
};
extern const struct opt probe_options[]; /* -c -i -W */

#define PROBE_INTERVAL (1 * USEC_SEC)
#define PROBE_REPLY_WAIT (1 * USEC_SEC)
/* What was not given becomes what it is then. */
void probe_options_settle(struct probe_options *o);

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

/* The first is asked at once, from within; options are borrowed. */
void probe_start(struct probe *p, struct loop *l,
	const struct probe_options *o, void (*ask)(void *arg, int64_t sequence),
	void *arg);
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

#endif
