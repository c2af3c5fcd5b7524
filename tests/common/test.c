#include "tests/common/test.h"

#include "base/mem.h"

void test_span(struct span got, const char *want, const char *file, int line)
{
	if (span_is(got, want))
		return;
	char *text = span_dup(got);
	print_error("expected \"%s\", got \"%s\"\n", want, text);
	mem_free(text);
	_fail(file, line);
}

void test_ok(bool ok, const struct err *e, const char *file, int line)
{
	if (ok)
		return;
	print_error("status %d: %s\n", e->status, e->text);
	_fail(file, line);
}
