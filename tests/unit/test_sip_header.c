/* Header values: Via, addresses, numbers, media types. */
#include "tests/common/test.h"

#include <string.h>

#include "base/buf.h"
#include "sip/header.h"
#include "sip/value.h"

static void a_via_is_taken_apart(void **state)
{
	(void)state;
	struct sip_via v;
	struct err e = ERR_NONE;
	assert_ok(sip_via_parse(&v,
			  SPAN("SIP / 2.0\r\n / UDP  [2001:db8::9:1] : 5070 ;"
			       " branch= z9hG4bKa ;received=192.0.2.1;"
			       "rport=99;ttl=7;maddr=224.0.0.1;x"),
			  &e),
		&e);
	assert_span(v.transport, "UDP");
	assert_span(v.host, "2001:db8::9:1");
	assert_true(v.is_ipv6);
	assert_int_equal(v.port, 5070);
	assert_span(v.sent_by, "[2001:db8::9:1] : 5070");
	assert_span(v.branch, "z9hG4bKa");
	assert_span(v.received, "192.0.2.1");
	assert_true(v.has_rport);
	assert_int_equal(v.rport, 99);
	assert_int_equal(v.ttl, 7);
	assert_span(v.maddr, "224.0.0.1");
	assert_true(sip_via_has_cookie(&v));

	assert_ok(
		sip_via_parse(&v, SPAN("SIP/2.0/TCP h.example;rport"), &e), &e);
	assert_int_equal(v.port, 0);
	assert_true(v.has_rport);
	assert_int_equal(v.rport, 0);
	assert_span(v.branch, "");
	assert_false(sip_via_has_cookie(&v));
	assert_ok(sip_via_parse(&v, SPAN("SIP/2.0/UDP h;branch=z9hG4bK"), &e),
		&e);
	assert_false(sip_via_has_cookie(&v)); /* RFC 4475 section 3.2.1 */
	assert_ok(sip_via_parse(&v, SPAN("SIP/7.0/UDP h"), &e), &e);

	/* RFC 5118 section 4.5: with and without brackets */
	assert_ok(sip_via_parse(&v,
			  SPAN("SIP/2.0/UDP h;received=[2001:db8::9:255]"), &e),
		&e);
	assert_span(v.received, "2001:db8::9:255");
	assert_ok(sip_via_parse(&v,
			  SPAN("SIP/2.0/UDP h;received=2001:db8::9:255"), &e),
		&e);
	assert_span(v.received, "2001:db8::9:255");
}

static void a_malformed_via_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "SIP/2.0/UDP", "SIP/2.0/UDP ",
		"SIP/2.0 UDP h", "/2.0/UDP h", "SIP/2.0/ h", "SIP/2.0/UDP;h",
		"SIP/2.0/UDP h:", "SIP/2.0/UDP h:0", "SIP/2.0/UDP h:65536",
		"SIP/2.0/UDP h i", "SIP/2.0/UDP [::1", "SIP/2.0/UDP [x]",
		"SIP/2.0/UDP 1.2.3.4.5", "SIP/2.0/UDP h;;", "SIP/2.0/UDP h;",
		"SIP/2.0/UDP h;branch",
		"SIP/2.0/UDP h;branch=", "SIP/2.0/UDP h;branch=\"a\"",
		"SIP/2.0/UDP h;ttl=256", "SIP/2.0/UDP h;ttl",
		"SIP/2.0/UDP h;rport=65536", "SIP/2.0/UDP h;rport=x",
		"SIP/2.0/UDP h;received=a!b", "SIP/2.0/UDP h;received",
		"SIP/2.0/UDP h;maddr", "SIP/2.0/UDP h;branch=a;branch=b",
		"SIP/2.0/UDP ::1" };
	struct sip_via v = { .port = 77 };
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct err e = ERR_NONE;
		if (sip_via_parse(&v, span_of(bad[i]), &e))
			fail_msg("taken as a Via: %s", bad[i]);
		assert_int_equal(e.status, STATUS_MALFORMED);
	}
	assert_int_equal(v.port, 77);
}

static void an_address_is_taken_apart(void **state)
{
	(void)state;
	static const struct {
		const char *text, *display, *uri, *params, *shown;
	} cases[] = {
		{ "sip:a@b", "", "sip:a@b", "", "" },
		{ "sip:a@b;tag=1", "", "sip:a@b", ";tag=1", "" },
		{ "<sip:a@b;lr>;tag=1", "", "sip:a@b;lr", ";tag=1", "" },
		{ "A. B <sip:a@b>", "A. B", "sip:a@b", "", "A. B" },
		{ "caller<sip:a@b>", "caller", "sip:a@b", "", "caller" },
		{ "\"a<b>\\\"\\\\c\" <sip:a@b> ; x", "\"a<b>\\\"\\\\c\"",
			"sip:a@b", " ; x", "a<b>\"\\c" },
		{ "\r\n <sip:a,b?@c>\r\n ;tag = 7", "", "sip:a,b?@c",
			"\r\n ;tag = 7", "" },
		{ "J\xc3\xbcrg <sip:a@b>", "J\xc3\xbcrg", "sip:a@b", "",
			"J\xc3\xbcrg" },
		{ "<http://www.example.com>;tag=3", "",
			"http://www.example.com", ";tag=3", "" },
		{ "isbn:2983792873", "", "isbn:2983792873", "", "" },
		{ "\"\" <sip:a@b>", "\"\"", "sip:a@b", "", "" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sip_addr a;
		struct err e = ERR_NONE;
		struct buf b = BUF_INIT(100);
		assert_ok(sip_addr_parse(&a, span_of(cases[i].text), &e), &e);
		assert_span(a.display, cases[i].display);
		assert_span(a.uri, cases[i].uri);
		assert_span(a.params, cases[i].params);
		assert_true(sip_addr_display(&b, &a));
		assert_span(buf_view(&b), cases[i].shown);
		buf_clear(&b);
	}
	assert_span(sip_tag(SPAN("<sip:a@b>;x;TAG=9")), "9");
	assert_span(sip_tag(SPAN("<sip:a@b;tag=1>")), "");
	assert_span(sip_tag(SPAN("nonsense <")), "");
	/* RFC 4475 section 3.1.1.2: a quoted NUL */
	struct sip_addr a;
	struct buf b = BUF_INIT(100);
	assert_true(sip_addr_parse(&a, SPAN("\"N:\\\0\" <sip:a@b>"), NULL));
	assert_true(sip_addr_display(&b, &a));
	assert_int_equal(b.len, 3);
	buf_clear(&b);
}

static void a_malformed_address_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { "", " ", "<>", "<sip:a", "sip:a>",
		"\"a <sip:b@c>", "\"a\\\" <sip:b@c>", "\"a\\", "\"a\" sip:b@c",
		"a\"b\" <sip:b@c>", "\"a\"b <sip:b@c>", "Bell, A <sip:b@c>",
		"< sip:b@c>", "<sip:b@c >", "<sip:b c>", "sip:b@c?h=i",
		"sip:b,c@d", "<sip:b@c>;;", "<sip:b@c>x",
		"<sip:b@c>;tag=", "<sip:b@c>;tag=1;tag=2", "a\x01 <sip:b@c>",
		"(a) <sip:b@c>", "%", "sip:a@b c" };
	struct sip_addr a;
	struct sip_uri u;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (sip_addr_parse_uri(&a, &u, span_of(bad[i]), NULL))
			fail_msg("taken as an address: %s", bad[i]);
}

static void an_address_is_written_so_that_it_reads_the_same(void **state)
{
	(void)state;
	static const char *const names[] = { "Bob", "a \"b\" \\", "<x>, y;z",
		"\x01\x7f", "" };
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct buf b = BUF_INIT(100), shown = BUF_INIT(100);
		struct sip_addr a;
		struct err e = ERR_NONE;
		assert_true(sip_addr_format(
			&b, span_of(names[i]), SPAN("sip:a@b;x")));
		assert_ok(sip_addr_parse(&a, buf_view(&b), &e), &e);
		assert_span(a.uri, "sip:a@b;x");
		assert_true(sip_addr_display(&shown, &a));
		assert_span(buf_view(&shown), names[i]);
		buf_clear(&b);
		buf_clear(&shown);
	}
	struct buf b = BUF_INIT(100);
	assert_false(sip_addr_format(&b, SPAN("a\r\nVia: x"), SPAN("sip:a")));
	buf_reset(&b);
	assert_false(sip_addr_format(&b, SPAN("a"), SPAN("sip:a>\r\nb")));
	buf_clear(&b);
}

static void a_contact_has_q_and_expires(void **state)
{
	(void)state;
	struct sip_contact c;
	struct err e = ERR_NONE;
	assert_ok(sip_contact_parse(&c,
			  SPAN("\"Quoted \\\"\\\"\" <sip:a@b> ; newparam =\r\n"
			       " v ;\r\n secondparam ; q = 0.33;expires=60"),
			  &e),
		&e);
	assert_int_equal(c.q, 330);
	assert_true(c.has_expires);
	assert_int_equal(c.expires, 60);
	assert_true(sip_contact_parse(&c, SPAN(" * "), NULL));
	assert_true(c.is_star);
	/* beyond 2^32-1, or no number: as if it were not there */
	assert_true(sip_contact_parse(
		&c, SPAN("<sip:a@b>;expires=280297596632815"), NULL));
	assert_false(c.has_expires);
	assert_false(c.is_star);
	assert_false(sip_contact_parse(&c, SPAN("<sip:a@b>;q=1.1"), NULL));
	assert_false(
		sip_contact_parse(&c, SPAN("%"), NULL) && c.addr.uri.n > 1);
}

static void numbers_are_read_to_their_limits(void **state)
{
	(void)state;
	struct sip_cseq c;
	assert_true(sip_cseq_parse(&c, SPAN("0009\r\n INVITE"), NULL));
	assert_int_equal(c.number, 9);
	assert_int_equal(c.kind, SIP_METHOD_INVITE);
	assert_true(sip_cseq_parse(&c, SPAN("2147483647 X%2"), NULL));
	assert_span(c.method, "X%2");
	static const char *const bad_cseq[] = { "", "1", "INVITE", "1INVITE",
		"2147483648 INVITE", "36893488147419103232 REGISTER",
		"-1 INVITE", "1 INVITE x", "1 IN(VITE" };
	for (size_t i = 0; i < sizeof(bad_cseq) / sizeof(*bad_cseq); i++)
		if (sip_cseq_parse(&c, span_of(bad_cseq[i]), NULL))
			fail_msg("taken as a CSeq: %s", bad_cseq[i]);

	struct sip_rack r;
	assert_true(sip_rack_parse(&r, SPAN("776656 1 INVITE"), NULL));
	assert_int_equal(r.rseq, 776656);
	assert_int_equal(r.cseq.number, 1);
	assert_false(sip_rack_parse(&r, SPAN("1 INVITE"), NULL));

	uint32_t seconds = 7;
	assert_true(sip_seconds_parse(&seconds, SPAN("4294967295"), NULL));
	assert_false(sip_seconds_parse(&seconds, SPAN("4294967296"), NULL));
	assert_int_equal(seconds, 4294967295u);
	uint8_t hops;
	assert_true(sip_max_forwards_parse(&hops, SPAN("0068"), NULL));
	assert_int_equal(hops, 68);
	assert_false(sip_max_forwards_parse(&hops, SPAN("256"), NULL));
	assert_false(sip_max_forwards_parse(&hops, SPAN(""), NULL));

	assert_true(sip_retry_after_parse(
		&seconds, SPAN("120 (back soon);duration=60"), NULL));
	assert_int_equal(seconds, 120);
	assert_true(
		sip_retry_after_parse(&seconds, SPAN("5;duration=1"), NULL));
	assert_false(sip_retry_after_parse(&seconds, SPAN("5x"), NULL));
	assert_false(sip_retry_after_parse(
		&seconds, SPAN("949302838503028349304023988"), NULL));
}

static void a_q_is_zero_to_one(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int q; /* -1: refused */
	} cases[] = { { "0", 0 }, { "1", 1000 }, { "0.", 0 }, { "0.5", 500 },
		{ "0.123", 123 }, { "1.000", 1000 }, { "1.", 1000 },
		{ "0.1234", -1 }, { "1.001", -1 }, { "2", -1 }, { "", -1 },
		{ ".5", -1 }, { "0.x", -1 }, { "01", -1 }, { "-1", -1 } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		unsigned q = 9999;
		bool ok = sip_q_parse(&q, span_of(cases[i].text));
		if (ok != (cases[i].q >= 0) ||
			(ok && q != (unsigned)cases[i].q))
			fail_msg("q=%s gave %u", cases[i].text, q);
	}
}

static void a_call_id_is_words(void **state)
{
	(void)state;
	assert_true(sip_call_id_is_valid(
		SPAN("intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{")));
	assert_true(sip_call_id_is_valid(SPAN("a")));
	static const char *const bad[] = { "", "@", "a@", "@a", "a@b@c", "a b",
		"a\x01", "a;b", "\xc3\xa4" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (sip_call_id_is_valid(span_of(bad[i])))
			fail_msg("taken as a Call-ID: %s", bad[i]);
}

static void media_types_are_taken_apart(void **state)
{
	(void)state;
	struct sip_media_type t;
	struct err e = ERR_NONE;
	assert_ok(sip_media_type_parse(&t, SPAN("application/sdp"), &e), &e);
	assert_true(sip_media_type_is(&t, "Application", "SDP"));
	assert_false(sip_media_type_is(&t, "application", "sd"));
	assert_ok(sip_media_type_parse(&t,
			  SPAN("multipart / mixed;\r\n boundary=\"a;/b\""), &e),
		&e);
	assert_span(t.type, "multipart");
	assert_span(t.subtype, "mixed");
	struct sip_param p;
	assert_true(sip_param_find(t.params, "boundary", &p));
	assert_span(sip_unquote(p.value), "a;/b");
	assert_ok(sip_media_type_parse(&t, SPAN("*/*;q=0.1"), &e), &e);
	static const char *const bad[] = { "", "a", "a/", "/b", "a/b/c",
		"a b/c", "a/b c", "a/b;", "a/b;;c", "a/b;c=", "a/b;c=\"",
		"a\x01/b", "a/b;c;C", "a;b/c" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (sip_media_type_parse(&t, span_of(bad[i]), NULL))
			fail_msg("taken as a media type: %s", bad[i]);
	assert_false(sip_media_type_parse(&t, SPAN("a/b\0c"), NULL));
}

static void tokens_with_parameters_are_taken_apart(void **state)
{
	(void)state;
	struct sip_token_value t;
	assert_true(sip_token_value_parse(
		&t, SPAN("terminated ; reason=timeout"), NULL));
	assert_span(t.token, "terminated");
	assert_false(sip_token_value_parse(&t, SPAN("a b;c"), NULL));
	assert_false(sip_token_value_parse(&t, SPAN(";c"), NULL));

	struct sip_replaces r;
	assert_true(sip_replaces_parse(&r,
		SPAN("425928@b.example;to-tag=7743;from-tag=6472;early-only"),
		NULL));
	assert_span(r.call_id, "425928@b.example");
	assert_span(r.to_tag, "7743");
	assert_span(r.from_tag, "6472");
	assert_true(r.early_only);
	assert_false(sip_replaces_parse(&r, SPAN("a@b;to-tag=1"), NULL));
	assert_false(
		sip_replaces_parse(&r, SPAN(";to-tag=1;from-tag=2"), NULL));
}

TEST_MAIN(cmocka_unit_test(a_via_is_taken_apart),
	cmocka_unit_test(a_malformed_via_is_refused),
	cmocka_unit_test(an_address_is_taken_apart),
	cmocka_unit_test(a_malformed_address_is_refused),
	cmocka_unit_test(an_address_is_written_so_that_it_reads_the_same),
	cmocka_unit_test(a_contact_has_q_and_expires),
	cmocka_unit_test(numbers_are_read_to_their_limits),
	cmocka_unit_test(a_q_is_zero_to_one),
	cmocka_unit_test(a_call_id_is_words),
	cmocka_unit_test(media_types_are_taken_apart),
	cmocka_unit_test(tokens_with_parameters_are_taken_apart))
