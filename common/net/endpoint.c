#include "net/endpoint.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

static bool parse_v4(struct endpoint *out, const char *text)
{
	*out = (struct endpoint){ .v4.sin_family = AF_INET,
		.len = sizeof(out->v4) };
	return inet_pton(AF_INET, text, &out->v4.sin_addr) == 1;
}

/* A zone is an interface's name or number (RFC 4007 section 11.2). */
static bool parse_scope(struct span s, uint32_t *scope)
{
	char name[IF_NAMESIZE];
	if (span_to_u32(s, UINT32_MAX, scope))
		return *scope != 0;
	return span_copy(name, sizeof(name), s) &&
	       (*scope = if_nametoindex(name)) != 0;
}

static bool parse_v6(struct endpoint *out, char *text)
{
	uint32_t scope = 0;
	char *percent = strchr(text, '%');
	if (percent) {
		*percent = '\0';
		if (!parse_scope(span_of(percent + 1), &scope))
			return false;
	}
	*out = (struct endpoint){ .v6.sin6_family = AF_INET6,
		.v6.sin6_scope_id = scope,
		.len = sizeof(out->v6) };
	return inet_pton(AF_INET6, text, &out->v6.sin6_addr) == 1;
}

static bool parse_bare(struct endpoint *out, struct span s, bool only_v6)
{
	char text[INET6_ADDRSTRLEN + 1 + IF_NAMESIZE];
	struct endpoint a;
	if (span_has(s, '\0') || !span_copy(text, sizeof(text), s))
		return false;
	if (!(span_has(s, ':') ? parse_v6(&a, text)
			       : !only_v6 && parse_v4(&a, text)))
		return false;
	*out = a;
	return true;
}

static bool is_bracketed(struct span s)
{
	return s.n >= 2 && s.p[0] == '[' && s.p[s.n - 1] == ']';
}

bool endpoint_parse_address(struct endpoint *out, struct span s)
{
	if (is_bracketed(s))
		return parse_bare(
			out, span_between(s.p + 1, s.p + s.n - 1), true);
	return parse_bare(out, s, false);
}

/* What stands behind the host: nothing, or a colon and the port. */
static bool split_port(struct span rest, uint16_t *port)
{
	uint32_t number;
	if (rest.n == 0)
		return true;
	if (rest.p[0] != ':' ||
		!span_to_u32(span_skip(rest, 1), UINT16_MAX, &number))
		return false;
	*port = (uint16_t)number;
	return true;
}

bool endpoint_split(struct span s, struct span *host, uint16_t *port)
{
	struct endpoint literal;
	struct span before = s, rest = SPAN_EMPTY;
	size_t colon = span_find(s, ':', 0);
	if (s.n && s.p[0] == '[') {
		size_t end = span_find(s, ']', 0);
		if (end == s.n)
			return false;
		before = span_between(s.p + 1, s.p + end);
		rest = span_skip(s, end + 1);
		if (!parse_bare(&literal, before, true))
			return false;
	} else if (span_find(s, ':', colon + 1) < s.n) {
		if (!parse_bare(&literal, s, true)) /* several colons */
			return false;
	} else {
		before = span_first(s, colon);
		rest = span_skip(s, colon);
	}
	if (before.n == 0 || !split_port(rest, port))
		return false;
	*host = before;
	return true;
}

bool endpoint_parse(struct endpoint *out, struct span s, uint16_t default_port,
	struct err *e)
{
	struct endpoint a;
	struct span host;
	uint16_t port = default_port;
	if (!endpoint_split(s, &host, &port) || !parse_bare(&a, host, false))
		return err_set(e, STATUS_USAGE,
			"not an address, or ADDRESS:PORT, or [IPv6]:PORT");
	endpoint_set_port(&a, port);
	*out = a;
	return true;
}

char *endpoint_format_address(
	char out[ENDPOINT_TEXT_SIZE], const struct endpoint *a, bool in_uri)
{
	char text[INET6_ADDRSTRLEN], zone[IF_NAMESIZE + 1] = "";
	if (endpoint_family(a) == AF_INET) {
		inet_ntop(AF_INET, &a->v4.sin_addr, out, ENDPOINT_TEXT_SIZE);
		return out;
	}
	if (endpoint_family(a) != AF_INET6) {
		snprintf(out, ENDPOINT_TEXT_SIZE, "none");
		return out;
	}
	inet_ntop(AF_INET6, &a->v6.sin6_addr, text, sizeof(text));
	if (a->v6.sin6_scope_id) {
		char name[IF_NAMESIZE];
		if (if_indextoname(a->v6.sin6_scope_id, name))
			snprintf(zone, sizeof(zone), "%%%s", name);
		else
			snprintf(zone, sizeof(zone), "%%%u",
				a->v6.sin6_scope_id);
	}
	snprintf(out, ENDPOINT_TEXT_SIZE, in_uri ? "[%s%s]" : "%s%s", text,
		zone);
	return out;
}

char *endpoint_format(char out[ENDPOINT_TEXT_SIZE], const struct endpoint *a)
{
	endpoint_format_address(out, a, true);
	size_t n = strlen(out);
	if (a->len)
		snprintf(out + n, ENDPOINT_TEXT_SIZE - n, ":%u",
			endpoint_port(a));
	return out;
}

uint16_t endpoint_port(const struct endpoint *a)
{
	switch (endpoint_family(a)) {
	case AF_INET:
		return ntohs(a->v4.sin_port);
	case AF_INET6:
		return ntohs(a->v6.sin6_port);
	default:
		return 0;
	}
}

void endpoint_set_port(struct endpoint *a, uint16_t port)
{
	if (endpoint_family(a) == AF_INET)
		a->v4.sin_port = htons(port);
	else if (endpoint_family(a) == AF_INET6)
		a->v6.sin6_port = htons(port);
}

int endpoint_family(const struct endpoint *a)
{
	return a->len ? a->any.sa_family : 0;
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return endpoint_same_address(a, b) &&
	       endpoint_port(a) == endpoint_port(b);
}

bool endpoint_same_address(const struct endpoint *a, const struct endpoint *b)
{
	if (endpoint_family(a) != endpoint_family(b))
		return false;
	switch (endpoint_family(a)) {
	case AF_INET:
		return a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
	case AF_INET6:
		return IN6_ARE_ADDR_EQUAL(&a->v6.sin6_addr, &b->v6.sin6_addr) &&
		       a->v6.sin6_scope_id == b->v6.sin6_scope_id;
	default:
		return true;
	}
}

bool endpoint_is_any(const struct endpoint *a)
{
	if (endpoint_family(a) == AF_INET)
		return a->v4.sin_addr.s_addr == htonl(INADDR_ANY);
	return endpoint_family(a) == AF_INET6 &&
	       IN6_IS_ADDR_UNSPECIFIED(&a->v6.sin6_addr);
}

bool endpoint_is_loopback(const struct endpoint *a)
{
	if (endpoint_family(a) == AF_INET)
		return ntohl(a->v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return endpoint_family(a) == AF_INET6 &&
	       IN6_IS_ADDR_LOOPBACK(&a->v6.sin6_addr);
}
