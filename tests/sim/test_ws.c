/* WebSockets on the simulated network: in plain and on TLS, both ends in
 * order, and each end against a far side that is silent, wrong or gone. */
#include "tests/common/test.h"

#include <string.h>

#include "base/mem.h"
#include "net/sim.h"
#include "net/ws.h"
#include "tests/common/certs.h"
#include "tests/common/ends.h"

#define AT "192.0.2.7:80"
#define MAX 100000

/* One end; what it does on its own is said by its hooks. */
struct party {
	struct ws *ws;
	struct buf got; /* messages, each with a line feed */
	struct err e;
	int opens, closes, messages, drains;
	bool frees_on_open, frees_on_message, pauses_on_message, echoes;
};

static struct sim *sim;
static struct listener *listener;
static struct endpoint at;
static struct party near, far;
static struct ws_settings near_settings, far_settings;
static struct tls_config *client_tls, *server_tls;

/* The raw end, where one side is no WebSocket or a bad one. */
static struct ends raw;

static void on_open(void *arg)
{
	struct party *p = arg;
	p->opens++;
	if (p->frees_on_open) {
		ws_free(p->ws);
		p->ws = NULL;
	}
}

static void on_message(void *arg, bool is_text, struct span bytes)
{
	struct party *p = arg;
	p->messages++;
	buf_str(&p->got, is_text ? "t:" : "b:");
	buf_span(&p->got, bytes);
	buf_char(&p->got, '\n');
	if (p->echoes)
		ws_send(p->ws, is_text, bytes);
	if (p->pauses_on_message)
		ws_pause(p->ws, true);
	if (p->frees_on_message) {
		ws_free(p->ws);
		p->ws = NULL;
	}
}

static void on_drained(void *arg)
{
	struct party *p = arg;
	p->drains++;
}

static void on_closed(void *arg, const struct err *e)
{
	struct party *p = arg;
	p->closes++;
	p->e = *e;
}

static const struct ws_handlers handlers = {
	.open = on_open,
	.message = on_message,
	.drained = on_drained,
	.closed = on_closed,
};

static void on_offer(
	void *arg, struct accepted *offer, const struct endpoint *from)
{
	(void)arg;
	(void)from;
	far.ws =
		ws_accept(sim_loop(sim), offer, &far_settings, &handlers, &far);
}

static void begin(uint64_t seed)
{
	sim = sim_new(seed);
	at = endpoint_at(AT);
	near = far = (struct party){ .got = BUF_INIT(1 << 24) };
	far_settings = near_settings = (struct ws_settings){
		.conn = { .addresses = &at, .count = 1 },
		.terms = { .host = "a.example",
			.path = "/ws",
			.protocol = "sip" },
		.max_message = MAX,
	};
	listener = NULL;
	raw = (struct ends){ 0 };
}

static void listen_here(void)
{
	struct err e = ERR_NONE;
	listener = listener_new(sim_loop(sim), &at, on_offer, NULL, &e);
	assert_ok(listener != NULL, &e);
}

static void connect_near(void)
{
	near.ws = ws_connect(sim_loop(sim), &near_settings, &handlers, &near);
}

static bool both_are_open(void *arg)
{
	(void)arg;
	return near.opens && far.opens;
}

static bool both_are_closed(void *arg)
{
	(void)arg;
	return near.closes && far.closes;
}

static bool near_is_closed(void *arg)
{
	(void)arg;
	return near.closes > 0;
}

static bool far_is_closed(void *arg)
{
	(void)arg;
	return far.closes > 0;
}

static bool far_has_heard(void *arg)
{
	return far.messages >= *(int *)arg;
}

static void begin_open(uint64_t seed)
{
	begin(seed);
	listen_here();
	connect_near();
	assert_true(sim_run(sim, both_are_open, NULL, USEC_SEC));
}

static void end(void)
{
	ws_free(near.ws);
	ws_free(far.ws);
	listener_free(listener);
	if (raw.loop)
		ends_clear(&raw);
	buf_clear(&near.got);
	buf_clear(&far.got);
	sim_run(sim, NULL, NULL, 5 * USEC_SEC);
	assert_int_equal(sim_open_sockets(sim), 0);
	assert_int_equal(sim_set_timers(sim), 0);
	tls_config_free(client_tls);
	tls_config_free(server_tls);
	client_tls = server_tls = NULL;
	sim_free(sim);
}

/* A raw server, which the WebSocket near connects to. */
static void raw_server(void)
{
	ends_init(&raw, sim_loop(sim), AT);
	connect_near();
}

/* A raw client of the WebSocket far. */
static void raw_client(void)
{
	listen_here();
	raw.loop = sim_loop(sim);
	raw.near.all = &raw;
	raw.at = at;
	buf_init(&raw.near.got, 1 << 20);
	ends_connect(&raw);
}

static bool raw_server_is_asked(void *arg)
{
	(void)arg;
	return span_ends(buf_view(&raw.far.got), "\r\n\r\n");
}

/* The answer to the request that came. */
static void answer_near(const char *behind)
{
	struct http_head head;
	struct err e = ERR_NONE;
	struct buf answer = BUF_INIT(4096);
	assert_true(sim_run(sim, raw_server_is_asked, NULL, USEC_SEC));
	assert_int_equal(
		http_head_parse_request(&head, buf_view(&raw.far.got), &e),
		HTTP_HEAD_DONE);
	ws_response_format(&answer, &head, "sip");
	buf_str(&answer, behind);
	assert_true(conn_write(raw.far.conn, buf_view(&answer)));
	buf_clear(&answer);
}

#define ASKS                                                                   \
	"GET /ws HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\n"        \
	"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"                 \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"                      \
	"Sec-WebSocket-Protocol: sip\r\n\r\n"

static void check_fault(
	const struct party *p, enum status status, const char *sentence)
{
	assert_int_equal(p->closes, 1);
	if (p->e.status != status || !strstr(p->e.text, sentence))
		fail_msg("wanted %d \"%s\", came %d \"%s\"", status, sentence,
			p->e.status, p->e.text);
}

/* ---- in order ---- */

static void exchange(void)
{
	assert_true(ws_send(near.ws, true, SPAN("hello")));
	assert_true(ws_send(near.ws, false, SPAN("\xff\0x")));
	int two = 2;
	assert_true(sim_run(sim, far_has_heard, &two, USEC_SEC));
	assert_true(
		span_equal(buf_view(&far.got), SPAN("t:hello\nb:\xff\0x\n")));
	assert_true(ws_send(far.ws, true, SPAN("hi")));
	assert_true(ws_send(far.ws, true, SPAN("")));
	sim_run(sim, NULL, NULL, USEC_SEC);
	assert_string_equal(buf_text(&near.got), "t:hi\nt:\n");
}

static void check_both_in_order(void)
{
	assert_int_equal(near.closes, 1);
	assert_ok(!err_is_set(&near.e), &near.e);
	assert_int_equal(far.closes, 1);
	assert_ok(!err_is_set(&far.e), &far.e);
}

static void messages_go_both_ways(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		begin(seed);
		struct sim_faults pieces = { .delay_min = USEC_MS,
			.delay_max = 9 * USEC_MS,
			.segment = seed };
		sim_set_faults(sim, &pieces);
		listen_here();
		connect_near();
		assert_true(sim_run(sim, both_are_open, NULL, 60 * USEC_SEC));
		exchange();
		ws_close(seed % 2 ? near.ws : far.ws, WS_CODE_NORMAL, "bye");
		assert_true(sim_run(sim, both_are_closed, NULL, 2 * USEC_SEC));
		check_both_in_order();
		end();
	}
}

static void make_tls(void)
{
	static const char *const names[] = { "a.example" };
	struct err e = ERR_NONE;
	char *ca = mem_str(certs_path("ca.pem"));
	char *cert = mem_str(certs_path("cert.pem"));
	char *key = mem_str(certs_path("key.pem"));
	struct tls_settings cs = { .ca_file = ca, .alpn = "http/1.1" };
	struct tls_settings ss = { .server = true,
		.cert_file = cert,
		.key_file = key,
		.alpn = "http/1.1" };
	assert_ok(tls_make_certificate(names, 1, ca, cert, key,
			  loop_wall(sim_loop(sim)), 30, &e),
		&e);
	client_tls = tls_config_new(&cs, &e);
	assert_ok(client_tls != NULL, &e);
	server_tls = tls_config_new(&ss, &e);
	assert_ok(server_tls != NULL, &e);
	near_settings.conn.tls = client_tls;
	near_settings.conn.peer.name = "a.example";
	far_settings.conn.tls = server_tls;
	mem_free(ca);
	mem_free(cert);
	mem_free(key);
}

static void tls_may_be_below(void **state)
{
	(void)state;
	begin(1);
	make_tls();
	listen_here();
	connect_near();
	assert_true(sim_run(sim, both_are_open, NULL, USEC_SEC));
	assert_non_null(conn_tls(ws_conn(near.ws)));
	exchange();
	ws_close(near.ws, WS_CODE_NORMAL, NULL);
	assert_true(sim_run(sim, both_are_closed, NULL, 2 * USEC_SEC));
	check_both_in_order();
	end();
}

static void a_certificate_of_another_is_refused(void **state)
{
	(void)state;
	begin(1);
	make_tls();
	near_settings.conn.peer.name = "b.example";
	listen_here();
	connect_near();
	assert_true(sim_run(sim, near_is_closed, NULL, USEC_SEC));
	check_fault(&near, STATUS_TLS, "a.example");
	assert_int_equal(near.opens, 0);
	end();
}

static void large_messages_arrive_whole(void **state)
{
	(void)state;
	begin_open(1);
	struct buf big = BUF_INIT(MAX);
	while (big.len < MAX)
		buf_char(&big, (char)('a' + big.len % 26));
	far.echoes = true;
	assert_true(ws_send(near.ws, true, buf_view(&big)));
	sim_run(sim, NULL, NULL, USEC_SEC);
	assert_int_equal(near.messages, 1);
	assert_int_equal(near.got.len, MAX + 3);
	assert_memory_equal(near.got.data + 2, big.data, MAX);
	buf_clear(&big);
	end();
}

static void a_full_queue_takes_nothing_and_tells(void **state)
{
	(void)state;
	begin(1);
	near_settings.conn.max_out = 20000;
	far.pauses_on_message = true;
	listen_here();
	connect_near();
	assert_true(sim_run(sim, both_are_open, NULL, USEC_SEC));
	int sent = 0, heard = 1;
	char line[1000] = "";
	memset(line, 'x', sizeof(line));
	while (ws_send(near.ws, true, span_from(line, sizeof(line))))
		sent++;
	assert_true(sent >= 18);
	assert_true(sim_run(sim, far_has_heard, &heard, USEC_SEC));
	sim_run(sim, NULL, NULL, USEC_SEC);
	assert_int_equal(far.messages, 1);
	far.pauses_on_message = false;
	ws_pause(far.ws, false);
	assert_true(sim_run(sim, far_has_heard, &sent, USEC_SEC));
	assert_int_equal(near.drains, 1);
	assert_false(ws_send(near.ws, true,
		span_from(far.got.data, 19990 + WS_FRAME_OVERHEAD)));
	end();
}

static void each_message_can_be_the_last_for_now(void **state)
{
	(void)state;
	begin_open(1);
	far.pauses_on_message = true;
	for (int i = 0; i < 5; i++)
		ws_send(near.ws, true, SPAN("x"));
	ws_close(near.ws, WS_CODE_NORMAL, NULL);
	for (int i = 1; i <= 5; i++) {
		sim_run(sim, NULL, NULL, USEC_MS * 50);
		assert_int_equal(far.messages, i);
		ws_pause(far.ws, false);
	}
	assert_true(sim_run(sim, both_are_closed, NULL, 2 * USEC_SEC));
	check_both_in_order();
	end();
}

static void handlers_may_free_it(void **state)
{
	(void)state;
	begin(1);
	near.frees_on_open = true;
	listen_here();
	connect_near();
	assert_true(sim_run(sim, far_is_closed, NULL, 2 * USEC_SEC));
	check_fault(&far, STATUS_UNREACHABLE, "");
	end();

	begin_open(2);
	far.frees_on_message = true;
	ws_send(near.ws, true, SPAN("x"));
	ws_send(near.ws, true, SPAN("y"));
	assert_true(sim_run(sim, near_is_closed, NULL, 2 * USEC_SEC));
	assert_string_equal(buf_text(&far.got), "t:x\n");
	end();
}

static void who_leaves_says_so(void **state)
{
	(void)state;
	begin_open(1);
	ws_send(near.ws, true, SPAN("last words"));
	ws_leave(near.ws);
	near.ws = NULL;
	assert_true(sim_run(sim, far_is_closed, NULL, 2 * USEC_SEC));
	assert_ok(!err_is_set(&far.e), &far.e);
	assert_string_equal(buf_text(&far.got), "t:last words\n");
	end();
}

/* ---- time ---- */

static void quiet_connections_are_kept_and_dead_ones_noticed(void **state)
{
	(void)state;
	begin(1);
	near_settings.keepalive = WS_KEEPALIVE;
	listen_here();
	connect_near();
	assert_true(sim_run(sim, both_are_open, NULL, USEC_SEC));
	uint64_t before = sim_packets_sent(sim);
	sim_run(sim, NULL, NULL, 3600 * USEC_SEC);
	assert_int_equal(near.closes, 0);
	assert_in_range(sim_packets_sent(sim) - before, 200, 600);
	usec_t cut = loop_now(sim_loop(sim));
	sim_cut(sim, &at, true);
	assert_true(sim_run(sim, near_is_closed, NULL, 3 * WS_KEEPALIVE));
	check_fault(&near, STATUS_TIMEOUT, "has been silent for");
	assert_true(loop_now(sim_loop(sim)) - cut <= 2 * WS_KEEPALIVE);
	sim_cut(sim, &at, false);
	end();
}

static void a_handshake_that_never_ends_is_ended(void **state)
{
	(void)state;
	begin(1);
	raw_server();
	assert_true(sim_run(
		sim, near_is_closed, NULL, WS_HANDSHAKE_DEADLINE + USEC_SEC));
	check_fault(&near, STATUS_TIMEOUT, "middle of the WebSocket handshake");
	assert_true(near.e.retryable);
	end();

	begin(1);
	raw_client();
	sim_run(sim, NULL, NULL, USEC_SEC);
	/* A byte now and then buys no time. */
	for (int i = 0; i < 12 && !far.closes; i++) {
		end_say(&raw.near, i ? "a" : "GET /");
		sim_run(sim, NULL, NULL, USEC_SEC);
	}
	check_fault(&far, STATUS_TIMEOUT, "middle of the WebSocket handshake");
	end();
}

static void who_does_not_answer_a_close_is_left(void **state)
{
	(void)state;
	begin(1);
	raw_server();
	answer_near("");
	sim_run(sim, NULL, NULL, USEC_SEC);
	assert_int_equal(near.opens, 1);
	ws_close(near.ws, WS_CODE_NORMAL, NULL);
	usec_t before = loop_now(sim_loop(sim));
	assert_true(sim_run(sim, near_is_closed, NULL, 3 * USEC_SEC));
	assert_true(loop_now(sim_loop(sim)) - before <= 2 * USEC_SEC);
	assert_ok(!err_is_set(&near.e), &near.e);
	end();
}

/* ---- what is wrong ---- */

static void a_server_that_is_none_is_left(void **state)
{
	(void)state;
	static const struct {
		const char *says;
		enum status status;
		const char *sentence;
	} cases[] = {
		{ "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
			STATUS_REFUSED, "192.0.2.7:80: answers 404 Not Found" },
		{ "SSH-2.0-OpenSSH\r\n", STATUS_MALFORMED, "no HTTP/1.1" },
		{ "HTTP/1.1 101 x\r\nUpgrade: websocket\r\n"
		  "Connection: Upgrade\r\n\r\n",
			STATUS_MALFORMED, "Sec-WebSocket-Accept" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		begin(1);
		raw_server();
		assert_true(sim_run(sim, raw_server_is_asked, NULL, USEC_SEC));
		end_say(&raw.far, cases[i].says);
		assert_true(sim_run(sim, near_is_closed, NULL, 2 * USEC_SEC));
		check_fault(&near, cases[i].status, cases[i].sentence);
		assert_int_equal(near.opens, 0);
		end();
	}
}

static void an_endless_head_is_refused(void **state)
{
	(void)state;
	begin(1);
	raw_client();
	end_say(&raw.near, "GET /");
	for (int i = 0; i < 2 * HTTP_HEAD_MAX / 1000; i++) {
		char many[1001];
		memset(many, 'a', 1000);
		many[1000] = '\0';
		end_say(&raw.near, many);
	}
	sim_run(sim, NULL, NULL, 3 * USEC_SEC);
	assert_true(span_starts(
		buf_view(&raw.near.got), "HTTP/1.1 431 Request Header"));
	check_fault(&far, STATUS_MALFORMED, "more than 8192 bytes");
	end();
}

static void a_client_hears_what_it_did(void **state)
{
	(void)state;
	static const struct {
		struct span frames;
		int code;
		enum status status;
	} cases[] = {
		{ SPAN("\x81\x05Hello"), 1002, STATUS_MALFORMED },
		{ SPAN("\x81\x81\0\0\0\0\xff"), 1007, STATUS_MALFORMED },
		{ SPAN("\x81\xff\0\0\0\0\0\1\x86\xa1\0\0\0\0x"), 1009,
			STATUS_MALFORMED },
		{ SPAN("\x88\x82\0\0\0\0\x03\xe8"), 1000, STATUS_DONE },
		{ SPAN("\x88\x82\0\0\0\0\x03\xf0"), 1008, STATUS_REFUSED },
		{ SPAN("\x88\x82\0\0\0\0\x03\xf4"), 1012, STATUS_UNREACHABLE },
		{ SPAN("\x88\x80\0\0\0\0"), 0, STATUS_DONE },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		begin(1);
		raw_client();
		end_say(&raw.near, ASKS);
		sim_run(sim, NULL, NULL, USEC_SEC);
		size_t before = raw.near.got.len;
		assert_int_equal(far.opens, 1);
		assert_true(conn_write(raw.near.conn, cases[i].frames));
		assert_true(sim_run(sim, far_is_closed, NULL, 3 * USEC_SEC));
		sim_run(sim, NULL, NULL, USEC_SEC);
		if (far.e.status != cases[i].status || far.messages)
			fail_msg("case %zu: %d, %s", i, far.e.status,
				far.e.text);
		struct span answer = span_skip(buf_view(&raw.near.got), before);
		const unsigned char *p = (const unsigned char *)answer.p;
		assert_true(answer.n >= 2 && p[0] == 0x88);
		int code = p[1] >= 2 ? p[2] * 256 + p[3] : 0;
		assert_int_equal(code, cases[i].code);
		end();
	}
}

static void a_frame_behind_the_answer_is_read(void **state)
{
	(void)state;
	begin(1);
	raw_server();
	answer_near("\x81\x05Hello");
	sim_run(sim, NULL, NULL, USEC_SEC);
	assert_string_equal(buf_text(&near.got), "t:Hello\n");
	end();
}

static void pings_are_answered_and_do_not_pile_up(void **state)
{
	(void)state;
	begin(1);
	far_settings.conn.max_out = 4096;
	raw_client();
	raw.near.pauses = true;
	end_say(&raw.near, ASKS);
	sim_run(sim, NULL, NULL, USEC_SEC);
	struct span ping = SPAN("\x89\x84\0\0\0\0ping");
	for (int i = 0; i < 50000; i++)
		conn_write(raw.near.conn, ping);
	sim_run(sim, NULL, NULL, USEC_SEC);
	assert_true(ws_queued(far.ws) <= 4096);
	raw.near.pauses = false;
	conn_pause(raw.near.conn, false);
	sim_run(sim, NULL, NULL, USEC_SEC);
	assert_int_equal(far.closes, 0);
	assert_true(span_find_span(buf_view(&raw.near.got),
			    SPAN("\x8a\x04ping\x8a\x04ping"),
			    0) < raw.near.got.len);
	end();
}

static void a_cut_is_no_end_in_order(void **state)
{
	(void)state;
	begin(1);
	raw_server();
	answer_near("\x81\x05Hel");
	sim_run(sim, NULL, NULL, USEC_SEC);
	assert_int_equal(near.opens, 1);
	conn_close(raw.far.conn);
	assert_true(sim_run(sim, near_is_closed, NULL, 2 * USEC_SEC));
	check_fault(&near, STATUS_UNREACHABLE,
		"192.0.2.7:80: ended without closing the WebSocket");
	assert_true(near.e.retryable);
	end();
}

static void nobody_there_is_said_as_for_any_connection(void **state)
{
	(void)state;
	begin(1);
	listen_here();
	listener_free(listener);
	listener = NULL;
	connect_near();
	assert_true(sim_run(sim, near_is_closed, NULL, 2 * USEC_SEC));
	check_fault(&near, STATUS_UNREACHABLE, "refused");
	end();
}

static int clean_up(void **state)
{
	(void)state;
	certs_clear();
	return 0;
}

TEST_MAIN(cmocka_unit_test(messages_go_both_ways),
	cmocka_unit_test_teardown(tls_may_be_below, clean_up),
	cmocka_unit_test_teardown(
		a_certificate_of_another_is_refused, clean_up),
	cmocka_unit_test(large_messages_arrive_whole),
	cmocka_unit_test(a_full_queue_takes_nothing_and_tells),
	cmocka_unit_test(each_message_can_be_the_last_for_now),
	cmocka_unit_test(handlers_may_free_it),
	cmocka_unit_test(who_leaves_says_so),
	cmocka_unit_test(quiet_connections_are_kept_and_dead_ones_noticed),
	cmocka_unit_test(a_handshake_that_never_ends_is_ended),
	cmocka_unit_test(who_does_not_answer_a_close_is_left),
	cmocka_unit_test(a_server_that_is_none_is_left),
	cmocka_unit_test(an_endless_head_is_refused),
	cmocka_unit_test(a_client_hears_what_it_did),
	cmocka_unit_test(a_frame_behind_the_answer_is_read),
	cmocka_unit_test(pings_are_answered_and_do_not_pile_up),
	cmocka_unit_test(a_cut_is_no_end_in_order),
	cmocka_unit_test(nobody_there_is_said_as_for_any_connection))
