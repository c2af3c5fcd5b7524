#include "base/utf8.h"

#include <string.h>

size_t utf8_decode(const char *p, size_t n, uint32_t *code)
{
	const unsigned char *s = (const unsigned char *)p;
	if (n == 0)
		return 0;
	if (s[0] < 0x80) {
		*code = s[0];
		return 1;
	}
	size_t length;
	uint32_t least, value;
	if ((s[0] & 0xe0) == 0xc0) {
		length = 2, least = 0x80, value = s[0] & 0x1f;
	} else if ((s[0] & 0xf0) == 0xe0) {
		length = 3, least = 0x800, value = s[0] & 0x0f;
	} else if ((s[0] & 0xf8) == 0xf0) {
		length = 4, least = 0x10000, value = s[0] & 0x07;
	} else {
		return 0;
	}
	if (n < length)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (s[i] & 0x3f);
	}
	bool surrogate = value >= 0xd800 && value <= 0xdfff;
	if (value < least || value > 0x10ffff || surrogate)
		return 0;
	*code = value;
	return length;
}

/* Eight ASCII bytes at a time: nearly all that SIP and XMPP carry. */
static size_t ascii_run(const char *p, size_t n)
{
	size_t i = 0;
	for (; i + 8 <= n; i += 8) {
		uint64_t word;
		memcpy(&word, p + i, 8);
		if (word & UINT64_C(0x8080808080808080))
			break;
	}
	while (i < n && (unsigned char)p[i] < 0x80)
		i++;
	return i;
}

size_t utf8_valid_length(const char *p, size_t n)
{
	size_t at = 0;
	while (at < n) {
		at += ascii_run(p + at, n - at);
		if (at == n)
			break;
		uint32_t code;
		size_t length = utf8_decode(p + at, n - at, &code);
		if (length == 0)
			break;
		at += length;
	}
	return at;
}

bool utf8_is_valid(struct span s)
{
	return utf8_valid_length(s.p, s.n) == s.n;
}

bool utf8_add(struct buf *out, uint32_t code)
{
	char c[4];
	size_t n;
	if (code < 0x80) {
		c[0] = (char)code, n = 1;
	} else if (code < 0x800) {
		c[0] = (char)(0xc0 | code >> 6), n = 2;
	} else if (code < 0x10000) {
		c[0] = (char)(0xe0 | code >> 12), n = 3;
	} else {
		c[0] = (char)(0xf0 | code >> 18), n = 4;
	}
	for (size_t i = 1; i < n; i++)
		c[i] = (char)(0x80 | (code >> 6 * (n - 1 - i) & 0x3f));
	return buf_add(out, c, n);
}

bool utf8_add_valid(struct buf *out, struct span s)
{
	bool valid = true;
	while (s.n) {
		size_t good = utf8_valid_length(s.p, s.n);
		buf_add(out, s.p, good);
		s = span_skip(s, good);
		if (s.n) {
			valid = false;
			utf8_add(out, 0xfffd);
			s = span_skip(s, 1);
		}
	}
	return valid;
}

static bool is_bidi_control(uint32_t c)
{
	return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
	       c == 0x200e || c == 0x200f || c == 0x061c;
}

/* Line and paragraph separator forge lines where a program honours them. */
bool utf8_is_hidden(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || is_bidi_control(c) ||
	       c == 0x2028 || c == 0x2029;
}

static void escape(struct buf *out, uint32_t code)
{
	switch (code) {
	case '\t':
		buf_str(out, "\\t");
		return;
	case '\n':
		buf_str(out, "\\n");
		return;
	case '\r':
		buf_str(out, "\\r");
		return;
	case '\\':
		buf_str(out, "\\\\");
		return;
	}
	buf_printf(out, code < 0x80 ? "\\x%02x" : "\\u{%x}", (unsigned)code);
}

static bool must_escape(uint32_t code, enum utf8_keep keep)
{
	if (keep == UTF8_LINES && (code == '\t' || code == '\n'))
		return false;
	return utf8_is_hidden(code) || (code == '\\' && keep == UTF8_ONE_LINE);
}

/* Bytes that every mode shows as they are. */
static size_t plain_run(const char *p, size_t n)
{
	size_t i = 0;
	while (i < n && p[i] >= 0x20 && p[i] < 0x7f && p[i] != '\\')
		i++;
	return i;
}

void utf8_printable(struct buf *out, struct span s, enum utf8_keep keep)
{
	while (s.n) {
		size_t plain = plain_run(s.p, s.n);
		if (plain) {
			buf_add(out, s.p, plain);
			s = span_skip(s, plain);
			continue;
		}
		uint32_t code;
		size_t length = utf8_decode(s.p, s.n, &code);
		if (length == 0) {
			buf_printf(out, "\\x%02x", (unsigned char)s.p[0]);
			length = 1;
		} else if (must_escape(code, keep)) {
			escape(out, code);
		} else {
			buf_add(out, s.p, length);
		}
		s = span_skip(s, length);
	}
}

char *utf8_printable_to(char *out, size_t size, struct span s)
{
	static const char more[] = "…";
	struct buf text = BUF_INIT(8 * (s.n + 1));
	utf8_printable(&text, s, UTF8_ONE_LINE);
	if (!span_copy(out, size, buf_view(&text)) && size > sizeof(more)) {
		size_t keep = utf8_valid_length(text.data, size - sizeof(more));
		memcpy(out, text.data, keep);
		memcpy(out + keep, more, sizeof(more));
	}
	buf_clear(&text);
	return out;
}
