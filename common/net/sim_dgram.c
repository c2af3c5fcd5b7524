/* Simulated datagrams: loss, duplication, reordering, delay and ICMP. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "net/sim_net.h"

#define PAYLOAD_MAX 65507 /* of UDP in IPv4 */

/* A socket's receive buffer; what is over it is lost, as in the kernel. */
#define QUEUE_MAX (256 * 1024)

/* What is held back lets the packets of this time overtake it. */
#define REORDER_MIN (10 * USEC_MS)
#define REORDER_RANGE (40 * USEC_MS)

struct sim_packet {
	struct timer timer; /* while on its way */
	struct link link;   /* in packets or errors, once it is there */
	struct endpoint from, to;
	usec_t when;
	bool is_icmp; /* port unreachable: from and to are the packet's */
	size_t n;
	char bytes[];
};

static struct sim_sock *of(const struct sock *s)
{
	return (struct sim_sock *)s;
}

static void arrive(void *arg);

static struct sim_packet *packet_new(struct sim *s, const void *bytes, size_t n,
	const struct endpoint *from, const struct endpoint *to)
{
	struct sim_packet *p = mem_alloc(sizeof(*p) + n);
	timer_init(&p->timer, &s->loop, arrive, p);
	p->timer.internal = true;
	link_init(&p->link);
	p->from = *from;
	p->to = *to;
	p->n = n;
	if (n)
		memcpy(p->bytes, bytes, n);
	return p;
}

/* ---- arriving ---- */

static void queue(struct sim *s, struct sim_sock *k, struct sim_packet *p)
{
	if (k->queued + p->n > QUEUE_MAX) {
		mem_free(p);
		return;
	}
	p->when = loop_wall(&s->loop);
	k->queued += p->n;
	list_append(&k->packets, &p->link);
	sim_activate(k);
}

/* RFC 1122 section 3.2.2.1: the host is there, the port is not. */
static void send_icmp(struct sim *s, struct sim_packet *p)
{
	if (!sim_has_host(s, &p->to) || sim_chance(s, s->faults.loss)) {
		mem_free(p);
		return;
	}
	p->is_icmp = true;
	timer_set(&p->timer, sim_delay(s));
}

static void arrive(void *arg)
{
	struct sim_packet *p = arg;
	struct sim *s = sim_of(p->timer.loop);
	if (sim_is_cut(s, &p->from) || sim_is_cut(s, &p->to)) {
		mem_free(p);
		return;
	}
	struct sim_sock *k =
		sim_find(s, SIM_DGRAM, p->is_icmp ? &p->from : &p->to);
	if (k && p->is_icmp) {
		list_append(&k->errors, &p->link);
		sim_activate(k);
	} else if (k) {
		queue(s, k, p);
	} else if (p->is_icmp) {
		mem_free(p);
	} else {
		send_icmp(s, p);
	}
}

/* ---- sending ---- */

/* In the order of sending, unless this one is to be late. */
static usec_t arrival(struct sim_sock *k)
{
	struct sim *s = sim_of(k->sock.loop);
	usec_t at = s->now + sim_delay(s);
	if (sim_chance(s, s->faults.reorder))
		return at + REORDER_MIN +
		       (usec_t)(sim_random(s) % REORDER_RANGE);
	if (at < k->last_arrival)
		at = k->last_arrival;
	k->last_arrival = at;
	return at;
}

static int refusal(
	const struct sim_sock *k, size_t n, const struct endpoint *remote)
{
	if (n > PAYLOAD_MAX)
		return EMSGSIZE;
	if (endpoint_family(remote) != endpoint_family(&k->local))
		return EAFNOSUPPORT;
	return endpoint_port(remote) ? 0 : EINVAL;
}

static struct endpoint source(const struct sim_sock *k,
	const struct endpoint *local, const struct endpoint *remote)
{
	struct endpoint from = k->local;
	if (!endpoint_is_any(&from))
		return from;
	from = local && local->len && !endpoint_is_any(local)
		       ? *local
		       : sim_source(remote);
	endpoint_set_port(&from, endpoint_port(&k->local));
	return from;
}

ssize_t sim_dgram_send(struct sock *base, const void *bytes, size_t n,
	const struct endpoint *local, const struct endpoint *remote)
{
	struct sim_sock *k = of(base);
	struct sim *s = sim_of(base->loop);
	if (sim_call_fails(s))
		return -1;
	if ((errno = refusal(k, n, remote)))
		return -1;
	struct endpoint from = source(k, local, remote);
	s->packets_sent++;
	/* Every packet draws the same numbers, so that what becomes of one
	 * does not change the fate of the next. */
	bool is_lost = sim_chance(s, s->faults.loss);
	int copies = 1 + sim_chance(s, s->faults.duplicate);
	for (int i = 0; i < copies; i++) {
		usec_t at = arrival(k);
		if (is_lost || sim_is_cut(s, &from) || sim_is_cut(s, remote))
			continue;
		struct sim_packet *p = packet_new(s, bytes, n, &from, remote);
		timer_set_at(&p->timer, at);
	}
	return (ssize_t)n;
}

/* ---- receiving ---- */

ssize_t sim_dgram_receive(
	struct sock *base, void *to, size_t n, struct sock_packet *packet)
{
	struct sim_sock *k = of(base);
	if (sim_call_fails(sim_of(base->loop)))
		return -1;
	struct link *first = list_first(&k->packets);
	if (!first) {
		errno = EAGAIN;
		return -1;
	}
	struct sim_packet *p = LIST_ITEM(first, struct sim_packet, link);
	if (n > p->n)
		n = p->n;
	if (n)
		memcpy(to, p->bytes, n);
	*packet = (struct sock_packet){
		.from = p->from, .to = p->to, .when = p->when
	};
	k->queued -= p->n;
	list_remove(first);
	mem_free(p);
	return (ssize_t)n;
}

int sim_dgram_icmp_error(struct sock *base, struct endpoint *about)
{
	struct link *first = list_first(&of(base)->errors);
	if (!first)
		return 0;
	struct sim_packet *p = LIST_ITEM(first, struct sim_packet, link);
	*about = p->to;
	list_remove(first);
	mem_free(p);
	return ECONNREFUSED;
}

unsigned sim_dgram_readiness(const struct sim_sock *k)
{
	bool has_some = list_first(&k->packets) || list_first(&k->errors);
	return WATCH_WRITE | (has_some ? WATCH_READ : 0);
}

static void drop(struct link *list)
{
	for (struct link *at; (at = list_first(list));) {
		list_remove(at);
		mem_free(LIST_ITEM(at, struct sim_packet, link));
	}
}

void sim_dgram_close(struct sim_sock *k)
{
	drop(&k->packets);
	drop(&k->errors);
	sim_sock_delete(k);
}
