/* sipanswer - answer calls: the caller hears standard input and is heard on
 * standard output (RFC 3261 section 13.3, RFC 3264, RFC 3550) */

#include "cli/phone.h"
#include "cli/phone_record.h"
#include "cli/run.h"
#include "cli/sip_agent.h"
#include "sip/header.h"

#define SIP_PORT 5060

static const char *const media_types[] = { "application/sdp", NULL };

struct sipanswer {
	struct run_options run;
	struct sip_agent_options agent;
	struct phone_options phone;
	const char *listen;
	usec_t listen_for; /* 0: without an end */
	int64_t count;
};

static const struct opt options[] = {
	{ OPT_USE, .use = phone_options,
		.offset = offsetof(struct sipanswer, phone) },
	{ OPT_NUMBER, 'c', "count", "N", "end after so many calls",
		.offset = offsetof(struct sipanswer, count), .min = 1,
		.max = INT64_MAX },
	{ OPT_DURATION, 0, "for", "SECONDS", "listen so long, then end with 0",
		.offset = offsetof(struct sipanswer, listen_for),
		.min = USEC_MS, .max = 365 * 86400 * USEC_SEC },
	{ OPT_ENDPOINT, 0, "listen", "ADDR:PORT",
		"where to wait for calls (port 5060 of every address)",
		.offset = offsetof(struct sipanswer, listen) },
	{ OPT_USE, .use = sip_agent_options,
		.offset = offsetof(struct sipanswer, agent) },
	{ OPT_USE, .use = run_options,
		.offset = offsetof(struct sipanswer, run) },
	{ OPT_END },
};

struct listener_state {
	struct phone phone;
	struct sip_agent agent;
	int64_t answered, count; /* 0: any number */
	usec_t until;            /* monotonic, of --for */
};

static struct span uri_of(const struct sip_scan *m, enum sip_hdr kind)
{
	struct sip_addr a;
	return sip_addr_parse(&a, sip_scan_value(m, kind), NULL) ? a.uri
								 : SPAN_EMPTY;
}

/* One call at a time has standard input and output; the others are told so. */
static void invited(void *arg, struct sip_server *s, struct sip_scan *m)
{
	struct listener_state *l = arg;
	struct phone *p = &l->phone;
	struct err e = ERR_NONE;
	if (p->call || p->ended) {
		sip_ua_reply(
			l->agent.ua, s, 486, &(struct sip_reply){ 0 }, NULL);
		return;
	}
	phone_begin(p, uri_of(m, SIP_HDR_FROM), uri_of(m, SIP_HDR_TO));
	p->call = call_take(
		l->agent.ua, s, m, &p->codecs, &phone_handlers, p, &e);
	if (!p->call) {
		run_warn(p->run, "%s: refused: %s", p->from, e.text);
		return;
	}
	phone_record_progress(p, 180, SPAN("Ringing"));
	if (!call_accept(p->call, &e)) {
		run_warn(p->run, "%s: cannot be answered: %s", p->from, e.text);
		call_hang_up(p->call, 500);
	}
}

/* The run's status is the worst of all calls', whose sentences are said when
 * they end. */
static void note_outcome(const struct phone *p, struct err *e)
{
	if (!err_is_set(&p->outcome))
		return;
	run_warn(p->run, "%s: %s", p->from, p->outcome.text);
	if (status_worse(e->status, p->outcome.status) != e->status)
		e->status = p->outcome.status;
}

/* The end of waiting: a signal, a deadline, or no place for the audio. */
static bool stop_waiting(
	struct listener_state *l, enum run_end how, struct err *e)
{
	struct run *r = l->phone.run;
	struct err end = ERR_NONE;
	bool in_time = loop_now(r->loop) >= l->until;
	phone_hang_up(&l->phone, 0);
	if (!phone_is_broken(&l->phone, &end) && how == RUN_DEADLINE &&
		!in_time)
		run_timed_out(r,
			l->count ? "not all calls came" : "it did not end",
			&end);
	if (err_is_set(&end) &&
		status_worse(e->status, end.status) != e->status)
		*e = end;
	return false;
}

static bool next_call(struct listener_state *l, struct err *e)
{
	struct phone *p = &l->phone;
	p->up = p->ended = false;
	enum run_end how = run_until(p->run, phone_is_answered, p, l->until);
	if (how != RUN_DONE || phone_is_broken(p, NULL))
		return stop_waiting(l, how, e);
	if (p->up) {
		l->answered++;
		how = phone_talk(p, l->until);
	}
	note_outcome(p, e);
	return (how == RUN_DONE || how == RUN_DEADLINE) &&
	       (l->count == 0 || l->answered < l->count);
}

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	(void)operands;
	const struct sipanswer *c = settings;
	struct sip_ua_settings ua = { .media_types = media_types };
	struct listener_state l = { .count = c->count };
	struct err closing = ERR_NONE;
	run_use(r, &c->run, USEC_NEVER);
	l.until =
		c->listen_for ? loop_now(r->loop) + c->listen_for : USEC_NEVER;
	if (phone_open(&l.phone, r, &c->phone, e) &&
		!phone_is_broken(&l.phone, e) &&
		sip_agent_open(
			&l.agent, r, &c->agent, ACCOUNT_OPTIONAL, &ua, e)) {
		sip_ua_serve(l.agent.ua, SIP_METHOD_INVITE, invited, &l);
		if (sip_agent_listen(
			    &l.agent, c->listen, SIP_PORT, l.phone.records, e))
			while (next_call(&l, e))
				;
	}
	if (!phone_close(&l.phone, &closing) && !err_is_set(e))
		*e = closing;
	sip_agent_close(&l.agent);
	return !err_is_set(e);
}

static const struct command command = {
	.name = "sipanswer",
	.summary = "answer SIP calls with audio on standard input and output",
	.synopsis = "[options]",
	.options = options,
	.operand_kind = "",
	.run = run,
};

int main(int argc, char **argv)
{
	struct sipanswer settings = { 0 };
	return cli_main(&command, argc, argv, &settings);
}
