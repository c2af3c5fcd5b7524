#include "session.h"

#include <string.h>

#include "authenticate.h"
#include "base/mem.h"
#include "directed.h"
#include "presence.h"
#include "resume.h"
#include "room.h"
#include "route.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"

void session_event(const struct session *c, const char *name, struct span who,
	const char *text)
{
	struct server *s = c->server;
	struct event e = {
		.name = name, .who = who, .from = &c->from, .text = text
	};
	if (s->tell)
		s->tell(s->tell_arg, &e);
}

/* ---- the end ---- */

/* From here on it is no resource any more. */
static void leave(struct session *c)
{
	bool was_bound = c->phase == SESSION_BOUND;
	timer_stop(c->limit);
	c->phase = SESSION_ENDING;
	if (was_bound) {
		presence_gone(c);
		list_remove(&c->of_user);
		room_gone(c);
		resume_remember(c);
		session_redeliver(c);
	}
	session_release(c);
	c->waits_for = NULL;
	if (c->wire)
		xmpp_wire_pause(c->wire, false);
}

static void forget(struct session *c, const char *why)
{
	if (c->phase != SESSION_ENDING)
		leave(c);
	session_event(c, "closed",
		c->jid.text ? xmpp_jid_full(&c->jid) : SPAN_EMPTY, why);
	if (c->server->at_work == c)
		c->server->at_work = NULL;
	list_remove(&c->link);
	authenticate_clear(c);
	queue_clear(&c->outbox);
	xmpp_sm_clear(&c->sm);
	xml_element_free(c->presence);
	directed_clear(c);
	timer_free(c->limit);
	xmpp_jid_clear(&c->jid);
	xmpp_wire_free(c->wire);
	mem_free(c);
}

static void closed(void *arg, const struct err *e)
{
	struct session *c = arg;
	if (!resume_sleep(c, e))
		forget(c, err_is_set(e) ? e->text : NULL);
}

void session_drop(struct session *c)
{
	forget(c, "dropped");
}

void session_end(struct session *c, const char *condition)
{
	if (c->phase == SESSION_ENDING)
		return;
	if (c->asleep) {
		forget(c, condition);
		return;
	}
	leave(c);
	if (!c->wire)
		return;
	if (!condition) {
		xmpp_wire_close(c->wire);
		return;
	}
	struct err e = ERR_NONE;
	err_set(&e, STATUS_REFUSED, "ended by us: %s", condition);
	err_condition(&e, condition, false);
	xmpp_wire_refuse(c->wire, xmpp_error_stream(condition, NULL), &e);
}

static void reset(struct session *c, const char *why)
{
	struct err e = ERR_NONE;
	if (c->sm.id)
		c->silent = true; /* until it is resumed */
	else
		leave(c);
	err_set(&e, STATUS_REFUSED, "%s", why);
	xmpp_wire_reset(c->wire, &e);
}

static void limit_reached(void *arg)
{
	struct session *c = arg;
	if (c->asleep)
		session_end(c, c->overflowing ? "resource-constraint"
					      : "connection-timeout");
	else if (c->phase == SESSION_BOUND && !c->overflowing &&
		 session_has_moved(c))
		session_pump(c);
	else if (c->silent)
		reset(c, "silent for long enough");
	else
		session_end(c, c->phase == SESSION_BOUND
				       ? "resource-constraint"
				       : "connection-timeout");
}

/* ---- faults ---- */

static void say_nothing_more(struct session *c, struct span last)
{
	xmpp_wire_write(c->wire, last);
	xmpp_wire_ignore(c->wire);
	c->silent = true;
}

bool session_misbehave(
	struct session *c, enum fault_when when, enum fault_what what)
{
	bool in_stream = when >= FAULT_BOUND;
	switch (what) {
	case FAULT_NONE:
	case FAULT_BOUNCE:
	case FAULT_WHAT_COUNT:
		return false;
	case FAULT_SILENT:
		say_nothing_more(c, SPAN_EMPTY);
		break;
	case FAULT_CLOSE:
		session_end(c, NULL);
		break;
	case FAULT_RESET:
		reset(c, "reset by a fault");
		break;
	case FAULT_HALF:
		say_nothing_more(c, in_stream ? SPAN("<message><body>half a st")
					      : SPAN("<stream:stream xmln"));
		break;
	case FAULT_MALFORMED:
		say_nothing_more(c, SPAN("<message></body>"));
		break;
	}
	return true;
}

bool session_fault(struct session *c, enum fault_when when)
{
	return session_misbehave(c, when, fault_now(&c->server->faults, when));
}

/* ---- what comes ---- */

static void acknowledge(struct session *c, const struct xml_element *s)
{
	uint32_t h;
	struct err e = ERR_NONE;
	if (!xmpp_sm_parse_h(s, &h) || !xmpp_sm_ack(&c->sm, h, &e))
		session_end(c, "undefined-condition");
	else
		session_pump(c);
}

/* XEP-0198 sections 3 and 4. */
static void manage_stream(struct session *c, const struct xml_element *s)
{
	bool on = c->sm.state == XMPP_SM_ON;
	if (!on && xmpp_sm_is(s, "enable")) {
		session_say(c, resume_make_enabled(c, s));
	} else if (on && xmpp_sm_is(s, "r")) {
		session_say(c, xmpp_sm_make_a(&c->sm));
	} else if (on && xmpp_sm_is(s, "a")) {
		acknowledge(c, s);
	} else {
		struct xml_element *failed = xmpp_sm_make("failed");
		xml_element_child(
			failed, "unexpected-request", XMPP_NS_STANZA_ERROR);
		session_say(c, failed);
	}
}

static bool is_stanza(const struct xml_element *s)
{
	return xml_element_is(s, "message", XMPP_NS_CLIENT) ||
	       xml_element_is(s, "presence", XMPP_NS_CLIENT) ||
	       xml_element_is(s, "iq", XMPP_NS_CLIENT);
}

void session_take(struct session *c, struct xml_element *s)
{
	if (is_stanza(s)) {
		c->server->at_work = c;
		route_from(c, s);
		c->server->at_work = NULL;
		/* What a fault has swallowed was not handled. */
		if (!c->silent)
			xmpp_sm_came(&c->sm);
		return;
	}
	if (xml_element_is(s, NULL, XMPP_NS_SM))
		manage_stream(c, s);
	else
		session_end(c, "unsupported-stanza-type");
	xml_element_free(s);
}

static void on_element(void *arg, struct xml_element *s)
{
	struct session *c = arg;
	if (c->phase == SESSION_BOUND && !c->silent) {
		session_take(c, s);
		return;
	}
	if (c->phase != SESSION_ENDING && !c->silent)
		negotiate_element(c, s);
	xml_element_free(s);
}

static void on_header(void *arg, const struct xmpp_header *h)
{
	struct session *c = arg;
	if (c->phase != SESSION_ENDING && !c->silent)
		negotiate_header(c, h);
}

static void on_secured(void *arg)
{
	struct session *c = arg;
	if (c->phase == SESSION_CONNECTED)
		c->phase = SESSION_SECURE;
}

static void on_open(void *arg)
{
	struct session *c = arg;
	if (xmpp_wire_tls(c->wire))
		on_secured(c);
	session_fault(c, FAULT_CONNECT);
}

static void on_ending(void *arg)
{
	struct session *c = arg;
	if (c->phase == SESSION_ENDING)
		return;
	if (c->sm.state == XMPP_SM_ON)
		session_say(c, xmpp_sm_make_a(&c->sm));
	leave(c);
}

static void on_flushing(void *arg)
{
	session_ask_for_ack(arg);
}

static void on_drained(void *arg)
{
	session_pump(arg);
}

static void on_trace(void *arg, bool sent, struct span text)
{
	const struct session *c = arg;
	c->server->trace(c->server->tell_arg, &c->from, sent, text);
}

static const struct xmpp_wire_handlers handlers = {
	.open = on_open,
	.secured = on_secured,
	.header = on_header,
	.element = on_element,
	.ending = on_ending,
	.flushing = on_flushing,
	.drained = on_drained,
	.closed = closed,
	.trace = on_trace,
};

/* ---- taking over ---- */

static void exchange_waiters(struct session *c, struct session *old)
{
	LIST_EACH(&c->server->sessions, at)
	{
		struct session *other = LIST_ITEM(at, struct session, link);
		if (other->waits_for == old)
			other->waits_for = c;
	}
}

void session_take_over(struct session *c, struct session *old)
{
	exchange_waiters(c, old);
	list_remove(&old->of_user);
	list_append(&c->user->sessions, &c->of_user);
	xmpp_jid_clear(&c->jid);
	c->jid = old->jid;
	old->jid = XMPP_JID_NONE;
	xmpp_sm_move(&c->sm, &old->sm);
	queue_append_all(&c->outbox, &old->outbox);
	c->presence = old->presence;
	old->presence = NULL;
	c->directed = old->directed;
	old->directed = MAP_INIT;
	c->priority = old->priority;
	c->interested = old->interested;
	c->keep = old->keep;
	c->phase = SESSION_BOUND;
	timer_stop(c->limit);
	old->phase = SESSION_KNOWN; /* no resource any more */
	session_end(old, "conflict");
}

/* ---- the beginning ---- */

struct session *session_new(struct server *s, const struct endpoint *from)
{
	struct session *c = mem_alloc(sizeof(*c));
	c->server = s;
	c->from = *from;
	link_init(&c->of_user);
	queue_init(&c->outbox);
	xmpp_sm_init(&c->sm);
	c->sm.max = UNACKED_MAX;
	c->limit = timer_new(s->loop, limit_reached, c);
	list_append(&s->sessions, &c->link);
	return c;
}

void session_accept(struct server *s, struct accepted *offer,
	const struct endpoint *from, bool direct_tls)
{
	struct session *c = session_new(s, from);
	struct xmpp_wire_settings settings = {
		.content_ns = XMPP_NS_CLIENT,
		.conn.tls = direct_tls ? s->tls : NULL,
	};
	timer_set(c->limit, NEGOTIATION_LIMIT);
	struct xmpp_wire_handlers h = handlers;
	if (!s->trace)
		h.trace = NULL; /* it costs a formatting of each stanza */
	c->wire = xmpp_wire_accept(s->loop, offer, &settings, &h, c);
	session_event(c, "connected", SPAN_EMPTY, NULL);
}

/* Two of one name: the newer one stays (RFC 6120 section 7.7.2.2). */
static void end_namesake(struct session *c)
{
	LIST_EACH(&c->user->sessions, at)
	{
		struct session *other = LIST_ITEM(at, struct session, of_user);
		if (xmpp_jid_equal(&other->jid, &c->jid))
			session_end(other, "conflict");
	}
}

void session_bound(struct session *c)
{
	end_namesake(c);
	c->phase = SESSION_BOUND;
	timer_stop(c->limit);
	list_append(&c->user->sessions, &c->of_user);
	session_event(c, "bound", xmpp_jid_full(&c->jid), NULL);
}
