/* xmpprecv - print the messages that come
 *
 * RFC 6121 section 5. */
#include "cli/out.h"
#include "cli/xmpp_listen.h"

struct options {
	struct output_options output;
	struct time_options time;
	struct xmpp_login_options login;
	struct xmpp_listen_options listen;
	bool body;
};

static const struct opt options[] = {
	{ OPT_GROUP, .help = "Listening" },
	{ OPT_USE, .use = xmpp_listen_options,
		.offset = offsetof(struct options, listen) },
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
	const struct options *options;
	struct xmpp_listen listen;
};

static bool print(struct xmpprecv *t, const struct xmpp_message *m)
{
	struct xmpp_listen *l = &t->listen;
	if (t->options->body)
		return out_write(l->run->out,
			xmpp_stanza_child_text(
				m->stanza, "body", m->stanza->ns),
			&l->fault);
	struct record_xmpp x = xmpp_listen_records(l);
	return record_xmpp_message(&x, loop_wall(l->run->loop), m, &l->fault);
}

static void on_message(void *arg, const struct xmpp_stanza *s)
{
	struct xmpprecv *t = arg;
	struct xmpp_client *c = t->listen.login.client;
	struct xmpp_message m;
	xmpp_message_read(&m, s, xmpp_client_jid(c), false);
	bool bounce = xmpp_stanza_attr_is(m.stanza, "type", "error");
	if (bounce ? t->options->body : !xmpp_message_has_text(&m))
		return;
	/* What comes after the last that was wanted stays with the server. */
	if (xmpp_listen_is_enough(&t->listen)) {
		xmpp_client_defer(c);
		return;
	}
	xmpp_listen_hold(&t->listen);
	xmpp_listen_wrote(&t->listen, print(t, &m) && !bounce);
}

static bool announce(struct xmpprecv *t, struct err *e)
{
	static const struct xmpp_presence here = { 0 };
	return xmpp_client_set_presence(t->listen.login.client, &here, e) &&
	       xmpp_listen_announce(&t->listen, e);
}

static const struct xmpp_client_handlers handlers = { .message = on_message };

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	struct options *o = settings;
	struct xmpprecv t = { .options = o, .listen = { .silent = o->body } };
	(void)operands;
	run_use_output(r, &o->output);
	run_use_deadline(r, &o->time, USEC_NEVER);
	bool good =
		xmpp_listen_open(&t.listen, r, &o->listen, &o->login, &handlers,
			&t, e) &&
		announce(&t, e) && xmpp_login_wait(&t.listen.login, e) &&
		xmpp_listen_stay(&t.listen,
			o->listen.count ? "not all messages came" : "listened",
			e);
	xmpp_listen_close(&t.listen);
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
