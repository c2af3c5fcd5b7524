/* Pings: when, and what of them is expected. */
#include "cli/out.h"
#include "cli/record.h"
#include "sipping.h"

/* ---- --expect ------------------------------------------------------------------- */

static bool take_expected(struct options *o, struct span word)
{
	uint32_t code;
	size_t i = o->expected;

	if (i == EXPECTED_MAX || word.n != 3)
		return false;
	if (span_is_nocase(span_skip(word, 1), "xx") && word.p[0] >= '2' &&
		word.p[0] <= '6') {
		o->from[i] = (unsigned)(word.p[0] - '0') * 100;
		o->to[i] = o->from[i] + 99;
	} else if (span_to_u32(word, 699, &code) && code >= 200) {
		o->from[i] = o->to[i] = code;
	} else {
		return false;
	}
	o->expected++;
	return true;
}

bool expect_parse(struct options *o, struct err *e)
{
	struct span rest = span_of(o->expect), word;

	for (bool more = o->expect; more;) {
		more = span_cut(&rest, ',', &word);
		if (!take_expected(o, span_trim(word)))
			return err_set(e, STATUS_USAGE,
				"--expect wants final status codes or classes, "
				"such as 200 or 2xx,404, at most %d",
				EXPECTED_MAX);
	}
	return true;
}

static bool is_expected(const struct options *o, unsigned code)
{
	bool good = o->expected == 0;

	for (size_t i = 0; i < o->expected && !good; i++)
		good = code >= o->from[i] && code <= o->to[i];
	return good;
}

/* ---- records -------------------------------------------------------------------- */

static void report_answer(
	const struct request *ping, usec_t rtt, const struct sip_scan *m)
{
	struct sipping *t = ping->of->tool;
	struct span server = server_of(m);
	struct record r;
	struct err e = ERR_NONE;

	if (t->run->output.quiet)
		return;
	record_begin(&r, t->run->out, RECORD_PING, RECORD_SIP,
		loop_wall(t->run->loop));
	record_text(&r, KEY_FROM, ping->of->uri);
	record_int(&r, KEY_SEQUENCE, ping->sequence);
	record_decimal(&r, KEY_RTT_MS, rtt, 3);
	record_int(&r, KEY_STATUS_CODE, m->status_code);
	record_text(&r, KEY_REASON, m->reason);
	if (server.n)
		record_text(&r, KEY_USER_AGENT, server);
	check_written(t, record_end(&r, &e), &e);
}

void ping_report(struct target *t)
{
	struct err e = ERR_NONE;

	check_written(t->tool,
		probe_report(
			&t->probe, t->tool->run->out, RECORD_SIP, t->uri, &e),
		&e);
}

/* ---- pings ----------------------------------------------------------------------- */

static void ask(void *arg, int64_t sequence)
{
	request_send(arg, sequence, SIP_MAX_FORWARDS);
}

void ping_start(struct target *t)
{
	probe_start(&t->probe, t->tool->run->loop, &t->tool->options->probe,
		ask, t);
}

void ping_answered(
	const struct request *r, usec_t rtt, const struct sip_scan *m)
{
	struct target *t = r->of;
	struct err e = ERR_NONE;

	report_answer(r, rtt, m);
	if (is_expected(t->tool->options, m->status_code)) {
		probe_answered(&t->probe, rtt);
		return;
	}
	bool challenged = m->status_code == 401 || m->status_code == 407;
	err_set(&e, challenged ? STATUS_AUTH : STATUS_REFUSED,
		"the answer is %u %.*s, which is not expected", m->status_code,
		SPAN_ARGS(m->reason));
	err_condition(&e, "unexpected", false);
	probe_lost(&t->probe, &e);
}

void ping_lost(const struct request *r, const struct err *why)
{
	struct target *t = r->of;
	struct err e = ERR_NONE;

	probe_lost(&t->probe, why);
	if (t->tool->run->output.quiet)
		return;
	check_written(t->tool,
		probe_report_loss(&t->probe, t->tool->run->out, RECORD_SIP,
			t->uri, r->sequence, why, &e),
		&e);
}
