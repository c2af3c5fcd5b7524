#include "xmpp/muc_room.h"

#include <string.h>

#include "base/mem.h"
#include "xmpp/muc_private.h"
#include "xmpp/ns.h"

#define PING_WAIT (30 * USEC_SEC)

void xmpp_muc_heard(struct xmpp_muc_room *r)
{
	timer_set(r->quiet, XMPP_MUC_QUIET);
}

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
	if (!err_is_set(&e))
		err_set(&e, STATUS_TIMEOUT, "left before it was reflected");
	xmpp_muc_forget_sayings(r, &e);
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
	struct xml_element *s = xmpp_presence_make(&here);
	struct xml_element *x = xml_element_child(s, "x", XMPP_NS_MUC);
	char *to = occupant_jid(r);
	xml_element_attr(s, "to", to);
	if (r->password)
		xml_element_text(
			xml_element_child(x, "password", NULL), r->password);
	xml_element_attr_u64(xml_element_child(x, "history", NULL),
		"maxstanzas", r->history);
	mem_free(to);
	r->phase = XMPP_MUC_JOINING;
	return xmpp_client_send(r->client, s, e);
}

static void join_again(struct xmpp_muc_room *r)
{
	struct err e = ERR_NONE;
	if (!send_join(r, &e))
		xmpp_muc_end(r, &e);
}

static void send_unavailable(struct xmpp_muc_room *r)
{
	struct xmpp_presence gone = { .type = XMPP_PRESENCE_UNAVAILABLE };
	struct xml_element *s = xmpp_presence_make(&gone);
	char *to = occupant_jid(r);
	xml_element_attr(s, "to", to);
	mem_free(to);
	xmpp_client_send(r->client, s, NULL);
}

static void set_joined(struct xmpp_muc_room *r)
{
	r->phase = XMPP_MUC_JOINED;
	xmpp_muc_heard(r);
	if (r->handlers.joined)
		r->handlers.joined(r->arg);
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
			r->client, s, PING_WAIT, on_configured, r, &e);
		if (!r->request)
			xmpp_muc_end(r, &e);
		return;
	}
	xmpp_client_request(r->client, xmpp_muc_make_config_cancel(r->jid.text),
		PING_WAIT, on_cancelled, NULL, NULL);
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
	join_again(r);
	return true;
}

void xmpp_muc_entered(struct xmpp_muc_room *r, bool is_new)
{
	if (r->phase != XMPP_MUC_JOINING || r->request)
		return;
	if (is_new)
		take_new_room(r);
	else
		set_joined(r);
}

/* ---- are we still there? (XEP-0410) ---- */

/* Section 3.3: these mean that we are not; any other that we are, or that
 * nobody knows. */
static bool is_out(const struct err *e)
{
	return strcmp(e->condition, "not-acceptable") == 0;
}

static void on_pong(
	void *arg, const struct xml_element *reply, const struct err *e)
{
	struct xmpp_muc_room *r = arg;
	r->request = NULL;
	xmpp_muc_heard(r);
	if (reply && is_out(e) && r->phase == XMPP_MUC_JOINED)
		join_again(r);
}

static void on_quiet(void *arg)
{
	struct xmpp_muc_room *r = arg;
	if (r->phase != XMPP_MUC_JOINED || r->request)
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
	xmpp_muc_forget_sayings(r, NULL);
	xmpp_jid_clear(&r->jid);
	mem_free(r->wanted);
	mem_free(r->nick);
	mem_free_wiped(r->password);
	mem_free(r);
}

void xmpp_muc_room_renew(struct xmpp_muc_room *r)
{
	if (r->phase != XMPP_MUC_ENDED)
		join_again(r);
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
