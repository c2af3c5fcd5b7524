/* sippresence - publish one's own presence, watch others', wait for somebody
 *
 * RFC 3856 over RFC 6665 and RFC 3903, with the words and records of
 * xmpppresence.  Own presence is published at the server of the account, or,
 * with --listen, given to those who subscribe to it here. */
#include "cmd/sippresence/sippresence.h"

#define AT(member) .offset = offsetof(struct options, member)

const char *const shows[] = { "available", "away", "chat", "dnd", "xa", NULL };

static const struct opt options[] = {
	{ OPT_GROUP, .help = "Presence" },
	{ OPT_WORD, 0, "set", "SHOW", "be so, and stay so", AT(set),
		.words = shows },
	{ OPT_STRING, 0, "status", "TEXT", "say this about it", AT(status) },
	{ OPT_ENDPOINT, 0, "listen", "ADDR[:PORT]",
		"answer those who watch us here, without a server",
		AT(listen) },
	{ OPT_LIST, 0, "watch", "URI",
		"print the presence of this one; may be given again",
		AT(watch) },
	{ OPT_STRING, 0, "wait-for", "URI[=SHOW]",
		"end with 0 when this one is there, or so", AT(wait_for) },
	{ OPT_NUMBER, 0, "expires", "SECONDS",
		"ask servers to keep it for so long, again and again (3600)",
		AT(expires), .min = 1, .max = 86400 * 365 },
	{ OPT_NUMBER, 'c', "count", "N", "end after so many presences",
		AT(count), .min = 1, .max = INT64_MAX },
	{ OPT_DURATION, 0, "for", "SECONDS", "stay so long, then end with 0",
		AT(seconds), .min = USEC_MS, .max = 365 * 86400 * USEC_SEC },
	{ OPT_USE, .use = sip_agent_options, AT(agent) },
	{ OPT_USE, .use = run_options, AT(run) },
	{ OPT_END },
};

void ended(struct sippresence *t, const struct err *e, const char *who)
{
	t->open--;
	if (!err_is_set(e) || err_is_set(&t->fault))
		return;
	t->fault = *e;
	err_prefix(&t->fault, "%s", who);
}

/* ---- the run ---------------------------------------------------------------------- */

static bool is_over(void *arg)
{
	const struct sippresence *t = arg;
	/* Nobody who has more to say, or to be told. */
	return t->has_come || err_is_set(&t->fault) || t->open == 0 ||
	       (t->options->count && t->printed >= t->options->count);
}

static bool has_ended(void *arg)
{
	return ((const struct sippresence *)arg)->open == 0;
}

static bool stay(struct sippresence *t, struct err *e)
{
	const struct options *o = t->options;
	if (!run_listen(t->run, is_over, t, o->seconds,
		    o->wait_for ? "waited in vain" : "it did not end", e))
		return false;
	*e = t->fault;
	return !err_is_set(e);
}

static void leave(struct sippresence *t)
{
	t->is_leaving = true;
	stop_watching(t);
	stop_telling(t);
	run_until(t->run, has_ended, t, loop_now(t->run->loop) + RUN_FAREWELL);
}

static bool check_options(const struct options *o, struct err *e)
{
	if (!o->set && !o->status && !o->listen && !o->watch.count &&
		!o->wait_for)
		return err_set(e, STATUS_USAGE,
			"what shall be done? --set, --watch or --wait-for");
	if (o->count && !o->watch.count)
		return err_set(e, STATUS_USAGE, "-c wants --watch");
	return true;
}

static bool open_agent(struct sippresence *t, struct err *e)
{
	const struct options *o = t->options;
	struct sip_ua_settings ua = { 0 };
	bool publishes = (o->set || o->status) && !o->listen;
	if (!sip_agent_open(&t->agent, t->run, &o->agent,
		    publishes ? ACCOUNT_NEEDED : ACCOUNT_OPTIONAL, &ua, e))
		return false;
	sip_subscription_serve(t->agent.ua);
	if (sip_agent_is_web(&t->agent))
		return true;
	return sip_agent_listen(&t->agent,
		o->listen ? o->listen : o->agent.local, 0,
		o->listen ? t->run->out : NULL, e);
}

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	struct options *o = settings;
	struct sippresence t = { .run = r, .options = o };
	(void)operands;
	run_use(r, &o->run, USEC_NEVER);
	bool good = check_options(o, e) && open_agent(&t, e) &&
		    read_watched(&t, e) && tell(&t, e);
	if (good) {
		watch_all(&t);
		good = stay(&t, e);
		leave(&t);
	}
	free_watched(&t);
	free_own(&t);
	sip_agent_close(&t.agent);
	return good;
}

static const struct command command = {
	.name = "sippresence",
	.summary = "publish one's own SIP presence, watch others'",
	.synopsis = "[options]",
	.options = options,
	.operand_kind = "",
	.run = run,
};

int main(int argc, char **argv)
{
	struct options o = { .expires = SIP_SUBSCRIPTION_EXPIRES };
	return cli_main(&command, argc, argv, &o);
}
