/* What became of what we said: reflected, refused, or not known. */
#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "xmpp/error.h"
#include "xmpp/muc_private.h"
#include "xmpp/ns.h"

#define ID_LENGTH 20

/* A message of ours that the room has not reflected yet. */
struct saying {
	struct link link;
	uint64_t tag;
	char *id;
	char *nick;      /* ours when it was said */
	char *subject;   /* a new one; NULL: it is no subject */
	uint64_t number; /* among those ever pushed (xmpp/sm.h) */
	usec_t since;    /* monotonic */
	bool in_doubt;   /* it may have been said in a session that is gone */
	struct xml_element *again; /* to be said in the next one, or NULL */
};

static void saying_free(struct xmpp_muc_room *r, struct saying *s)
{
	list_remove(&s->link);
	r->said_count--;
	xml_element_free(s->again);
	mem_free(s->subject);
	mem_free(s->nick);
	mem_free(s->id);
	mem_free(s);
}

static struct saying *first_saying(const struct xmpp_muc_room *r)
{
	struct link *first = list_first(&r->sayings);
	return first ? LIST_ITEM(first, struct saying, link) : NULL;
}

/* ---- the end of one ---- */

static void decide(struct xmpp_muc_room *r, struct saying *s,
	const char *stanza_id, const struct err *why)
{
	uint64_t tag = s->tag;
	saying_free(r, s);
	if (r->handlers.said)
		r->handlers.said(r->arg, tag, stanza_id, why);
	if (r->handlers.progress && r->phase == XMPP_MUC_JOINED)
		r->handlers.progress(r->arg);
}

static bool has_left(const struct xmpp_muc_room *r, const struct saying *s)
{
	return s->in_doubt ||
	       (!s->again && xmpp_sm_place(xmpp_client_sm(r->client),
				     s->number) != XMPP_SM_UNSENT);
}

static void decide_unknown(
	struct xmpp_muc_room *r, struct saying *s, const struct err *because)
{
	const char *text = because ? because->text
				   : "the room has not reflected it in time";
	struct err e = ERR_NONE;
	if (has_left(r, s))
		err_set(&e, STATUS_TIMEOUT, "unknown whether it was said: %s",
			text);
	else if (because)
		e = *because;
	else
		err_set(&e, STATUS_TIMEOUT, "not sent: %s",
			xmpp_client_is_online(r->client)
				? "our own server acknowledges nothing"
				: "there is no connection");
	e.retryable = true;
	decide(r, s, NULL, &e);
}

/* ---- the end of all ---- */

void xmpp_muc_free_sayings(struct xmpp_muc_room *r)
{
	struct saying *s;
	while ((s = first_saying(r)))
		saying_free(r, s);
}

void xmpp_muc_refuse_sayings(struct xmpp_muc_room *r, const struct err *why)
{
	struct saying *s;
	while ((s = first_saying(r))) {
		if (s->in_doubt)
			decide_unknown(r, s, why);
		else
			decide(r, s, NULL, why);
	}
}

void xmpp_muc_room_give_up(struct xmpp_muc_room *r, const struct err *because)
{
	/* Nobody shall say more meanwhile. */
	size_t count = r->said_count;
	struct saying *s;
	while (count-- && (s = first_saying(r)))
		decide_unknown(r, s, because);
}

void xmpp_muc_look_at_sayings(struct xmpp_muc_room *r)
{
	struct saying *s;
	while ((s = first_saying(r))) {
		usec_t more = xmpp_muc_still_to_wait(r, s->since);
		if (more) {
			timer_set(r->impatience, more);
			return;
		}
		decide_unknown(r, s, NULL);
	}
}

/* ---- a session is lost ---- */

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

static bool is_to_room(
	const struct xmpp_muc_room *r, const struct xml_element *s)
{
	struct xmpp_jid to;
	if (!xmpp_jid_parse(&to, span_of(xml_element_attr_find(s, "to")), NULL))
		return false;
	bool is = xmpp_jid_equal_bare(&to, &r->jid);
	xmpp_jid_clear(&to);
	return is;
}

/* Nothing of it goes out before the room is joined again, or it would come
 * back. */
bool xmpp_muc_room_keep(
	struct xmpp_muc_room *r, const struct xml_element *s, bool was_written)
{
	if (r->phase == XMPP_MUC_ENDED || !is_to_room(r, s))
		return true;
	struct saying *mine = find_saying(r, xml_element_attr_find(s, "id"));
	if (mine && !mine->again) {
		mine->in_doubt |= was_written;
		if (!was_written || r->resend)
			mine->again = xml_element_dup(s);
	}
	return false;
}

void xmpp_muc_doubt_sayings(struct xmpp_muc_room *r)
{
	LIST_EACH(&r->sayings, at)
	{
		struct saying *s = LIST_ITEM(at, struct saying, link);
		if (!s->again)
			s->in_doubt = true;
	}
}

size_t xmpp_muc_doubtful(const struct xmpp_muc_room *r)
{
	size_t count = 0;
	LIST_EACH(&r->sayings, at)
	count += LIST_ITEM(at, struct saying, link)->in_doubt;
	return count;
}

static bool say_again(struct xmpp_muc_room *r, struct saying *s, struct err *e)
{
	struct xml_element *again = s->again;
	s->again = NULL;
	if (!xmpp_client_send(r->client, again, e))
		return false;
	s->number = xmpp_client_sm(r->client)->pushed;
	s->since = loop_now(r->loop);
	mem_free(s->nick);
	s->nick = mem_str(r->nick);
	return true;
}

void xmpp_muc_settle_sayings(struct xmpp_muc_room *r)
{
	struct err lost = ERR_NONE, e = ERR_NONE;
	err_set(&lost, STATUS_TIMEOUT,
		"the connection was lost and the session could not be "
		"resumed");
	LIST_EACH(&r->sayings, at)
	{
		struct saying *s = LIST_ITEM(at, struct saying, link);
		if (!s->again)
			decide_unknown(r, s, &lost);
		else if (!say_again(r, s, &e))
			decide_unknown(r, s, &e);
	}
	if (r->wait && r->said_count)
		timer_set(r->impatience, r->wait);
}

/* ---- what comes back ---- */

static struct saying *find_subject(
	const struct xmpp_muc_room *r, const struct xml_element *s)
{
	struct span text = xml_element_child_text(s, "subject", XMPP_NS_CLIENT);
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
void xmpp_muc_take_reflection(struct xmpp_muc_room *r,
	const struct xml_element *s, const char *nick, bool is_subject)
{
	const struct xml_element *origin =
		xml_element_find(s, "origin-id", XMPP_NS_SID);
	struct saying *mine = find_saying(r, xml_element_attr_find(s, "id"));
	if (!mine && origin)
		mine = find_saying(r, xml_element_attr_find(origin, "id"));
	if (!mine && is_subject)
		mine = find_subject(r, s);
	if (mine && strcmp(mine->nick, nick) == 0)
		decide(r, mine, xmpp_muc_room_stanza_id(r, s), &ERR_NONE);
}

void xmpp_muc_take_bounce(struct xmpp_muc_room *r, const struct xml_element *s)
{
	struct saying *mine = find_saying(r, xml_element_attr_find(s, "id"));
	struct xmpp_error error;
	struct err e = ERR_NONE;
	if (!mine || !xmpp_error_parse(&error, s))
		return;
	xmpp_error_to_err(&error, &e);
	e.status = STATUS_REFUSED;
	decide(r, mine, NULL, &e);
}

/* ---- saying ---- */

static struct saying *saying_new(
	struct xmpp_muc_room *r, struct xml_element *s, uint64_t tag)
{
	struct saying *saying = mem_alloc(sizeof(*saying));
	const struct xml_element *subject =
		xml_element_find(s, "subject", XMPP_NS_CLIENT);
	const char *id = xml_element_attr_find(s, "id");
	char token[ID_LENGTH + 1];
	rand_token(token, ID_LENGTH);
	saying->tag = tag;
	saying->id = mem_str(id ? id : token);
	saying->nick = mem_str(r->nick);
	saying->since = loop_now(r->loop);
	if (subject && !xml_element_find(s, "body", XMPP_NS_CLIENT))
		saying->subject = span_dup(xml_element_text_get(subject));
	return saying;
}

bool xmpp_muc_room_say(struct xmpp_muc_room *r, struct xml_element *s,
	uint64_t tag, struct err *e)
{
	if (r->phase != XMPP_MUC_JOINED || xmpp_muc_room_is_full(r)) {
		xml_element_free(s);
		err_set(e, STATUS_LOCAL_IO, "not in the room, or too fast");
		err_condition(e, "", true);
		return false;
	}
	struct saying *saying = saying_new(r, s, tag);
	bool is_first = r->said_count == 0;
	list_append(&r->sayings, &saying->link);
	r->said_count++;
	xml_element_attr(s, "to", r->jid.text);
	xml_element_attr(s, "type", "groupchat");
	xml_element_attr(s, "id", saying->id);
	xml_element_attr(xml_element_child(s, "origin-id", XMPP_NS_SID), "id",
		saying->id);
	if (!xmpp_client_send(r->client, s, e)) {
		saying_free(r, saying);
		return false;
	}
	saying->number = xmpp_client_sm(r->client)->pushed;
	if (r->wait && is_first)
		timer_set(r->impatience, r->wait);
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
