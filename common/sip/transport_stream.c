#include "sip/transport_private.h"

#include "base/mem.h"

static const struct conn_handlers stream_handlers;

static void stream_settings(struct conn_settings *s)
{
	*s = (struct conn_settings){
		/* A message of the largest size and a keep-alive in front of
		 * it; at that size the framer has given its verdict. */
		.max_in = SIP_MSG_MAX + 8,
		.max_out = SIP_CONNECTION_QUEUE_MAX,
	};
}

/* Nobody holds it and nothing came for so long. */
static void stream_idle(void *arg)
{
	struct sip_flow *f = arg;

	if (!sip_flow_conn(f))
		return;
	if (!link_is_alone(&f->users)) {
		timer_set(f->idle, SIP_CONNECTION_IDLE);
		return;
	}
	sip_stream_close(f);
}

void sip_stream_close(struct sip_flow *f)
{
	f->is_closing = true;
	sip_flow_leave_table(f);
	if (f->ws)
		ws_close(f->ws, WS_CODE_NORMAL, NULL);
	else
		conn_close(f->conn);
}

void sip_stream_started(struct sip_flow *f)
{
	f->t->connections++;
	f->idle = timer_new(f->t->loop, stream_idle, f);
	timer_set(f->idle, SIP_CONNECTION_IDLE);
}

/* What the far side sees of us: where it may connect to, if anywhere. */
static void stream_name_local(struct sip_flow *f)
{
	f->local = *conn_local(sip_flow_conn(f));
	uint16_t port = sip_listener_port(f->t, f->kind, &f->local);
	if (port == 0)
		port = endpoint_port(&f->local);
	endpoint_set_port(&f->local, port);
}

void sip_stream_opened(struct sip_flow *f)
{
	f->is_open = true;
	stream_name_local(f);
	sip_flow_tell(f, NULL);
}

static void stream_open(void *arg)
{
	sip_stream_opened(arg);
}

static void stream_release(struct sip_flow *f)
{
	conn_free(f->conn);
	ws_free(f->ws);
	f->conn = NULL;
	f->ws = NULL;
	f->is_open = false;
	timer_free(f->idle);
	f->idle = NULL;
	f->t->connections--;
	sip_flow_leave_table(f);
}

void sip_stream_ended(struct sip_flow *f, const struct err *e)
{
	struct err gone = *e;

	if (!err_is_set(e)) {
		err_set(&gone, STATUS_UNREACHABLE,
			"the far side closed the connection");
		err_condition(&gone, "closed", true);
	}
	stream_release(f);
	sip_flow_tell(f, &gone);
}

static void stream_closed(void *arg, const struct err *e)
{
	sip_stream_ended(arg, e);
}

static size_t stream_data(void *arg, struct span bytes)
{
	struct sip_flow *f = arg;
	size_t used = 0;

	f->heard_at = loop_now(f->t->loop);
	f->busy++;
	while (f->conn && !f->is_closing && used < bytes.n) {
		size_t skip = 0, length = 0;
		enum sip_frame frame = sip_scan_frame(
			&f->framer, span_skip(bytes, used), &skip, &length);
		used += skip;
		if (frame == SIP_FRAME_MORE)
			break;
		if (frame == SIP_FRAME_PING) {
			/* RFC 5626 section 3.5.1; where the queue is full the
			 * far side does not read, and misses nothing. */
			conn_write(f->conn, SPAN("\r\n"));
			timer_set(f->idle, SIP_CONNECTION_IDLE);
			continue;
		}
		struct span msg = span_first(span_skip(bytes, used), length);
		used += length;
		timer_set(f->idle, SIP_CONNECTION_IDLE);
		bool is_sip = sip_flow_deliver(f, msg);
		if ((frame == SIP_FRAME_BROKEN || !is_sip) && f->conn) {
			/* An answer may be in the queue: send it and leave. */
			sip_stream_close(f);
		}
	}
	f->busy--;
	if (f->is_closing || !f->conn)
		used = bytes.n;
	sip_flow_free_unused(f);
	return used;
}

static const struct conn_handlers stream_handlers = {
	.open = stream_open,
	.data = stream_data,
	.closed = stream_closed,
};

/* RFC 5922 section 7: whom the certificate must name. */
static bool stream_tls(struct conn_settings *s, struct sip_transport *t,
	const char *name, struct err *e)
{
	if (!t->tls.client)
		return err_set(e, STATUS_USAGE,
			"TLS was not set up for this connection");
	s->tls = t->tls.client(t->tls.arg, e);
	s->peer = (struct tls_peer){ .naming = TLS_NAMING_SIP,
		.name = t->tls.name ? t->tls.name : name };
	return s->tls != NULL;
}

struct sip_flow *sip_stream_open(
	struct sip_transport *t, const struct sip_target *target, struct err *e)
{
	struct conn_settings s;

	stream_settings(&s);
	s.addresses = &target->address;
	s.count = 1;
	if (target->kind == SIP_TRANSPORT_TLS &&
		!stream_tls(&s, t, target->name, e))
		return NULL;
	struct sip_flow *f = sip_flow_new(
		t, target->kind, NULL, NULL, &target->address, target->name);
	f->conn = conn_new(t->loop, &s, &stream_handlers, f);
	sip_stream_started(f);
	return f;
}

bool sip_stream_send(struct sip_flow *f, struct span bytes, struct err *e)
{
	if (!f->conn || f->is_closing)
		return err_set(
			e, STATUS_UNREACHABLE, "the connection is closed");
	if (!conn_write(f->conn, bytes))
		return err_set(e, STATUS_TIMEOUT,
			"the far side does not read: %zu bytes wait for it",
			conn_queued(f->conn));
	return true;
}

/* ---- listening ---------------------------------------------------------------- */

static void listener_offer(
	void *arg, struct accepted *offer, const struct endpoint *from)
{
	struct sip_listener *l = arg;
	struct sip_transport *t = l->t;
	struct conn_settings s;

	if (t->connections >= SIP_CONNECTIONS_MAX)
		return; /* which closes it */
	if (sip_is_ws(l->kind)) {
		sip_ws_accept(l, offer, from);
		return;
	}
	stream_settings(&s);
	if (l->kind == SIP_TRANSPORT_TLS)
		s.tls = t->tls.server;
	struct sip_flow *f = sip_flow_new(t, l->kind, NULL, NULL, from, NULL);
	f->conn = conn_accept(offer, &s, &stream_handlers, f);
	sip_stream_started(f);
}

bool sip_stream_listen(struct sip_transport *t, enum sip_transport_kind kind,
	const struct endpoint *local, struct endpoint *bound, struct err *e)
{
	struct sip_listener *l = mem_alloc(sizeof(*l));

	l->t = t;
	l->kind = kind;
	l->listener = listener_new(t->loop, local, listener_offer, l, e);
	if (!l->listener) {
		mem_free(l);
		return false;
	}
	list_append(&t->listeners, &l->link);
	if (bound)
		*bound = *listener_local(l->listener);
	return true;
}

void sip_listener_free(struct sip_listener *l)
{
	list_remove(&l->link);
	listener_free(l->listener);
	mem_free(l);
}

uint16_t sip_listener_port(const struct sip_transport *t,
	enum sip_transport_kind kind, const struct endpoint *like)
{
	LIST_EACH(&t->listeners, at)
	{
		struct sip_listener *l =
			LIST_ITEM(at, struct sip_listener, link);
		const struct endpoint *a = listener_local(l->listener);
		if (l->kind == kind &&
			endpoint_family(a) == endpoint_family(like) &&
			(endpoint_is_any(a) || endpoint_same_address(a, like)))
			return endpoint_port(a);
	}
	return 0;
}
