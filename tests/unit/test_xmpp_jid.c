/* Addresses: the tables of RFC 7622, preparation, limits, XEP-0106. */
#include "tests/common/test.h"

#include <string.h>

#include "base/buf.h"
#include "xmpp/jid.h"
#include "xmpp/prep.h"

/* RFC 7622 section 3.5, table 1, and what they are once prepared. */
static const struct {
	const char *text, *local, *domain, *resource;
} legal[] = {
	{ "juliet@example.com", "juliet", "example.com", "" },
	{ "juliet@example.com/foo", "juliet", "example.com", "foo" },
	{ "juliet@example.com/foo bar", "juliet", "example.com", "foo bar" },
	{ "juliet@example.com/foo@bar", "juliet", "example.com", "foo@bar" },
	{ "foo\\20bar@example.com", "foo\\20bar", "example.com", "" },
	{ "fussball@example.com", "fussball", "example.com", "" },
	/* RFC 6122 maps sharp s to ss, where RFC 7622 keeps it */
	{ "fu\xc3\x9f"
	  "ball@example.com",
		"fussball", "example.com", "" },
	{ "\xcf\x80@example.com", "\xcf\x80", "example.com", "" },
	{ "\xce\xa3@example.com/foo", "\xcf\x83", "example.com", "foo" },
	{ "\xcf\x83@example.com/foo", "\xcf\x83", "example.com", "foo" },
	/* RFC 6122 takes the final sigma for a sigma */
	{ "\xcf\x82@example.com/foo", "\xcf\x83", "example.com", "foo" },
	{ "king@example.com/\xe2\x99\x9a", "king", "example.com",
		"\xe2\x99\x9a" },
	{ "example.com", "", "example.com", "" },
	{ "example.com/foobar", "", "example.com", "foobar" },
	{ "a.example.com/b@example.net", "", "a.example.com", "b@example.net" },
	/* more of the same */
	{ "Juliet@Example.COM/Balcony", "juliet", "example.com", "Balcony" },
	{ "a@example.com.", "a", "example.com", "" },
	{ "a@example.com./r", "a", "example.com", "r" },
	{ "a@localhost", "a", "localhost", "" },
	{ "a@my_host", "a", "my_host", "" },
	{ "a@192.0.2.1", "a", "192.0.2.1", "" },
	{ "a@[2001:DB8::0:1]/r", "a", "[2001:db8::1]", "r" },
	{ "[::1]", "", "[::1]", "" },
	{ "a@b/c/d", "a", "b", "c/d" },
	{ "a@b//", "a", "b", "/" },
	{ "a@b/ ", "a", "b", " " },
	{ "\xc3\x85ke@example.com", "\xc3\xa5ke", "example.com", "" },
	/* decomposed a with ring above */
	{ "a\xcc\x8ake@example.com", "\xc3\xa5ke", "example.com", "" },
	{ "so\xc2\xad"
	  "ft@example.com",
		"soft", "example.com", "" },
	{ "a@B\xc3\xbc"
	  "cher.example",
		"a",
		"b\xc3\xbc"
		"cher.example",
		"" },
	{ "a@xn--bcher-kva.example", "a",
		"b\xc3\xbc"
		"cher.example",
		"" },
	{ "a@XN--BCHER-KVA.example", "a",
		"b\xc3\xbc"
		"cher.example",
		"" },
	/* ideographic full stop */
	{ "a@example\xe3\x80\x82"
	  "com",
		"a", "example.com", "" },
	/* an emoji is newer than the Unicode of RFC 6122: taken as it is */
	{ "a@b/\xf0\x9f\x99\x82", "a", "b", "\xf0\x9f\x99\x82" },
};

static void legal_jids_are_taken_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(legal) / sizeof(*legal); i++) {
		struct xmpp_jid jid;
		struct err e = ERR_NONE;
		if (!xmpp_jid_parse(&jid, span_of(legal[i].text), &e))
			fail_msg("%s: %s", legal[i].text, e.text);
		assert_span(jid.local, legal[i].local);
		assert_span(jid.domain, legal[i].domain);
		assert_span(jid.resource, legal[i].resource);
		xmpp_jid_clear(&jid);
	}
}

static void a_formatted_jid_parses_to_itself(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(legal) / sizeof(*legal); i++) {
		struct xmpp_jid jid, again, made;
		struct err e = ERR_NONE;
		xmpp_jid_parse(&jid, span_of(legal[i].text), &e);
		assert_ok(xmpp_jid_parse(&again, xmpp_jid_full(&jid), &e), &e);
		assert_true(xmpp_jid_equal(&jid, &again));
		assert_ok(xmpp_jid_make(&made, jid.local, jid.domain,
				  jid.resource, &e),
			&e);
		assert_true(xmpp_jid_equal(&jid, &made));
		xmpp_jid_clear(&jid);
		xmpp_jid_clear(&again);
		xmpp_jid_clear(&made);
	}
}

static const struct {
	const char *text, *why;
} illegal[] = {
	/* RFC 7622 section 3.5, table 2; 18, 20 and 21 are below */
	{ "\"juliet\"@example.com",
		"the localpart has a character that is forbidden" },
	{ "foo bar@example.com",
		"the localpart has a character that is forbidden" },
	{ "@example.com/", "the localpart is empty" },
	{ "juliet@", "the domainpart is empty" },
	{ "/foobar", "the domainpart is empty" },
	/* more of the same */
	{ "", "the domainpart is empty" },
	{ "@", "the localpart is empty" },
	{ "@example.com", "the localpart is empty" },
	{ "example.com/", "the resourcepart is empty" },
	{ "a@b@c", "the domainpart is no domain name" },
	{ "a@b c", "the domainpart is no domain name" },
	{ "a@.", "the domainpart is no domain name" },
	{ "a@b..c", "the domainpart is no domain name" },
	{ "a@b..", "the domainpart is no domain name" },
	{ "a@-b", "the domainpart is no domain name" },
	{ "a@b-.c", "the domainpart is no domain name" },
	{ "a@b:5222", "the domainpart is no domain name" },
	{ "a@[::1", "the domainpart is no IPv6 address" },
	{ "a@[", "the domainpart is no IPv6 address" },
	{ "a@[]", "the domainpart is no IPv6 address" },
	{ "a@[127.0.0.1]", "the domainpart is no IPv6 address" },
	{ "a@[fe80::1%eth0]", "the domainpart is no IPv6 address" },
	{ "a@[::1]x", "the domainpart is no IPv6 address" },
	{ "a'b@c", "the localpart has a character that is forbidden" },
	{ "a<b@c", "the localpart has a character that is forbidden" },
	{ "a\x7f@c", "the localpart has a character that is forbidden" },
	{ "a@c/\x01", "the resourcepart has a character that is forbidden" },
	{ "a@c/tab\there",
		"the resourcepart has a character that is forbidden" },
	/* fullwidth @ and / become the ASCII ones */
	{ "a\xef\xbc\xa0"
	  "b@c",
		"the localpart has a character that is forbidden" },
	{ "a\xef\xbc\x8f"
	  "b@c",
		"the localpart has a character that is forbidden" },
	/* a no-break space, a line separator, a bidi control */
	{ "a\xc2\xa0"
	  "b@c",
		"the localpart has a character that is forbidden" },
	{ "a@c/\xe2\x80\xa8",
		"the resourcepart has a character that is forbidden" },
	{ "a@c/\xe2\x80\xae",
		"the resourcepart has a character that is forbidden" },
	{ "\xc2\xad@c", "nothing is left of the localpart" },
	/* Hebrew and Latin in one */
	{ "\xd7\x90"
	  "b@c",
		"the localpart mixes writing directions" },
	{ "\xff@c", "the localpart is not UTF-8" },
	{ "a@\xff", "the domainpart is not UTF-8" },
	{ "a@c/\xed\xa0\x80", "the resourcepart is not UTF-8" },
};

static void what_is_no_jid_is_refused_with_the_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(illegal) / sizeof(*illegal); i++) {
		struct xmpp_jid jid;
		struct err e = ERR_NONE;
		if (xmpp_jid_parse(&jid, span_of(illegal[i].text), &e))
			fail_msg("taken: %s", illegal[i].text);
		assert_false(xmpp_jid_is_set(&jid));
		assert_int_equal(e.status, STATUS_MALFORMED);
		if (strcmp(e.text, illegal[i].why) != 0)
			fail_msg("%s: %s", illegal[i].text, e.text);
	}
	struct xmpp_jid jid;
	assert_false(xmpp_jid_parse(&jid, SPAN("a\0b@c"), NULL));
	assert_false(xmpp_jid_parse(&jid, SPAN("a@b\0c"), NULL));
	assert_false(xmpp_jid_parse(&jid, SPAN("a@c/\0"), NULL));
	assert_false(xmpp_jid_parse(&jid, SPAN("a@[::1\0]"), NULL));
	assert_false(xmpp_jid_parse(
		&jid, SPAN("a@xn--zzzzzzz99999999.example"), NULL));
}

/* Where RFC 6122, which servers do, takes more than RFC 7622: examples 18,
 * 20 and 21 of its table 2. */
static void deployed_preparation_takes_three_that_precis_refuses(void **state)
{
	(void)state;
	static const char *const taken[][2] = {
		{ "juliet@example.com/ foo", "juliet@example.com/ foo" },
		{ "henry\xe2\x85\xa3@example.com", "henryiv@example.com" },
		{ "\xe2\x99\x9a@example.com", "\xe2\x99\x9a@example.com" },
	};
	for (size_t i = 0; i < 3; i++) {
		struct xmpp_jid jid;
		struct err e = ERR_NONE;
		assert_ok(xmpp_jid_parse(&jid, span_of(taken[i][0]), &e), &e);
		assert_span(xmpp_jid_full(&jid), taken[i][1]);
		xmpp_jid_clear(&jid);
	}
}

static void fill(struct buf *b, char c, size_t n)
{
	while (n--)
		buf_char(b, c);
}

static bool parses(const struct buf *b)
{
	struct xmpp_jid jid;
	bool good = xmpp_jid_parse(&jid, buf_view(b), NULL);
	xmpp_jid_clear(&jid);
	return good;
}

static void a_part_has_1023_bytes_and_no_more(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(10000);
	for (size_t over = 0; over < 2; over++) {
		buf_reset(&b);
		fill(&b, 'a', 1023 + over);
		buf_str(&b, "@example.com/r");
		assert_true(parses(&b) == (over == 0));
		buf_reset(&b);
		buf_str(&b, "a@example.com/");
		fill(&b, 'r', 1023 + over);
		assert_true(parses(&b) == (over == 0));
		/* 511 characters of two bytes and one or two of one */
		buf_reset(&b);
		for (int i = 0; i < 511; i++)
			buf_str(&b, "\xc3\xa5");
		fill(&b, 'a', 1 + over);
		buf_str(&b, "@example.com");
		assert_true(parses(&b) == (over == 0));
		/* a label of 63 bytes, then of 64 */
		buf_reset(&b);
		fill(&b, 'd', 63 + over);
		assert_true(parses(&b) == (over == 0));
	}
	buf_reset(&b);
	/* 3 bytes that are prepared to 33 */
	for (int i = 0; i < 120; i++) {
		buf_reset(&b);
		buf_str(&b, "a@example.com/");
		for (int j = 0; j < i; j++)
			buf_str(&b, "\xef\xb7\xba");
		struct xmpp_jid jid;
		struct err e = ERR_NONE;
		bool fits = i > 0 && i <= 1023 / 33;
		assert_true(xmpp_jid_parse(&jid, buf_view(&b), &e) == fits);
		assert_true(err_is_set(&e) == !fits);
		xmpp_jid_clear(&jid);
	}
	buf_reset(&b);
	fill(&b, 'a', 1023);
	buf_char(&b, '@');
	for (int i = 0; i < 16; i++) {
		fill(&b, 'd', 63);
		buf_str(&b, i < 15 ? "." : "/");
	}
	fill(&b, 'r', 1023);
	assert_true(parses(&b));
	buf_clear(&b);
}

static void jids_compare_whole_and_bare(void **state)
{
	(void)state;
	struct xmpp_jid a, b, bare, copy, none = XMPP_JID_NONE;
	assert_true(
		xmpp_jid_parse(&a, SPAN("Romeo@example.net/Orchard"), NULL));
	assert_true(
		xmpp_jid_parse(&b, SPAN("romeo@EXAMPLE.net/orchard"), NULL));
	assert_false(xmpp_jid_equal(&a, &b));
	assert_true(xmpp_jid_equal_bare(&a, &b));
	xmpp_jid_copy_bare(&bare, &a);
	assert_span(xmpp_jid_full(&bare), "romeo@example.net");
	assert_span(bare.local, "romeo");
	assert_span(bare.domain, "example.net");
	assert_true(xmpp_jid_is_bare(&bare) && !xmpp_jid_is_full(&bare));
	assert_true(xmpp_jid_is_full(&a) && !xmpp_jid_is_bare(&a));
	xmpp_jid_copy(&copy, &a);
	xmpp_jid_clear(&a);
	assert_span(xmpp_jid_full(&copy), "romeo@example.net/Orchard");
	assert_span(xmpp_jid_bare(&copy), "romeo@example.net");
	assert_span(copy.resource, "Orchard");
	assert_false(xmpp_jid_equal(&copy, &none));
	assert_false(xmpp_jid_is_bare(&none));
	xmpp_jid_clear(&copy);
	xmpp_jid_copy(&copy, &none);
	assert_false(xmpp_jid_is_set(&copy));
	xmpp_jid_copy_bare(&copy, &none);
	assert_false(xmpp_jid_is_set(&copy));
	xmpp_jid_clear(&b);
	xmpp_jid_clear(&bare);
	xmpp_jid_clear(&none);
}

static void a_domain_has_an_ascii_form_for_dns(void **state)
{
	(void)state;
	struct buf out = BUF_INIT(1000);
	struct err e = ERR_NONE;
	assert_ok(xmpp_prep_domain_ascii(&out,
			  SPAN("b\xc3\xbc"
			       "cher.Example"),
			  &e),
		&e);
	assert_span(buf_view(&out), "xn--bcher-kva.example");
	buf_reset(&out);
	assert_ok(xmpp_prep_domain_ascii(&out, SPAN("EXAMPLE.com."), &e), &e);
	assert_span(buf_view(&out), "example.com");
	buf_clear(&out);
}

/* RFC 4013 section 3 */
static void saslprep_has_the_examples_of_its_rfc(void **state)
{
	(void)state;
	static const char *const good[][2] = {
		{ "I\xc2\xadX", "IX" },
		{ "user", "user" },
		{ "USER", "USER" },
		{ "\xc2\xaa", "a" },
		{ "\xe2\x85\xa8", "IX" },
	};
	struct buf out = BUF_INIT(100);
	struct err e = ERR_NONE;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		buf_reset(&out);
		assert_ok(xmpp_prep_sasl(&out, span_of(good[i][0]), &e), &e);
		assert_span(buf_view(&out), good[i][1]);
	}
	assert_false(xmpp_prep_sasl(&out, SPAN("\x07"), NULL));
	assert_false(xmpp_prep_sasl(&out, SPAN("\xd8\xa7\x31"), &e));
	assert_string_equal(
		e.text, "the name or password mixes writing directions");
	/* newer than Unicode 3.2 */
	buf_reset(&out);
	assert_true(xmpp_prep_sasl(&out, SPAN("\xf0\x9f\x99\x82"), NULL));
	assert_span(buf_view(&out), "\xf0\x9f\x99\x82");
	buf_clear(&out);
}

/* XEP-0106, the table of section 5.1 and the examples of 4.3 */
static void names_are_escaped_and_read_back(void **state)
{
	(void)state;
	static const char *const both[][2] = {
		{ "space cadet", "space\\20cadet" },
		{ "call me \"ishmael\"", "call\\20me\\20\\22ishmael\\22" },
		{ "at&t guy", "at\\26t\\20guy" },
		{ "d'artagnan", "d\\27artagnan" },
		{ "/.fanboy", "\\2f.fanboy" },
		{ "::foo::", "\\3a\\3afoo\\3a\\3a" },
		{ "<foo>", "\\3cfoo\\3e" },
		{ "user@host", "user\\40host" },
		{ "c:\\net", "c\\3a\\net" },
		{ "c:\\\\net", "c\\3a\\\\net" },
		{ "c:\\cool stuff", "c\\3a\\cool\\20stuff" },
		{ "c:\\5commas", "c\\3a\\5c5commas" },
		{ "\\3and\\2is\\5cool", "\\5c3and\\2is\\5c5cool" },
		{ "\\2plus\\2is\\4", "\\2plus\\2is\\4" },
		{ "foo\\bar", "foo\\bar" },
		{ "foob\\41r", "foob\\41r" },
	};
	struct buf out = BUF_INIT(1000);
	for (size_t i = 0; i < sizeof(both) / sizeof(*both); i++) {
		buf_reset(&out);
		assert_true(xmpp_jid_escape(&out, span_of(both[i][0])));
		assert_span(buf_view(&out), both[i][1]);
		buf_reset(&out);
		xmpp_jid_unescape(&out, span_of(both[i][1]));
		assert_span(buf_view(&out), both[i][0]);
	}
	assert_false(xmpp_jid_escape(&out, SPAN(" first")));
	assert_false(xmpp_jid_escape(&out, SPAN("last ")));
	buf_clear(&out);
}

TEST_MAIN(cmocka_unit_test(legal_jids_are_taken_apart),
	cmocka_unit_test(a_formatted_jid_parses_to_itself),
	cmocka_unit_test(what_is_no_jid_is_refused_with_the_reason),
	cmocka_unit_test(deployed_preparation_takes_three_that_precis_refuses),
	cmocka_unit_test(a_part_has_1023_bytes_and_no_more),
	cmocka_unit_test(jids_compare_whole_and_bare),
	cmocka_unit_test(a_domain_has_an_ascii_form_for_dns),
	cmocka_unit_test(saslprep_has_the_examples_of_its_rfc),
	cmocka_unit_test(names_are_escaped_and_read_back))
