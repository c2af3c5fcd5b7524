#include "xmpp/muc_room.h"

#include <string.h>

#include "base/list.h"
#include "base/mem.h"
#include "base/rand.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"

#define ID_LENGTH 20
#define PING_WAIT (30 * USEC_SEC)

enum phase { JOINING, JOINED, LEAVING, ENDED };

/* A message of ours that the room has not reflected yet. */
struct saying {
	struct link link;
	uint64_t tag;
	char *subject; /* NULL: it has a body */
	char id[ID_LENGTH + 1];
};

struct xmpp_muc_room {
	struct loop *loop;
	struct xmpp_client *client;
	struct xmpp_muc_handlers handlers;
	void *arg;
	struct xmpp_jid jid;
	char *wanted, *nick, *password;
	bool only_this_nick, create;
	unsigned history, tries;
	enum phase phase;
	struct link sayings;
	size_t said_count;
	struct timer *quiet;
	struct xmpp_iq *request; /* a self-ping, or that the room shall be */
};

/* ---- the end ---- */

static void saying_free(struct xmpp_muc_room *r, struct saying *s)
{
	list_remove(&s->link);
	r->said_count--;
	mem_free(s->subject);
	mem_free(s);
}

static void forget_sayings(struct xmpp_muc_room *r, const struct err *why)
{
	struct link *first;
	while ((first = list_first(&r->sayings))) {
		struct saying *s = LIST_ITEM(first, struct saying, link);
		uint64_t tag = s->tag;
		saying_free(r, s);
		if (why && r->handlers.said)
			r->handlers.said(r->arg, tag, why);
	}
}

static void end(struct xmpp_muc_room *r, const struct err *why)
{
	struct err e = *why;
	if (r->phase == ENDED)
		return;
	r->phase = ENDED;
	timer_stop(r->quiet);
	if (!err_is_set(&e))
		err_set(&e, STATUS_TIMEOUT, "left before it was reflected");
	forget_sayings(r, &e);
	r->handlers.left(r->arg, why);
}

/* ---- joining: section 7.2 ---- */

static char *occupant_jid(const struct xmpp_muc_room *r)
{
	return mem_format("%s/%s", r->jid.text, r->nick);
}

static bool send_join(struct xmpp_muc_room *r, struct err *e)
{
	struct xmpp_presence here = { .priority = 0 };
	struct xmpp_stanza *s = xmpp_presence_make(&here);
	struct xmpp_stanza *x = xmpp_stanza_child(s, "x", XMPP_NS_MUC);
	char *to = occupant_jid(r);
	xmpp_stanza_attr(s, "to", to);
	if (r->password)
		xmpp_stanza_text(
			xmpp_stanza_child(x, "password", NULL), r->password);
	xmpp_stanza_attr_u64(xmpp_stanza_child(x, "history", NULL),
		"maxstanzas", r->history);
	mem_free(to);
	r->phase = JOINING;
	return xmpp_client_send(r->client, s, e);
}

static void join_again(struct xmpp_muc_room *r)
{
	struct err e = ERR_NONE;
	if (!send_join(r, &e))
		end(r, &e);
}

static void send_unavailable(struct xmpp_muc_room *r)
{
	struct xmpp_presence gone = { .type = XMPP_PRESENCE_UNAVAILABLE };
	struct xmpp_stanza *s = xmpp_presence_make(&gone);
	char *to = occupant_jid(r);
	xmpp_stanza_attr(s, "to", to);
	mem_free(to);
	xmpp_client_send(r->client, s, NULL);
}

static void set_joined(struct xmpp_muc_room *r)
{
	r->phase = JOINED;
	timer_set(r->quiet, XMPP_MUC_QUIET);
	if (r->handlers.joined)
		r->handlers.joined(r->arg);
}

static void on_configured(
	void *arg, const struct xmpp_stanza *reply, const struct err *e)
{
	struct xmpp_muc_room *r = arg;
	struct err why = *e;
	(void)reply;
	r->request = NULL;
	if (!err_is_set(e)) {
		set_joined(r);
		return;
	}
	err_prefix(&why, "the room is not made");
	send_unavailable(r);
	end(r, &why);
}

static void on_cancelled(
	void *arg, const struct xmpp_stanza *reply, const struct err *e)
{
	(void)arg; /* and where it refuses, it ends when we leave */
	(void)reply;
	(void)e;
}

/* The room has not existed before: it is made as the server likes it, or ended
 * (sections 10.1.2 and 10.1.3). */
static void take_new_room(struct xmpp_muc_room *r)
{
	struct err e = ERR_NONE;
	if (r->create) {
		struct xmpp_stanza *form;
		struct xmpp_stanza *s =
			xmpp_muc_make_config_set(r->jid.text, &form);
		r->request = xmpp_client_request(
			r->client, s, PING_WAIT, on_configured, r, &e);
		if (!r->request)
			end(r, &e);
		return;
	}
	xmpp_client_request(r->client, xmpp_muc_make_config_cancel(r->jid.text),
		PING_WAIT, on_cancelled, NULL, NULL);
	send_unavailable(r);
	err_set(&e, STATUS_REFUSED, "there is no such room");
	err_condition(&e, "item-not-found", false);
	end(r, &e);
}

/* Section 7.2.8. */
static bool try_other_nick(struct xmpp_muc_room *r)
{
	if (r->only_this_nick || r->tries == XMPP_MUC_NICKS)
		return false;
	r->tries++;
	mem_free(r->nick);
	r->nick = mem_format("%s-%u", r->wanted, r->tries);
	join_again(r);
	return true;
}

/* ---- presence ---- */

/* Why we are out (section 15.6.2). */
static void find_reason(struct err *e, const struct xmpp_stanza *s)
{
	static const struct {
		unsigned code;
		const char *text;
	} rows[] = { { 301, "banned from the room" },
		{ 307, "kicked out of the room" },
		{ 321, "out of the room by a change of affiliation" },
		{ 322, "the room is for members only now" },
		{ 332, "the room's server shuts down" },
		{ 333, "out of the room by an error" } };
	const struct xmpp_stanza *x = xmpp_muc_user_find(s);
	const char *text = "out of the room";
	struct span reason = SPAN_EMPTY;
	for (size_t i = 0; x && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (xmpp_muc_has_status(x, rows[i].code))
			text = rows[i].text;
	const struct xmpp_stanza *item =
		x ? xmpp_stanza_find(x, "item", XMPP_NS_MUC_USER) : NULL;
	if (x && xmpp_stanza_find(x, "destroy", XMPP_NS_MUC_USER))
		text = "the room was destroyed";
	if (item)
		reason = xmpp_stanza_child_text(
			item, "reason", XMPP_NS_MUC_USER);
	err_set(e, STATUS_REFUSED, "%s%s%.*s", text, reason.n ? ": " : "",
		SPAN_ARGS(span_first(reason, 200)));
}

static void take_error(struct xmpp_muc_room *r, const struct xmpp_stanza *s)
{
	struct xmpp_error error;
	struct err e = ERR_NONE;
	if (!xmpp_error_parse(&error, s))
		return;
	xmpp_error_to_err(&error, &e);
	if (r->phase == JOINING && strcmp(e.condition, "conflict") == 0 &&
		try_other_nick(r))
		return;
	if (r->phase == JOINING)
		end(r, &e);
}

static void take_own(struct xmpp_muc_room *r, const struct xmpp_stanza *s,
	const struct xmpp_presence *p)
{
	const struct xmpp_stanza *x = xmpp_muc_user_find(s);
	struct err e = ERR_NONE;
	if (p->type == XMPP_PRESENCE_UNAVAILABLE) {
		if (r->phase != LEAVING)
			find_reason(&e, s);
		end(r, &e);
		return;
	}
	if (r->phase != JOINING || r->request)
		return;
	if (x && xmpp_muc_has_status(x, 201))
		take_new_room(r);
	else
		set_joined(r);
}

/* 110; a room of before that says nothing of the kind. */
static bool is_own(const struct xmpp_muc_room *r, const struct xmpp_stanza *s,
	const struct xmpp_jid *from)
{
	const struct xmpp_stanza *x = xmpp_muc_user_find(s);
	return (x && xmpp_muc_has_status(x, 110)) ||
	       span_is(from->resource, r->nick);
}

static void tell_occupant(struct xmpp_muc_room *r, const struct xmpp_stanza *s,
	const struct xmpp_presence *p, const char *nick, bool self)
{
	const struct xmpp_stanza *x = xmpp_muc_user_find(s);
	const struct xmpp_stanza *item =
		x ? xmpp_stanza_find(x, "item", XMPP_NS_MUC_USER) : NULL;
	struct xmpp_muc_occupant o = { .nick = nick,
		.show = p->show,
		.status = p->status,
		.here = p->type == XMPP_PRESENCE_AVAILABLE,
		.self = self };
	if (item)
		xmpp_muc_item_parse(&o.is, item);
	if (r->handlers.occupant)
		r->handlers.occupant(r->arg, &o);
}

/* From the room, or from one of its occupants. */
static bool is_of_room(const struct xmpp_muc_room *r,
	const struct xmpp_stanza *s, struct xmpp_jid *from)
{
	const char *text = xmpp_stanza_attr_find(s, "from");
	if (!text || !xmpp_jid_parse(from, span_of(text), NULL))
		return false;
	if (xmpp_jid_equal_bare(from, &r->jid))
		return true;
	xmpp_jid_clear(from);
	return false;
}

bool xmpp_muc_room_take_presence(struct xmpp_muc_room *r,
	const struct xmpp_stanza *s, const struct xmpp_presence *p)
{
	struct xmpp_jid from;
	if (!is_of_room(r, s, &from))
		return false;
	if (r->phase == ENDED) {
		xmpp_jid_clear(&from);
		return true;
	}
	timer_set(r->quiet, XMPP_MUC_QUIET);
	if (p->type == XMPP_PRESENCE_ERROR) {
		take_error(r, s);
	} else if (from.resource.n &&
		   (p->type == XMPP_PRESENCE_AVAILABLE ||
			   p->type == XMPP_PRESENCE_UNAVAILABLE)) {
		bool own = is_own(r, s, &from);
		char *nick = span_dup(from.resource);
		/* The room may have given us another one (status 210). */
		if (own && p->type == XMPP_PRESENCE_AVAILABLE) {
			mem_free(r->nick);
			r->nick = mem_str(nick);
		}
		tell_occupant(r, s, p, nick, own);
		if (own)
			take_own(r, s, p);
		mem_free(nick);
	}
	xmpp_jid_clear(&from);
	return true;
}

/* ---- messages ---- */

static struct saying *find_saying(const struct xmpp_muc_room *r, const char *id)
{
	LIST_EACH(&r->sayings, at)
	{
		struct saying *s = LIST_ITEM(at, struct saying, link);
		if (id && strcmp(s->id, id) == 0)
			return s;
	}
	return NULL;
}

static void decide(
	struct xmpp_muc_room *r, struct saying *s, const struct err *why)
{
	uint64_t tag = s->tag;
	saying_free(r, s);
	if (r->handlers.said)
		r->handlers.said(r->arg, tag, why);
	if (r->handlers.progress && r->phase == JOINED)
		r->handlers.progress(r->arg);
}

static void take_bounce(struct xmpp_muc_room *r, const struct xmpp_stanza *s)
{
	struct saying *mine = find_saying(r, xmpp_stanza_attr_find(s, "id"));
	struct xmpp_error error;
	struct err e = ERR_NONE;
	if (!mine || !xmpp_error_parse(&error, s))
		return;
	xmpp_error_to_err(&error, &e);
	decide(r, mine, &e);
}

static struct saying *find_subject(
	const struct xmpp_muc_room *r, const struct xmpp_stanza *s)
{
	struct span text = xmpp_stanza_child_text(s, "subject", XMPP_NS_CLIENT);
	LIST_EACH(&r->sayings, at)
	{
		struct saying *saying = LIST_ITEM(at, struct saying, link);
		if (saying->subject && span_is(text, saying->subject))
			return saying;
	}
	return NULL;
}

/* Section 7.4: the id is the one we gave.  INTEROP: Prosody 0.12 sends a new
 * subject without one. */
static void take_reflection(
	struct xmpp_muc_room *r, const struct xmpp_stanza *s, bool is_subject)
{
	const struct xmpp_stanza *origin =
		xmpp_stanza_find(s, "origin-id", XMPP_NS_SID);
	struct saying *mine = find_saying(r, xmpp_stanza_attr_find(s, "id"));
	struct err none = ERR_NONE;
	if (!mine && origin)
		mine = find_saying(r, xmpp_stanza_attr_find(origin, "id"));
	if (!mine && is_subject)
		mine = find_subject(r, s);
	if (mine)
		decide(r, mine, &none);
}

static void take_groupchat(
	struct xmpp_muc_room *r, const struct xmpp_stanza *s, const char *nick)
{
	const struct xmpp_stanza *subject =
		xmpp_stanza_find(s, "subject", XMPP_NS_CLIENT);
	bool is_subject =
		subject && !xmpp_stanza_find(s, "body", XMPP_NS_CLIENT);
	if (is_subject) {
		if (r->handlers.subject)
			r->handlers.subject(
				r->arg, s, nick, xmpp_stanza_text_get(subject));
	} else if (nick && r->handlers.message) {
		r->handlers.message(r->arg, s, nick);
	}
	if (nick && strcmp(nick, r->nick) == 0)
		take_reflection(r, s, is_subject);
}

bool xmpp_muc_room_take_message(
	struct xmpp_muc_room *r, const struct xmpp_stanza *s)
{
	struct xmpp_jid from;
	if (!is_of_room(r, s, &from))
		return false;
	bool error = xmpp_stanza_attr_is(s, "type", "error");
	bool groupchat = xmpp_stanza_attr_is(s, "type", "groupchat");
	char *nick = from.resource.n ? span_dup(from.resource) : NULL;
	if (r->phase != ENDED) {
		timer_set(r->quiet, XMPP_MUC_QUIET);
		if (error)
			take_bounce(r, s);
		else if (groupchat)
			take_groupchat(r, s, nick);
	}
	mem_free(nick);
	xmpp_jid_clear(&from);
	return error || groupchat;
}

/* ---- saying ---- */

bool xmpp_muc_room_say(struct xmpp_muc_room *r, struct xmpp_stanza *s,
	uint64_t tag, struct err *e)
{
	if (r->phase != JOINED || xmpp_muc_room_is_full(r)) {
		xmpp_stanza_free(s);
		err_set(e, STATUS_LOCAL_IO, "not in the room, or too fast");
		err_condition(e, "", true);
		return false;
	}
	struct saying *saying = mem_alloc(sizeof(*saying));
	saying->tag = tag;
	if (!xmpp_stanza_find(s, "body", XMPP_NS_CLIENT))
		saying->subject = span_dup(
			xmpp_stanza_child_text(s, "subject", XMPP_NS_CLIENT));
	rand_token(saying->id, ID_LENGTH);
	xmpp_stanza_attr(s, "to", r->jid.text);
	xmpp_stanza_attr(s, "type", "groupchat");
	xmpp_stanza_attr(s, "id", saying->id);
	xmpp_stanza_attr(xmpp_stanza_child(s, "origin-id", XMPP_NS_SID), "id",
		saying->id);
	if (!xmpp_client_send(r->client, s, e)) {
		mem_free(saying->subject);
		mem_free(saying);
		return false;
	}
	list_append(&r->sayings, &saying->link);
	r->said_count++;
	return true;
}

bool xmpp_muc_room_is_full(const struct xmpp_muc_room *r)
{
	return r->said_count >= XMPP_MUC_UNREFLECTED_MAX ||
	       xmpp_client_is_full(r->client);
}

size_t xmpp_muc_room_unsaid(const struct xmpp_muc_room *r)
{
	return r->said_count;
}

void xmpp_muc_room_give_up(struct xmpp_muc_room *r)
{
	struct err e = ERR_NONE;
	err_set(&e, STATUS_TIMEOUT, "the room has not reflected it in time");
	forget_sayings(r, &e);
}

/* ---- are we still there? (XEP-0410) ---- */

/* Section 3.3: these mean that we are not; any other that we are, or that
 * nobody knows. */
static bool is_out(const struct err *e)
{
	return strcmp(e->condition, "not-acceptable") == 0;
}

static void on_pong(
	void *arg, const struct xmpp_stanza *reply, const struct err *e)
{
	struct xmpp_muc_room *r = arg;
	r->request = NULL;
	timer_set(r->quiet, XMPP_MUC_QUIET);
	if (reply && is_out(e) && r->phase == JOINED)
		join_again(r);
}

static void on_quiet(void *arg)
{
	struct xmpp_muc_room *r = arg;
	if (r->phase != JOINED || r->request)
		return;
	char *to = occupant_jid(r);
	r->request = xmpp_client_request(
		r->client, xmpp_ping_make(to), PING_WAIT, on_pong, r, NULL);
	mem_free(to);
}

/* ---- the whole ---- */

struct xmpp_muc_room *xmpp_muc_room_new(const struct xmpp_muc_settings *s,
	const struct xmpp_muc_handlers *handlers, void *arg, struct err *e)
{
	struct xmpp_muc_room *r = mem_alloc(sizeof(*r));
	r->loop = s->loop;
	r->client = s->client;
	r->handlers = *handlers;
	r->arg = arg;
	r->wanted = mem_str(s->nick);
	r->nick = mem_str(s->nick);
	r->password = mem_str(s->password);
	r->only_this_nick = s->only_this_nick;
	r->create = s->create;
	r->history = s->history;
	r->tries = 1;
	link_init(&r->sayings);
	xmpp_jid_copy_bare(&r->jid, s->room);
	r->quiet = timer_new(s->loop, on_quiet, r);
	if (send_join(r, e))
		return r;
	xmpp_muc_room_free(r);
	return NULL;
}

void xmpp_muc_room_free(struct xmpp_muc_room *r)
{
	if (!r)
		return;
	xmpp_iq_cancel(r->request);
	timer_free(r->quiet);
	forget_sayings(r, NULL);
	xmpp_jid_clear(&r->jid);
	mem_free(r->wanted);
	mem_free(r->nick);
	mem_free_wiped(r->password);
	mem_free(r);
}

void xmpp_muc_room_renew(struct xmpp_muc_room *r)
{
	if (r->phase != ENDED)
		join_again(r);
}

void xmpp_muc_room_leave(struct xmpp_muc_room *r)
{
	if (r->phase == ENDED)
		return;
	r->phase = LEAVING;
	send_unavailable(r);
}

bool xmpp_muc_room_is_joined(const struct xmpp_muc_room *r)
{
	return r->phase == JOINED;
}

bool xmpp_muc_room_has_ended(const struct xmpp_muc_room *r)
{
	return r->phase == ENDED;
}

const char *xmpp_muc_room_nick(const struct xmpp_muc_room *r)
{
	return r->nick;
}
