/* From the input to the recipients, and what became of each message. */
#include "xmppsend.h"

#include "base/mem.h"
#include "cli/out.h"
#include "cli/record_xmpp.h"
#include "xml/parser.h"

/* Whose fate is not known yet: a bound on what is kept of a stream. */
#define OPEN_MAX 1000
/* With all around it a stanza that every server takes (RFC 6120 section
 * 13.12); for a larger one it is asked first. */
#define BODY_LEAST (XMPP_STANZA_LEAST / 2)

/* ---- what became of one ---- */

static bool is_several(const struct xmppsend *t)
{
	return letters_is_stream(&t->options->letters) || t->names.count > 1;
}

static void print(struct xmppsend *t, const struct parcel *p,
	const char *stanza_id, const struct err *outcome)
{
	struct record_xmpp x = { t->run->out, xmpp_client_jid(t->login.client),
		t->login.name };
	struct record_sent sent = { .id = p->id,
		.stanza_id = stanza_id,
		.to = p->to,
		.message_type = p->type[0] ? p->type : NULL,
		.why = err_is_set(outcome) ? outcome : NULL };
	record_xmpp_sent(&x, loop_wall(t->run->loop), &sent, &t->fault);
}

/* Several: each is said when it is known, and how many at the end. */
static void note_failure(struct xmppsend *t, const struct err *e)
{
	if (is_several(t))
		run_warn(t->run, "%s", e->text);
	if (t->failed++ == 0 ||
		status_worse(t->worst.status, e->status) != t->worst.status)
		t->worst = *e;
}

void send_decided(
	struct parcel *p, const char *stanza_id, const struct err *outcome)
{
	struct xmppsend *t = p->tool;
	t->sent++;
	if (t->options->output.json)
		print(t, p, stanza_id, outcome);
	if (err_is_set(outcome))
		note_failure(t, outcome);
	mem_free(p->to);
	mem_free(p->id);
	mem_free(p);
}

static void on_delivered(void *arg, const struct err *outcome)
{
	struct parcel *p = arg;
	p->tool->open--;
	send_decided(p, NULL, outcome);
}

/* ---- sending ---- */

static bool deliver(struct xmppsend *t, struct parcel *p, struct xml_element *s,
	struct err *e)
{
	bool single = !letters_is_stream(&t->options->letters);
	usec_t wait = t->options->reply_wait ? t->options->reply_wait
		      : single               ? USEC_NEVER
					     : WAIT;
	struct xmpp_delivery *d = xmpp_deliver(t->login.client, s,
		t->options->until, wait, on_delivered, p, e);
	if (!d)
		return false;
	p->id = mem_str(xmpp_delivery_id(d));
	t->open++;
	return true;
}

/* What cannot be sent at all is told as what was refused is. */
static void send_to(struct xmppsend *t, const struct xmpp_jid *to)
{
	struct err e = ERR_NONE;
	struct parcel *p = mem_alloc(sizeof(*p));
	*p = (struct parcel){ .tool = t, .to = mem_str(to->text) };
	struct xml_element *s =
		compose_message(&t->options->compose, &t->letter, to, &e);
	if (s)
		span_copy(p->type, sizeof(p->type),
			span_of(xml_element_attr_find(s, "type")));
	if (s && (t->options->muc ? rooms_say(t, to, p, s, &e)
				  : deliver(t, p, s, &e)))
		return;
	if (is_several(t) || t->options->muc)
		err_prefix(&e, "%s", to->text);
	send_decided(p, NULL, &e);
}

/* The one a record names; of a room's address who was in it does not count, so
 * that what xmppmuc(1) prints can be answered by --reply. */
static bool read_recipient(struct xmpp_jid *to, const struct xmppsend *t,
	struct span name, struct err *e)
{
	struct xmpp_jid jid;
	if (!xmpp_jid_parse(&jid, name, e))
		return false;
	if (!t->options->muc) {
		*to = jid;
		return true;
	}
	bool good =
		jid.local.n || err_set(e, STATUS_MALFORMED, "that is no room");
	if (good)
		xmpp_jid_copy_bare(to, &jid);
	xmpp_jid_clear(&jid);
	return good;
}

static void send_to_named(struct xmppsend *t, struct span name)
{
	struct err e = ERR_NONE;
	struct xmpp_jid to;
	if (read_recipient(&to, t, name, &e)) {
		send_to(t, &to);
		xmpp_jid_clear(&to);
		return;
	}
	if (!name.n)
		err_set(&e, STATUS_MALFORMED,
			"no recipient: the record has no JID, and none was "
			"named");
	else
		err_prefix(&e, "%.*s", SPAN_ARGS(name));
	e.status = STATUS_MALFORMED;
	struct parcel *p = mem_alloc(sizeof(*p));
	*p = (struct parcel){ .tool = t, .to = span_dup(name) };
	send_decided(p, NULL, &e);
}

static void send_next(struct xmppsend *t)
{
	if (t->names.count)
		send_to(t, &t->to[t->next++]);
	else
		send_to_named(t, t->letter.to);
	t->has_letter = t->next < t->names.count;
	t->input_ended = !t->has_letter && !t->letters;
	if (t->options->rate)
		t->not_before =
			loop_now(t->run->loop) + USEC_SEC / t->options->rate;
}

static bool is_broken(void *arg)
{
	const struct xmppsend *t = arg;
	return err_is_set(&t->fault) || xmpp_client_has_ended(t->login.client);
}

/* A room takes what is at hand when we are in it, and it has kept up. */
static bool room_can_take(struct xmppsend *t)
{
	struct xmpp_jid to;
	if (t->names.count)
		return rooms_can_take(t, &t->to[t->next]);
	if (!read_recipient(&to, t, t->letter.to, NULL))
		return true; /* to be told */
	bool can = rooms_can_take(t, &to);
	xmpp_jid_clear(&to);
	return can;
}

static bool has_room(struct xmppsend *t)
{
	struct xmpp_client *c = t->login.client;
	if (t->options->muc && t->has_letter && !room_can_take(t))
		return false;
	if (!xmpp_client_is_online(c) && t->has_letter &&
		t->letter.body.n > BODY_LEAST)
		return false;
	/* Of a stream nothing is lost by a cut at the beginning. */
	if (letters_is_stream(&t->options->letters) && !t->is_sure)
		t->is_sure = xmpp_client_is_online(c) &&
			     xmpp_client_sm(c)->state != XMPP_SM_ASKED;
	if (letters_is_stream(&t->options->letters) && !t->is_sure)
		return false;
	return !xmpp_client_is_full(c) && t->open < OPEN_MAX &&
	       !out_is_full(t->run->out);
}

static bool may_go_on(void *arg)
{
	struct xmppsend *t = arg;
	return is_broken(arg) ||
	       (has_room(t) && (t->has_letter || letters_has_next(t->letters)));
}

static bool all_decided(void *arg)
{
	const struct xmppsend *t = arg;
	return t->open == 0;
}

/* Takes the next message of the input, or sends the one at hand. */
static void step(struct xmppsend *t)
{
	if (t->has_letter) {
		send_next(t);
		return;
	}
	enum lines_got got = letters_next(t->letters, &t->letter, &t->fault);
	t->has_letter = got == LINES_LINE;
	t->next = 0;
	t->input_ended = got == LINES_END || got == LINES_FAILED;
}

static enum run_end wait_for_rate(struct xmppsend *t)
{
	if (loop_now(t->run->loop) >= t->not_before)
		return RUN_DONE;
	bool is_rate = t->not_before < t->run->deadline;
	enum run_end how = run_until(t->run, is_broken, t, t->not_before);
	return how == RUN_DEADLINE && is_rate ? RUN_DONE : how;
}

static enum run_end send_input(struct xmppsend *t)
{
	enum run_end how = RUN_DONE;
	while (how == RUN_DONE && !t->input_ended && !is_broken(t)) {
		how = run_until(t->run, may_go_on, t, USEC_NEVER);
		if (how == RUN_DONE && t->has_letter)
			how = wait_for_rate(t);
		if (how == RUN_DONE && !is_broken(t))
			step(t);
	}
	return how;
}

/* Time is up before the room that the letter at hand is for let us speak. */
static void tell_unsent(struct xmppsend *t)
{
	size_t next = t->names.count ? t->next : 0;
	size_t end = t->names.count ? t->names.count : 1;
	for (; t->has_letter && next < end; next++) {
		struct err e = ERR_NONE;
		struct parcel *p = mem_alloc(sizeof(*p));
		*p = (struct parcel){ .tool = t,
			.to = t->names.count ? mem_str(t->to[next].text)
					     : span_dup(t->letter.to) };
		span_copy(p->type, sizeof(p->type), SPAN("groupchat"));
		err_set(&e, STATUS_TIMEOUT,
			"%s: not sent: the room does not answer", p->to);
		send_decided(p, NULL, &e);
	}
	t->has_letter = false;
}

/* What is out when the run ends is told as what it is: unknown. */
void send_all(struct xmppsend *t, struct err *e)
{
	enum run_end how = send_input(t);
	bool was_read = t->input_ended;
	if (t->options->muc && how == RUN_DEADLINE &&
		xmpp_client_is_online(t->login.client))
		tell_unsent(t);
	/* Without a reader of records, messages still have an outcome. */
	if (how == RUN_DONE || how == RUN_READER_LEFT)
		how = run_until(t->run, all_decided, t, USEC_NEVER);
	xmpp_deliveries_give_up(t->login.client);
	rooms_give_up(t, NULL);
	if (how == RUN_DEADLINE && !was_read && !t->failed)
		run_timed_out(t->run, "the input did not end", e);
	if (!was_read && xmpp_client_has_ended(t->login.client))
		*e = *xmpp_client_end(t->login.client);
}

void send_report(const struct xmppsend *t, struct err *e)
{
	if (t->failed && !err_is_set(e))
		*e = t->worst;
	if (t->failed && is_several(t))
		err_set(e, status_worse(e->status, t->worst.status),
			"%zu of %zu messages were not delivered%s", t->failed,
			t->sent,
			t->input_ended ? ""
				       : ", and the rest of the input was not "
					 "sent");
	if (err_is_set(&t->fault) &&
		status_worse(e->status, t->fault.status) != e->status)
		*e = t->fault;
}
