/* test - what every unit and simulated test includes first
 *
 * cmocka wants four headers before its own.  A test file is a list of
 * functions named as statements of behaviour, and ends with
 * TEST_MAIN(cmocka_unit_test(a_tag_is_compared_byte_by_byte), …).
 */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/span.h"

#define TEST_MAIN(...)                                                         \
	int main(void)                                                         \
	{                                                                      \
		const struct CMUnitTest tests[] = { __VA_ARGS__ };             \
		cmocka_set_message_output(CM_OUTPUT_TAP);                      \
		return cmocka_run_group_tests(tests, NULL, NULL);              \
	}

/* Compares a span with a string and shows both where they differ. */
#define assert_span(span, text) test_span((span), (text), __FILE__, __LINE__)
void test_span(struct span got, const char *want, const char *file, int line);

/* Fails with the sentence of e where ok is false. */
#define assert_ok(ok, e) test_ok((ok), (e), __FILE__, __LINE__)
void test_ok(bool ok, const struct err *e, const char *file, int line);

#endif
