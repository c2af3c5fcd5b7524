/* xmpprecv - print the messages that come
 *
 * RFC 6121 section 5, with copies of what the other clients of the account get
 * and send (XEP-0280), receipts (XEP-0184) and the archive (XEP-0313). */
#include "xmpprecv.h"

static const struct opt options[] = {
	{ OPT_GROUP, .help = "Listening" },
	{ OPT_USE, .use = xmpp_listen_options,
		.offset = offsetof(struct options, listen) },
	{ OPT_FLAG, 0, "body",
		.help = "print the bare bytes of the body, and nothing else",
		.offset = offsetof(struct options, body) },
	{ OPT_STRING, 0, "exec", "COMMAND",
		"run this for each message, its record as JSON on stdin",
		.offset = offsetof(struct options, exec) },
	{ OPT_FILE, 0, "state", "FILE",
		"begin where the last run with this file has ended",
		.offset = offsetof(struct options, state) },
	{ OPT_FLAG, 0, "no-bind2",
		.help = "with --state: leave alone what the server has stored "
			"besides the archive",
		.offset = offsetof(struct options, no_bind2) },
	{ OPT_DURATION, 0, "idle", "SECONDS",
		"without a message for so long, the server may hold back what "
		"can wait (60)",
		.offset = offsetof(struct options, idle), .min = USEC_MS,
		.max = 365 * 86400 * USEC_SEC },
	{ OPT_FLAG, 0, "no-receipts",
		.help = "tell nobody that a message has arrived",
		.offset = offsetof(struct options, no_receipts) },
	{ OPT_FLAG, 0, "receipts-to-all",
		.help = "tell also those who may not see our presence",
		.offset = offsetof(struct options, receipts_to_all) },
	{ OPT_GROUP, .help = "Filters" },
	{ OPT_USE, .use = filter_options,
		.offset = offsetof(struct options, filter) },
	{ OPT_USE, .use = xmpp_login_options,
		.offset = offsetof(struct options, login) },
	{ OPT_USE, .use = run_options,
		.offset = offsetof(struct options, run) },
	{ OPT_END },
};

/* ---- arriving ---- */

static void on_carbons(
	void *arg, const struct xml_element *reply, const struct err *e)
{
	struct xmpprecv *t = arg;
	(void)reply;
	if (err_is_set(e))
		run_note(t->listen.run, "no carbons: %s", e->text);
}

static bool ask_carbons(struct xmpprecv *t, struct err *e)
{
	return xmpp_client_has_carbons(xmpprecv_client(t)) ||
	       xmpp_client_request(xmpprecv_client(t),
		       xmpp_carbons_make_enable(), USEC_NEVER, on_carbons, t,
		       e);
}

static bool arrive(void *arg, struct err *e)
{
	static const struct xmpp_presence here = { 0 };
	struct xmpprecv *t = arg;
	return ask_carbons(t, e) &&
	       xmpp_client_set_presence(xmpprecv_client(t), &here, e);
}

static bool announce(void *arg, struct err *e)
{
	struct xmpprecv *t = arg;
	return xmpp_listen_announce(&t->listen, e);
}

static void begin_to_catch_up(struct xmpprecv *t)
{
	struct xmpp_listen *l = &t->listen;
	if (t->begun || err_is_set(&l->fault))
		return;
	t->begun = true;
	catch_up_begin(t->catch_up, t->ids, &l->fault);
}

/* For the next run. */
static void on_ask(
	void *arg, const struct xml_element *reply, const struct err *e)
{
	struct xmpprecv *t = arg;
	if (reply)
		xmpp_client_set_archived(xmpprecv_client(t),
			!err_is_set(e) && xmpp_archive_takes_all(reply));
}

static void on_look(
	void *arg, const struct xml_element *reply, const struct err *e)
{
	struct xmpprecv *t = arg;
	t->ids = !err_is_set(e) && xmpp_archive_is_announced(reply);
	/* Without a reply the stream has gone, and is_over sees why. */
	if (!t->catch_up || !reply)
		return;
	begin_to_catch_up(t);
	if (!t->ids)
		xmpp_client_set_archived(xmpprecv_client(t), false);
	else
		xmpp_client_request(xmpprecv_client(t), xmpp_archive_make_ask(),
			USEC_NEVER, on_ask, t, NULL);
}

/* XEP-0386: the archive is known, and what was stored besides is gone. */
static void on_online(void *arg)
{
	struct xmpprecv *t = arg;
	if (!t->catch_up || !xmpp_client_is_inline(xmpprecv_client(t)))
		return;
	t->ids = true;
	begin_to_catch_up(t);
}

/* Everything that need not wait for an answer goes out in one write. */
static bool begin(struct xmpprecv *t, struct err *e)
{
	struct xml_element *look =
		xmpp_archive_make_look(xmpp_client_jid(xmpprecv_client(t)));
	if (!xmpp_client_request(
		    xmpprecv_client(t), look, USEC_NEVER, on_look, t, e))
		return false;
	return t->catch_up || (arrive(t, e) && announce(t, e));
}

static void on_renewed(void *arg)
{
	struct xmpprecv *t = arg;
	ask_carbons(t, &t->listen.fault);
	if (t->receipts)
		receipts_renew(t->receipts);
	if (t->catch_up)
		catch_up_renew(t->catch_up);
}

static void on_roster(void *arg, const struct xmpp_roster_item *item)
{
	struct xmpprecv *t = arg;
	if (t->receipts)
		receipts_roster(t->receipts, item);
}

/* ---- the run ---- */

static const struct xmpp_client_handlers handlers = {
	.online = on_online,
	.message = take_message,
	.renewed = on_renewed,
	.roster = on_roster,
};

static const struct catch_up_handlers catching = {
	.arrive = arrive,
	.ready = announce,
	.message = take_turn,
	.mark = take_mark,
};

static bool open_all(struct xmpprecv *t, struct run *r, struct err *e)
{
	const struct options *o = t->options;
	struct xmpp_listen *l = &t->listen;
	t->filter = filter_new(&o->filter, e);
	if (!t->filter ||
		!xmpp_listen_open(l, r, &o->listen, &o->login, &handlers, t, e))
		return false;
	t->idle = timer_new(r->loop, take_idle, t);
	timer_set(t->idle, o->idle);
	l->kept = take_kept;
	l->broken = take_broken;
	if (!o->no_receipts)
		t->receipts =
			receipts_new(xmpprecv_client(t), o->receipts_to_all);
	if (o->exec && !(t->exec = exec_new(r, o->exec, take_exec, t, e)))
		return false;
	l->by_hand = t->exec != NULL;
	l->gathers = true;
	if (o->state &&
		!(t->catch_up = catch_up_new(l, o->state, &catching, t, e)))
		return false;
	/* What comes behind the last that is wanted stays where it was. */
	if (t->catch_up && !o->no_bind2 && !o->listen.count)
		xmpp_client_set_catches_up(
			xmpprecv_client(t), catch_up_is_recent(t->catch_up));
	return true;
}

/* A command that runs, and receipts that wait for the roster, are given their
 * time; what comes meanwhile is left to the server. */
static void settle(struct xmpprecv *t)
{
	struct run *r = t->listen.run;
	usec_t until = loop_now(r->loop) + RUN_FAREWELL;
	t->listen.done = true;
	if (t->exec) {
		exec_stop(t->exec);
		run_until(r, exec_is_idle, t->exec, until);
	}
	if (t->receipts)
		run_until(r, receipts_is_idle, t->receipts, until);
}

static bool close_all(struct xmpprecv *t, bool good, struct err *e)
{
	struct err why = ERR_NONE;
	if (t->listen.run)
		settle(t);
	if (!catch_up_close(t->catch_up, &why) && good) {
		*e = why;
		good = false;
	}
	t->catch_up = NULL;
	receipts_free(t->receipts);
	t->receipts = NULL;
	timer_free(t->idle);
	exec_free(t->exec);
	t->exec = NULL;
	xmpp_listen_close(&t->listen);
	filter_free(t->filter);
	xmpp_corrections_clear(&t->seen);
	return good;
}

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	struct options *o = settings;
	struct xmpprecv t = { .options = o, .listen = { .silent = o->body } };
	(void)operands;
	if (o->body && o->exec)
		return err_set(e, STATUS_USAGE,
			"--body and --exec exclude each other");
	xmpp_corrections_init(&t.seen);
	run_use(r, &o->run, USEC_NEVER);
	bool good = open_all(&t, r, e) && begin(&t, e) &&
		    xmpp_login_wait(&t.listen.login, e) &&
		    xmpp_listen_stay(&t.listen,
			    o->listen.count ? "not all messages came"
					    : "it did not end",
			    e);
	return close_all(&t, good, e);
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
	struct options o = { .idle = 60 * USEC_SEC };
	return cli_main(&command, argc, argv, &o);
}
