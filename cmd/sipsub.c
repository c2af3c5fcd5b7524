/* sipsub - subscribe to the news of a SIP resource and print them
 *
 * RFC 6665; what is known of the packages is in cli/record_notify.h, what has
 * changed in their state in cli/news.h. */
#include "cli/out.h"
#include "cli/record_notify.h"
#include "cli/sip_agent.h"
#include "sip/header.h"

#define WAIT_ONCE (32 * USEC_SEC) /* 64*T1 */

struct options {
	struct run_options run;
	struct sip_agent_options agent;
	const char *accept;
	int64_t count, expires;
	usec_t listen;
	bool once;
};

#define AT(member) .offset = offsetof(struct options, member)

static const struct opt options[] = {
	{ OPT_GROUP, .help = "Subscription" },
	{ OPT_FLAG, 0, "once",
		.help = "ask for the present state, and do not subscribe",
		AT(once) },
	{ OPT_NUMBER, 0, "expires", "SECONDS",
		"ask for a subscription of so long, again and again (3600)",
		AT(expires), .min = 1, .max = 86400 * 365 },
	{ OPT_STRING, 0, "accept", "TYPE[, TYPE...]",
		"media types to ask for; the package's own unless told",
		AT(accept) },
	{ OPT_NUMBER, 'c', "count", "N", "end after so many NOTIFYs", AT(count),
		.min = 1, .max = INT64_MAX },
	{ OPT_DURATION, 0, "for", "SECONDS", "listen so long, then end with 0",
		AT(listen), .min = USEC_MS, .max = 365 * 86400 * USEC_SEC },
	{ OPT_USE, .use = sip_agent_options, AT(agent) },
	{ OPT_USE, .use = run_options, AT(run) },
	{ OPT_END },
};

struct sipsub {
	struct run *run;
	const struct options *options;
	const char *event, *uri;
	struct sip_agent agent;
	struct sip_subscription *subscription;
	struct news *news;
	int64_t printed;
	bool has_ended;
	struct err end, fault;
};

static void on_notify(void *arg, const struct sip_notify *what)
{
	struct sipsub *t = arg;
	struct news_result result = { .is_known = false };
	struct record_notify n = { .out = t->run->out,
		.wall = loop_wall(t->run->loop),
		.uri = t->uri,
		.event = t->event,
		.notify = what,
		.news = t->news,
		.result = &result };
	record_notify(&n, &t->fault);
	t->printed++;
	if (result.wants_all)
		sip_subscription_refresh(t->subscription);
	if (result.is_over) /* RFC 4575 section 4.6 */
		sip_subscription_end(t->subscription);
}

static void on_ended(void *arg, const struct err *e)
{
	struct sipsub *t = arg;
	t->has_ended = true;
	t->end = *e;
}

static bool is_over(void *arg)
{
	const struct sipsub *t = arg;
	return t->has_ended || err_is_set(&t->fault) ||
	       (t->options->count && t->printed >= t->options->count);
}

static bool has_ended(void *arg)
{
	return ((const struct sipsub *)arg)->has_ended;
}

/* ---- the run ---- */

static bool listen_on(struct sipsub *t, struct err *e)
{
	const struct options *o = t->options;
	if (!run_listen(t->run, is_over, t, o->listen,
		    o->count ? "not all news came" : "it did not end", e))
		return false;
	if (err_is_set(&t->fault))
		*e = t->fault;
	else if (t->has_ended && err_is_set(&t->end))
		*e = t->end;
	return !err_is_set(e);
}

static void unsubscribe(struct sipsub *t)
{
	if (t->has_ended)
		return;
	sip_subscription_end(t->subscription);
	run_until(t->run, has_ended, t, loop_now(t->run->loop) + RUN_FAREWELL);
}

static bool open_agent(struct sipsub *t, struct err *e)
{
	const struct options *o = t->options;
	struct sip_ua_settings ua = { 0 };
	if (!sip_agent_open(
		    &t->agent, t->run, &o->agent, ACCOUNT_OPTIONAL, &ua, e) ||
		!sip_agent_check_uri(&t->agent, t->uri, e))
		return false;
	/* NOTIFY comes as a request of its own. */
	return sip_agent_is_web(&t->agent) ||
	       sip_agent_listen(&t->agent, o->agent.local, 0, NULL, e);
}

static bool check_event(const struct sipsub *t, struct err *e)
{
	struct sip_token_value v;
	if (sip_token_value_parse(&v, span_of(t->event), NULL))
		return true;
	return err_set(e, STATUS_USAGE,
		"\"%s\" is no event package, as presence or message-summary",
		t->event);
}

static void subscribe(struct sipsub *t)
{
	static const struct sip_subscription_handlers handlers = { on_notify,
		on_ended };
	const struct options *o = t->options;
	sip_subscription_serve(t->agent.ua);
	t->news = news_new();
	t->subscription = sip_subscription_new(
		&(struct sip_subscription_settings){ .ua = t->agent.ua,
			.uri = span_of(t->uri),
			.event = span_of(t->event),
			.accept = span_of(o->accept),
			.from = sip_agent_from(&t->agent),
			.kind = t->agent.transport,
			.expires = o->once ? 0 : (uint32_t)o->expires },
		&handlers, t);
}

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	struct options *o = settings;
	struct sipsub t = {
		.run = r, .options = o, .event = operands[0], .uri = operands[1]
	};
	run_use(r, &o->run, o->once ? WAIT_ONCE : USEC_NEVER);
	bool good = check_event(&t, e) && open_agent(&t, e);
	if (good) {
		subscribe(&t);
		good = listen_on(&t, e);
		unsubscribe(&t);
		sip_subscription_free(t.subscription);
		news_free(t.news);
	}
	sip_agent_close(&t.agent);
	return good;
}

static const struct command command = {
	.name = "sipsub",
	.summary = "subscribe to the news of a SIP resource and print them",
	.synopsis = "[options] EVENT URI",
	.options = options,
	.min_operands = 2,
	.max_operands = 2,
	.operand_kind = "sip-uri",
	.run = run,
};

int main(int argc, char **argv)
{
	struct options o = { .expires = SIP_SUBSCRIPTION_EXPIRES };
	return cli_main(&command, argc, argv, &o);
}
