/* conn_private - what conn.c and conn_io.c share; private to net/conn*.c
 *
 *	conn.c		the calls, the phases, deadlines, the end
 *	conn_io.c	bytes: the wire, TLS, the handlers
 *	conn_race.c	which address
 *
 *	far side -> wire_in -> TLS -> in  -> data
 *	far side <- wire_out <- TLS <- out <- conn_write
 *
 * Without TLS, in and out are the wire's ends themselves.
 */
#ifndef NET_CONN_PRIVATE_H
#define NET_CONN_PRIVATE_H

#include "base/buf.h"
#include "base/units.h"
#include "net/conn.h"
#include "net/conn_race.h"
#include "net/sock.h"

enum conn_phase {
	CONN_CONNECTING,
	CONN_TUNNELLING, /* to the proxy; bytes are those of the wire */
	CONN_SECURING,   /* TLS that comes before `open` */
	CONN_ARRIVED,    /* `open` is due */
	CONN_OPEN,
	CONN_CLOSING, /* flush, say farewell, wait for the far side's */
	CONN_OVER,    /* `closed` is due or was called */
};

struct conn {
	struct loop *loop;
	struct conn_handlers handlers;
	void *arg;
	enum conn_phase phase;
	struct race *race; /* while connecting */
	struct sock *sock;
	struct tunnel *tunnel; /* NULL: none, or it stands */
	struct tls *tls;
	struct buf wire_in, in, out, wire_out;
	struct units units; /* of out, with TLS */
	size_t max_out;
	usec_t connect_deadline;
	struct timer *soon;     /* there is work that no event will bring */
	struct timer *deadline; /* of the phase */
	struct endpoint local, remote;
	struct err *end;  /* the reason, once there is one */
	int write_failed; /* errno: nothing more can be sent */
	unsigned held;    /* handlers are running: the memory stays */
	bool freed;
	bool handshaking; /* TLS is not up yet */
	bool paused;
	bool crowded;   /* the queue was over its low mark */
	bool blocked;   /* the kernel took no more */
	bool far_ended; /* its FIN or close_notify came */
	bool has_more;  /* the last read left some */
	bool end_sent;  /* ours went */
};

static inline size_t conn_low_mark(const struct conn *c)
{
	return c->max_out / 4;
}

/* Neither freed nor over: what a handler may have changed. */
static inline bool conn_lives(const struct conn *c)
{
	return !c->freed && c->phase != CONN_OVER;
}

/* The end, with this reason (ERR_NONE: in order).  Only from an event. */
void conn_end(struct conn *c, const struct err *e);
/* The same with the address in front of the sentence. */
void conn_fail(struct conn *c, struct err *e);
void conn_fail_errno(struct conn *c, int number);
/* In order, after what is queued has gone out. */
/* TCP, or the tunnel, stands: TLS begins, or `open` is due. */
void conn_is_through(struct conn *c);
void conn_begin_close(struct conn *c);

/* For the listener: on a socket that was accepted. */
struct conn *conn_of(struct loop *l, struct sock *sock,
	const struct conn_settings *s, const struct conn_handlers *handlers,
	void *arg);

/* After c->held++ and what may have freed it. */
void conn_release(struct conn *c);

/* Everything that can be done now; `what` the socket is ready for. */
void conn_work(struct conn *c, unsigned what);
void conn_is_ready(void *arg, unsigned what);

#endif
