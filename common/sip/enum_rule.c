/* Numbers, services and rewrite rules of ENUM, as text. */
#include <string.h>

#include "sip/enum.h"
#include "sip/ere.h"
#include "sip/uri.h"

/* ---- numbers ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool sip_enum_number(
	char out[SIP_ENUM_NUMBER_MAX + 2], struct span tel, struct err *e)
{
	struct span rest = tel, number;
	size_t n = 0;

	if (span_starts_nocase(rest, "tel:"))
		rest = span_skip(rest, 4);
	span_cut(&rest, ';', &number);
	if (!span_starts(number, "+"))
		return err_set(e, STATUS_USAGE,
			"only a global number, such as tel:+46-8-123456, is in "
			"the DNS (RFC 6116)");
	out[n++] = '+';
	for (size_t i = 1; i < number.n; i++) {
		char c = number.p[i];
		if (c && strchr("-.()", c)) /* RFC 3966: visual separators */
			continue;
		if (!is_digit(c) || n > SIP_ENUM_NUMBER_MAX)
			return err_set(e, STATUS_USAGE,
				"a number has digits, at most %d",
				SIP_ENUM_NUMBER_MAX);
		out[n++] = c;
	}
	out[n] = '\0';
	return n > 1 || err_set(e, STATUS_USAGE, "a number has digits");
}

bool sip_enum_key(struct buf *out, struct span number, const char *suffix)
{
	for (size_t i = number.n; i > 1; i--) {
		buf_char(out, number.p[i - 1]);
		buf_char(out, '.');
	}
	return buf_str(out, suffix);
}

/* ---- services (section 3.4.3) ---- */

/* The Enumservices behind "E2U+"; also of the obsolete "sip+E2U" of RFC 2916,
 * which section 5.2 wants to be understood. */
static bool cut_services(struct span *services)
{
	size_t n = services->n;

	if (span_starts_nocase(*services, "E2U+")) {
		*services = span_skip(*services, 4);
		return true;
	}
	if (n < 4 || !span_is_nocase(span_skip(*services, n - 4), "+E2U"))
		return false;
	*services = span_first(*services, n - 4);
	return true;
}

bool sip_enum_is_enum(struct span services)
{
	return cut_services(&services);
}

bool sip_enum_is_sip(struct span services)
{
	struct span service, word;
	bool more = cut_services(&services), found = false;

	while (more && !found) {
		more = span_cut(&services, '+', &service);
		if (span_starts_nocase(service, "P-"))
			continue;
		for (bool words = true; words && !found;) {
			words = span_cut(&service, ':', &word);
			found = span_is_nocase(word, "sip") ||
				span_is_nocase(word, "sips");
		}
	}
	return found;
}

/* ---- rules (RFC 3402 section 3.2) ---- */

/* Takes what stands before the next delimiter that is not escaped. */
static bool cut_field(struct span *rest, char delimiter, struct span *field)
{
	for (size_t i = 0; i < rest->n; i++) {
		if (rest->p[i] == '\\') {
			i++;
		} else if (rest->p[i] == delimiter) {
			*field = span_first(*rest, i);
			*rest = span_skip(*rest, i + 1);
			return true;
		}
	}
	return false;
}

static bool split_rule(
	struct span rule, struct span *expression, struct span *replacement)
{
	char delimiter = rule.n ? rule.p[0] : '\0';
	struct span rest = span_skip(rule, 1);

	/* Behind the third there may be the flag "i", which is nothing to
	 * digits. */
	return delimiter && delimiter != '\\' && delimiter != 'i' &&
	       !is_digit(delimiter) &&
	       cut_field(&rest, delimiter, expression) &&
	       cut_field(&rest, delimiter, replacement) &&
	       (rest.n == 0 || span_is_nocase(rest, "i"));
}

/* False where a backslash is before nothing that has a meaning. */
static bool replace(struct buf *out, struct span text, char delimiter,
	const struct span groups[ERE_GROUPS])
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] != '\\') {
			buf_char(out, text.p[i]);
			continue;
		}
		char c = ++i < text.n ? text.p[i] : '\0';
		if (c >= '1' && c <= '9')
			buf_span(out, groups[c - '0']);
		else if (c == delimiter || c == '\\')
			buf_char(out, c);
		else
			return false;
	}
	return true;
}

static bool check_uri(struct span uri, struct err *e)
{
	enum sip_scheme kind;
	struct span scheme;
	struct sip_uri u;

	for (size_t i = 0; i < uri.n; i++)
		if (uri.p[i] <= ' ' || uri.p[i] >= 0x7f)
			return err_set(e, STATUS_MALFORMED,
				"what the rule makes is no URI");
	if (!sip_uri_scheme(uri, &kind, &scheme))
		return err_set(e, STATUS_MALFORMED,
			"what the rule makes has no scheme");
	return (kind != SIP_SCHEME_SIP && kind != SIP_SCHEME_SIPS) ||
	       sip_uri_parse(&u, uri, e);
}

bool sip_enum_apply(
	struct buf *out, struct span regexp, struct span number, struct err *e)
{
	struct span expression, replacement, groups[ERE_GROUPS];
	struct buf uri = BUF_INIT(SIP_ENUM_URI_MAX);
	bool good = false;

	if (!split_rule(regexp, &expression, &replacement))
		return err_set(e, STATUS_MALFORMED,
			"its regexp has not the form !expression!replacement!");
	struct ere *x = ere_new(expression, e);
	if (!x)
		return false;
	if (!ere_match(x, number, groups))
		err_set(e, STATUS_REFUSED, "its expression does not match");
	else if (!replace(&uri, replacement, regexp.p[0], groups))
		err_set(e, STATUS_MALFORMED,
			"its replacement has a backslash without meaning");
	else if (uri.failed)
		err_set(e, STATUS_MALFORMED,
			"what the rule makes is longer than %d bytes",
			SIP_ENUM_URI_MAX);
	else if (check_uri(buf_view(&uri), e))
		good = buf_span(out, buf_view(&uri)) ||
		       err_set(e, STATUS_MALFORMED, "the URI does not fit");
	ere_free(x);
	buf_clear(&uri);
	return good;
}
