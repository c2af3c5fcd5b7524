#include "sip/uri.h"

#include "sip/chars.h"
#include "sip/osip.h"
#include "sip/value.h"

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
	       (c >= 'A' && c <= 'F');
}

/* ---- what is checked before and after libosip2 ---------------------------------- */

bool sip_uri_scheme(
	struct span text, enum sip_scheme *kind, struct span *scheme)
{
	size_t n = span_find(text, ':', 0);
	struct span name = span_first(text, n);
	if (n == 0 || n == text.n ||
		!((name.p[0] | 0x20) >= 'a' && (name.p[0] | 0x20) <= 'z'))
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = name.p[i] | 0x20;
		if (!((c >= 'a' && c <= 'z') ||
			    (name.p[i] >= '0' && name.p[i] <= '9') ||
			    name.p[i] == '+' || name.p[i] == '-' ||
			    name.p[i] == '.'))
			return false;
	}
	*scheme = name;
	*kind = span_is_nocase(name, "sip")    ? SIP_SCHEME_SIP
		: span_is_nocase(name, "sips") ? SIP_SCHEME_SIPS
		: span_is_nocase(name, "tel")  ? SIP_SCHEME_TEL
					       : SIP_SCHEME_OTHER;
	return true;
}

/* Characters of the class, and escapes. */
static bool is_made_of(struct span s, enum sip_chars class)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '%') {
			if (s.n - i < 3 || !is_hex(s.p[i + 1]) ||
				!is_hex(s.p[i + 2]))
				return false;
			i += 2;
		} else if (!sip_char_is(s.p[i], class)) {
			return false;
		}
	}
	return true;
}

static unsigned count_of(struct span s, char c)
{
	unsigned count = 0;
	for (size_t i = 0; i < s.n; i++)
		count += s.p[i] == c;
	return count;
}

/* ---- parameters and headers --------------------------------------------------------- */

bool sip_uri_pair_next(
	struct span *rest, char separator, struct sip_param *pair)
{
	struct span s = *rest;
	if (s.n && s.p[0] == separator)
		s = span_skip(s, 1);
	if (s.n == 0)
		return false;
	size_t n = span_find(s, separator, 0);
	*rest = span_skip(s, n);
	s = span_first(s, n);
	pair->has_value = span_cut(&s, '=', &pair->name);
	pair->value = pair->has_value ? s : SPAN_EMPTY;
	return true;
}

static bool is_param(const struct sip_param *p)
{
	return p->name.n > 0 && (!p->has_value || p->value.n > 0) &&
	       is_made_of(p->name, SIP_CHAR_PARAM) &&
	       is_made_of(p->value, SIP_CHAR_PARAM);
}

static bool params_are_valid(struct span params)
{
	struct sip_param p;
	/* Most have one or none, and need no memory of names. */
	if (!sip_uri_pair_next(&params, ';', &p))
		return params.n == 0;
	if (!is_param(&p) || params.n == 0)
		return is_param(&p);
	struct sip_names names = { .escaped = true };
	sip_names_add(&names, p.name);
	while (sip_uri_pair_next(&params, ';', &p))
		if (!is_param(&p) || !sip_names_add(&names, p.name))
			return false;
	return params.n == 0;
}

static bool headers_are_valid(struct span headers)
{
	struct sip_param p;
	unsigned count = 0;
	while (sip_uri_pair_next(&headers, '&', &p))
		if (count++ == SIP_PARAMS_MAX || p.name.n == 0 ||
			!p.has_value || !is_made_of(p.name, SIP_CHAR_HNV) ||
			!is_made_of(p.value, SIP_CHAR_HNV))
			return false;
	return headers.n == 0;
}

bool sip_uri_param(
	const struct sip_uri *u, const char *name, struct span *value)
{
	struct span rest = u->params;
	struct sip_param p;
	while (sip_uri_pair_next(&rest, ';', &p))
		if (sip_escaped_equal_nocase(p.name, span_of(name))) {
			*value = p.value;
			return true;
		}
	return false;
}

bool sip_uri_is_loose(const struct sip_uri *u)
{
	struct span value;
	return sip_uri_param(u, "lr", &value);
}

/* ---- parse and format ---------------------------------------------------------------- */

/* Takes the headers off text.  They are not libosip2's, which stops at an
 * empty value; the '?' in front is the first behind an '@', since no other
 * part may have that unescaped. */
static bool cut_headers(struct span *text, struct span *headers)
{
	size_t at = span_find(*text, '@', 0);
	size_t mark = span_find(*text, '?', at < text->n ? at : 0);
	bool is_there = mark < text->n;
	*headers = span_skip(*text, mark + is_there);
	*text = span_first(*text, mark);
	return !is_there || headers->n > 0;
}

static bool parse_sip(struct sip_uri *u, struct span text, struct err *e)
{
	struct span headers, all = text;
	if (!cut_headers(&text, &headers) || !headers_are_valid(headers))
		return err_set(
			e, STATUS_MALFORMED, "SIP URI has a malformed header");
	if (count_of(text, ';') > SIP_PARAMS_MAX)
		return err_set(e, STATUS_MALFORMED,
			"SIP URI has more than %d parameters", SIP_PARAMS_MAX);
	if (!sip_osip_uri(u, text))
		return err_set(e, STATUS_MALFORMED,
			"SIP URI does not follow the grammar");
	if (!sip_host_is_valid(u->host, u->is_ipv6))
		return err_set(
			e, STATUS_MALFORMED, "SIP URI has no valid host");
	if (!is_made_of(u->user, SIP_CHAR_USER) ||
		!is_made_of(u->password, SIP_CHAR_USER))
		return err_set(e, STATUS_MALFORMED,
			"SIP URI has a wrong character in its user part");
	if (!params_are_valid(u->params))
		return err_set(e, STATUS_MALFORMED,
			"SIP URI has a malformed or repeated parameter");
	u->text = all;
	u->opaque = span_skip(all, u->scheme.n + 1);
	u->headers = headers;
	return true;
}

bool sip_uri_parse(struct sip_uri *u, struct span text, struct err *e)
{
	struct sip_uri got = { .text = text };
	if (text.n > SIP_URI_MAX)
		return err_set(e, STATUS_MALFORMED, "URI is too long");
	if (!sip_uri_scheme(text, &got.kind, &got.scheme))
		return err_set(e, STATUS_MALFORMED, "URI has no scheme");
	got.opaque = span_skip(text, got.scheme.n + 1);
	if (got.opaque.n == 0)
		return err_set(e, STATUS_MALFORMED, "URI ends at its scheme");
	enum sip_scheme kind = got.kind;
	bool is_sip = kind == SIP_SCHEME_SIP || kind == SIP_SCHEME_SIPS;
	if (!is_made_of(got.opaque, SIP_CHAR_URIC))
		return err_set(e, STATUS_MALFORMED,
			"URI has a wrong character or escape");
	if (is_sip && !parse_sip(&got, text, e))
		return false;
	got.kind = kind;
	*u = got;
	return true;
}

bool sip_uri_format(struct buf *out, const struct sip_uri *u)
{
	buf_span(out, u->scheme);
	buf_char(out, ':');
	if (u->kind != SIP_SCHEME_SIP && u->kind != SIP_SCHEME_SIPS)
		return buf_span(out, u->opaque);
	buf_span(out, u->user);
	if (u->has_password) {
		buf_char(out, ':');
		buf_span(out, u->password);
	}
	if (u->has_user)
		buf_char(out, '@');
	if (u->is_ipv6)
		buf_char(out, '[');
	buf_span(out, u->host);
	if (u->is_ipv6)
		buf_char(out, ']');
	if (u->port)
		buf_printf(out, ":%u", u->port);
	buf_span(out, u->params);
	if (u->headers.n)
		buf_char(out, '?');
	return buf_span(out, u->headers) && !out->failed;
}

bool sip_uri_add_identity(struct buf *out, const struct sip_uri *u)
{
	static const char *const of_the_way[] = { "method", "maddr", "ttl",
		"transport", "lr" };
	struct sip_uri bare = *u;
	struct span rest = u->params;
	struct sip_param p;

	if (u->kind != SIP_SCHEME_SIP && u->kind != SIP_SCHEME_SIPS)
		return sip_uri_format(out, u);
	bare.port = 0;
	bare.params = bare.headers = SPAN_EMPTY;
	sip_uri_format(out, &bare);
	while (sip_uri_pair_next(&rest, ';', &p)) {
		bool stays = true;
		for (size_t i = 0; i < 5; i++)
			stays &= !sip_escaped_equal_nocase(
				p.name, span_of(of_the_way[i]));
		if (!stays)
			continue;
		buf_char(out, ';');
		buf_span(out, p.name);
		if (p.has_value)
			buf_char(out, '=');
		buf_span(out, p.value);
	}
	return !out->failed;
}

bool sip_uri_decode(struct buf *out, struct span s)
{
	for (size_t i = span_find(s, '%', 0); i < s.n;
		i = span_find(s, '%', i + 1))
		if (s.n - i < 3 || !is_hex(s.p[i + 1]) || !is_hex(s.p[i + 2]))
			return false;
	for (size_t i = 0; i < s.n;)
		buf_char(out, (char)sip_char_next(s, &i));
	return !out->failed;
}

bool sip_uri_encode_user(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (sip_char_is(s.p[i], SIP_CHAR_USER))
			buf_char(out, s.p[i]);
		else
			buf_printf(out, "%%%02X", (unsigned char)s.p[i]);
	return !out->failed;
}
