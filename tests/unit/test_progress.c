#include "tests/common/test.h"

#include <string.h>

#include "cli/progress.h"

static const char *drawn(uint64_t done, uint64_t total, unsigned columns)
{
	static struct buf out;
	buf_clear(&out);
	buf_init(&out, 1000);
	progress_format(&out, "reading x", done, total, columns);
	return buf_text(&out);
}

static void a_bar_fills_the_line_and_no_more(void **state)
{
	(void)state;
	assert_string_equal(drawn(512, 1024, 40),
		"reading x [#########.........]  50% 512");
	assert_string_equal(
		drawn(0, 1024, 40), "reading x [....................]   0% 0");
	for (unsigned columns = 30; columns < 200; columns++)
		assert_in_range(strlen(drawn(1, 3, columns)), 15, columns - 1);
}

static void amounts_have_three_digits_and_a_unit(void **state)
{
	(void)state;
	static const struct {
		uint64_t done;
		const char *shown;
	} rows[] = { { 999, "999" }, { 1000, "1.0 Ki" }, { 1536, "1.5 Ki" },
		{ 20480, "20 Ki" }, { 1023 * 1024, "1.0 Mi" },
		{ UINT64_MAX, "16 Ei" } };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *line = drawn(rows[i].done, 0, 80);
		assert_string_equal(line + strlen("reading x "), rows[i].shown);
	}
}

static void what_is_over_the_total_is_the_total(void **state)
{
	(void)state;
	assert_string_equal(drawn(2000, 1000, 40),
		"reading x [###############] 100% 1.0 Ki");
}

static void on_a_narrow_terminal_there_is_no_bar(void **state)
{
	(void)state;
	assert_string_equal(drawn(1, 2, 20), "reading x  50% 1");
}

TEST_MAIN(cmocka_unit_test(a_bar_fills_the_line_and_no_more),
	cmocka_unit_test(amounts_have_three_digits_and_a_unit),
	cmocka_unit_test(what_is_over_the_total_is_the_total),
	cmocka_unit_test(on_a_narrow_terminal_there_is_no_bar))
