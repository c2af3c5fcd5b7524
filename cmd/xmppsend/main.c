/* xmppsend - send standard input as messages, and know what became of each
 *
 * RFC 6121 section 5, XEP-0045 section 7.4; the outcome by xmpp/deliver.h, or by
 * xmpp/muc_room.h. */
#include "xmppsend.h"

#include <string.h>

#include "base/mem.h"
#include "xml/parser.h"

/* A body that leaves room for the rest of its stanza. */
#define BODY_MAX (XMPP_STANZA_MAX - 4096)

static const struct opt options[] = {
	{ OPT_USE, .use = letters_options,
		.offset = offsetof(struct options, letters) },
	{ OPT_USE, .use = compose_options,
		.offset = offsetof(struct options, compose) },
	{ OPT_GROUP, .help = "Rooms" },
	{ OPT_FLAG, 0, "muc", .help = "the recipients are rooms",
		.offset = offsetof(struct options, muc) },
	{ OPT_USE, .use = room_options,
		.offset = offsetof(struct options, room) },
	{ OPT_GROUP, .help = "Delivery" },
	{ OPT_LIST, 'w', "wait", "SECONDS|WHAT",
		"give up after this long; wait until it is sent, accepted, "
		"received or displayed",
		.offset = offsetof(struct options, wait) },
	{ OPT_DURATION, 'W', "reply-wait", "SECONDS",
		"wait so long for word of one message (30)",
		.offset = offsetof(struct options, reply_wait), .min = USEC_MS,
		.max = 365 * 86400 * USEC_SEC },
	{ OPT_FLAG, 0, "resend",
		.help = "send again what a lost session leaves unknown",
		.offset = offsetof(struct options, resend) },
	{ OPT_NUMBER, 0, "rate", "N", "send at most so many a second",
		.offset = offsetof(struct options, rate), .min = 1,
		.max = 1000000 },
	{ OPT_USE, .use = xmpp_login_options,
		.offset = offsetof(struct options, login) },
	{ OPT_USE, .use = output_options,
		.offset = offsetof(struct options, output) },
	{ OPT_END },
};

/* ---- the run ---- */

static bool parse_wait(struct options *o, const char *text, struct err *e)
{
	static const char *const untils[] = { [XMPP_UNTIL_SENT] = "sent",
		[XMPP_UNTIL_ACCEPTED] = "accepted",
		[XMPP_UNTIL_RECEIVED] = "received",
		[XMPP_UNTIL_DISPLAYED] = "displayed" };
	for (size_t i = 0; i < sizeof(untils) / sizeof(untils[0]); i++)
		if (strcmp(text, untils[i]) == 0) {
			o->until = (enum xmpp_deliver_until)i;
			return true;
		}
	if (clock_parse_duration(span_of(text), &o->time.wait) &&
		o->time.wait >= USEC_MS)
		return true;
	return err_set(e, STATUS_USAGE,
		"--wait takes seconds, or sent, accepted, received or "
		"displayed, and not \"%s\"",
		text);
}

static bool check_rooms(const struct options *o, struct err *e)
{
	const struct room_options *room = &o->room;
	if (!o->muc && (room->nick || room->password_file || room->create))
		return err_set(e, STATUS_USAGE,
			"--nick, --room-password-file and --create are for "
			"--muc");
	if (o->muc && o->compose.type)
		return err_set(e, STATUS_USAGE,
			"--type is for people: what is said in a room is "
			"groupchat");
	if (o->muc && o->until != XMPP_UNTIL_ACCEPTED)
		return err_set(e, STATUS_USAGE,
			"with --muc, a message is waited for until the room "
			"has reflected it");
	return true;
}

static bool read_options(struct options *o, struct run *r, struct err *e)
{
	o->until = XMPP_UNTIL_ACCEPTED;
	for (size_t i = 0; i < o->wait.count; i++)
		if (!parse_wait(o, o->wait.items[i], e))
			return false;
	bool stream = letters_is_stream(&o->letters);
	if (!check_rooms(o, e) || !compose_check(&o->compose, stream, e))
		return false;
	o->compose.groupchat = o->muc;
	if (o->compose.oob || o->compose.react)
		o->letters.allow_empty = true;
	run_use_deadline(r, &o->time, stream ? USEC_NEVER : WAIT);
	return true;
}

static bool read_recipients(struct xmppsend *t, char **operands, struct err *e)
{
	if (!recipients_read(
		    &t->names, t->run, &t->options->letters, operands, e))
		return false;
	t->to = mem_array(t->names.count + 1, sizeof(*t->to));
	for (size_t i = 0; i < t->names.count; i++)
		if (!(t->options->muc ? room_parse_jid : xmpp_login_parse_jid)(
			    &t->to[i], t->names.items[i], e))
			return false;
	return true;
}

static bool read_input(struct xmppsend *t, struct err *e)
{
	const struct options *o = t->options;
	if (!compose_needs_body(&o->compose)) {
		t->has_letter = true;
		return true;
	}
	t->letters =
		letters_open(t->run, &o->letters, RECORD_XMPP, BODY_MAX, e);
	return t->letters != NULL;
}

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	struct options *o = settings;
	struct xmppsend t = {
		.run = r, .options = o, .login = XMPP_LOGIN_NONE
	};
	run_use_output(r, &o->output);
	if (read_options(o, r, e) && read_recipients(&t, operands, e) &&
		read_input(&t, e) && rooms_prepare(&t, e) &&
		xmpp_login_open(
			&t.login, r, &o->login, &rooms_handlers, &t, e) &&
		rooms_open(&t, e)) {
		xmpp_client_set_resend(t.login.client, o->resend);
		send_all(&t, e);
		send_report(&t, e);
	}
	rooms_close(&t);
	xmpp_login_close(&t.login);
	letters_close(t.letters);
	for (size_t i = 0; t.to && i < t.names.count; i++)
		xmpp_jid_clear(&t.to[i]);
	mem_free(t.to);
	recipients_clear(&t.names);
	return !err_is_set(e);
}

static const struct command command = {
	.name = "xmppsend",
	.summary = "send standard input as XMPP messages, and know that they "
		   "arrived",
	.synopsis = "[options] [JID...]",
	.options = options,
	.max_operands = -1,
	.operand_kind = "jid",
	.run = run,
};

int main(int argc, char **argv)
{
	struct options o = { 0 };
	return cli_main(&command, argc, argv, &o);
}
