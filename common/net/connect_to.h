/* connect_to - other places than the names say, for tests and moves
 *
 * "HOST:PORT:ADDR:PORT", as curl(1) has it: where the first pair is meant, the
 * second is connected to, and everything else, above all whom a certificate
 * must name, stays with the first.  Addresses, no names; IPv6 in brackets.
 */
#ifndef NET_CONNECT_TO_H
#define NET_CONNECT_TO_H

#include "net/endpoint.h"

/* Where the list (NULL at its end; NULL: an empty one) sends what is meant for
 * this host and port; len 0 of *to: nowhere else.  False and e (STATUS_USAGE):
 * one of them is malformed. */
bool connect_to_find(const char *const *list, struct span host, uint16_t port,
	struct endpoint *to, struct err *e);

#endif
