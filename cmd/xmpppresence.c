/* xmpppresence - set one's own presence, watch others'
 *
 * RFC 6121 section 4.  Presence lasts as long as the stream: the tool stays
 * until it is told to leave, and leaves with `unavailable`.  Unless told, its
 * priority is negative, so that no message is delivered here and lost (section
 * 8.5.2). */
#include <string.h>

#include "cli/xmpp_listen.h"

struct options {
	struct output_options output;
	struct time_options time;
	struct xmpp_login_options login;
	const char *set, *status;
	struct xmpp_listen_options listen;
	int64_t priority;
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
	{ OPT_USE, .use = xmpp_listen_options,
		.offset = offsetof(struct options, listen) },
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
	const struct options *options;
	struct xmpp_listen listen;
};

/* Our own comes back to us as well (RFC 6121 section 4.2.2). */
static bool is_own(const struct xmpppresence *t, const struct xmpp_stanza *s)
{
	const char *from = xmpp_stanza_attr_find(s, "from");
	return from &&
	       strcmp(from, xmpp_client_jid(t->listen.login.client)->text) == 0;
}

static void on_presence(
	void *arg, const struct xmpp_stanza *s, const struct xmpp_presence *p)
{
	struct xmpppresence *t = arg;
	struct xmpp_listen *l = &t->listen;
	if (!t->options->watch || is_own(t, s) || xmpp_listen_is_enough(l))
		return;
	struct record_xmpp x = xmpp_listen_records(l);
	xmpp_listen_wrote(l, record_xmpp_presence(&x, loop_wall(l->run->loop),
				     s, p, &l->fault));
}

static bool announce(struct xmpppresence *t, struct err *e)
{
	struct xmpp_presence p = { .status = span_of(t->options->status),
		.priority = (int)t->options->priority };
	if (t->options->set)
		xmpp_show_parse(&p.show, span_of(t->options->set));
	return xmpp_client_set_presence(t->listen.login.client, &p, e) &&
	       xmpp_listen_announce(&t->listen, e);
}

static const struct xmpp_client_handlers handlers = { .presence = on_presence };

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	struct options *o = settings;
	struct xmpppresence t = { .options = o, .listen = XMPP_LISTEN_NONE };
	(void)operands;
	if (o->listen.count && !o->watch)
		return err_set(e, STATUS_USAGE, "-c wants --watch");
	run_use_output(r, &o->output);
	run_use_deadline(r, &o->time, USEC_NEVER);
	bool good =
		xmpp_listen_open(&t.listen, r, &o->listen, &o->login, &handlers,
			&t, e) &&
		announce(&t, e) && xmpp_login_wait(&t.listen.login, e) &&
		xmpp_listen_stay(&t.listen,
			o->listen.count ? "not all presences came" : "stayed",
			e);
	xmpp_listen_close(&t.listen);
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
