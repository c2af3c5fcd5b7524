/* Addresses as text and back (RFC 3986 section 3.2.2, RFC 4007 section 11). */
#include "tests/common/test.h"

#include "net/endpoint.h"

static void an_address_is_written_as_it_was_read(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1:5060" },
		{ "192.0.2.1:80", "192.0.2.1:80" },
		{ "192.0.2.1:0", "192.0.2.1:0" },
		{ "2001:db8::1", "[2001:db8::1]:5060" },
		{ "[2001:db8::1]", "[2001:db8::1]:5060" },
		{ "[2001:DB8:0:0::1]:65535", "[2001:db8::1]:65535" },
		{ "::", "[::]:5060" },
		{ "::ffff:192.0.2.1", "[::ffff:192.0.2.1]:5060" },
		{ "[fe80::1%lo]:5", "[fe80::1%lo]:5" },
		{ "fe80::1%1", "[fe80::1%lo]:5060" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct endpoint a;
		struct err e = ERR_NONE;
		char text[ENDPOINT_TEXT_SIZE];
		assert_ok(endpoint_parse(&a, span_of(rows[i].text), 5060, &e),
			&e);
		assert_string_equal(endpoint_format(text, &a), rows[i].want);
	}
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const rows[] = { "", ":", ":80", "[", "[]", "[]:1",
		"192.0.2.1:", "192.0.2.1:65536", "192.0.2.1:-1", "192.0.2.1:+1",
		"192.0.2.1: 1", "192.0.2", "192.0.2.1.", "1", "0x7f.1",
		"192.0.2.256", "192.0.02.1000", "[192.0.2.1]", "[2001:db8::1",
		"2001:db8::1]", "[2001:db8::1]5",
		"[2001:db8::1]:", "2001:db8::1::2",
		"12345::", ":::", "fe80::1%", "fe80::1%no-such-zone",
		"[fe80::1%0]", "host", "192.0.2.1%lo", "[2001:db8::1]]:1" };
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct endpoint a;
		struct err e = ERR_NONE;
		if (endpoint_parse(&a, span_of(rows[i]), 1, &e))
			fail_msg("\"%s\" was taken for an address", rows[i]);
		assert_int_equal(e.status, STATUS_USAGE);
	}
	struct endpoint a;
	assert_false(
		endpoint_parse_address(&a, span_from("192.0.2.1\0junk", 14)));
}

static void a_host_is_split_from_its_port(void **state)
{
	static const struct {
		const char *text, *host;
		int port; /* -1: refused */
	} rows[] = {
		{ "example.org", "example.org", 7 },
		{ "example.org:80", "example.org", 80 },
		{ "[2001:db8::1]:80", "2001:db8::1", 80 },
		{ "[2001:db8::1]", "2001:db8::1", 7 },
		{ "2001:db8::1", "2001:db8::1", 7 },
		{ "192.0.2.1:65535", "192.0.2.1", 65535 },
		{ "example.org:", "", -1 },
		{ "example.org:x", "", -1 },
		{ "example.org:80:80", "", -1 },
		{ ":80", "", -1 },
		{ "[example.org]:80", "", -1 },
		{ "", "", -1 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct span host = SPAN("untouched");
		uint16_t port = 7;
		bool ok = endpoint_split(span_of(rows[i].text), &host, &port);
		if (ok != (rows[i].port >= 0))
			fail_msg("\"%s\": %s", rows[i].text,
				ok ? "taken" : "refused");
		assert_span(host, ok ? rows[i].host : "untouched");
		assert_int_equal(port, ok ? rows[i].port : 7);
	}
}

static struct endpoint parsed(const char *text)
{
	struct endpoint a;
	struct err e = ERR_NONE;
	assert_ok(endpoint_parse(&a, span_of(text), 0, &e), &e);
	return a;
}

static void endpoints_are_compared_by_address_and_port(void **state)
{
	struct endpoint a = parsed("192.0.2.1:5060"), b = a, none = { 0 };
	struct endpoint six = parsed("[::ffff:192.0.2.1]:5060");
	(void)state;
	assert_true(endpoint_equal(&a, &b));
	endpoint_set_port(&b, 5061);
	assert_int_equal(endpoint_port(&b), 5061);
	assert_false(endpoint_equal(&a, &b));
	assert_true(endpoint_same_address(&a, &b));
	assert_false(endpoint_same_address(&a, &six));
	assert_false(endpoint_equal(&a, &none));
	assert_true(endpoint_equal(&none, &none));
	assert_int_equal(endpoint_family(&none), 0);
	assert_int_equal(endpoint_family(&six), AF_INET6);
}

static void any_and_loopback_are_known(void **state)
{
	static const struct {
		const char *text;
		bool any, loopback;
	} rows[] = { { "0.0.0.0", true, false }, { "::", true, false },
		{ "127.0.0.1", false, true }, { "127.255.0.9", false, true },
		{ "::1", false, true }, { "128.0.0.1", false, false },
		{ "::2", false, false } };
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct endpoint a = parsed(rows[i].text);
		assert_int_equal(endpoint_is_any(&a), rows[i].any);
		assert_int_equal(endpoint_is_loopback(&a), rows[i].loopback);
	}
}

static void only_ipv6_in_a_uri_has_brackets(void **state)
{
	struct endpoint four = parsed("192.0.2.1:1"), six = parsed("[::1]:1");
	char text[ENDPOINT_TEXT_SIZE];
	(void)state;
	assert_string_equal(
		endpoint_format_address(text, &four, true), "192.0.2.1");
	assert_string_equal(endpoint_format_address(text, &six, true), "[::1]");
	assert_string_equal(endpoint_format_address(text, &six, false), "::1");
}

TEST_MAIN(cmocka_unit_test(an_address_is_written_as_it_was_read),
	cmocka_unit_test(what_is_no_address_is_refused),
	cmocka_unit_test(a_host_is_split_from_its_port),
	cmocka_unit_test(endpoints_are_compared_by_address_and_port),
	cmocka_unit_test(any_and_loopback_are_known),
	cmocka_unit_test(only_ipv6_in_a_uri_has_brackets))
