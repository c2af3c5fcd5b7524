#include "base/buf.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define BUF_FIRST 64

void buf_init(struct buf *b, size_t max)
{
	*b = BUF_INIT(max);
}

static char *memory(const struct buf *b)
{
	return b->data ? b->data - b->gone : NULL;
}

void buf_clear(struct buf *b)
{
	mem_free(memory(b));
	buf_init(b, b->max);
}

void buf_clear_wiped(struct buf *b)
{
	if (b->data)
		mem_wipe(memory(b), b->gone + b->room);
	buf_clear(b);
}

void buf_reset(struct buf *b)
{
	if (b->data) {
		b->data -= b->gone;
		b->data[0] = '\0';
	}
	b->room += b->gone;
	b->gone = 0;
	b->len = 0;
	b->failed = false;
}

/* Moves the live bytes back over the consumed ones. */
static void compact(struct buf *b)
{
	char *start = memory(b);
	memmove(start, b->data, b->len);
	b->data = start;
	b->room += b->gone;
	b->gone = 0;
}

char *buf_reserve(struct buf *b, size_t n)
{
	if (n > b->max || b->len > b->max - n) {
		b->failed = true;
		return NULL;
	}
	size_t want = b->len + n + 1;
	/* Moving costs len; it is paid for by at least as many consumed. */
	if (b->room < want && b->gone >= b->len && b->gone > 0)
		compact(b);
	if (b->room < want) {
		size_t size = b->room + b->gone;
		if (b->gone > 0)
			compact(b);
		size = size < BUF_FIRST ? BUF_FIRST : size * 2;
		if (size < want)
			size = want;
		if (size > b->max + 1)
			size = b->max + 1;
		b->data = mem_grow(b->data, size, 1);
		b->room = size;
	}
	return b->data + b->len;
}

void buf_added(struct buf *b, size_t n)
{
	b->len += n;
	b->data[b->len] = '\0';
}

bool buf_add(struct buf *b, const void *p, size_t n)
{
	char *to = buf_reserve(b, n);
	if (!to)
		return false;
	if (n)
		memcpy(to, p, n);
	buf_added(b, n);
	return true;
}

bool buf_span(struct buf *b, struct span s)
{
	return buf_add(b, s.p, s.n);
}

bool buf_str(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s));
}

bool buf_char(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

bool buf_u64(struct buf *b, unsigned long long value)
{
	char digits[20];
	size_t at = sizeof(digits);
	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	return buf_add(b, digits + at, sizeof(digits) - at);
}

bool buf_vprintf(struct buf *b, const char *format, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, format, ap);
	char *to = n < 0 ? NULL : buf_reserve(b, (size_t)n);
	if (to) {
		vsnprintf(to, (size_t)n + 1, format, again);
		buf_added(b, (size_t)n);
	}
	va_end(again);
	return to != NULL;
}

bool buf_printf(struct buf *b, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	bool fits = buf_vprintf(b, format, ap);
	va_end(ap);
	return fits;
}

void buf_consume(struct buf *b, size_t n)
{
	if (n == 0)
		return;
	b->data += n;
	b->gone += n;
	b->room -= n;
	b->len -= n;
	if (b->len == 0) {
		bool failed = b->failed;
		buf_reset(b);
		b->failed = failed;
	}
}

struct span buf_view(const struct buf *b)
{
	return span_from(b->data, b->len);
}

const char *buf_text(struct buf *b)
{
	return b->data ? b->data : "";
}

char *buf_take(struct buf *b)
{
	if (!b->data)
		return mem_str("");
	if (b->gone)
		compact(b);
	b->data[b->len] = '\0';
	char *text = b->data;
	buf_init(b, b->max);
	return text;
}
