#include "xml/text.h"

#include <string.h>

#include "base/utf8.h"

/* XML 1.0 section 2.2, Char */
static bool is_char(uint32_t c)
{
	return c >= 0x20 ? c != 0xfffe && c != 0xffff
			 : c == '\t' || c == '\n' || c == '\r';
}

static bool is_plain(char c)
{
	return c >= 0x20 || c == '\n' || c == '\t' || c == '\r';
}

size_t xml_text_valid_length(struct span s)
{
	size_t at = 0;
	for (;;) {
		/* char may be signed or not: 0x7f and below is plain ASCII */
		while (at < s.n && !(s.p[at] & 0x80) && is_plain(s.p[at]))
			at++;
		uint32_t code;
		size_t n =
			at < s.n ? utf8_decode(s.p + at, s.n - at, &code) : 0;
		if (n == 0 || !is_char(code))
			return at;
		at += n;
	}
}

bool xml_text_check(struct span s, struct err *e)
{
	size_t good = xml_text_valid_length(s);
	if (good == s.n)
		return true;
	uint32_t code;
	if (utf8_decode(s.p + good, s.n - good, &code) == 0)
		return err_set(e, STATUS_MALFORMED,
			"byte %zu of the text is not UTF-8", good + 1);
	return err_set(e, STATUS_MALFORMED,
		"byte %zu of the text is U+%04X, which XML cannot carry",
		good + 1, (unsigned)code);
}

size_t xml_text_replace(struct buf *out, struct span s)
{
	size_t replaced = 0;
	while (s.n) {
		size_t good = xml_text_valid_length(s);
		buf_add(out, s.p, good);
		s = span_skip(s, good);
		if (s.n) {
			uint32_t code;
			size_t n = utf8_decode(s.p, s.n, &code);
			utf8_add(out, 0xfffd);
			s = span_skip(s, n ? n : 1);
			replaced++;
		}
	}
	return replaced;
}

enum { IN_TEXT = 1, IN_ATTR = 2 };

/* Where a character cannot stand for itself; all are below '?'. */
static const unsigned char special[] = {
	['&'] = IN_TEXT | IN_ATTR,
	['<'] = IN_TEXT | IN_ATTR,
	['>'] = IN_TEXT | IN_ATTR, /* "]]>" */
	['\r'] = IN_TEXT | IN_ATTR,
	['\n'] = IN_ATTR,
	['\t'] = IN_ATTR,
	['\''] = IN_ATTR,
};

static bool is_special(char c, unsigned where)
{
	unsigned char byte = (unsigned char)c;
	return byte < sizeof(special) && (special[byte] & where);
}

static void add_reference(struct buf *out, char c)
{
	switch (c) {
	case '&':
		buf_str(out, "&amp;");
		break;
	case '<':
		buf_str(out, "&lt;");
		break;
	case '>':
		buf_str(out, "&gt;");
		break;
	case '\'':
		buf_str(out, "&apos;");
		break;
	default:
		buf_printf(out, "&#%d;", c);
	}
}

static bool escape(struct buf *out, struct span s, unsigned where)
{
	size_t from = 0;
	for (size_t at = 0; at < s.n; at++) {
		if (!is_special(s.p[at], where))
			continue;
		buf_add(out, s.p + from, at - from);
		add_reference(out, s.p[at]);
		from = at + 1;
	}
	return buf_add(out, s.p + from, s.n - from) && !out->failed;
}

bool xml_text_escape(struct buf *out, struct span s)
{
	return escape(out, s, IN_TEXT);
}

bool xml_text_escape_attr(struct buf *out, struct span s)
{
	return escape(out, s, IN_ATTR);
}

static bool is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       (c & 0x80);
}

static bool is_name_char(char c)
{
	return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' ||
	       c == '.';
}

bool xml_text_is_name(const char *name)
{
	if (!is_name_start(*name))
		return false;
	for (const char *c = name; *c; c++)
		if (!is_name_char(*c))
			return false;
	return xml_text_valid_length(span_of(name)) == strlen(name);
}
