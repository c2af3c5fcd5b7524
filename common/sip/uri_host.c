/* The host of a URI, of a Via, of a session description. */
#include <arpa/inet.h>

#include "sip/uri.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* hostname = *( domainlabel "." ) toplabel [ "." ], RFC 3261 section 25.1.
 * INTEROP: it has no '_', but names in use do. */
static bool is_hostname(struct span host)
{
	size_t label = 0;
	char last = '.';
	for (size_t i = 0; i < host.n; i++) {
		char c = host.p[i];
		if (!is_alnum(c) && c != '-' && c != '.' && c != '_')
			return false;
		if ((c == '.' || c == '-') && last == '.')
			return false;
		if (c == '.' && last == '-')
			return false;
		label = c == '.' ? 0 : label + 1;
		if (label > 63)
			return false;
		last = c;
	}
	return host.n > 0 && host.n <= 255 && last != '-';
}

/* A last label of digits only is of an address, never of a name. */
static bool ends_in_number(struct span host)
{
	size_t i = host.n;
	while (i && is_digit(host.p[i - 1]))
		i--;
	return i < host.n && (i == 0 || host.p[i - 1] == '.');
}

static bool is_ipv4(struct span host)
{
	char text[INET_ADDRSTRLEN];
	struct in_addr address;
	return !span_has(host, '\0') && span_copy(text, sizeof(text), host) &&
	       inet_pton(AF_INET, text, &address) == 1;
}

/* RFC 4291 section 2.2.  INTEROP: one colon too many in front of an IPv4
 * address, as RFC 3261's grammar has it; RFC 5118 section 4.10. */
static bool is_ipv6(struct span host)
{
	char text[INET6_ADDRSTRLEN + 1], *out = text;
	struct in6_addr address;
	size_t extra = span_has(host, '.')
			       ? span_find_span(host, SPAN(":::"), 0)
			       : host.n;
	if (host.n >= sizeof(text) || span_has(host, '\0'))
		return false;
	for (size_t i = 0; i < host.n; i++)
		if (i != extra)
			*out++ = host.p[i];
	*out = '\0';
	return inet_pton(AF_INET6, text, &address) == 1;
}

bool sip_host_is_valid(struct span host, bool ipv6)
{
	if (ipv6)
		return is_ipv6(host);
	return ends_in_number(host) ? is_ipv4(host) : is_hostname(host);
}
