/* transport_private - what the files of sip/transport share, and nobody else
 *
 * A flow is in the table of its transport while new messages may use it.  Its
 * key is the kind, the UDP socket and local address (of a stream: none), the
 * remote address and the TLS name.  It is freed when nobody holds it and no
 * connection stands behind it.
 */
#ifndef SIP_TRANSPORT_PRIVATE_H
#define SIP_TRANSPORT_PRIVATE_H

#include "base/map.h"
#include "net/conn.h"
#include "net/dgram.h"
#include "net/ws.h"
#include "sip/transport.h"

/* How long a route that was looked up is believed. */
#define SIP_ROUTE_AGE (2 * USEC_SEC)

struct sip_udp {
	struct link link;
	struct sip_transport *t;
	struct dgram *dgram;
	bool is_wildcard;
	/* The route asked for last: many requests go to one place. */
	struct endpoint route_to, route_local;
	usec_t route_until;
};

struct sip_listener {
	struct link link;
	struct sip_transport *t;
	enum sip_transport_kind kind;
	struct listener *listener;
};

struct sip_transport {
	struct loop *loop;
	struct sip_transport_handlers handlers;
	void *arg;
	struct endpoint advertise; /* len 0: none */
	struct sip_tls tls;
	sip_wire_trace *trace;
	void *trace_arg;
	char *ws_path;
	char name[SIP_INVALID_NAME_MAX]; /* ours towards servers of WebSocket */
	struct link udps, listeners, flows;
	struct map table;
	size_t connections;
	struct sip_scan scan; /* of the message that is being handed over */
};

struct sip_flow {
	struct link link; /* in the transport's flows */
	struct map_node node;
	bool is_in_table;
	unsigned busy; /* handlers are running: not to be freed */
	struct sip_transport *t;
	enum sip_transport_kind kind;
	struct link users;
	struct endpoint local, remote; /* local.len 0: not known yet */
	struct sip_udp *udp;
	/* of a stream */
	struct conn *conn; /* NULL: closed, or a WebSocket */
	struct ws *ws;     /* NULL: closed, or none */
	/* The name a client of ours gave itself, which has no address of its
	 * own (RFC 7118 appendix B.1); or NULL. */
	char *alias;
	bool is_open;
	bool is_closing; /* what still comes is not read */
	usec_t heard_at;
	struct sip_framer framer;
	struct timer *idle;
	char key[];
};

/* transport_table.c */
struct sip_flow *sip_flow_new(struct sip_transport *t,
	enum sip_transport_kind kind, struct sip_udp *udp,
	const struct endpoint *local, const struct endpoint *remote,
	const char *name);
struct sip_flow *sip_flow_find(struct sip_transport *t,
	enum sip_transport_kind kind, const struct sip_udp *udp,
	const struct endpoint *local, const struct endpoint *remote,
	const char *name);
void sip_flow_leave_table(struct sip_flow *f);
void sip_flow_free_unused(struct sip_flow *f);
/* Tells every user; e NULL: it is ready. */
void sip_flow_tell(struct sip_flow *f, const struct err *e);
void sip_flow_tell_stun(struct sip_flow *f, const struct stun *s);
/* False: it is not SIP at all. */
bool sip_flow_deliver(struct sip_flow *f, struct span bytes);
void sip_flow_trace(const struct sip_flow *f, bool outgoing, struct span bytes);

/* transport_udp.c */
bool sip_udp_listen(struct sip_transport *t, const struct endpoint *local,
	struct endpoint *bound, struct err *e);
void sip_udp_free(struct sip_udp *u);
/* The socket that reaches `remote`, and the local address it then has. */
struct sip_udp *sip_udp_towards(struct sip_transport *t,
	const struct endpoint *remote, struct endpoint *local, struct err *e);
bool sip_udp_send(struct sip_flow *f, struct span bytes, struct err *e);

/* transport.c */
/* What is advertised stands for an address of its family; its port, where
 * one is given, for the port. */
void sip_advertise(const struct sip_transport *t, struct endpoint *a);

/* transport_stream.c */
bool sip_stream_listen(struct sip_transport *t, enum sip_transport_kind kind,
	const struct endpoint *local, struct endpoint *bound, struct err *e);
void sip_listener_free(struct sip_listener *l);
/* The port of that family where connections come in; 0: none. */
uint16_t sip_listener_port(const struct sip_transport *t,
	enum sip_transport_kind kind, const struct endpoint *like);
struct sip_flow *sip_stream_open(struct sip_transport *t,
	const struct sip_target *target, struct err *e);
bool sip_stream_send(struct sip_flow *f, struct span bytes, struct err *e);
/* What streams of every kind have: the connection begins, stands, shall end,
 * has ended. */
void sip_stream_started(struct sip_flow *f);
void sip_stream_opened(struct sip_flow *f);
void sip_stream_close(struct sip_flow *f);
void sip_stream_ended(struct sip_flow *f, const struct err *e);

/* transport_ws.c (RFC 7118) */
struct sip_flow *sip_ws_open(struct sip_transport *t,
	const struct sip_target *target, struct err *e);
/* To a numeric address, whoever we are connected to there. */
struct sip_flow *sip_ws_find(
	struct sip_transport *t, const struct sip_target *target);
void sip_ws_accept(struct sip_listener *l, struct accepted *offer,
	const struct endpoint *from);
bool sip_ws_send(struct sip_flow *f, struct span bytes, struct err *e);
/* Learns the name of a client from its first request. */
void sip_ws_learn_alias(struct sip_flow *f, const struct sip_scan *m);

static inline bool sip_is_ws(enum sip_transport_kind kind)
{
	return kind == SIP_TRANSPORT_WS || kind == SIP_TRANSPORT_WSS;
}

/* NULL: there is none (any more). */
static inline const struct conn *sip_flow_conn(const struct sip_flow *f)
{
	return f->ws ? ws_conn(f->ws) : f->conn;
}

/* A WebSocket over which nobody can be called but by it. */
static inline bool sip_flow_is_nameless(const struct sip_flow *f)
{
	return sip_is_ws(f->kind) &&
	       sip_listener_port(f->t, f->kind, &f->local) == 0;
}

#endif
