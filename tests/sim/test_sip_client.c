/* Client transactions: when they send, what their user sees, how they end
 * (RFC 3261 section 17.1, RFC 6026). */
#include "tests/common/test.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "sip/transaction.h"
#include "tests/common/sip_raw.h"

/* A transaction user whose log has "MS CODE" for a response and "MS ended"
 * (with the status, where it was an error) at the end. */
struct user {
	struct sim *sim;
	struct sip_transactions *ts;
	struct sip_raw peer;
	struct buf log;
	usec_t start;
	struct sip_client *client;
	char condition[ERR_CONDITION_MAX];
};

static void on_response(void *arg, struct sip_client *c, struct sip_scan *m)
{
	struct user *u = arg;

	assert_ptr_equal(c, u->client);
	buf_printf(&u->log, "%lld %u\n",
		(long long)sip_raw_ms(u->sim, u->start), m->status_code);
}

static void on_ended(void *arg, const struct err *e)
{
	struct user *u = arg;

	u->client = NULL;
	buf_printf(
		&u->log, "%lld ended", (long long)sip_raw_ms(u->sim, u->start));
	if (e) {
		buf_printf(&u->log, " %d", e->status);
		snprintf(
			u->condition, sizeof(u->condition), "%s", e->condition);
	}
	buf_str(&u->log, "\n");
}

static const struct sip_client_handlers handlers = { .response = on_response,
	.ended = on_ended };

static void no_request(
	void *arg, struct sip_server *s, struct sip_scan *m, bool merged)
{
	(void)arg;
	(void)s;
	(void)m;
	(void)merged;
	fail_msg("a request came");
}

static void no_flow(void *arg, struct sip_flow *flow, struct sip_scan *m)
{
	(void)arg;
	(void)flow;
	(void)m;
	fail_msg("an ACK or something unreadable came");
}

static void begin(struct user *u)
{
	static const struct sip_transactions_handlers none = {
		.request = no_request, .ack = no_flow, .unreadable = no_flow
	};
	struct endpoint local = sip_raw_at("192.0.2.1:5060");
	struct err e = ERR_NONE;

	memset(u, 0, sizeof(*u));
	u->sim = sim_new(7);
	struct sip_transactions_settings s = { .loop = sim_loop(u->sim) };
	struct sip_transport_settings t = { .loop = sim_loop(u->sim) };
	u->start = loop_now(sim_loop(u->sim));
	buf_init(&u->log, 1 << 16);
	u->ts = sip_transactions_new(&s, &t, &none, u);
	assert_ok(sip_transport_listen(sip_transactions_transport(u->ts),
			  SIP_TRANSPORT_UDP, &local, NULL, &e),
		&e);
	sip_raw_open(&u->peer, u->sim, "192.0.2.2:5060");
}

/* Nothing may be left: transactions, timers, sockets. */
static void end(struct user *u)
{
	assert_int_equal(sip_transactions_count(u->ts), 0);
	assert_int_equal(
		sip_transport_connections(sip_transactions_transport(u->ts)),
		0);
	sip_transactions_free(u->ts);
	sip_raw_close(&u->peer);
	assert_int_equal(sim_set_timers(u->sim), 0);
	assert_int_equal(sim_open_sockets(u->sim), 0);
	sim_free(u->sim);
	buf_clear(&u->log);
}

static char *request(const char *method, size_t body)
{
	struct buf out = BUF_INIT(1 << 20);

	buf_printf(&out,
		"%s sip:b@192.0.2.2 SIP/2.0\r\n"
		"Max-Forwards: 70\r\nFrom: <sip:a@192.0.2.1>;tag=fa\r\n"
		"To: <sip:b@192.0.2.2>\r\nCall-ID: one\r\nCSeq: 1 %s\r\n"
		"Contact: <sip:a@192.0.2.1>\r\n"
		"%sContent-Length: %zu\r\n\r\n",
		method, method, body ? "Content-Type: text/plain\r\n" : "",
		body);
	for (size_t i = 0; i < body; i++)
		buf_char(&out, 'x');
	return buf_take(&out);
}

static void start(struct user *u, const char *method,
	enum sip_transport_kind kind, size_t body)
{
	struct sip_target target = { kind, sip_raw_at("192.0.2.2:5060"), NULL };
	struct err e = ERR_NONE;
	char *text = request(method, body);

	u->client =
		sip_client_new(u->ts, span_of(text), &target, &handlers, u, &e);
	assert_ok(u->client, &e);
	mem_free(text);
}

static void assert_log(struct buf *log, const char *want)
{
	assert_string_equal(buf_text(log), want);
	buf_reset(log);
}

/* ---- timers ------------------------------------------------------------------ */

static void options_go_out_by_timer_e_until_timer_f(void **state)
{
	struct user u;

	(void)state;
	begin(&u);
	start(&u, "OPTIONS", SIP_TRANSPORT_UDP, 0);
	sip_raw_run(u.sim, 40000);
	/* The network takes a millisecond. */
	assert_log(&u.peer.log,
		"1 OPTIONS\n501 OPTIONS\n1501 OPTIONS\n3501 OPTIONS\n"
		"7501 OPTIONS\n11501 OPTIONS\n15501 OPTIONS\n19501 OPTIONS\n"
		"23501 OPTIONS\n27501 OPTIONS\n31501 OPTIONS\n");
	assert_log(&u.log, "32000 ended 6\n");
	assert_string_equal(u.condition, "timeout");
	end(&u);
}

static void an_invite_goes_out_by_timer_a_until_timer_b(void **state)
{
	struct user u;

	(void)state;
	begin(&u);
	start(&u, "INVITE", SIP_TRANSPORT_UDP, 0);
	sip_raw_run(u.sim, 40000);
	assert_log(&u.peer.log,
		"1 INVITE\n501 INVITE\n1501 INVITE\n3501 INVITE\n7501 INVITE\n"
		"15501 INVITE\n31501 INVITE\n");
	assert_log(&u.log, "32000 ended 6\n");
	end(&u);
}

static void a_provisional_response_slows_timer_e_to_t2(void **state)
{
	struct user u;

	(void)state;
	begin(&u);
	start(&u, "OPTIONS", SIP_TRANSPORT_UDP, 0);
	sip_raw_run(u.sim, 600);
	sip_raw_reply(&u.peer, 100, NULL);
	sip_raw_run(u.sim, 9000);
	assert_log(&u.peer.log,
		"1 OPTIONS\n501 OPTIONS\n4602 OPTIONS\n8602 OPTIONS\n");
	sip_raw_reply(&u.peer, 200, "x");
	sip_raw_run(u.sim, 10);
	assert_log(&u.log, "601 100\n9601 200\n9601 ended\n");
	assert_int_equal(sip_transactions_count(u.ts), 1); /* timer K */
	sip_raw_run(u.sim, 4999);
	assert_int_equal(sip_transactions_count(u.ts), 0);
	end(&u);
}

static void a_provisional_response_ends_timers_a_and_b(void **state)
{
	struct user u;

	(void)state;
	begin(&u);
	start(&u, "INVITE", SIP_TRANSPORT_UDP, 0);
	sip_raw_run(u.sim, 600);
	sip_raw_reply(&u.peer, 180, "x");
	sip_raw_run(u.sim, 600000);
	assert_log(&u.peer.log, "1 INVITE\n501 INVITE\n");
	assert_log(&u.log, "601 180\n");
	sip_raw_reply(&u.peer, 486, "x");
	sip_raw_run(u.sim, 10);
	assert_log(&u.log, "600601 486\n600601 ended\n");
	sip_raw_run(u.sim, 32000);
	end(&u);
}

/* ---- responses ------------------------------------------------------------------- */

static void a_refusal_is_seen_once_and_acknowledged_each_time(void **state)
{
	struct user u;

	(void)state;
	begin(&u);
	start(&u, "INVITE", SIP_TRANSPORT_UDP, 0);
	sip_raw_run(u.sim, 10);
	struct buf invite = BUF_INIT(1 << 16);
	buf_span(&invite, buf_view(&u.peer.last));
	for (int i = 0; i < 3; i++) {
		sip_scan(&u.peer.scan, buf_view(&invite));
		sip_raw_reply(&u.peer, 486, "x");
		sip_raw_run(u.sim, 500);
	}
	assert_log(&u.log, "11 486\n11 ended\n");
	assert_log(&u.peer.log, "1 INVITE\n12 ACK\n512 ACK\n1012 ACK\n");
	/* 17.1.1.3: the Via of the INVITE alone, and the To of the response */
	struct sip_scan sent;
	sip_scan(&sent, buf_view(&invite));
	sip_scan(&u.peer.scan, buf_view(&u.peer.last));
	assert_true(span_equal(sip_scan_value(&sent, SIP_HDR_VIA),
		sip_scan_value(&u.peer.scan, SIP_HDR_VIA)));
	assert_span(sip_scan_value(&u.peer.scan, SIP_HDR_TO),
		"<sip:b@192.0.2.2>;tag=x");
	assert_span(sip_scan_value(&u.peer.scan, SIP_HDR_CSEQ), "1 ACK");
	/* timer D */
	sip_raw_run(u.sim, 30400);
	assert_int_equal(sip_transactions_count(u.ts), 1);
	sip_raw_run(u.sim, 200);
	buf_clear(&invite);
	end(&u);
}

static void every_2xx_of_an_invite_is_seen_until_timer_m(void **state)
{
	struct user u;

	(void)state;
	begin(&u);
	start(&u, "INVITE", SIP_TRANSPORT_UDP, 0);
	sip_raw_run(u.sim, 10);
	sip_raw_reply(&u.peer, 200, "x");
	sip_raw_run(u.sim, 10);
	sip_raw_reply(&u.peer, 200, "y");
	sip_raw_run(u.sim, 10);
	sip_raw_reply(&u.peer, 486, "z"); /* after a 2xx: nobody's */
	sip_raw_run(u.sim, 40000);
	assert_log(&u.log, "11 200\n21 200\n32011 ended\n");
	assert_log(&u.peer.log, "1 INVITE\n"); /* its ACK is the user's */
	end(&u);
}

static void a_response_is_seen_once_however_often_it_comes(void **state)
{
	struct user u;
	struct sim_faults f = {
		.duplicate = 1, .delay_min = USEC_MS, .delay_max = USEC_MS
	};

	(void)state;
	begin(&u);
	sim_set_faults(u.sim, &f);
	start(&u, "INVITE", SIP_TRANSPORT_UDP, 0);
	sip_raw_run(u.sim, 10);
	sip_raw_reply(&u.peer, 180, "x");
	sip_raw_run(u.sim, 10);
	sip_raw_reply(&u.peer, 183, "x");
	sip_raw_reply(&u.peer, 180, "x");
	sip_raw_run(u.sim, 10);
	sip_raw_reply(&u.peer, 404, "x");
	sip_raw_run(u.sim, 40000);
	assert_log(&u.log, "11 180\n21 183\n31 404\n31 ended\n");
	end(&u);
}

static void a_response_with_a_via_that_is_not_ours_is_dropped(void **state)
{
	struct user u;
	char *text;

	(void)state;
	begin(&u);
	start(&u, "OPTIONS", SIP_TRANSPORT_UDP, 0);
	sip_raw_run(u.sim, 10);
	text = mem_format("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.7:5060"
			  ";branch=%.*s\r\nFrom: <sip:a@192.0.2.1>;tag=fa\r\n"
			  "To: <sip:b@192.0.2.2>;tag=x\r\nCall-ID: one\r\n"
			  "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
		SPAN_ARGS(sip_client_branch(u.client)));
	sip_raw_send(&u.peer, "192.0.2.1:5060", text);
	mem_free(text);
	sip_raw_run(u.sim, 10);
	assert_log(&u.log, "");
	sip_raw_reply(&u.peer, 200, "x"); /* the legitimate twin */
	sip_raw_run(u.sim, 5100);
	assert_log(&u.log, "21 200\n21 ended\n");
	end(&u);
}

/* ---- CANCEL (9.1) -------------------------------------------------------------------- */

static void a_cancel_waits_for_a_provisional_response(void **state)
{
	struct user u;

	(void)state;
	begin(&u);
	start(&u, "INVITE", SIP_TRANSPORT_UDP, 0);
	sip_client_cancel(u.client, SPAN("Reason: SIP;cause=200\r\n"));
	sip_raw_run(u.sim, 600);
	assert_log(&u.peer.log, "1 INVITE\n501 INVITE\n");
	sip_raw_reply(&u.peer, 100, NULL);
	sip_raw_run(u.sim, 2);
	assert_log(&u.peer.log, "602 CANCEL\n");
	assert_span(
		sip_scan_value(&u.peer.scan, SIP_HDR_REASON), "SIP;cause=200");
	assert_span(sip_scan_value(&u.peer.scan, SIP_HDR_CSEQ), "1 CANCEL");
	struct sip_values via = SIP_VALUES_INIT;
	struct sip_via v;
	assert_true(sip_scan_values(&u.peer.scan, SIP_HDR_VIA, &via));
	assert_true(sip_via_parse(&v, via.value, NULL));
	assert_true(span_equal(v.branch, sip_client_branch(u.client)));
	assert_false(sip_scan_values(&u.peer.scan, SIP_HDR_VIA, &via));
	sip_raw_reply(&u.peer, 200, "x");
	sip_raw_run(u.sim, 60000);
	/* 64*T1 without a final response: it is cancelled all the same */
	assert_log(&u.log, "601 100\n32601 ended 6\n");
	assert_string_equal(u.condition, "cancelled");
	end(&u);
}

static void a_lost_cancel_is_sent_again(void **state)
{
	struct user u;

	(void)state;
	begin(&u);
	start(&u, "INVITE", SIP_TRANSPORT_UDP, 0);
	sip_raw_run(u.sim, 10);
	sip_raw_reply(&u.peer, 180, "x");
	struct buf invite = BUF_INIT(1 << 16);
	buf_span(&invite, buf_view(&u.peer.last));
	sip_raw_run(u.sim, 90);
	sip_client_cancel(u.client, SPAN_EMPTY);
	sip_client_cancel(u.client, SPAN_EMPTY);
	sip_raw_run(u.sim, 2000);
	assert_log(
		&u.peer.log, "1 INVITE\n101 CANCEL\n601 CANCEL\n1601 CANCEL\n");
	sip_raw_reply(&u.peer, 200, "x");
	sip_scan(&u.peer.scan, buf_view(&invite));
	sip_raw_reply(&u.peer, 487, "x");
	sip_raw_run(u.sim, 40000);
	assert_log(&u.peer.log, "2102 ACK\n");
	assert_log(&u.log, "11 180\n2101 487\n2101 ended\n");
	buf_clear(&invite);
	end(&u);
}

/* ---- transports ------------------------------------------------------------------------ */

static void an_icmp_error_ends_it_at_once(void **state)
{
	struct user u;

	(void)state;
	begin(&u);
	sip_raw_close(&u.peer);
	start(&u, "OPTIONS", SIP_TRANSPORT_UDP, 0);
	sip_raw_run(u.sim, 400);
	assert_log(&u.log, "2 ended 3\n");
	sip_raw_open(&u.peer, u.sim, "192.0.2.2:5060");
	end(&u);
}

static void a_refused_stream_ends_it_at_once(void **state)
{
	struct user u;

	(void)state;
	begin(&u);
	start(&u, "OPTIONS", SIP_TRANSPORT_TCP, 0);
	sip_raw_run(u.sim, 400);
	assert_log(&u.log, "2 ended 3\n");
	end(&u);
}

static void a_large_request_comes_back_to_udp_where_tcp_is_refused(void **state)
{
	struct user u;

	(void)state;
	begin(&u);
	start(&u, "MESSAGE", SIP_TRANSPORT_UDP, 1200);
	sip_raw_run(u.sim, 100);
	assert_log(&u.peer.log, "3 MESSAGE\n");
	assert_true(u.peer.last.len > SIP_UDP_REQUEST_MAX);
	sip_raw_run(u.sim, 900);
	assert_log(&u.peer.log, "503 MESSAGE\n"); /* and is repeated there */
	sip_raw_reply(&u.peer, 200, "x");
	sip_raw_run(u.sim, 6000);
	assert_log(&u.log, "1001 200\n1001 ended\n");
	end(&u);
}

static void a_request_of_1300_bytes_stays_on_udp(void **state)
{
	struct user u;

	(void)state;
	begin(&u);
	start(&u, "MESSAGE", SIP_TRANSPORT_UDP, 1);
	sip_raw_run(u.sim, 10);
	size_t room = SIP_UDP_REQUEST_MAX - u.peer.last.len;
	sip_raw_reply(&u.peer, 200, "x");
	sip_raw_run(u.sim, 6000);
	buf_reset(&u.log);
	buf_reset(&u.peer.log);
	/* Content-Length has four digits then instead of one. */
	start(&u, "MESSAGE", SIP_TRANSPORT_UDP, 1 + room - 3);
	sip_raw_run(u.sim, 10);
	assert_int_equal(u.peer.last.len, SIP_UDP_REQUEST_MAX);
	sip_raw_reply(&u.peer, 200, "x");
	sip_raw_run(u.sim, 6000);
	assert_log(&u.log, "6021 200\n6021 ended\n");
	end(&u);
}

static void more_than_the_limit_are_refused(void **state)
{
	struct sim *sim = sim_new(1);
	struct sip_transactions_settings s = { .loop = sim_loop(sim),
		.max = 1 };
	struct sip_transport_settings t = { .loop = sim_loop(sim) };
	static const struct sip_transactions_handlers none = {
		.request = no_request, .ack = no_flow, .unreadable = no_flow
	};
	struct sip_target target = { SIP_TRANSPORT_UDP,
		sip_raw_at("192.0.2.2:5060"), NULL };
	struct err e = ERR_NONE;
	char *text = request("OPTIONS", 0);

	(void)state;
	struct sip_transactions *ts = sip_transactions_new(&s, &t, &none, NULL);
	assert_non_null(
		sip_client_new(ts, span_of(text), &target, NULL, NULL, &e));
	assert_null(sip_client_new(ts, span_of(text), &target, NULL, NULL, &e));
	assert_int_equal(e.status, STATUS_INTERNAL);
	sip_transactions_free(ts);
	assert_int_equal(sim_set_timers(sim), 0);
	assert_int_equal(sim_open_sockets(sim), 0);
	sim_free(sim);
	mem_free(text);
}

TEST_MAIN(cmocka_unit_test(options_go_out_by_timer_e_until_timer_f),
	cmocka_unit_test(an_invite_goes_out_by_timer_a_until_timer_b),
	cmocka_unit_test(a_provisional_response_slows_timer_e_to_t2),
	cmocka_unit_test(a_provisional_response_ends_timers_a_and_b),
	cmocka_unit_test(a_refusal_is_seen_once_and_acknowledged_each_time),
	cmocka_unit_test(every_2xx_of_an_invite_is_seen_until_timer_m),
	cmocka_unit_test(a_response_is_seen_once_however_often_it_comes),
	cmocka_unit_test(a_response_with_a_via_that_is_not_ours_is_dropped),
	cmocka_unit_test(a_cancel_waits_for_a_provisional_response),
	cmocka_unit_test(a_lost_cancel_is_sent_again),
	cmocka_unit_test(an_icmp_error_ends_it_at_once),
	cmocka_unit_test(a_refused_stream_ends_it_at_once),
	cmocka_unit_test(
		a_large_request_comes_back_to_udp_where_tcp_is_refused),
	cmocka_unit_test(a_request_of_1300_bytes_stays_on_udp),
	cmocka_unit_test(more_than_the_limit_are_refused))
