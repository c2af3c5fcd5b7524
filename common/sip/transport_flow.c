/* Flows as their users have them: opened, held, sent by. */
#include "sip/transport_private.h"

/* ---- holding them ----------------------------------------------------------- */

void sip_flow_hold(struct sip_flow *f, struct sip_flow_user *u,
	const struct sip_flow_events *events)
{
	u->flow = f;
	u->events = events;
	list_append(&f->users, &u->link);
}

void sip_flow_drop(struct sip_flow_user *u)
{
	struct sip_flow *f = u->flow;

	if (!f)
		return;
	u->flow = NULL;
	list_remove(&u->link);
	sip_flow_free_unused(f);
}

static struct sip_flow *udp_flow(
	struct sip_transport *t, const struct endpoint *remote, struct err *e)
{
	struct endpoint local;
	struct sip_udp *udp = sip_udp_towards(t, remote, &local, e);

	if (!udp)
		return NULL;
	struct sip_flow *f =
		sip_flow_find(t, SIP_TRANSPORT_UDP, udp, &local, remote, NULL);
	return f ? f
		 : sip_flow_new(
			   t, SIP_TRANSPORT_UDP, udp, &local, remote, NULL);
}

/* A Record-Route or Contact names the server of an open connection by its
 * address, which few certificates have: that connection is the one meant.  A
 * *name* never leads to a connection that another name opened (RFC 5922
 * section 4, and what CVE-2020-15260 was). */
static struct sip_flow *same_server(
	const struct sip_transport *t, const struct sip_target *target)
{
	struct endpoint a;

	if (!target->name ||
		!endpoint_parse_address(&a, span_of(target->name)) ||
		!endpoint_same_address(&a, &target->address))
		return NULL;
	LIST_EACH(&t->flows, at)
	{
		struct sip_flow *f = LIST_ITEM(at, struct sip_flow, link);
		if (f->kind == target->kind && f->is_in_table && f->is_open &&
			endpoint_equal(&f->remote, &target->address))
			return f;
	}
	return NULL;
}

bool sip_flow_open(struct sip_transport *t, const struct sip_target *target,
	struct sip_flow_user *u, const struct sip_flow_events *events,
	struct err *e)
{
	struct sip_flow *f = NULL;

	switch (target->kind) {
	case SIP_TRANSPORT_UDP:
		f = udp_flow(t, &target->address, e);
		break;
	case SIP_TRANSPORT_TCP:
	case SIP_TRANSPORT_TLS:
		f = sip_flow_find(t, target->kind, NULL, NULL, &target->address,
			target->name);
		if (!f)
			f = same_server(t, target);
		if (f)
			break;
		if (t->connections >= SIP_CONNECTIONS_MAX)
			return err_set(e, STATUS_INTERNAL,
				"more than %d connections at once",
				SIP_CONNECTIONS_MAX);
		f = sip_stream_open(t, target, e);
		break;
	case SIP_TRANSPORT_WS:
	case SIP_TRANSPORT_WSS:
		f = sip_flow_find(t, target->kind, NULL, NULL, &target->address,
			target->name);
		if (!f)
			f = sip_ws_find(t, target);
		if (!f)
			f = sip_ws_open(t, target, e);
		break;
	default:
		return err_set(e, STATUS_INTERNAL, "no transport is given");
	}
	if (!f)
		return false;
	sip_flow_hold(f, u, events);
	return true;
}

bool sip_flow_open_reply(struct sip_flow *f, const struct sip_via *via,
	struct sip_flow_user *u, const struct sip_flow_events *events,
	struct err *e)
{
	struct endpoint to = f->remote;

	/* A maddr (18.2.2) is only ever right for multicast, which nobody here
	 * receives; following it would let anybody aim our answers. */
	if (f->kind != SIP_TRANSPORT_UDP) {
		if (sip_flow_conn(f) && !f->is_closing) {
			sip_flow_hold(f, u, events);
			return true;
		}
		endpoint_set_port(&to, via && via->port
					       ? via->port
					       : sip_transport_port(f->kind));
		struct sip_target target = { f->kind, to, NULL };
		if (f->kind != SIP_TRANSPORT_TCP)
			return err_set(e, STATUS_UNREACHABLE,
				"the connection of the request is gone");
		return sip_flow_open(f->t, &target, u, events, e);
	}
	if (via && !via->has_rport)
		endpoint_set_port(
			&to, via->port ? via->port
				       : sip_transport_port(SIP_TRANSPORT_UDP));
	if (!endpoint_equal(&to, &f->remote)) {
		struct sip_flow *other = sip_flow_find(
			f->t, f->kind, f->udp, &f->local, &to, NULL);
		f = other ? other
			  : sip_flow_new(f->t, f->kind, f->udp, &f->local, &to,
				    NULL);
	}
	sip_flow_hold(f, u, events);
	return true;
}

void sip_flow_received(const struct sip_flow *f, const struct sip_via *via,
	char received[ENDPOINT_TEXT_SIZE], uint16_t *rport)
{
	struct endpoint sent_by;
	bool is_source = endpoint_parse_address(&sent_by, via->host) &&
			 endpoint_same_address(&sent_by, &f->remote);

	received[0] = '\0';
	*rport = via->has_rport ? endpoint_port(&f->remote) : 0;
	if (via->has_rport || !is_source)
		endpoint_format_address(received, &f->remote, false);
}

void sip_flow_reply(
	struct sip_flow *f, const struct sip_via *via, struct span response)
{
	static const struct sip_flow_events nothing = { NULL, NULL };
	struct sip_flow_user u = { .flow = NULL };

	if (!sip_flow_open_reply(f, via, &u, &nothing, NULL))
		return;
	if (sip_flow_is_ready(u.flow))
		sip_flow_send(u.flow, response, NULL);
	sip_flow_drop(&u);
}

/* ---- what a flow is --------------------------------------------------------------- */

bool sip_flow_send(struct sip_flow *f, struct span bytes, struct err *e)
{
	bool sent = f->kind == SIP_TRANSPORT_UDP ? sip_udp_send(f, bytes, e)
		    : sip_is_ws(f->kind)         ? sip_ws_send(f, bytes, e)
						 : sip_stream_send(f, bytes, e);
	if (sent)
		sip_flow_trace(f, true, bytes);
	return sent;
}

void sip_flow_send_raw(struct sip_flow *f, struct span bytes)
{
	if (f->kind == SIP_TRANSPORT_UDP)
		sip_udp_send(f, bytes, NULL);
	else if (f->conn && f->is_open && !f->is_closing)
		conn_write(f->conn, bytes);
}

usec_t sip_flow_heard_at(const struct sip_flow *f)
{
	return f->heard_at;
}

bool sip_flow_is_ready(const struct sip_flow *f)
{
	return f->kind == SIP_TRANSPORT_UDP || (f->is_open && !f->is_closing);
}

bool sip_flow_is_reliable(const struct sip_flow *f)
{
	return sip_transport_is_reliable(f->kind);
}

bool sip_flow_is_stream(const struct sip_flow *f)
{
	return f->kind == SIP_TRANSPORT_TCP || f->kind == SIP_TRANSPORT_TLS;
}

enum sip_transport_kind sip_flow_kind(const struct sip_flow *f)
{
	return f->kind;
}

const struct endpoint *sip_flow_remote(const struct sip_flow *f)
{
	return &f->remote;
}

struct endpoint sip_flow_local(const struct sip_flow *f)
{
	struct endpoint a = f->local;

	sip_advertise(f->t, &a);
	return a;
}

bool sip_flow_sent_by(struct buf *out, const struct sip_flow *f)
{
	char text[ENDPOINT_TEXT_SIZE];
	struct endpoint local = sip_flow_local(f);

	if (sip_flow_is_nameless(f))
		return buf_str(out, f->t->name);
	return buf_str(out, endpoint_format(text, &local));
}

bool sip_flow_is_sent_by(const struct sip_flow *f, const struct sip_via *via)
{
	struct endpoint a, local = sip_flow_local(f);
	uint16_t port = via->port ? via->port : sip_transport_port(f->kind);

	if (sip_flow_is_nameless(f))
		return span_is_nocase(via->host, f->t->name);
	/* Else ours is always an address. */
	return endpoint_parse_address(&a, via->host) &&
	       endpoint_same_address(&a, &local) &&
	       port == endpoint_port(&local);
}
