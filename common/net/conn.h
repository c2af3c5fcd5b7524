/* conn - a byte stream to somebody: TCP, and TLS on it where asked
 *
 * conn_new takes the addresses to try, in their order, and races them (RFC
 * 8305: the next one after CONN_RACE_DELAY or at once on a failure).  Handlers
 * are given before the connection exists, so nothing is lost.  No handler is
 * called from within conn_new, conn_write or conn_start_tls.
 *
 * `closed` is the last call, exactly once, unless conn_free came first; what
 * was received before it has been handed over.
 */
#ifndef NET_CONN_H
#define NET_CONN_H

#include "base/span.h"
#include "net/endpoint.h"
#include "net/loop.h"
#include "net/tls.h"

#define CONN_RACE_DELAY (250 * USEC_MS)
#define CONN_CONNECT_DEADLINE (10 * USEC_SEC)
#define CONN_TLS_DEADLINE (10 * USEC_SEC)
#define CONN_CLOSE_DEADLINE (1 * USEC_SEC) /* for the rest of the output */

struct conn;
struct listener;

struct conn_handlers {
	/* Connected, and through TLS where it was asked for from the start. */
	void (*open)(void *arg);
	/* TLS that conn_start_tls began is up.  NULL where never used. */
	void (*secured)(void *arg);
	/* Returns how many bytes were used; the rest is given again, with
	 * more behind it. */
	size_t (*data)(void *arg, struct span bytes);
	/* After conn_write refused, or the queue was over a quarter of max_out:
	 * it is down to that again.  May be NULL. */
	void (*drained)(void *arg);
	/* e is ERR_NONE where the far side ended in order, or we did; with
	 * TLS a far side that ends without close_notify is an error with the
	 * condition "cut-off", which those may overlook whose protocol said
	 * farewell before. */
	void (*closed)(void *arg, const struct err *e);
};

struct conn_settings {
	const struct endpoint *addresses; /* with ports; copied */
	size_t count;
	const struct endpoint *local; /* NULL: any */
	struct tls_config *tls;       /* NULL: no TLS from the start */
	struct tls_peer peer;         /* strings copied */
	size_t max_in;                /* bytes `data` may leave unused */
	size_t max_out;               /* bytes conn_write may queue */
	usec_t deadline;              /* to connect; 0: CONN_CONNECT_DEADLINE */
};

struct conn *conn_new(struct loop *l, const struct conn_settings *s,
	const struct conn_handlers *handlers, void *arg);
/* At once, without a farewell; also in a handler; NULL is fine. */
void conn_free(struct conn *c);

/* Queues all of it or, over max_out or after conn_close, nothing (false). */
bool conn_write(struct conn *c, struct span bytes);
size_t conn_queued(const struct conn *c); /* bytes not yet in the kernel */

/* While paused nothing is read from the wire (back-pressure). */
void conn_pause(struct conn *c, bool paused);

/* From within `data` after the last plain byte (or on a quiet line): TLS
 * begins with the next byte; plain bytes still unread are an injection and
 * end the connection with STATUS_TLS (hazards: CVE-2011-0411 class). */
void conn_start_tls(
	struct conn *c, struct tls_config *config, const struct tls_peer *peer);

/* Sends what is queued, close_notify and FIN, waits for the far side's end up
 * to CONN_CLOSE_DEADLINE, then `closed`. */
void conn_close(struct conn *c);

/* Looks only while the connection lives; NULL where there is no TLS. */
const struct tls *conn_tls(const struct conn *c);
const struct endpoint *conn_local(const struct conn *c);
const struct endpoint *conn_remote(const struct conn *c);

/* ---- the other side ---- */

/* accept must take the connection with conn_accept or leave it, which closes
 * it. */
struct accepted; /* a connection on offer, until `accept` returns */
typedef void listener_accept(
	void *arg, struct accepted *offer, const struct endpoint *from);
struct listener *listener_new(struct loop *l, const struct endpoint *local,
	listener_accept *accept, void *arg, struct err *e);
void listener_free(struct listener *l);
const struct endpoint *listener_local(const struct listener *l);

/* addresses, count, local and deadline of s are not used. */
struct conn *conn_accept(struct accepted *offer, const struct conn_settings *s,
	const struct conn_handlers *handlers, void *arg);

#endif
