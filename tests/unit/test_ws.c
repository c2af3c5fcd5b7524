/* The heads, the handshake and the frames of a WebSocket, by the examples of
 * RFC 6455 and what hostile ends write. */
#include "tests/common/test.h"

#include <string.h>

#include "net/ws_frame.h"
#include "net/ws_handshake.h"

/* ---- heads ---- */

#define HEAD(text) (SPAN(text "\r\n\r\n"))

static enum http_head_state request(struct http_head *h, struct span s)
{
	struct err e = ERR_NONE;
	enum http_head_state state = http_head_parse_request(h, s, &e);
	assert_int_equal(state == HTTP_HEAD_BAD, err_is_set(&e));
	return state;
}

static void a_head_is_a_line_and_its_fields(void **state)
{
	(void)state;
	struct http_head h;
	struct span value;
	struct span bytes = SPAN("GET /chat?a=b HTTP/1.1\r\nHost: a.example\r\n"
				 "X-Empty:\r\nUPGRADE: \t a , b \t\r\n"
				 "upgrade:c\r\n\r\nbehind");
	assert_int_equal(request(&h, bytes), HTTP_HEAD_DONE);
	assert_span(h.method, "GET");
	assert_span(h.target, "/chat?a=b");
	assert_int_equal(h.count, 4);
	assert_true(http_head_find(&h, "host", &value));
	assert_span(value, "a.example");
	assert_true(http_head_find(&h, "x-empty", &value));
	assert_int_equal(value.n, 0);
	assert_false(http_head_find(&h, "upgrade", &value));
	assert_int_equal(http_head_count(&h, "Upgrade"), 2);
	assert_true(http_head_has_word(&h, "Upgrade", "B"));
	assert_true(http_head_has_word(&h, "Upgrade", "c"));
	assert_false(http_head_has_word(&h, "Upgrade", "d"));
	assert_false(http_head_has_exact_word(&h, "Upgrade", "B"));
	assert_span(span_skip(bytes, h.length), "behind");
}

static void a_head_that_is_not_all_there_is_waited_for(void **state)
{
	(void)state;
	struct http_head h;
	struct span whole = HEAD("GET / HTTP/1.1\r\nHost: a.example");
	for (size_t n = 0; n < whole.n; n++)
		assert_int_equal(
			request(&h, span_first(whole, n)), HTTP_HEAD_MORE);
	assert_int_equal(request(&h, whole), HTTP_HEAD_DONE);
}

static void malformed_heads_are_refused(void **state)
{
	(void)state;
	static const struct span bad[] = {
		SPAN("\x16\x03\x01"), /* TLS */
		SPAN("\r\n"),
		HEAD("GET /"),
		HEAD("GET  / HTTP/1.1"),
		HEAD("GET / HTTP/1.0"),
		HEAD("GET / HTTP/2.0"),
		HEAD("GET / HTTP/1.1 "),
		HEAD("G(T / HTTP/1.1"),
		HEAD("GET /\x01 HTTP/1.1"),
		HEAD("GET / HTTP/1.1\r\nHost : a"),
		HEAD("GET / HTTP/1.1\r\n folded: a"),
		HEAD("GET / HTTP/1.1\r\nHost: a\r\n\tb"),
		HEAD("GET / HTTP/1.1\r\nno colon"),
		HEAD("GET / HTTP/1.1\r\n: no name"),
		HEAD("GET / HTTP/1.1\r\nA: b\nHost: c"),
		HEAD("GET / HTTP/1.1\r\nA: b\rc"),
		HEAD("GET / HTTP/1.1\r\nA: \0"),
		HEAD("GET / HTTP/1.1\r\nA: \x7f"),
	};
	struct http_head h;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (request(&h, bad[i]) != HTTP_HEAD_BAD)
			fail_msg("case %zu is not refused", i);
}

static void heads_have_limits(void **state)
{
	(void)state;
	struct http_head h;
	struct buf b = BUF_INIT(2 * HTTP_HEAD_MAX);
	buf_str(&b, "GET / HTTP/1.1\r\n");
	for (int i = 0; i < HTTP_HEAD_FIELDS_MAX; i++)
		buf_str(&b, "A: b\r\n");
	size_t most = b.len;
	buf_str(&b, "\r\n");
	assert_int_equal(request(&h, buf_view(&b)), HTTP_HEAD_DONE);
	b.len = most;
	buf_str(&b, "A: b\r\n\r\n");
	assert_int_equal(request(&h, buf_view(&b)), HTTP_HEAD_BAD);
	buf_reset(&b);
	buf_str(&b, "GET /");
	while (b.len < HTTP_HEAD_MAX - 1)
		buf_char(&b, 'a');
	assert_int_equal(request(&h, buf_view(&b)), HTTP_HEAD_MORE);
	buf_char(&b, 'a');
	assert_int_equal(request(&h, buf_view(&b)), HTTP_HEAD_BAD);
	buf_clear(&b);
}

static void answers_of_old_proxies_are_read(void **state)
{
	(void)state;
	struct http_head h;
	struct err e = ERR_NONE;
	assert_int_equal(
		http_head_parse_response(
			&h, HEAD("HTTP/1.0 200 Connection established"), &e),
		HTTP_HEAD_DONE);
	assert_int_equal(h.status, 200);
	assert_span(h.reason, "Connection established");
	assert_int_equal(http_head_parse_response(&h, HEAD("HTTP/1.1 101"), &e),
		HTTP_HEAD_DONE);
	assert_int_equal(h.status, 101);
	static const struct span bad[] = { HEAD("HTTP/1.1 099 x"),
		HEAD("HTTP/1.1 20 x"), HEAD("HTTP/1.1 +20 x"),
		HEAD("HTTP/1.1 2000 x"), HEAD("HTTP/3 200 x"),
		HEAD("ICY 200 OK") };
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (http_head_parse_response(&h, bad[i], &e) != HTTP_HEAD_BAD)
			fail_msg("case %zu is not refused", i);
}

/* ---- the handshake ---- */

#define KEY "dGhlIHNhbXBsZSBub25jZQ==" /* RFC 6455 section 1.3 */
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

static const struct ws_terms terms = { .host = "server.example.com",
	.path = "/chat",
	.protocol = "sip",
	.origin = "http://example.com" };

static void the_request_is_as_in_the_rfc(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(1024);
	struct err e = ERR_NONE;
	assert_ok(ws_request_format(&b, &terms, KEY, &e), &e);
	assert_string_equal(buf_text(&b),
		"GET /chat HTTP/1.1\r\nHost: server.example.com\r\n"
		"Upgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: " KEY "\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Protocol: sip\r\nOrigin: http://example.com\r\n"
		"\r\n");
	struct http_head h;
	assert_int_equal(request(&h, buf_view(&b)), HTTP_HEAD_DONE);
	assert_ok(ws_request_check(&h, &terms, &e), &e);
	struct buf answer = BUF_INIT(1024);
	assert_true(ws_response_format(&answer, &h, "sip"));
	assert_string_equal(buf_text(&answer),
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Accept: " ACCEPT "\r\n"
		"Sec-WebSocket-Protocol: sip\r\n\r\n");
	assert_int_equal(http_head_parse_response(&h, buf_view(&answer), &e),
		HTTP_HEAD_DONE);
	assert_ok(ws_response_check(&h, &terms, KEY, &e), &e);
	buf_clear(&answer);
	buf_clear(&b);
}

static void nothing_can_be_smuggled_into_a_request(void **state)
{
	(void)state;
	static const struct ws_terms bad[] = {
		{ "a.example", "/a b", "sip", NULL },
		{ "a.example", "/a\r\nX: y", "sip", NULL },
		{ "a.example", "a", "sip", NULL },
		{ "a.example", "/a#b", "sip", NULL },
		{ "a.example\r\nX: y", "/", "sip", NULL },
		{ "a.example", "/", "sip", "http://b\nX: y" },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct buf b = BUF_INIT(1024);
		struct err e = ERR_NONE;
		if (ws_request_format(&b, &bad[i], KEY, &e))
			fail_msg("case %zu is not refused", i);
		assert_int_equal(e.status, STATUS_USAGE);
		buf_clear(&b);
	}
}

static void keys_are_fresh(void **state)
{
	(void)state;
	char a[WS_KEY_LENGTH + 1], b[WS_KEY_LENGTH + 1];
	ws_key_make(a);
	ws_key_make(b);
	assert_int_equal(strlen(a), WS_KEY_LENGTH);
	assert_string_not_equal(a, b);
}

#define UPGRADE "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define PROTOCOL "Sec-WebSocket-Protocol: sip\r\n"
#define FULL UPGRADE "Sec-WebSocket-Accept: " ACCEPT "\r\n" PROTOCOL

static void a_server_is_believed_only_with_its_proof(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum status status;
	} cases[] = {
		{ "HTTP/1.1 101 x\r\n" FULL, STATUS_DONE },
		{ "HTTP/1.1 101 x\r\nupgrade: WebSocket\r\n"
		  "connection: keep-alive, UPGRADE\r\n"
		  "sec-websocket-accept: " ACCEPT "\r\n" PROTOCOL,
			STATUS_DONE },
		{ "HTTP/1.1 200 OK\r\n" FULL, STATUS_REFUSED },
		{ "HTTP/1.1 404 Not Found\r\n", STATUS_REFUSED },
		{ "HTTP/1.1 301 Moved\r\nLocation: ws://b\r\n",
			STATUS_REFUSED },
		{ "HTTP/1.1 101 x\r\nConnection: Upgrade\r\n"
		  "Sec-WebSocket-Accept: " ACCEPT "\r\n" PROTOCOL,
			STATUS_MALFORMED },
		{ "HTTP/1.1 101 x\r\nUpgrade: websocket\r\n"
		  "Sec-WebSocket-Accept: " ACCEPT "\r\n" PROTOCOL,
			STATUS_MALFORMED },
		{ "HTTP/1.1 101 x\r\n" UPGRADE PROTOCOL, STATUS_MALFORMED },
		{ "HTTP/1.1 101 x\r\n" UPGRADE "Sec-WebSocket-Accept: "
		  "S3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" PROTOCOL,
			STATUS_MALFORMED },
		{ "HTTP/1.1 101 x\r\n" FULL "Sec-WebSocket-Accept: " ACCEPT
		  "\r\n",
			STATUS_MALFORMED },
		{ "HTTP/1.1 101 x\r\n" FULL
		  "Sec-WebSocket-Extensions: permessage-deflate\r\n",
			STATUS_MALFORMED },
		{ "HTTP/1.1 101 x\r\n" UPGRADE "Sec-WebSocket-Accept: " ACCEPT
		  "\r\n",
			STATUS_REFUSED },
		{ "HTTP/1.1 101 x\r\n" UPGRADE "Sec-WebSocket-Accept: " ACCEPT
		  "\r\nSec-WebSocket-Protocol: SIP\r\n",
			STATUS_REFUSED },
		{ "HTTP/1.1 101 x\r\n" FULL PROTOCOL, STATUS_REFUSED },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf b = BUF_INIT(1024);
		struct http_head h;
		struct err e = ERR_NONE;
		buf_printf(&b, "%s\r\n", cases[i].text);
		assert_int_equal(http_head_parse_response(&h, buf_view(&b), &e),
			HTTP_HEAD_DONE);
		bool good = ws_response_check(&h, &terms, KEY, &e);
		if (e.status != cases[i].status ||
			good != (e.status == STATUS_DONE))
			fail_msg("case %zu: %d, %s", i, e.status, e.text);
		buf_clear(&b);
	}
}

static void a_busy_server_may_be_asked_again(void **state)
{
	(void)state;
	struct http_head h;
	struct err e = ERR_NONE;
	http_head_parse_response(
		&h, HEAD("HTTP/1.1 503 Service Unavailable"), &e);
	assert_false(ws_response_check(&h, &terms, KEY, &e));
	assert_true(e.retryable);
	assert_int_equal(e.code, 503);
	assert_string_equal(e.text,
		"answers 503 Service Unavailable and opens no WebSocket");
}

#define ASKS                                                                   \
	"GET /chat?x HTTP/1.1\r\nHost: a\r\n" UPGRADE                          \
	"Sec-WebSocket-Version: 13\r\n"
#define HAS_KEY "Sec-WebSocket-Key: " KEY "\r\n"

static void a_client_is_told_why_it_may_not_come_in(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int code;
	} cases[] = {
		{ ASKS HAS_KEY PROTOCOL, 0 },
		{ ASKS HAS_KEY "Sec-WebSocket-Protocol: xmpp, sip\r\n", 0 },
		{ ASKS HAS_KEY PROTOCOL "Origin: HTTP://example.com\r\n", 0 },
		{ ASKS HAS_KEY PROTOCOL "Origin: http://evil.example\r\n",
			403 },
		{ ASKS HAS_KEY PROTOCOL "Origin: http://example.com\r\n"
					"Origin: http://evil.example\r\n",
			403 },
		{ ASKS HAS_KEY, 400 },
		{ ASKS HAS_KEY "Sec-WebSocket-Protocol: Sip\r\n", 400 },
		{ ASKS PROTOCOL, 400 },
		{ ASKS PROTOCOL "Sec-WebSocket-Key: dGhl\r\n", 400 },
		{ ASKS HAS_KEY HAS_KEY PROTOCOL, 400 },
		{ "POST /chat HTTP/1.1\r\nHost: a\r\n", 405 },
		{ "GET /other HTTP/1.1\r\nHost: a\r\n", 404 },
		{ "GET http://a/chat HTTP/1.1\r\nHost: a\r\n", 404 },
		{ "GET /chat HTTP/1.1\r\n", 400 },
		{ "GET /chat HTTP/1.1\r\nHost: a\r\nHost: b\r\n", 400 },
		{ "GET /chat HTTP/1.1\r\nHost: a\r\n", 426 },
		{ "GET /chat HTTP/1.1\r\nHost: a\r\n" UPGRADE HAS_KEY PROTOCOL
		  "Sec-WebSocket-Version: 8\r\n",
			426 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf b = BUF_INIT(1024);
		struct http_head h;
		struct err e = ERR_NONE;
		buf_printf(&b, "%s\r\n", cases[i].text);
		assert_int_equal(request(&h, buf_view(&b)), HTTP_HEAD_DONE);
		bool good = ws_request_check(&h, &terms, &e);
		if (e.code != cases[i].code || good != (e.code == 0))
			fail_msg("case %zu: %d, %s", i, e.code, e.text);
		buf_clear(&b);
	}
}

/* ---- frames ---- */

#define MAX 1000

struct heard {
	enum ws_event event;
	enum ws_code code;
	char text[MAX + 1];
	size_t left; /* bytes behind it */
};

/* The next event, the bytes given `step` at a time. */
static struct heard next(struct ws_framer *f, struct span *bytes, size_t step)
{
	struct heard h = { .event = WS_NOTHING };
	struct err e = ERR_NONE;
	while (h.event == WS_NOTHING && bytes->n) {
		struct span piece = span_first(*bytes, step), payload;
		size_t before = piece.n;
		h.event = ws_framer_read(f, &piece, &payload, &h.code, &e);
		*bytes = span_skip(*bytes, before - piece.n);
		assert_int_equal(h.event == WS_FAULT, err_is_set(&e));
		assert_true(span_copy(h.text, sizeof(h.text), payload));
	}
	h.left = bytes->n;
	return h;
}

static void the_examples_of_the_rfc_are_read(void **state)
{
	(void)state;
	/* Section 5.7 */
	struct span server = SPAN("\x81\x05Hello"
				  "\x01\x03Hel\x89\x05Hello\x80\x02lo"
				  "\x82\x7e\x01\x00");
	struct span client = SPAN("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"
				  "\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51"
				  "\x58");
	for (size_t step = 1; step <= 64; step++) {
		struct ws_framer *f = ws_framer_new(false, MAX);
		struct span bytes = server;
		struct heard h = next(f, &bytes, step);
		assert_int_equal(h.event, WS_TEXT);
		assert_string_equal(h.text, "Hello");
		assert_int_equal(h.left, server.n - 7);
		h = next(f, &bytes, step);
		assert_int_equal(h.event, WS_PING);
		assert_string_equal(h.text, "Hello");
		h = next(f, &bytes, step);
		assert_int_equal(h.event, WS_TEXT);
		assert_string_equal(h.text, "Hello");
		assert_int_equal(h.left, 4);
		assert_int_equal(next(f, &bytes, step).event, WS_NOTHING);
		char payload[256];
		memset(payload, 'x', sizeof(payload));
		bytes = span_from(payload, sizeof(payload));
		h = next(f, &bytes, step);
		assert_int_equal(h.event, WS_BINARY);
		assert_int_equal(strlen(h.text), 256);
		ws_framer_free(f);

		f = ws_framer_new(true, MAX);
		bytes = client;
		h = next(f, &bytes, step);
		assert_int_equal(h.event, WS_TEXT);
		assert_string_equal(h.text, "Hello");
		assert_int_equal(next(f, &bytes, step).event, WS_PONG);
		ws_framer_free(f);
	}
}

static void what_one_end_writes_the_other_reads(void **state)
{
	(void)state;
	static const size_t sizes[] = { 0, 1, 125, 126, 65535, 65536, 300000 };
	for (int from_server = 0; from_server <= 1; from_server++) {
		struct ws_framer *a = ws_framer_new(from_server, 1 << 20);
		struct ws_framer *b = ws_framer_new(!from_server, 1 << 20);
		for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
			struct buf text = BUF_INIT(1 << 20);
			struct buf wire = BUF_INIT(1 << 20);
			struct err e = ERR_NONE;
			while (text.len < sizes[i])
				buf_char(&text, (char)('a' + text.len % 26));
			assert_true(ws_framer_write(
				a, &wire, WS_TEXT, buf_view(&text)));
			assert_true(wire.len <= sizes[i] + WS_FRAME_OVERHEAD);
			struct span bytes = buf_view(&wire), payload;
			enum ws_code code;
			assert_int_equal(
				ws_framer_read(b, &bytes, &payload, &code, &e),
				WS_TEXT);
			assert_int_equal(bytes.n, 0);
			assert_true(span_equal(payload, buf_view(&text)));
			buf_clear(&text);
			buf_clear(&wire);
		}
		ws_framer_free(a);
		ws_framer_free(b);
	}
}

static void half_a_frame_is_never_written(void **state)
{
	(void)state;
	struct ws_framer *f = ws_framer_new(false, MAX);
	struct buf out = BUF_INIT(10 + WS_FRAME_OVERHEAD);
	assert_false(ws_framer_write(f, &out, WS_TEXT, SPAN("eleven char")));
	assert_int_equal(out.len, 0);
	assert_true(ws_framer_write(f, &out, WS_TEXT, SPAN("ten chars.")));
	ws_framer_free(f);
	buf_clear(&out);
}

static void closes_have_a_code_and_a_reason(void **state)
{
	(void)state;
	struct ws_framer *a = ws_framer_new(true, MAX);
	struct buf wire = BUF_INIT(1024);
	char longer[200];
	memset(longer, 'a', sizeof(longer));
	longer[WS_REASON_MAX - 1] = '\xc3'; /* a character is not cut in two */
	longer[WS_REASON_MAX] = '\xa5';
	ws_framer_write_close(a, &wire, WS_CODE_GOING_AWAY, SPAN("bye"));
	ws_framer_write_close(a, &wire, WS_CODE_NONE, SPAN("unused"));
	ws_framer_write_close(
		a, &wire, WS_CODE_POLICY, span_from(longer, sizeof(longer)));
	struct ws_framer *b = ws_framer_new(false, MAX);
	struct span bytes = buf_view(&wire);
	struct heard h = next(b, &bytes, 64);
	assert_int_equal(h.event, WS_CLOSE);
	assert_int_equal(h.code, 1001);
	assert_string_equal(h.text, "bye");
	h = next(b, &bytes, 64);
	assert_int_equal(h.event, WS_CLOSE);
	assert_int_equal(h.code, WS_CODE_NONE);
	h = next(b, &bytes, 64);
	assert_int_equal(h.event, WS_CLOSE);
	assert_int_equal(h.code, 1008);
	assert_int_equal(strlen(h.text), WS_REASON_MAX - 1);
	ws_framer_free(a);
	ws_framer_free(b);
	buf_clear(&wire);
}

static void frames_against_the_rfc_are_refused(void **state)
{
	(void)state;
	static const struct {
		struct span bytes;
		bool by_server;
		int code;
	} cases[] = {
		/* masks on the wrong side */
		{ SPAN("\x81\x05Hello"), true, 1002 },
		{ SPAN("\x81\x85\0\0\0\0Hello"), false, 1002 },
		/* reserved bits and opcodes */
		{ SPAN("\xc1\x01x"), false, 1002 },
		{ SPAN("\xa1\x01x"), false, 1002 },
		{ SPAN("\x91\x01x"), false, 1002 },
		{ SPAN("\x83\x01x"), false, 1002 },
		{ SPAN("\x87\x01x"), false, 1002 },
		{ SPAN("\x8b\x01x"), false, 1002 },
		{ SPAN("\x8f\x01x"), false, 1002 },
		/* control frames in pieces, or too long */
		{ SPAN("\x09\x01x"), false, 1002 },
		{ SPAN("\x08\x01x"), false, 1002 },
		{ SPAN("\x89\x7e\x00\x7e"), false, 1002 },
		/* fragments of nothing, a message within one */
		{ SPAN("\x80\x01x"), false, 1002 },
		{ SPAN("\x00\x01x"), false, 1002 },
		{ SPAN("\x01\x01x\x81\x01y"), false, 1002 },
		{ SPAN("\x81\x01x\x80\x01y"), false, 1002 },
		/* lengths longer than they need to be, or negative */
		{ SPAN("\x81\x7e\x00\x05Hello"), false, 1002 },
		{ SPAN("\x81\x7f\0\0\0\0\0\0\xff\xff"), false, 1002 },
		{ SPAN("\x81\x7f\x80\0\0\0\0\1\0\0"), false, 1002 },
		/* over the limit, at once and in pieces; before it has come */
		{ SPAN("\x81\x7e\x03\xe9x"), false, 1009 },
		{ SPAN("\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xffx"), false,
			1009 },
		{ SPAN("\x01\x01x\x80\x7e\x03\xe8x"), false, 1009 },
		/* text that is none */
		{ SPAN("\x81\x02\xc3("), false, 1007 },
		{ SPAN("\x81\x03\xed\xa0\x80"), false, 1007 },
		{ SPAN("\x01\x01\xc3\x80\x01("), false, 1007 },
		{ SPAN("\x81\x01\xc3"), false, 1007 },
		/* closes */
		{ SPAN("\x88\x01\x03"), false, 1002 },
		{ SPAN("\x88\x02\x03\xe7"), false, 1002 }, /* 999 */
		{ SPAN("\x88\x02\x03\xec"), false, 1002 }, /* 1004 */
		{ SPAN("\x88\x02\x03\xed"), false, 1002 }, /* 1005 */
		{ SPAN("\x88\x02\x03\xee"), false, 1002 }, /* 1006 */
		{ SPAN("\x88\x02\x03\xf7"), false, 1002 }, /* 1015 */
		{ SPAN("\x88\x02\x07\xd0"), false, 1002 }, /* 2000 */
		{ SPAN("\x88\x02\x13\x88"), false, 1002 }, /* 5000 */
		{ SPAN("\x88\x03\x03\xe8\xff"), false, 1007 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (size_t step = 1; step <= 16; step += 15) {
			struct ws_framer *f =
				ws_framer_new(cases[i].by_server, MAX);
			struct span bytes = cases[i].bytes;
			struct heard h;
			do
				h = next(f, &bytes, step);
			while (h.event == WS_TEXT);
			if (h.event != WS_FAULT || (int)h.code != cases[i].code)
				fail_msg("case %zu: event %d, code %d", i,
					h.event, h.code);
			/* And nothing is read behind it. */
			struct span more = SPAN("\x81\x05Hello");
			assert_int_equal(next(f, &more, 16).event, WS_FAULT);
			ws_framer_free(f);
		}
}

static void what_is_legal_and_odd_is_read(void **state)
{
	(void)state;
	struct ws_framer *f = ws_framer_new(false, MAX);
	struct span bytes =
		SPAN("\x81\x00"                         /* an empty one */
		     "\x01\x00\x00\x00\x80\x00"         /* of empty pieces */
		     "\x01\x01\xc3\x89\x00\x80\x01\xa5" /* å */
		     "\x88\x02\x0b\xb8");               /* 3000 */
	assert_int_equal(next(f, &bytes, 16).event, WS_TEXT);
	assert_int_equal(next(f, &bytes, 16).event, WS_TEXT);
	assert_int_equal(next(f, &bytes, 16).event, WS_PING);
	struct heard h = next(f, &bytes, 16);
	assert_int_equal(h.event, WS_TEXT);
	assert_string_equal(h.text, "å");
	h = next(f, &bytes, 16);
	assert_int_equal(h.event, WS_CLOSE);
	assert_int_equal(h.code, 3000);
	ws_framer_free(f);
}

TEST_MAIN(cmocka_unit_test(a_head_is_a_line_and_its_fields),
	cmocka_unit_test(a_head_that_is_not_all_there_is_waited_for),
	cmocka_unit_test(malformed_heads_are_refused),
	cmocka_unit_test(heads_have_limits),
	cmocka_unit_test(answers_of_old_proxies_are_read),
	cmocka_unit_test(the_request_is_as_in_the_rfc),
	cmocka_unit_test(nothing_can_be_smuggled_into_a_request),
	cmocka_unit_test(keys_are_fresh),
	cmocka_unit_test(a_server_is_believed_only_with_its_proof),
	cmocka_unit_test(a_busy_server_may_be_asked_again),
	cmocka_unit_test(a_client_is_told_why_it_may_not_come_in),
	cmocka_unit_test(the_examples_of_the_rfc_are_read),
	cmocka_unit_test(what_one_end_writes_the_other_reads),
	cmocka_unit_test(half_a_frame_is_never_written),
	cmocka_unit_test(closes_have_a_code_and_a_reason),
	cmocka_unit_test(frames_against_the_rfc_are_refused),
	cmocka_unit_test(what_is_legal_and_odd_is_read))
