/* The virtual clock, the turn of the simulated loop, and its faults. */
#include "net/sim.h"

#include <assert.h>
#include <errno.h>

#include "base/mem.h"
#include "base/rand.h"
#include "net/sim_net.h"

/* A clock that starts at zero hides mistakes; 2026-01-01T00:00:00Z. */
#define START_NOW (1000 * USEC_SEC)
#define START_WALL (INT64_C(1767225600) * USEC_SEC)

/* A socket that stays ready because nobody acts on it would stop the clock
 * for ever. */
#define MAX_IDLE_TURNS 1000000

struct sim *sim_of(const struct loop *l)
{
	return (struct sim *)l;
}

/* ---- chance: splitmix64, apart from base/rand, so that how much randomness
 * the code under test draws does not change what the network does ---- */

uint64_t sim_random(struct sim *s)
{
	uint64_t z = s->random += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

bool sim_chance(struct sim *s, double probability)
{
	return (double)(sim_random(s) >> 11) < probability * 0x1p53;
}

usec_t sim_delay(struct sim *s)
{
	usec_t range = s->faults.delay_max - s->faults.delay_min;
	usec_t more =
		range > 0 ? (usec_t)(sim_random(s) % ((uint64_t)range + 1)) : 0;
	return s->faults.delay_min + more;
}

/* ---- the loop ---- */

static usec_t sim_now(const struct loop *l)
{
	return sim_of(l)->now;
}

static usec_t sim_wall(const struct loop *l)
{
	return START_WALL - START_NOW + sim_of(l)->now;
}

/* Each goes out of `now` before its handler runs, which may free any. */
static bool run_active(struct sim *s)
{
	struct link now;
	bool any = false;
	link_init(&now);
	for (struct link *at; (at = list_first(&s->active));) {
		list_remove(at);
		list_append(&now, at);
	}
	for (struct link *at; (at = list_first(&now));) {
		struct sim_sock *k = LIST_ITEM(at, struct sim_sock, active);
		unsigned what = sim_readiness(k) & k->want;
		list_remove(at);
		if (!what)
			continue;
		list_append(&s->active, at);
		any = true;
		k->sock.ready(k->sock.arg, what);
	}
	return any;
}

static void sim_turn(struct loop *l, usec_t until)
{
	struct sim *s = sim_of(l);
	s->idle_turns++;
	assert(s->idle_turns < MAX_IDLE_TURNS);
	if (!run_active(s)) {
		usec_t next = timers_next(&l->timers);
		if (next > until)
			next = until;
		if (next > s->now && next != USEC_NEVER) {
			s->now = next;
			s->idle_turns = 0;
		}
	}
	timers_fire(&l->timers, s->now);
}

static void sim_loop_free(struct loop *l)
{
	(void)l;
	assert(!"the loop of a sim is freed by sim_free");
}

static const struct loop_ops sim_ops = {
	.free = sim_loop_free,
	.now = sim_now,
	.wall = sim_wall,
	.turn = sim_turn,
	.sock = &sim_sock_ops,
	.names = &sim_names,
	.http = &sim_http,
};

struct sim *sim_new(uint64_t seed)
{
	struct sim *s = mem_alloc(sizeof(*s));
	loop_init(&s->loop, &sim_ops);
	s->now = START_NOW;
	s->random = seed;
	s->faults.delay_min = s->faults.delay_max = SIM_DELAY;
	s->next_port = SIM_FIRST_PORT;
	link_init(&s->active);
	link_init(&s->connections);
	link_init(&s->names);
	link_init(&s->documents);
	rand_simulate(seed);
	map_new_secret();
	return s;
}

void sim_free(struct sim *s)
{
	if (!s)
		return;
	assert(s->open_sockets == 0);
	sim_streams_free(s);
	/* What is left in the heap is datagrams on their way. */
	while (s->loop.timers.count) {
		struct timer *t = s->loop.timers.heap[0].timer;
		timer_stop(t);
		if (t->internal)
			mem_free(t->arg);
	}
	for (struct map_node *n; (n = map_next(&s->hosts, NULL));) {
		map_remove(&s->hosts, n);
		mem_free(MAP_ITEM(n, struct sim_place, node));
	}
	map_clear(&s->hosts);
	map_clear(&s->places);
	sim_names_free(s);
	sim_documents_free(s);
	timers_clear(&s->loop.timers);
	mem_free(s->cuts);
	mem_free(s);
}

struct loop *sim_loop(struct sim *s)
{
	return &s->loop;
}

/* At the end of the time what is due then still happens. */
static bool has_more_now(const struct sim *s)
{
	return !link_is_alone(&s->active) ||
	       timers_next(&s->loop.timers) <= s->now;
}

bool sim_run(struct sim *s, bool (*done)(void *arg), void *arg, usec_t limit)
{
	usec_t end = limit > USEC_NEVER - s->now ? USEC_NEVER : s->now + limit;
	while (!(done && done(arg))) {
		if (s->now >= end && !has_more_now(s))
			return false;
		loop_turn(&s->loop, end);
	}
	return true;
}

/* ---- faults ---- */

void sim_set_faults(struct sim *s, const struct sim_faults *f)
{
	s->faults = *f;
}

bool sim_covers(const struct endpoint *cut, const struct endpoint *a)
{
	return endpoint_same_address(cut, a) &&
	       (!endpoint_port(cut) || endpoint_port(cut) == endpoint_port(a));
}

bool sim_is_cut(const struct sim *s, const struct endpoint *a)
{
	for (size_t i = 0; i < s->cut_count; i++)
		if (sim_covers(&s->cuts[i], a))
			return true;
	return false;
}

void sim_cut(struct sim *s, const struct endpoint *host, bool cut)
{
	size_t kept = 0;
	for (size_t i = 0; i < s->cut_count; i++)
		if (!endpoint_equal(&s->cuts[i], host))
			s->cuts[kept++] = s->cuts[i];
	s->cut_count = kept;
	if (!cut)
		return;
	s->cuts = mem_grow(s->cuts, kept + 1, sizeof(*s->cuts));
	s->cuts[s->cut_count++] = *host;
}

void sim_fail_call(struct sim *s, uint64_t n, int number)
{
	s->calls_to_fail = n;
	s->fail_number = number;
}

bool sim_call_fails(struct sim *s)
{
	if (!s->calls_to_fail || --s->calls_to_fail)
		return false;
	errno = s->fail_number;
	return true;
}

/* ---- what there is ---- */

size_t sim_open_sockets(const struct sim *s)
{
	return s->open_sockets;
}

size_t sim_set_timers(const struct sim *s)
{
	size_t count = 0;
	for (size_t i = 0; i < s->loop.timers.count; i++)
		count += !s->loop.timers.heap[i].timer->internal;
	return count;
}

uint64_t sim_packets_sent(const struct sim *s)
{
	return s->packets_sent;
}
