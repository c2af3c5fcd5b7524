#include "cli/probe.h"

#include "cli/run.h"

const struct opt probe_options[] = {
	{ OPT_NUMBER, 'c', "count", "N", "stop after so many requests",
		.offset = offsetof(struct probe_options, count), .min = 1,
		.max = INT32_MAX },
	{ OPT_DURATION, 'i', "interval", "SECONDS",
		"send a request each time so long has passed (1)",
		.offset = offsetof(struct probe_options, interval),
		.min = USEC_MS, .max = 86400 * USEC_SEC },
	{ OPT_DURATION, 'W', "reply-wait", "SECONDS",
		"wait so long for the answer to each (1)",
		.offset = offsetof(struct probe_options, reply_wait),
		.min = USEC_MS, .max = 86400 * USEC_SEC },
	{ OPT_NUMBER, 0, "max-loss", "PERCENT",
		"not alive where more is lost than this (100)",
		.offset = offsetof(struct probe_options, max_loss), .min = 0,
		.max = 100 },
	{ OPT_FLAG, 0, "nagios",
		.help = "one line and the status of a monitoring plugin",
		.offset = offsetof(struct probe_options, nagios) },
	{ OPT_STRING, 0, "warning", "MS,PERCENT%",
		"with --nagios: WARNING from this mean time or loss",
		.offset = offsetof(struct probe_options, warning) },
	{ OPT_STRING, 0, "critical", "MS,PERCENT%",
		"with --nagios: CRITICAL from this mean time or loss",
		.offset = offsetof(struct probe_options, critical) },
	{ OPT_END },
};

const struct opt probe_flood_options[] = {
	{ OPT_FLAG, 0, "flood",
		.help = "send as fast as answers come, instead of by the clock",
		.offset = offsetof(struct probe_options, flood) },
	{ OPT_NUMBER, 0, "outstanding", "N",
		"in a flood: so many without an answer at once (100)",
		.offset = offsetof(struct probe_options, outstanding), .min = 1,
		.max = PROBE_OUTSTANDING_MAX },
	{ OPT_END },
};

/* As check_ping(8) of the Monitoring Plugins has it: "100,20%". */
static bool parse_limit(struct probe_limit *out, const char *name,
	const char *text, struct err *e)
{
	struct span loss = span_of(text), rtt;
	uint32_t percent, ms;

	if (!text)
		return true;
	if (!span_cut(&loss, ',', &rtt) || !span_ends(loss, "%") ||
		!span_to_u32(rtt, UINT32_MAX, &ms) ||
		!span_to_u32(span_first(loss, loss.n - 1), 100, &percent))
		return err_set(e, STATUS_USAGE,
			"--%s wants milliseconds and percent, such as 100,20%%",
			name);
	*out = (struct probe_limit){
		.is_set = true, .rtt = ms * USEC_MS, .loss = percent
	};
	return true;
}

bool probe_options_use(struct probe_options *o, struct run *r, struct err *e)
{
	if ((o->warning || o->critical) && !o->nagios)
		return err_set(e, STATUS_USAGE,
			"--warning and --critical are for --nagios");
	if (!parse_limit(&o->warn_at, "warning", o->warning, e) ||
		!parse_limit(&o->critical_at, "critical", o->critical, e))
		return false;
	if (o->nagios && !o->count)
		o->count = PROBE_NAGIOS_COUNT;
	if (o->nagios)
		r->output.quiet = true;
	return true;
}

/* ---- when ---- */

static bool has_more(const struct probe *p)
{
	return !p->options->count || p->sent < p->options->count;
}

static void ask_one(struct probe *p)
{
	p->out++;
	p->sent++;
	p->ask(p->arg, p->sent);
}

/* As many as may be out; where asking itself fails, the others are asked when
 * the loop has been round once. */
static void flood(struct probe *p)
{
	int64_t room = p->options->outstanding - (int64_t)p->out;

	for (; room > 0 && has_more(p); room--)
		ask_one(p);
}

/* One more or less is out. */
static void flood_on(struct probe *p)
{
	if (p->options->flood && p->next && !timer_is_set(p->next) &&
		has_more(p))
		timer_set(p->next, 0);
}

static void ask_next(void *arg)
{
	struct probe *p = arg;
	usec_t now = loop_now(p->loop), interval = p->options->interval;

	if (p->options->flood) {
		flood(p);
		return;
	}

	/* By the clock, so that it does not drift; what was missed while the
	 * machine slept is not made up for. */
	p->next_at += interval;
	if (p->next_at + interval < now)
		p->next_at = now;
	timer_set_at(p->next, p->next_at);
	if (p->out >= PROBE_OUTSTANDING_MAX)
		return;
	if (p->options->count && p->sent + 1 == p->options->count)
		timer_stop(p->next);
	ask_one(p);
}

void probe_start(struct probe *p, struct loop *l, const struct probe_options *o,
	void (*ask)(void *arg, int64_t sequence), void *arg)
{
	*p = (struct probe){ .options = o, .loop = l, .ask = ask, .arg = arg };
	p->next = timer_new(l, ask_next, p);
	p->next_at = loop_now(l);
	ask_next(p);
}

void probe_stop(struct probe *p)
{
	timer_free(p->next);
	p->next = NULL;
}

bool probe_is_done(const struct probe *p)
{
	return p->next && !p->out && !has_more(p);
}

/* ---- what came back ---- */

void probe_answered(struct probe *p, usec_t rtt)
{
	p->out--;
	p->received++;
	p->sum += (double)rtt;
	p->sum_of_squares += (double)rtt * (double)rtt;
	if (p->received == 1 || rtt < p->fastest)
		p->fastest = rtt;
	if (rtt > p->slowest)
		p->slowest = rtt;
	flood_on(p);
}

void probe_lost(struct probe *p, const struct err *why)
{
	p->out--;
	if (!err_is_set(&p->fault) ||
		(p->fault.status != why->status &&
			status_worse(p->fault.status, why->status) ==
				why->status))
		p->fault = *why;
	flood_on(p);
}

/* ---- in figures ---- */

/* Newton's method; figures of microseconds need no more. */
static usec_t square_root(double square)
{
	double root = square > 1 ? square : 1;

	for (int i = 0; i < 64 && square > 0; i++)
		root = (root + square / root) / 2;
	return square > 0 ? (usec_t)(root + 0.5) : 0;
}

static int64_t loss_permille(const struct probe *p)
{
	int64_t lost = p->sent - p->received;

	return p->sent ? (1000 * lost + p->sent / 2) / p->sent : 0;
}

double probe_mean(const struct probe *p)
{
	return p->received ? p->sum / (double)p->received : 0;
}

bool probe_report(const struct probe *p, struct out *out,
	enum record_proto proto, struct span to, struct err *e)
{
	struct record r;
	double avg = probe_mean(p);

	record_begin(&r, out, RECORD_SUMMARY, proto, loop_wall(p->loop));
	record_text(&r, KEY_TO, to);
	record_int(&r, KEY_SENT, p->sent);
	record_int(&r, KEY_RECEIVED, p->received);
	record_int(&r, KEY_LOST, p->sent - p->received);
	record_decimal(&r, KEY_LOSS_PERCENT, loss_permille(p), 1);
	if (p->received) {
		double squares = p->sum_of_squares / (double)p->received;
		record_decimal(&r, KEY_RTT_MIN_MS, p->fastest, 3);
		record_decimal(&r, KEY_RTT_AVG_MS, (usec_t)(avg + 0.5), 3);
		record_decimal(&r, KEY_RTT_MAX_MS, p->slowest, 3);
		record_decimal(&r, KEY_RTT_MDEV_MS,
			square_root(squares - avg * avg), 3);
	}
	return record_end(&r, e);
}

bool probe_report_loss(const struct probe *p, struct out *out,
	enum record_proto proto, struct span to, int64_t sequence,
	const struct err *why, struct err *e)
{
	struct record r;

	record_begin(&r, out, RECORD_ERROR, proto, loop_wall(p->loop));
	record_text(&r, KEY_TO, to);
	record_int(&r, KEY_SEQUENCE, sequence);
	record_str(&r, KEY_CONDITION,
		why->condition[0] ? why->condition : "unreachable");
	record_str(&r, KEY_TEXT, why->text);
	return record_end(&r, e);
}
