#include "sip/transaction_private.h"

#include <string.h>

#include "base/mem.h"

struct sip_client {
	struct link link; /* first: see sip_transactions_free */
	struct map_node node;
	struct sip_transactions *ts;
	struct sip_outgoing out;
	const struct sip_client_handlers *handlers; /* NULL: forgotten */
	void *arg;
	struct sip_deadlines at;
	usec_t sent_at;
	char *ack;     /* of an INVITE that was refused; retransmitted */
	char *headers; /* of the CANCEL that waits for a response; or NULL */
	struct err *failure; /* to be told by the timer */
	uint64_t seen[2];    /* the last provisional responses, as hashes */
	enum sip_transaction_state state;
	bool is_invite, is_cancelled;
	char key[];
};

struct sip_client *sip_client_of(struct map_node *node)
{
	return MAP_ITEM(node, struct sip_client, node);
}

bool sip_client_is_sent_by(
	const struct sip_client *c, const struct sip_via *via)
{
	return c->out.user.flow && sip_flow_is_sent_by(c->out.user.flow, via);
}

void sip_client_free(struct sip_client *c)
{
	list_remove(&c->link);
	map_remove(&c->ts->table, &c->node);
	c->ts->count--;
	timer_free(c->at.timer);
	sip_outgoing_clear(&c->out);
	mem_free(c->ack);
	mem_free(c->headers);
	mem_free(c->failure);
	mem_free(c);
}

static void tell_ended(struct sip_client *c, const struct err *e)
{
	const struct sip_client_handlers *handlers = c->handlers;

	c->handlers = NULL;
	if (handlers && handlers->ended)
		handlers->ended(c->arg, e);
}

/* c is gone afterwards. */
static void client_end(struct sip_client *c, const struct err *e)
{
	tell_ended(c, e);
	sip_client_free(c);
}

/* ---- timers and transmission -------------------------------------------------- */

/* Timers A and E only where the transport may lose it. */
static void start_retransmission(struct sip_client *c, usec_t interval)
{
	c->at.interval = interval;
	c->at.retransmit_at = USEC_NEVER;
	if (!sip_flow_is_reliable(c->out.user.flow))
		c->at.retransmit_at = sip_transaction_now(c->ts) + interval;
}

static bool first_transmission(struct sip_client *c, struct err *e)
{
	c->sent_at = sip_transaction_now(c->ts);
	if (!sip_outgoing_send(&c->out, e))
		return false;
	start_retransmission(c, c->ts->timing.t1);
	return true;
}

static void client_ready(struct sip_outgoing *o)
{
	struct sip_client *c = LIST_ITEM(o, struct sip_client, out);
	struct err e = ERR_NONE;

	if (!first_transmission(c, &e)) {
		client_end(c, &e);
		return;
	}
	sip_deadlines_arm(&c->at);
}

static void client_failed(struct sip_outgoing *o, const struct err *e)
{
	struct sip_client *c = LIST_ITEM(o, struct sip_client, out);
	struct sip_flow *flow = c->out.user.flow;
	bool over_udp = flow && !sip_flow_is_reliable(flow);

	switch (c->state) {
	case SIP_TRYING:
		break;
	case SIP_PROCEEDING:
		/* Figure 5 knows no transport error here: what is sent is over
		 * and answered.  But a stream that ended brings nothing. */
		if (c->is_invite && over_udp)
			return;
		break;
	default:
		/* The answer was handed over; its retransmissions may still
		 * come, and are absorbed until the timer. */
		return;
	}
	client_end(c, e);
}

static const struct sip_outgoing_events outgoing_events = {
	.ready = client_ready, .failed = client_failed
};

/* Timer B or F, or the CANCEL had no effect (9.1). */
static void client_timeout(struct sip_client *c)
{
	struct err e = ERR_NONE;

	if (c->is_cancelled) {
		err_set(&e, STATUS_TIMEOUT,
			"cancelled, and the far side never ended it");
		err_condition(&e, "cancelled", false);
	} else {
		err_set(&e, STATUS_TIMEOUT, "nobody answered in %lld s",
			(long long)(64 * c->ts->timing.t1 / USEC_SEC));
		err_condition(&e, "timeout", true);
	}
	client_end(c, &e);
}

static void client_fire(void *arg)
{
	struct sip_client *c = arg;
	usec_t now = sip_transaction_now(c->ts);
	struct err e = ERR_NONE;

	if (c->failure) {
		e = *c->failure;
		client_end(c, &e);
	} else if (now >= c->at.end_at) {
		if (c->state == SIP_TRYING || c->state == SIP_PROCEEDING)
			client_timeout(c);
		else
			client_end(c, NULL); /* timers D, K and M */
	} else {
		if (now >= c->at.retransmit_at) {
			if (!sip_outgoing_send(&c->out, &e)) {
				client_end(c, &e);
				return;
			}
			usec_t next = 2 * c->at.interval;
			if (c->state == SIP_PROCEEDING)
				next = c->ts->timing.t2;
			else if (!c->is_invite && next > c->ts->timing.t2)
				next = c->ts->timing.t2;
			start_retransmission(c, next);
		}
		sip_deadlines_arm(&c->at);
	}
}

/* ---- the beginning --------------------------------------------------------------- */

static struct sip_client *client_alloc(struct sip_transactions *ts,
	struct span method, const struct sip_client_handlers *handlers,
	void *arg)
{
	struct sip_client *c =
		mem_alloc(sizeof(*c) + SIP_BRANCH_SIZE + method.n + 3);

	c->ts = ts;
	c->handlers = handlers;
	c->arg = arg;
	c->is_invite = span_is(method, "INVITE");
	return c;
}

/* Its sip_outgoing has been started. */
static void client_begin(struct sip_client *c, struct span method)
{
	struct sip_transactions *ts = c->ts;
	struct buf key = BUF_INIT(SIP_BRANCH_SIZE + method.n + 3);
	struct err e = ERR_NONE;

	sip_transaction_key_add(&key, span_of(c->out.branch), method);
	memcpy(c->key, key.data, key.len);
	map_add(&ts->table, &c->node, span_from(c->key, key.len));
	buf_clear(&key);
	list_append(&ts->clients, &c->link);
	ts->count++;
	c->at.timer = timer_new(ts->loop, client_fire, c);
	c->at.retransmit_at = USEC_NEVER;
	c->at.end_at = sip_transaction_now(ts) + 64 * ts->timing.t1;
	if (sip_outgoing_is_ready(&c->out) && !first_transmission(c, &e)) {
		c->failure = mem_alloc(sizeof(e));
		*c->failure = e;
		c->at.end_at = sip_transaction_now(ts);
	}
	sip_deadlines_arm(&c->at);
}

struct sip_client *sip_client_new(struct sip_transactions *ts,
	struct span request, const struct sip_target *target,
	const struct sip_client_handlers *handlers, void *arg, struct err *e)
{
	struct span method, rest = request;

	if (ts->count >= ts->max) {
		err_set(e, STATUS_INTERNAL, "more than %zu transactions",
			ts->max);
		return NULL;
	}
	span_cut(&rest, ' ', &method);
	struct sip_client *c = client_alloc(ts, method, handlers, arg);
	if (!sip_outgoing_start(&c->out, ts->transport, request, target,
		    &outgoing_events, e)) {
		mem_free(c);
		return NULL;
	}
	client_begin(c, method);
	return c;
}

void sip_client_forget(struct sip_client *c)
{
	if (c)
		c->handlers = NULL;
}

void sip_client_watch(struct sip_client *c,
	const struct sip_client_handlers *handlers, void *arg)
{
	c->handlers = handlers;
	c->arg = arg;
}

void sip_client_abandon(struct sip_client *c)
{
	if (c)
		sip_client_free(c);
}

/* ---- CANCEL (9.1) ------------------------------------------------------------------ */

static void scan_sent(
	struct sip_client *c, struct buf *text, struct sip_scan *m)
{
	sip_outgoing_format(text, &c->out);
	sip_scan(m, buf_view(text));
}

static void send_cancel(struct sip_client *c)
{
	struct sip_transactions *ts = c->ts;
	struct buf sent = BUF_INIT(SIP_MSG_MAX);
	struct buf text = BUF_INIT(SIP_MSG_MAX);
	struct buf whole = BUF_INIT(SIP_MSG_MAX);

	c->at.end_at = sip_transaction_now(ts) + 64 * ts->timing.t1;
	sip_deadlines_arm(&c->at);
	scan_sent(c, &sent, &ts->stored);
	if (sip_outgoing_is_ready(&c->out) && ts->count < ts->max &&
		sip_msg_cancel(&text, &ts->stored)) {
		/* The fields to add go behind the request line. */
		struct span t = buf_view(&text);
		size_t line = span_find_span(t, SPAN("\r\n"), 0) + 2;
		buf_span(&whole, span_first(t, line));
		buf_str(&whole, c->headers);
		buf_span(&whole, span_skip(t, line));
		struct sip_client *cancel =
			client_alloc(ts, SPAN("CANCEL"), NULL, NULL);
		sip_outgoing_start_on(&cancel->out, ts->transport,
			c->out.user.flow, buf_view(&whole), c->out.branch,
			&outgoing_events);
		client_begin(cancel, SPAN("CANCEL"));
	}
	mem_free(c->headers);
	c->headers = NULL;
	buf_clear(&sent);
	buf_clear(&text);
	buf_clear(&whole);
}

void sip_client_cancel(struct sip_client *c, struct span headers)
{
	if (!c->is_invite || c->is_cancelled || c->state > SIP_PROCEEDING)
		return;
	c->is_cancelled = true;
	c->headers = mem_strn(headers.n ? headers.p : "", headers.n);
	if (c->state == SIP_PROCEEDING)
		send_cancel(c);
}

/* ---- responses (17.1.1.2, 17.1.2.2) --------------------------------------------------- */

/* FNV-1a: a copy that the network made is the same in every byte. */
static uint64_t fingerprint(struct span s)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
	return h;
}

static void tell_response(struct sip_client *c, struct sip_scan *m)
{
	if (c->handlers && c->handlers->response)
		c->handlers->response(c->arg, c, m);
}

static void receive_provisional(struct sip_client *c, struct sip_scan *m)
{
	uint64_t print = fingerprint(m->raw);

	if (c->state > SIP_PROCEEDING)
		return;
	bool is_first = c->state == SIP_TRYING;
	c->state = SIP_PROCEEDING;
	if (is_first && c->is_invite) {
		c->at.retransmit_at = c->at.end_at = USEC_NEVER;
		sip_deadlines_arm(&c->at);
		if (c->is_cancelled)
			send_cancel(c);
	} else if (is_first && c->at.retransmit_at != USEC_NEVER) {
		start_retransmission(c, c->ts->timing.t2);
		sip_deadlines_arm(&c->at);
	}
	if (print == c->seen[0] || print == c->seen[1])
		return;
	c->seen[1] = c->seen[0];
	c->seen[0] = print;
	tell_response(c, m);
}

static void send_ack(struct sip_client *c)
{
	if (c->ack && sip_outgoing_is_ready(&c->out))
		sip_flow_send(c->out.user.flow, span_of(c->ack), NULL);
}

static void make_ack(struct sip_client *c, const struct sip_scan *m)
{
	struct buf sent = BUF_INIT(SIP_MSG_MAX);
	struct buf ack = BUF_INIT(SIP_MSG_MAX);

	scan_sent(c, &sent, &c->ts->stored);
	if (sip_msg_ack(&ack, &c->ts->stored, m))
		c->ack = buf_take(&ack);
	buf_clear(&sent);
	buf_clear(&ack);
}

static void client_wait(struct sip_client *c, usec_t rest)
{
	mem_free(c->out.text);
	c->out.text = NULL;
	c->out.len = 0;
	c->at.retransmit_at = USEC_NEVER;
	c->at.end_at = sip_transaction_now(c->ts) + rest;
	sip_deadlines_arm(&c->at);
}

static void receive_accepted(struct sip_client *c, struct sip_scan *m)
{
	if (c->state == SIP_COMPLETED)
		return;
	if (c->state != SIP_ACCEPTED) {
		c->state = SIP_ACCEPTED;
		client_wait(c, 64 * c->ts->timing.t1); /* timer M */
	}
	tell_response(c, m);
}

static void receive_final(struct sip_client *c, struct sip_scan *m)
{
	bool reliable = sip_flow_is_reliable(c->out.user.flow);

	if (c->state > SIP_PROCEEDING) {
		send_ack(c); /* of a retransmission; none but of an INVITE */
		return;
	}
	c->state = SIP_COMPLETED;
	if (c->is_invite) {
		usec_t d = 64 * c->ts->timing.t1;
		make_ack(c, m);
		send_ack(c);
		client_wait(c, reliable          ? 0
			       : d > SIP_TIMER_D ? d
						 : SIP_TIMER_D);
	} else {
		client_wait(c, reliable ? 0 : c->ts->timing.t4);
	}
	tell_response(c, m);
	tell_ended(c, NULL);
}

void sip_client_receive(
	struct sip_client *c, struct sip_flow *flow, struct sip_scan *m)
{
	(void)flow;
	if (m->status_code < 200)
		receive_provisional(c, m);
	else if (m->status_code < 300 && c->is_invite)
		receive_accepted(c, m);
	else
		receive_final(c, m);
}

/* ---- what it is ----------------------------------------------------------------------- */

struct span sip_client_branch(const struct sip_client *c)
{
	return span_of(c->out.branch);
}

struct sip_flow *sip_client_flow(const struct sip_client *c)
{
	return sip_outgoing_is_ready(&c->out) ? c->out.user.flow : NULL;
}

usec_t sip_client_sent_at(const struct sip_client *c)
{
	return c->sent_at;
}
