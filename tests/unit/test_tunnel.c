/* What is said to proxies, by the bytes of RFC 1928, 1929 and 9110. */
#include "tests/common/test.h"

#include "net/tunnel.h"

struct talk {
	struct span says; /* of the proxy, after each of ours */
	struct span want; /* of us */
};

/* The proxy's bytes come one at a time; the last state. */
static enum tunnel_state play(const struct tunnel_settings *s,
	const struct talk *talks, size_t count, struct err *e, size_t *left)
{
	struct tunnel *t = tunnel_new(s);
	struct buf in = BUF_INIT(16384), out = BUF_INIT(TUNNEL_OUT_MAX);
	enum tunnel_state state = tunnel_step(t, &in, &out, e);
	for (size_t i = 0; i < count; i++) {
		assert_true(span_equal(buf_view(&out), talks[i].want));
		buf_reset(&out);
		for (size_t n = 0; n < talks[i].says.n; n++) {
			buf_char(&in, talks[i].says.p[n]);
			if (state == TUNNEL_MORE)
				state = tunnel_step(t, &in, &out, e);
		}
	}
	*left = in.len;
	tunnel_free(t);
	buf_clear(&in);
	buf_clear(&out);
	return state;
}

static const struct tunnel_settings plain = {
	.kind = TUNNEL_SOCKS5, .host = "a.example", .port = 5222
};

#define ASKS                                                                   \
	"\x05\x01\x00\x03\x09"                                                 \
	"a.example\x14\x66"

static void socks_names_the_far_side(void **state)
{
	const struct talk talks[] = {
		{ SPAN("\x05\x00"), SPAN("\x05\x01\x00") },
		{ SPAN("\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50rest"),
			SPAN(ASKS) },
	};
	struct err e = ERR_NONE;
	size_t left;
	(void)state;
	assert_int_equal(play(&plain, talks, 2, &e, &left), TUNNEL_OPEN);
	assert_int_equal(left, 4);
}

static void socks_addresses_are_addresses(void **state)
{
	struct tunnel_settings s = plain;
	const struct talk v4[] = {
		{ SPAN("\x05\x00"), SPAN("\x05\x01\x00") },
		{ SPAN("\x05\x00\x00\x03\x01x\x00\x50"),
			SPAN("\x05\x01\x00\x01\xc0\x00\x02\x07\x14\x66") },
	};
	const struct talk v6[] = {
		{ SPAN("\x05\x00"), SPAN("\x05\x01\x00") },
		{ SPAN("\x05\x00\x00\x04"
		       "0123456789abcdef\x00\x50"),
			SPAN("\x05\x01\x00\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0"
			     "\0\0\0\x01\x14\x66") },
	};
	struct err e = ERR_NONE;
	size_t left;
	(void)state;
	s.host = "192.0.2.7";
	assert_int_equal(play(&s, v4, 2, &e, &left), TUNNEL_OPEN);
	assert_int_equal(left, 0);
	s.host = "2001:db8::1";
	assert_int_equal(play(&s, v6, 2, &e, &left), TUNNEL_OPEN);
	assert_int_equal(left, 0);
}

static void socks_logs_in_where_it_must(void **state)
{
	struct tunnel_settings s = plain;
	const struct talk good[] = {
		{ SPAN("\x05\x02"), SPAN("\x05\x02\x00\x02") },
		{ SPAN("\x01\x00"), SPAN("\x01\x02me\x06secret") },
		{ SPAN("\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50"),
			SPAN(ASKS) },
	};
	const struct talk bad[] = { good[0],
		{ SPAN("\x01\x01"), SPAN("\x01\x02me\x06secret") } };
	struct err e = ERR_NONE;
	size_t left;
	(void)state;
	s.user = "me";
	s.password = "secret";
	assert_int_equal(play(&s, good, 3, &e, &left), TUNNEL_OPEN);
	assert_int_equal(play(&s, bad, 2, &e, &left), TUNNEL_FAILED);
	assert_int_equal(e.status, STATUS_AUTH);
}

static void what_socks_refuses_is_told(void **state)
{
	static const struct {
		struct span method, reply;
		enum status status;
	} rows[] = {
		{ SPAN("\x05\xff"), SPAN(""), STATUS_AUTH },
		{ SPAN("\x05\x02"), SPAN(""), STATUS_AUTH },
		{ SPAN("\x04\x00"), SPAN(""), STATUS_MALFORMED },
		{ SPAN("HT"), SPAN(""), STATUS_MALFORMED },
		{ SPAN("\x05\x00"), SPAN("\x05\x01"), STATUS_UNREACHABLE },
		{ SPAN("\x05\x00"), SPAN("\x05\x02"), STATUS_REFUSED },
		{ SPAN("\x05\x00"), SPAN("\x05\x05"), STATUS_UNREACHABLE },
		{ SPAN("\x05\x00"), SPAN("\x05\xff"), STATUS_UNREACHABLE },
		{ SPAN("\x05\x00"), SPAN("\x04\x00"), STATUS_MALFORMED },
		{ SPAN("\x05\x00"), SPAN("\x05\x00\x00\x02\x00"),
			STATUS_MALFORMED },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct talk talks[] = {
			{ rows[i].method, SPAN("\x05\x01\x00") },
			{ rows[i].reply, SPAN(ASKS) },
		};
		struct err e = ERR_NONE;
		size_t left;
		size_t count = rows[i].reply.n ? 2 : 1;
		if (play(&plain, talks, count, &e, &left) != TUNNEL_FAILED ||
			e.status != rows[i].status)
			fail_msg("case %zu: %d, %s", i, e.status, e.text);
	}
}

static void http_is_asked_to_connect(void **state)
{
	static const struct {
		struct span answer;
		enum tunnel_state state;
		enum status status;
		size_t left;
	} rows[] = {
		{ SPAN("HTTP/1.0 200 OK\r\nA: b\r\n\r\nrest"), TUNNEL_OPEN,
			STATUS_DONE, 4 },
		{ SPAN("HTTP/1.1 200\r\n\r\n"), TUNNEL_OPEN, STATUS_DONE, 0 },
		{ SPAN("HTTP/1.1 407 Who\r\n\r\n"), TUNNEL_FAILED, STATUS_AUTH,
			0 },
		{ SPAN("HTTP/1.1 403 No\r\n\r\n"), TUNNEL_FAILED,
			STATUS_REFUSED, 0 },
		{ SPAN("HTTP/1.1 301 There\r\n\r\n"), TUNNEL_FAILED,
			STATUS_REFUSED, 0 },
		{ SPAN("HTTP/1.1 502 Bad\r\n\r\n"), TUNNEL_FAILED,
			STATUS_UNREACHABLE, 0 },
		{ SPAN("\x05\x00"), TUNNEL_FAILED, STATUS_MALFORMED, 0 },
		{ SPAN("HTTP/1.1 200 OK\r\n"), TUNNEL_MORE, STATUS_DONE, 0 },
	};
	struct tunnel_settings s = { .kind = TUNNEL_HTTP,
		.host = "2001:db8::1",
		.port = 443,
		.user = "me",
		.password = "secret" };
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct talk talk = { rows[i].answer,
			SPAN("CONNECT [2001:db8::1]:443 HTTP/1.1\r\n"
			     "Host: [2001:db8::1]:443\r\n"
			     "Proxy-Authorization: Basic bWU6c2VjcmV0\r\n"
			     "\r\n") };
		struct err e = ERR_NONE;
		size_t left;
		enum tunnel_state came = play(&s, &talk, 1, &e, &left);
		if (came != rows[i].state || e.status != rows[i].status ||
			(came == TUNNEL_OPEN && left != rows[i].left))
			fail_msg("case %zu: %d %d %s", i, came, e.status,
				e.text);
	}
}

TEST_MAIN(cmocka_unit_test(socks_names_the_far_side),
	cmocka_unit_test(socks_addresses_are_addresses),
	cmocka_unit_test(socks_logs_in_where_it_must),
	cmocka_unit_test(what_socks_refuses_is_told),
	cmocka_unit_test(http_is_asked_to_connect))
