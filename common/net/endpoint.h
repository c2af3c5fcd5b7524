/* endpoint - an IPv4 or IPv6 address with a port
 *
 * A value: copy it, compare it.  As text it is 192.0.2.1:5060 or
 * [2001:db8::1]:5060, with %scope where the address is link-local.  Port 0 is
 * "any" for a local endpoint and "not given" for a remote one.
 */
#ifndef NET_ENDPOINT_H
#define NET_ENDPOINT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/span.h"

struct endpoint {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
	socklen_t len; /* 0: no endpoint at all */
};

#define ENDPOINT_TEXT_SIZE 80

/* ADDR, ADDR:PORT, [ADDR], [ADDR]:PORT; a bare IPv6 address has no port.
 * No names: those are net/resolve's. */
bool endpoint_parse(struct endpoint *out, struct span s, uint16_t default_port,
	struct err *e);
/* Only the address, with or without brackets. */
bool endpoint_parse_address(struct endpoint *out, struct span s);

/* HOST, HOST:PORT, [V6]:PORT split without looking anything up; the host
 * without brackets; port is left alone where none is given. */
bool endpoint_split(struct span s, struct span *host, uint16_t *port);

char *endpoint_format(char out[ENDPOINT_TEXT_SIZE], const struct endpoint *a);
/* The address alone; bracketed where `in_uri` and IPv6. */
char *endpoint_format_address(
	char out[ENDPOINT_TEXT_SIZE], const struct endpoint *a, bool in_uri);

uint16_t endpoint_port(const struct endpoint *a);
void endpoint_set_port(struct endpoint *a, uint16_t port);
int endpoint_family(const struct endpoint *a); /* AF_INET, AF_INET6, 0 */
bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);
bool endpoint_same_address(const struct endpoint *a, const struct endpoint *b);
bool endpoint_is_any(const struct endpoint *a); /* 0.0.0.0 or :: */
bool endpoint_is_loopback(const struct endpoint *a);

#endif
