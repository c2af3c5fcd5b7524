#include "session.h"

#include <string.h>

#include "answer.h"
#include "base/mem.h"
#include "presence.h"
#include "route.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"

struct parcel {
	struct link link;
	struct xmpp_stanza *stanza;
};

/* ---- sending ---- */

static struct xmpp_stanza *take_parcel(struct session *c)
{
	struct link *first = list_first(&c->outbox);
	if (!first)
		return NULL;
	struct parcel *p = LIST_ITEM(first, struct parcel, link);
	struct xmpp_stanza *s = p->stanza;
	list_remove(first);
	mem_free(p);
	c->outbox_count--;
	return s;
}

static void put_parcel(struct session *c, struct xmpp_stanza *s)
{
	struct parcel *p = mem_alloc(sizeof(*p));
	p->stanza = s;
	list_append(&c->outbox, &p->link);
	c->outbox_count++;
}

static void wake_waiting(struct session *c)
{
	LIST_EACH(&c->server->sessions, at)
	{
		struct session *other = LIST_ITEM(at, struct session, link);
		if (other->waits_for != c)
			continue;
		other->waits_for = NULL;
		xmpp_wire_pause(other->wire, false);
	}
}

/* Written at once, and kept until it is acknowledged where it will be. */
static bool write_stanza(struct session *c, struct xmpp_stanza *s)
{
	if (!xmpp_sm_push(&c->sm, s))
		return false;
	if (!xmpp_wire_send(c->wire, s, NULL))
		return true; /* it is kept: the stream is about to end */
	xmpp_sm_sent(&c->sm);
	return true;
}

static void ask_for_ack(struct session *c)
{
	if (c->sm.state != XMPP_SM_ON ||
		!xmpp_sm_should_ask(&c->sm, c->outbox_count == 0))
		return;
	struct xmpp_stanza *r = xmpp_sm_make("r");
	if (xmpp_wire_send(c->wire, r, NULL))
		xmpp_sm_asked(&c->sm);
	xmpp_stanza_free(r);
}

static void pump(struct session *c)
{
	bool was_long = c->outbox_count > OUTBOX_LONG;
	if (c->silent || c->dropping)
		return;
	while (c->outbox_count && !xmpp_sm_is_full(&c->sm) &&
		!xmpp_wire_is_full(c->wire))
		write_stanza(c, take_parcel(c));
	ask_for_ack(c);
	if (was_long && c->outbox_count <= OUTBOX_LONG)
		wake_waiting(c);
	if (c->phase != SESSION_BOUND)
		return;
	if (c->outbox_count == 0)
		timer_stop(c->limit);
	else if (!timer_is_set(c->limit))
		timer_set(c->limit, STALL_LIMIT);
}

void session_send(struct session *c, struct xmpp_stanza *s)
{
	put_parcel(c, s);
	pump(c);
	if (c->outbox_count > OUTBOX_MAX)
		session_end(c, "resource-constraint");
}

void session_deliver(
	struct session *c, struct session *sender, struct xmpp_stanza *s)
{
	session_send(c, s);
	if (!sender || sender == c || sender->waits_for ||
		c->outbox_count <= OUTBOX_LONG)
		return;
	sender->waits_for = c;
	xmpp_wire_pause(sender->wire, true);
}

/* ---- the end ---- */

/* What it did not get is delivered elsewhere, or kept. */
static void redeliver(struct session *c)
{
	struct xmpp_stanza *s;
	while ((s = xmpp_sm_take(&c->sm)) || (s = take_parcel(c)))
		if (xmpp_stanza_is(s, "message", NULL) && c->user)
			route_again(c->server, c->user, s);
		else
			xmpp_stanza_free(s);
}

static void forget(struct session *c, const char *why)
{
	if (c->phase == SESSION_BOUND)
		presence_gone(c);
	server_event(c->server, "closed",
		c->jid.text ? c->jid.text : NULL, &c->from, why);
	list_remove(&c->link);
	list_remove(&c->of_user);
	wake_waiting(c);
	negotiate_clear(c);
	redeliver(c);
	xmpp_iqs_free(c->iqs);
	xmpp_sm_clear(&c->sm);
	xmpp_stanza_free(c->presence);
	presence_forget_directed(c);
	timer_free(c->limit);
	xmpp_jid_clear(&c->jid);
	mem_free(c);
}

static void closed(void *arg, const struct err *e)
{
	struct session *c = arg;
	xmpp_wire_free(c->wire);
	forget(c, err_is_set(e) ? e->text : NULL);
}

void session_drop(struct session *c)
{
	xmpp_wire_free(c->wire);
	forget(c, "dropped");
}

void session_end(struct session *c, const char *condition)
{
	if (c->dropping)
		return;
	c->dropping = true;
	if (!condition) {
		xmpp_wire_close(c->wire);
		return;
	}
	struct err e = ERR_NONE;
	err_set(&e, STATUS_REFUSED, "ended by us: %s", condition);
	err_condition(&e, condition, false);
	xmpp_wire_refuse(c->wire, xmpp_error_stream(condition, NULL), &e);
}

static void limit_reached(void *arg)
{
	struct session *c = arg;
	session_end(c, c->phase == SESSION_BOUND ? "resource-constraint"
						 : "connection-timeout");
}

/* ---- faults ---- */

bool session_fault(struct session *c, enum fault_when when)
{
	struct err e = ERR_NONE;
	enum fault_what what = fault_now(&c->server->faults, when);
	switch (what) {
	case FAULT_NONE:
	case FAULT_BOUNCE:
	case FAULT_WHAT_COUNT:
		return false;
	case FAULT_SILENT:
		break;
	case FAULT_CLOSE:
		session_end(c, NULL);
		return true;
	case FAULT_RESET:
		c->dropping = true;
		err_set(&e, STATUS_INTERNAL, "reset by a fault");
		xmpp_wire_abandon(c->wire, &e);
		return true;
	case FAULT_HALF:
		xmpp_wire_write(c->wire, SPAN("<message><body>half a st"));
		break;
	case FAULT_MALFORMED:
		xmpp_wire_write(c->wire, SPAN("<message></body>"));
		break;
	}
	c->silent = true;
	xmpp_wire_pause(c->wire, true);
	return true;
}

/* ---- what comes ---- */

static void acknowledge(struct session *c, const struct xmpp_stanza *s)
{
	uint32_t h;
	struct err e = ERR_NONE;
	if (!xmpp_sm_parse_h(s, &h) || !xmpp_sm_ack(&c->sm, h, &e))
		session_end(c, "undefined-condition");
	else
		pump(c);
}

/* XEP-0198; false: it is none of it. */
static bool manage_stream(struct session *c, const struct xmpp_stanza *s)
{
	struct xmpp_stanza *reply = NULL;
	if (!s->ns || strcmp(s->ns, XMPP_NS_SM) != 0)
		return false;
	if (xmpp_sm_is(s, "enable") && c->sm.state == XMPP_SM_OFF) {
		xmpp_sm_enabled(&c->sm, s);
		reply = xmpp_sm_make("enabled");
	} else if (xmpp_sm_is(s, "r") && c->sm.state == XMPP_SM_ON) {
		reply = xmpp_sm_make_a(&c->sm);
	} else if (xmpp_sm_is(s, "a") && c->sm.state == XMPP_SM_ON) {
		acknowledge(c, s);
	} else {
		reply = xmpp_sm_make("failed");
		xmpp_stanza_child(
			reply, "unexpected-request", XMPP_NS_STANZA_ERROR);
	}
	if (reply && !c->silent)
		xmpp_wire_send(c->wire, reply, NULL);
	xmpp_stanza_free(reply);
	return true;
}

static bool is_stanza(const struct xmpp_stanza *s)
{
	return xmpp_stanza_is(s, "message", XMPP_NS_CLIENT) ||
	       xmpp_stanza_is(s, "presence", XMPP_NS_CLIENT) ||
	       xmpp_stanza_is(s, "iq", XMPP_NS_CLIENT);
}

static void element(void *arg, struct xmpp_stanza *s)
{
	struct session *c = arg;
	if (c->dropping || c->silent) {
		xmpp_stanza_free(s);
	} else if (c->phase != SESSION_BOUND) {
		negotiate_element(c, s);
	} else if (manage_stream(c, s)) {
		xmpp_stanza_free(s);
	} else if (is_stanza(s)) {
		xmpp_sm_handled(&c->sm, xmpp_sm_came(&c->sm));
		route_from(c, s);
	} else {
		xmpp_stanza_free(s);
		session_end(c, "unsupported-stanza-type");
	}
}

static void header(void *arg, const struct xmpp_header *h)
{
	struct session *c = arg;
	if (!c->dropping && !c->silent)
		negotiate_header(c, h);
}

static void secured(void *arg)
{
	struct session *c = arg;
	c->phase = SESSION_SECURE;
}

static void opened(void *arg)
{
	struct session *c = arg;
	if (xmpp_wire_tls(c->wire))
		secured(c);
	session_fault(c, FAULT_CONNECT);
}

static void ending(void *arg)
{
	struct session *c = arg;
	c->dropping = true;
}

static void drained(void *arg)
{
	pump(arg);
}

static const struct xmpp_wire_handlers handlers = {
	.open = opened,
	.secured = secured,
	.header = header,
	.element = element,
	.ending = ending,
	.drained = drained,
	.closed = closed,
};

/* ---- the beginning ---- */

void session_accept(struct server *s, struct accepted *offer,
	const struct endpoint *from, bool direct_tls)
{
	struct session *c = mem_alloc(sizeof(*c));
	c->server = s;
	c->from = *from;
	link_init(&c->of_user);
	link_init(&c->outbox);
	xmpp_sm_init(&c->sm);
	c->limit = timer_new(s->run->loop, limit_reached, c);
	timer_set(c->limit, NEGOTIATION_LIMIT);
	struct xmpp_wire_settings settings = {
		.content_ns = XMPP_NS_CLIENT,
		.conn.tls = direct_tls ? s->tls : NULL,
	};
	list_append(&s->sessions, &c->link);
	c->wire = xmpp_wire_accept(
		s->run->loop, offer, &settings, &handlers, c);
	server_event(s, "connected", NULL, from, NULL);
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

static bool send_iq(void *arg, struct xmpp_stanza *s, struct err *e)
{
	(void)e;
	session_send(arg, s);
	return true;
}

void session_bound(struct session *c)
{
	end_namesake(c);
	c->phase = SESSION_BOUND;
	timer_stop(c->limit);
	list_append(&c->user->sessions, &c->of_user);
	c->iqs = xmpp_iqs_new(c->server->run->loop, send_iq, c);
	xmpp_iqs_set_self(c->iqs, &c->jid);
	answer_register(c);
	server_event(c->server, "bound", c->jid.text, &c->from, NULL);
}
