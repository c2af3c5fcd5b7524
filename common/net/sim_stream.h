/* sim_stream - the connections under simulated streams; private to net/sim*.c
 *
 * A connection has two sides, each with the segments it has sent that are
 * still flying, and the data that has arrived for it.  It outlives its sockets
 * for as long as something flies.
 */
#ifndef NET_SIM_STREAM_H
#define NET_SIM_STREAM_H

#include "net/sim_net.h"

#define SIM_IN_FLIGHT_MAX (64 * 1024) /* unread bytes of one direction */
#define SIM_BACKLOG_MAX 128           /* offers of a listener */

enum segment_kind { SYN, SYN_ACK, DATA, FIN, RST };

struct segment {
	struct link link;
	usec_t at;
	enum segment_kind kind;
	size_t n, used;
	char bytes[];
};

struct side {
	struct sim_sock *sock; /* NULL: closed, or not accepted for */
	struct endpoint at;
	struct link flying;  /* segments that this side has sent */
	struct link arrived; /* data for this side, unread */
	size_t in_flight;    /* unread bytes that this side has sent */
	struct timer timer;  /* of the first in flying */
	usec_t last;         /* arrival of the last in flying */
	usec_t pause;        /* before the next try; 0: nothing in the way */
	usec_t stopped;      /* since when something is in the way */
	bool has_sent_fin, has_sent_rst;
};

struct sim_connection {
	struct link link; /* in sim.connections */
	struct side side[2];
};

struct sim_connection *sim_connection_new(struct sim *s,
	const struct endpoint *local, const struct endpoint *remote);
/* Frees it where both ends are closed and nothing flies. */
void sim_connection_settle(struct sim_connection *c);
void sim_segment_send(struct sim_connection *c, int side,
	enum segment_kind kind, const void *bytes, size_t n);
/* Takes back what this side has sent and has not arrived. */
void sim_segments_forget(struct side *a);
/* Each once. */
void sim_reset_send(struct sim_connection *c, int side);
void sim_fin_send(struct sim_connection *c, int side);

struct side *sim_own_side(const struct sim_sock *k);
struct side *sim_other_side(const struct sim_sock *k);
struct segment *sim_first_segment(const struct link *list);

#endif
