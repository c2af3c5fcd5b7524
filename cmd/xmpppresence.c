/* xmpppresence - set one's own presence, watch others'
 *
 * RFC 6121 section 4.  Presence lasts as long as the stream: the tool stays
 * until it is told to leave, and leaves with `unavailable`.  Unless told, its
 * priority is negative, so that no message is delivered here and lost (section
 * 8.5.2). */
#include <string.h>

#include "base/mem.h"
#include "cli/out.h"
#include "cli/record_xmpp.h"
#include "cli/xmpp_login.h"

struct options {
	struct output_options output;
	struct time_options time;
	struct xmpp_login_options login;
	const char *set, *status;
	int64_t priority, count;
	usec_t listen;
	bool watch;
};

static const char *const shows[] = { "available", "away", "chat", "dnd", "xa",
	NULL };

static const struct opt options[] = {
	{ OPT_GROUP, .help = "Presence" },
	{ OPT_WORD, 0, "set", "SHOW", "be so, and stay so",
		.offset = offsetof(struct options, set), .words = shows },
	{ OPT_STRING, 0, "status", "TEXT", "say this about it",
		.offset = offsetof(struct options, status) },
	{ OPT_NUMBER, 0, "priority", "N",
		"-128 to 127; messages go where it is highest, and not "
		"below 0 (-1)",
		.offset = offsetof(struct options, priority), .min = -128,
		.max = 127 },
	{ OPT_FLAG, 0, "watch", .help = "print the presence of others",
		.offset = offsetof(struct options, watch) },
	{ OPT_NUMBER, 'c', "count", "N", "end after so many presences",
		.offset = offsetof(struct options, count), .min = 1,
		.max = INT64_MAX },
	{ OPT_DURATION, 0, "for", "SECONDS", "stay so long, then end with 0",
		.offset = offsetof(struct options, listen), .min = USEC_MS,
		.max = 365 * 86400 * USEC_SEC },
	{ OPT_REFUSED, 0, "wait-for", "JID[=SHOW]",
		"waiting for somebody is not there yet; --watch shows them" },
	{ OPT_REFUSED, 0, "probe", "JID", "probing is not there yet" },
	{ OPT_USE, .use = xmpp_login_options,
		.offset = offsetof(struct options, login) },
	{ OPT_USE, .use = time_options,
		.offset = offsetof(struct options, time) },
	{ OPT_USE, .use = output_options,
		.offset = offsetof(struct options, output) },
	{ OPT_END },
};

struct xmpppresence {
	struct run *run;
	const struct options *options;
	struct xmpp_login login;
	int64_t printed;
	struct err fault;
};

static bool is_enough(const struct xmpppresence *t)
{
	return t->options->count && t->printed >= t->options->count;
}

static struct record_xmpp records(const struct xmpppresence *t)
{
	return (struct record_xmpp){ t->run->out,
		xmpp_client_jid(t->login.client), t->login.name };
}

/* Our own comes back to us as well (RFC 6121 section 4.2.2). */
static bool is_own(const struct xmpppresence *t, const struct xmpp_stanza *s)
{
	const char *from = xmpp_stanza_attr_find(s, "from");
	return from &&
	       strcmp(from, xmpp_client_jid(t->login.client)->text) == 0;
}

static void on_presence(
	void *arg, const struct xmpp_stanza *s, const struct xmpp_presence *p)
{
	struct xmpppresence *t = arg;
	if (!t->options->watch || is_own(t, s) || is_enough(t))
		return;
	struct record_xmpp x = records(t);
	if (record_xmpp_presence(&x, loop_wall(t->run->loop), s, p, &t->fault))
		t->printed++;
	if (out_is_full(t->run->out))
		xmpp_client_pause(t->login.client, true);
}

static void on_written(void *arg)
{
	struct xmpppresence *t = arg;
	xmpp_client_pause(t->login.client, false);
}

static void on_ended(void *arg, const struct err *e)
{
	(void)arg; /* is_over sees it */
	(void)e;
}

/* Our presence, which stood before, has been processed. */
static void on_pong(
	void *arg, const struct xmpp_stanza *reply, const struct err *e)
{
	struct xmpppresence *t = arg;
	struct record_xmpp x = records(t);
	(void)e;
	if (reply)
		record_xmpp_ready(&x, loop_wall(t->run->loop), &t->fault);
}

static bool announce(struct xmpppresence *t, struct err *e)
{
	struct xmpp_client *c = t->login.client;
	struct xmpp_presence p = { .status = span_of(t->options->status),
		.priority = (int)t->options->priority };
	if (t->options->set)
		xmpp_show_parse(&p.show, span_of(t->options->set));
	char *domain = span_dup(t->login.jid.domain);
	bool good = xmpp_client_set_presence(c, &p, e) &&
		    xmpp_client_request(c, xmpp_ping_make(domain), USEC_NEVER,
			    on_pong, t, e);
	mem_free(domain);
	return good;
}

static bool is_over(void *arg)
{
	const struct xmpppresence *t = arg;
	return is_enough(t) || err_is_set(&t->fault) ||
	       xmpp_client_has_ended(t->login.client);
}

static bool stay(struct xmpppresence *t, struct err *e)
{
	const struct options *o = t->options;
	usec_t until =
		o->listen ? loop_now(t->run->loop) + o->listen : USEC_NEVER;
	switch (run_until(t->run, is_over, t, until)) {
	case RUN_DONE:
		break;
	case RUN_DEADLINE:
		if (o->listen && loop_now(t->run->loop) >= until)
			return true;
		return run_timed_out(t->run,
			o->count ? "not all presences came" : "stayed", e);
	case RUN_SIGNAL:
	case RUN_READER_LEFT:
		return !out_has_failed(t->run->out, e);
	}
	if (err_is_set(&t->fault))
		*e = t->fault;
	else if (!is_enough(t))
		*e = *xmpp_client_end(t->login.client);
	return !err_is_set(e);
}

static const struct xmpp_client_handlers handlers = {
	.presence = on_presence,
	.ended = on_ended,
};

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	struct options *o = settings;
	struct xmpppresence t = {
		.run = r, .options = o, .login = XMPP_LOGIN_NONE
	};
	(void)operands;
	if (o->count && !o->watch)
		return err_set(e, STATUS_USAGE, "-c wants --watch");
	run_use_output(r, &o->output);
	run_use_deadline(r, &o->time, USEC_NEVER);
	out_on_written(r->out, on_written, &t);
	bool good = xmpp_login_open(&t.login, r, &o->login, &handlers, &t, e) &&
		    announce(&t, e) && xmpp_login_wait(&t.login, e) &&
		    stay(&t, e);
	out_on_written(r->out, NULL, NULL);
	xmpp_login_close(&t.login);
	return good;
}

static const struct command command = {
	.name = "xmpppresence",
	.summary = "set one's own XMPP presence, watch others'",
	.synopsis = "[options]",
	.options = options,
	.operand_kind = "",
	.run = run,
};

int main(int argc, char **argv)
{
	struct options o = { .priority = -1 };
	return cli_main(&command, argc, argv, &o);
}
