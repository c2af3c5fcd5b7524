#include "xml/scan.h"

#include <stdio.h>
#include <string.h>

/* <?xml version='1.0' encoding='UTF-8' standalone='yes'?> is 55. */
#define DECLARATION_MAX 256

bool xml_scan_refuse(
	struct err *e, const char *condition, const char *format, ...)
{
	char why[ERR_TEXT_MAX];
	va_list ap;
	va_start(ap, format);
	vsnprintf(why, sizeof(why), format, ap);
	va_end(ap);
	err_set(e, STATUS_MALFORMED, "%s", why);
	err_condition(e, condition, false);
	return false;
}

void xml_scan_init(struct xml_scan *s, enum xml_parser_mode mode)
{
	*s = (struct xml_scan){ .state = XML_SCAN_START,
		.floor = mode == XML_PARSER_STREAM ? 1 : 0 };
}

static enum xml_scan_event fault(
	struct err *e, const char *condition, const char *why)
{
	xml_scan_refuse(e, condition, "%s", why);
	return XML_SCAN_FAULT;
}

static enum xml_scan_event go_on(bool good)
{
	return good ? XML_SCAN_MORE : XML_SCAN_FAULT;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static bool within_stanza(const struct xml_scan *s)
{
	return s->depth > s->floor;
}

/* ---- limits ---- */

static bool count(struct xml_scan *s, size_t n, bool tag, struct err *e)
{
	s->stanza_bytes += n;
	if (s->stanza_bytes > XML_ELEMENT_MAX)
		return xml_scan_refuse(e, "policy-violation",
			"a stanza is larger than %d KiB",
			XML_ELEMENT_MAX / 1024);
	s->tag_bytes = tag ? s->tag_bytes + n : 0;
	if (s->tag_bytes > XML_TAG_MAX)
		return xml_scan_refuse(e, "policy-violation",
			"a tag is larger than %d KiB", XML_TAG_MAX / 1024);
	return true;
}

static bool count_attr(struct xml_scan *s, struct err *e)
{
	if (++s->attrs <= XML_ATTRS_MAX)
		return true;
	return xml_scan_refuse(e, "policy-violation",
		"a tag has more than %d attributes and namespaces",
		XML_ATTRS_MAX);
}

static bool count_depth(const struct xml_scan *s, struct err *e)
{
	if (s->depth < s->floor + XML_DEPTH_MAX)
		return true;
	return xml_scan_refuse(e, "policy-violation",
		"elements are nested deeper than %d", XML_DEPTH_MAX);
}

/* ---- the ends of tags ---- */

static void tag_over(struct xml_scan *s)
{
	s->state = XML_SCAN_CONTENT;
	s->tag_bytes = 0;
	s->attrs = 0;
	if (!within_stanza(s))
		s->stanza_bytes = 0;
}

/* The element that stood at this depth is closed. */
static enum xml_scan_event element_over(struct xml_scan *s)
{
	tag_over(s);
	if (s->depth == 0)
		s->state = XML_SCAN_EPILOG;
	if (s->depth == s->floor)
		return XML_SCAN_STANZA;
	return s->depth < s->floor ? XML_SCAN_CLOSE : XML_SCAN_MORE;
}

static enum xml_scan_event start_tag_over(struct xml_scan *s, struct err *e)
{
	if (!count_depth(s, e))
		return XML_SCAN_FAULT;
	s->depth++;
	tag_over(s);
	return s->floor && s->depth == 1 ? XML_SCAN_HEADER : XML_SCAN_MORE;
}

static enum xml_scan_event end_tag_over(struct xml_scan *s)
{
	s->depth--;
	return element_over(s);
}

/* ---- one step per state: how many bytes it takes ---- */

static size_t until(struct span b, char c)
{
	const char *at = memchr(b.p, c, b.n);
	return at ? (size_t)(at - b.p) : b.n;
}

/* Only white space, then <: before, between and behind stanzas. */
static enum xml_scan_event step_outside(
	struct xml_scan *s, struct span b, size_t *n, struct err *e)
{
	bool start = s->state == XML_SCAN_START;
	if (*b.p == '<' && s->state != XML_SCAN_EPILOG) {
		*n = 1;
		s->matched = start; /* an XML declaration may stand here */
		s->state = XML_SCAN_LESS;
		return go_on(count(s, 1, true, e));
	}
	while (*n < b.n && is_space(b.p[*n]))
		++*n;
	if (*n && (s->floor || !start)) {
		if (start)
			s->state = XML_SCAN_PROLOG;
		return XML_SCAN_SPACE;
	}
	if (*b.p == '\0' && s->depth == 0)
		return fault(e, "unsupported-encoding",
			"the stream is not in UTF-8");
	if (s->depth)
		return fault(e, "bad-format", "there is text between stanzas");
	return fault(
		e, "not-well-formed", "there is text outside the root element");
}

static enum xml_scan_event step_content(
	struct xml_scan *s, struct span b, size_t *n, struct err *e)
{
	*n = until(b, '<');
	if (!count(s, *n, false, e))
		return XML_SCAN_FAULT;
	if (*n < b.n) {
		++*n;
		s->matched = 0;
		s->state = XML_SCAN_LESS;
		if (!count(s, 1, true, e))
			return XML_SCAN_FAULT;
	}
	return XML_SCAN_MORE;
}

static enum xml_scan_event step_less(
	struct xml_scan *s, struct span b, size_t *n, struct err *e)
{
	bool start = s->matched;
	s->matched = 0;
	*n = 1;
	switch (*b.p) {
	case '/':
		s->state = XML_SCAN_END_TAG;
		if (s->depth == 0)
			return fault(e, "not-well-formed",
				"an end tag closes nothing");
		break;
	case '!':
		s->state = XML_SCAN_BANG;
		break;
	case '?':
		s->state = XML_SCAN_DECL;
		if (!start)
			return fault(e, "restricted-xml",
				"processing instructions are forbidden");
		break;
	case '\0':
		return fault(e,
			s->depth ? "not-well-formed" : "unsupported-encoding",
			"there is a NUL in a tag");
	default:
		/* the step of the tag looks at it again */
		*n = 0;
		s->state = XML_SCAN_TAG;
	}
	return go_on(count(s, *n, true, e));
}

/* <!-- and <!DOCTYPE are forbidden, so it is <![CDATA[ or a refusal. */
static enum xml_scan_event step_bang(
	struct xml_scan *s, struct span b, size_t *n, struct err *e)
{
	static const char open[] = "[CDATA[";
	*n = 1;
	if (*b.p != open[s->matched])
		return fault(e, "restricted-xml",
			"comments and document types are forbidden");
	if (!within_stanza(s))
		return fault(e, "bad-format", "there is text between stanzas");
	if (open[++s->matched] == '\0') {
		s->state = XML_SCAN_CDATA;
		s->matched = 0;
	}
	return go_on(count(s, 1, true, e));
}

static enum xml_scan_event step_cdata(
	struct xml_scan *s, struct span b, size_t *n, struct err *e)
{
	*n = s->matched ? 0 : until(b, ']');
	if (*n < b.n) {
		char c = b.p[(*n)++];
		if (c == ']' && s->matched < 2)
			s->matched++;
		else if (c == '>' && s->matched == 2)
			s->state = XML_SCAN_CONTENT;
		else if (c != ']')
			s->matched = 0;
	}
	return go_on(count(s, *n, false, e));
}

static enum xml_scan_event step_decl(
	struct xml_scan *s, struct span b, size_t *n, struct err *e)
{
	char c = *b.p;
	*n = 1;
	if (++s->tag_bytes > DECLARATION_MAX)
		return fault(e, "not-well-formed",
			"the XML declaration does not end");
	if (c == '>' && s->matched) {
		s->state = XML_SCAN_PROLOG;
		s->matched = 0;
		s->tag_bytes = s->stanza_bytes = 0;
		return XML_SCAN_XMLDECL;
	}
	s->matched = c == '?';
	return XML_SCAN_MORE;
}

static enum xml_scan_event step_tag(
	struct xml_scan *s, struct span b, size_t *n, struct err *e)
{
	static const bool ends[256] = { ['>'] = true,
		['/'] = true,
		['\''] = true,
		['"'] = true,
		['<'] = true };
	size_t i = 0;
	while (i < b.n && !ends[(unsigned char)b.p[i]])
		i++;
	char c = i < b.n ? b.p[i++] : ' ';
	*n = i;
	if (!count(s, i, true, e))
		return XML_SCAN_FAULT;
	switch (c) {
	case '>':
		return start_tag_over(s, e);
	case '/':
		s->state = XML_SCAN_SLASH;
		break;
	case '\'':
	case '"':
		s->quote = c;
		s->state = XML_SCAN_QUOTE;
		return go_on(count_attr(s, e));
	case '<':
		return fault(e, "not-well-formed", "there is a < within a tag");
	}
	return XML_SCAN_MORE;
}

static enum xml_scan_event step_slash(
	struct xml_scan *s, struct span b, size_t *n, struct err *e)
{
	if (*b.p != '>')
		return fault(e, "not-well-formed", "there is a / within a tag");
	*n = 1;
	if (!count(s, 1, true, e) || !count_depth(s, e))
		return XML_SCAN_FAULT;
	return element_over(s);
}

static enum xml_scan_event step_quote(
	struct xml_scan *s, struct span b, size_t *n, struct err *e)
{
	size_t end = until(b, s->quote);
	size_t i = until((struct span){ b.p, end }, '<');
	bool less = i < end;
	if (i < b.n && !less) {
		i++;
		s->state = XML_SCAN_TAG;
	}
	*n = i;
	if (!count(s, i, true, e))
		return XML_SCAN_FAULT;
	if (less)
		return fault(e, "not-well-formed",
			"there is a < within an attribute");
	return XML_SCAN_MORE;
}

static enum xml_scan_event step_end_tag(
	struct xml_scan *s, struct span b, size_t *n, struct err *e)
{
	*n = until(b, '>');
	bool over = *n < b.n;
	*n += over;
	if (!count(s, *n, true, e))
		return XML_SCAN_FAULT;
	return over ? end_tag_over(s) : XML_SCAN_MORE;
}

static enum xml_scan_event step(
	struct xml_scan *s, struct span b, size_t *n, struct err *e)
{
	switch (s->state) {
	case XML_SCAN_CONTENT:
		return within_stanza(s) ? step_content(s, b, n, e)
					: step_outside(s, b, n, e);
	case XML_SCAN_LESS:
		return step_less(s, b, n, e);
	case XML_SCAN_BANG:
		return step_bang(s, b, n, e);
	case XML_SCAN_CDATA:
		return step_cdata(s, b, n, e);
	case XML_SCAN_DECL:
		return step_decl(s, b, n, e);
	case XML_SCAN_TAG:
		return step_tag(s, b, n, e);
	case XML_SCAN_QUOTE:
		return step_quote(s, b, n, e);
	case XML_SCAN_SLASH:
		return step_slash(s, b, n, e);
	case XML_SCAN_END_TAG:
		return step_end_tag(s, b, n, e);
	default:
		return step_outside(s, b, n, e);
	}
}

enum xml_scan_event xml_scan_run(struct xml_scan *s, struct span bytes,
	size_t *used, size_t *whole, struct err *e)
{
	enum xml_scan_event event = XML_SCAN_MORE;
	struct span rest = bytes;
	size_t last = 0;
	while (event == XML_SCAN_MORE && rest.n) {
		size_t n = 0;
		bool in_tag = s->tag_bytes > 0;
		event = step(s, rest, &n, e);
		rest.p += n;
		rest.n -= n;
		bool tag_over = in_tag && s->state == XML_SCAN_CONTENT;
		if (tag_over || event > XML_SCAN_FAULT)
			last = bytes.n - rest.n;
	}
	*used = bytes.n - rest.n;
	*whole = last;
	return event;
}
