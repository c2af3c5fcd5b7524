/* Where the body of an answer ends (RFC 9112 sections 6.3 and 7.1). */
#include "tests/common/test.h"

#include <string.h>

#include "net/http_body.h"

#define OK_HEAD "HTTP/1.1 200 OK\r\n"

/* The content as far as it came, with '|' at the end where it is whole, '!'
 * where it is bad, '~' where it ends with the connection; then what is behind
 * it. */
static void assert_read(const char *answer, size_t piece, const char *want)
{
	struct http_head h;
	struct http_body body;
	struct err e = ERR_NONE;
	struct buf got = BUF_INIT(10000);
	struct span all = span_of(answer);
	assert_int_equal(http_head_parse_response(&h, all, &e), HTTP_HEAD_DONE);
	all = span_skip(all, h.length);
	bool good = http_body_begin(&body, &h, &e);
	size_t at = 0, have = 0, skip = 0;
	struct span content;
	enum http_body_state state = good ? HTTP_BODY_MORE : HTTP_BODY_BAD;
	while (state == HTTP_BODY_MORE) {
		state = http_body_next(&body,
			span_skip(span_first(all, have), at), &skip, &content,
			&e);
		buf_span(&got, content);
		http_body_take(&body, content.n);
		at += skip + content.n;
		if (state == HTTP_BODY_MORE && !skip && !content.n) {
			if (have == all.n)
				break;
			have += piece;
			if (have > all.n)
				have = all.n;
		}
	}
	if (state == HTTP_BODY_BAD) {
		assert_int_equal(e.status, STATUS_MALFORMED);
		buf_char(&got, '!');
	} else if (state == HTTP_BODY_DONE) {
		buf_char(&got, '|');
		buf_span(&got, span_skip(all, at));
	} else if (body.until_close) {
		buf_char(&got, '~');
	}
	if (strcmp(buf_text(&got), want) != 0)
		fail_msg(
			"%s: \"%s\", not \"%s\"", answer, buf_text(&got), want);
	buf_clear(&got);
}

static void bodies_end_where_they_say(void **state)
{
	(void)state;
	static const struct {
		const char *answer, *want;
	} rows[] = {
		{ OK_HEAD "Content-Length: 5\r\n\r\nhello", "hello|" },
		{ OK_HEAD "Content-Length: 5\r\n\r\nhel", "hel" },
		{ OK_HEAD "Content-Length: 0\r\n\r\n", "|" },
		{ OK_HEAD "\r\nhello", "hello~" },
		{ "HTTP/1.1 204 No\r\n\r\n", "|" },
		{ "HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\n", "|" },
		{ OK_HEAD "Transfer-Encoding: Chunked\r\n\r\n"
			  "5\r\nhello\r\n1;a=\"b\"\r\n!\r\n0\r\n\r\n",
			"hello!|" },
		{ OK_HEAD "Transfer-Encoding: chunked\r\n\r\n"
			  "00A\r\n0123456789\r\n0\r\nA: b\r\nC: d\r\n\r\n",
			"0123456789|" },
		{ OK_HEAD "Transfer-Encoding: chunked\r\n\r\n0\r\n\r", "" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (size_t piece = 1; piece < 100; piece += 13)
			assert_read(rows[i].answer, piece, rows[i].want);
	assert_read(OK_HEAD "Content-Length: 2\r\n\r\nhiHTTP/1.1", 100,
		"hi|HTTP/1.1");
}

static void what_contradicts_itself_is_refused(void **state)
{
	(void)state;
	static const char *const rows[] = {
		"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
		"Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
		"Content-Length: 5, 5\r\n\r\n",
		"Content-Length: -1\r\n\r\n",
		"Content-Length: 0x5\r\n\r\n",
		"Content-Length: 99999999999999999999\r\n\r\n",
		"Transfer-Encoding: gzip, chunked\r\n\r\n",
		"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n",
		"Transfer-Encoding: chunked\r\n\r\n\r\n",
		"Transfer-Encoding: chunked\r\n\r\n-1\r\n",
		"Transfer-Encoding: chunked\r\n\r\n;a\r\n",
		"Transfer-Encoding: chunked\r\n\r\n0x1\r\n",
		"Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n",
		"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	};
	size_t last = sizeof(rows) / sizeof(*rows) - 1;
	for (size_t i = 0; i <= last; i++) {
		struct buf b = BUF_INIT(1000);
		buf_printf(&b, OK_HEAD "%s", rows[i]);
		assert_read(buf_text(&b), 100, i < last ? "!" : "|");
		buf_clear(&b);
	}
	assert_read(OK_HEAD "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
		100, "a!");
}

static void what_has_no_end_is_refused(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(100000);
	buf_str(&b, OK_HEAD "Transfer-Encoding: chunked\r\n\r\n1;");
	for (int i = 0; i <= HTTP_CHUNK_LINE_MAX; i++)
		buf_char(&b, 'x');
	assert_read(buf_text(&b), 100000, "!");
	buf_reset(&b);
	buf_str(&b, OK_HEAD "Transfer-Encoding: chunked\r\n\r\n0\r\n");
	while (b.len <= 2 * HTTP_HEAD_MAX)
		buf_str(&b, "A: b\r\n");
	assert_read(buf_text(&b), 100000, "!");
	buf_clear(&b);
}

TEST_MAIN(cmocka_unit_test(bodies_end_where_they_say),
	cmocka_unit_test(what_contradicts_itself_is_refused),
	cmocka_unit_test(what_has_no_end_is_refused))
