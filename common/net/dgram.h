/* dgram - a UDP socket whose packets and ICMP errors are handed over
 *
 * The socket is not connected: a reply from another port must still arrive
 * (RFC 3581 section 4), so ICMP errors come by IP_RECVERR, with the
 * destination they are about.
 */
#ifndef NET_DGRAM_H
#define NET_DGRAM_H

#include "base/span.h"
#include "net/endpoint.h"
#include "net/loop.h"

struct dgram;

#define DGRAM_MAX 65535 /* the largest UDP payload there can be */

struct dgram_packet {
	struct span bytes; /* until the handler returns */
	struct endpoint from;
	struct endpoint to; /* local; its address is any where unknown */
	usec_t when;        /* wall time of arrival, by the kernel */
};

struct dgram_handlers {
	void (*packet)(void *arg, const struct dgram_packet *p);
	/* to could not be reached: e says refused, no route … (status 3).
	 * May be NULL. */
	void (*unreachable)(
		void *arg, const struct endpoint *to, const struct err *e);
};

struct dgram *dgram_new(struct loop *l, const struct endpoint *local,
	const struct dgram_handlers *handlers, void *arg, struct err *e);
void dgram_free(struct dgram *d); /* NULL is fine; also in a handler */

/* False: the packet was not sent and e says why.  A full socket buffer is a
 * lost packet, as anywhere else on the way, and true. */
bool dgram_send(struct dgram *d, struct span bytes, const struct endpoint *to,
	struct err *e);
/* From this local address, where the socket is bound to the wildcard. */
bool dgram_send_from(struct dgram *d, struct span bytes,
	const struct endpoint *from, const struct endpoint *to, struct err *e);

const struct endpoint *dgram_local(const struct dgram *d);

/* The local address that the route to `to` would use: for Via, Contact and
 * SDP of a wildcard socket. */
bool dgram_route(struct loop *l, const struct endpoint *to,
	struct endpoint *local, struct err *e);

#endif
