/* sim_net - the parts of the simulated network; private to net/sim*.c
 *
 *	sim.c		the clock, the loop's turn, faults, counters
 *	sim_sock.c	what all its sockets have in common; ports and hosts
 *	sim_dgram.c	datagrams and ICMP
 *	sim_stream.c	streams: segments in two directions
 *	sim_stream_sock.c	the calls on them
 *	sim_names.c	the zone of fake names
 *	sim_http.c	documents
 *
 * A packet on its way is a timer of the loop's heap.  A socket whose readiness
 * may have changed is put into `active` and looked at in the next turn; as
 * long as it stays ready it goes back in, as with a level-triggered epoll.
 */
#ifndef NET_SIM_NET_H
#define NET_SIM_NET_H

#include "base/list.h"
#include "base/map.h"
#include "net/ops.h"
#include "net/sim.h"

/* Of addresses and ports, without scope: equal bytes, equal place. */
struct sim_key {
	uint8_t kind; /* enum sim_kind, or SIM_HOST */
	uint8_t family;
	uint16_t port;
	uint8_t address[16];
};

#define SIM_FIRST_PORT 49152 /* RFC 6335 section 6: the dynamic ports */

enum sim_kind { SIM_DGRAM, SIM_LISTENER, SIM_STREAM, SIM_HOST };

struct sim_place {
	struct map_node node;
	struct sim_key key;
};

struct sim {
	struct loop loop;
	usec_t now;
	uint64_t random; /* state of the network's own sequence */
	struct sim_faults faults;
	struct link active;
	struct map places; /* sim_sock.place of what is bound */
	struct map hosts;  /* sim_place: addresses that exist */
	struct endpoint *cuts;
	size_t cut_count;
	struct link connections;
	struct link names; /* sim_name */
	struct link documents;
	unsigned documents_asked;
	uint64_t calls_to_fail;
	int fail_number;
	uint16_t next_port;
	unsigned idle_turns; /* without time going on */
	size_t open_sockets;
	uint64_t packets_sent;
};

struct sim_sock {
	struct sock sock; /* sock.loop is the sim */
	enum sim_kind kind;
	struct endpoint local, remote;
	unsigned want;
	struct link active;
	struct sim_place place;
	bool is_bound; /* place is in sim.places */

	/* SIM_DGRAM */
	struct link packets, errors; /* sim_packet */
	size_t queued;               /* bytes of packets */
	usec_t last_arrival;         /* of what was sent, unless reordered */

	/* SIM_LISTENER; an offer is a stream that waits for accept */
	struct link offers, offer;
	size_t offered;
	struct sim_sock *listener;

	/* SIM_STREAM */
	struct sim_connection *connection;
	int side;  /* which end of it this is */
	int error; /* to be reported once */
	bool is_connecting, is_broken, has_ended, was_ended, aborts;
};

struct sim *sim_of(const struct loop *l);
uint64_t sim_random(struct sim *s);
bool sim_chance(struct sim *s, double probability);
usec_t sim_delay(struct sim *s); /* of one packet */
/* cut, or host, may be without a port: all of its ports. */
bool sim_covers(const struct endpoint *cut, const struct endpoint *a);
bool sim_is_cut(const struct sim *s, const struct endpoint *a);

/* Counts a call for sim_fail_call: true where this one fails, errno set. */
bool sim_call_fails(struct sim *s);

/* ---- sim_sock.c ---- */

extern const struct sock_ops sim_sock_ops;

struct sim_sock *sim_sock_new(struct sim *s, enum sim_kind kind);
void sim_sock_delete(struct sim_sock *k); /* the memory and its place */
void sim_activate(struct sim_sock *k);    /* look at it in the next turn */
unsigned sim_readiness(const struct sim_sock *k);
struct sim_sock *sim_find(
	struct sim *s, enum sim_kind kind, const struct endpoint *a);
void sim_add_host(struct sim *s, const struct endpoint *a);
bool sim_has_host(const struct sim *s, const struct endpoint *a);
/* The address of an unbound socket that sends to `to`. */
struct endpoint sim_source(const struct endpoint *to);
uint16_t sim_free_port(
	struct sim *s, enum sim_kind kind, const struct endpoint *a);

/* ---- sim_dgram.c ---- */

ssize_t sim_dgram_receive(
	struct sock *s, void *to, size_t n, struct sock_packet *packet);
ssize_t sim_dgram_send(struct sock *s, const void *from, size_t n,
	const struct endpoint *local, const struct endpoint *remote);
int sim_dgram_icmp_error(struct sock *s, struct endpoint *about);
void sim_dgram_close(struct sim_sock *k);
unsigned sim_dgram_readiness(const struct sim_sock *k);

/* ---- sim_stream.c, sim_stream_sock.c ---- */

struct sock *sim_stream_connect(struct loop *l, const struct endpoint *local,
	const struct endpoint *remote, struct err *e);
struct sock *sim_stream_accept(struct sock *listener, struct endpoint *from);
int sim_stream_error(struct sock *s);
ssize_t sim_stream_read(struct sock *s, void *to, size_t n);
ssize_t sim_stream_write(struct sock *s, const void *from, size_t n);
void sim_stream_end(struct sock *s);
void sim_stream_abort(struct sock *s);
void sim_stream_close(struct sim_sock *k);
void sim_listener_close(struct sim_sock *k);
unsigned sim_stream_readiness(const struct sim_sock *k);
void sim_streams_free(struct sim *s);

/* ---- sim_names.c ---- */

extern const struct names_ops sim_names;
void sim_names_free(struct sim *s);

/* ---- sim_http.c ---- */

extern const struct http_ops sim_http;
void sim_documents_free(struct sim *s);

#endif
