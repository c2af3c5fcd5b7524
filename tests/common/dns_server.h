/* dns_server - answers by UDP and TCP from a zone */
#ifndef TESTS_DNS_SERVER_H
#define TESTS_DNS_SERVER_H

#include "net/endpoint.h"
#include "net/loop.h"
#include "tests/common/zone.h"

struct dns_server;

/* Port 0: one that is free for both.  The zone stays the caller's. */
struct dns_server *dns_server_new(struct loop *l, const struct endpoint *local,
	const struct zone *z, struct err *e);
void dns_server_free(struct dns_server *d);
const struct endpoint *dns_server_local(const struct dns_server *d);

/* How many questions have come. */
int dns_server_asked(const struct dns_server *d, bool by_tcp);

#endif
