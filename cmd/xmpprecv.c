/* xmpprecv - print the messages that come
 *
 * RFC 6121 section 5.  A message is acknowledged to the server (XEP-0198) when
 * its record has been written, not before: what a full disk or a kill has
 * kept from the reader stays with the server. */
#include "base/mem.h"
#include "cli/out.h"
#include "cli/record_xmpp.h"
#include "cli/xmpp_login.h"

struct options {
	struct output_options output;
	struct time_options time;
	struct xmpp_login_options login;
	int64_t count;
	usec_t listen;
	bool body;
};

static const struct opt options[] = {
	{ OPT_GROUP, .help = "Listening" },
	{ OPT_NUMBER, 'c', "count", "N", "end after so many messages",
		.offset = offsetof(struct options, count), .min = 1,
		.max = INT64_MAX },
	{ OPT_DURATION, 0, "for", "SECONDS", "listen so long, then end with 0",
		.offset = offsetof(struct options, listen), .min = USEC_MS,
		.max = 365 * 86400 * USEC_SEC },
	{ OPT_FLAG, 0, "body",
		.help = "print the bare bytes of the body, and nothing else",
		.offset = offsetof(struct options, body) },
	{ OPT_REFUSED, 0, "exec", "COMMAND",
		"a command for each message is not there yet; read the "
		"records" },
	{ OPT_REFUSED, 0, "state", "FILE",
		"catching up from the archive is not there yet" },
	{ OPT_USE, .use = xmpp_login_options,
		.offset = offsetof(struct options, login) },
	{ OPT_USE, .use = time_options,
		.offset = offsetof(struct options, time) },
	{ OPT_USE, .use = output_options,
		.offset = offsetof(struct options, output) },
	{ OPT_END },
};

struct xmpprecv {
	struct run *run;
	const struct options *options;
	struct xmpp_login login;
	int64_t printed;
	/* numbers of the stanzas whose record is not written yet */
	uint32_t *unwritten;
	size_t unwritten_count, unwritten_room;
	struct err fault;
};

static bool is_enough(const struct xmpprecv *t)
{
	return t->options->count && t->printed >= t->options->count;
}

/* ---- acknowledging what was written ---- */

static void remember(struct xmpprecv *t, uint32_t number)
{
	if (t->unwritten_count == t->unwritten_room) {
		t->unwritten_room = 2 * t->unwritten_room + 16;
		t->unwritten = mem_grow(
			t->unwritten, t->unwritten_room, sizeof(*t->unwritten));
	}
	t->unwritten[t->unwritten_count++] = number;
}

static void on_written(void *arg)
{
	struct xmpprecv *t = arg;
	for (size_t i = 0; i < t->unwritten_count; i++)
		xmpp_client_handled(t->login.client, t->unwritten[i]);
	t->unwritten_count = 0;
	xmpp_client_pause(t->login.client, false);
}

/* ---- what comes ---- */

static bool print(struct xmpprecv *t, const struct xmpp_stanza *s)
{
	struct out *out = t->run->out;
	if (t->options->body)
		return out_write(out, xmpp_stanza_child_text(s, "body", s->ns),
			&t->fault);
	struct record_xmpp x = { out, xmpp_client_jid(t->login.client),
		t->login.name };
	return record_xmpp_message(&x, loop_wall(t->run->loop), s, &t->fault);
}

/* Chat states, receipts and their like have nothing to print. */
static bool has_text(const struct xmpp_stanza *s)
{
	return xmpp_stanza_find(s, "body", s->ns) ||
	       xmpp_stanza_find(s, "subject", s->ns);
}

static void on_message(void *arg, const struct xmpp_stanza *s)
{
	struct xmpprecv *t = arg;
	bool bounce = xmpp_stanza_attr_is(s, "type", "error");
	if (bounce ? t->options->body : !has_text(s))
		return;
	uint32_t number = xmpp_client_defer(t->login.client);
	/* What comes after the last that was wanted stays with the server. */
	if (is_enough(t) || !print(t, s))
		return;
	t->printed += !bounce;
	remember(t, number);
	if (out_is_full(t->run->out))
		xmpp_client_pause(t->login.client, true);
}

static void on_ended(void *arg, const struct err *e)
{
	(void)arg; /* is_over sees it */
	(void)e;
}

/* The server has processed our presence, which stood before: what is sent to
 * us from now on comes here. */
static void on_pong(
	void *arg, const struct xmpp_stanza *reply, const struct err *e)
{
	struct xmpprecv *t = arg;
	(void)e;
	if (!reply || t->options->body || is_enough(t))
		return;
	struct record_xmpp x = { t->run->out, xmpp_client_jid(t->login.client),
		t->login.name };
	record_xmpp_ready(&x, loop_wall(t->run->loop), &t->fault);
}

static bool announce(struct xmpprecv *t, struct err *e)
{
	static const struct xmpp_presence here = { 0 };
	struct xmpp_client *c = t->login.client;
	char *domain = span_dup(t->login.jid.domain);
	bool good = xmpp_client_set_presence(c, &here, e) &&
		    xmpp_client_request(c, xmpp_ping_make(domain), USEC_NEVER,
			    on_pong, t, e);
	mem_free(domain);
	return good;
}

/* ---- the run ---- */

static bool is_over(void *arg)
{
	const struct xmpprecv *t = arg;
	return is_enough(t) || err_is_set(&t->fault) ||
	       xmpp_client_has_ended(t->login.client);
}

static bool listen_on(struct xmpprecv *t, struct err *e)
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
			o->count ? "not all messages came" : "listened", e);
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
	.message = on_message,
	.ended = on_ended,
};

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	struct options *o = settings;
	struct xmpprecv t = {
		.run = r, .options = o, .login = XMPP_LOGIN_NONE
	};
	(void)operands;
	run_use_output(r, &o->output);
	run_use_deadline(r, &o->time, USEC_NEVER);
	out_on_written(r->out, on_written, &t);
	bool good = xmpp_login_open(&t.login, r, &o->login, &handlers, &t, e) &&
		    announce(&t, e) && xmpp_login_wait(&t.login, e) &&
		    listen_on(&t, e);
	if (good)
		run_until(r, out_is_drained, r->out,
			loop_now(r->loop) + RUN_FAREWELL);
	out_on_written(r->out, NULL, NULL);
	xmpp_login_close(&t.login);
	mem_free(t.unwritten);
	return good;
}

static const struct command command = {
	.name = "xmpprecv",
	.summary = "print the XMPP messages that come",
	.synopsis = "[options]",
	.options = options,
	.operand_kind = "",
	.run = run,
};

int main(int argc, char **argv)
{
	struct options o = { 0 };
	return cli_main(&command, argc, argv, &o);
}
