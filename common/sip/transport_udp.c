#include "sip/transport_private.h"

#include "base/mem.h"
#include "net/stun.h"

/* A header, an address or an error. */
#define STUN_ANSWER_MAX 64

/* RFC 5626 section 8: requests are answered where they came to, responses are
 * for who keeps that flow. */
static void udp_stun(struct sip_flow *f, const struct dgram_packet *p)
{
	struct buf answer = BUF_INIT(STUN_ANSWER_MAX);
	struct stun s;

	if (!stun_parse(&s, p->bytes))
		return;
	if (s.kind != STUN_REQUEST)
		sip_flow_tell_stun(f, &s);
	else if (stun_answer(&answer, &s, &p->from))
		sip_udp_send(f, buf_view(&answer), NULL);
	buf_clear(&answer);
}

static void udp_packet(void *arg, const struct dgram_packet *p)
{
	struct sip_udp *u = arg;
	struct endpoint local = *dgram_local(u->dgram);

	/* Answers leave from the address that was written to (RFC 3581
	 * section 4). */
	if (u->is_wildcard && p->to.len && !endpoint_is_any(&p->to)) {
		local = p->to;
		endpoint_set_port(&local, endpoint_port(dgram_local(u->dgram)));
	}
	struct sip_flow *f = sip_flow_find(
		u->t, SIP_TRANSPORT_UDP, u, &local, &p->from, NULL);
	if (!f)
		f = sip_flow_new(
			u->t, SIP_TRANSPORT_UDP, u, &local, &p->from, NULL);
	f->busy++;
	if (stun_is_likely(p->bytes))
		udp_stun(f, p);
	else
		sip_flow_deliver(f, p->bytes);
	f->busy--;
	sip_flow_free_unused(f);
}

/* The local address towards `to`, by the route where the socket has none. */
static bool udp_route(struct sip_udp *u, const struct endpoint *to,
	struct endpoint *local, struct err *e)
{
	usec_t now = loop_now(u->t->loop);

	if (!u->is_wildcard) {
		*local = *dgram_local(u->dgram);
		return true;
	}
	if (now >= u->route_until || !endpoint_same_address(&u->route_to, to)) {
		struct endpoint a;
		if (!dgram_route(u->t->loop, to, &a, e))
			return false;
		endpoint_set_port(&a, endpoint_port(dgram_local(u->dgram)));
		u->route_to = *to;
		u->route_local = a;
		u->route_until = now + SIP_ROUTE_AGE;
	}
	*local = u->route_local;
	return true;
}

/* RFC 3261 section 18.4: the users of that flow are told. */
static void udp_unreachable(
	void *arg, const struct endpoint *to, const struct err *e)
{
	struct sip_udp *u = arg;
	struct endpoint local;

	if (!udp_route(u, to, &local, NULL))
		return;
	struct sip_flow *f =
		sip_flow_find(u->t, SIP_TRANSPORT_UDP, u, &local, to, NULL);
	if (f)
		sip_flow_tell(f, e);
}

static struct sip_udp *udp_new(
	struct sip_transport *t, const struct endpoint *local, struct err *e)
{
	static const struct dgram_handlers handlers = { .packet = udp_packet,
		.unreachable = udp_unreachable };
	struct sip_udp *u = mem_alloc(sizeof(*u));

	u->t = t;
	u->is_wildcard = endpoint_is_any(local);
	u->dgram = dgram_new(t->loop, local, &handlers, u, e);
	if (!u->dgram) {
		mem_free(u);
		return NULL;
	}
	list_append(&t->udps, &u->link);
	return u;
}

void sip_udp_free(struct sip_udp *u)
{
	list_remove(&u->link);
	dgram_free(u->dgram);
	mem_free(u);
}

bool sip_udp_listen(struct sip_transport *t, const struct endpoint *local,
	struct endpoint *bound, struct err *e)
{
	struct sip_udp *u = udp_new(t, local, e);

	if (!u)
		return false;
	if (bound)
		*bound = *dgram_local(u->dgram);
	return true;
}

struct sip_udp *sip_udp_towards(struct sip_transport *t,
	const struct endpoint *remote, struct endpoint *local, struct err *e)
{
	struct sip_udp *best = NULL;

	LIST_EACH(&t->udps, at)
	{
		struct sip_udp *u = LIST_ITEM(at, struct sip_udp, link);
		const struct endpoint *bound = dgram_local(u->dgram);
		if (endpoint_family(bound) != endpoint_family(remote))
			continue;
		/* A socket on loopback reaches nobody else. */
		if (endpoint_is_loopback(bound) &&
			!endpoint_is_loopback(remote))
			continue;
		if (!best || endpoint_same_address(bound, remote))
			best = u;
	}
	if (!best) {
		struct endpoint any;
		bool ipv6 = endpoint_family(remote) == AF_INET6;
		if (!endpoint_parse(
			    &any, ipv6 ? SPAN("::") : SPAN("0.0.0.0"), 0, e))
			return NULL;
		best = udp_new(t, &any, e);
	}
	return best && udp_route(best, remote, local, e) ? best : NULL;
}

bool sip_udp_send(struct sip_flow *f, struct span bytes, struct err *e)
{
	if (!f->udp->is_wildcard)
		return dgram_send(f->udp->dgram, bytes, &f->remote, e);
	return dgram_send_from(f->udp->dgram, bytes, &f->local, &f->remote, e);
}
