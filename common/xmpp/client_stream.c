/* What a client hears from its stream, and what it answers by itself: pings,
 * pushes of the roster, and silence. */
#include <string.h>

#include "base/mem.h"
#include "xmpp/client_private.h"
#include "xmpp/ns.h"

/* ---- requests every client answers ---- */

/* XEP-0199 section 4.2 */
static bool on_ping(void *arg, const struct xml_element *request)
{
	struct xmpp_client *c = arg;
	xmpp_iqs_answer(c->iqs, xmpp_stanza_reply(request, "result"));
	return true;
}

static bool on_roster_push(void *arg, const struct xml_element *request)
{
	struct xmpp_client *c = arg;
	struct xmpp_roster_item item;
	if (!xmpp_roster_push_parse(&item, request, xmpp_client_jid(c))) {
		if (c->log.note)
			c->log.note(c->log.arg,
				"refused: a roster push not of our server");
		return false;
	}
	xmpp_iqs_answer(c->iqs, xmpp_stanza_reply(request, "result"));
	if (c->handlers.roster)
		c->handlers.roster(c->arg, &item);
	return true;
}

/* ---- is the server still there? ---- */

static void on_pong(
	void *arg, const struct xml_element *reply, const struct err *e)
{
	(void)arg; /* that bytes came is what counts */
	(void)reply;
	(void)e;
}

/* Bytes that came since are the sign, whatever they say. */
static bool is_owed(const struct xmpp_client *c)
{
	return c->asked && xmpp_stream_heard(c->stream) <= c->asked;
}

static usec_t patience_of(const struct xmpp_client *c)
{
	usec_t half = (c->deadline - loop_now(c->loop)) / 2;
	if (!c->reconnects || c->deadline == USEC_NEVER ||
		half > XMPP_CLIENT_ANSWER)
		return XMPP_CLIENT_ANSWER;
	return half > XMPP_CLIENT_ANSWER_LEAST ? half
					       : XMPP_CLIENT_ANSWER_LEAST;
}

static void on_asked(void *arg)
{
	struct xmpp_client *c = arg;
	if (c->paused || is_owed(c))
		return;
	c->asked = loop_now(c->loop);
	c->patience = patience_of(c);
	timer_set(c->quiet, c->patience);
}

static void probe(struct xmpp_client *c)
{
	xmpp_stream_probe(c->stream);
	if (xmpp_stream_sm(c->stream)->state == XMPP_SM_ON)
		return;
	char *domain = span_dup(xmpp_client_jid(c)->domain);
	xmpp_client_request(c, xmpp_ping_make(domain), XMPP_CLIENT_ANSWER,
		on_pong, c, NULL);
	mem_free(domain);
}

static void give_up(struct xmpp_client *c, usec_t silence)
{
	struct err e = ERR_NONE;
	err_set(&e, STATUS_TIMEOUT,
		"silent for %lld s, also when asked: the connection is dead",
		(long long)(silence / USEC_SEC));
	e.retryable = true;
	timer_set(c->quiet, XMPP_CLIENT_QUIET); /* of the next connection */
	xmpp_stream_abandon(c->stream, &e);
}

void xmpp_client_quiet(void *arg)
{
	struct xmpp_client *c = arg;
	bool online = xmpp_stream_is_online(c->stream);
	/* While we do not listen, nobody can be heard. */
	if (!online || c->paused) {
		c->asked = 0;
		timer_set(c->quiet, XMPP_CLIENT_QUIET);
		return;
	}
	bool owed = is_owed(c);
	usec_t since = owed ? c->asked : xmpp_stream_heard(c->stream);
	usec_t limit = owed ? c->patience : XMPP_CLIENT_QUIET;
	usec_t silence = loop_now(c->loop) - since;
	if (silence < limit)
		timer_set(c->quiet, limit - silence);
	else if (!owed)
		probe(c);
	else
		give_up(c, loop_now(c->loop) - xmpp_stream_heard(c->stream));
}

/* ---- the stream's handlers ---- */

/* For those whose request went into a session that is gone. */
static void renew(struct xmpp_client *c)
{
	struct err e = ERR_NONE;
	err_set(&e, STATUS_TIMEOUT,
		"the connection was lost, and with it the answer");
	e.retryable = true;
	if (c->presence)
		xmpp_stream_send(c->stream, xml_element_dup(c->presence), NULL);
	xmpp_iqs_end_doubtful(c->iqs, &e);
	if (!c->doomed)
		xmpp_deliveries_renew(c);
	if (c->handlers.renewed && !c->doomed)
		c->handlers.renewed(c->arg);
}

static void on_online(void *arg)
{
	struct xmpp_client *c = arg;
	bool again = c->was_online;
	xmpp_iqs_set_self(c->iqs, xmpp_stream_jid(c->stream));
	timer_set(c->quiet, XMPP_CLIENT_QUIET);
	c->was_online = true;
	xmpp_client_hold(c);
	if (again)
		renew(c);
	else
		xmpp_deliveries_look(c);
	if (!again && c->handlers.online && !c->doomed)
		c->handlers.online(c->arg);
	xmpp_client_release(c);
}

/* What of the queue goes on in a new session.  Requests that only ask may be
 * asked twice; who waits for a reply of ours, or saw our presence, did so in
 * the old one. */
static bool keep(void *arg, const struct xml_element *s, bool was_written)
{
	struct xmpp_client *c = arg;
	bool set = xml_element_attr_is(s, "type", "set");
	if (strcmp(s->name, "iq") == 0 &&
		(set || xml_element_attr_is(s, "type", "get")))
		return !(was_written && set) &&
		       xmpp_iqs_trust(
			       c->iqs, span_of(xml_element_attr_find(s, "id")));
	if (c->handlers.keep && !c->handlers.keep(c->arg, s, was_written))
		return false;
	if (!was_written)
		return true;
	return c->resend && strcmp(s->name, "message") == 0;
}

static void on_forgotten(void *arg)
{
	struct xmpp_client *c = arg;
	xmpp_iqs_doubt(c->iqs);
	xmpp_deliveries_doubt(c);
	xmpp_sm_sift(xmpp_stream_sm(c->stream), keep, c);
}

static void take_message(struct xmpp_client *c, const struct xml_element *s)
{
	if (xmpp_deliveries_take(c, s))
		return;
	if (c->handlers.message)
		c->handlers.message(c->arg, s);
}

static void take_presence(struct xmpp_client *c, const struct xml_element *s)
{
	struct xmpp_presence p;
	if (c->handlers.presence && xmpp_presence_parse(&p, s))
		c->handlers.presence(c->arg, s, &p);
}

static void on_stanza(void *arg, struct xml_element *s)
{
	struct xmpp_client *c = arg;
	if (c->handlers.raw && c->handlers.raw(c->arg, s))
		;
	else if (strcmp(s->name, "iq") == 0)
		xmpp_iqs_take(c->iqs, s);
	else if (strcmp(s->name, "message") == 0)
		take_message(c, s);
	else
		take_presence(c, s);
	xml_element_free(s);
}

static void on_progress(void *arg)
{
	struct xmpp_client *c = arg;
	xmpp_client_hold(c);
	xmpp_deliveries_look(c);
	if (c->handlers.progress && !c->doomed)
		c->handlers.progress(c->arg);
	xmpp_client_release(c);
}

static void on_ended(void *arg, const struct err *e)
{
	struct xmpp_client *c = arg;
	c->ended = true;
	c->end = *e;
	timer_stop(c->quiet);
	struct err why = *e;
	if (!err_is_set(&why))
		err_set(&why, STATUS_UNREACHABLE, "the stream is closed");
	/* Whoever waits learns it before the stream's owner does. */
	xmpp_client_hold(c);
	xmpp_iqs_end(c->iqs, &why);
	xmpp_deliveries_end(c, &why);
	if (!c->doomed)
		c->handlers.ended(c->arg, &c->end);
	xmpp_client_release(c);
}

const struct xmpp_stream_handlers xmpp_client_stream_handlers = {
	.online = on_online,
	.forgotten = on_forgotten,
	.stanza = on_stanza,
	.progress = on_progress,
	.asked = on_asked,
	.ended = on_ended,
};

void xmpp_client_answer_all(struct xmpp_client *c)
{
	xmpp_iqs_on(c->iqs, "get", "ping", XMPP_NS_PING, on_ping, c);
	xmpp_iqs_on(c->iqs, "set", "query", XMPP_NS_ROSTER, on_roster_push, c);
	xmpp_client_answer_disco(c);
}
