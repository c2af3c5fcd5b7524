/* What all simulated sockets have in common: places, readiness, closing. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "net/sim_net.h"

/* ---- places ---- */

static struct sim_key key_of(unsigned kind, const struct endpoint *a)
{
	struct sim_key key;
	memset(&key, 0, sizeof(key));
	key.kind = (uint8_t)kind;
	key.family = (uint8_t)endpoint_family(a);
	key.port = kind == SIM_HOST ? 0 : endpoint_port(a);
	if (key.family == AF_INET)
		memcpy(key.address, &a->v4.sin_addr, sizeof(a->v4.sin_addr));
	else
		memcpy(key.address, &a->v6.sin6_addr, sizeof(a->v6.sin6_addr));
	return key;
}

static struct span bytes_of(const struct sim_key *key)
{
	return span_from((const char *)key, sizeof(*key));
}

static struct sim_sock *find_exactly(
	const struct sim *s, enum sim_kind kind, const struct endpoint *a)
{
	struct sim_key key = key_of(kind, a);
	struct map_node *n = map_find(&s->places, bytes_of(&key));
	return n ? MAP_ITEM(n, struct sim_sock, place.node) : NULL;
}

static struct endpoint wildcard_of(const struct endpoint *a)
{
	struct endpoint any;
	endpoint_parse_address(&any,
		endpoint_family(a) == AF_INET ? SPAN("0.0.0.0") : SPAN("::"));
	endpoint_set_port(&any, endpoint_port(a));
	return any;
}

static struct endpoint own_host(const struct endpoint *a)
{
	struct endpoint host;
	endpoint_parse_address(&host, endpoint_family(a) == AF_INET
					      ? SPAN(SIM_HOST_V4)
					      : SPAN(SIM_HOST_V6));
	endpoint_set_port(&host, endpoint_port(a));
	return host;
}

static bool is_own_host(const struct endpoint *a)
{
	struct endpoint host = own_host(a);
	return endpoint_is_loopback(a) || endpoint_same_address(a, &host);
}

struct sim_sock *sim_find(
	struct sim *s, enum sim_kind kind, const struct endpoint *a)
{
	struct sim_sock *k = find_exactly(s, kind, a);
	if (!k && is_own_host(a)) {
		struct endpoint any = wildcard_of(a);
		k = find_exactly(s, kind, &any);
	}
	return k;
}

struct endpoint sim_source(const struct endpoint *to)
{
	struct endpoint host = own_host(to);
	if (endpoint_is_loopback(to))
		endpoint_parse_address(&host, endpoint_family(to) == AF_INET
						      ? SPAN("127.0.0.1")
						      : SPAN("::1"));
	endpoint_set_port(&host, 0);
	return host;
}

void sim_add_host(struct sim *s, const struct endpoint *a)
{
	if (sim_has_host(s, a))
		return;
	struct sim_place *place = mem_alloc(sizeof(*place));
	place->key = key_of(SIM_HOST, a);
	map_add(&s->hosts, &place->node, bytes_of(&place->key));
}

bool sim_has_host(const struct sim *s, const struct endpoint *a)
{
	struct sim_key key = key_of(SIM_HOST, a);
	return is_own_host(a) || map_find(&s->hosts, bytes_of(&key));
}

static bool is_taken(
	struct sim *s, enum sim_kind kind, const struct endpoint *a)
{
	if (sim_find(s, kind, a))
		return true;
	if (!endpoint_is_any(a))
		return false;
	struct endpoint host = own_host(a), loopback = sim_source(&host);
	endpoint_set_port(&loopback, endpoint_port(a));
	return sim_find(s, kind, &host) || sim_find(s, kind, &loopback);
}

uint16_t sim_free_port(
	struct sim *s, enum sim_kind kind, const struct endpoint *a)
{
	struct endpoint candidate = *a;
	for (int i = SIM_FIRST_PORT; i <= UINT16_MAX; i++) {
		uint16_t port = s->next_port;
		s->next_port = port == UINT16_MAX ? SIM_FIRST_PORT
						  : (uint16_t)(port + 1);
		endpoint_set_port(&candidate, port);
		if (!is_taken(s, kind, &candidate))
			return port;
	}
	return 0;
}

/* ---- life ---- */

struct sim_sock *sim_sock_new(struct sim *s, enum sim_kind kind)
{
	struct sim_sock *k = mem_alloc(sizeof(*k));
	k->sock.loop = &s->loop;
	k->kind = kind;
	link_init(&k->active);
	link_init(&k->packets);
	link_init(&k->errors);
	link_init(&k->offers);
	link_init(&k->offer);
	return k;
}

void sim_sock_delete(struct sim_sock *k)
{
	struct sim *s = sim_of(k->sock.loop);
	if (k->is_bound)
		map_remove(&s->places, &k->place.node);
	list_remove(&k->active);
	mem_free(k);
}

static struct sock *bound(struct loop *l, enum sim_kind kind,
	const struct endpoint *local, struct err *e)
{
	struct sim *s = sim_of(l);
	struct endpoint a = *local;
	char text[ENDPOINT_TEXT_SIZE];
	int number = 0;
	if (sim_call_fails(s))
		number = errno;
	else if (endpoint_port(&a) == 0)
		endpoint_set_port(&a, sim_free_port(s, kind, &a));
	if (!number && (endpoint_port(&a) == 0 || is_taken(s, kind, &a)))
		number = EADDRINUSE;
	if (number) {
		err_errno(e, STATUS_LOCAL_IO, number, "cannot use %s",
			endpoint_format(text, local));
		return NULL;
	}
	struct sim_sock *k = sim_sock_new(s, kind);
	k->local = a;
	k->is_bound = true;
	k->place.key = key_of(kind, &a);
	map_add(&s->places, &k->place.node, bytes_of(&k->place.key));
	if (!endpoint_is_any(&a))
		sim_add_host(s, &a);
	s->open_sockets++;
	return &k->sock;
}

static struct sock *sim_udp(
	struct loop *l, const struct endpoint *local, struct err *e)
{
	return bound(l, SIM_DGRAM, local, e);
}

static struct sock *sim_listen(
	struct loop *l, const struct endpoint *local, struct err *e)
{
	return bound(l, SIM_LISTENER, local, e);
}

static void sim_close(struct sock *s)
{
	struct sim_sock *k = (struct sim_sock *)s;
	sim_of(s->loop)->open_sockets--;
	if (k->kind == SIM_DGRAM)
		sim_dgram_close(k);
	else if (k->kind == SIM_LISTENER)
		sim_listener_close(k);
	else
		sim_stream_close(k);
}

/* ---- readiness ---- */

void sim_activate(struct sim_sock *k)
{
	if (k->want && link_is_alone(&k->active))
		list_append(&sim_of(k->sock.loop)->active, &k->active);
}

unsigned sim_readiness(const struct sim_sock *k)
{
	if (k->kind == SIM_DGRAM)
		return sim_dgram_readiness(k);
	if (k->kind == SIM_LISTENER)
		return k->offered ? WATCH_READ : 0;
	return sim_stream_readiness(k);
}

static void sim_want(struct sock *s, unsigned what)
{
	struct sim_sock *k = (struct sim_sock *)s;
	k->want = what;
	sim_activate(k);
}

static struct endpoint sim_local(const struct sock *s)
{
	return ((const struct sim_sock *)s)->local;
}

static struct endpoint sim_remote(const struct sock *s)
{
	return ((const struct sim_sock *)s)->remote;
}

static int sim_route(
	struct loop *l, const struct endpoint *to, struct endpoint *local)
{
	if (sim_call_fails(sim_of(l)))
		return errno;
	*local = sim_source(to);
	return 0;
}

const struct sock_ops sim_sock_ops = {
	.udp = sim_udp,
	.listen = sim_listen,
	.connect = sim_stream_connect,
	.accept = sim_stream_accept,
	.free = sim_close,
	.want = sim_want,
	.error = sim_stream_error,
	.read = sim_stream_read,
	.write = sim_stream_write,
	.end = sim_stream_end,
	.abort = sim_stream_abort,
	.receive = sim_dgram_receive,
	.send = sim_dgram_send,
	.icmp_error = sim_dgram_icmp_error,
	.local = sim_local,
	.remote = sim_remote,
	.route = sim_route,
};
