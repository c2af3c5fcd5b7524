/* Simulated streams: two directions of segments between two sides.
 *
 * A segment that cannot pass (a cut, a listener whose queue is full) stops its
 * direction, which tries again with a growing pause (RFC 6298 section 5.5)
 * and gives up with ETIMEDOUT, as Linux does. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "net/sim_stream.h"

#define PAUSE_FIRST (200 * USEC_MS)
#define PAUSE_MAX (120 * USEC_SEC)
#define PATIENCE (924 * USEC_SEC)         /* tcp(7): tcp_retries2 */
#define PATIENCE_CONNECT (127 * USEC_SEC) /* tcp(7): tcp_syn_retries */

static void drop(struct link *list)
{
	for (struct segment *g; (g = sim_first_segment(list));) {
		list_remove(&g->link);
		mem_free(g);
	}
}

static void wake(struct sim_sock *k)
{
	if (k)
		sim_activate(k);
}

struct side *sim_own_side(const struct sim_sock *k)
{
	return &k->connection->side[k->side];
}

struct side *sim_other_side(const struct sim_sock *k)
{
	return &k->connection->side[!k->side];
}

struct segment *sim_first_segment(const struct link *list)
{
	struct link *at = list_first(list);
	return at ? LIST_ITEM(at, struct segment, link) : NULL;
}

/* ---- life of a connection ---- */

static void try_first(struct sim_connection *c, int i);

static void first_arrives(void *arg)
{
	try_first(arg, 0);
}

static void second_arrives(void *arg)
{
	try_first(arg, 1);
}

struct sim_connection *sim_connection_new(struct sim *s,
	const struct endpoint *local, const struct endpoint *remote)
{
	static timer_fire *const fire[2] = { first_arrives, second_arrives };
	struct sim_connection *c = mem_alloc(sizeof(*c));
	for (int i = 0; i < 2; i++) {
		struct side *a = &c->side[i];
		a->at = i ? *remote : *local;
		link_init(&a->flying);
		link_init(&a->arrived);
		timer_init(&a->timer, &s->loop, fire[i], c);
		a->timer.internal = true;
	}
	list_append(&s->connections, &c->link);
	return c;
}

static void connection_free(struct sim_connection *c)
{
	for (int i = 0; i < 2; i++) {
		timer_stop(&c->side[i].timer);
		drop(&c->side[i].flying);
		drop(&c->side[i].arrived);
	}
	list_remove(&c->link);
	mem_free(c);
}

/* Once both ends are closed only what flies keeps it. */
void sim_connection_settle(struct sim_connection *c)
{
	if (!c->side[0].sock && !c->side[1].sock &&
		!list_first(&c->side[0].flying) &&
		!list_first(&c->side[1].flying))
		connection_free(c);
}

void sim_streams_free(struct sim *s)
{
	for (struct link *at; (at = list_first(&s->connections));)
		connection_free(LIST_ITEM(at, struct sim_connection, link));
}

/* ---- sending segments ---- */

void sim_segment_send(struct sim_connection *c, int i, enum segment_kind kind,
	const void *bytes, size_t n)
{
	struct side *a = &c->side[i];
	struct sim *s = sim_of(a->timer.loop);
	struct segment *g = mem_alloc(sizeof(*g) + n);
	g->kind = kind;
	g->n = n;
	if (n)
		memcpy(g->bytes, bytes, n);
	/* In order, and never two at once: a reader sees the pieces. */
	g->at = s->now + sim_delay(s);
	if (g->at <= a->last)
		g->at = a->last + 1;
	a->last = g->at;
	a->in_flight += n;
	list_append(&a->flying, &g->link);
	if (!timer_is_set(&a->timer))
		timer_set_at(&a->timer, g->at);
	s->packets_sent++;
}

void sim_segments_forget(struct side *a)
{
	timer_stop(&a->timer);
	for (struct segment *g; (g = sim_first_segment(&a->flying));) {
		a->in_flight -= g->n;
		list_remove(&g->link);
		mem_free(g);
	}
}

void sim_reset_send(struct sim_connection *c, int i)
{
	struct side *a = &c->side[i];
	if (a->has_sent_rst)
		return;
	a->has_sent_rst = true;
	sim_segment_send(c, i, RST, NULL, 0);
}

void sim_fin_send(struct sim_connection *c, int i)
{
	struct side *a = &c->side[i];
	if (a->has_sent_fin || a->has_sent_rst)
		return;
	a->has_sent_fin = true;
	sim_segment_send(c, i, FIN, NULL, 0);
}

/* The end of k by a reset or by time; what had arrived can still be read. */
static void break_sock(struct sim_sock *k, int number)
{
	if (!k || k->is_broken)
		return;
	k->error = number;
	k->is_broken = true;
	k->is_connecting = false;
	sim_segments_forget(sim_own_side(k));
	sim_activate(k);
}

/* ---- segments arriving ---- */

/* True where a SYN was taken or answered; false: to be sent again. */
static bool take_syn(struct sim_connection *c, int to)
{
	struct sim *s = sim_of(c->side[to].timer.loop);
	struct sim_sock *listener = sim_find(s, SIM_LISTENER, &c->side[to].at);
	if (!listener) {
		sim_reset_send(c, to);
		return true;
	}
	if (listener->offered >= SIM_BACKLOG_MAX)
		return false;
	struct sim_sock *k = sim_sock_new(s, SIM_STREAM);
	k->connection = c;
	k->side = to;
	k->local = c->side[to].at;
	k->remote = c->side[!to].at;
	k->listener = listener;
	c->side[to].sock = k;
	list_append(&listener->offers, &k->offer);
	listener->offered++;
	sim_activate(listener);
	sim_segment_send(c, to, SYN_ACK, NULL, 0);
	return true;
}

static void take_data(struct sim_connection *c, int to, struct segment *g)
{
	struct side *a = &c->side[to];
	if (a->sock && !a->sock->is_broken) {
		list_append(&a->arrived, &g->link);
		sim_activate(a->sock);
		return;
	}
	c->side[!to].in_flight -= g->n;
	mem_free(g);
	sim_reset_send(c, to); /* nobody is there to read it */
}

static void take_reset(struct sim_sock *k)
{
	if (!k)
		return;
	break_sock(k, k->is_connecting ? ECONNREFUSED
		      : k->has_ended   ? EPIPE
				       : ECONNRESET);
}

static void take(struct sim_connection *c, int to, struct segment *g)
{
	struct sim_sock *k = c->side[to].sock;
	enum segment_kind kind = g->kind;
	if (kind == DATA) {
		take_data(c, to, g);
		return;
	}
	mem_free(g);
	if (kind == RST)
		take_reset(k);
	else if (!k && kind == SYN_ACK)
		sim_reset_send(c, to); /* closed while connecting */
	else if (!k)
		return;
	else if (kind == FIN)
		k->has_ended = true;
	else
		k->is_connecting = false; /* SYN_ACK */
	wake(k);
}

static void try_later(struct sim_connection *c, int i)
{
	struct side *a = &c->side[i];
	usec_t now = loop_now(a->timer.loop);
	if (!a->pause) {
		a->pause = PAUSE_FIRST;
		a->stopped = now;
	} else if (a->pause < PAUSE_MAX) {
		a->pause *= 2;
	}
	bool connecting = sim_first_segment(&a->flying)->kind == SYN;
	if (now - a->stopped > (connecting ? PATIENCE_CONNECT : PATIENCE)) {
		break_sock(a->sock, ETIMEDOUT);
		sim_segments_forget(a);
		sim_connection_settle(c);
		return;
	}
	timer_set(&a->timer, a->pause);
}

static bool can_pass(struct sim_connection *c, int i)
{
	struct sim *s = sim_of(c->side[i].timer.loop);
	if (sim_is_cut(s, &c->side[i].at) || sim_is_cut(s, &c->side[!i].at))
		return false;
	return sim_first_segment(&c->side[i].flying)->kind != SYN ||
	       take_syn(c, !i);
}

/* The first segment that side i has sent reaches the other. */
static void try_first(struct sim_connection *c, int i)
{
	struct side *a = &c->side[i];
	if (!can_pass(c, i)) {
		try_later(c, i);
		return;
	}
	struct segment *g = sim_first_segment(&a->flying), *next;
	list_remove(&g->link);
	a->pause = 0;
	if (g->kind == SYN)
		mem_free(g);
	else
		take(c, !i, g);
	next = sim_first_segment(&a->flying);
	if (next && !timer_is_set(&a->timer))
		timer_set_at(&a->timer, next->at);
	sim_connection_settle(c);
}

void sim_reset_streams(struct sim *s, const struct endpoint *host)
{
	LIST_EACH(&s->connections, at)
	{
		struct sim_connection *c =
			LIST_ITEM(at, struct sim_connection, link);
		bool concerns = sim_covers(host, &c->side[0].at) ||
				sim_covers(host, &c->side[1].at);
		for (int i = 0; concerns && i < 2; i++) {
			sim_segments_forget(&c->side[i]);
			take_reset(c->side[i].sock);
		}
		sim_connection_settle(c);
	}
}
