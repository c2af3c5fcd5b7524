#include "base/json.h"

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

/* How many bytes from the front need no escape: the hot loop of -j. */
static size_t plain_run(const char *p, size_t n)
{
	size_t i = 0;
	while (i < n && (unsigned char)p[i] >= 0x20 &&
		(unsigned char)p[i] < 0x7f && p[i] != '"' && p[i] != '\\')
		i++;
	return i;
}

static void escape_ascii(struct buf *out, unsigned char c)
{
	switch (c) {
	case '"':
		buf_add(out, "\\\"", 2);
		break;
	case '\\':
		buf_add(out, "\\\\", 2);
		break;
	case '\n':
		buf_add(out, "\\n", 2);
		break;
	case '\r':
		buf_add(out, "\\r", 2);
		break;
	case '\t':
		buf_add(out, "\\t", 2);
		break;
	default:
		buf_printf(out, "\\u%04x", c);
	}
}

bool json_escape(struct buf *out, struct span s)
{
	bool valid = true;
	while (s.n) {
		size_t plain = plain_run(s.p, s.n);
		if (plain) {
			buf_add(out, s.p, plain);
			s = span_skip(s, plain);
			continue;
		}
		uint32_t code;
		size_t length = utf8_decode(s.p, s.n, &code);
		if (length == 1) {
			escape_ascii(out, (unsigned char)code);
		} else if (length) {
			buf_add(out, s.p, length);
		} else {
			utf8_add(out, 0xfffd);
			valid = false;
			length = 1;
		}
		s = span_skip(s, length);
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

void json_add_decimal(struct buf *out, int64_t value, unsigned decimals)
{
	uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
	uint64_t unit = 1;
	for (unsigned i = 0; i < decimals; i++)
		unit *= 10;
	if (value < 0)
		buf_char(out, '-');
	buf_u64(out, magnitude / unit);
	if (decimals == 0)
		return;
	buf_char(out, '.');
	for (uint64_t rest = magnitude % unit; unit > 1; rest %= unit) {
		unit /= 10;
		buf_char(out, (char)('0' + rest / unit));
	}
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
