/* loop - time, timers, descriptors and signals, in one thread
 *
 * The seam behind which time and sockets lie: loop_new gives the real one
 * (libevent, epoll), sim_loop (net/sim.h) one with a virtual clock.  Nothing
 * else in the project reads a clock or waits.
 *
 * Handlers run from loop_turn, one after the other, and may create, change
 * and free any timer, watch or socket, their own too.  Only cli/run's
 * run_until and the tests call loop_turn, never a handler.  Timers that are
 * due at the same time fire in the order in which they were set.
 */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/err.h"

struct loop;
struct timer;
struct watch;
struct signal_watch;

struct loop *loop_new(struct err *e);
void loop_free(struct loop *l); /* after all that was made on it is freed */

usec_t loop_now(const struct loop *l);  /* monotonic */
usec_t loop_wall(const struct loop *l); /* since 1970, UTC */

/* Handles what is ready; where nothing is, waits for the first event, at most
 * until `until` (monotonic; USEC_NEVER). */
void loop_turn(struct loop *l, usec_t until);

/* ---- timers ---- */

typedef void timer_fire(void *arg);
struct timer *timer_new(struct loop *l, timer_fire *fire, void *arg);
void timer_free(struct timer *t);              /* NULL is fine */
void timer_set(struct timer *t, usec_t after); /* again: replaces */
void timer_set_at(struct timer *t, usec_t at); /* monotonic */
void timer_stop(struct timer *t);
bool timer_is_set(const struct timer *t);

/* ---- descriptors: for stdin, stdout and children; sockets are net/sock's.
 * A regular file, which epoll refuses, is always ready. ---- */

enum { WATCH_READ = 1, WATCH_WRITE = 2 };

typedef void watch_ready(void *arg, unsigned what);
struct watch *watch_new(
	struct loop *l, int fd, watch_ready *ready, void *arg, struct err *e);
void watch_free(struct watch *w); /* does not close fd; NULL is fine */
void watch_want(struct watch *w, unsigned what); /* 0 at the start */

/* ---- signals ---- */

typedef void signal_arrived(void *arg, int number);
struct signal_watch *signal_watch_new(struct loop *l, int number,
	signal_arrived *arrived, void *arg, struct err *e);
void signal_watch_free(struct signal_watch *s);

#endif
