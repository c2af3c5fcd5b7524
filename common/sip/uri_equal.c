/* When two URIs mean the same (RFC 3261 section 19.1.4, RFC 3966 section 4). */
#include <arpa/inet.h>
#include <string.h>

#include "sip/chars.h"
#include "sip/uri.h"

static int lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static bool same_host(const struct sip_uri *a, const struct sip_uri *b)
{
	char text[2][INET6_ADDRSTRLEN + 1];
	unsigned char address[2][16];
	if (a->is_ipv6 && b->is_ipv6 &&
		span_copy(text[0], sizeof(text[0]), a->host) &&
		span_copy(text[1], sizeof(text[1]), b->host) &&
		inet_pton(AF_INET6, text[0], address[0]) == 1 &&
		inet_pton(AF_INET6, text[1], address[1]) == 1)
		return memcmp(address[0], address[1], 16) == 0;
	return a->is_ipv6 == b->is_ipv6 && span_equal_nocase(a->host, b->host);
}

static bool find_param(
	struct span list, struct span name, struct sip_param *found)
{
	while (sip_uri_pair_next(&list, ';', found))
		if (sip_escaped_equal_nocase(found->name, name))
			return true;
	return false;
}

/* The parameters that never match where only one URI has them. */
static bool is_required(struct span name)
{
	static const char *const names[] = { "user", "ttl", "method", "maddr",
		"transport" };
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (sip_escaped_equal_nocase(name, span_of(names[i])))
			return true;
	return false;
}

/* Does each parameter of a agree with b? */
static bool params_agree(struct span a, struct span b)
{
	struct sip_param p, q;
	while (sip_uri_pair_next(&a, ';', &p))
		if (find_param(b, p.name, &q)
				? !sip_escaped_equal_nocase(p.value, q.value)
				: is_required(p.name))
			return false;
	return true;
}

static bool has_pair(
	struct span list, char separator, const struct sip_param *want)
{
	struct sip_param p;
	while (sip_uri_pair_next(&list, separator, &p))
		if (sip_escaped_equal_nocase(p.name, want->name) &&
			sip_escaped_equal_nocase(p.value, want->value))
			return true;
	return false;
}

/* Is every pair of a in b?  There may be two of a name. */
static bool pairs_are_in(struct span a, struct span b, char separator)
{
	struct sip_param p;
	while (sip_uri_pair_next(&a, separator, &p))
		if (!has_pair(b, separator, &p))
			return false;
	return true;
}

/* ---- tel ------------------------------------------------------------------------ */

/* Digits, '+' and '*' of a number, without visual separators. */
static bool same_number(struct span a, struct span b)
{
	size_t i = 0, j = 0;
	for (;;) {
		while (i < a.n && strchr("-.()", a.p[i]))
			i++;
		while (j < b.n && strchr("-.()", b.p[j]))
			j++;
		if (i == a.n || j == b.n)
			return i == a.n && j == b.n;
		if (lower(a.p[i++]) != lower(b.p[j++]))
			return false;
	}
}

static bool same_tel(struct span a, struct span b)
{
	size_t i = span_find(a, ';', 0), j = span_find(b, ';', 0);
	return same_number(span_first(a, i), span_first(b, j)) &&
	       pairs_are_in(span_skip(a, i), span_skip(b, j), ';') &&
	       pairs_are_in(span_skip(b, j), span_skip(a, i), ';');
}

bool sip_uri_equal(const struct sip_uri *a, const struct sip_uri *b)
{
	if (a->kind != b->kind || !span_equal_nocase(a->scheme, b->scheme))
		return false;
	if (a->kind == SIP_SCHEME_TEL)
		return same_tel(a->opaque, b->opaque);
	if (a->kind == SIP_SCHEME_OTHER)
		return span_equal(a->opaque, b->opaque);
	return a->has_user == b->has_user &&
	       a->has_password == b->has_password && a->port == b->port &&
	       sip_escaped_equal(a->user, b->user) &&
	       sip_escaped_equal(a->password, b->password) && same_host(a, b) &&
	       params_agree(a->params, b->params) &&
	       params_agree(b->params, a->params) &&
	       pairs_are_in(a->headers, b->headers, '&') &&
	       pairs_are_in(b->headers, a->headers, '&');
}
