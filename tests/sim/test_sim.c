/* The simulated network itself: what everything with a timer is tested on. */
#include "tests/common/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/rand.h"
#include "net/dgram.h"
#include "net/sim.h"
#include "net/sock.h"

static struct endpoint at(const char *text)
{
	struct endpoint a;
	struct err e = ERR_NONE;
	assert_ok(endpoint_parse(&a, span_of(text), 0, &e), &e);
	return a;
}

/* ---- datagrams ---- */

/* One end: what it got, as text "time bytes from", and how often. */
struct party {
	struct sim *sim;
	struct dgram *dgram;
	struct buf log;
	int got, refused, echoes;
	uint32_t last_number;
	int out_of_order;
	struct err e;
};

static void log_packet(void *arg, const struct dgram_packet *p)
{
	struct party *a = arg;
	char from[ENDPOINT_TEXT_SIZE], to[ENDPOINT_TEXT_SIZE];
	a->got++;
	buf_printf(&a->log, "%lld %.*s %s>%s\n",
		(long long)loop_now(sim_loop(a->sim)), SPAN_ARGS(p->bytes),
		endpoint_format(from, &p->from), endpoint_format(to, &p->to));
	uint32_t number = 0;
	if (span_to_u32(p->bytes, UINT32_MAX, &number)) {
		if (number < a->last_number)
			a->out_of_order++;
		a->last_number = number;
	}
	if (a->echoes)
		dgram_send(a->dgram, p->bytes, &p->from, NULL);
}

static void log_refusal(
	void *arg, const struct endpoint *to, const struct err *e)
{
	struct party *a = arg;
	char text[ENDPOINT_TEXT_SIZE];
	a->refused++;
	a->e = *e;
	buf_printf(&a->log, "unreachable %s\n", endpoint_format(text, to));
}

static const struct dgram_handlers logging = { log_packet, log_refusal };

static void party_init(struct party *a, struct sim *s, const char *address)
{
	struct endpoint local = at(address);
	struct err e = ERR_NONE;
	*a = (struct party){ .sim = s, .log = BUF_INIT(1 << 24) };
	a->dgram = dgram_new(sim_loop(s), &local, &logging, a, &e);
	assert_ok(a->dgram != NULL, &e);
}

static void party_clear(struct party *a)
{
	dgram_free(a->dgram);
	buf_clear(&a->log);
}

static void send_numbers(struct party *from, struct party *to, int count)
{
	for (int i = 1; i <= count; i++) {
		char text[12];
		struct err e = ERR_NONE;
		snprintf(text, sizeof(text), "%d", i);
		assert_ok(dgram_send(from->dgram, span_of(text),
				  dgram_local(to->dgram), &e),
			&e);
		sim_run(from->sim, NULL, NULL, USEC_MS);
	}
	sim_run(from->sim, NULL, NULL, USEC_SEC);
}

static const struct sim_faults hard = { .loss = 0.2,
	.duplicate = 0.05,
	.reorder = 0.1,
	.delay_min = 5 * USEC_MS,
	.delay_max = 40 * USEC_MS };

/* Two parties in each other's faults; returns what both saw. */
static char *trace(uint64_t seed)
{
	struct sim *s = sim_new(seed);
	struct party a, b;
	struct buf both = BUF_INIT(1 << 24);
	party_init(&a, s, "192.0.2.10:5060");
	party_init(&b, s, "[2001:db8::5]:5060");
	party_clear(&b);
	party_init(&b, s, "198.51.100.7:0");
	b.echoes = 1;
	sim_set_faults(s, &hard);
	send_numbers(&a, &b, 300);
	buf_printf(&both, "%llu\n", (unsigned long long)rand_below(UINT64_MAX));
	buf_span(&both, buf_view(&a.log));
	buf_span(&both, buf_view(&b.log));
	party_clear(&a);
	party_clear(&b);
	sim_free(s);
	return buf_take(&both);
}

static void the_same_seed_gives_the_same_trace(void **state)
{
	char *first = trace(42), *second = trace(42), *other = trace(43);
	(void)state;
	assert_true(strlen(first) > 5000);
	assert_string_equal(first, second);
	assert_string_not_equal(first, other);
	free(first);
	free(second);
	free(other);
}

static void a_quiet_network_loses_and_reorders_nothing(void **state)
{
	struct sim *s = sim_new(1);
	struct party a, b;
	(void)state;
	party_init(&a, s, "192.0.2.10:1");
	party_init(&b, s, "192.0.2.20:2");
	send_numbers(&a, &b, 1000);
	assert_int_equal(b.got, 1000);
	assert_int_equal(b.out_of_order, 0);
	assert_int_equal(a.refused, 0);
	assert_int_equal(sim_packets_sent(s), 1000);
	party_clear(&a);
	party_clear(&b);
	sim_free(s);
}

/* A share of count draws, within six standard deviations. */
static void assert_share(const char *what, int got, int count, double want)
{
	double n = count, slack = 6 * __builtin_sqrt(n * want * (1 - want));
	if (got < n * want - slack || got > n * want + slack)
		fail_msg("%s: expected about %.0f of %d, got %d", what,
			n * want, count, got);
}

static void faults_come_as_often_as_they_were_set(void **state)
{
	enum { COUNT = 20000 };
	static const struct sim_faults each[] = { { .loss = 0.2 },
		{ .duplicate = 0.05 }, { .reorder = 0.1 } };
	(void)state;
	for (int i = 0; i < 3; i++) {
		struct sim *s = sim_new(7);
		struct party a, b;
		party_init(&a, s, "192.0.2.10:1");
		party_init(&b, s, "192.0.2.20:2");
		sim_set_faults(s, &each[i]);
		send_numbers(&a, &b, COUNT);
		assert_share("lost", COUNT - b.got + (i == 1) * (b.got - COUNT),
			COUNT, each[i].loss);
		assert_share("doubled", i == 1 ? b.got - COUNT : 0, COUNT,
			each[i].duplicate);
		/* Overtaken: one step back each, when it arrives, unless
		 * two late ones come in a row. */
		if (i == 2)
			assert_true(b.out_of_order > COUNT * 8 / 100 &&
				    b.out_of_order <= COUNT * 11 / 100);
		else
			assert_int_equal(b.out_of_order, 0);
		party_clear(&a);
		party_clear(&b);
		sim_free(s);
	}
}

static void delay_alone_keeps_the_order(void **state)
{
	struct sim *s = sim_new(5);
	struct party a, b;
	struct sim_faults f = { .delay_min = 10 * USEC_MS,
		.delay_max = 200 * USEC_MS };
	(void)state;
	party_init(&a, s, "192.0.2.10:1");
	party_init(&b, s, "192.0.2.20:2");
	sim_set_faults(s, &f);
	usec_t start = loop_now(sim_loop(s));
	send_numbers(&a, &b, 1000);
	assert_int_equal(b.got, 1000);
	assert_int_equal(b.out_of_order, 0);
	long long first = strtoll(buf_text(&b.log), NULL, 10);
	assert_in_range(first - start, 10 * USEC_MS, 200 * USEC_MS);
	party_clear(&a);
	party_clear(&b);
	sim_free(s);
}

static void a_port_without_a_socket_answers_with_icmp(void **state)
{
	struct sim *s = sim_new(3);
	struct party a, b;
	struct endpoint closed = at("192.0.2.20:9"),
			nobody = at("192.0.2.99:9");
	(void)state;
	party_init(&a, s, "192.0.2.10:1");
	party_init(&b, s, "192.0.2.20:2");
	dgram_send(a.dgram, SPAN("1"), &closed, NULL);
	dgram_send(a.dgram, SPAN("2"), &nobody, NULL); /* no such host */
	sim_run(s, NULL, NULL, USEC_SEC);
	assert_int_equal(a.refused, 1);
	assert_span(buf_view(&a.log), "unreachable 192.0.2.20:9\n");
	assert_int_equal(a.e.status, STATUS_UNREACHABLE);
	party_clear(&b); /* the host is still there, its socket is not */
	closed = at("192.0.2.20:2");
	dgram_send(a.dgram, SPAN("3"), &closed, NULL);
	sim_run(s, NULL, NULL, USEC_SEC);
	assert_int_equal(a.refused, 2);
	party_clear(&a);
	sim_free(s);
}

static void a_cut_host_is_silent_until_it_is_back(void **state)
{
	struct sim *s = sim_new(4);
	struct party a, b;
	struct endpoint host = at("192.0.2.20"), port = at("192.0.2.20:2");
	(void)state;
	party_init(&a, s, "192.0.2.10:1");
	party_init(&b, s, "192.0.2.20:2");
	b.echoes = 1;
	sim_cut(s, &host, true);
	send_numbers(&a, &b, 10);
	assert_int_equal(b.got + a.refused, 0);
	sim_cut(s, &host, false);
	send_numbers(&a, &b, 10);
	assert_int_equal(b.got, 10);
	assert_int_equal(a.got, 10);
	sim_cut(s, &port, true); /* one port of it */
	send_numbers(&a, &b, 10);
	assert_int_equal(b.got, 10);
	party_clear(&a);
	party_clear(&b);
	sim_free(s);
}

static void the_wildcard_is_a_host_of_its_own(void **state)
{
	struct sim *s = sim_new(4);
	struct party a, b;
	struct endpoint to = at(SIM_HOST_V4 ":5060"), local,
			elsewhere = at("192.0.2.77:5060");
	struct err e = ERR_NONE;
	(void)state;
	party_init(&a, s, "0.0.0.0:5060");
	party_init(&b, s, "192.0.2.20:2");
	dgram_send(b.dgram, SPAN("in"), &to, NULL);
	dgram_send(b.dgram, SPAN("astray"), &elsewhere, NULL);
	sim_run(s, NULL, NULL, USEC_SEC);
	assert_int_equal(a.got, 1);
	assert_non_null(strstr(buf_text(&a.log), ">192.0.2.1:5060"));
	dgram_send(a.dgram, SPAN("out"), dgram_local(b.dgram), NULL);
	sim_run(s, NULL, NULL, USEC_SEC);
	assert_non_null(strstr(buf_text(&b.log), "192.0.2.1:5060>"));
	assert_ok(dgram_route(sim_loop(s), &to, &local, &e), &e);
	assert_true(endpoint_same_address(&local, &to));
	assert_null(dgram_new(sim_loop(s), &to, &logging, &a, &e));
	assert_int_equal(e.status, STATUS_LOCAL_IO); /* taken */
	party_clear(&a);
	party_clear(&b);
	sim_free(s);
}

static void the_nth_call_fails_as_told(void **state)
{
	struct sim *s = sim_new(4);
	struct party a;
	struct endpoint to = at("192.0.2.20:1");
	struct err e = ERR_NONE;
	(void)state;
	party_init(&a, s, "192.0.2.10:1");
	struct sock *k = sock_udp(sim_loop(s), &to, NULL, NULL, &e);
	sim_fail_call(s, 2, ENETDOWN);
	assert_int_equal(sock_send(k, "x", 1, NULL, &to), 1);
	assert_int_equal(sock_send(k, "x", 1, NULL, &to), -1);
	assert_int_equal(errno, ENETDOWN);
	assert_int_equal(sock_send(k, "x", 1, NULL, &to), 1);
	sim_fail_call(s, 1, EMFILE);
	assert_null(sock_connect(sim_loop(s), NULL, &to, NULL, NULL, &e));
	sock_free(k);
	party_clear(&a);
	sim_free(s);
}

/* ---- streams ---- */

/* One end of a stream: what it read, and how that ended. */
struct end {
	struct sock *sock;
	struct buf in;
	size_t pieces, largest;
	size_t to_send, sent;
	int connected, error, ended;
	bool is_paused, closes_at_end;
};

static char pattern(size_t i)
{
	return (char)('a' + i % 23);
}

static void push(struct end *a)
{
	char bytes[3000];
	while (a->sent < a->to_send) {
		size_t n = a->to_send - a->sent;
		if (n > sizeof(bytes))
			n = sizeof(bytes);
		for (size_t i = 0; i < n; i++)
			bytes[i] = pattern(a->sent + i);
		ssize_t done = sock_write(a->sock, bytes, n);
		if (done < 0) {
			if (errno != EAGAIN)
				a->error = errno;
			return;
		}
		a->sent += (size_t)done;
	}
}

static void end_ready(void *arg, unsigned what)
{
	struct end *a = arg;
	char bytes[4096];
	if (what & WATCH_WRITE) {
		if (!a->connected) {
			a->error = sock_error(a->sock);
			a->connected = 1;
		}
		push(a);
	}
	if (what & WATCH_READ && !a->is_paused) {
		ssize_t n = sock_read(a->sock, bytes, sizeof(bytes));
		if (n > 0) {
			buf_add(&a->in, bytes, (size_t)n);
			a->pieces++;
			if ((size_t)n > a->largest)
				a->largest = (size_t)n;
		} else if (n == 0) {
			a->ended = 1;
		} else if (errno != EAGAIN) {
			a->error = errno;
		}
	}
	unsigned want = a->is_paused ? 0 : WATCH_READ;
	if (a->sent < a->to_send)
		want |= WATCH_WRITE;
	if (a->ended || a->error)
		want = 0;
	sock_want(a->sock, want);
}

static struct sock *listener;
static struct end server;
static int accepted;

static void accept_ready(void *arg, unsigned what)
{
	struct endpoint from;
	(void)arg, (void)what;
	struct sock *s = sock_accept(listener, end_ready, &server, &from);
	assert_non_null(s);
	accepted++;
	server.sock = s;
	server.connected = 1;
	sock_want(s, WATCH_READ | (server.to_send ? WATCH_WRITE : 0));
}

struct stream {
	struct sim *sim;
	struct end client;
};

static void stream_init(struct stream *t, uint64_t seed, size_t up, size_t down)
{
	struct endpoint there = at("192.0.2.20:5222");
	struct endpoint here = at("192.0.2.10");
	struct err e = ERR_NONE;
	t->sim = sim_new(seed);
	t->client = (struct end){ .in = BUF_INIT(1 << 24), .to_send = up };
	server = (struct end){ .in = BUF_INIT(1 << 24), .to_send = down };
	accepted = 0;
	listener =
		sock_listen(sim_loop(t->sim), &there, accept_ready, NULL, &e);
	assert_ok(listener != NULL, &e);
	sock_want(listener, WATCH_READ);
	t->client.sock = sock_connect(
		sim_loop(t->sim), &here, &there, end_ready, &t->client, &e);
	assert_ok(t->client.sock != NULL, &e);
}

static void stream_clear(struct stream *t)
{
	sock_free(t->client.sock);
	sock_free(server.sock);
	sock_free(listener);
	buf_clear(&t->client.in);
	buf_clear(&server.in);
	sim_run(t->sim, NULL, NULL, USEC_SEC);
	sim_free(t->sim);
}

static void assert_pattern(const struct buf *b, size_t want)
{
	assert_int_equal(b->len, want);
	for (size_t i = 0; i < b->len; i++)
		if (b->data[i] != pattern(i))
			fail_msg("byte %zu of %zu is wrong", i, want);
}

static void a_stream_carries_all_in_order_in_any_pieces(void **state)
{
	static const size_t segments[] = { 0, 1, 7, 1460 };
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct stream t;
		struct sim_faults f = hard;
		size_t size = segments[i] == 1 ? 2000 : 200000;
		f.segment = segments[i];
		stream_init(&t, 11 + i, size, size / 2);
		sim_set_faults(t.sim, &f);
		sim_run(t.sim, NULL, NULL, 3600 * USEC_SEC);
		assert_pattern(&server.in, size);
		assert_pattern(&t.client.in, size / 2);
		assert_int_equal(accepted, 1);
		if (f.segment && (server.largest > f.segment ||
					 server.pieces < size / f.segment))
			fail_msg("segment %zu: %zu pieces, the largest %zu",
				f.segment, server.pieces, server.largest);
		stream_clear(&t);
	}
}

static void a_reader_that_stops_stops_the_writer(void **state)
{
	struct stream t;
	(void)state;
	stream_init(&t, 2, 1 << 20, 0);
	server.is_paused = true;
	sim_run(t.sim, NULL, NULL, 60 * USEC_SEC);
	assert_in_range(t.client.sent, 1, 256 * 1024);
	server.is_paused = false;
	sock_want(server.sock, WATCH_READ);
	sim_run(t.sim, NULL, NULL, 60 * USEC_SEC);
	assert_int_equal(t.client.sent, 1 << 20);
	assert_pattern(&server.in, 1 << 20);
	stream_clear(&t);
}

static void an_end_comes_behind_the_data(void **state)
{
	struct stream t;
	(void)state;
	stream_init(&t, 2, 50000, 50000);
	sim_run(t.sim, NULL, NULL, USEC_SEC);
	sock_end(t.client.sock);
	assert_int_equal(sock_write(t.client.sock, "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	sim_run(t.sim, NULL, NULL, USEC_SEC);
	assert_int_equal(server.ended, 1);
	assert_pattern(&server.in, 50000);
	/* The other direction is still open. */
	assert_int_equal(sock_write(server.sock, "after", 5), 5);
	sim_run(t.sim, NULL, NULL, USEC_SEC);
	assert_int_equal(t.client.in.len, 50005);
	assert_int_equal(t.client.ended, 0);
	stream_clear(&t);
}

static void writing_to_one_who_left_is_a_reset(void **state)
{
	struct stream t;
	(void)state;
	stream_init(&t, 2, 10, 10);
	sim_run(t.sim, NULL, NULL, USEC_SEC);
	sock_free(server.sock);
	server.sock = NULL;
	sim_run(t.sim, NULL, NULL, USEC_SEC);
	assert_int_equal(t.client.ended, 1);
	assert_int_equal(sock_write(t.client.sock, "x", 1), 1);
	sim_run(t.sim, NULL, NULL, USEC_SEC);
	assert_int_equal(sock_write(t.client.sock, "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	stream_clear(&t);
}

static void leaving_with_data_unread_or_aborting_is_a_reset(void **state)
{
	(void)state;
	for (int aborts = 0; aborts < 2; aborts++) {
		struct stream t;
		stream_init(&t, 2, 1000, 0);
		server.is_paused = !aborts;
		sim_run(t.sim, NULL, NULL, USEC_SEC);
		if (aborts)
			sock_abort(server.sock);
		sock_free(server.sock);
		server.sock = NULL;
		sim_run(t.sim, NULL, NULL, USEC_SEC);
		assert_int_equal(t.client.ended, 0);
		assert_int_equal(t.client.error, ECONNRESET);
		stream_clear(&t);
	}
}

static void a_port_where_nothing_listens_refuses(void **state)
{
	struct stream t;
	struct err e = ERR_NONE;
	struct endpoint nowhere = at("192.0.2.20:1");
	(void)state;
	stream_init(&t, 2, 0, 0);
	struct end other = { .in = BUF_INIT(10) };
	other.sock = sock_connect(
		sim_loop(t.sim), NULL, &nowhere, end_ready, &other, &e);
	sim_run(t.sim, NULL, NULL, USEC_SEC);
	assert_int_equal(other.connected, 1);
	assert_int_equal(other.error, ECONNREFUSED);
	assert_int_equal(t.client.error, 0);
	sock_free(other.sock);
	stream_clear(&t);
}

static void a_cut_stalls_a_stream_and_loses_nothing(void **state)
{
	struct stream t;
	struct endpoint host = at("192.0.2.20");
	(void)state;
	stream_init(&t, 2, 1 << 20, 0);
	sim_run(t.sim, NULL, NULL, 10 * USEC_MS);
	sim_cut(t.sim, &host, true);
	size_t before = server.in.len;
	sim_run(t.sim, NULL, NULL, 60 * USEC_SEC);
	assert_int_equal(server.in.len, before);
	assert_int_equal(t.client.error, 0);
	sim_cut(t.sim, &host, false);
	sim_run(t.sim, NULL, NULL, 200 * USEC_SEC);
	assert_pattern(&server.in, 1 << 20);
	stream_clear(&t);
}

static void a_cut_that_stays_times_out(void **state)
{
	struct stream t;
	struct endpoint host = at("192.0.2.20");
	(void)state;
	stream_init(&t, 2, 0, 0);
	sim_run(t.sim, NULL, NULL, USEC_SEC);
	sim_cut(t.sim, &host, true);
	t.client.to_send = 100;
	sock_want(t.client.sock, WATCH_READ | WATCH_WRITE);
	sim_run(t.sim, NULL, NULL, 3600 * USEC_SEC);
	assert_int_equal(t.client.error, ETIMEDOUT);
	/* Idle, the other side has noticed nothing: half open. */
	assert_int_equal(server.error + server.ended, 0);
	stream_clear(&t);

	stream_init(&t, 2, 0, 0); /* while connecting */
	sim_cut(t.sim, &host, true);
	sim_run(t.sim, NULL, NULL, 60 * USEC_SEC);
	assert_int_equal(t.client.connected, 0);
	sim_run(t.sim, NULL, NULL, 600 * USEC_SEC);
	assert_int_equal(t.client.error, ETIMEDOUT);
	assert_int_equal(accepted, 0);
	stream_clear(&t);
}

static void a_reset_ends_both_sides(void **state)
{
	struct stream t;
	struct endpoint host = at("192.0.2.10"), third = at("192.0.2.30");
	(void)state;
	stream_init(&t, 2, 100000, 100000);
	sim_run(t.sim, NULL, NULL, 5 * USEC_MS);
	sim_reset_streams(t.sim, &third);
	sim_run(t.sim, NULL, NULL, USEC_MS);
	assert_int_equal(server.error + t.client.error, 0);
	sim_reset_streams(t.sim, &host);
	sim_run(t.sim, NULL, NULL, USEC_SEC);
	assert_int_equal(server.error, ECONNRESET);
	assert_int_equal(t.client.error, ECONNRESET);
	stream_clear(&t);
}

static void a_client_that_gives_up_connecting_leaves_no_ghost(void **state)
{
	struct stream t;
	(void)state;
	stream_init(&t, 2, 0, 0);
	sim_run(t.sim, NULL, NULL, USEC_MS + 500); /* the SYN is there */
	sock_free(t.client.sock);
	t.client.sock = NULL;
	sim_run(t.sim, NULL, NULL, USEC_SEC);
	assert_int_equal(server.error, ECONNRESET);
	stream_clear(&t);
}

static void what_was_not_accepted_is_reset_with_its_listener(void **state)
{
	struct stream t;
	(void)state;
	stream_init(&t, 2, 0, 0);
	sock_want(listener, 0);
	sim_run(t.sim, NULL, NULL, USEC_SEC);
	assert_int_equal(t.client.connected, 1);
	assert_int_equal(t.client.error, 0);
	sock_free(listener);
	listener = NULL;
	sim_run(t.sim, NULL, NULL, USEC_SEC);
	assert_int_equal(t.client.error, ECONNRESET);
	stream_clear(&t);
}

/* ---- time ---- */

struct refresher {
	struct party a, b;
	struct timer *timer;
	int fired;
};

static void refresh(void *arg)
{
	struct refresher *r = arg;
	r->fired++;
	dgram_send(r->a.dgram, SPAN("refresh"), dgram_local(r->b.dgram), NULL);
	timer_set(r->timer, 30 * USEC_SEC);
}

static void a_day_takes_less_than_a_second(void **state)
{
	enum { COUNT = 20 };
	static struct refresher all[COUNT];
	struct sim *s = sim_new(9);
	clock_t start = clock();
	(void)state;
	for (int i = 0; i < COUNT; i++) {
		party_init(&all[i].a, s, "192.0.2.10:0");
		party_init(&all[i].b, s, "192.0.2.20:0");
		all[i].b.echoes = 1;
		all[i].timer = timer_new(sim_loop(s), refresh, &all[i]);
		timer_set(all[i].timer, i * USEC_SEC);
	}
	usec_t before = loop_now(sim_loop(s)), wall = loop_wall(sim_loop(s));
	assert_int_equal(sim_set_timers(s), COUNT);
	assert_int_equal(sim_open_sockets(s), 2 * COUNT);
	assert_false(sim_run(s, NULL, NULL, 86400 * USEC_SEC));
	assert_true(loop_now(sim_loop(s)) - before == 86400 * USEC_SEC);
	assert_true(loop_wall(sim_loop(s)) - wall == 86400 * USEC_SEC);
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(all[i].fired, 2880 + (i == 0));
		assert_int_equal(all[i].a.got, 2880);
		timer_free(all[i].timer);
		party_clear(&all[i].a);
		party_clear(&all[i].b);
	}
	assert_int_equal(sim_set_timers(s), 0);
	assert_int_equal(sim_open_sockets(s), 0);
	sim_free(s);
	double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
#ifndef __SANITIZE_ADDRESS__
	if (seconds > 1)
		fail_msg("115,200 packets took %.2f s", seconds);
#endif
	(void)seconds;
}

static bool is_counted(void *arg)
{
	return ((struct refresher *)arg)->fired >= 3;
}

static void running_ends_when_it_is_done(void **state)
{
	struct sim *s = sim_new(9);
	struct refresher r = { .fired = 0 };
	(void)state;
	party_init(&r.a, s, "192.0.2.10:0");
	party_init(&r.b, s, "192.0.2.20:0");
	r.timer = timer_new(sim_loop(s), refresh, &r);
	timer_set(r.timer, 0);
	usec_t before = loop_now(sim_loop(s));
	assert_true(sim_run(s, is_counted, &r, 3600 * USEC_SEC));
	assert_true(loop_now(sim_loop(s)) - before == 60 * USEC_SEC);
	assert_false(sim_run(s, is_counted, &(struct refresher){ .fired = 0 },
		3600 * USEC_SEC));
	timer_free(r.timer);
	party_clear(&r.a);
	party_clear(&r.b);
	sim_free(s);
}

static void descriptors_and_signals_of_the_system_are_refused(void **state)
{
	struct sim *s = sim_new(9);
	struct err e = ERR_NONE;
	(void)state;
	assert_null(watch_new(sim_loop(s), 0, NULL, NULL, &e));
	assert_int_equal(e.status, STATUS_INTERNAL);
	assert_null(signal_watch_new(sim_loop(s), 2, NULL, NULL, &e));
	sim_free(s);
}

TEST_MAIN(cmocka_unit_test(the_same_seed_gives_the_same_trace),
	cmocka_unit_test(a_quiet_network_loses_and_reorders_nothing),
	cmocka_unit_test(faults_come_as_often_as_they_were_set),
	cmocka_unit_test(delay_alone_keeps_the_order),
	cmocka_unit_test(a_port_without_a_socket_answers_with_icmp),
	cmocka_unit_test(a_cut_host_is_silent_until_it_is_back),
	cmocka_unit_test(the_wildcard_is_a_host_of_its_own),
	cmocka_unit_test(the_nth_call_fails_as_told),
	cmocka_unit_test(a_stream_carries_all_in_order_in_any_pieces),
	cmocka_unit_test(a_reader_that_stops_stops_the_writer),
	cmocka_unit_test(an_end_comes_behind_the_data),
	cmocka_unit_test(writing_to_one_who_left_is_a_reset),
	cmocka_unit_test(leaving_with_data_unread_or_aborting_is_a_reset),
	cmocka_unit_test(a_port_where_nothing_listens_refuses),
	cmocka_unit_test(a_cut_stalls_a_stream_and_loses_nothing),
	cmocka_unit_test(a_cut_that_stays_times_out),
	cmocka_unit_test(a_reset_ends_both_sides),
	cmocka_unit_test(a_client_that_gives_up_connecting_leaves_no_ghost),
	cmocka_unit_test(what_was_not_accepted_is_reset_with_its_listener),
	cmocka_unit_test(a_day_takes_less_than_a_second),
	cmocka_unit_test(running_ends_when_it_is_done),
	cmocka_unit_test(descriptors_and_signals_of_the_system_are_refused))
