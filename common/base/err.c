#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* snprintf may cut in the middle of a character; take the rest away. */
static void cut_at_character(char *text, size_t size)
{
	if (strlen(text) == size - 1)
		text[utf8_valid_length(text, size - 1)] = '\0';
}

__attribute__((format(printf, 3, 0))) static void set(
	struct err *e, enum status status, const char *format, va_list ap)
{
	*e = ERR_NONE;
	e->status = status;
	vsnprintf(e->text, sizeof(e->text), format, ap);
	cut_at_character(e->text, sizeof(e->text));
}

bool err_set(struct err *e, enum status status, const char *format, ...)
{
	if (!e)
		return false;
	va_list ap;
	va_start(ap, format);
	set(e, status, format, ap);
	va_end(ap);
	return false;
}

bool err_errno(
	struct err *e, enum status status, int number, const char *format, ...)
{
	if (!e)
		return false;
	va_list ap;
	va_start(ap, format);
	set(e, status, format, ap);
	va_end(ap);
	char reason[128];
	const char *text = strerror_r(number, reason, sizeof(reason));
	size_t n = strlen(e->text);
	snprintf(e->text + n, sizeof(e->text) - n, ": %s", text);
	cut_at_character(e->text, sizeof(e->text));
	return false;
}

void err_prefix(struct err *e, const char *format, ...)
{
	if (!e)
		return;
	char old[ERR_TEXT_MAX];
	memcpy(old, e->text, sizeof(old));
	va_list ap;
	va_start(ap, format);
	vsnprintf(e->text, sizeof(e->text), format, ap);
	va_end(ap);
	size_t n = strlen(e->text);
	snprintf(e->text + n, sizeof(e->text) - n, ": %s", old);
	cut_at_character(e->text, sizeof(e->text));
}

void err_condition(struct err *e, const char *condition, bool retryable)
{
	if (!e)
		return;
	snprintf(e->condition, sizeof(e->condition), "%s", condition);
	e->retryable = retryable;
}

void err_clear(struct err *e)
{
	if (e)
		*e = ERR_NONE;
}

bool err_is_set(const struct err *e)
{
	return e->status != STATUS_DONE;
}

static const struct {
	int rank; /* the higher, the more it matters */
	const char *text;
} statuses[STATUS_COUNT] = {
	[STATUS_DONE] = { 0, "done" },
	[STATUS_REFUSED] = { 1, "refused" },
	[STATUS_MALFORMED] = { 2, "malformed data" },
	[STATUS_TIMEOUT] = { 3, "timed out" },
	[STATUS_UNREACHABLE] = { 4, "unreachable" },
	[STATUS_AUTH] = { 5, "authentication" },
	[STATUS_TLS] = { 6, "TLS" },
	[STATUS_LOCAL_IO] = { 7, "local input/output" },
	[STATUS_INTERNAL] = { 8, "internal" },
	[STATUS_USAGE] = { 9, "usage" },
};

enum status status_worse(enum status a, enum status b)
{
	return statuses[b].rank > statuses[a].rank ? b : a;
}

const char *status_text(enum status s)
{
	return statuses[s].text;
}
