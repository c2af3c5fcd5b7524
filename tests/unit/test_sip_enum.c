/* Numbers, Enumservices and rewrite rules (RFC 6116, RFC 3402), and the
 * regular expressions in them. */
#include "tests/common/test.h"

#include <regex.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/rand.h"
#include "sip/enum.h"
#include "sip/ere.h"

#define NUMBER "+441632960083"

static void a_global_number_has_a_key(void **state)
{
	static const struct {
		const char *text, *number, *key;
	} rows[] = {
		/* RFC 6116 section 3.2 */
		{ "+44-20-7946-0148", "+442079460148",
			"8.4.1.0.6.4.9.7.0.2.4.4.e164.arpa" },
		{ "tel:+1(2).3;phone-context=x", "+123", "3.2.1.e164.arpa" },
		{ "TEL:+123456789012345", "+123456789012345",
			"5.4.3.2.1.0.9.8.7.6.5.4.3.2.1.e164.arpa" },
		{ "tel:+1234567890123456", NULL, NULL },
		{ "tel:911", NULL, NULL },
		{ "tel:+", NULL, NULL },
		{ "tel:+-", NULL, NULL },
		{ "tel:+1a", NULL, NULL },
		{ "tel:", NULL, NULL },
		{ "", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char number[SIP_ENUM_NUMBER_MAX + 2];
		struct buf key = BUF_INIT(253);
		struct err e = ERR_NONE;
		bool ok = sip_enum_number(number, span_of(rows[i].text), &e);
		if (ok != (rows[i].number != NULL))
			fail_msg("%s: came %d (%s)", rows[i].text, ok, e.text);
		if (!ok) {
			assert_int_equal(e.status, STATUS_USAGE);
			continue;
		}
		assert_string_equal(number, rows[i].number);
		assert_true(
			sip_enum_key(&key, span_of(number), SIP_ENUM_SUFFIX));
		assert_span(buf_view(&key), rows[i].key);
		buf_clear(&key);
	}
	struct err e = ERR_NONE;
	char number[SIP_ENUM_NUMBER_MAX + 2];
	assert_false(sip_enum_number(number, SPAN("+1\0002"), &e));
}

static void services_say_whether_a_rule_is_for_sip(void **state)
{
	static const struct {
		const char *services;
		bool is_enum, is_sip;
	} rows[] = { { "E2U+sip", true, true }, { "e2u+SIP", true, true },
		{ "E2U+sips", true, true }, { "E2U+voice:tel", true, false },
		{ "E2U+voice:tel+x:sip", true, true },
		{ "E2U+P-own:sip", true, false }, { "sip+E2U", true, true },
		{ "E2U+sipx", true, false }, { "E2U+", true, false },
		{ "E2U", false, false }, { "SIP+D2U", false, false },
		{ "", false, false } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct span s = span_of(rows[i].services);
		if (sip_enum_is_enum(s) != rows[i].is_enum ||
			sip_enum_is_sip(s) != rows[i].is_sip)
			fail_msg("%s: expected %d %d, got %d %d",
				rows[i].services, rows[i].is_enum,
				rows[i].is_sip, sip_enum_is_enum(s),
				sip_enum_is_sip(s));
	}
}

static void a_rule_makes_a_uri_or_says_why_not(void **state)
{
	static const struct {
		const char *regexp;
		const char *uri; /* NULL: refused */
	} rows[] = {
		{ "!^(\\+441632960083)$!sip:\\1@example.com!",
			"sip:" NUMBER "@example.com" },
		{ "!^.*$!sip:info@example.com!i", "sip:info@example.com" },
		{ "!^\\+44(.*)$!sip:0\\1@uk.example!",
			"sip:01632960083@uk.example" },
		{ "/(\\+)(..)(.*)/sip:\\3-\\2@x.example/",
			"sip:1632960083-44@x.example" },
		{ "!^.*$!sip:a\\!b@x!", "sip:a!b@x" },
		{ "!^.*$!mailto:info@example.com!", "mailto:info@example.com" },
		{ "|^\\+44|sip:a@x|", "sip:a@x" },
		{ "!^.*$!sip:\\2a@x!", "sip:a@x" },
		/* no match */
		{ "!^\\+45!sip:a@x!", NULL },
		/* not three delimiters */
		{ "", NULL },
		{ "!", NULL },
		{ "!.*!sip:a@x", NULL },
		{ "!.*!sip:a@x!!", NULL },
		{ "!.*!sip:a@x!g", NULL },
		{ "1.*1sip:a@x1", NULL },
		{ "i.*isip:a@xi", NULL },
		{ "\\.*\\sip:a@x\\", NULL },
		/* no URI */
		{ "!.*!no uri!", NULL },
		{ "!.*!!", NULL },
		{ "!.*!sip:!", NULL },
		{ "!.*!sip:a b@x!", NULL },
		{ "!.*!sip:a@x\r\nVia: y!", NULL },
		{ "!.*!sip:\\n@x!", NULL },
		{ "!.*!sip:a@x\\!", NULL },
		{ "!(!sip:a@x!", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf uri = BUF_INIT(SIP_ENUM_URI_MAX);
		struct err e = ERR_NONE;
		bool ok = sip_enum_apply(
			&uri, span_of(rows[i].regexp), SPAN(NUMBER), &e);
		if (ok != (rows[i].uri != NULL) ||
			(ok && !span_is(buf_view(&uri), rows[i].uri)))
			fail_msg("%s: expected %s, got %s (%s)", rows[i].regexp,
				rows[i].uri ? rows[i].uri : "a refusal",
				buf_text(&uri), e.text);
		if (!ok)
			assert_int_not_equal(e.status, STATUS_DONE);
		buf_clear(&uri);
	}
}

static void a_rule_that_would_make_a_giant_is_refused(void **state)
{
	struct buf rule = BUF_INIT(1000), uri = BUF_INIT(SIP_ENUM_URI_MAX);
	struct err e = ERR_NONE;

	(void)state;
	buf_str(&rule, "!(.*)!sip:");
	while (rule.len < 250)
		buf_str(&rule, "\\1");
	buf_str(&rule, "@x!");
	assert_false(sip_enum_apply(&uri, buf_view(&rule), SPAN(NUMBER), &e));
	assert_int_equal(e.status, STATUS_MALFORMED);
	assert_non_null(strstr(e.text, "longer than 1000 bytes"));
	buf_clear(&rule);
	buf_clear(&uri);
}

/* ---- expressions ---------------------------------------------------------------- */

static void an_expression_matches_leftmost_and_longest(void **state)
{
	static const struct {
		const char *expression, *text;
		const char *whole; /* NULL: no match */
		const char *first; /* the first group */
	} rows[] = {
		{ "a", "xay", "a", "" },
		{ "^a", "xay", NULL, "" },
		{ "a$", "xay", NULL, "" },
		{ "a|ab|abc", "xabcd", "abc", "" },
		{ "(a|ab)(c|bcd)", "abcd", "abcd", "a" },
		{ "x*", "aaa", "", "" },
		{ "(a*)+", "aaa", "aaa", "aaa" },
		{ "(a|b)*c", "ababc", "ababc", "b" },
		{ "a{2}", "aaa", "aa", "" },
		{ "a{2,}", "aaaa", "aaaa", "" },
		{ "a{0,2}b", "aaab", "aab", "" },
		{ "(a{1,2}){2}", "aaaa", "aaaa", "aa" },
		{ "a{0}b", "ab", "b", "" },
		{ "[0-9]+", "ab12", "12", "" },
		{ "[^0-9]+", "12ab", "ab", "" },
		{ "[]a]+", "x]a]", "]a]", "" },
		{ "[^]a]", "]ab", "b", "" },
		{ "[a-]+", "x-a", "-a", "" },
		{ "[[:digit:]-]+", "a1-2", "1-2", "" },
		{ "[[]", "a[", "[", "" },
		{ "\\.\\\\", "a.\\", ".\\", "" },
		{ "a.c", "abc", "abc", "" },
		{ "()", "a", "", "" },
		{ "a||b", "b", "b", "" },
		{ "^*", "a", "", "" },
		{ "(^a|b)c", "ac", "ac", "a" },
		{ "", "a", "", "" },
		{ "a}", "a}", "a}", "" },
		{ ")", ")", ")", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct span groups[ERE_GROUPS];
		struct err e = ERR_NONE;
		struct ere *x = ere_new(span_of(rows[i].expression), &e);
		assert_ok(x, &e);
		bool found = ere_match(x, span_of(rows[i].text), groups);
		if (found != (rows[i].whole != NULL) ||
			(found && (!span_is(groups[0], rows[i].whole) ||
					  !span_is(groups[1], rows[i].first))))
			fail_msg("%s on %s: expected %s and %s, got %.*s and "
				 "%.*s",
				rows[i].expression, rows[i].text,
				rows[i].whole ? rows[i].whole : "nothing",
				rows[i].first, (int)(found ? groups[0].n : 0),
				found ? groups[0].p : "",
				(int)(found ? groups[1].n : 0),
				found ? groups[1].p : "");
		ere_free(x);
	}
}

static void what_is_no_expression_is_refused(void **state)
{
	static const char *const wrong[] = { "(", "(a", "[a", "[", "[^", "[]",
		"*", "a|*", "(*)", "+a", "{1}", "a{", "a{1", "a{x}", "a{2,1}",
		"a{256}", "a{,2}", "\\", "a\\", "\\1", "(a)\\1", "\\d", "[b-a]",
		"[[.a.]]", "[[=a=]]", "[[:no:]]", "[[:alpha", "a{1}{" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct err e = ERR_NONE;
		struct ere *x = ere_new(span_of(wrong[i]), &e);
		if (x)
			fail_msg("%s was taken", wrong[i]);
		assert_int_equal(e.status, STATUS_MALFORMED);
	}
}

/* What takes regcomp or a backtracking matcher down. */
static void an_expression_made_to_hurt_costs_little(void **state)
{
	static const char *const bombs[] = { "(((((a{1,255}){1,255}){1,255})",
		"(((a{255}){255}){255}){255}", "(a*)*(a*)*(a*)*(a*)*(a*)*b",
		"(a|a)*(a|a)*(a|a)*(a|a)*(a|a)*(a|a)*b",
		"(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)x", "((((((a*)*)*)*)*)*)*",
		"(a?){100}a{100}", "((){9}){9}", "(((a{0}){255}){255}){255}" };
	char text[ERE_TEXT_MAX];
	struct timespec from, to;

	(void)state;
	memset(text, 'a', sizeof(text));
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	for (size_t i = 0; i < sizeof(bombs) / sizeof(*bombs); i++) {
		struct span groups[ERE_GROUPS];
		struct ere *x = ere_new(span_of(bombs[i]), NULL);
		if (x)
			ere_match(x, span_from(text, sizeof(text)), groups);
		ere_free(x);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	double seconds = (double)(to.tv_sec - from.tv_sec) +
			 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
	if (seconds > 5)
		fail_msg("expected well under 5 s of CPU, took %g", seconds);
}

/* The same as regexec(3) says, of what is small enough for both. */
static void random_expressions_match_as_those_of_the_system(void **state)
{
	/* Anchors at the ends alone: within, the system's err now and then. */
	static const char alphabet[] = "ab.*+?()|ab[]ab";
	struct buf expression = BUF_INIT(64);
	int compared = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char text[9] = { 0 };
		buf_reset(&expression);
		if (rand_below(4) == 0)
			buf_char(&expression, '^');
		for (uint64_t n = rand_below(8) + 1; n; n--)
			buf_char(&expression,
				alphabet[rand_below(sizeof(alphabet) - 1)]);
		if (rand_below(4) == 0)
			buf_char(&expression, '$');
		for (size_t n = 0; n < sizeof(text) - 1; n++)
			text[n] = (char)('a' + rand_below(2));
		const char *source = buf_text(&expression);
		struct span groups[ERE_GROUPS];
		regmatch_t theirs[1];
		regex_t regex;
		struct ere *x = ere_new(span_of(source), NULL);
		if (!x)
			continue;
		if (regcomp(&regex, source, REG_EXTENDED) != 0) {
			ere_free(x);
			continue;
		}
		bool found = ere_match(x, span_of(text), groups);
		bool they = regexec(&regex, text, 1, theirs, 0) == 0;
		if (found != they ||
			(found && (groups[0].p - text != theirs[0].rm_so ||
					  groups[0].p + groups[0].n - text !=
						  theirs[0].rm_eo)))
			fail_msg("%s on %s: %d %.*s, the system %d %d to %d",
				source, text, found,
				(int)(found ? groups[0].n : 0),
				found ? groups[0].p : "", they,
				(int)theirs[0].rm_so, (int)theirs[0].rm_eo);
		compared++;
		regfree(&regex);
		ere_free(x);
	}
	buf_clear(&expression);
	assert_true(compared > 5000);
}

TEST_MAIN(cmocka_unit_test(a_global_number_has_a_key),
	cmocka_unit_test(services_say_whether_a_rule_is_for_sip),
	cmocka_unit_test(a_rule_makes_a_uri_or_says_why_not),
	cmocka_unit_test(a_rule_that_would_make_a_giant_is_refused),
	cmocka_unit_test(an_expression_matches_leftmost_and_longest),
	cmocka_unit_test(what_is_no_expression_is_refused),
	cmocka_unit_test(an_expression_made_to_hurt_costs_little),
	cmocka_unit_test(random_expressions_match_as_those_of_the_system))
