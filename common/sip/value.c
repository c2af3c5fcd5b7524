#include "sip/value.h"

#include <string.h>

#include "sip/chars.h"

static const char *skip_lws(const char *p, const char *end)
{
	while (p < end && sip_char_is(*p, SIP_CHAR_LWS))
		p++;
	return p;
}

/* p at the opening quote: behind the closing one, or NULL. */
static const char *skip_quoted(const char *p, const char *end)
{
	for (p++; p < end; p++) {
		if (*p == '"')
			return p + 1;
		if (*p == '\\' && ++p == end)
			return NULL;
	}
	return NULL;
}

bool sip_value_next(struct span *rest, struct span *value)
{
	if (!rest->p)
		return false;
	const char *p = rest->p, *end = p + rest->n;
	while (p < end && *p != ',') {
		if (*p == '"') {
			p = skip_quoted(p, end);
		} else if (*p == '<') {
			p = memchr(p, '>', (size_t)(end - p));
			p = p ? p + 1 : NULL;
		} else {
			p++;
		}
		if (!p)
			return false;
	}
	*value = span_trim(span_between(rest->p, p));
	*rest = p < end ? span_between(p + 1, end) : SPAN_EMPTY;
	return true;
}

/* gen-value: token, host or quoted-string; NULL where there is none. */
static const char *skip_gen_value(const char *p, const char *end)
{
	if (p < end && *p == '"')
		return skip_quoted(p, end);
	const char *from = p;
	while (p < end && sip_char_is(*p, SIP_CHAR_TOKEN | SIP_CHAR_HOST))
		p++;
	return p > from ? p : NULL;
}

bool sip_param_next(struct span *rest, struct sip_param *param)
{
	if (rest->n == 0)
		return false;
	const char *p = rest->p, *end = p + rest->n;
	p = skip_lws(p, end);
	if (p == end) {
		*rest = SPAN_EMPTY;
		return false;
	}
	if (*p != ';')
		return false;
	const char *from = p = skip_lws(p + 1, end);
	while (p < end && sip_char_is(*p, SIP_CHAR_TOKEN))
		p++;
	if (p == from)
		return false;
	struct sip_param got = { .name = span_between(from, p) };
	p = skip_lws(p, end);
	if (p < end && *p == '=') {
		from = skip_lws(p + 1, end);
		p = skip_gen_value(from, end);
		if (!p)
			return false;
		got.has_value = true;
		got.value = span_between(from, p);
		p = skip_lws(p, end);
	}
	*param = got;
	*rest = span_between(p, end);
	return true;
}

bool sip_param_find(
	struct span params, const char *name, struct sip_param *param)
{
	struct sip_param at;
	for (unsigned i = 0; i < SIP_PARAMS_MAX; i++) {
		if (!sip_param_next(&params, &at))
			return false;
		if (span_is_nocase(at.name, name)) {
			*param = at;
			return true;
		}
	}
	return false;
}

bool sip_names_add(struct sip_names *names, struct span name)
{
	const unsigned size = sizeof(names->slots) / sizeof(*names->slots);
	if (names->count == SIP_PARAMS_MAX)
		return false;
	unsigned h = 0;
	for (size_t i = 0; i < name.n;) {
		unsigned c = names->escaped ? sip_char_next(name, &i)
					    : (unsigned char)name.p[i++];
		h = h * 31u + (c | 0x20u);
	}
	struct span *slot = &names->slots[h % size];
	while (slot->n) {
		if (names->escaped ? sip_escaped_equal_nocase(*slot, name)
				   : span_equal_nocase(*slot, name))
			return false;
		slot = slot + 1 < names->slots + size ? slot + 1 : names->slots;
	}
	*slot = name;
	names->count++;
	return true;
}

bool sip_params_are_valid(struct span params)
{
	struct sip_param at, first;
	/* Most lists have one or none, and need no memory of names. */
	if (!sip_param_next(&params, &first))
		return params.n == 0;
	if (params.n == 0)
		return true;
	struct sip_names names = { 0 };
	sip_names_add(&names, first.name);
	while (sip_param_next(&params, &at))
		if (!sip_names_add(&names, at.name))
			return false;
	return params.n == 0;
}

bool sip_is_token(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!sip_char_is(s.p[i], SIP_CHAR_TOKEN))
			return false;
	return s.n > 0;
}

bool sip_is_one_line(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\r' || s.p[i] == '\n' || s.p[i] == '\0')
			return false;
	return true;
}

bool sip_is_quoted(struct span s)
{
	return s.n && s.p[0] == '"' && skip_quoted(s.p, s.p + s.n) == s.p + s.n;
}

struct span sip_unquote(struct span s)
{
	return sip_is_quoted(s) ? span_from(s.p + 1, s.n - 2) : s;
}
