/* The way to a target, hop by hop (RFC 3261 sections 8.1.1.6 and 16.3).
 *
 * A proxy that gets a request with Max-Forwards 0 answers 483; but an OPTIONS
 * it may answer as if it were meant (16.3, step 3).  So the end is where one
 * hop more brings the same answer again. */
#include "cli/out.h"
#include "cli/record.h"
#include "sipping.h"

/* Hops in a row that may be silent, as some drop what they do not forward. */
#define SILENT_MAX 3
#define TOO_MANY_HOPS 483
#define ANSWER_ROOM 4096

static void ask_hop(struct target *t)
{
	request_send(t, t->trace.hop + 1, (unsigned)t->trace.hop);
}

static void next_hop(struct target *t)
{
	struct trace *trace = &t->trace;

	if (++trace->hop < t->tool->options->max_hops) {
		ask_hop(t);
		return;
	}
	trace->is_over = true;
	if (!trace->has_end)
		err_set(&trace->fault, STATUS_REFUSED,
			"%lld hops do not come to the end of the way",
			(long long)trace->hop);
}

void trace_start(struct target *t)
{
	buf_init(&t->trace.last, ANSWER_ROOM);
	ask_hop(t);
}

static void report_hop(
	const struct request *hop, usec_t rtt, const struct sip_scan *m)
{
	struct target *t = hop->of;
	struct run *run = t->tool->run;
	struct span server = server_of(m);
	struct span contact = sip_scan_value(m, SIP_HDR_CONTACT);
	struct span warning = sip_scan_value(m, SIP_HDR_WARNING);
	char source[ENDPOINT_TEXT_SIZE];
	struct record r;
	struct err e = ERR_NONE;

	record_begin(
		&r, run->out, RECORD_HOP, RECORD_SIP, loop_wall(run->loop));
	record_text(&r, KEY_TO, t->uri);
	record_int(&r, KEY_SEQUENCE, hop->sequence);
	record_decimal(&r, KEY_RTT_MS, rtt, 3);
	record_int(&r, KEY_STATUS_CODE, m->status_code);
	record_text(&r, KEY_REASON, m->reason);
	if (server.n)
		record_text(&r, KEY_USER_AGENT, server);
	if (contact.n)
		record_text(&r, KEY_CONTACT, contact);
	if (warning.n)
		record_text(&r, KEY_WARNING, warning);
	record_str(&r, KEY_SRC,
		endpoint_format(source, &t->places[t->place].address));
	check_written(t->tool, record_end(&r, &e), &e);
}

static void report_silence(const struct request *hop, const struct err *why)
{
	struct run *run = hop->of->tool->run;
	struct record r;
	struct err e = ERR_NONE;

	record_begin(
		&r, run->out, RECORD_ERROR, RECORD_SIP, loop_wall(run->loop));
	record_text(&r, KEY_TO, hop->of->uri);
	record_int(&r, KEY_SEQUENCE, hop->sequence);
	record_str(&r, KEY_CONDITION,
		why->condition[0] ? why->condition : "unreachable");
	record_str(&r, KEY_TEXT, why->text);
	check_written(hop->of->tool, record_end(&r, &e), &e);
}

/* What one who answers would say again. */
static void add_signature(struct buf *out, const struct sip_scan *m)
{
	buf_u64(out, m->status_code);
	buf_char(out, '\n');
	buf_span(out, server_of(m));
	buf_char(out, '\n');
	buf_span(out, sip_scan_value(m, SIP_HDR_CONTACT));
	buf_char(out, '\n');
	buf_span(out, sip_scan_value(m, SIP_HDR_WARNING));
}

void trace_answered(
	const struct request *r, usec_t rtt, const struct sip_scan *m)
{
	struct trace *trace = &r->of->trace;
	struct buf answer = BUF_INIT(ANSWER_ROOM);

	trace->silent = 0;
	if (m->status_code != TOO_MANY_HOPS) {
		add_signature(&answer, m);
		trace->is_over =
			trace->has_end &&
			span_equal(buf_view(&answer), buf_view(&trace->last));
	}
	trace->has_end = m->status_code != TOO_MANY_HOPS;
	buf_reset(&trace->last);
	buf_span(&trace->last, buf_view(&answer));
	buf_clear(&answer);
	if (trace->is_over)
		return;
	report_hop(r, rtt, m);
	next_hop(r->of);
}

void trace_lost(const struct request *r, const struct err *why)
{
	struct target *t = r->of;
	struct trace *trace = &t->trace;

	/* One who answered as if it were meant, and beyond whom is nobody. */
	if (trace->has_end) {
		trace->is_over = true;
		return;
	}
	report_silence(r, why);
	trace->fault = *why;
	if (why->status != STATUS_TIMEOUT || ++trace->silent == SILENT_MAX)
		trace->is_over = true;
	else
		next_hop(t);
}

bool trace_judge(const struct target *t, struct err *e)
{
	if (t->trace.has_end)
		return true;
	*e = t->trace.fault;
	if (!err_is_set(e))
		run_timed_out(t->tool->run, "no answer", e);
	return false;
}
