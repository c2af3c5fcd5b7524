/* URLs of servers, as people give them. */
#include "tests/common/test.h"

#include "net/url.h"

static void good_ones_are_taken_apart(void **state)
{
	static const struct {
		const char *text;
		enum url_scheme scheme;
		const char *host;
		uint16_t port;
		const char *path, *shown;
	} rows[] = {
		{ "wss://a.example/ws", URL_WSS, "a.example", 443, "/ws",
			"a.example" },
		{ "WSS://A.Example", URL_WSS, "A.Example", 443, "/",
			"A.Example" },
		{ "ws://a:8080/x?y=z%20", URL_WS, "a", 8080, "/x?y=z%20",
			"a:8080" },
		{ "https://[2001:db8::1]/", URL_HTTPS, "2001:db8::1", 443, "/",
			"[2001:db8::1]" },
		{ "http://[2001:db8::1]:81?q", URL_HTTP, "2001:db8::1", 81,
			"/?q", "[2001:db8::1]:81" },
		{ "socks5://127.0.0.1", URL_SOCKS5, "127.0.0.1", 1080, "/",
			"127.0.0.1" },
		{ "wss://a.example:443/", URL_WSS, "a.example", 443, "/",
			"a.example" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct url u;
		struct err e = ERR_NONE;
		struct buf host = BUF_INIT(300);
		assert_true(url_is_likely(span_of(rows[i].text)));
		assert_ok(url_parse(&u, span_of(rows[i].text), &e), &e);
		assert_int_equal(u.scheme, rows[i].scheme);
		assert_string_equal(u.host, rows[i].host);
		assert_int_equal(u.port, rows[i].port);
		assert_string_equal(u.path, rows[i].path);
		assert_true(url_add_host(&host, &u));
		assert_string_equal(buf_text(&host), rows[i].shown);
		buf_clear(&host);
	}
}

static void bad_ones_are_refused(void **state)
{
	static const char *const rows[] = { "", "a.example", "sip:a.example",
		"ftp://a.example", "://a", "wss://", "wss:///path",
		"wss://user:secret@a.example/", "wss://user@a.example/",
		"wss://a.example:0/", "wss://a.example:65536/",
		"wss://a.example:x/", "wss://a b/", "wss://a%20b/",
		"wss://\xc3\xa5.example/", "wss://a.example/\xc3\xa5",
		"wss://a.example/a b", "wss://a.example/#x",
		"wss://a.example/\r\nX: y", "wss://[a.example]/",
		"wss://[2001:db8::1/", "wss://2001:db8::1/" };
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct url u;
		struct err e = ERR_NONE;
		if (url_parse(&u, span_of(rows[i]), &e))
			fail_msg("%s is taken", rows[i]);
		assert_int_equal(e.status, STATUS_USAGE);
	}
}

TEST_MAIN(cmocka_unit_test(good_ones_are_taken_apart),
	cmocka_unit_test(bad_ones_are_refused))
