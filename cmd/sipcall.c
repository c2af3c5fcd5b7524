/* sipcall - place a call: standard input is heard there, the far end here
 * (RFC 3261 section 13, RFC 3264, RFC 3550) */

#include "cli/phone.h"
#include "cli/run.h"
#include "cli/sip_agent.h"

#define RING_TIMEOUT (60 * USEC_SEC)
/* Nobody answers at all: Timer B of RFC 3261 would take 32 s. */
#define PATIENCE (30 * USEC_SEC)

struct sipcall {
	struct run_options run;
	struct sip_agent_options agent;
	struct phone_options phone;
	usec_t ring_timeout;
};

static const struct opt options[] = {
	{ OPT_USE, .use = phone_options,
		.offset = offsetof(struct sipcall, phone) },
	{ OPT_GROUP, .help = "Caller" },
	{ OPT_DURATION, 0, "ring-timeout", "SECONDS",
		"how long it may ring (60)",
		.offset = offsetof(struct sipcall, ring_timeout),
		.min = USEC_MS, .max = 86400 * USEC_SEC },
	{ OPT_USE, .use = sip_agent_options,
		.offset = offsetof(struct sipcall, agent) },
	{ OPT_USE, .use = run_options,
		.offset = offsetof(struct sipcall, run) },
	{ OPT_END },
};

static void place(struct phone *p, struct sip_agent *a, const struct sipcall *c,
	const char *uri)
{
	phone_begin(p, sip_agent_from_uri(a), span_of(uri));
	p->call = call_place(a->ua,
		&(struct sip_invite_settings){
			.request_uri = span_of(uri),
			.from = sip_agent_from(a),
			.to = sip_agent_to(a),
			.user = sip_agent_user(a),
			.kind = a->transport,
			.patience =
				c->run.time.wait && c->run.time.wait < PATIENCE
					? c->run.time.wait
					: PATIENCE,
		},
		&p->codecs, &phone_handlers, p);
}

/* Rings until it is up or has ended; a call nobody took is given up. */
static void ring(struct phone *p, const struct sipcall *c)
{
	usec_t most = c->ring_timeout ? c->ring_timeout : RING_TIMEOUT;
	enum run_end how = run_until(
		p->run, phone_is_answered, p, loop_now(p->run->loop) + most);
	if (how == RUN_DONE && !phone_is_broken(p, NULL))
		return;
	bool whole_run = c->run.time.wait && c->run.time.wait <= most;
	phone_hang_up(p, 0);
	/* That we have cancelled it is no refusal of theirs. */
	err_clear(&p->outcome);
	if (how != RUN_DEADLINE)
		phone_is_broken(p, &p->outcome);
	else if (whole_run)
		run_timed_out(p->run, "it was not answered", &p->outcome);
	else
		err_set(&p->outcome, STATUS_TIMEOUT,
			"it was not answered within %g s",
			(double)most / USEC_SEC);
}

static bool call(struct phone *p, const struct sipcall *c, const char *uri,
	struct err *e)
{
	struct sip_ua_settings settings = { 0 };
	if (!phone_open(p, p->run, &c->phone, e) || phone_is_broken(p, e))
		return false;
	struct sip_agent agent;
	if (sip_agent_open(&agent, p->run, &c->agent, ACCOUNT_OPTIONAL,
		    &settings, e) &&
		sip_agent_check_uri(&agent, uri, e) &&
		(sip_agent_is_web(&agent) ||
			sip_agent_listen(&agent, c->agent.local, 0, NULL, e))) {
		place(p, &agent, c, uri);
		ring(p, c);
		if (p->up)
			phone_talk(p, USEC_NEVER);
		*e = p->outcome;
		if (err_is_set(e))
			err_prefix(e, "%s", uri);
	}
	sip_agent_close(&agent);
	return !err_is_set(e);
}

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	const struct sipcall *c = settings;
	struct phone p = { .run = r };
	run_use(r, &c->run, USEC_NEVER);
	bool good = call(&p, c, operands[0], e);
	struct err closing = ERR_NONE;
	if (!phone_close(&p, &closing) && good)
		*e = closing;
	return !err_is_set(e);
}

static const struct command command = {
	.name = "sipcall",
	.summary = "place a SIP call with audio on standard input and output",
	.synopsis = "[options] URI",
	.options = options,
	.min_operands = 1,
	.max_operands = 1,
	.operand_kind = "sip-uri",
	.run = run,
};

int main(int argc, char **argv)
{
	struct sipcall settings = { 0 };
	return cli_main(&command, argc, argv, &settings);
}
