/* The socket calls on simulated streams. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "net/sim_stream.h"

#define SEGMENT_MAX (16 * 1024)

static struct sim_sock *of(const struct sock *s)
{
	return (struct sim_sock *)s;
}

/* ---- opening ---- */

struct sock *sim_stream_connect(struct loop *l, const struct endpoint *local,
	const struct endpoint *remote, struct err *e)
{
	struct sim *s = sim_of(l);
	struct endpoint from = local && local->len && !endpoint_is_any(local)
				       ? *local
				       : sim_source(remote);
	char text[ENDPOINT_TEXT_SIZE];
	int number = 0;
	if (sim_call_fails(s))
		number = errno;
	else if (endpoint_family(&from) != endpoint_family(remote))
		number = EAFNOSUPPORT;
	if (number) {
		err_errno(e,
			number == EMFILE ? STATUS_LOCAL_IO : STATUS_UNREACHABLE,
			number, "cannot connect to %s",
			endpoint_format(text, remote));
		return NULL;
	}
	if (local && local->len && endpoint_port(local))
		endpoint_set_port(&from, endpoint_port(local));
	else
		endpoint_set_port(&from, sim_free_port(s, SIM_STREAM, &from));
	sim_add_host(s, &from);
	struct sim_sock *k = sim_sock_new(s, SIM_STREAM);
	k->local = from;
	k->remote = *remote;
	k->is_connecting = true;
	k->want = WATCH_WRITE;
	k->connection = sim_connection_new(s, &from, remote);
	sim_own_side(k)->sock = k;
	sim_segment_send(k->connection, 0, SYN, NULL, 0);
	s->open_sockets++;
	return &k->sock;
}

static struct sim_sock *take_offer(struct sim_sock *listener)
{
	struct link *first = list_first(&listener->offers);
	if (!first)
		return NULL;
	struct sim_sock *k = LIST_ITEM(first, struct sim_sock, offer);
	list_remove(first);
	listener->offered--;
	k->listener = NULL;
	return k;
}

struct sock *sim_stream_accept(struct sock *base, struct endpoint *from)
{
	struct sim *s = sim_of(base->loop);
	if (sim_call_fails(s))
		return NULL;
	struct sim_sock *k = take_offer(of(base));
	if (!k) {
		errno = EAGAIN;
		return NULL;
	}
	if (from)
		*from = k->remote;
	s->open_sockets++;
	return &k->sock;
}

/* ---- reading and writing ---- */

unsigned sim_stream_readiness(const struct sim_sock *k)
{
	if (k->is_connecting)
		return 0;
	if (k->is_broken)
		return WATCH_READ | WATCH_WRITE;
	bool can_read = list_first(&sim_own_side(k)->arrived) || k->has_ended;
	bool can_write = sim_own_side(k)->in_flight < SIM_IN_FLIGHT_MAX;
	return (can_read ? WATCH_READ : 0) | (can_write ? WATCH_WRITE : 0);
}

int sim_stream_error(struct sock *base)
{
	int number = of(base)->error;
	of(base)->error = 0;
	return number;
}

/* At most one segment: who reads has to cope with pieces. */
static ssize_t read_piece(struct sim_sock *k, void *to, size_t n)
{
	struct segment *g = sim_first_segment(&sim_own_side(k)->arrived);
	if (n > g->n - g->used)
		n = g->n - g->used;
	memcpy(to, g->bytes + g->used, n);
	g->used += n;
	sim_other_side(k)->in_flight -= n;
	if (g->used == g->n) {
		list_remove(&g->link);
		mem_free(g);
	}
	if (sim_other_side(k)->sock)
		sim_activate(sim_other_side(k)->sock);
	return (ssize_t)n;
}

static ssize_t fail(int number)
{
	errno = number;
	return -1;
}

ssize_t sim_stream_read(struct sock *base, void *to, size_t n)
{
	struct sim_sock *k = of(base);
	if (sim_call_fails(sim_of(base->loop)))
		return -1;
	if (n && list_first(&sim_own_side(k)->arrived))
		return read_piece(k, to, n);
	if (k->error)
		return fail(sim_stream_error(base));
	if (n == 0 || k->has_ended || k->is_broken)
		return 0;
	return fail(EAGAIN);
}

static size_t next_piece(struct sim *s, size_t n)
{
	size_t most = s->faults.segment;
	if (most)
		most = 1 + (size_t)(sim_random(s) % most);
	else
		most = SEGMENT_MAX;
	return n < most ? n : most;
}

ssize_t sim_stream_write(struct sock *base, const void *from, size_t n)
{
	struct sim_sock *k = of(base);
	struct sim *s = sim_of(base->loop);
	if (sim_call_fails(s))
		return -1;
	if (k->error)
		return fail(sim_stream_error(base));
	if (k->is_broken || sim_own_side(k)->has_sent_fin)
		return fail(EPIPE);
	size_t room = SIM_IN_FLIGHT_MAX - sim_own_side(k)->in_flight, sent = 0;
	if (k->is_connecting || room == 0)
		return fail(EAGAIN);
	if (n > room)
		n = room;
	while (sent < n) {
		size_t some = next_piece(s, n - sent);
		sim_segment_send(k->connection, k->side, DATA,
			(const char *)from + sent, some);
		sent += some;
	}
	return (ssize_t)n;
}

/* ---- closing ---- */

void sim_stream_end(struct sock *base)
{
	struct sim_sock *k = of(base);
	if (!k->is_broken && !k->is_connecting)
		sim_fin_send(k->connection, k->side);
}

void sim_stream_abort(struct sock *base)
{
	of(base)->aborts = true;
}

/* RFC 2525 section 2.17: closing with data unread is a reset, not an end. */
static void say_farewell(struct sim_sock *k)
{
	struct sim_connection *c = k->connection;
	bool has_unread = list_first(&sim_own_side(k)->arrived) != NULL;
	if (k->is_broken)
		return;
	if (k->aborts || k->is_connecting)
		sim_segments_forget(sim_own_side(k));
	if (k->aborts || has_unread)
		sim_reset_send(c, k->side);
	else if (!k->is_connecting)
		sim_fin_send(c, k->side);
}

void sim_stream_close(struct sim_sock *k)
{
	struct sim_connection *c = k->connection;
	say_farewell(k);
	for (struct segment *g;
		(g = sim_first_segment(&sim_own_side(k)->arrived));) {
		sim_other_side(k)->in_flight -= g->n - g->used;
		list_remove(&g->link);
		mem_free(g);
	}
	sim_own_side(k)->sock = NULL;
	sim_connection_settle(c);
	sim_sock_delete(k);
}

void sim_listener_close(struct sim_sock *listener)
{
	for (struct sim_sock *k; (k = take_offer(listener));) {
		k->aborts = true;
		sim_stream_close(k);
	}
	sim_sock_delete(listener);
}
