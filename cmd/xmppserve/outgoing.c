/* What a session is sent: the outbox, acknowledgements, and who waits. */
#include "session.h"

#include "route.h"
#include "xml/parser.h"

void session_say(struct session *c, struct xml_element *element)
{
	if (c->wire && !c->silent)
		xmpp_wire_send(c->wire, element, NULL);
	xml_element_free(element);
}

/* ---- who waits ---- */

void session_release(struct session *c)
{
	LIST_EACH(&c->server->sessions, at)
	{
		struct session *other = LIST_ITEM(at, struct session, link);
		if (other->waits_for != c)
			continue;
		other->waits_for = NULL;
		if (other->wire)
			xmpp_wire_pause(other->wire, false);
	}
}

static void make_wait(struct session *sender, struct session *c)
{
	if (!sender || sender->waits_for || !sender->wire)
		return;
	sender->waits_for = c;
	xmpp_wire_pause(sender->wire, true);
}

/* ---- writing ---- */

/* The first of the outbox is written, and kept where it will be acknowledged.
 * False: the connection takes no more. */
static bool write_first(struct session *c)
{
	struct err e = ERR_NONE;
	bool written = xmpp_wire_send(c->wire, queue_first(&c->outbox), &e);
	if (!written && e.status != STATUS_MALFORMED)
		return false;
	struct xml_element *s = queue_take(&c->outbox);
	if (written) {
		xmpp_sm_push(&c->sm, s);
		xmpp_sm_sent(&c->sm);
		return true;
	}
	/* Escaped, it is larger than what a client takes. */
	route_bounce(c->server, s, "policy-violation");
	xml_element_free(s);
	return true;
}

static bool can_write(const struct session *c)
{
	return c->wire && !c->silent && c->phase == SESSION_BOUND &&
	       !xmpp_wire_is_full(c->wire);
}

/* After a resumption what was written before comes first. */
static bool write_again(struct session *c)
{
	if (!xmpp_wire_send(c->wire, xmpp_sm_next(&c->sm), NULL))
		return false;
	xmpp_sm_sent(&c->sm);
	return true;
}

static bool write_next(struct session *c)
{
	if (!can_write(c))
		return false;
	if (xmpp_sm_next(&c->sm))
		return write_again(c);
	return c->outbox.count && !xmpp_sm_is_full(&c->sm) && write_first(c);
}

void session_pump(struct session *c)
{
	bool was_long = c->outbox.memory > OUTBOX_LONG, moved = false;
	while (write_next(c))
		moved = true;
	if (c->phase != SESSION_BOUND || c->overflowing || c->asleep)
		return;
	if (was_long && c->outbox.memory <= OUTBOX_LONG)
		session_release(c);
	if (c->outbox.count == 0 && !xmpp_sm_next(&c->sm)) {
		timer_stop(c->limit);
	} else if (moved || !timer_is_set(c->limit)) {
		timer_set(c->limit, STALL_LIMIT);
		c->queued = c->wire ? xmpp_wire_queued(c->wire) : 0;
	}
}

bool session_has_moved(const struct session *c)
{
	return c->wire && xmpp_wire_queued(c->wire) < c->queued;
}

void session_send(struct session *c, struct xml_element *s)
{
	if (c->phase != SESSION_BOUND) {
		xml_element_free(s);
		return;
	}
	queue_put(&c->outbox, s);
	session_pump(c);
	if (c->outbox.memory > OUTBOX_LONG && !c->asleep)
		make_wait(c->server->at_work, c);
	if (c->outbox.memory <= OUTBOX_MAX && !xmpp_sm_is_full(&c->sm))
		return;
	c->overflowing = true;
	timer_set(c->limit, 0);
}

void session_ask_for_ack(struct session *c)
{
	if (c->sm.state != XMPP_SM_ON || c->phase != SESSION_BOUND ||
		!xmpp_sm_should_ask(&c->sm, c->outbox.count == 0))
		return;
	session_say(c, xmpp_sm_make("r"));
	xmpp_sm_asked(&c->sm);
}

/* ---- what did not arrive ---- */

/* XEP-0198 section 4: as if it had been sent to a resource that is not there.
 * The oldest first; what goes to the store goes in front of what came there
 * meanwhile. */
void session_redeliver(struct session *c)
{
	struct user *u = c->user;
	struct queue later = { 0 };
	struct xml_element *s;
	queue_init(&later);
	queue_append_all(&later, &u->offline);
	while ((s = xmpp_sm_take(&c->sm)) || (s = queue_take(&c->outbox)))
		route_again(c->server, u, s);
	queue_append_all(&u->offline, &later);
}
