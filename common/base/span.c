#include "base/span.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"

bool span_equal(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Not strncasecmp: it stops at a NUL and follows the locale. */
static unsigned char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20)
				    : (unsigned char)c;
}

bool span_equal_nocase(struct span a, struct span b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

bool span_is(struct span s, const char *text)
{
	return span_equal(s, span_of(text));
}

bool span_is_nocase(struct span s, const char *text)
{
	return span_equal_nocase(s, span_of(text));
}

bool span_starts(struct span s, const char *prefix)
{
	struct span want = span_of(prefix);
	return s.n >= want.n && span_equal(span_first(s, want.n), want);
}

bool span_starts_nocase(struct span s, const char *prefix)
{
	struct span want = span_of(prefix);
	return s.n >= want.n && span_equal_nocase(span_first(s, want.n), want);
}

bool span_ends(struct span s, const char *suffix)
{
	struct span want = span_of(suffix);
	return s.n >= want.n && span_equal(span_skip(s, s.n - want.n), want);
}

int span_compare(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.p, b.p, n) : 0;
	return order ? order : (a.n > b.n) - (a.n < b.n);
}

size_t span_find(struct span s, char c, size_t from)
{
	if (from >= s.n)
		return s.n;
	const char *hit = memchr(s.p + from, c, s.n - from);
	return hit ? (size_t)(hit - s.p) : s.n;
}

size_t span_find_span(struct span s, struct span what, size_t from)
{
	if (from >= s.n || what.n == 0)
		return s.n;
	const char *hit = memmem(s.p + from, s.n - from, what.p, what.n);
	return hit ? (size_t)(hit - s.p) : s.n;
}

bool span_has(struct span s, char c)
{
	return span_find(s, c, 0) < s.n;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span span_trim(struct span s)
{
	while (s.n && is_blank(s.p[0]))
		s = span_skip(s, 1);
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool span_cut(struct span *s, char c, struct span *head)
{
	struct span all = *s;
	size_t at = span_find(all, c, 0);
	*s = span_skip(all, at + 1);
	*head = span_first(all, at);
	return at < all.n;
}

bool span_to_u64(struct span s, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;
	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		unsigned digit = (unsigned)(s.p[i] - '0');
		if (value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	if (value > max)
		return false;
	*out = value;
	return true;
}

bool span_to_u32(struct span s, uint32_t max, uint32_t *out)
{
	uint64_t value;
	if (!span_to_u64(s, max, &value))
		return false;
	*out = (uint32_t)value;
	return true;
}

char *span_dup(struct span s)
{
	return mem_strn(s.p, s.n);
}

bool span_copy(char *out, size_t size, struct span s)
{
	bool fits = s.n < size;
	if (fits && s.n)
		memcpy(out, s.p, s.n);
	out[fits ? s.n : 0] = '\0';
	return fits;
}
