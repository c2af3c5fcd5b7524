/* ops - what a kind of loop is made of; private to net/
 *
 * There are two kinds: that of the system (loop_event.c) and the simulated
 * one (sim*.c).  Timers are the same in both (timer.c); they differ in where
 * time comes from, how one waits, in sockets and in names.  A loop whose
 * ops have no sockets and names of their own uses the system's, so that a tool
 * is linked with a resolver only where it asks for one.
 */
#ifndef NET_OPS_H
#define NET_OPS_H

#include <stddef.h>
#include <stdint.h>

#include "net/loop.h"
#include "net/sock.h"

/* ---- timers: one heap, by time and then by the order of setting ---- */

struct timer {
	struct loop *loop;
	timer_fire *fire;
	void *arg;
	size_t place;  /* in the heap, from 1; 0: not set */
	bool internal; /* a simulated packet: no timer of the code under test */
};

struct timer_entry {
	usec_t at;
	uint64_t order;
	struct timer *timer;
};

struct timers {
	struct timer_entry *heap;
	size_t count, room;
	uint64_t order; /* of the next one set */
	usec_t floor;   /* nothing is set before this: the last pass */
};

void timer_init(struct timer *t, struct loop *l, timer_fire *fire, void *arg);
usec_t timers_next(const struct timers *all); /* USEC_NEVER: none is set */
/* Fires what is due at `now`, not what the handlers set meanwhile. */
void timers_fire(struct timers *all, usec_t now);
void timers_clear(struct timers *all);

/* ---- loops ---- */

struct loop_ops {
	void (*free)(struct loop *l);
	usec_t (*now)(const struct loop *l);
	usec_t (*wall)(const struct loop *l);
	void (*turn)(struct loop *l, usec_t until);
	/* NULL: descriptors and signals of the system are refused. */
	struct watch *(*watch_new)(struct loop *l, int fd, watch_ready *ready,
		void *arg, struct err *e);
	struct signal_watch *(*signal_new)(struct loop *l, int number,
		signal_arrived *arrived, void *arg, struct err *e);
	const struct sock_ops *sock;   /* NULL: those of the system */
	const struct names_ops *names; /* NULL: those of the system */
	const struct http_ops *http;   /* NULL: libcurl */
};

struct loop {
	const struct loop_ops *ops;
	struct timers timers;
	bool turning; /* inside loop_turn */
};

void loop_init(struct loop *l, const struct loop_ops *ops);

/* ---- sockets: net/sock.h explains each; ready and arg are set by sock.c
 * once the socket is there ---- */

struct sock {
	const struct sock_ops *ops;
	struct loop *loop;
	sock_ready *ready;
	void *arg;
};

struct sock_ops {
	struct sock *(*udp)(
		struct loop *l, const struct endpoint *local, struct err *e);
	struct sock *(*listen)(
		struct loop *l, const struct endpoint *local, struct err *e);
	struct sock *(*connect)(struct loop *l, const struct endpoint *local,
		const struct endpoint *remote, struct err *e);
	struct sock *(*accept)(struct sock *listener, struct endpoint *from);
	void (*free)(struct sock *s);
	void (*want)(struct sock *s, unsigned what);
	int (*error)(struct sock *s);
	ssize_t (*read)(struct sock *s, void *to, size_t n);
	ssize_t (*write)(struct sock *s, const void *from, size_t n);
	void (*end)(struct sock *s);
	void (*abort)(struct sock *s);
	ssize_t (*receive)(
		struct sock *s, void *to, size_t n, struct sock_packet *packet);
	ssize_t (*send)(struct sock *s, const void *from, size_t n,
		const struct endpoint *local, const struct endpoint *remote);
	int (*icmp_error)(struct sock *s, struct endpoint *about);
	struct endpoint (*local)(const struct sock *s);
	struct endpoint (*remote)(const struct sock *s);
	/* 0 or an errno: the local address of the route, port 0. */
	int (*route)(struct loop *l, const struct endpoint *to,
		struct endpoint *local);
};

extern const struct sock_ops sock_system;

#endif
