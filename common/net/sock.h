/* sock - sockets of the loop's network: the seam under dgram and conn
 *
 * Non-blocking sockets by the semantics of socket(2), real ones or those of
 * the simulated network, by the loop they are opened on.  Only dgram.c,
 * conn*.c and listener code use it; sessions stand on net/dgram.h and
 * net/conn.h.
 *
 * Calls that would block return -1 with errno EAGAIN; `ready` says when to
 * try again, for what sock_want asked for.
 */
#ifndef NET_SOCK_H
#define NET_SOCK_H

#include <sys/types.h>

#include "net/endpoint.h"
#include "net/loop.h"

struct sock;
typedef void sock_ready(void *arg, unsigned what); /* WATCH_READ | _WRITE */

/* NULL and e on failure.  local may be NULL for sock_connect. */
struct sock *sock_udp(struct loop *l, const struct endpoint *local,
	sock_ready *ready, void *arg, struct err *e);
struct sock *sock_listen(struct loop *l, const struct endpoint *local,
	sock_ready *ready, void *arg, struct err *e);
/* Connecting goes on in the background: WATCH_WRITE is wanted from the start,
 * and ready(WATCH_WRITE) comes when it ended; sock_error tells how (0 or an
 * errno).  What fails at once, as where there is no route, gives NULL. */
struct sock *sock_connect(struct loop *l, const struct endpoint *local,
	const struct endpoint *remote, sock_ready *ready, void *arg,
	struct err *e);
struct sock *sock_accept(struct sock *listener, sock_ready *ready, void *arg,
	struct endpoint *from); /* NULL with errno */
void sock_free(struct sock *s); /* closes; NULL is fine */

/* From now on this one is called: a connection that was accepted, or that
 * won a race, changes hands. */
void sock_set_ready(struct sock *s, sock_ready *ready, void *arg);

void sock_want(struct sock *s, unsigned what);
int sock_error(struct sock *s);
ssize_t sock_read(struct sock *s, void *to, size_t n); /* 0: far side ended */
ssize_t sock_write(struct sock *s, const void *from, size_t n);
void sock_end(struct sock *s);   /* no more will be written (FIN) */
void sock_abort(struct sock *s); /* closing will send a reset */

/* One datagram.  `to` is the local address it was sent to, where the system
 * tells; `when` the wall time of its arrival. */
struct sock_packet {
	struct endpoint from, to;
	usec_t when;
};
ssize_t sock_receive(
	struct sock *s, void *to, size_t n, struct sock_packet *packet);
ssize_t sock_send(struct sock *s, const void *from, size_t n,
	const struct endpoint *local, /* NULL: the system chooses */
	const struct endpoint *remote);
/* The next pending ICMP error (IP_RECVERR): its errno and the destination it
 * is about; 0 where there is none. */
int sock_icmp_error(struct sock *s, struct endpoint *about);

struct endpoint sock_local(const struct sock *s);
struct endpoint sock_remote(const struct sock *s);

/* The local address, with port 0, that the route to `to` has; 0 or an errno. */
int sock_route(
	struct loop *l, const struct endpoint *to, struct endpoint *local);

#endif
