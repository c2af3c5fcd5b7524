/* sim - the simulated network: virtual time, many hosts, seeded faults
 *
 * For tests only.  sim_loop gives a loop whose sockets, names, clock and
 * random numbers are all of this network; the code under test cannot tell.
 * Any address may be bound: every address is a host of this network.  The
 * same seed gives the same run, always.  Time goes on only when nothing else
 * can happen, so a day of refreshes takes a second.
 */
#ifndef NET_SIM_H
#define NET_SIM_H

#include <stdint.h>

#include "net/loop.h"
#include "net/resolve.h"

struct sim;

struct sim *sim_new(uint64_t seed); /* also seeds base/rand */
void sim_free(struct sim *s);
struct loop *sim_loop(struct sim *s); /* borrowed; owned by s */

/* Runs until done(arg) or until `limit` of virtual time has passed from now;
 * false where the limit came first.  done may be NULL. */
bool sim_run(struct sim *s, bool (*done)(void *arg), void *arg, usec_t limit);

/* ---- faults, from now on ---- */

struct sim_faults {
	double loss, duplicate, reorder; /* of datagrams, 0 … 1 */
	usec_t delay_min, delay_max;     /* of each packet and segment */
	size_t segment;                  /* largest piece of a stream; 0: any */
};
void sim_set_faults(struct sim *s, const struct sim_faults *f);

/* Everything from or to this address (port 0: all its ports) is swallowed
 * without a word while `cut`. */
void sim_cut(struct sim *s, const struct endpoint *host, bool cut);
/* Every open stream from or to it is reset. */
void sim_reset_streams(struct sim *s, const struct endpoint *host);
/* The n-th socket call from now on fails with this errno. */
void sim_fail_call(struct sim *s, uint64_t n, int number);

/* ---- names; "*" answers for every name ---- */

void sim_add_address(struct sim *s, const char *name, const char *address);
void sim_add_srv(struct sim *s, const char *name, uint16_t priority,
	uint16_t weight, uint16_t port, const char *target);
void sim_add_naptr(struct sim *s, const char *name, uint16_t order,
	uint16_t preference, const char *flags, const char *services,
	const char *regexp, const char *replacement);
void sim_silent_name(struct sim *s, const char *name); /* never answered */

/* ---- what there is ---- */

size_t sim_open_sockets(const struct sim *s);
size_t sim_set_timers(const struct sim *s);
uint64_t sim_packets_sent(const struct sim *s);

#endif
