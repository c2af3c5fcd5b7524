#include "sip/transaction_private.h"

#include "base/mem.h"
#include "sip/check.h"

#define KEY_MAX (4 * SIP_LINE_MAX)

usec_t sip_transaction_now(const struct sip_transactions *ts)
{
	return loop_now(ts->loop);
}

void sip_deadlines_arm(struct sip_deadlines *d)
{
	usec_t at = d->retransmit_at < d->end_at ? d->retransmit_at : d->end_at;

	if (at == USEC_NEVER)
		timer_stop(d->timer);
	else
		timer_set_at(d->timer, at);
}

/* ---- keys (17.1.3, 17.2.3) -------------------------------------------------- */

void sip_transaction_key_add(
	struct buf *key, struct span branch, struct span method)
{
	buf_char(key, 'c');
	buf_span(key, branch);
	buf_char(key, '\n');
	buf_span(key, method);
}

static void add_lower(struct buf *key, struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_char(key, s.p[i] >= 'A' && s.p[i] <= 'Z'
				      ? (char)(s.p[i] | 0x20)
				      : s.p[i]);
}

/* What the key of a server transaction is made of. */
struct request_id {
	struct sip_via via;
	struct sip_cseq cseq;
	struct span via_text, method, from_tag, to_tag;
};

static void server_key(struct buf *key, const struct sip_scan *m,
	const struct request_id *id, struct span method, struct span to_tag)
{
	if (sip_via_has_cookie(&id->via)) {
		buf_char(key, 's');
		buf_span(key, id->via.branch);
		buf_char(key, '\n');
		add_lower(key, id->via.sent_by);
	} else {
		buf_char(key, 'o');
		buf_span(key, m->request_uri);
		buf_char(key, '\n');
		buf_span(key, to_tag);
		buf_char(key, '\n');
		buf_span(key, id->from_tag);
		buf_char(key, '\n');
		buf_span(key, sip_scan_value(m, SIP_HDR_CALL_ID));
		buf_char(key, '\n');
		buf_u64(key, id->cseq.number);
		buf_char(key, '\n');
		buf_span(key, id->via_text);
	}
	buf_char(key, '\n');
	buf_span(key, method);
}

/* 8.2.2.2: what copies of one request that came by several paths share. */
static void merged_key(
	struct buf *key, const struct sip_scan *m, const struct request_id *id)
{
	if (id->to_tag.n || m->method_kind == SIP_METHOD_CANCEL)
		return;
	buf_span(key, sip_scan_value(m, SIP_HDR_CALL_ID));
	buf_char(key, '\n');
	buf_span(key, id->from_tag);
	buf_char(key, '\n');
	buf_u64(key, id->cseq.number);
	buf_char(key, '\n');
	buf_span(key, m->method);
}

static struct sip_server *find_server(struct sip_transactions *ts,
	const struct sip_scan *m, const struct request_id *id,
	struct span method, struct span to_tag)
{
	struct buf key = BUF_INIT(KEY_MAX);

	server_key(&key, m, id, method, to_tag);
	struct map_node *node = map_find(&ts->table, buf_view(&key));
	buf_clear(&key);
	return node ? sip_server_of(node) : NULL;
}

/* ---- what comes in ---------------------------------------------------------- */

static void receive_ack(struct sip_transactions *ts, struct sip_flow *flow,
	struct sip_scan *m, const struct request_id *id)
{
	struct span invite = SPAN("INVITE");
	struct sip_server *s = find_server(ts, m, id, invite, id->to_tag);

	/* RFC 2543: the INVITE had no To tag yet, its ACK has ours. */
	if (!s && !sip_via_has_cookie(&id->via)) {
		s = find_server(ts, m, id, invite, SPAN_EMPTY);
		if (s && !span_equal(sip_server_to_tag(s), id->to_tag))
			s = NULL;
	}
	if (s)
		sip_server_receive_ack(s, flow, m);
	else
		ts->handlers.ack(ts->arg, flow, m);
}

/* More than there may be: without a transaction nothing is kept. */
static void refuse_overload(struct sip_flow *flow, const struct sip_scan *m,
	const struct sip_via *via)
{
	struct buf out = BUF_INIT(SIP_MSG_MAX);
	/* The same for each retransmission, as 8.2.7 wants it. */
	struct sip_msg_response r = { .code = 503, .to_tag = SPAN("busy") };
	char received[ENDPOINT_TEXT_SIZE];

	sip_flow_received(flow, via, received, &r.rport);
	r.received = span_of(received);
	sip_msg_respond(&out, m, &r);
	sip_msg_add(&out, SIP_HDR_RETRY_AFTER, SPAN("10"));
	if (sip_msg_end(&out, SPAN_EMPTY, SPAN_EMPTY))
		sip_flow_reply(flow, via, buf_view(&out));
	buf_clear(&out);
}

static void receive_new(struct sip_transactions *ts, struct sip_flow *flow,
	struct sip_scan *m, const struct request_id *id, struct span key)
{
	struct buf copies = BUF_INIT(KEY_MAX);
	bool merged = false;

	if (ts->count >= ts->max) {
		refuse_overload(flow, m, &id->via);
		return;
	}
	merged_key(&copies, m, id);
	if (copies.len) {
		merged = map_find(&ts->merged, buf_view(&copies)) != NULL;
		if (merged)
			buf_reset(&copies);
	}
	struct sip_server *s =
		sip_server_new(ts, flow, m, &id->via, key, buf_view(&copies));
	buf_clear(&copies);
	if (m->method_kind == SIP_METHOD_CANCEL && m->faults.count == 0)
		sip_server_receive_cancel(s,
			find_server(ts, m, id, SPAN("INVITE"), id->to_tag), m);
	else
		ts->handlers.request(ts->arg, s, m, merged);
}

static void receive_request(
	struct sip_transactions *ts, struct sip_flow *flow, struct sip_scan *m)
{
	struct request_id id = { .method = m->method };
	struct sip_values via = SIP_VALUES_INIT;

	if (!sip_scan_values(m, SIP_HDR_VIA, &via) ||
		!sip_via_parse(&id.via, via.value, NULL) ||
		!sip_cseq_parse(
			&id.cseq, sip_scan_value(m, SIP_HDR_CSEQ), NULL)) {
		ts->handlers.unreadable(ts->arg, flow, m);
		return;
	}
	id.via_text = via.value;
	id.from_tag = sip_tag(sip_scan_value(m, SIP_HDR_FROM));
	id.to_tag = sip_tag(sip_scan_value(m, SIP_HDR_TO));
	if (m->method_kind == SIP_METHOD_ACK) {
		receive_ack(ts, flow, m, &id);
		return;
	}
	struct buf key = BUF_INIT(KEY_MAX);
	server_key(&key, m, &id, m->method, id.to_tag);
	struct map_node *node = map_find(&ts->table, buf_view(&key));
	if (node)
		sip_server_receive(sip_server_of(node));
	else
		receive_new(ts, flow, m, &id, buf_view(&key));
	buf_clear(&key);
}

static void receive_response(
	struct sip_transactions *ts, struct sip_flow *flow, struct sip_scan *m)
{
	struct sip_check_policy policy = { .is_proxy = ts->is_proxy,
		.is_stream = sip_flow_is_stream(flow) };
	struct sip_values at = SIP_VALUES_INIT;
	struct sip_verdict verdict;
	struct sip_via via;
	struct sip_cseq cseq;

	if (!sip_check_response(&verdict, m, &policy) ||
		!sip_scan_values(m, SIP_HDR_VIA, &at) ||
		!sip_via_parse(&via, at.value, NULL) ||
		!sip_cseq_parse(&cseq, sip_scan_value(m, SIP_HDR_CSEQ), NULL))
		return;
	struct buf key = BUF_INIT(KEY_MAX);
	sip_transaction_key_add(&key, via.branch, cseq.method);
	struct map_node *node = map_find(&ts->table, buf_view(&key));
	buf_clear(&key);
	if (!node) {
		if (ts->handlers.stray)
			ts->handlers.stray(ts->arg, flow, m);
		return;
	}
	struct sip_client *c = sip_client_of(node);
	if (sip_client_is_sent_by(c, &via))
		sip_client_receive(c, flow, m);
}

static void receive(void *arg, struct sip_flow *flow, struct sip_scan *m)
{
	struct sip_transactions *ts = arg;

	if (m->is_request)
		receive_request(ts, flow, m);
	else
		receive_response(ts, flow, m);
}

/* ---- the layer ------------------------------------------------------------------ */

struct sip_transactions *sip_transactions_new(
	const struct sip_transactions_settings *s,
	const struct sip_transport_settings *transport,
	const struct sip_transactions_handlers *handlers, void *arg)
{
	static const struct sip_transport_handlers from_transport = {
		.message = receive
	};
	struct sip_transactions *ts = mem_alloc(sizeof(*ts));

	ts->loop = s->loop;
	ts->timing = s->timing.t1 ? s->timing : SIP_TIMING;
	ts->max = s->max ? s->max : SIP_TRANSACTIONS_MAX;
	ts->is_proxy = s->is_proxy;
	ts->handlers = *handlers;
	ts->arg = arg;
	link_init(&ts->clients);
	link_init(&ts->servers);
	ts->transport = sip_transport_new(transport, &from_transport, ts);
	return ts;
}

void sip_transactions_free(struct sip_transactions *ts)
{
	struct link *at;

	if (!ts)
		return;
	while ((at = list_first(&ts->clients)) != NULL)
		sip_client_free((struct sip_client *)at);
	while ((at = list_first(&ts->servers)) != NULL)
		sip_server_free((struct sip_server *)at);
	sip_transport_free(ts->transport);
	map_clear(&ts->table);
	map_clear(&ts->merged);
	mem_free(ts);
}

struct sip_transport *sip_transactions_transport(struct sip_transactions *ts)
{
	return ts->transport;
}

const struct sip_timing *sip_transactions_timing(
	const struct sip_transactions *ts)
{
	return &ts->timing;
}

size_t sip_transactions_count(const struct sip_transactions *ts)
{
	return ts->count;
}
