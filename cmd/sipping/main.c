/* sipping - ping SIP servers with OPTIONS (RFC 3261 section 11) */

#include "base/mem.h"
#include "base/rand.h"
#include "cli/out.h"
#include "sip/compose.h"
#include "sipping.h"

#define MAX_HOPS SIP_MAX_FORWARDS

static const struct opt options[] = {
	{ OPT_GROUP, .help = "Ping" },
	{ OPT_USE, .use = probe_options,
		.offset = offsetof(struct options, probe) },
	{ OPT_USE, .use = probe_flood_options,
		.offset = offsetof(struct options, probe) },
	{ OPT_STRING, 0, "expect", "CODE[,CODE...]",
		"alive is only who answers so: 200, 2xx",
		.offset = offsetof(struct options, expect) },
	{ OPT_FLAG, 'T', "traceroute",
		.help = "show each hop on the way, by Max-Forwards",
		.offset = offsetof(struct options, trace) },
	{ OPT_NUMBER, 0, "max-hops", "N", "with -T: no further than this (70)",
		.offset = offsetof(struct options, max_hops), .min = 1,
		.max = 255 },
	{ OPT_USE, .use = sip_agent_options,
		.offset = offsetof(struct options, agent) },
	{ OPT_USE, .use = run_options,
		.offset = offsetof(struct options, run) },
	{ OPT_END },
};

void check_written(struct sipping *t, bool written, const struct err *e)
{
	if (!written && err_is_set(e))
		t->broken = *e;
}

/* ---- one target ------------------------------------------------------------------ */

void target_answered(
	const struct request *r, usec_t rtt, const struct sip_scan *m)
{
	if (r->of->tool->options->trace)
		trace_answered(r, rtt, m);
	else
		ping_answered(r, rtt, m);
}

void target_lost(const struct request *r, const struct err *why)
{
	if (r->of->tool->options->trace)
		trace_lost(r, why);
	else
		ping_lost(r, why);
}

/* A proxy comes first. */
struct span target_next_hop(const struct target *t)
{
	return sip_compose_next_hop(t->tool->agent.ua, SPAN_EMPTY, t->uri);
}

static void located(void *arg, const struct sip_target *places, size_t count,
	const struct err *e)
{
	struct target *t = arg;

	t->locate = NULL;
	t->place_count = count;
	for (size_t i = 0; i < count; i++) {
		t->places[i] = places[i];
		t->places[i].name = t->names[i] = mem_str(places[i].name);
	}
	if (!count)
		t->nowhere = *e;
	else if (t->tool->options->trace)
		trace_start(t);
	else
		ping_start(t);
}

static void target_start(struct target *t)
{
	const struct sip_agent *agent = &t->tool->agent;
	const struct sip_ua_settings *ua = sip_ua_settings(agent->ua);
	struct sip_locate_settings s = { .loop = t->tool->run->loop,
		.resolver = ua->resolver,
		.family = ua->family,
		.kinds = sip_ua_kinds(agent->ua),
		.connect_to = ua->connect_to,
		.kind = agent->transport };

	rand_token(t->call_id, CALL_ID_LENGTH);
	rand_token(t->from_tag, TAG_LENGTH);
	t->locate = sip_locate_new(&s, target_next_hop(t), located, t);
}

static bool target_is_done(const struct target *t)
{
	if (t->locate)
		return false;
	return !t->place_count || t->trace.is_over ||
	       (!t->tool->options->trace && probe_is_done(&t->probe));
}

static void target_stop(struct target *t)
{
	sip_locate_cancel(t->locate);
	probe_stop(&t->probe);
	LIST_EACH(&t->requests, at)
	{
		struct request *r = LIST_ITEM(at, struct request, link);
		sip_client_abandon(r->client);
		request_free(r);
	}
	for (size_t i = 0; i < t->place_count; i++)
		mem_free(t->names[i]);
	buf_clear(&t->trace.last);
	buf_clear(&t->pattern.text);
}

/* A password that was given and is no use is worth a word, also where the
 * refusal means that somebody is alive. */
static bool target_judge(const struct target *t, struct err *e)
{
	if (!t->place_count && err_is_set(&t->nowhere))
		*e = t->nowhere;
	else if (err_is_set(&t->denied))
		*e = t->denied;
	else if (t->tool->options->trace
			 ? trace_judge(t, e)
			 : probe_judge(&t->probe, t->tool->run, e))
		return true;
	err_prefix(e, "%.*s", SPAN_ARGS(t->uri));
	return false;
}

/* ---- all of them ------------------------------------------------------------------- */

static bool is_done(void *arg)
{
	const struct sipping *t = arg;

	for (size_t i = 0; i < t->count && !err_is_set(&t->broken); i++)
		if (!target_is_done(&t->targets[i]))
			return false;
	return true;
}

/* One target's own sentence; of several the worst, and how many. */
static bool judge(const struct sipping *t, struct err *e)
{
	size_t dead = 0;

	if (err_is_set(&t->broken)) {
		*e = t->broken;
		return false;
	}
	for (size_t i = 0; i < t->count; i++) {
		struct err why;
		if (target_judge(&t->targets[i], &why))
			continue;
		if (t->count > 1)
			run_warn(t->run, "%s", why.text);
		if (dead++ == 0 ||
			status_worse(e->status, why.status) != e->status)
			*e = why;
	}
	if (dead && t->count > 1) {
		enum status worst = e->status;
		err_set(e, worst, "%zu of %zu are not as they should be", dead,
			t->count);
	}
	return dead == 0;
}

static bool open_all(struct sipping *t, struct err *e)
{
	const struct options *o = t->options;
	struct sip_ua_settings settings = { 0 };

	if (!sip_agent_open(&t->agent, t->run, &o->agent, ACCOUNT_OPTIONAL,
		    &settings, e))
		return false;
	for (size_t i = 0; i < t->count; i++)
		if (!sip_agent_check_uri(&t->agent, t->targets[i].uri.p, e))
			return false;
	return !o->agent.local || sip_agent_is_web(&t->agent) ||
	       sip_agent_listen(&t->agent, o->agent.local, 0, NULL, e);
}

static void report_all(struct sipping *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->targets[i].probe.sent && !t->options->probe.nagios)
			ping_report(&t->targets[i]);
}

/* False: it did not come to asking. */
static bool ask_all(struct sipping *t, bool *judged, struct err *e)
{
	bool opened = open_all(t, e);

	if (opened) {
		for (size_t i = 0; i < t->count; i++)
			target_start(&t->targets[i]);
		enum run_end end = run_until(t->run, is_done, t, USEC_NEVER);
		report_all(t);
		*judged = end == RUN_SIGNAL || end == RUN_READER_LEFT ||
			  judge(t, e);
		for (size_t i = 0; i < t->count; i++)
			target_stop(&t->targets[i]);
	}
	sip_agent_close(&t->agent);
	return opened;
}

static bool monitor(struct sipping *t, bool tried, struct err *e)
{
	const struct probe **probes = mem_array(t->count, sizeof(*probes));

	for (size_t i = 0; i < t->count; i++)
		probes[i] = &t->targets[i].probe;
	bool written = probe_monitor(
		probes, t->count, &t->options->probe, t->run, tried, e);
	mem_free(probes);
	return written;
}

static bool check(const struct options *o, struct err *e)
{
	if (o->trace && o->probe.nagios)
		return err_set(e, STATUS_USAGE,
			"-T shows a way, --nagios judges its end: one of them");
	if (o->trace && (o->probe.flood || o->expect))
		return err_set(e, STATUS_USAGE,
			"-T asks each hop once: without --flood and --expect");
	return true;
}

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	struct options *o = settings;
	struct sipping t = { .run = r, .options = o };
	bool judged = false;

	run_use(r, &o->run, USEC_NEVER);
	if (!o->max_hops)
		o->max_hops = MAX_HOPS;
	for (; operands[t.count]; t.count++)
		;
	t.targets = mem_array(t.count, sizeof(*t.targets));
	for (size_t i = 0; i < t.count; i++) {
		t.targets[i].tool = &t;
		t.targets[i].uri = span_of(operands[i]);
		link_init(&t.targets[i].requests);
		buf_init(&t.targets[i].pattern.text, SIP_MSG_MAX);
	}
	bool tried = probe_options_use(&o->probe, r, e) && expect_parse(o, e) &&
		     check(o, e) && ask_all(&t, &judged, e);
	bool good = tried && judged;
	if (o->probe.nagios && !o->trace)
		good = monitor(&t, tried, e);
	mem_free(t.targets);
	return good;
}

static const struct command command = {
	.name = "sipping",
	.summary = "ping SIP servers with OPTIONS",
	.synopsis = "[options] URI [URI...]",
	.options = options,
	.min_operands = 1,
	.max_operands = -1,
	.operand_kind = "sip-uri",
	.run = run,
};

int main(int argc, char **argv)
{
	struct options o = { .probe = PROBE_OPTIONS_DEFAULTS };
	return cli_main(&command, argc, argv, &o);
}
