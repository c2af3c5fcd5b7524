/* xmppmuc - be in a room and talk, see who is there, run it (XEP-0045) */
#include <string.h>

#include "base/mem.h"
#include "cli/out.h"
#include "xmppmuc.h"

#define WAIT (30 * USEC_SEC)

static const char *const yes_no[] = { "yes", "no", NULL };

static const struct opt options[] = {
	{ OPT_GROUP, .help = "Room" },
	{ OPT_USE, .use = room_options,
		.offset = offsetof(struct options, room) },
	{ OPT_NUMBER, 0, "history", "N",
		"join: ask for so many messages of before (0)",
		.offset = offsetof(struct options, history), .min = 0,
		.max = 100000 },
	{ OPT_FLAG, 0, "direct",
		.help = "invite: do it ourselves, and not by the room",
		.offset = offsetof(struct options, direct) },
	{ OPT_STRING, 0, "reason", "TEXT", "invite: why",
		.offset = offsetof(struct options, reason) },
	{ OPT_STRING, 0, "name", "TEXT", "bookmark: call the room so",
		.offset = offsetof(struct options, name) },
	{ OPT_WORD, 0, "autojoin", "WORD",
		"bookmark: clients shall go in by themselves",
		.offset = offsetof(struct options, autojoin), .words = yes_no },
	{ OPT_FLAG, 0, "show-passwords",
		.help = "bookmarks: also the rooms' passwords",
		.offset = offsetof(struct options, show_passwords) },
	{ OPT_USE, .use = xmpp_listen_options,
		.offset = offsetof(struct options, listen) },
	{ OPT_USE, .use = xmpp_login_options,
		.offset = offsetof(struct options, login) },
	{ OPT_USE, .use = run_options,
		.offset = offsetof(struct options, run) },
	{ OPT_END },
};

static const struct operation operations[] = {
	{ "join", 0, 0, NULL, talk_start, true, true },
	{ "occupants", 0, 0, NULL, occupants_start, true, false },
	{ "subject", 0, 1, NULL, subject_start, true, false },
	{ "role", 2, -1, role_check, role_start, true, false },
	{ "invite", 1, -1, jids_check, invite_start, true, false },
	{ "config", 0, -1, config_check, config_start, false, false },
	{ "affiliations", 0, -1, affiliations_check, affiliations_start, false,
		false },
	{ "affiliate", 2, -1, affiliate_check, affiliate_start, false, false },
	{ "bookmarks", 0, 0, NULL, bookmarks_start, false, false },
	{ "bookmark", 0, 0, NULL, bookmark_start, false, false },
	{ "unbookmark", 0, 0, NULL, unbookmark_start, false, false },
};

/* Section 7.8.2 is by the room, XEP-0249 is not. */
static const struct operation invite_directly = { "invite", 1, -1, jids_check,
	invite_directly_start, false, false };

/* ---- what comes of it ---- */

struct xmpp_client *client_of(const struct xmppmuc *t)
{
	return t->listen.login.client;
}

void count_failure(struct xmppmuc *t, const char *what, const struct err *why)
{
	struct err e = *why;
	if (what)
		err_prefix(&e, "%s", what);
	if (xmpp_jid_is_set(&t->jid))
		err_prefix(&e, "%s", t->jid.text);
	if (t->failed++ == 0)
		t->error = e;
	else
		run_warn(t->run, "%s", e.text);
}

void finish(struct xmppmuc *t)
{
	t->listen.done = true;
}

void answered(struct xmppmuc *t, const struct err *e)
{
	if (err_is_set(e))
		count_failure(t, NULL, e);
	if (--t->open == 0)
		finish(t);
}

static void on_answer(
	void *arg, const struct xml_element *reply, const struct err *e)
{
	(void)reply;
	answered(arg, e);
}

void ask(struct xmppmuc *t, struct xml_element *s, xmpp_iq_done *done)
{
	if (xmpp_client_request(client_of(t), s, USEC_NEVER,
		    done ? done : on_answer, t, &t->listen.fault))
		t->open++;
}

static bool judge(const struct xmppmuc *t, struct err *e)
{
	if (t->failed == 0)
		return true;
	*e = t->error;
	if (t->failed > 1)
		err_prefix(e, "%zu times refused, first", t->failed);
	return false;
}

/* ---- the client ---- */

static void on_message(void *arg, const struct xml_element *s)
{
	struct xmppmuc *t = arg;
	if (t->room && xmpp_muc_room_take_message(t->room, s))
		invite_take_bounce(t, s);
}

static void on_presence(
	void *arg, const struct xml_element *s, const struct xmpp_presence *p)
{
	struct xmppmuc *t = arg;
	if (t->room)
		xmpp_muc_room_take_presence(t->room, s, p);
}

static bool on_keep(void *arg, const struct xml_element *s, bool was_written)
{
	struct xmppmuc *t = arg;
	return !t->room || xmpp_muc_room_keep(t->room, s, was_written);
}

static void on_renewed(void *arg)
{
	struct xmppmuc *t = arg;
	if (t->room)
		xmpp_muc_room_renew(t->room);
}

static const struct xmpp_client_handlers handlers = {
	.message = on_message,
	.presence = on_presence,
	.keep = on_keep,
	.renewed = on_renewed,
};

/* ---- the run ---- */

static bool find_operation(struct xmppmuc *t, char **operands, struct err *e)
{
	int count = 0;
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (strcmp(operations[i].name, operands[0]) == 0)
			t->operation = &operations[i];
	if (!t->operation)
		return err_set(e, STATUS_USAGE,
			"%s is nothing that can be done: join, occupants, "
			"subject, role, invite, config, affiliations, "
			"affiliate, bookmarks, bookmark, unbookmark",
			operands[0]);
	if (t->options->direct && t->operation->start == invite_start)
		t->operation = &invite_directly;
	bool of_room = t->operation->start != bookmarks_start;
	if (of_room && !operands[1])
		return err_set(
			e, STATUS_USAGE, "%s: which room?", t->operation->name);
	t->operands = operands + 1 + of_room;
	while (t->operands[count])
		count++;
	if (count < t->operation->min ||
		(t->operation->max >= 0 && count > t->operation->max))
		return err_set(e, STATUS_USAGE,
			"%s: too %s operands, see xmppmuc(1)",
			t->operation->name,
			count < t->operation->min ? "few" : "many");
	if (of_room && !room_parse_jid(&t->jid, operands[1], e))
		return false;
	return !t->operation->check || t->operation->check(t, e);
}

static bool check_options(const struct xmppmuc *t, struct err *e)
{
	const struct options *o = t->options;
	if (!t->operation->listens &&
		(o->listen.count || o->listen.seconds || o->history))
		return err_set(e, STATUS_USAGE,
			"-c, --for and --history are for join");
	if ((o->direct || o->reason) && t->operation->check != jids_check)
		return err_set(e, STATUS_USAGE,
			"--direct and --reason are for invite");
	if ((o->name || o->autojoin) && t->operation->start != bookmark_start)
		return err_set(e, STATUS_USAGE,
			"--name and --autojoin are for bookmark");
	if (o->show_passwords && t->operation->start != bookmarks_start)
		return err_set(
			e, STATUS_USAGE, "--show-passwords is for bookmarks");
	return true;
}

static bool enter(struct xmppmuc *t, struct err *e)
{
	const struct options *o = t->options;
	t->nick = room_nick(&o->room, xmpp_client_jid(client_of(t)), e);
	if (!t->nick)
		return false;
	struct xmpp_muc_settings s = { .loop = t->run->loop,
		.client = client_of(t),
		.room = &t->jid,
		.nick = t->nick,
		.only_this_nick = o->room.nick != NULL,
		.password = t->password,
		.create = o->room.create,
		.history = (unsigned)o->history };
	t->room = xmpp_muc_room_new(&s, &room_handlers, t, e);
	return t->room != NULL;
}

static bool begin(struct xmppmuc *t, struct err *e)
{
	if (t->operation->inside)
		return enter(t, e);
	t->operation->start(t);
	return true;
}

static bool is_out(void *arg)
{
	const struct xmppmuc *t = arg;
	return !t->room || xmpp_muc_room_has_ended(t->room) ||
	       xmpp_client_has_ended(client_of(t));
}

static void leave(struct xmppmuc *t)
{
	if (t->room && t->listen.login.client) {
		xmpp_muc_room_leave(t->room);
		run_until(t->run, is_out, t,
			loop_now(t->run->loop) + RUN_FAREWELL / 2);
	}
	xmpp_muc_room_free(t->room);
	t->room = NULL;
}

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	struct options *o = settings;
	struct xmppmuc t = {
		.run = r, .options = o, .listen = XMPP_LISTEN_NONE
	};
	if (!find_operation(&t, operands, e) || !check_options(&t, e)) {
		xmpp_jid_clear(&t.jid);
		return false;
	}
	run_use(r, &o->run, t.operation->listens ? USEC_NEVER : WAIT);
	xmpp_corrections_init(&t.seen);
	bool good = room_password(&t.password, r, &o->room, t.jid.text, e) &&
		    xmpp_listen_open(&t.listen, r, &o->listen, &o->login,
			    &handlers, &t, e) &&
		    xmpp_login_wait(&t.listen.login, e) && begin(&t, e) &&
		    xmpp_listen_stay(&t.listen,
			    !t.operation->inside ? "the room does not answer"
			    : t.joined           ? "not all was done"
						 : "not in the room",
			    e) &&
		    judge(&t, e);
	leave(&t);
	xmpp_listen_close(&t.listen);
	bookmarks_clear(&t);
	xmpp_corrections_clear(&t.seen);
	lines_free(t.lines);
	mem_free_wiped(t.password);
	mem_free(t.nick);
	xmpp_jid_clear(&t.jid);
	return good;
}

static const struct command command = {
	.name = "xmppmuc",
	.summary = "be in XMPP rooms and talk, see who is there, run them",
	.synopsis = "[options] OPERATION [ROOM] [...]",
	.options = options,
	.min_operands = 1,
	.max_operands = -1,
	.operand_kind = "join|occupants|subject|role|invite|config|"
			"affiliations|affiliate|bookmarks|bookmark|"
			"unbookmark",
	.run = run,
};

int main(int argc, char **argv)
{
	struct options o = { 0 };
	return cli_main(&command, argc, argv, &o);
}
