/* xmpprecv - print the messages that come
 *
 * RFC 6121 section 5, with copies of what the other clients of the account get
 * and send (XEP-0280), receipts (XEP-0184) and the archive (XEP-0313). */
#include "base/mem.h"
#include "catch_up.h"
#include "cli/exec.h"
#include "cli/out.h"
#include "filter.h"
#include "receipts.h"
#include "xmpp/correction.h"

struct options {
	struct run_options run;
	struct xmpp_login_options login;
	struct xmpp_listen_options listen;
	struct filter_options filter;
	const char *exec, *state;
	usec_t idle;
	bool body, no_bind2, no_receipts, receipts_to_all;
};

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

struct xmpprecv {
	const struct options *options;
	struct xmpp_listen listen;
	struct filter *filter;
	struct receipts *receipts; /* NULL: none are given */
	struct catch_up *catch_up; /* NULL: no --state */
	struct exec *exec;         /* NULL: records are printed */
	struct xmpp_corrections seen;
	struct timer *idle; /* since the last message */
	usec_t active;      /* when that came; 0: never, or it was idle since */
	bool begun;         /* to catch up */
	bool ids; /* our account announces that its archive ids are true */
};

/* A message that is not dealt with yet. */
struct received {
	struct xmpp_pledge pledge;
	struct xml_element *receipt; /* NULL: none */
	struct catch_up_mark mark;
	bool counts; /* towards -c */
};

static struct xmpp_client *client(const struct xmpprecv *t)
{
	return t->listen.login.client;
}

/* ---- a message has been dealt with ---- */

static struct received *promise_make(uint32_t number, bool waits)
{
	struct received *r = mem_alloc(sizeof(*r));
	r->pledge.number = number;
	r->pledge.waits = waits;
	return r;
}

static void on_kept(void *arg, struct xmpp_pledge *p)
{
	struct xmpprecv *t = arg;
	struct received *r = (struct received *)p;
	if (t->catch_up)
		catch_up_kept(t->catch_up, &r->mark);
	if (r->receipt)
		receipts_give(t->receipts, r->receipt);
	if (t->exec)
		t->listen.counted += r->counts;
}

static void on_broken(void *arg, struct xmpp_pledge *p)
{
	struct received *r = (struct received *)p;
	(void)arg;
	xml_element_free(r->receipt);
	mem_free(r->mark.id);
}

static void on_mark(void *arg, struct catch_up_mark *mark)
{
	struct xmpprecv *t = arg;
	struct received *r = promise_make(0, false);
	r->mark = *mark;
	xmpp_listen_promise(&t->listen, &r->pledge);
}

/* A command has ended. */
static void on_exec(void *arg, const struct err *e)
{
	struct xmpprecv *t = arg;
	struct xmpp_listen *l = &t->listen;
	if (err_is_set(e)) {
		l->fault = *e;
		err_prefix(&l->fault, "--exec");
		return;
	}
	xmpp_listen_keep(l);
	if (xmpp_listen_is_over(l))
		exec_stop(t->exec);
	if (!exec_is_full(t->exec))
		xmpp_client_pause(client(t), false);
}

/* ---- client state indication ---- */

static void on_idle(void *arg)
{
	struct xmpprecv *t = arg;
	t->active = 0;
	xmpp_client_set_active(client(t), false);
}

/* XEP-0352: what we print is what somebody looks at.  Messages that came in
 * one read are one sign of life. */
static void be_active(struct xmpprecv *t)
{
	usec_t heard = xmpp_client_heard(client(t));
	if (t->active && t->active == heard)
		return;
	t->active = heard;
	xmpp_client_set_active(client(t), true);
	timer_set(t->idle, t->options->idle);
}

/* ---- a message comes ---- */

static bool run_command(struct xmpprecv *t, const struct xmpp_message *m)
{
	struct xmpp_listen *l = &t->listen;
	struct record_xmpp x = xmpp_listen_records(l);
	x.out = exec_begin(t->exec, &l->fault);
	if (!x.out)
		return false;
	bool good = record_xmpp_message(
			    &x, loop_wall(l->run->loop), m, &l->fault) &&
		    exec_end(t->exec, &l->fault);
	if (exec_is_full(t->exec))
		xmpp_client_pause(client(t), true);
	return good;
}

static void print(struct xmpprecv *t, const struct xmpp_message *m, bool counts)
{
	struct xmpp_listen *l = &t->listen;
	const struct xml_element *s = m->stanza;
	struct record_xmpp x = xmpp_listen_records(l);
	bool good = t->options->body
			    ? out_write(l->run->out,
				      xml_element_child_text(s, "body", s->ns),
				      &l->fault)
			    : record_xmpp_message(&x, loop_wall(l->run->loop),
				      m, &l->fault);
	xmpp_listen_wrote(l, good && counts);
}

/* Bodies and commands are for what others have said. */
static bool is_wanted(const struct xmpprecv *t, const struct xmpp_message *m)
{
	bool plain = t->options->body || t->exec;
	bool bounce = xml_element_attr_is(m->stanza, "type", "error");
	if (plain && (bounce || m->sent))
		return false;
	return filter_takes(t->filter, m);
}

static void on_turn(
	void *arg, const struct xmpp_message *message, uint32_t number)
{
	struct xmpprecv *t = arg;
	struct xmpp_message m = *message;
	if (xmpp_listen_is_over(&t->listen))
		return;
	xmpp_corrections_read(&t->seen, &m);
	bool bounce = xml_element_attr_is(m.stanza, "type", "error");
	bool wanted = (bounce || xmpp_message_has_text(&m)) && is_wanted(t, &m);
	struct received *r = promise_make(number, wanted);
	r->counts = !bounce && !m.sent;
	if (t->catch_up)
		catch_up_mark(t->catch_up, &r->mark, &m);
	if (wanted && t->receipts)
		r->receipt = xmpp_receipt_make(&m);
	if (wanted)
		be_active(t);
	bool counts = r->counts;
	xmpp_listen_promise(&t->listen, &r->pledge);
	if (wanted && t->exec)
		run_command(t, &m);
	else if (wanted)
		print(t, &m, counts);
}

static void on_message(void *arg, const struct xml_element *s)
{
	struct xmpprecv *t = arg;
	struct xmpp_message m;
	/* What comes after the last that was wanted stays with the server. */
	if (xmpp_listen_is_over(&t->listen)) {
		xmpp_client_defer(client(t));
		return;
	}
	if (t->catch_up && catch_up_take(t->catch_up, s))
		return;
	xmpp_message_read(&m, s, xmpp_client_jid(client(t)), t->ids);
	if (!t->catch_up || catch_up_is_due(t->catch_up, &m, s))
		on_turn(t, &m, xmpp_client_defer(client(t)));
}

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
	return xmpp_client_has_carbons(client(t)) ||
	       xmpp_client_request(client(t), xmpp_carbons_make_enable(),
		       USEC_NEVER, on_carbons, t, e);
}

static bool arrive(void *arg, struct err *e)
{
	static const struct xmpp_presence here = { 0 };
	struct xmpprecv *t = arg;
	return ask_carbons(t, e) &&
	       xmpp_client_set_presence(client(t), &here, e);
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
		xmpp_client_set_archived(client(t),
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
		xmpp_client_set_archived(client(t), false);
	else
		xmpp_client_request(client(t), xmpp_archive_make_ask(),
			USEC_NEVER, on_ask, t, NULL);
}

/* XEP-0386: the archive is known, and what was stored besides is gone. */
static void on_online(void *arg)
{
	struct xmpprecv *t = arg;
	if (!t->catch_up || !xmpp_client_is_inline(client(t)))
		return;
	t->ids = true;
	begin_to_catch_up(t);
}

/* Everything that need not wait for an answer goes out in one write. */
static bool begin(struct xmpprecv *t, struct err *e)
{
	struct xml_element *look =
		xmpp_archive_make_look(xmpp_client_jid(client(t)));
	if (!xmpp_client_request(client(t), look, USEC_NEVER, on_look, t, e))
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
	.message = on_message,
	.renewed = on_renewed,
	.roster = on_roster,
};

static const struct catch_up_handlers catching = {
	.arrive = arrive,
	.ready = announce,
	.message = on_turn,
	.mark = on_mark,
};

static bool open_all(struct xmpprecv *t, struct run *r, struct err *e)
{
	const struct options *o = t->options;
	struct xmpp_listen *l = &t->listen;
	t->filter = filter_new(&o->filter, e);
	if (!t->filter ||
		!xmpp_listen_open(l, r, &o->listen, &o->login, &handlers, t, e))
		return false;
	t->idle = timer_new(r->loop, on_idle, t);
	timer_set(t->idle, o->idle);
	l->kept = on_kept;
	l->broken = on_broken;
	if (!o->no_receipts)
		t->receipts = receipts_new(client(t), o->receipts_to_all);
	if (o->exec && !(t->exec = exec_new(r, o->exec, on_exec, t, e)))
		return false;
	l->by_hand = t->exec != NULL;
	if (o->state &&
		!(t->catch_up = catch_up_new(l, o->state, &catching, t, e)))
		return false;
	/* What comes behind the last that is wanted stays where it was. */
	if (t->catch_up && !o->no_bind2 && !o->listen.count)
		xmpp_client_set_catches_up(
			client(t), catch_up_is_recent(t->catch_up));
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
	bool good =
		open_all(&t, r, e) && begin(&t, e) &&
		xmpp_login_wait(&t.listen.login, e) &&
		xmpp_listen_stay(&t.listen,
			o->listen.count ? "not all messages came" : "it did not end",
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
