#include "base/base64.h"

#include <stdint.h>
#include <string.h>

static const char standard[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The group of up to three bytes at p as four digits. */
static void put_group(char to[4], const char *p, size_t n, const char *digits)
{
	uint32_t bits = (uint32_t)(unsigned char)p[0] << 16;
	if (n > 1)
		bits |= (uint32_t)(unsigned char)p[1] << 8;
	if (n > 2)
		bits |= (unsigned char)p[2];
	to[0] = digits[bits >> 18];
	to[1] = digits[bits >> 12 & 63];
	to[2] = n > 1 ? digits[bits >> 6 & 63] : '=';
	to[3] = n > 2 ? digits[bits & 63] : '=';
}

static bool add(struct buf *out, struct span s, const char *digits)
{
	size_t size = (s.n + 2) / 3 * 4;
	char *to = buf_reserve(out, size);
	if (!to)
		return false;
	for (size_t i = 0; i < s.n; i += 3, to += 4)
		put_group(to, s.p + i, s.n - i, digits);
	buf_added(out, size);
	return true;
}

bool base64_add(struct buf *out, struct span bytes)
{
	return add(out, bytes, standard);
}

bool base64_add_url(struct buf *out, struct span bytes)
{
	if (!add(out, bytes, url))
		return false;
	size_t padding = (3 - bytes.n % 3) % 3;
	out->len -= padding;
	out->data[out->len] = '\0';
	return true;
}

static int digit_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool base64_decode(struct buf *out, struct span s)
{
	if (s.n % 4)
		return false;
	size_t padding = 0;
	while (padding < 2 && padding < s.n && s.p[s.n - 1 - padding] == '=')
		padding++;
	size_t digits = s.n - padding;
	size_t size = s.n / 4 * 3 - padding;
	char *to = buf_reserve(out, size);
	if (!to)
		return false;
	uint32_t bits = 0;
	size_t written = 0;
	for (size_t i = 0; i < digits; i++) {
		int value = digit_value(s.p[i]);
		if (value < 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
		if (i % 4)
			to[written++] = (char)(bits >> (6 - i % 4 * 2));
	}
	uint32_t stray = padding == 2 ? bits & 15 : padding ? bits & 3 : 0;
	if (stray)
		return false;
	buf_added(out, size);
	return true;
}

bool base64_add_hex(struct buf *out, struct span bytes)
{
	static const char hex[] = "0123456789abcdef";
	char *to = buf_reserve(out, bytes.n * 2);
	if (!to)
		return false;
	for (size_t i = 0; i < bytes.n; i++) {
		unsigned char c = (unsigned char)bytes.p[i];
		to[2 * i] = hex[c >> 4];
		to[2 * i + 1] = hex[c & 15];
	}
	buf_added(out, bytes.n * 2);
	return true;
}
