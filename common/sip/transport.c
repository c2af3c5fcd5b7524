#include "sip/transport_private.h"

#include <string.h>

#include "base/mem.h"
#include "base/rand.h"

struct sip_transport *sip_transport_new(const struct sip_transport_settings *s,
	const struct sip_transport_handlers *handlers, void *arg)
{
	struct sip_transport *t = mem_alloc(sizeof(*t));

	t->loop = s->loop;
	t->handlers = *handlers;
	t->arg = arg;
	if (s->advertise)
		t->advertise = *s->advertise;
	t->tls = s->tls;
	t->ws_path = mem_str(s->ws_path);
	rand_token(t->name, 12);
	memcpy(t->name + 12, ".invalid", sizeof(".invalid"));
	link_init(&t->udps);
	link_init(&t->listeners);
	link_init(&t->flows);
	return t;
}

void sip_transport_free(struct sip_transport *t)
{
	if (!t)
		return;
	LIST_EACH(&t->flows, at)
	{
		struct sip_flow *f = LIST_ITEM(at, struct sip_flow, link);
		LIST_EACH(&f->users, user)
		{
			list_remove(user);
			LIST_ITEM(user, struct sip_flow_user, link)->flow =
				NULL;
		}
		if (f->conn)
			conn_leave(f->conn);
		ws_leave(f->ws);
		f->conn = NULL;
		f->ws = NULL;
		f->busy = 0;
		sip_flow_free_unused(f);
	}
	LIST_EACH(&t->listeners, at)
	sip_listener_free(LIST_ITEM(at, struct sip_listener, link));
	LIST_EACH(&t->udps, at)
	sip_udp_free(LIST_ITEM(at, struct sip_udp, link));
	map_clear(&t->table);
	mem_free(t->ws_path);
	mem_free(t);
}

bool sip_transport_listen(struct sip_transport *t, enum sip_transport_kind kind,
	const struct endpoint *local, struct endpoint *bound, struct err *e)
{
	switch (kind) {
	case SIP_TRANSPORT_UDP:
		return sip_udp_listen(t, local, bound, e);
	case SIP_TRANSPORT_TCP:
	case SIP_TRANSPORT_WS:
		return sip_stream_listen(t, kind, local, bound, e);
	case SIP_TRANSPORT_TLS:
	case SIP_TRANSPORT_WSS:
		if (t->tls.server)
			return sip_stream_listen(t, kind, local, bound, e);
		return err_set(e, STATUS_USAGE,
			"listening for TLS needs a certificate");
	default:
		return err_set(e, STATUS_INTERNAL, "no transport is given");
	}
}

void sip_transport_unlisten(struct sip_transport *t,
	enum sip_transport_kind kind, const struct endpoint *bound)
{
	LIST_EACH(&t->listeners, at)
	{
		struct sip_listener *l =
			LIST_ITEM(at, struct sip_listener, link);
		if (l->kind == kind &&
			endpoint_equal(listener_local(l->listener), bound))
			sip_listener_free(l);
	}
}

void sip_transport_set_trace(
	struct sip_transport *t, sip_wire_trace *trace, void *arg)
{
	t->trace = trace;
	t->trace_arg = arg;
}

size_t sip_transport_connections(const struct sip_transport *t)
{
	return t->connections;
}

void sip_advertise(const struct sip_transport *t, struct endpoint *a)
{
	uint16_t port = endpoint_port(&t->advertise);

	if (endpoint_family(&t->advertise) != endpoint_family(a))
		return;
	if (port == 0)
		port = endpoint_port(a);
	*a = t->advertise;
	endpoint_set_port(a, port);
}

bool sip_transport_is_advertised(
	const struct sip_transport *t, const struct endpoint *a)
{
	return endpoint_same_address(&t->advertise, a);
}

bool sip_transport_local(struct sip_transport *t,
	const struct sip_target *target, struct endpoint *local, struct err *e)
{
	struct endpoint a;

	if (target->kind == SIP_TRANSPORT_UDP) {
		if (!sip_udp_towards(t, &target->address, &a, e))
			return false;
	} else {
		if (!dgram_route(t->loop, &target->address, &a, e))
			return false;
		endpoint_set_port(&a, sip_listener_port(t, target->kind, &a));
	}
	*local = a;
	sip_advertise(t, local);
	return true;
}
