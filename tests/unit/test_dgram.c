/* Datagrams on loopback: addresses, times, ICMP errors, freeing in handlers. */
#include "tests/common/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/dgram.h"

static struct loop *loop;

struct party {
	struct dgram *dgram;
	int got, refused;
	char last[64];
	struct endpoint from, to, about;
	usec_t when;
	struct err e;
	bool frees_itself, echoes;
};

static void take(void *arg, const struct dgram_packet *p)
{
	struct party *a = arg;
	a->got++;
	a->from = p->from;
	a->to = p->to;
	a->when = p->when;
	span_copy(a->last, sizeof(a->last), p->bytes);
	if (a->echoes)
		dgram_send_from(a->dgram, p->bytes, &p->to, &p->from, NULL);
	if (a->frees_itself) {
		dgram_free(a->dgram);
		a->dgram = NULL;
	}
}

static void refuse(void *arg, const struct endpoint *to, const struct err *e)
{
	struct party *a = arg;
	a->refused++;
	a->about = *to;
	a->e = *e;
	if (a->frees_itself) {
		dgram_free(a->dgram);
		a->dgram = NULL;
	}
}

static const struct dgram_handlers handlers = { take, refuse };

static struct endpoint at(const char *text)
{
	struct endpoint a;
	struct err e = ERR_NONE;
	assert_ok(endpoint_parse(&a, span_of(text), 0, &e), &e);
	return a;
}

static void open_party(struct party *a, const char *address)
{
	struct endpoint local = at(address);
	struct err e = ERR_NONE;
	*a = (struct party){ .got = 0 };
	a->dgram = dgram_new(loop, &local, &handlers, a, &e);
	assert_ok(a->dgram != NULL, &e);
}

static void say(struct party *a, const char *text, const struct endpoint *to)
{
	struct err e = ERR_NONE;
	assert_ok(dgram_send(a->dgram, span_of(text), to, &e), &e);
}

static void turn_until(const int *n, int want)
{
	usec_t end = loop_now(loop) + 2 * USEC_SEC;
	while (*n < want && loop_now(loop) < end)
		loop_turn(loop, end);
	if (*n < want)
		fail_msg("expected %d events, got %d", want, *n);
}

static int set_up(void **state)
{
	struct err e = ERR_NONE;
	(void)state;
	loop = loop_new(&e);
	assert_ok(loop != NULL, &e);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	loop_free(loop);
	return 0;
}

/* A port where nothing is: that of a socket which is closed again. */
static struct endpoint closed_port(const char *address)
{
	struct party a;
	open_party(&a, address);
	struct endpoint port = *dgram_local(a.dgram);
	dgram_free(a.dgram);
	return port;
}

static bool has_ipv6(void)
{
	struct endpoint local = at("[::1]:0");
	struct dgram *d = dgram_new(loop, &local, &handlers, NULL, NULL);
	dgram_free(d);
	return d != NULL;
}

static void a_packet_brings_its_addresses_and_its_time(void **state)
{
	static const char *const addresses[] = { "127.0.0.1", "::1" };
	(void)state;
	for (int i = 0; i < 1 + has_ipv6(); i++) {
		struct party a, b;
		open_party(&a, addresses[i]);
		open_party(&b, addresses[i]);
		usec_t before = loop_wall(loop);
		say(&a, "hello", dgram_local(b.dgram));
		turn_until(&b.got, 1);
		assert_string_equal(b.last, "hello");
		assert_true(endpoint_equal(&b.from, dgram_local(a.dgram)));
		assert_true(endpoint_equal(&b.to, dgram_local(b.dgram)));
		assert_in_range(b.when - before + USEC_MS, 0,
			USEC_MS + loop_wall(loop) - before);
		dgram_free(a.dgram);
		dgram_free(b.dgram);
	}
}

static void a_wildcard_socket_answers_from_where_it_was_asked(void **state)
{
	static const char *const wildcards[] = { "0.0.0.0", "::" };
	static const char *const hosts[] = { "127.0.0.53", "::1" };
	(void)state;
	for (int i = 0; i < 1 + has_ipv6(); i++) {
		struct party a, b;
		open_party(&a, i ? "::1" : "127.0.0.1");
		open_party(&b, wildcards[i]);
		b.echoes = true;
		struct endpoint to = at(hosts[i]);
		endpoint_set_port(&to, endpoint_port(dgram_local(b.dgram)));
		say(&a, "who", &to);
		turn_until(&a.got, 1);
		assert_true(endpoint_equal(&b.to, &to));
		assert_true(endpoint_equal(&a.from, &to));
		dgram_free(a.dgram);
		dgram_free(b.dgram);
	}
}

static void a_closed_port_is_reported_with_its_address(void **state)
{
	static const char *const addresses[] = { "127.0.0.1", "::1" };
	(void)state;
	for (int i = 0; i < 1 + has_ipv6(); i++) {
		struct party a;
		struct endpoint nobody = closed_port(addresses[i]);
		open_party(&a, addresses[i]);
		say(&a, "anybody?", &nobody);
		turn_until(&a.refused, 1);
		assert_true(endpoint_equal(&a.about, &nobody));
		assert_int_equal(a.e.status, STATUS_UNREACHABLE);
		assert_true(a.e.retryable);
		assert_int_equal(a.got, 0);
		dgram_free(a.dgram);
	}
}

static void an_error_does_not_stop_the_packets_behind_it(void **state)
{
	struct party a, b;
	struct endpoint nobody = closed_port("127.0.0.1");
	(void)state;
	open_party(&a, "127.0.0.1");
	open_party(&b, "127.0.0.1");
	b.echoes = true;
	for (int i = 0; i < 20; i++) {
		say(&a, "lost", &nobody); /* the error waits in the socket */
		say(&a, "heard", dgram_local(b.dgram));
	}
	turn_until(&a.got, 20);
	turn_until(&a.refused, 20);
	assert_int_equal(b.got, 20);
	dgram_free(a.dgram);
	dgram_free(b.dgram);
}

static void a_reply_from_another_port_arrives(void **state)
{
	struct party a, b, c;
	(void)state;
	open_party(&a, "127.0.0.1");
	open_party(&b, "127.0.0.1");
	open_party(&c, "127.0.0.1");
	say(&a, "ask", dgram_local(b.dgram));
	turn_until(&b.got, 1);
	say(&c, "reply", &b.from);
	turn_until(&a.got, 1);
	assert_true(endpoint_equal(&a.from, dgram_local(c.dgram)));
	dgram_free(a.dgram);
	dgram_free(b.dgram);
	dgram_free(c.dgram);
}

static void a_handler_may_free_its_socket(void **state)
{
	struct party a, b;
	struct endpoint nobody = closed_port("127.0.0.1");
	(void)state;
	open_party(&a, "127.0.0.1");
	open_party(&b, "127.0.0.1");
	b.frees_itself = true;
	say(&a, "one", dgram_local(b.dgram));
	say(&a, "two", dgram_local(b.dgram));
	turn_until(&b.got, 1);
	assert_null(b.dgram);
	assert_string_equal(b.last, "one");
	a.frees_itself = true;
	say(&a, "x", &nobody);
	say(&a, "x", &nobody);
	turn_until(&a.refused, 1);
	assert_null(a.dgram);
	loop_turn(loop, loop_now(loop) + USEC_MS);
	assert_int_equal(b.got + a.refused, 2);
}

static void what_cannot_be_sent_is_said_at_once(void **state)
{
	static char large[65535];
	struct party a;
	struct err e = ERR_NONE;
	(void)state;
	open_party(&a, "127.0.0.1");
	assert_false(dgram_send(a.dgram, span_from(large, sizeof(large)),
		dgram_local(a.dgram), &e));
	assert_int_equal(e.status, STATUS_USAGE);
	assert_true(dgram_send(
		a.dgram, span_from(large, 65507), dgram_local(a.dgram), &e));
	turn_until(&a.got, 1);
	struct endpoint six = at("[::1]:9");
	assert_false(dgram_send(a.dgram, SPAN("x"), &six, &e));
	assert_int_equal(a.refused, 0); /* told once, not again */
	dgram_free(a.dgram);
}

static void an_empty_packet_is_a_packet(void **state)
{
	struct party a;
	(void)state;
	open_party(&a, "127.0.0.1");
	say(&a, "", dgram_local(a.dgram));
	turn_until(&a.got, 1);
	assert_string_equal(a.last, "");
	dgram_free(a.dgram);
}

static void a_port_that_is_taken_is_refused(void **state)
{
	struct party a;
	struct err e = ERR_NONE;
	(void)state;
	open_party(&a, "127.0.0.1");
	assert_null(dgram_new(loop, dgram_local(a.dgram), &handlers, NULL, &e));
	assert_int_equal(e.status, STATUS_LOCAL_IO);
	assert_non_null(strstr(e.text, "127.0.0.1:"));
	dgram_free(a.dgram);
}

static void the_route_tells_the_local_address(void **state)
{
	struct endpoint to = at("127.0.0.9:5060"), local;
	char text[ENDPOINT_TEXT_SIZE];
	struct err e = ERR_NONE;
	(void)state;
	assert_ok(dgram_route(loop, &to, &local, &e), &e);
	assert_string_equal(endpoint_format(text, &local), "127.0.0.1:0");
	endpoint_set_port(&to, 0);
	assert_ok(dgram_route(loop, &to, &local, &e), &e);
	struct endpoint nowhere = at("255.255.255.255:1");
	assert_false(dgram_route(loop, &nowhere, &local, &e));
	assert_int_equal(e.status, STATUS_UNREACHABLE);
}

#define NET_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

TEST_MAIN(NET_TEST(a_packet_brings_its_addresses_and_its_time),
	NET_TEST(a_wildcard_socket_answers_from_where_it_was_asked),
	NET_TEST(a_closed_port_is_reported_with_its_address),
	NET_TEST(an_error_does_not_stop_the_packets_behind_it),
	NET_TEST(a_reply_from_another_port_arrives),
	NET_TEST(a_handler_may_free_its_socket),
	NET_TEST(what_cannot_be_sent_is_said_at_once),
	NET_TEST(an_empty_packet_is_a_packet),
	NET_TEST(a_port_that_is_taken_is_refused),
	NET_TEST(the_route_tells_the_local_address))
