/* sim - the simulated network: virtual time, many hosts, seeded faults
 *
 * For tests only.  sim_loop gives a loop whose sockets, names, clock and
 * random numbers are all of this network; the code under test cannot tell.
 * The same seed gives the same run, always.  Time goes on only when nothing
 * else can happen, so a day of refreshes takes a second.
 *
 * Any address may be bound: every address is a host of this network.  Sockets
 * that are bound to the wildcard, or to nothing, are at SIM_HOST_V4 and
 * SIM_HOST_V6, and at loopback.  A host that has had a socket or a name
 * answers a datagram to a port where nothing is with an ICMP error; other
 * addresses are silent.  A stream to where nothing listens is refused.
 *
 * Documents of HTTP (net/http.h) have their URLs and nothing else: no address
 * is looked up for them, none is cut.
 *
 * Without sim_set_faults every packet takes SIM_DELAY and none is lost.
 * Streams lose nothing: a cut makes them wait and try again (RFC 6298), and
 * ends them with ETIMEDOUT where it lasts.
 */
#ifndef NET_SIM_H
#define NET_SIM_H

#include <stdint.h>

#include "net/loop.h"
#include "net/resolve.h"

#define SIM_HOST_V4 "192.0.2.1"
#define SIM_HOST_V6 "2001:db8::1"
#define SIM_DELAY (1 * USEC_MS)

struct sim;

/* One at a time: it also seeds base/rand and the hashes of base/map, of which
 * none may be in use. */
struct sim *sim_new(uint64_t seed);
void sim_free(struct sim *s); /* after all that was made on it is freed */
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
/* The n-th socket call from now on fails with this errno, once; 0: none. */
void sim_fail_call(struct sim *s, uint64_t n, int number);

/* ---- names; those of "*" answer for every name that has none of its own;
 * /etc/hosts is not read ---- */

void sim_add_address(struct sim *s, const char *name, const char *address);
void sim_add_srv(struct sim *s, const char *name, uint16_t priority,
	uint16_t weight, uint16_t port, const char *target);
void sim_add_naptr(struct sim *s, const char *name, uint16_t order,
	uint16_t preference, const char *flags, const char *services,
	const char *regexp, const char *replacement);
void sim_silent_name(struct sim *s, const char *name); /* never answered */

/* ---- documents; what is not there is a 404 ---- */

/* text NULL: it is asked for and never comes. */
void sim_add_document(struct sim *s, const char *url, const char *text);
unsigned sim_documents_asked(const struct sim *s); /* how often, so far */

/* ---- what there is ---- */

size_t sim_open_sockets(const struct sim *s);
size_t sim_set_timers(const struct sim *s);
uint64_t sim_packets_sent(const struct sim *s);

#endif
