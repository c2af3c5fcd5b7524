/* What is done from inside a room. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/out.h"
#include "xml/parser.h"
#include "xml/text.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"
#include "xmppmuc.h"

/* A body that leaves room for the rest of its stanza. */
#define LINE_BYTES_MAX (XMPP_STANZA_MAX / 4)

static bool is(const struct xmppmuc *t, const char *name)
{
	return strcmp(t->operation->name, name) == 0;
}

/* ---- records ---- */

static void print_occupant(struct xmppmuc *t, const struct xmpp_muc_occupant *o)
{
	struct record r;
	char *from = mem_format("%s/%s", t->jid.text, o->nick);
	const char *show = xmpp_show_text(o->show);
	record_begin(&r, t->run->out, RECORD_OCCUPANT, RECORD_XMPP,
		loop_wall(t->run->loop));
	if (t->listen.login.name)
		record_str(&r, KEY_ACCOUNT, t->listen.login.name);
	record_str(&r, KEY_FROM, from);
	record_str(&r, KEY_NICK, o->nick);
	record_str(
		&r, KEY_PRESENCE_TYPE, o->here ? "available" : "unavailable");
	record_str(&r, KEY_ROLE, xmpp_muc_role_text(o->is.role));
	record_str(&r, KEY_AFFILIATION,
		xmpp_muc_affiliation_text(o->is.affiliation));
	if (o->is.jid)
		record_str(&r, KEY_JID, o->is.jid);
	if (o->here)
		record_str(&r, KEY_SHOW, show ? show : "available");
	if (o->status.p)
		record_text(&r, KEY_STATUS, o->status);
	xmpp_listen_wrote(&t->listen,
		record_end(&r, &t->listen.fault) && t->operation->listens);
	mem_free(from);
}

/* Not where there is nothing to say of it, as of chat states. */
static void print_message(struct xmppmuc *t, const struct xml_element *s)
{
	struct record_xmpp x = xmpp_listen_records(&t->listen);
	struct xmpp_message m;
	xmpp_message_read(&m, s, xmpp_client_jid(client_of(t)), false);
	m.archive_id = xmpp_muc_room_stanza_id(t->room, s);
	xmpp_corrections_read(&t->seen, &m);
	if (!xmpp_message_has_text(&m) && !xmpp_message_reactions(&m) &&
		!m.retracts)
		return;
	xmpp_listen_hold(&t->listen);
	xmpp_listen_wrote(
		&t->listen, record_xmpp_message(&x, loop_wall(t->run->loop), &m,
				    &t->listen.fault));
}

/* ---- the room ---- */

static void on_occupant(void *arg, const struct xmpp_muc_occupant *o)
{
	struct xmppmuc *t = arg;
	if (xmpp_listen_is_over(&t->listen))
		return;
	/* Those who are there already are occupants' to list; who comes and
	 * goes is join's to tell. */
	if (t->joined ? t->operation->listens && !o->self : is(t, "occupants"))
		print_occupant(t, o);
}

static void on_message(void *arg, const struct xml_element *s, const char *nick)
{
	struct xmppmuc *t = arg;
	bool ours = strcmp(nick, xmpp_muc_room_nick(t->room)) == 0;
	if (!t->operation->listens)
		return;
	if (xmpp_listen_is_over(&t->listen))
		xmpp_client_defer(client_of(t));
	else if (!ours || xml_element_find(s, "delay", XMPP_NS_DELAY))
		print_message(t, s);
}

static void on_subject(void *arg, const struct xml_element *s, const char *nick,
	struct span text)
{
	struct xmppmuc *t = arg;
	(void)nick;
	bool asked = is(t, "subject") && !t->operands[0];
	if (xmpp_listen_is_over(&t->listen))
		return;
	if (text.n && (asked || (t->operation->listens && t->joined)))
		print_message(t, s);
	if (asked)
		finish(t);
}

static void on_said(
	void *arg, uint64_t tag, const char *stanza_id, const struct err *why)
{
	struct xmppmuc *t = arg;
	(void)stanza_id;
	char what[40] = "the subject";
	if (t->operation->listens)
		snprintf(what, sizeof(what), "line %llu",
			(unsigned long long)tag);
	if (err_is_set(why))
		count_failure(t, what, why);
	if (!t->operation->listens)
		finish(t);
}

static void on_joined(void *arg)
{
	struct xmppmuc *t = arg;
	bool again = t->joined;
	t->joined = true;
	if (!again)
		t->operation->start(t);
}

static void on_left(void *arg, const struct err *why)
{
	struct xmppmuc *t = arg;
	if (!err_is_set(why) || err_is_set(&t->listen.fault))
		return;
	t->listen.fault = *why;
	err_prefix(&t->listen.fault, "%s", t->jid.text);
}

static void pump(void *arg);

const struct xmpp_muc_handlers room_handlers = {
	.joined = on_joined,
	.occupant = on_occupant,
	.message = on_message,
	.subject = on_subject,
	.said = on_said,
	.progress = pump,
	.left = on_left,
};

/* ---- join: lines out ---- */

static void say_line(struct xmppmuc *t, struct span line)
{
	struct err *fault = &t->listen.fault;
	t->line++;
	if (line.n == 0)
		return;
	if (!xml_text_check(line, fault)) {
		err_prefix(fault, "line %llu", (unsigned long long)t->line);
		return;
	}
	struct xml_element *s = xml_element_new("message", XMPP_NS_CLIENT);
	xml_element_text_span(xml_element_child(s, "body", NULL), line);
	xmpp_muc_room_say(t->room, s, t->line, fault);
}

static void pump(void *arg)
{
	struct xmppmuc *t = arg;
	struct span line;
	while (t->lines && t->joined && !t->ended &&
		!err_is_set(&t->listen.fault) &&
		xmpp_muc_room_is_joined(t->room) &&
		!xmpp_muc_room_is_full(t->room)) {
		enum lines_got got =
			lines_next(t->lines, &line, &t->listen.fault);
		if (got == LINES_NONE)
			break;
		if (got == LINES_LINE)
			say_line(t, line);
		t->ended = got == LINES_END;
	}
	if (t->ended && xmpp_muc_room_unsaid(t->room) == 0 &&
		!t->listen.options->count && !t->listen.options->seconds)
		finish(t);
}

void talk_start(struct xmppmuc *t)
{
	struct record_xmpp x = xmpp_listen_records(&t->listen);
	struct lines_settings s = { .fd = STDIN_FILENO,
		.end = '\n',
		.max = LINE_BYTES_MAX,
		.ready = pump,
		.arg = t };
	record_xmpp_ready(&x, loop_wall(t->run->loop), &t->listen.fault);
	t->listen.is_ready = true;
	t->lines = lines_new(t->run->loop, &s, &t->listen.fault);
	pump(t);
}

/* ---- the others ---- */

void occupants_start(struct xmppmuc *t)
{
	finish(t);
}

void subject_start(struct xmppmuc *t)
{
	if (!t->operands[0])
		return; /* it comes behind the join (section 7.2.15) */
	struct xml_element *s = xml_element_new("message", XMPP_NS_CLIENT);
	xml_element_text(xml_element_child(s, "subject", NULL), t->operands[0]);
	xmpp_muc_room_say(t->room, s, 0, &t->listen.fault);
}

bool role_check(struct xmppmuc *t, struct err *e)
{
	enum xmpp_muc_role role;
	return xmpp_muc_role_parse(&role, t->operands[0]) ||
	       err_set(e, STATUS_USAGE,
		       "%s is no role: moderator, participant, visitor, none",
		       t->operands[0]);
}

void role_start(struct xmppmuc *t)
{
	for (size_t i = 1; t->operands[i]; i++) {
		struct xml_element *s = xmpp_muc_make_set(t->jid.text);
		struct xml_element *item = xmpp_muc_add_item(s);
		xml_element_attr(item, "nick", t->operands[i]);
		xml_element_attr(item, "role", t->operands[0]);
		ask(t, s, NULL);
	}
}
