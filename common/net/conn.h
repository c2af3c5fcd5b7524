/* conn - a byte stream to somebody: TCP, and TLS on it where asked
 *
 * conn_new takes the addresses to try, in their order, and races them (RFC
 * 8305: the next one after CONN_RACE_DELAY or at once on a failure).  Handlers
 * are given before the connection exists, so nothing is lost.  None of the
 * functions here calls a handler.
 *
 * What is written while one event is handled goes out together when it has
 * been: in one segment, and one TLS record, where it fits.
 *
 * `closed` is the last call, exactly once, unless conn_free came first; what
 * was received before it has been handed over.  Its err begins with the
 * address of the far side and has one of the conditions "connection-refused",
 * "no-route", "timeout", "connection-reset", "cut-off", or none.
 */
#ifndef NET_CONN_H
#define NET_CONN_H

#include "base/span.h"
#include "net/endpoint.h"
#include "net/loop.h"
#include "net/tls.h"
#include "net/tunnel.h"

#define CONN_RACE_DELAY (250 * USEC_MS)
#define CONN_CONNECT_DEADLINE (10 * USEC_SEC)
#define CONN_TUNNEL_DEADLINE (10 * USEC_SEC)
#define CONN_TLS_DEADLINE (10 * USEC_SEC)
#define CONN_CLOSE_DEADLINE (1 * USEC_SEC) /* without any progress */
#define CONN_MAX_IN (64 * 1024)            /* four records of TLS */
#define CONN_MAX_OUT (1024 * 1024)

struct conn;
struct listener;

struct conn_handlers {
	/* Connected, and through TLS where it was asked for from the start. */
	void (*open)(void *arg);
	/* TLS that conn_start_tls began is up.  NULL where never used. */
	void (*secured)(void *arg);
	/* Returns how many bytes were used.  The rest is given again, at once
	 * where some were used, else with more behind it; where nothing of
	 * max_in bytes is used the connection ends (STATUS_MALFORMED). */
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
	/* Through a proxy, whose the addresses are; copied; NULL: straight. */
	const struct tunnel_settings *tunnel;
	struct tls_config *tls; /* NULL: no TLS from the start */
	struct tls_peer peer;   /* strings copied */
	size_t max_in;   /* bytes `data` may leave unused; 0: CONN_MAX_IN */
	size_t max_out;  /* bytes conn_write may queue; 0: CONN_MAX_OUT */
	usec_t deadline; /* to connect; 0: CONN_CONNECT_DEADLINE */
};

struct conn *conn_new(struct loop *l, const struct conn_settings *s,
	const struct conn_handlers *handlers, void *arg);
/* At once, without a farewell: a live connection is reset.  Also in a handler;
 * NULL is fine. */
void conn_free(struct conn *c);
/* The same for a program that ends: an open connection gets what is queued,
 * close_notify and FIN, as far as the kernel takes them at once, and no reset.
 * Not from within its own handlers. */
void conn_leave(struct conn *c);
/* The same, and the far side sees a reset, whatever was written. */
void conn_abort(struct conn *c);

/* Queues all of it or, over max_out or after conn_close, nothing (false).
 * Before `open` it waits for it. */
bool conn_write(struct conn *c, struct span bytes);
size_t conn_queued(const struct conn *c); /* bytes not yet in the kernel */
/* With TLS: what was written since the last call is a unit, and if it has at
 * most CONN_UNIT bytes the far side gets all of it or, where the connection is
 * cut, nothing: it goes in one record. */
#define CONN_UNIT 4096
void conn_end_unit(struct conn *c);

/* While paused nothing is read from the wire (back-pressure). */
void conn_pause(struct conn *c, bool paused);
/* The last read took as much as it could: more waits, most likely. */
bool conn_has_more(const struct conn *c);

/* From within `data` after the last plain byte (or on a quiet line): TLS
 * begins with the next byte; plain bytes still unread are an injection and
 * end the connection with STATUS_TLS (CVE-2011-0411).  What was written before
 * goes out plain, what is written from now on waits for `secured`. */
void conn_start_tls(
	struct conn *c, struct tls_config *config, const struct tls_peer *peer);

/* Sends what is queued, close_notify and FIN, waits for the far side's end,
 * then `closed`: with STATUS_TIMEOUT where CONN_CLOSE_DEADLINE passed without
 * a byte of the queue being taken, without an error where only the far side's
 * end did not come.  `data` may be called meanwhile.  Before `open` there is
 * nothing to say and the queue is dropped. */
void conn_close(struct conn *c);

/* NULL where there is no TLS. */
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

/* addresses, count, local and deadline of s are not used.  `open` follows. */
struct conn *conn_accept(struct accepted *offer, const struct conn_settings *s,
	const struct conn_handlers *handlers, void *arg);

#endif
