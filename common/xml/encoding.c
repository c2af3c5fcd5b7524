#include "xml/encoding.h"

#include <string.h>

#include "base/utf8.h"
#include "xml/scan.h"

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* 1 as well for what begins no character. */
static size_t sequence_length(char lead)
{
	unsigned char c = (unsigned char)lead;
	if (c < 0xc2 || c > 0xf4)
		return 1;
	return c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
}

bool xml_encoding_join(
	struct xml_encoding *u, struct span *s, struct span *whole, bool *bad)
{
	*bad = false;
	while (u->have && s->n) {
		*bad = !is_continuation(*s->p);
		if (*bad)
			return false;
		u->part[u->have++] = *s->p;
		*s = span_skip(*s, 1);
		if (u->have < sequence_length(u->part[0]))
			continue;
		uint32_t code;
		*whole = span_from(u->part, u->have);
		*bad = utf8_decode(u->part, u->have, &code) == 0;
		u->have = 0;
		return !*bad;
	}
	return false;
}

struct span xml_encoding_run(struct xml_encoding *u, struct span s, bool *bad)
{
	size_t good = utf8_valid_length(s.p, s.n);
	struct span rest = span_skip(s, good);
	*bad = rest.n && rest.n >= sequence_length(*rest.p);
	for (size_t i = 1; i < rest.n && !*bad; i++)
		*bad = !is_continuation(rest.p[i]);
	if (rest.n && !*bad) {
		memcpy(u->part, rest.p, rest.n);
		u->have = rest.n;
	}
	return span_first(s, good);
}

static struct span skip_space(struct span s)
{
	size_t n = 0;
	while (n < s.n && strchr(" \t\r\n", s.p[n]) && s.p[n])
		n++;
	return span_skip(s, n);
}

/* Takes  name="value"  with the white space in front, which must be there. */
static bool take_pair(struct span *s, const char *name, struct span *value)
{
	struct span at = skip_space(*s);
	if (at.n == s->n || !span_starts(at, name))
		return false;
	at = skip_space(span_skip(at, strlen(name)));
	if (!span_starts(at, "="))
		return false;
	at = skip_space(span_skip(at, 1));
	if (!at.n || (*at.p != '"' && *at.p != '\''))
		return false;
	char quote = *at.p;
	at = span_skip(at, 1);
	if (!span_cut(&at, quote, value))
		return false;
	*s = at;
	return true;
}

static bool check_values(struct span version, struct span encoding,
	struct span standalone, struct err *e)
{
	if (!span_is(version, "1.0"))
		return xml_scan_refuse(
			e, "bad-format", "the XML version is not 1.0");
	if (encoding.n && !span_is_nocase(encoding, "utf-8"))
		return xml_scan_refuse(e, "unsupported-encoding",
			"the XML declaration says an encoding that is not "
			"UTF-8");
	if (standalone.n && !span_is(standalone, "yes") &&
		!span_is(standalone, "no"))
		return xml_scan_refuse(e, "not-well-formed",
			"the XML declaration is neither standalone nor not");
	return true;
}

bool xml_encoding_declaration(struct span s, struct err *e)
{
	struct span version, encoding = SPAN_EMPTY, standalone = SPAN_EMPTY;
	struct span at = span_first(s, s.n - strlen("?>"));
	/* Any other target than xml is a processing instruction. */
	if (!span_starts(at, "<?xml") || at.n == strlen("<?xml") ||
		skip_space(span_skip(at, 5)).n == at.n - 5)
		return xml_scan_refuse(e, "restricted-xml",
			"processing instructions are forbidden");
	at = span_skip(at, strlen("<?xml"));
	if (!take_pair(&at, "version", &version))
		return xml_scan_refuse(e, "not-well-formed",
			"the XML declaration has no version");
	take_pair(&at, "encoding", &encoding);
	take_pair(&at, "standalone", &standalone);
	if (skip_space(at).n)
		return xml_scan_refuse(e, "not-well-formed",
			"the XML declaration is not well-formed");
	return check_values(version, encoding, standalone, e);
}
