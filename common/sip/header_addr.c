/* name-addr and addr-spec, Contact, and the tags of From and To.
 *
 * Read here, not by libosip2: a display name may hold a quoted NUL (RFC 4475
 * section 3.1.1.2), which ends its strings.  The URI inside is sip/uri.h's.
 */
#include "sip/chars.h"
#include "sip/header.h"
#include "sip/value.h"

static bool refuse(struct err *e, const char *why)
{
	return err_set(e, STATUS_MALFORMED, "address %s", why);
}

/* display-name = *(token LWS) / quoted-string.  INTEROP: text outside of
 * ASCII without quotes, as many phones send it. */
static bool is_display(struct span s)
{
	if (s.n && s.p[0] == '"')
		return sip_is_quoted(s);
	for (size_t i = 0; i < s.n; i++)
		if (!sip_char_is(s.p[i], SIP_CHAR_TOKEN | SIP_CHAR_LWS) &&
			(unsigned char)s.p[i] < 0x80)
			return false;
	return true;
}

/* Where the '<' is that is not inside of quotes; s.n where there is none. */
static size_t find_bracket(struct span s)
{
	size_t i = 0;
	if (s.n && s.p[0] == '"')
		for (i = 1; i < s.n && s.p[i] != '"'; i++)
			if (s.p[i] == '\\')
				i++;
	return span_find(s, '<', i < s.n ? i : s.n);
}

static bool is_uri_text(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!sip_char_is(s.p[i], SIP_CHAR_URIC))
			return false;
	return s.n > 0;
}

/* RFC 3261 section 20: a URI with a comma, question mark or semicolon has to
 * be in brackets; so a semicolon begins the header's own parameters. */
static bool split_bare(struct sip_addr *a, struct span value)
{
	size_t n = span_find(value, ';', 0);
	a->uri = span_trim(span_first(value, n));
	a->params = span_skip(value, n);
	return !span_has(a->uri, ',') && !span_has(a->uri, '?');
}

bool sip_addr_parse(struct sip_addr *a, struct span value, struct err *e)
{
	struct sip_addr got = { .has_brackets = false };
	value = span_trim(value);
	size_t open = find_bracket(value);
	if (open < value.n) {
		size_t close = span_find(value, '>', open);
		if (close == value.n)
			return refuse(e, "has no closing bracket");
		got.has_brackets = true;
		got.display = span_trim(span_first(value, open));
		got.uri = span_between(value.p + open + 1, value.p + close);
		got.params = span_skip(value, close + 1);
		if (!is_display(got.display))
			return refuse(e, "has a malformed display name");
	} else if (!split_bare(&got, value)) {
		return refuse(e, "needs brackets around its URI");
	}
	if (!is_uri_text(got.uri))
		return refuse(e, "has a malformed URI");
	if (!sip_params_are_valid(got.params))
		return refuse(e, "has malformed or repeated parameters");
	*a = got;
	return true;
}

bool sip_addr_parse_uri(
	struct sip_addr *a, struct sip_uri *u, struct span value, struct err *e)
{
	struct sip_addr got;
	if (!sip_addr_parse(&got, value, e) || !sip_uri_parse(u, got.uri, e))
		return false;
	*a = got;
	return true;
}

struct span sip_addr_tag(const struct sip_addr *a)
{
	struct sip_param p;
	return sip_param_find(a->params, "tag", &p) ? p.value : SPAN_EMPTY;
}

struct span sip_tag(struct span value)
{
	struct sip_addr a;
	return sip_addr_parse(&a, value, NULL) ? sip_addr_tag(&a) : SPAN_EMPTY;
}

bool sip_addr_display(struct buf *out, const struct sip_addr *a)
{
	struct span s = sip_unquote(a->display);
	bool quoted = s.n < a->display.n;
	for (size_t i = 0; i < s.n; i++) {
		if (quoted && s.p[i] == '\\')
			i++;
		buf_char(out, s.p[i]);
	}
	return !out->failed;
}

bool sip_quote(struct buf *out, struct span s)
{
	if (!sip_is_one_line(s)) {
		out->failed = true;
		return false;
	}
	buf_char(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == '"' || c == '\\' || c == 0x7f ||
			(c < 0x20 && c != '\t'))
			buf_char(out, '\\');
		buf_char(out, (char)c);
	}
	return buf_char(out, '"') && !out->failed;
}

bool sip_addr_format(struct buf *out, struct span display, struct span uri)
{
	if (!is_uri_text(uri)) {
		out->failed = true;
		return false;
	}
	if (display.n) {
		sip_quote(out, display);
		buf_char(out, ' ');
	}
	buf_char(out, '<');
	buf_span(out, uri);
	return buf_char(out, '>') && !out->failed;
}

bool sip_contact_parse(struct sip_contact *c, struct span value, struct err *e)
{
	struct sip_contact got = { .is_star = false };
	struct sip_param p;
	if (span_is(span_trim(value), "*")) {
		got.is_star = true;
		*c = got;
		return true;
	}
	if (!sip_addr_parse(&got.addr, value, e))
		return false;
	if (sip_param_find(got.addr.params, "q", &p)) {
		got.has_q = true;
		if (!sip_q_parse(&got.q, p.value))
			return refuse(e, "has a q that is not 0 to 1");
	}
	if (sip_param_find(got.addr.params, "expires", &p))
		got.has_expires =
			span_to_u32(p.value, SIP_EXPIRES_MAX, &got.expires);
	*c = got;
	return true;
}
