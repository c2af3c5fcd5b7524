/* What is remembered of a server: a text of lines, and the file it lies in. */
#include "tests/common/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "xmpp/keep.h"

static struct xmpp_known k;
static struct buf text;

static int setup(void **state)
{
	(void)state;
	k = (struct xmpp_known){ 0 };
	text = BUF_INIT(XMPP_KNOWN_TEXT_MAX);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_clear(&text);
	return 0;
}

static struct xmpp_known sample(void)
{
	struct xmpp_known s = { .mechanisms = "SCRAM-SHA-1-PLUS SCRAM-SHA-1",
		.mechanisms2 = "SCRAM-SHA-256",
		.fast = "HT-SHA-256-EXPR HT-SHA-256-NONE",
		.bindings = "tls-exporter",
		.has_binding_list = true,
		.bind = true,
		.sm = true,
		.resume = true,
		.bind2 = true,
		.carbons = true,
		.archive = true,
		.stumbled = 1700000000,
		.salt = { .hash = HASH_SHA256,
			.iterations = 10000,
			.salt = "pepper",
			.size = 6,
			.changed = 1600000000 },
		.strength = XMPP_SASL_SHA256,
		.bound = true,
		.proven = true };
	return s;
}

static void what_is_written_is_read_again(void **state)
{
	(void)state;
	struct xmpp_known s = sample();
	assert_true(xmpp_known_replace(&text, SPAN_EMPTY, "starttls", &s));
	assert_span(buf_view(&text),
		"samtal-xmpp 1\n"
		"starttls mechanisms SCRAM-SHA-1-PLUS SCRAM-SHA-1\n"
		"starttls mechanisms2 SCRAM-SHA-256\n"
		"starttls fast HT-SHA-256-EXPR HT-SHA-256-NONE\n"
		"starttls bindings tls-exporter\n"
		"starttls bind\n"
		"starttls sm\n"
		"starttls resume\n"
		"starttls bind2\n"
		"starttls carbons\n"
		"starttls archive\n"
		"starttls stumbled 1700000000\n"
		"starttls salt 256 10000 cGVwcGVy 1600000000\n"
		"starttls strength 256\n"
		"starttls bound\n"
		"starttls proven\n");
	xmpp_known_parse(&k, buf_view(&text), "starttls");
	assert_true(xmpp_known_equal(&k, &s));
}

static void transports_do_not_touch_each_other(void **state)
{
	(void)state;
	struct xmpp_known s = sample(), none = { 0 };
	struct buf both = BUF_INIT(XMPP_KNOWN_TEXT_MAX);
	xmpp_known_replace(&text, SPAN_EMPTY, "starttls", &s);
	s.strength = XMPP_SASL_SHA512;
	xmpp_known_replace(&both, buf_view(&text), "direct-tls", &s);
	xmpp_known_parse(&k, buf_view(&both), "starttls");
	assert_int_equal(k.strength, XMPP_SASL_SHA256);
	xmpp_known_parse(&k, buf_view(&both), "direct-tls");
	assert_int_equal(k.strength, XMPP_SASL_SHA512);
	xmpp_known_parse(&k, buf_view(&both), "direct");
	assert_true(xmpp_known_equal(&k, &none));
	buf_clear(&both);
}

static void an_empty_list_of_bindings_is_a_list(void **state)
{
	(void)state;
	struct xmpp_known s = { .has_binding_list = true };
	struct xmpp_features offer;
	xmpp_known_replace(&text, SPAN_EMPTY, "starttls", &s);
	xmpp_known_parse(&k, buf_view(&text), "starttls");
	xmpp_known_offer(&k, &offer);
	assert_true(offer.sasl.has_binding_list);
	assert_int_equal(offer.sasl.binding_count, 0);
	assert_int_equal(offer.sasl.mechanism_count, 0);
}

static void lines_of_others_are_passed_over_and_kept(void **state)
{
	(void)state;
	struct span other = SPAN("samtal-xmpp 1\nwebsocket future thing\n"
				 "starttls future thing\nstarttls sm\nstarttls"
				 "\n\n \nstarttls strength 3\n"
				 "starttls stumbled -1");
	xmpp_known_parse(&k, other, "starttls");
	assert_true(k.sm);
	assert_int_equal(k.strength, XMPP_SASL_ANY);
	assert_int_equal(k.stumbled, 0);
	assert_true(xmpp_known_replace(&text, other, "starttls", &k));
	assert_span(buf_view(&text),
		"samtal-xmpp 1\nwebsocket future thing\n \nstarttls sm\n");
}

static void names_that_would_break_a_line_are_not_remembered(void **state)
{
	(void)state;
	static const char *const bad[] = { "A B", "A\nstarttls proven", "",
		"\xc3\xa5" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct xmpp_features offer = { .sasl.mechanism_count = 2 };
		offer.sasl.mechanisms[0] = SPAN("SCRAM-SHA-1");
		offer.sasl.mechanisms[1] = span_of(bad[i]);
		assert_false(xmpp_known_set_offer(&k, &offer));
		assert_string_equal(k.mechanisms, "");
	}
}

static void too_many_names_are_not_remembered(void **state)
{
	(void)state;
	struct xmpp_features offer = { .sasl.mechanism_count =
					       XMPP_SASL_OFFER_MAX };
	for (size_t i = 0; i < XMPP_SASL_OFFER_MAX; i++)
		offer.sasl.mechanisms[i] = SPAN("TWENTY-CHARACTERS-IT");
	assert_false(xmpp_known_set_offer(&k, &offer));
	offer.sasl.mechanism_count = 20;
	assert_true(xmpp_known_set_offer(&k, &offer));
	xmpp_known_offer(&k, &offer);
	assert_int_equal(offer.sasl.mechanism_count, 20);
}

static void a_stumble_is_forgiven_after_two_weeks(void **state)
{
	(void)state;
	k.stumbled = 1700000000;
	assert_true(xmpp_known_has_stumbled(&k, 1700000000));
	assert_true(xmpp_known_has_stumbled(&k, 1700000000 + 13 * 86400));
	assert_false(xmpp_known_has_stumbled(&k, 1700000000 + 14 * 86400));
	assert_false(xmpp_known_has_stumbled(&k, 1600000000));
	k.stumbled = 0;
	assert_false(xmpp_known_has_stumbled(&k, 0));
}

/* ---- salts ---- */

static void a_salt_is_one_that_a_server_may_have(void **state)
{
	(void)state;
	static const char *const good[] = { "1 4096 cGVwcGVy",
		"512 1000000 cGVwcGVy 1" };
	static const char *const bad[] = { "", "1", "1 4096", "1 4096 ",
		"1 4095 cGVwcGVy", "1 1000001 cGVwcGVy", "5 4096 cGVwcGVy",
		"1 -4096 cGVwcGVy", "1 4096 cGVwcGV", "1 4096 cGVwcGVy x",
		"1 4096 cGVwcGVy ", "1 4096 cGVwcGVy 1 2",
		/* 65 bytes */
		"1 4096 MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEy"
		"MzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ=" };
	struct xmpp_known_salt s;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(xmpp_known_salt_parse(&s, span_of(good[i])));
		buf_reset(&text);
		assert_true(xmpp_known_salt_format(&text, &s));
		assert_span(buf_view(&text), good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (xmpp_known_salt_parse(&s, span_of(bad[i])))
			fail_msg("taken for a salt: \"%s\"", bad[i]);
		assert_int_equal(s.iterations, 0);
	}
}

static void login_with(const char *salt, uint64_t now)
{
	xmpp_known_salt_set(&k.salt, HASH_SHA1, span_of(salt), 4096, now);
}

static void assert_salt(const char *salt)
{
	assert_span(xmpp_known_salt_get(&k.salt), salt);
}

static void a_salt_that_stays_is_expected_again(void **state)
{
	(void)state;
	const uint64_t now = 1700000000;
	assert_false(xmpp_known_salt_is_steady(&k.salt, now));
	login_with("one", now);
	assert_true(xmpp_known_salt_is_steady(&k.salt, now));
	/* Another password: not until it has come twice. */
	login_with("two", now + 5);
	assert_salt("two");
	assert_false(xmpp_known_salt_is_steady(&k.salt, now + 5));
	login_with("two", now + 6);
	assert_true(xmpp_known_salt_is_steady(&k.salt, now + 6));
}

static void of_salts_that_never_stay_one_is_written_in_two_weeks(void **state)
{
	(void)state;
	const uint64_t now = 1700000000, later = now + 14 * 86400;
	login_with("one", now);
	login_with("two", now);
	login_with("three", now + 1);
	login_with("four", later - 1);
	assert_salt("two");
	assert_false(xmpp_known_salt_is_steady(&k.salt, later - 1));
	assert_true(xmpp_known_salt_is_steady(&k.salt, later));
	login_with("five", later);
	assert_salt("five");
	assert_false(xmpp_known_salt_is_steady(&k.salt, later));
	/* A clock that was set back. */
	assert_true(xmpp_known_salt_is_steady(&k.salt, now));
}

/* ---- the file ---- */

static void use_folder(char *folder)
{
	assert_non_null(mkdtemp(folder));
	setenv("XDG_STATE_HOME", folder, 1);
}

static void remove_folder(const char *folder)
{
	char *command = mem_format("rm -r '%s'", folder);
	assert_int_equal(system(command), 0);
	mem_free(command);
}

static void a_way_by_the_web_is_remembered_for_a_day(void **state)
{
	(void)state;
	struct xmpp_known s = { .web = "wss://im.our.example:5281/ws?x",
		.web_found = 1700000000 };
	assert_true(
		xmpp_known_replace(&text, SPAN("starttls sm\n"), "web", &s));
	assert_span(buf_view(&text),
		"samtal-xmpp 1\nstarttls sm\n"
		"web url 1700000000 wss://im.our.example:5281/ws?x\n");
	xmpp_known_parse(&k, buf_view(&text), "web");
	assert_true(xmpp_known_equal(&k, &s));
	assert_true(xmpp_known_has_web(&k, 1700000000));
	assert_true(xmpp_known_has_web(&k, 1700086399));
	assert_false(xmpp_known_has_web(&k, 1700086400));
	assert_false(xmpp_known_has_web(&k, 1699999999));
	s = (struct xmpp_known){ .web_found = 1700000000 };
	assert_false(xmpp_known_has_web(&s, 1700000000));
	buf_reset(&text);
	assert_true(xmpp_known_replace(
		&text, SPAN("web url 1 wss://a/\nstarttls sm\n"), "web", &s));
	assert_span(buf_view(&text), "samtal-xmpp 1\nstarttls sm\n");
	static const char *const bad[] = { "web url", "web url 5",
		"web url x y", "web url -1 wss://a/", "web url  wss://a/" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		xmpp_known_parse(&k, span_of(bad[i]), "web");
		assert_string_equal(k.web, "");
	}
}

static void pins_of_runs_at_the_same_time_add_up(void **state)
{
	(void)state;
	char folder[] = "/tmp/samtal-known-XXXXXX";
	struct xmpp_jid me;
	struct err e = ERR_NONE;
	struct xmpp_known strong = { .strength = XMPP_SASL_SHA512 };
	struct xmpp_known bound = { .strength = XMPP_SASL_SHA1, .bound = true };
	use_folder(folder);
	assert_true(xmpp_jid_parse(&me, SPAN("me@our.example/x"), &e));
	assert_ok(xmpp_keep_write(&strong, &me, "starttls", false, &e), &e);
	assert_ok(xmpp_keep_write(&bound, &me, "starttls", false, &e), &e);
	assert_ok(xmpp_keep_read(&k, &me, "starttls", &e), &e);
	assert_int_equal(k.strength, XMPP_SASL_SHA512);
	assert_true(k.bound);
	/* … unless the weaker is wanted. */
	assert_ok(xmpp_keep_write(&bound, &me, "starttls", true, &e), &e);
	assert_ok(xmpp_keep_read(&k, &me, "starttls", &e), &e);
	assert_int_equal(k.strength, XMPP_SASL_SHA1);
	assert_ok(xmpp_keep_read(&k, &me, "direct-tls", &e), &e);
	assert_int_equal(k.strength, XMPP_SASL_ANY);
	xmpp_jid_clear(&me);
	remove_folder(folder);
}

static void without_a_folder_it_is_local_input_output(void **state)
{
	(void)state;
	struct xmpp_jid me;
	struct err e = ERR_NONE;
	setenv("XDG_STATE_HOME", "/dev/null/x", 1);
	assert_true(xmpp_jid_parse(&me, SPAN("me@our.example"), &e));
	assert_false(xmpp_keep_write(&k, &me, "starttls", false, &e));
	assert_int_equal(e.status, STATUS_LOCAL_IO);
	assert_false(xmpp_keep_read(&k, &me, "starttls", NULL));
	xmpp_jid_clear(&me);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

TEST_MAIN(T(what_is_written_is_read_again),
	T(transports_do_not_touch_each_other),
	T(an_empty_list_of_bindings_is_a_list),
	T(lines_of_others_are_passed_over_and_kept),
	T(names_that_would_break_a_line_are_not_remembered),
	T(too_many_names_are_not_remembered),
	T(a_salt_is_one_that_a_server_may_have),
	T(a_salt_that_stays_is_expected_again),
	T(of_salts_that_never_stay_one_is_written_in_two_weeks),
	T(a_stumble_is_forgiven_after_two_weeks),
	T(a_way_by_the_web_is_remembered_for_a_day),
	T(pins_of_runs_at_the_same_time_add_up),
	T(without_a_folder_it_is_local_input_output))
