/* Server transactions: which request is whose, what is sent again and when
 * (RFC 3261 sections 17.2 and 18.2, RFC 6026, RFC 4320, RFC 3581). */
#include "tests/common/test.h"

#include <string.h>

#include "base/mem.h"
#include "net/conn.h"
#include "sip/transaction.h"
#include "tests/common/sip_raw.h"

#define US "192.0.2.2:5060"
#define BRANCH "z9hG4bKone"

/* Our side has a log with "MS METHOD" for each request that it is given,
 * "MS ack", "MS cancelled", "MS ended [status]". */
struct side {
	struct sim *sim;
	struct sip_transactions *ts;
	struct sip_raw peer;
	struct buf log;
	usec_t start;
	struct sip_server *server; /* of the last request */
};

static void note(struct side *s, const char *what, struct span more)
{
	buf_printf(&s->log, "%lld %s%.*s\n",
		(long long)sip_raw_ms(s->sim, s->start), what, SPAN_ARGS(more));
}

static void on_cancelled(void *arg, struct sip_scan *m)
{
	note(arg, "cancelled", SPAN_EMPTY);
	assert_span(m->method, "CANCEL");
}

static void on_ended(void *arg, const struct err *e)
{
	struct side *s = arg;

	s->server = NULL;
	note(s, e ? "ended with an error" : "ended", SPAN_EMPTY);
}

static void on_request(
	void *arg, struct sip_server *server, struct sip_scan *m, bool merged)
{
	static const struct sip_server_handlers handlers = {
		.cancelled = on_cancelled, .ended = on_ended
	};
	struct side *s = arg;

	note(s, merged ? "merged " : "", m->method);
	s->server = server;
	sip_server_watch(server, &handlers, s);
}

static void on_ack(void *arg, struct sip_flow *flow, struct sip_scan *m)
{
	(void)flow;
	(void)m;
	note(arg, "ack", SPAN_EMPTY);
}

static void on_unreadable(void *arg, struct sip_flow *flow, struct sip_scan *m)
{
	(void)flow;
	(void)m;
	note(arg, "unreadable", SPAN_EMPTY);
}

static void begin(struct side *s, size_t max)
{
	static const struct sip_transactions_handlers handlers = {
		.request = on_request,
		.ack = on_ack,
		.unreadable = on_unreadable
	};
	struct endpoint local = sip_raw_at(US);
	struct err e = ERR_NONE;

	memset(s, 0, sizeof(*s));
	s->sim = sim_new(7);
	struct sip_transactions_settings settings = { .loop = sim_loop(s->sim),
		.max = max };
	struct sip_transport_settings t = { .loop = sim_loop(s->sim) };
	s->start = loop_now(sim_loop(s->sim));
	buf_init(&s->log, 1 << 16);
	s->ts = sip_transactions_new(&settings, &t, &handlers, s);
	struct sip_transport *transport = sip_transactions_transport(s->ts);
	assert_ok(sip_transport_listen(
			  transport, SIP_TRANSPORT_UDP, &local, NULL, &e),
		&e);
	assert_ok(sip_transport_listen(
			  transport, SIP_TRANSPORT_TCP, &local, NULL, &e),
		&e);
	sip_raw_open(&s->peer, s->sim, "192.0.2.1:5060");
}

static void end(struct side *s)
{
	assert_int_equal(sip_transactions_count(s->ts), 0);
	sip_transactions_free(s->ts);
	sip_raw_close(&s->peer);
	assert_int_equal(sim_set_timers(s->sim), 0);
	assert_int_equal(sim_open_sockets(s->sim), 0);
	sim_free(s->sim);
	buf_clear(&s->log);
}

static void send_request(struct side *s, const char *method, const char *branch,
	const char *to_tag, unsigned cseq)
{
	char *text = sip_raw_request(
		method, "192.0.2.1:5060", branch, to_tag, cseq, "");

	sip_raw_send(&s->peer, US, text);
	mem_free(text);
	sip_raw_run(s->sim, 5);
}

static void respond(struct side *s, unsigned code)
{
	struct buf out = BUF_INIT(SIP_MSG_MAX);
	struct sip_msg_response r =
		sip_server_response(s->server, code, SPAN_EMPTY);
	struct sip_scan m;
	struct err e = ERR_NONE;

	sip_server_request(s->server, &m);
	sip_msg_respond(&out, &m, &r);
	assert_true(sip_msg_end(&out, SPAN_EMPTY, SPAN_EMPTY));
	assert_ok(sip_server_respond(s->server, code, buf_view(&out), &e), &e);
	buf_clear(&out);
}

static void assert_log(struct buf *log, const char *want)
{
	assert_string_equal(buf_text(log), want);
	buf_reset(log);
}

/* ---- timers -------------------------------------------------------------------- */

static void an_invite_without_an_answer_gets_a_100_in_200_ms(void **state)
{
	struct side s;

	(void)state;
	begin(&s, 0);
	send_request(&s, "INVITE", BRANCH, "", 1);
	sip_raw_run(s.sim, 600000);
	assert_log(&s.peer.log, "202 100\n");
	assert_span(sip_scan_value(&s.peer.scan, SIP_HDR_TO),
		"<sip:b@192.0.2.2>"); /* a 100 has no tag of ours */
	send_request(&s, "INVITE", BRANCH, "", 1);
	assert_log(&s.peer.log, "600007 100\n");
	respond(&s, 180);
	sip_raw_run(s.sim, 5);
	send_request(&s, "INVITE", BRANCH, "", 1);
	assert_log(&s.peer.log, "600011 180\n600017 180\n");
	respond(&s, 200);
	sip_raw_run(s.sim, 40000);
	assert_log(&s.log, "1 INVITE\n632020 ended\n"); /* timer L */
	end(&s);
}

static void a_refusal_goes_out_by_timer_g_until_timer_h(void **state)
{
	struct side s;

	(void)state;
	begin(&s, 0);
	send_request(&s, "INVITE", BRANCH, "", 1);
	respond(&s, 486); /* at 5 ms */
	sip_raw_run(s.sim, 40000);
	assert_log(&s.peer.log,
		"6 486\n506 486\n1506 486\n3506 486\n7506 486\n11506 486\n"
		"15506 486\n19506 486\n23506 486\n27506 486\n31506 486\n");
	assert_log(&s.log, "1 INVITE\n32005 ended with an error\n");
	end(&s);
}

static void an_ack_ends_timer_g(void **state)
{
	struct side s;

	(void)state;
	begin(&s, 0);
	send_request(&s, "INVITE", BRANCH, "", 1);
	respond(&s, 486);
	sip_raw_run(s.sim, 600);
	struct span tag = sip_tag(sip_scan_value(&s.peer.scan, SIP_HDR_TO));
	char *to_tag = span_dup(tag);
	send_request(&s, "ACK", BRANCH, to_tag, 1);
	send_request(&s, "ACK", BRANCH, to_tag, 1);
	send_request(&s, "INVITE", BRANCH, "", 1); /* came late: absorbed */
	mem_free(to_tag);
	sip_raw_run(s.sim, 4980);
	assert_log(&s.peer.log, "6 486\n506 486\n");
	assert_log(&s.log, "1 INVITE\n606 ended\n");
	assert_int_equal(sip_transactions_count(s.ts), 1); /* timer I */
	sip_raw_run(s.sim, 100);
	end(&s);
}

static void a_2xx_is_sent_again_only_by_its_user(void **state)
{
	struct side s;

	(void)state;
	begin(&s, 0);
	send_request(&s, "INVITE", BRANCH, "", 1);
	struct sip_server *server = s.server;
	respond(&s, 200);
	sip_raw_run(s.sim, 2000);
	send_request(&s, "INVITE", BRANCH, "", 1);
	assert_log(&s.peer.log, "6 200\n");
	struct buf copy = BUF_INIT(1 << 16);
	buf_span(&copy, buf_view(&s.peer.last));
	assert_true(sip_server_respond(server, 200, buf_view(&copy), NULL));
	assert_false(sip_server_respond(server, 486, buf_view(&copy), NULL));
	sip_raw_run(s.sim, 5);
	assert_log(&s.peer.log, "2011 200\n");
	/* the ACK has a branch of its own, or (wrongly) that of the INVITE */
	send_request(&s, "ACK", "z9hG4bKtwo", "x", 1);
	send_request(&s, "ACK", BRANCH, "x", 1);
	sip_raw_run(s.sim, 40000);
	assert_log(&s.log, "1 INVITE\n2016 ack\n2021 ack\n32005 ended\n");
	buf_clear(&copy);
	end(&s);
}

static void other_requests_get_a_100_only_after_3500_ms(void **state)
{
	struct side s;
	struct err e = ERR_NONE;

	(void)state;
	begin(&s, 0);
	send_request(&s, "MESSAGE", BRANCH, "", 1);
	/* RFC 4320 */
	assert_false(sip_server_respond(s.server, 180, SPAN("x"), &e));
	assert_false(sip_server_respond(s.server, 408, SPAN("x"), &e));
	send_request(&s, "MESSAGE", BRANCH, "", 1);
	sip_raw_run(s.sim, 5000);
	assert_log(&s.peer.log, "3502 100\n");
	respond(&s, 202);
	sip_raw_run(s.sim, 5);
	send_request(&s, "MESSAGE", BRANCH, "", 1);
	sip_raw_run(s.sim, 40000); /* timer J */
	assert_log(&s.peer.log, "5011 202\n5017 202\n");
	assert_log(&s.log, "1 MESSAGE\n37010 ended\n");
	end(&s);
}

static void a_request_that_is_never_answered_does_not_stay(void **state)
{
	struct side s;

	(void)state;
	begin(&s, 0);
	send_request(&s, "MESSAGE", BRANCH, "", 1);
	sip_raw_run(s.sim, 40000);
	assert_log(&s.log, "1 MESSAGE\n32001 ended with an error\n");
	end(&s);
}

/* ---- matching --------------------------------------------------------------------- */

static void a_request_on_a_second_path_is_merged(void **state)
{
	struct side s;

	(void)state;
	begin(&s, 0);
	send_request(&s, "OPTIONS", BRANCH, "", 1);
	send_request(&s, "OPTIONS", "z9hG4bKtwo", "", 1);
	send_request(&s, "OPTIONS", "z9hG4bKthree", "", 2);
	send_request(&s, "OPTIONS", "z9hG4bKfour", "tag", 1);
	assert_log(&s.log,
		"1 OPTIONS\n6 merged OPTIONS\n11 OPTIONS\n16 OPTIONS\n");
	sip_raw_run(s.sim, 40000);
	end(&s);
}

static void a_cancel_is_answered_and_told(void **state)
{
	struct side s;

	(void)state;
	begin(&s, 0);
	send_request(&s, "CANCEL", "z9hG4bKzero", "", 1);
	assert_log(&s.peer.log, "2 481\n");
	send_request(&s, "INVITE", BRANCH, "", 1);
	struct sip_server *invite = s.server;
	send_request(&s, "CANCEL", BRANCH, "", 1);
	assert_log(&s.peer.log, "12 200\n");
	assert_true(span_equal(sip_server_to_tag(invite),
		sip_tag(sip_scan_value(&s.peer.scan, SIP_HDR_TO))));
	send_request(&s, "CANCEL", BRANCH, "", 1); /* lost the 200 */
	assert_log(&s.peer.log, "17 200\n");
	assert_log(&s.log, "6 INVITE\n11 cancelled\n");
	respond(&s, 487);
	sip_raw_run(s.sim, 1);
	send_request(&s, "ACK", BRANCH, "x", 1);
	send_request(&s, "CANCEL", "z9hG4bKlate", "", 1);
	sip_raw_run(s.sim, 40000);
	assert_log(&s.log, "22 ended\n");
	end(&s);
}

static void a_peer_of_rfc_2543_is_matched_by_its_fields(void **state)
{
	struct side s;

	(void)state;
	begin(&s, 0);
	send_request(&s, "INVITE", "1", "", 1);
	send_request(&s, "INVITE", "1", "", 1);
	respond(&s, 486);
	sip_raw_run(s.sim, 600);
	char *tag = span_dup(sip_server_to_tag(s.server));
	send_request(&s, "ACK", "1", "other", 1);
	sip_raw_run(s.sim, 1000);
	assert_log(&s.log, "1 INVITE\n611 ack\n");
	send_request(&s, "ACK", "1", tag, 1);
	mem_free(tag);
	sip_raw_run(s.sim, 10000);
	assert_log(&s.log, "1616 ended\n");
	/* the same branch, but another request */
	send_request(&s, "BYE", "1", "x", 2);
	send_request(&s, "BYE", "1", "x", 3);
	assert_log(&s.log, "11621 BYE\n11626 BYE\n");
	sip_raw_run(s.sim, 40000);
	end(&s);
}

static void the_branch_of_another_host_is_another_transaction(void **state)
{
	struct side s;
	char *text;

	(void)state;
	begin(&s, 0);
	send_request(&s, "BYE", BRANCH, "t", 1);
	text = sip_raw_request("BYE", "192.0.2.9:5060", BRANCH, "t", 1, "");
	sip_raw_send(&s.peer, US, text);
	mem_free(text);
	sip_raw_run(s.sim, 5);
	assert_log(&s.log, "1 BYE\n6 BYE\n");
	sip_raw_run(s.sim, 40000);
	end(&s);
}

static void above_the_limit_there_is_a_503_without_a_trace(void **state)
{
	struct side s;

	(void)state;
	begin(&s, 1);
	send_request(&s, "OPTIONS", "z9hG4bKa", "", 1);
	send_request(&s, "OPTIONS", "z9hG4bKb", "", 2);
	assert_log(&s.peer.log, "7 503\n");
	assert_span(sip_scan_value(&s.peer.scan, SIP_HDR_RETRY_AFTER), "10");
	assert_log(&s.log, "1 OPTIONS\n");
	assert_int_equal(sip_transactions_count(s.ts), 1);
	sip_raw_run(s.sim, 40000);
	end(&s);
}

/* ---- where responses go (18.2.2, RFC 3581) ------------------------------------------ */

static void without_rport_a_response_goes_to_the_port_of_sent_by(void **state)
{
	struct side s;
	struct sip_raw other;
	char *text;

	(void)state;
	begin(&s, 0);
	sip_raw_open(&other, s.sim, "192.0.2.1:7000");
	text = sip_raw_request(
		"OPTIONS", "pc.example.org:5060", "z9hG4bKa", "", 1, "");
	sip_raw_send(&other, US, text);
	mem_free(text);
	sip_raw_run(s.sim, 5);
	respond(&s, 200);
	sip_raw_run(s.sim, 5);
	assert_log(&other.log, "");
	assert_log(&s.peer.log, "6 200\n");
	assert_span(sip_scan_value(&s.peer.scan, SIP_HDR_VIA),
		"SIP/2.0/UDP pc.example.org:5060;branch=z9hG4bKa"
		";received=192.0.2.1");
	text = sip_raw_request(
		"OPTIONS", "192.0.2.1:5060", "z9hG4bKb;rport", "", 2, "");
	sip_raw_send(&other, US, text);
	mem_free(text);
	sip_raw_run(s.sim, 5);
	respond(&s, 200);
	sip_raw_run(s.sim, 5);
	assert_log(&other.log, "16 200\n");
	assert_log(&s.peer.log, "");
	assert_span(sip_scan_value(&other.scan, SIP_HDR_VIA),
		"SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKb;rport=7000"
		";received=192.0.2.1");
	sip_raw_close(&other);
	sip_raw_run(s.sim, 40000);
	end(&s);
}

/* The far end of a stream, as plain bytes. */
struct stream {
	struct conn *conn;
	struct buf got;
	bool is_closed;
};

static void stream_is_open(void *arg)
{
	(void)arg;
}

static size_t stream_data(void *arg, struct span bytes)
{
	struct stream *t = arg;

	buf_span(&t->got, bytes);
	return bytes.n;
}

static void stream_closed(void *arg, const struct err *e)
{
	struct stream *t = arg;

	(void)e;
	t->is_closed = true;
}

static const struct conn_handlers stream_handlers = {
	.open = stream_is_open, .data = stream_data, .closed = stream_closed
};

static void stream_open(struct stream *t, struct sim *sim)
{
	struct endpoint to = sip_raw_at(US), from = sip_raw_at("192.0.2.1:0");
	struct conn_settings c = {
		.addresses = &to, .count = 1, .local = &from
	};

	memset(t, 0, sizeof(*t));
	buf_init(&t->got, 1 << 20);
	t->conn = conn_new(sim_loop(sim), &c, &stream_handlers, t);
	sip_raw_run(sim, 10);
}

static void stream_close(struct stream *t)
{
	conn_free(t->conn);
	buf_clear(&t->got);
}

static void accept_stream(
	void *arg, struct accepted *offer, const struct endpoint *from)
{
	struct stream *t = arg;
	struct conn_settings c = { .max_in = 0 };

	(void)from;
	t->conn = conn_accept(offer, &c, &stream_handlers, t);
}

static void a_response_goes_by_a_new_stream_where_the_old_one_is_gone(
	void **state)
{
	struct side s;
	struct stream t, back = { .conn = NULL };
	struct endpoint sent_by = sip_raw_at("192.0.2.1:6000");
	struct err e = ERR_NONE;
	char *text = sip_raw_request(
		"MESSAGE", "192.0.2.1:6000", "z9hG4bKa", "", 1, "");

	(void)state;
	begin(&s, 0);
	buf_init(&back.got, 1 << 16);
	struct listener *l = listener_new(
		sim_loop(s.sim), &sent_by, accept_stream, &back, &e);
	assert_ok(l, &e);
	stream_open(&t, s.sim);
	assert_true(conn_write(t.conn, span_of(text)));
	sip_raw_run(s.sim, 10);
	assert_log(&s.log, "11 MESSAGE\n");
	stream_close(&t);
	sip_raw_run(s.sim, 10);
	respond(&s, 200);
	sip_raw_run(s.sim, 40000);
	assert_true(span_starts(buf_view(&back.got), "SIP/2.0 200 OK\r\n"));
	assert_log(&s.log, "32030 ended\n");
	stream_close(&back);
	listener_free(l);
	mem_free(text);
	sip_raw_run(s.sim, 10);
	assert_int_equal(
		sip_transport_connections(sip_transactions_transport(s.ts)), 0);
	end(&s);
}

static void a_stream_is_framed_however_it_is_cut(void **state)
{
	struct side s;
	struct stream t;
	struct sim_faults f = {
		.delay_min = USEC_MS, .delay_max = USEC_MS, .segment = 7
	};
	char *one = sip_raw_request(
		"MESSAGE", "192.0.2.1:1", "z9hG4bKa", "", 1, "");
	char *two = sip_raw_request(
		"MESSAGE", "192.0.2.1:1", "z9hG4bKb", "", 2, "");

	(void)state;
	begin(&s, 0);
	sim_set_faults(s.sim, &f);
	stream_open(&t, s.sim);
	conn_write(t.conn, span_of(one));
	conn_write(t.conn, span_of(two));
	conn_write(t.conn, SPAN("\r\n\r\n"));
	sip_raw_run(s.sim, 2000);
	assert_int_equal(sip_transactions_count(s.ts), 2);
	assert_span(buf_view(&t.got), "\r\n"); /* the pong */
	/* no boundary can be found any more */
	conn_write(t.conn, SPAN("MESSAGE sip:b SIP/2.0\r\n\r\n"));
	sip_raw_run(s.sim, 2000);
	assert_true(t.is_closed);
	assert_non_null(strstr(buf_text(&s.log), "unreadable\n"));
	stream_close(&t);
	mem_free(one);
	mem_free(two);
	sip_raw_run(s.sim, 40000);
	end(&s);
}

static void an_idle_stream_is_closed(void **state)
{
	struct side s;
	struct stream t;

	(void)state;
	begin(&s, 0);
	stream_open(&t, s.sim);
	sip_raw_run(s.sim, SIP_CONNECTION_IDLE / USEC_MS - 100);
	assert_false(t.is_closed);
	sip_raw_run(s.sim, 200);
	assert_true(t.is_closed);
	assert_int_equal(
		sip_transport_connections(sip_transactions_transport(s.ts)), 0);
	stream_close(&t);
	end(&s);
}

TEST_MAIN(cmocka_unit_test(an_invite_without_an_answer_gets_a_100_in_200_ms),
	cmocka_unit_test(a_refusal_goes_out_by_timer_g_until_timer_h),
	cmocka_unit_test(an_ack_ends_timer_g),
	cmocka_unit_test(a_2xx_is_sent_again_only_by_its_user),
	cmocka_unit_test(other_requests_get_a_100_only_after_3500_ms),
	cmocka_unit_test(a_request_that_is_never_answered_does_not_stay),
	cmocka_unit_test(a_request_on_a_second_path_is_merged),
	cmocka_unit_test(a_cancel_is_answered_and_told),
	cmocka_unit_test(a_peer_of_rfc_2543_is_matched_by_its_fields),
	cmocka_unit_test(the_branch_of_another_host_is_another_transaction),
	cmocka_unit_test(above_the_limit_there_is_a_503_without_a_trace),
	cmocka_unit_test(without_rport_a_response_goes_to_the_port_of_sent_by),
	cmocka_unit_test(
		a_response_goes_by_a_new_stream_where_the_old_one_is_gone),
	cmocka_unit_test(a_stream_is_framed_however_it_is_cut),
	cmocka_unit_test(an_idle_stream_is_closed))
