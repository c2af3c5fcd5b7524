/* ws - a WebSocket: whole messages over a connection (RFC 6455)
 *
 * Client and server end, in plain (ws) or on TLS (wss), with one subprotocol.
 * A message comes up when all of it is there; fragments, pings, pongs and
 * close frames are seen to here.  What a peer says against the RFC ends the
 * connection with the close code for it.
 *
 * As with net/conn, handlers are given before there is a connection and none
 * of the functions calls one; each handler may call all functions, ws_free
 * too.  What is sent within one turn of the loop goes out together.
 *
 * `closed` is the last call, exactly once, unless ws_free came first.  Its err
 * is ERR_NONE after close frames in order (1000, 1001, or none said), and else
 * begins with the address of the far side: that of conn; STATUS_REFUSED where
 * HTTP answers something else (its code in e->code); STATUS_MALFORMED for a
 * fault of either end; STATUS_TIMEOUT for silence.
 */
#ifndef NET_WS_H
#define NET_WS_H

#include "net/conn.h"
#include "net/ws_frame.h"
#include "net/ws_handshake.h"

#define WS_HANDSHAKE_DEADLINE (10 * USEC_SEC)
/* For the far side's close frame; with conn's own second 2 in all. */
#define WS_CLOSE_DEADLINE (1 * USEC_SEC)
/* NATs and proxies forget a quiet connection after a minute (nginx) or so. */
#define WS_KEEPALIVE (25 * USEC_SEC)

struct ws;

struct ws_handlers {
	void (*open)(void *arg);
	/* bytes are valid until it returns. */
	void (*message)(void *arg, bool is_text, struct span bytes);
	void (*drained)(void *arg); /* as conn's; may be NULL */
	void (*closed)(void *arg, const struct err *e);
};

struct ws_settings {
	/* For a client as conn_new, for a server as conn_accept takes it;
	 * max_in is set here. */
	struct conn_settings conn;
	struct ws_terms terms; /* strings copied */
	size_t max_message;    /* of the far side; bytes */
	/* Where nothing was heard for so long a ping is sent, after twice that
	 * the far side is gone; 0: never. */
	usec_t keepalive;
};

struct ws *ws_connect(struct loop *l, const struct ws_settings *s,
	const struct ws_handlers *handlers, void *arg);
struct ws *ws_accept(struct loop *l, struct accepted *offer,
	const struct ws_settings *s, const struct ws_handlers *handlers,
	void *arg);
void ws_free(struct ws *w); /* at once, without a farewell; NULL is fine */
/* For a program that ends: 1001 and FIN as far as the kernel takes them at
 * once.  Not from within its handlers. */
void ws_leave(struct ws *w);
void ws_abort(struct ws *w); /* as ws_free, and the far side sees a reset */

/* Queues the whole message or, over conn.max_out or where it is not open,
 * nothing (false; `drained` follows as conn's does).  A text must be UTF-8. */
bool ws_send(struct ws *w, bool is_text, struct span bytes);
size_t ws_queued(const struct ws *w);
void ws_pause(struct ws *w, bool paused); /* no `message` while paused */

/* The closing handshake, then `closed`; messages are not handed over any
 * more. */
void ws_close(struct ws *w, enum ws_code code, const char *reason);

/* Is somebody there?  A pong then comes, and ws_heard tells. */
void ws_ping(struct ws *w);
usec_t ws_heard(const struct ws *w); /* when bytes last came; 0: never */

bool ws_is_open(const struct ws *w);
/* For its addresses and its TLS; NULL once there is none. */
const struct conn *ws_conn(const struct ws *w);

#endif
