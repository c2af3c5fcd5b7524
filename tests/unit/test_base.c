/* The smallest room's promises: views, bounded buffers, text, time, keys. */
#include "tests/common/test.h"

#include <string.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/rand.h"
#include "base/recent.h"
#include "base/units.h"
#include "base/utf8.h"

static void a_buf_refuses_what_is_over_its_maximum(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(8);
	assert_true(buf_str(&b, "12345678"));
	assert_false(buf_char(&b, '9'));
	assert_true(b.failed);
	assert_span(buf_view(&b), "12345678");
	buf_clear(&b);
}

static void consuming_from_the_front_keeps_the_rest(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(1 << 20);
	struct buf want = BUF_INIT(1 << 20);
	for (int i = 0; i < 10000; i++) {
		buf_printf(&b, "<%d>", i);
		buf_printf(&want, "<%d>", i);
		if (i % 3 == 0) {
			buf_consume(&b, 2);
			buf_consume(&want, 2);
			assert_true(span_equal(buf_view(&b), buf_view(&want)));
		}
	}
	char *text = buf_take(&b);
	assert_string_equal(text, buf_text(&want));
	mem_free(text);
	buf_clear(&b);
	buf_clear(&want);
}

static void a_number_is_digits_within_its_range(void **state)
{
	(void)state;
	uint64_t n = 7;
	assert_true(span_to_u64(SPAN("18446744073709551615"), UINT64_MAX, &n));
	assert_false(span_to_u64(SPAN("18446744073709551616"), UINT64_MAX, &n));
	assert_false(span_to_u64(SPAN("-1"), 10, &n));
	assert_false(span_to_u64(SPAN("+1"), 10, &n));
	assert_false(span_to_u64(SPAN(""), 10, &n));
	assert_false(span_to_u64(SPAN("11"), 10, &n));
	assert_true(n == UINT64_MAX);
}

static void only_well_formed_utf8_is_valid(void **state)
{
	(void)state;
	assert_true(utf8_is_valid(SPAN("hej \xf0\x9f\x99\x82 \xc3\xa5")));
	assert_false(utf8_is_valid(SPAN("\xc0\xaf")));         /* overlong */
	assert_false(utf8_is_valid(SPAN("\xed\xa0\x80")));     /* surrogate */
	assert_false(utf8_is_valid(SPAN("\xf4\x90\x80\x80"))); /* too high */
	assert_false(utf8_is_valid(SPAN("abc\xe2\x82")));      /* cut off */
}

static void a_terminal_sees_no_control_of_a_peer(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(1000);
	utf8_printable(&b, SPAN("a\x1b[31m\xc2\x9b\xe2\x80\xae\xff\n\\"),
		UTF8_ONE_LINE);
	assert_span(buf_view(&b), "a\\x1b[31m\\u{9b}\\u{202e}\\xff\\n\\\\");
	buf_clear(&b);
}

static void json_is_valid_whatever_the_bytes(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(1000);
	struct json j;
	json_init(&j, &b);
	json_open(&j, NULL, '{');
	assert_false(json_string(&j, "a", SPAN("\"\\\n\x01\xff")));
	json_decimal(&j, "b", -12345, 3);
	json_open(&j, "c", '[');
	json_bool(&j, NULL, true);
	json_int(&j, NULL, INT64_MIN);
	json_close(&j, ']');
	json_close(&j, '}');
	assert_span(buf_view(&b),
		"{\"a\":\"\\\"\\\\\\n\\u0001\xef\xbf\xbd\",\"b\":-12.345,"
		"\"c\":[true,-9223372036854775808]}");
	buf_clear(&b);
}

static void base64_has_one_spelling(void **state)
{
	(void)state;
	static const char *const pairs[][2] = { { "", "" }, { "f", "Zg==" },
		{ "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" } };
	struct buf b = BUF_INIT(100);
	for (size_t i = 0; i < 5; i++) {
		buf_reset(&b);
		base64_add(&b, span_of(pairs[i][0]));
		assert_span(buf_view(&b), pairs[i][1]);
		buf_reset(&b);
		assert_true(base64_decode(&b, span_of(pairs[i][1])));
		assert_span(buf_view(&b), pairs[i][0]);
	}
	assert_false(base64_decode(&b, SPAN("Zh==")));
	assert_false(base64_decode(&b, SPAN("Zg=")));
	assert_false(base64_decode(&b, SPAN("Z===")));
	assert_false(base64_decode(&b, SPAN("Zg==\n")));
	assert_span(buf_view(&b), "foob");
	buf_clear(&b);
}

static void a_time_is_read_as_it_was_written(void **state)
{
	(void)state;
	char text[CLOCK_TEXT_SIZE];
	usec_t at, back;
	assert_true(clock_parse(SPAN("2024-02-29T23:59:59.25+01:00"), &at));
	assert_string_equal(
		clock_format(text, at), "2024-02-29T22:59:59.250000Z");
	assert_true(clock_parse(span_of(text), &back));
	assert_true(at == back);
	assert_false(clock_parse(SPAN("2024-13-01T00:00:00Z"), &at));
	assert_false(clock_parse(SPAN("2024-01-01T00:00:00"), &at));
	assert_true(clock_parse_duration(SPAN("1.5"), &at) && at == 1500000);
	assert_true(clock_parse_duration(SPAN("250ms"), &at) && at == 250000);
	assert_true(clock_parse_duration(SPAN("2m"), &at) && at == 120000000);
	assert_false(clock_parse_duration(SPAN("-1"), &at));
	assert_false(clock_parse_duration(SPAN("1x"), &at));
	assert_false(clock_parse_duration(SPAN("ms"), &at));
}

static void a_map_finds_each_thing_by_its_key(void **state)
{
	(void)state;
	struct thing {
		struct map_node node;
		char key[16];
	} *things = mem_array(5000, sizeof(*things));
	struct map m = MAP_INIT;
	for (int i = 0; i < 5000; i++) {
		rand_token(things[i].key, 15);
		map_add(&m, &things[i].node, span_of(things[i].key));
	}
	for (int i = 0; i < 5000; i += 2)
		assert_true(map_remove(&m, &things[i].node));
	assert_false(map_remove(&m, &things[0].node));
	size_t seen = 0;
	for (struct map_node *n = map_next(&m, NULL); n; n = map_next(&m, n))
		seen++;
	assert_int_equal(seen, 2500);
	for (int i = 0; i < 5000; i++) {
		struct map_node *n = map_find(&m, span_of(things[i].key));
		assert_ptr_equal(n, i % 2 ? &things[i].node : NULL);
	}
	map_clear(&m);
	mem_free(things);
}

static void the_worst_outcome_decides_the_status(void **state)
{
	(void)state;
	static const enum status order[] = { STATUS_REFUSED, STATUS_MALFORMED,
		STATUS_TIMEOUT, STATUS_UNREACHABLE, STATUS_AUTH, STATUS_TLS,
		STATUS_LOCAL_IO, STATUS_INTERNAL };
	for (size_t i = 1; i < 8; i++) {
		assert_int_equal(
			status_worse(order[i - 1], order[i]), order[i]);
		assert_int_equal(
			status_worse(order[i], order[i - 1]), order[i]);
	}
}

static void a_sentence_is_cut_between_characters(void **state)
{
	(void)state;
	struct err e;
	char text[ERR_TEXT_MAX + 10];
	memset(text, 'a', sizeof(text));
	memcpy(text + ERR_TEXT_MAX - 2, "\xc3\xa5", 2);
	text[ERR_TEXT_MAX] = '\0';
	assert_false(err_set(&e, STATUS_REFUSED, "%s", text));
	assert_int_equal(strlen(e.text), ERR_TEXT_MAX - 2);
	err_set(&e, STATUS_REFUSED, "no");
	err_prefix(&e, "%s", "pbx");
	assert_string_equal(e.text, "pbx: no");
}

static void what_is_recent_is_known_and_what_is_old_is_not(void **state)
{
	(void)state;
	struct recent r;
	recent_init(&r, 2);
	recent_add(&r, SPAN("a"));
	recent_add(&r, SPAN("b"));
	recent_add(&r, SPAN("a")); /* stays the oldest */
	assert_true(recent_has(&r, SPAN("a")));
	recent_add(&r, SPAN("c"));
	assert_false(recent_has(&r, SPAN("a")));
	assert_true(recent_has(&r, SPAN("b")));
	assert_true(recent_has(&r, SPAN("c")));
	recent_add(&r, SPAN_EMPTY);
	assert_true(recent_has(&r, SPAN_EMPTY));
	recent_clear(&r);
	assert_false(recent_has(&r, SPAN("c")));
}

static void units_go_whole_as_many_as_fit(void **state)
{
	(void)state;
	struct units u;
	units_init(&u, 3);
	assert_int_equal(units_front(&u, 10), 0);
	units_end(&u, 4);
	units_end(&u, 4); /* nothing more */
	units_end(&u, 9);
	units_end(&u, 29);
	assert_int_equal(units_front(&u, 3), 4); /* one in any case */
	assert_int_equal(units_front(&u, 8), 4);
	assert_int_equal(units_front(&u, 9), 9);
	assert_int_equal(units_front(&u, 28), 9);
	units_end(&u, 31); /* the fourth is joined to the third */
	units_consume(&u, 5);
	assert_int_equal(units_front(&u, 4), 4);
	units_consume(&u, 4);
	assert_int_equal(units_front(&u, 4), 22);
	units_consume(&u, 30);
	assert_int_equal(units_front(&u, 4), 0);
	assert_int_equal(u.total, 0);
	units_clear(&u);
}

TEST_MAIN(cmocka_unit_test(units_go_whole_as_many_as_fit),
	cmocka_unit_test(a_buf_refuses_what_is_over_its_maximum),
	cmocka_unit_test(consuming_from_the_front_keeps_the_rest),
	cmocka_unit_test(a_number_is_digits_within_its_range),
	cmocka_unit_test(only_well_formed_utf8_is_valid),
	cmocka_unit_test(a_terminal_sees_no_control_of_a_peer),
	cmocka_unit_test(json_is_valid_whatever_the_bytes),
	cmocka_unit_test(base64_has_one_spelling),
	cmocka_unit_test(a_time_is_read_as_it_was_written),
	cmocka_unit_test(a_map_finds_each_thing_by_its_key),
	cmocka_unit_test(what_is_recent_is_known_and_what_is_old_is_not),
	cmocka_unit_test(the_worst_outcome_decides_the_status),
	cmocka_unit_test(a_sentence_is_cut_between_characters))
