/* xmppsend - send standard input as a message, and know what became of it
 *
 * RFC 6121 section 5; the outcome by xmpp/deliver.h. */
#include <unistd.h>

#include "base/mem.h"
#include "cli/lines.h"
#include "cli/out.h"
#include "cli/record_xmpp.h"
#include "cli/xmpp_login.h"
#include "xmpp/deliver.h"
#include "xmpp/ns.h"
#include "xmpp/parser.h"
#include "xmpp/text.h"

#define WAIT (30 * USEC_SEC)
/* A body that leaves room for the rest of its stanza. */
#define BODY_MAX (XMPP_STANZA_MAX - 4096)

struct options {
	struct output_options output;
	struct time_options time;
	struct xmpp_login_options login;
	const char *type, *subject;
	bool allow_empty;
};

static const char *const types[] = { "chat", "normal", "headline", NULL };

static const struct opt options[] = {
	{ OPT_GROUP, .help = "Message" },
	{ OPT_WORD, 0, "type", "TYPE", "what kind of message (chat)",
		.offset = offsetof(struct options, type), .words = types },
	{ OPT_STRING, 0, "subject", "TEXT", "set the subject",
		.offset = offsetof(struct options, subject) },
	{ OPT_FLAG, 0, "allow-empty",
		.help = "send a message also where the input is empty",
		.offset = offsetof(struct options, allow_empty) },
	{ OPT_REFUSED, 'l', "lines",
		.help = "a message for each line is not there yet" },
	{ OPT_REFUSED, 0, "json-input",
		.help = "records as input are not there yet" },
	{ OPT_REFUSED, 0, "muc", "ROOM", "rooms are not there yet" },
	{ OPT_REFUSED, 0, "to-file", "FILE",
		"recipients from a file are not there yet; name them" },
	{ OPT_USE, .use = xmpp_login_options,
		.offset = offsetof(struct options, login) },
	{ OPT_USE, .use = time_options,
		.offset = offsetof(struct options, time) },
	{ OPT_USE, .use = output_options,
		.offset = offsetof(struct options, output) },
	{ OPT_END },
};

/* One recipient. */
struct letter {
	struct xmppsend *tool;
	struct xmpp_jid to;
	char id[21];
	struct xmpp_delivery *delivery; /* NULL: it is decided */
	struct err outcome;
};

struct xmppsend {
	struct run *run;
	const struct options *options;
	struct xmpp_login login;
	struct letter *letters;
	size_t count, open;
	struct buf body;
	struct err fault; /* of stdout */
};

/* ---- what is sent ---- */

static bool read_body(struct xmppsend *t, struct err *e)
{
	struct buf *body = &t->body;
	if (!lines_read_whole(t->run, STDIN_FILENO, BODY_MAX, body, e))
		return false;
	if (body->len && body->data[body->len - 1] == '\n')
		body->len--;
	if (!body->len && !t->options->allow_empty)
		return err_set(e, STATUS_MALFORMED,
			"the input is empty; --allow-empty sends it all the "
			"same");
	if (xmpp_text_check(buf_view(body), e))
		return true;
	err_prefix(e, "the input");
	return false;
}

static bool read_recipients(struct xmppsend *t, char **operands, struct err *e)
{
	for (; operands[t->count]; t->count++)
		;
	t->letters = mem_array(t->count, sizeof(*t->letters));
	for (size_t i = 0; i < t->count; i++) {
		t->letters[i].tool = t;
		if (!xmpp_login_parse_jid(&t->letters[i].to, operands[i], e))
			return false;
	}
	return true;
}

static struct xmpp_stanza *make_message(
	const struct xmppsend *t, const struct xmpp_jid *to)
{
	struct xmpp_stanza *s = xmpp_stanza_new("message", XMPP_NS_CLIENT);
	xmpp_stanza_attr(s, "to", to->text);
	xmpp_stanza_attr(s, "type", t->options->type);
	if (t->options->subject)
		xmpp_stanza_text(xmpp_stanza_child(s, "subject", NULL),
			t->options->subject);
	xmpp_stanza_text_span(
		xmpp_stanza_child(s, "body", NULL), buf_view(&t->body));
	return s;
}

/* ---- what became of it ---- */

static void decided(struct letter *l, const struct err *outcome)
{
	struct xmppsend *t = l->tool;
	l->delivery = NULL;
	l->outcome = *outcome;
	t->open--;
	bool failed = err_is_set(outcome);
	if (failed && t->count > 1)
		run_warn(t->run, "%s", outcome->text);
	if (!t->options->output.json)
		return;
	struct record_xmpp x = { t->run->out, xmpp_client_jid(t->login.client),
		t->login.name };
	record_xmpp_sent(&x, loop_wall(t->run->loop), l->id, l->to.text,
		t->options->type, failed ? outcome : NULL, &t->fault);
}

static void on_delivered(void *arg, const struct err *outcome)
{
	decided(arg, outcome);
}

static void on_ended(void *arg, const struct err *e)
{
	(void)arg; /* each delivery was told */
	(void)e;
}

static bool all_decided(void *arg)
{
	const struct xmppsend *t = arg;
	return t->open == 0;
}

static bool send_all(struct xmppsend *t, struct err *e)
{
	for (size_t i = 0; i < t->count; i++) {
		struct letter *l = &t->letters[i];
		l->delivery =
			xmpp_deliver(t->login.client, make_message(t, &l->to),
				XMPP_UNTIL_ACCEPTED, USEC_NEVER, on_delivered, l, e);
		if (!l->delivery)
			return false;
		span_copy(l->id, sizeof(l->id),
			span_of(xmpp_delivery_id(l->delivery)));
		t->open++;
	}
	return true;
}

static bool report(const struct xmppsend *t, struct err *e)
{
	size_t failed = 0;
	for (size_t i = 0; i < t->count; i++) {
		const struct err *outcome = &t->letters[i].outcome;
		if (!err_is_set(outcome))
			continue;
		if (failed++ == 0 ||
			status_worse(e->status, outcome->status) != e->status)
			*e = *outcome;
	}
	if (failed && t->count > 1) {
		enum status worst = e->status;
		err_set(e, worst, "%zu of %zu recipients were not reached",
			failed, t->count);
	}
	if (!failed && err_is_set(&t->fault))
		*e = t->fault;
	return !err_is_set(e);
}

/* ---- the run ---- */

static const struct xmpp_client_handlers handlers = { .ended = on_ended };

static bool send_and_wait(struct xmppsend *t, struct err *e)
{
	if (!send_all(t, e))
		return false;
	switch (run_until(t->run, all_decided, t, USEC_NEVER)) {
	case RUN_DONE:
		break;
	case RUN_DEADLINE:
		xmpp_deliveries_give_up(t->login.client);
		break;
	case RUN_SIGNAL:
	case RUN_READER_LEFT:
		return !out_has_failed(t->run->out, e);
	}
	return report(t, e);
}

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	struct options *o = settings;
	struct xmppsend t = { .run = r,
		.options = o,
		.login = XMPP_LOGIN_NONE,
		.body = BUF_INIT(BODY_MAX) };
	if (!o->type)
		o->type = types[0];
	run_use_output(r, &o->output);
	run_use_deadline(r, &o->time, WAIT);
	bool good = read_recipients(&t, operands, e) && read_body(&t, e) &&
		    xmpp_login_open(&t.login, r, &o->login, &handlers, &t, e) &&
		    send_and_wait(&t, e);
	xmpp_login_close(&t.login);
	for (size_t i = 0; i < t.count; i++)
		xmpp_jid_clear(&t.letters[i].to);
	mem_free(t.letters);
	buf_clear(&t.body);
	return good;
}

static const struct command command = {
	.name = "xmppsend",
	.summary = "send standard input as an XMPP message, and know that it "
		   "arrived",
	.synopsis = "[options] JID [JID...]",
	.options = options,
	.min_operands = 1,
	.max_operands = -1,
	.operand_kind = "jid",
	.run = run,
};

int main(int argc, char **argv)
{
	struct options o = { 0 };
	return cli_main(&command, argc, argv, &o);
}
