#include "base/json.h"

#include <string.h>

#include "base/base64.h"
#include "base/utf8.h"

void json_init(struct json *j, struct buf *out)
{
	*j = (struct json){ .out = out };
}

static void begin(struct json *j, const char *key)
{
	if (j->comma)
		buf_char(j->out, ',');
	j->comma = true;
	if (!key)
		return;
	buf_char(j->out, '"');
	buf_str(j->out, key);
	buf_add(j->out, "\":", 2);
}

void json_open(struct json *j, const char *key, char bracket)
{
	begin(j, key);
	buf_char(j->out, bracket);
	j->comma = false;
}

void json_close(struct json *j, char bracket)
{
	buf_char(j->out, bracket);
	j->comma = true;
}

/* Whether one of eight bytes needs more than copying: below 0x20, above 0x7e,
 * a quote or a backslash.  A byte may be found in vain, never missed. */
static bool has_special(uint64_t w)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t tops = UINT64_C(0x8080808080808080);
	uint64_t quote = w ^ ones * '"', slash = w ^ ones * '\\';
	return (((w - ones * 0x20) | (w + ones) | (quote - ones) |
			(slash - ones) | w) &
		       tops) != 0;
}

/* Copies up to the first byte that needs an escape; how many those were.
 * `to` has room for n: this is the hot loop of -j. */
static size_t copy_plain(char *to, const char *p, size_t n)
{
	size_t i = 0;
	uint64_t word;
	for (; i + 8 <= n; i += 8) {
		memcpy(&word, p + i, 8);
		if (has_special(word))
			break;
		memcpy(to + i, &word, 8);
	}
	if (i + 8 > n && n >= 8) {
		/* The last word, over some of what is there already. */
		memcpy(&word, p + n - 8, 8);
		if (!has_special(word)) {
			memcpy(to + n - 8, &word, 8);
			return n;
		}
	}
	while (i < n && (unsigned char)p[i] >= 0x20 &&
		(unsigned char)p[i] < 0x7f && p[i] != '"' && p[i] != '\\') {
		to[i] = p[i];
		i++;
	}
	return i;
}

static char *put(char *to, const char *escape)
{
	size_t n = strlen(escape);
	memcpy(to, escape, n);
	return to + n;
}

static char *put_ascii(char *to, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";
	switch (c) {
	case '"':
		return put(to, "\\\"");
	case '\\':
		return put(to, "\\\\");
	case '\n':
		return put(to, "\\n");
	case '\r':
		return put(to, "\\r");
	case '\t':
		return put(to, "\\t");
	}
	to = put(to, "\\u00");
	*to++ = digits[c >> 4];
	*to++ = digits[c & 15];
	return to;
}

/* One character that is not plain; how many bytes of s it took. */
static size_t put_special(char **to, struct span s, bool *valid)
{
	uint32_t code;
	size_t n = utf8_decode(s.p, s.n, &code);
	if (n == 1) {
		*to = put_ascii(*to, (unsigned char)code);
		return 1;
	}
	if (n == 0) {
		*valid = false;
		*to = put(*to, "\xef\xbf\xbd"); /* U+FFFD */
		return 1;
	}
	memcpy(*to, s.p, n);
	*to += n;
	return n;
}

char *json_put_text(char *to, struct span s, bool *valid)
{
	for (size_t at = 0; at < s.n;) {
		size_t n = copy_plain(to, s.p + at, s.n - at);
		to += n;
		at += n;
		if (at < s.n)
			at += put_special(&to, span_skip(s, at), valid);
	}
	return to;
}

#define PIECE 256 /* bytes escaped at a time, at most */

/* A piece ends with a whole character, where there is one. */
static size_t piece_length(struct span s)
{
	size_t n = PIECE;
	if (s.n <= PIECE)
		return s.n;
	while (n > PIECE - 3 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return n;
}

bool json_escape(struct buf *out, struct span s)
{
	char text[PIECE * JSON_WORST];
	bool valid = true;
	while (s.n) {
		size_t n = piece_length(s);
		char *end = json_put_text(text, span_first(s, n), &valid);
		buf_add(out, text, (size_t)(end - text));
		s = span_skip(s, n);
	}
	return valid;
}

bool json_string(struct json *j, const char *key, struct span value)
{
	begin(j, key);
	buf_char(j->out, '"');
	bool valid = json_escape(j->out, value);
	buf_char(j->out, '"');
	return valid;
}

void json_base64(struct json *j, const char *key, struct span bytes)
{
	begin(j, key);
	buf_char(j->out, '"');
	base64_add(j->out, bytes);
	buf_char(j->out, '"');
}

char *json_put_decimal(char *to, int64_t value, unsigned decimals)
{
	uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
	char text[JSON_DECIMAL_ROOM];
	size_t at = sizeof(text);
	if (decimals > 18)
		decimals = 18;
	for (unsigned i = 0; i < decimals; i++, rest /= 10)
		text[--at] = (char)('0' + rest % 10);
	if (decimals)
		text[--at] = '.';
	do {
		text[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (value < 0)
		text[--at] = '-';
	memcpy(to, text + at, sizeof(text) - at);
	return to + sizeof(text) - at;
}

void json_add_decimal(struct buf *out, int64_t value, unsigned decimals)
{
	char text[JSON_DECIMAL_ROOM];
	char *end = json_put_decimal(text, value, decimals);
	buf_add(out, text, (size_t)(end - text));
}

void json_int(struct json *j, const char *key, int64_t value)
{
	json_decimal(j, key, value, 0);
}

void json_bool(struct json *j, const char *key, bool value)
{
	begin(j, key);
	buf_str(j->out, value ? "true" : "false");
}

void json_decimal(
	struct json *j, const char *key, int64_t value, unsigned decimals)
{
	begin(j, key);
	json_add_decimal(j->out, value, decimals);
}

void json_raw(struct json *j, const char *key, struct span text)
{
	begin(j, key);
	buf_span(j->out, text);
}
