/* xmpppresence - set one's own presence, watch others', wait for somebody
 *
 * RFC 6121 sections 3 and 4.  Presence lasts as long as the stream: the tool stays
 * until it is told to leave, and leaves with `unavailable`.  Unless told, its
 * priority is negative, so that no message is delivered here and lost (section
 * 8.5.2). */
#include <string.h>

#include "ask.h"
#include "cli/xmpp_listen.h"
#include "wait.h"

struct options {
	struct run_options run;
	struct xmpp_login_options login;
	struct ask_options ask;
	const char *set, *status, *wait_for;
	struct xmpp_listen_options listen;
	int64_t priority;
	bool watch, leave;
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
	{ OPT_STRING, 0, "wait-for", "JID[=SHOW]",
		"end with 0 when this one is there, or so",
		.offset = offsetof(struct options, wait_for) },
	{ OPT_FLAG, 0, "leave",
		.help = "be so, then leave at once, with the words of --status",
		.offset = offsetof(struct options, leave) },
	{ OPT_GROUP, .help = "Asking" },
	{ OPT_USE, .use = ask_options,
		.offset = offsetof(struct options, ask) },
	{ OPT_USE, .use = xmpp_login_options,
		.offset = offsetof(struct options, login) },
	{ OPT_USE, .use = run_options,
		.offset = offsetof(struct options, run) },
	{ OPT_END },
};

struct xmpppresence {
	const struct options *options;
	struct xmpp_listen listen;
	struct ask *ask;   /* NULL: nobody is asked */
	struct wait *wait; /* NULL: nobody is waited for */
};

/* Our own comes back to us as well (RFC 6121 section 4.2.2). */
static bool is_own(const struct xmpppresence *t, const struct xml_element *s)
{
	const char *from = xml_element_attr_find(s, "from");
	return from &&
	       strcmp(from, xmpp_client_jid(t->listen.login.client)->text) == 0;
}

static void on_presence(
	void *arg, const struct xml_element *s, const struct xmpp_presence *p)
{
	struct xmpppresence *t = arg;
	struct xmpp_listen *l = &t->listen;
	if (is_own(t, s) || xmpp_listen_is_over(l))
		return;
	if (t->ask) {
		ask_presence(t->ask, s, p);
		return;
	}
	if (t->wait && wait_presence(t->wait, s, p))
		return;
	if (!t->options->watch)
		return;
	struct record_xmpp x = xmpp_listen_records(l);
	xmpp_listen_wrote(l, record_xmpp_presence(&x, loop_wall(l->run->loop),
				     s, p, &l->fault));
}

/* ---- what is done ---- */

static bool announce(struct xmpppresence *t, struct err *e)
{
	struct xmpp_presence p = { .status = span_of(t->options->status),
		.priority = (int)t->options->priority };
	if (t->options->set)
		xmpp_show_parse(&p.show, span_of(t->options->set));
	return xmpp_client_set_presence(t->listen.login.client, &p, e) &&
	       (!t->wait || wait_begin(t->wait, e)) &&
	       xmpp_listen_announce(&t->listen, e);
}

/* When it has answered, the server has sent our presence on; now this. */
static bool leave(struct xmpppresence *t, struct err *e)
{
	const struct xmpp_presence gone = { .type = XMPP_PRESENCE_UNAVAILABLE,
		.status = span_of(t->options->status) };
	return xmpp_listen_arrive(&t->listen, "not online", e) &&
	       xmpp_client_set_presence(t->listen.login.client, &gone, e);
}

static const char *unfinished(const struct xmpppresence *t)
{
	return t->ask                     ? "not all have answered"
	       : t->wait                  ? "waited in vain"
	       : t->options->listen.count ? "not all presences came"
					  : "it did not end";
}

static bool stay(struct xmpppresence *t, struct err *e)
{
	struct xmpp_listen *l = &t->listen;
	if (t->options->leave)
		return leave(t, e);
	if (!xmpp_listen_stay(l, unfinished(t), e))
		return false;
	if (t->ask && l->done)
		return ask_outcome(t->ask, e);
	return true;
}

static void on_renewed(void *arg)
{
	struct xmpppresence *t = arg;
	if (t->wait && !xmpp_listen_is_over(&t->listen))
		wait_renew(t->wait, &t->listen.fault);
}

static const struct xmpp_client_handlers handlers = {
	.presence = on_presence,
	.renewed = on_renewed,
};

static bool begin(struct xmpppresence *t, struct run *r, struct err *e)
{
	const struct options *o = t->options;
	struct xmpp_listen *l = &t->listen;
	if (ask_is_wanted(&o->ask) && !(t->ask = ask_new(l, &o->ask, e)))
		return false;
	if (o->wait_for && !(t->wait = wait_new(l, o->wait_for, e)))
		return false;
	return xmpp_listen_open(l, r, &o->listen, &o->login, &handlers, t, e) &&
	       (t->ask ? ask_begin(t->ask, e) : announce(t, e));
}

static bool check(const struct options *o, struct err *e)
{
	if (o->listen.count && !o->watch)
		return err_set(e, STATUS_USAGE, "-c wants --watch");
	if (o->leave && (o->watch || o->wait_for))
		return err_set(e, STATUS_USAGE,
			"--leave does not stay to watch or wait");
	if (ask_is_wanted(&o->ask) &&
		(o->set || o->status || o->watch || o->wait_for || o->leave))
		return err_set(e, STATUS_USAGE,
			"--probe, --request, --approve and --deny ask and "
			"leave, without a presence of ours");
	return true;
}

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	struct options *o = settings;
	struct xmpppresence t = { .options = o, .listen = XMPP_LISTEN_NONE };
	(void)operands;
	if (!check(o, e))
		return false;
	run_use(r, &o->run,
		ask_is_wanted(&o->ask) || o->leave ? 30 * USEC_SEC
						   : USEC_NEVER);
	bool good = begin(&t, r, e) && xmpp_login_wait(&t.listen.login, e) &&
		    stay(&t, e);
	xmpp_listen_close(&t.listen);
	ask_free(t.ask);
	wait_free(t.wait);
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
