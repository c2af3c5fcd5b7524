#include "sip/transaction_private.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/rand.h"

/* 17.2.1: when an INVITE gets its 100 unless it was answered before. */
#define TRYING_DELAY (200 * USEC_MS)
#define TAG_LENGTH 12 /* 60 random bits; 19.3 wants 32 */

struct sip_server {
	struct link link; /* first: see sip_transactions_free */
	struct map_node node, merged;
	bool is_in_merged;
	bool is_waiting; /* for a connection, to send the response */
	struct sip_transactions *ts;
	struct sip_flow_user came;  /* the flow of the request */
	struct sip_flow_user reply; /* and that of the responses */
	const struct sip_server_handlers *handlers; /* NULL: nobody watches */
	void *arg;
	struct sip_deadlines at; /* its retransmission: at first, of a 100 */
	char *request;           /* until it is finally answered */
	size_t request_len;
	char *response; /* the last one that was sent */
	size_t response_len;
	enum sip_transaction_state state;
	enum sip_method method;
	uint16_t via_port, rport;
	bool has_rport;
	char received[ENDPOINT_TEXT_SIZE];
	char to_tag[TAG_LENGTH + 1];
	char keys[];
};

struct sip_server *sip_server_of(struct map_node *node)
{
	return MAP_ITEM(node, struct sip_server, node);
}

void sip_server_free(struct sip_server *s)
{
	list_remove(&s->link);
	map_remove(&s->ts->table, &s->node);
	if (s->is_in_merged)
		map_remove(&s->ts->merged, &s->merged);
	s->ts->count--;
	timer_free(s->at.timer);
	sip_flow_drop(&s->came);
	sip_flow_drop(&s->reply);
	mem_free(s->request);
	mem_free(s->response);
	mem_free(s);
}

static void tell_ended(struct sip_server *s, const struct err *e)
{
	const struct sip_server_handlers *handlers = s->handlers;

	s->handlers = NULL;
	if (handlers && handlers->ended)
		handlers->ended(s->arg, e);
}

/* ---- sending ------------------------------------------------------------------ */

static bool server_send(struct sip_server *s, struct err *e);

static void reply_ready(struct sip_flow_user *u)
{
	struct sip_server *s = LIST_ITEM(u, struct sip_server, reply);
	struct err e = ERR_NONE;

	if (s->is_waiting && !server_send(s, &e))
		tell_ended(s, &e);
}

/* 17.2.4: the TU is told, the state stays.  An ICMP error of a response means
 * little: the client asks again, or it has gone. */
static void reply_failed(struct sip_flow_user *u, const struct err *e)
{
	struct sip_server *s = LIST_ITEM(u, struct sip_server, reply);

	if (s->is_waiting) {
		s->is_waiting = false;
		tell_ended(s, e);
	}
}

static bool server_send(struct sip_server *s, struct err *e)
{
	static const struct sip_flow_events events = { .ready = reply_ready,
		.failed = reply_failed };
	struct sip_via via = { .port = s->via_port, .has_rport = s->has_rport };

	s->is_waiting = false;
	/* 18.2.2: where the connection of the request is gone, a new one. */
	if (!s->reply.flow || !sip_flow_is_ready(s->reply.flow)) {
		sip_flow_drop(&s->reply);
		if (!sip_flow_open_reply(
			    s->came.flow, &via, &s->reply, &events, e))
			return false;
	}
	s->is_waiting = !sip_flow_is_ready(s->reply.flow);
	return s->is_waiting ||
	       sip_flow_send(s->reply.flow,
		       span_from(s->response, s->response_len), e);
}

/* ---- timers --------------------------------------------------------------------- */

/* RFC 4320 section 4.1: how long Timer E takes to be reset to T2. */
static usec_t until_t2(const struct sip_timing *timing)
{
	usec_t sum = 0;

	for (usec_t e = timing->t1; e < timing->t2; e *= 2)
		sum += e;
	return sum;
}

static void server_wait(struct sip_server *s, usec_t retransmission, usec_t end)
{
	usec_t now = sip_transaction_now(s->ts);

	s->at.interval = retransmission;
	s->at.retransmit_at = retransmission == USEC_NEVER
				      ? USEC_NEVER
				      : now + retransmission;
	s->at.end_at = end == USEC_NEVER ? USEC_NEVER : now + end;
	sip_deadlines_arm(&s->at);
}

static void send_trying(struct sip_server *s)
{
	struct buf out = BUF_INIT(SIP_MSG_MAX);
	struct sip_msg_response r = sip_server_response(s, 100, SPAN_EMPTY);

	s->at.retransmit_at = USEC_NEVER;
	s->state = SIP_PROCEEDING;
	sip_server_request(s, &s->ts->stored);
	sip_msg_respond(&out, &s->ts->stored, &r);
	if (sip_msg_end(&out, SPAN_EMPTY, SPAN_EMPTY)) {
		mem_free(s->response);
		s->response_len = out.len;
		s->response = buf_take(&out);
		server_send(s, NULL);
	}
	buf_clear(&out);
}

/* Timers H, I, J and L, or the end of the patience of the client. */
static void server_expire(struct sip_server *s)
{
	struct err e = ERR_NONE;

	if (s->state == SIP_TRYING || s->state == SIP_PROCEEDING)
		err_set(&e, STATUS_TIMEOUT, "not answered in time");
	else if (s->state == SIP_COMPLETED && s->method == SIP_METHOD_INVITE)
		err_set(&e, STATUS_TIMEOUT, "no ACK came");
	tell_ended(s, err_is_set(&e) ? &e : NULL);
	sip_server_free(s);
}

static void server_fire(void *arg)
{
	struct sip_server *s = arg;
	usec_t now = sip_transaction_now(s->ts);

	if (now >= s->at.end_at) {
		server_expire(s);
		return;
	}
	if (now >= s->at.retransmit_at) {
		if (s->state == SIP_COMPLETED) {
			/* timer G */
			usec_t next = 2 * s->at.interval;
			if (next > s->ts->timing.t2)
				next = s->ts->timing.t2;
			s->at.interval = next;
			s->at.retransmit_at = now + next;
			server_send(s, NULL);
		} else {
			send_trying(s);
		}
	}
	sip_deadlines_arm(&s->at);
}

/* ---- requests ---------------------------------------------------------------------- */

struct sip_server *sip_server_new(struct sip_transactions *ts,
	struct sip_flow *flow, const struct sip_scan *m,
	const struct sip_via *via, struct span key, struct span merged)
{
	static const struct sip_flow_events nothing = { NULL, NULL };
	struct sip_server *s = mem_alloc(sizeof(*s) + key.n + merged.n);

	s->ts = ts;
	s->method = m->method_kind;
	s->request = mem_strn(m->raw.p, m->raw.n);
	s->request_len = m->raw.n;
	sip_flow_hold(flow, &s->came, &nothing);
	sip_flow_received(flow, via, s->received, &s->rport);
	s->via_port = via->port;
	s->has_rport = via->has_rport;
	rand_token(s->to_tag, TAG_LENGTH);
	memcpy(s->keys, key.p, key.n);
	map_add(&ts->table, &s->node, span_from(s->keys, key.n));
	if (merged.n) {
		char *at = s->keys + key.n;
		memcpy(at, merged.p, merged.n);
		map_add(&ts->merged, &s->merged, span_from(at, merged.n));
		s->is_in_merged = true;
	}
	list_append(&ts->servers, &s->link);
	ts->count++;
	s->at.timer = timer_new(ts->loop, server_fire, s);
	if (s->method == SIP_METHOD_INVITE) {
		s->state = SIP_PROCEEDING;
		server_wait(s, TRYING_DELAY, USEC_NEVER);
	} else {
		s->state = SIP_TRYING;
		server_wait(s, until_t2(&ts->timing), 64 * ts->timing.t1);
	}
	return s;
}

void sip_server_receive(struct sip_server *s)
{
	if (s->response &&
		(s->state == SIP_PROCEEDING || s->state == SIP_COMPLETED))
		server_send(s, NULL);
}

void sip_server_receive_ack(
	struct sip_server *s, struct sip_flow *flow, struct sip_scan *m)
{
	if (s->state == SIP_ACCEPTED) {
		s->ts->handlers.ack(s->ts->arg, flow, m);
	} else if (s->state == SIP_COMPLETED) {
		bool reliable = sip_flow_is_reliable(s->came.flow);
		s->state = SIP_CONFIRMED;
		server_wait(s, USEC_NEVER, reliable ? 0 : s->ts->timing.t4);
		tell_ended(s, NULL);
	}
}

void sip_server_receive_cancel(
	struct sip_server *cancel, struct sip_server *s, struct sip_scan *m)
{
	struct buf out = BUF_INIT(SIP_MSG_MAX);
	unsigned code = s ? 200 : 481;

	if (s) /* 9.2: the same as in the responses to the INVITE */
		memcpy(cancel->to_tag, s->to_tag, sizeof(s->to_tag));
	struct sip_msg_response r =
		sip_server_response(cancel, code, SPAN_EMPTY);
	sip_msg_respond(&out, m, &r);
	if (sip_msg_end(&out, SPAN_EMPTY, SPAN_EMPTY))
		sip_server_respond(cancel, code, buf_view(&out), NULL);
	buf_clear(&out);
	if (s && s->state == SIP_PROCEEDING && s->handlers &&
		s->handlers->cancelled)
		s->handlers->cancelled(s->arg, m);
}

/* ---- responses ------------------------------------------------------------------------ */

/* Figures 7 and 8, RFC 6026 section 7.1, RFC 4320 section 4. */
static bool may_respond(
	const struct sip_server *s, unsigned code, struct err *e)
{
	bool is_invite = s->method == SIP_METHOD_INVITE;

	if (is_invite && s->state == SIP_ACCEPTED && code / 100 == 2)
		return true;
	if (s->state != SIP_TRYING && s->state != SIP_PROCEEDING)
		return err_set(e, STATUS_INTERNAL, "it is answered already");
	if (!is_invite && (code < 200 || code == 408))
		return err_set(e, STATUS_INTERNAL,
			"RFC 4320 allows no %u to this method", code);
	return true;
}

static void server_answered(struct sip_server *s, unsigned code)
{
	const struct sip_timing *timing = &s->ts->timing;
	bool reliable = sip_flow_is_reliable(s->came.flow);
	usec_t longest = 64 * timing->t1;

	mem_free(s->request);
	s->request = NULL;
	s->request_len = 0;
	if (s->method != SIP_METHOD_INVITE) {
		s->state = SIP_COMPLETED; /* timer J */
		server_wait(s, USEC_NEVER, reliable ? 0 : longest);
	} else if (code < 300) {
		s->state = SIP_ACCEPTED; /* timer L */
		server_wait(s, USEC_NEVER, longest);
	} else {
		s->state = SIP_COMPLETED; /* timers G and H */
		server_wait(s, reliable ? USEC_NEVER : timing->t1, longest);
	}
}

bool sip_server_respond(struct sip_server *s, unsigned code,
	struct span response, struct err *e)
{
	if (!may_respond(s, code, e))
		return false;
	mem_free(s->response);
	s->response = mem_strn(response.p, response.n);
	s->response_len = response.n;
	if (code < 200) {
		s->at.retransmit_at = USEC_NEVER; /* no 100 is needed now */
		sip_deadlines_arm(&s->at);
	} else if (s->state != SIP_ACCEPTED) {
		server_answered(s, code);
	}
	if (!server_send(s, e))
		return false;
	if (s->is_waiting && s->state == SIP_COMPLETED)
		/* Timers I and J are 0 on a stream, but first it has to open. */
		server_wait(s, USEC_NEVER, 64 * s->ts->timing.t1);
	return true;
}

void sip_server_watch(struct sip_server *s,
	const struct sip_server_handlers *handlers, void *arg)
{
	s->handlers = handlers;
	s->arg = arg;
}

void sip_server_forget(struct sip_server *s)
{
	if (s)
		s->handlers = NULL;
}

void sip_server_abandon(struct sip_server *s)
{
	sip_server_free(s);
}

struct sip_msg_response sip_server_response(
	const struct sip_server *s, unsigned code, struct span reason)
{
	return (struct sip_msg_response){ .code = code,
		.reason = reason,
		.to_tag = code == 100 ? SPAN_EMPTY : span_of(s->to_tag),
		.received = span_of(s->received),
		.rport = s->rport };
}

void sip_server_request(const struct sip_server *s, struct sip_scan *m)
{
	sip_scan(m, span_from(s->request, s->request_len));
}

enum sip_method sip_server_method(const struct sip_server *s)
{
	return s->method;
}

struct sip_flow *sip_server_flow(const struct sip_server *s)
{
	return s->came.flow;
}

struct span sip_server_to_tag(const struct sip_server *s)
{
	return span_of(s->to_tag);
}

bool sip_server_is_answered(const struct sip_server *s)
{
	return s->state > SIP_PROCEEDING;
}
