#include "xmpp/muc_room.h"

#include <string.h>

#include "base/mem.h"
#include "xmpp/muc_private.h"
#include "xmpp/ns.h"

/* What others may have said between what we look for in the history. */
#define REVIEW_MARGIN 50

bool xmpp_muc_is_from(const struct xmpp_muc_room *r,
	const struct xml_element *s, struct xmpp_jid *from)
{
	const char *text = xml_element_attr_find(s, "from");
	if (!text || !xmpp_jid_parse(from, span_of(text), NULL))
		return false;
	if (xmpp_jid_equal_bare(from, &r->jid))
		return true;
	xmpp_jid_clear(from);
	return false;
}

/* ---- the end ---- */

void xmpp_muc_end(struct xmpp_muc_room *r, const struct err *why)
{
	struct err e = *why;
	if (r->phase == XMPP_MUC_ENDED)
		return;
	r->phase = XMPP_MUC_ENDED;
	timer_stop(r->quiet);
	timer_stop(r->impatience);
	if (!err_is_set(&e))
		err_set(&e, STATUS_TIMEOUT, "left before it was reflected");
	xmpp_muc_refuse_sayings(r, &e);
	r->handlers.left(r->arg, why);
}

/* ---- joining: section 7.2 ---- */

char *xmpp_muc_self(const struct xmpp_muc_room *r)
{
	return mem_format("%s/%s", r->jid.text, r->nick);
}

/* At first as much as was wanted; later what may tell of our own messages. */
static size_t history_of(const struct xmpp_muc_room *r)
{
	size_t doubtful = xmpp_muc_doubtful(r);
	if (!r->was_in)
		return r->history;
	return doubtful ? doubtful + REVIEW_MARGIN : 0;
}

static bool send_join(struct xmpp_muc_room *r, struct err *e)
{
	struct xmpp_presence here = { .priority = 0 };
	struct xml_element *s = xmpp_presence_make(&here);
	struct xml_element *x = xml_element_child(s, "x", XMPP_NS_MUC);
	char *to = xmpp_muc_self(r);
	xml_element_attr(s, "to", to);
	if (r->password)
		xml_element_text(
			xml_element_child(x, "password", NULL), r->password);
	xml_element_attr_u64(xml_element_child(x, "history", NULL),
		"maxstanzas", history_of(r));
	mem_free(to);
	r->phase = XMPP_MUC_JOINING;
	r->joining_since = loop_now(r->loop);
	if (r->wait)
		timer_set(r->impatience, r->wait);
	xmpp_muc_ask_info(r);
	return xmpp_client_send(r->client, s, e);
}

void xmpp_muc_join_again(struct xmpp_muc_room *r)
{
	struct err e = ERR_NONE;
	xmpp_muc_doubt_sayings(r);
	if (!send_join(r, &e))
		xmpp_muc_end(r, &e);
}

static void send_unavailable(struct xmpp_muc_room *r)
{
	struct xmpp_presence gone = { .type = XMPP_PRESENCE_UNAVAILABLE };
	struct xml_element *s = xmpp_presence_make(&gone);
	char *to = xmpp_muc_self(r);
	xml_element_attr(s, "to", to);
	mem_free(to);
	xmpp_client_send(r->client, s, NULL);
}

static void set_joined(struct xmpp_muc_room *r)
{
	bool again = r->was_in;
	xmpp_muc_ask_info(r);
	timer_stop(r->impatience);
	xmpp_muc_heard(r);
	xmpp_muc_settle_sayings(r);
	r->phase = XMPP_MUC_JOINED;
	r->was_in = true;
	if (r->handlers.joined)
		r->handlers.joined(r->arg);
	if (again && r->handlers.progress && r->phase == XMPP_MUC_JOINED)
		r->handlers.progress(r->arg);
}

static void on_reviewed(
	void *arg, const struct xml_element *reply, const struct err *e)
{
	struct xmpp_muc_room *r = arg;
	(void)e;
	r->request = NULL;
	if (r->phase != XMPP_MUC_JOINING)
		return;
	if (reply)
		set_joined(r);
	else
		xmpp_muc_join_again(r);
}

/* The history comes behind our own presence, and before the answer to what is
 * asked then. */
static void review(struct xmpp_muc_room *r)
{
	struct err e = ERR_NONE;
	char *self = xmpp_muc_self(r);
	r->request = xmpp_client_request(r->client, xmpp_ping_make(self),
		XMPP_MUC_ANSWER, on_reviewed, r, &e);
	mem_free(self);
	if (!r->request)
		xmpp_muc_end(r, &e);
}

static void on_configured(
	void *arg, const struct xml_element *reply, const struct err *e)
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
	xmpp_muc_end(r, &why);
}

static void on_cancelled(
	void *arg, const struct xml_element *reply, const struct err *e)
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
		struct xml_element *form;
		struct xml_element *s =
			xmpp_muc_make_config_set(r->jid.text, &form);
		r->request = xmpp_client_request(
			r->client, s, XMPP_MUC_ANSWER, on_configured, r, &e);
		if (!r->request)
			xmpp_muc_end(r, &e);
		return;
	}
	xmpp_client_request(r->client, xmpp_muc_make_config_cancel(r->jid.text),
		XMPP_MUC_ANSWER, on_cancelled, NULL, NULL);
	send_unavailable(r);
	err_set(&e, STATUS_REFUSED, "there is no such room");
	err_condition(&e, "item-not-found", false);
	xmpp_muc_end(r, &e);
}

/* Section 7.2.8. */
bool xmpp_muc_try_other_nick(struct xmpp_muc_room *r)
{
	if (r->only_this_nick || r->tries == XMPP_MUC_NICKS)
		return false;
	r->tries++;
	mem_free(r->nick);
	r->nick = mem_format("%s-%u", r->wanted, r->tries);
	xmpp_muc_join_again(r);
	return true;
}

void xmpp_muc_entered(struct xmpp_muc_room *r, bool is_new)
{
	if (r->phase != XMPP_MUC_JOINING || r->request)
		return;
	if (is_new)
		take_new_room(r);
	else if (xmpp_muc_doubtful(r))
		review(r);
	else
		set_joined(r);
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
	r->wait = s->wait;
	r->resend = s->resend;
	r->tries = 1;
	link_init(&r->sayings);
	xmpp_jid_copy_bare(&r->jid, s->room);
	xmpp_muc_watch(r);
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
	xmpp_iq_cancel(r->info);
	timer_free(r->quiet);
	timer_free(r->impatience);
	xmpp_muc_free_sayings(r);
	xmpp_jid_clear(&r->jid);
	mem_free(r->wanted);
	mem_free(r->nick);
	mem_free_wiped(r->password);
	mem_free(r);
}

void xmpp_muc_room_renew(struct xmpp_muc_room *r)
{
	/* It was asked of who we were in the old session. */
	xmpp_iq_cancel(r->request);
	r->request = NULL;
	if (r->phase == XMPP_MUC_LEAVING)
		xmpp_muc_end(r, &ERR_NONE);
	else if (r->phase != XMPP_MUC_ENDED)
		xmpp_muc_join_again(r);
}

void xmpp_muc_room_leave(struct xmpp_muc_room *r)
{
	if (r->phase == XMPP_MUC_ENDED)
		return;
	r->phase = XMPP_MUC_LEAVING;
	send_unavailable(r);
}

bool xmpp_muc_room_is_joined(const struct xmpp_muc_room *r)
{
	return r->phase == XMPP_MUC_JOINED;
}

bool xmpp_muc_room_has_ended(const struct xmpp_muc_room *r)
{
	return r->phase == XMPP_MUC_ENDED;
}

const char *xmpp_muc_room_nick(const struct xmpp_muc_room *r)
{
	return r->nick;
}
