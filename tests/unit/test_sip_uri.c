/* URIs: libosip2 takes them apart, we say what is one and which are equal. */
#include "tests/common/test.h"

#include <string.h>

#include "base/buf.h"
#include "sip/uri.h"

static struct sip_uri parse(const char *text)
{
	struct sip_uri u = { .port = 0 };
	struct err e = ERR_NONE;
	if (!sip_uri_parse(&u, span_of(text), &e))
		fail_msg("%s: %s", text, e.text);
	return u;
}

static void a_uri_is_taken_apart(void **state)
{
	(void)state;
	struct sip_uri u = parse("SIPS:a%20b:p%3aw@[2001:db8::1]:5061;lr;"
				 "transport=tcp?Subject=x%20y&Route=%3Ca%3E");
	assert_int_equal(u.kind, SIP_SCHEME_SIPS);
	assert_span(u.scheme, "SIPS");
	assert_span(u.user, "a%20b");
	assert_true(u.has_password);
	assert_span(u.password, "p%3aw");
	assert_span(u.host, "2001:db8::1");
	assert_true(u.is_ipv6);
	assert_int_equal(u.port, 5061);
	assert_span(u.params, ";lr;transport=tcp");
	assert_span(u.headers, "Subject=x%20y&Route=%3Ca%3E");
	assert_true(sip_uri_is_loose(&u));
	struct span value;
	assert_true(sip_uri_param(&u, "Transport", &value));
	assert_span(value, "tcp");
	assert_false(sip_uri_param(&u, "maddr", &value));

	u = parse("sip:example.com");
	assert_false(u.has_user);
	assert_int_equal(u.port, 0);
	assert_false(sip_uri_is_loose(&u));
}

static void odd_but_legal_uris_are_taken_apart(void **state)
{
	(void)state;
	/* RFC 4475 sections 3.1.1.2, 3.1.1.3 and 3.1.1.9 */
	struct sip_uri u = parse("sip:1_unusual.URI~(to-be!sure)&isn't+it$/"
				 "crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too."
				 "(doesn't-it)@example.com");
	assert_span(u.user, "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*");
	assert_span(u.password, "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)");
	u = parse("sip:user;par=u%40example.net@example.com");
	assert_span(u.user, "user;par=u%40example.net");
	assert_span(u.params, "");
	u = parse("sip:cal%6Cer@host5.example.net;%6C%72;"
		  "n%61me=v%61lue%25%34%31");
	assert_span(u.params, ";%6C%72;n%61me=v%61lue%25%34%31");
	u = parse("sip:sips%3Auser%40example.com@example.net");
	assert_span(u.user, "sips%3Auser%40example.com");
	u = parse("sip:[::ffff:192.0.2.10]:19823");
	assert_span(u.host, "::ffff:192.0.2.10");
	u = parse("sip:user@[2001:db8:::192.0.2.1]");
	assert_span(u.host, "2001:db8:::192.0.2.1");
	u = parse("sip:[2001:db8::10:5070]");
	assert_int_equal(u.port, 0);
	u = parse("sip:h;(a)=[b]/:&+$");
	assert_span(u.params, ";(a)=[b]/:&+$");
}

static void other_schemes_are_carried(void **state)
{
	(void)state;
	struct sip_uri u = parse("tel:+1-201-555-0123;ext=5");
	assert_int_equal(u.kind, SIP_SCHEME_TEL);
	assert_span(u.opaque, "+1-201-555-0123;ext=5");
	u = parse("soap.beep://192.0.2.103:3002");
	assert_int_equal(u.kind, SIP_SCHEME_OTHER);
	assert_span(u.scheme, "soap.beep");
	u = parse("isbn:2983792873");
	assert_span(u.opaque, "2983792873");
	enum sip_scheme kind;
	struct span scheme;
	assert_true(sip_uri_scheme(SPAN("x:<>"), &kind, &scheme));
	assert_span(scheme, "x");
	assert_false(sip_uri_scheme(SPAN("1x:y"), &kind, &scheme));
	assert_false(sip_uri_scheme(SPAN("xy"), &kind, &scheme));
	assert_false(sip_uri_scheme(SPAN(":y"), &kind, &scheme));
}

static void what_is_no_uri_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "sip", "sip:", ":a", "sip:a b@h",
		"sip:a@", "sip:@h", "sip::p@h", "sip:a@b@c",
		"sip:a@h:", "sip:a@h:x", "sip:a@h:0", "sip:a@h:65536",
		"sip:a@h:-1", "sip:a@h:4294967301", "sip:a@h:5060x",
		"sip:2001:db8::10", "sip:a@::1", "sip:a@[::1", "sip:a@[::1]x",
		"sip:a@[]", "sip:a@[1.2.3.4]", "sip:a@[::1::]", "sip:a@h;",
		"sip:a@h;;b", "sip:a@h;b=", "sip:a@h;=b", "sip:a@h;b;B",
		"sip:a@h?", "sip:a@h?b", "sip:a@h?=b", "sip:a@h?a=b&&c=d",
		"sip:a@h?a=b&", "sip:a@h;x=%zz", "sip:a%@h", "sip:a%4@h",
		"sip:a%4g@h", "<sip:a@h>", "sip:a@h>", "sip:\"a\"@h",
		"sip:a\x01@h", "sip:\xc3\xa4@h", "sip:a@h;p=a?b;c", "sip:a@.h",
		"sip:a@-h", "sip:a@h..i", "sip:a@h-.i", "sip:a@1.2.3",
		"sip:a@1.2.3.256", "sip:a@h%41", "sip:a@h_!", "%", "sip:a[@h",
		"sip:a@h/path", "sip:a\\b@h", "sip:a@h;a=b=c" };
	struct sip_uri u = { .port = 77 };
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct err e = ERR_NONE;
		if (sip_uri_parse(&u, span_of(bad[i]), &e))
			fail_msg("taken as a URI: %s", bad[i]);
		assert_int_equal(e.status, STATUS_MALFORMED);
		assert_true(e.text[0]);
	}
	assert_false(sip_uri_parse(&u, SPAN("sip:a\0b@h"), NULL));
	assert_false(sip_uri_parse(&u, SPAN("sip:a@h\0"), NULL));
	assert_false(sip_uri_parse(&u, SPAN("sip:1.2.3.4\0.5"), NULL));
	assert_int_equal(u.port, 77); /* left alone */
}

static void a_uri_is_bounded(void **state)
{
	(void)state;
	struct sip_uri u;
	struct buf b = BUF_INIT(100000);
	buf_str(&b, "sip:h");
	for (int i = 0; i < 64; i++)
		buf_printf(&b, ";p%d", i);
	assert_true(sip_uri_parse(&u, buf_view(&b), NULL));
	buf_str(&b, ";p64");
	assert_false(sip_uri_parse(&u, buf_view(&b), NULL));
	buf_reset(&b);
	buf_str(&b, "sip:");
	while (b.len < SIP_URI_MAX - 2)
		buf_char(&b, 'a');
	buf_str(&b, "@h");
	assert_true(sip_uri_parse(&u, buf_view(&b), NULL));
	assert_int_equal(u.user.n, SIP_URI_MAX - 6);
	buf_char(&b, 'i');
	assert_false(sip_uri_parse(&u, buf_view(&b), NULL));
	buf_reset(&b);
	buf_str(&b, "sip:");
	while (b.len < SIP_URI_MAX - 5)
		buf_str(&b, "%41");
	buf_str(&b, "@h");
	assert_true(sip_uri_parse(&u, buf_view(&b), NULL));
	buf_clear(&b);
}

static void format_gives_back_what_was_parsed(void **state)
{
	(void)state;
	static const char *const texts[] = { "sip:example.com", "sip:a%00b@h;x",
		"sips:a:b@[::1]:1;lr;y=z?h=&i=j", "tel:+1(22)3", "mailto:a@b",
		"SIP:a@h" };
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct buf b = BUF_INIT(1000);
		struct sip_uri u = parse(texts[i]);
		assert_true(sip_uri_format(&b, &u));
		assert_span(buf_view(&b), texts[i]);
		buf_clear(&b);
	}
}

/* RFC 3261 section 19.1.4, its own examples, and more. */
static void equality_is_that_of_the_rfc(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		bool equal;
	} cases[] = {
		{ "sip:%61lice@atlanta.com;transport=TCP",
			"sip:alice@AtLanTa.CoM;Transport=tcp", true },
		{ "sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5",
			true },
		{ "sip:carol@chicago.com;security=on",
			"sip:carol@chicago.com;newparam=5", true },
		{ "sip:biloxi.com;transport=tcp;method=REGISTER"
		  "?to=sip:bob%40biloxi.com",
			"sip:biloxi.com;method=REGISTER;transport=tcp"
			"?to=sip:bob%40biloxi.com",
			true },
		{ "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
			"sip:alice@atlanta.com"
			"?priority=urgent&subject=project%20x",
			true },
		{ "SIP:ALICE@AtLanTa.CoM;Transport=udp",
			"sip:alice@AtLanTa.CoM;Transport=UDP", false },
		{ "sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", false },
		{ "sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp",
			false },
		{ "sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp",
			false },
		{ "sip:carol@chicago.com",
			"sip:carol@chicago.com?Subject=next%20meeting", false },
		{ "sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4",
			false },
		{ "sip:carol@chicago.com;security=on",
			"sip:carol@chicago.com;security=off", false },
		{ "sip:a@h", "sips:a@h", false },
		{ "sip:a@h", "sip:h", false },
		{ "sip:a@h", "sip:a:b@h", false },
		{ "sip:a@h", "sip:a@h;user=phone", false },
		{ "sip:a@h", "sip:a@h;ttl=1", false },
		{ "sip:a@h", "sip:a@h;maddr=1.2.3.4", false },
		{ "sip:a@h;lr", "sip:a@h", true },
		{ "sip:a%3bb@h", "sip:a;b@h", false },
		{ "sip:a%3bb@h", "sip:a%3Bb@h", true },
		{ "sip:a%41%2d@h", "sip:aA-@h", true },
		{ "sip:a@[2001:DB8::1]", "sip:a@[2001:db8:0:0::1]", true },
		{ "sip:a@[2001:db8::1]", "sip:a@[2001:db8::2]", false },
		{ "tel:+1-201-555-0123", "tel:+1(201)555.0123", true },
		{ "tel:+12015550123;ext=5", "tel:+12015550123", false },
		{ "tel:123;a=b;c=d", "tel:1-23;C=D;a=b", true },
		{ "tel:+1", "tel:1", false },
		{ "mailto:a@b", "MAILTO:a@b", true },
		{ "mailto:a@b", "mailto:A@b", false },
		{ "mailto:a@b", "im:a@b", false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sip_uri a = parse(cases[i].a), b = parse(cases[i].b);
		if (sip_uri_equal(&a, &b) != cases[i].equal ||
			sip_uri_equal(&b, &a) != cases[i].equal)
			fail_msg("%s and %s: expected %s", cases[i].a,
				cases[i].b,
				cases[i].equal ? "equal" : "different");
		assert_true(sip_uri_equal(&a, &a));
	}
}

static void escapes_are_decoded_once_and_never_cut_anything(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(100);
	assert_true(sip_uri_decode(&b, SPAN("null-%00-null%0d%0A%2541")));
	assert_int_equal(b.len, 16);
	assert_memory_equal(b.data, "null-\0-null\r\n%41", 16);
	buf_clear(&b);
	assert_false(sip_uri_decode(&b, SPAN("a%4")));
	assert_false(sip_uri_decode(&b, SPAN("a%4g")));
	assert_int_equal(b.len, 0);
	assert_true(sip_uri_encode_user(&b, SPAN("a b@c\0;%")));
	assert_span(buf_view(&b), "a%20b%40c%00;%25");
	buf_clear(&b);
}

static void a_parameter_is_the_same_however_it_is_escaped(void **state)
{
	(void)state;
	struct sip_uri u;
	assert_false(sip_uri_parse(&u, SPAN("sip:h;a=1;%61=2"), NULL));
	assert_false(sip_uri_parse(&u, SPAN("sip:h;n%41me;n%61ME"), NULL));
	assert_true(sip_uri_parse(&u, SPAN("sip:h;a=1;%62=%31"), NULL));
	u = parse("sip:h;%6Cr");
	assert_true(sip_uri_is_loose(&u));
}

TEST_MAIN(cmocka_unit_test(a_uri_is_taken_apart),
	cmocka_unit_test(odd_but_legal_uris_are_taken_apart),
	cmocka_unit_test(other_schemes_are_carried),
	cmocka_unit_test(what_is_no_uri_is_refused),
	cmocka_unit_test(a_uri_is_bounded),
	cmocka_unit_test(format_gives_back_what_was_parsed),
	cmocka_unit_test(equality_is_that_of_the_rfc),
	cmocka_unit_test(a_parameter_is_the_same_however_it_is_escaped),
	cmocka_unit_test(escapes_are_decoded_once_and_never_cut_anything))
