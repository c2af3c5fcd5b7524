/* ws_private - what the files of net/ws share, and nobody else
 *
 *	ws.c		birth and death, the calls, the connection, time
 *	ws_read.c	what comes: the handshake and messages
 */
#ifndef NET_WS_PRIVATE_H
#define NET_WS_PRIVATE_H

#include "net/ws.h"

enum ws_phase {
	WS_PHASE_OPENING, /* connection and handshake */
	WS_PHASE_OPEN,
	WS_PHASE_CLOSING, /* our close frame went, the far side's is awaited */
	/* Both went, or one of them was too much: only the end is awaited. */
	WS_PHASE_LEAVING,
	WS_PHASE_OVER,
};

struct ws {
	struct loop *loop;
	struct ws_handlers handlers;
	void *arg;
	struct conn *conn; /* NULL: over */
	struct ws_framer *framer;
	struct ws_terms terms; /* owned */
	size_t max_out;
	bool is_server;
	char key[WS_KEY_LENGTH + 1];
	enum ws_phase phase;
	struct timer *deadline; /* of OPENING and CLOSING */
	struct timer *idle;
	usec_t keepalive, heard;
	struct err fault; /* why it ends, where we know better than conn */
	unsigned held;
	bool is_paused;
	bool freed;
};

/* ws.c */
void ws_say_close(struct ws *w, enum ws_code code, struct span reason);
/* Because of what the far side said, which e tells unless it is in order; what
 * is queued still goes out. */
void ws_go(struct ws *w, struct err *e);

/* ws_read.c: both return how much of it was used. */
size_t ws_shake_hands(struct ws *w, struct span bytes);
size_t ws_read_messages(struct ws *w, struct span bytes);

#endif
