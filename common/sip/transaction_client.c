/* Client transactions: their beginning, their timers, CANCEL, their end
 * (RFC 3261 section 17.1). */
#include "sip/transaction_private.h"

#include <string.h>

#include "base/mem.h"

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

void sip_client_tell_ended(struct sip_client *c, const struct err *e)
{
	const struct sip_client_handlers *handlers = c->handlers;

	c->handlers = NULL;
	if (handlers && handlers->ended)
		handlers->ended(c->arg, e);
}

/* c is gone afterwards. */
static void client_end(struct sip_client *c, const struct err *e)
{
	sip_client_tell_ended(c, e);
	sip_client_free(c);
}

/* ---- timers and transmission -------------------------------------------------- */

void sip_client_retransmit_in(struct sip_client *c, usec_t interval)
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
	sip_client_retransmit_in(c, c->ts->timing.t1);
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
			sip_client_retransmit_in(c, next);
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

void sip_client_scan_sent(
	struct sip_client *c, struct buf *text, struct sip_scan *m)
{
	sip_outgoing_format(text, &c->out);
	sip_scan(m, buf_view(text));
}

void sip_client_send_cancel(struct sip_client *c)
{
	struct sip_transactions *ts = c->ts;
	struct buf sent = BUF_INIT(SIP_MSG_MAX);
	struct buf text = BUF_INIT(SIP_MSG_MAX);
	struct buf whole = BUF_INIT(SIP_MSG_MAX);

	c->at.end_at = sip_transaction_now(ts) + 64 * ts->timing.t1;
	sip_deadlines_arm(&c->at);
	sip_client_scan_sent(c, &sent, &ts->stored);
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
		sip_client_send_cancel(c);
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
