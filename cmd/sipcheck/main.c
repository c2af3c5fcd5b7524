/* sipcheck - diagnose a SIP domain or server */
#include "sipcheck.h"

#include "base/mem.h"
#include "cli/out.h"
#include "sip/compose.h"

#define DEADLINE (60 * USEC_SEC)
#define REPLY_WAIT (2 * USEC_SEC)

static const struct opt options[] = {
	{ OPT_GROUP, .help = "Check" },
	{ OPT_FLAG, 0, "intrusive",
		.help = "send malformed and oversized requests too: this can "
			"trip a ban",
		.offset = offsetof(struct options, intrusive) },
	{ OPT_DURATION, 'W', "reply-wait", "SECONDS",
		"wait so long for the answer to each request (2)",
		.offset = offsetof(struct options, reply_wait), .min = USEC_MS,
		.max = 60 * USEC_SEC },
	{ OPT_FLAG, 0, "nagios",
		.help = "one line and the status of a monitoring plugin",
		.offset = offsetof(struct options, nagios) },
	{ OPT_USE, .use = sip_agent_options,
		.offset = offsetof(struct options, agent) },
	{ OPT_USE, .use = run_options,
		.offset = offsetof(struct options, run) },
	{ OPT_END },
};

bool wait_until(struct sipcheck *c, bool (*done)(void *arg), void *arg)
{
	if (!c->is_over)
		c->is_over =
			run_until(c->run, done, arg, USEC_NEVER) != RUN_DONE;
	return !c->is_over && !err_is_set(&c->findings.broken);
}

void look_at(struct sipcheck *c, const struct place *p)
{
	static char address[ENDPOINT_TEXT_SIZE];

	c->findings.transport = p ? sip_transport_param(p->target.kind) : NULL;
	c->findings.address =
		p ? endpoint_format(address, &p->target.address) : NULL;
}

/* A domain is as good as a URI. */
static bool take_uri(struct sipcheck *c, const char *operand, struct err *e)
{
	enum sip_scheme kind;
	struct span scheme;
	bool is_uri = sip_uri_scheme(span_of(operand), &kind, &scheme) &&
		      kind != SIP_SCHEME_OTHER;

	c->uri = is_uri ? mem_str(operand) : mem_format("sip:%s", operand);
	c->findings.subject = c->uri;
	if (!sip_agent_check_uri(&c->agent, c->uri, e))
		return false;
	/* Behind a proxy, it is the proxy that is reached. */
	return sip_uri_parse(&c->at,
		sip_compose_next_hop(c->agent.ua, SPAN_EMPTY, span_of(c->uri)),
		e);
}

static void check_all(struct sipcheck *c)
{
	static void (*const checks[])(struct sipcheck * c) = { check_dns,
		check_reach, check_tls, check_answer, check_auth };

	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++)
		if (!c->is_over)
			checks[i](c);
	if (c->options->intrusive && !c->is_over)
		check_intrusive(c);
}

static bool check(struct sipcheck *c, const char *operand, struct err *e)
{
	struct sip_ua_settings settings = { 0 };

	if (!sip_agent_open(&c->agent, c->run, &c->options->agent,
		    ACCOUNT_OPTIONAL, &settings, e) ||
		!take_uri(c, operand, e))
		return false;
	check_all(c);
	if (c->run->signal || !out_has_reader(c->run->out))
		return true;
	if (c->is_over)
		return run_timed_out(c->run, operand, e);
	return findings_judge(&c->findings, e);
}

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	struct options *o = settings;
	struct sipcheck c = { .run = r, .options = o };

	run_use(r, &o->run, DEADLINE);
	if (!o->reply_wait)
		o->reply_wait = REPLY_WAIT;
	c.findings = (struct findings){
		.run = r, .proto = RECORD_SIP, .nagios = o->nagios
	};
	bool good = check(&c, operands[0], e);
	if (o->nagios) {
		/* An error that was found is CRITICAL, not UNKNOWN. */
		if (!good && e->status == STATUS_REFUSED)
			err_clear(e);
		good = findings_monitor(&c.findings, e);
	}
	sip_agent_close(&c.agent);
	for (size_t i = 0; i < c.place_count; i++)
		mem_free(c.places[i].name);
	mem_free(c.answer);
	mem_free(c.uri);
	return good;
}

static const struct command command = {
	.name = "sipcheck",
	.summary = "diagnose a SIP domain or server",
	.synopsis = "[options] DOMAIN|URI",
	.options = options,
	.min_operands = 1,
	.max_operands = 1,
	.operand_kind = "sip-uri",
	.run = run,
};

int main(int argc, char **argv)
{
	struct options o = { .nagios = false };
	return cli_main(&command, argc, argv, &o);
}
