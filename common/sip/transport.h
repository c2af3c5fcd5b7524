/* transport - sockets and connections as flows of SIP messages
 *
 * RFC 3261 section 18, RFC 3581 (rport), RFC 5626 sections 3.5 and 8
 * (keep-alives by CRLF and STUN are answered), RFC 7118 (WebSocket); UDP, TCP,
 * TLS, WS and WSS.  A flow (RFC 5626 section 2) is two addresses and the
 * transport between them: a stream connection, or what one UDP socket
 * exchanges with one far address.  Whoever sends holds the flow and is told
 * when it is ready and when it failed, by an ICMP error too.
 *
 * Nobody can connect to a client of a WebSocket: it calls itself by a random
 * name below ".invalid", in Via and Contact, and requests to that name go by
 * the connection from which it came (RFC 7118 appendix B).
 *
 * What comes in is framed, scanned (sip/scan.h) and handed to `message`,
 * faults and all: who may answer what is decided above.  What is not SIP at
 * all is dropped without a word, on UDP; a stream of it is closed.
 *
 * One transport per user agent, on its loop.  It is freed after everything
 * that holds a flow, and not from within a handler.
 */
#ifndef SIP_TRANSPORT_H
#define SIP_TRANSPORT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/list.h"
#include "net/endpoint.h"
#include "net/loop.h"
#include "net/tls.h"
#include "sip/header.h"
#include "sip/scan.h"

/* RFC 3261 section 18.1.1: a larger request does not go by UDP. */
#define SIP_UDP_REQUEST_MAX 1300
/* Connections there may be at once; above that, offers are refused. */
#define SIP_CONNECTIONS_MAX 1024
/* Bytes that may wait for a far side that does not read. */
#define SIP_CONNECTION_QUEUE_MAX (1024 * 1024)
/* A connection nobody holds is closed after it brought no message and no
 * keep-alive for so long; RFC 3261 section 18 asks for 64*T1 at least. */
#define SIP_CONNECTION_IDLE (180 * USEC_SEC)

/* ---- kinds of transport -------------------------------------------------- */

enum sip_transport_kind {
	SIP_TRANSPORT_NONE, /* none said: the one that fits */
	SIP_TRANSPORT_UDP,
	SIP_TRANSPORT_TCP,
	SIP_TRANSPORT_TLS,
	SIP_TRANSPORT_WS,
	SIP_TRANSPORT_WSS,
	SIP_TRANSPORT_COUNT
};
#define SIP_KIND(kind) (1u << (kind)) /* for sets of them */

/* "UDP" …, as in a Via; any case.  NONE where it is another word. */
enum sip_transport_kind sip_transport_find(struct span name);
const char *sip_transport_name(enum sip_transport_kind kind);
const char *sip_transport_param(enum sip_transport_kind kind); /* "udp" … */
uint16_t sip_transport_port(enum sip_transport_kind kind); /* 5060, 5061 … */
bool sip_transport_is_reliable(enum sip_transport_kind kind);

/* Where a message is to go (RFC 3263 section 4). */
struct sip_target {
	enum sip_transport_kind kind;
	struct endpoint address; /* with its port */
	const char *name; /* TLS: the domain before DNS (RFC 5922), by which
			     connections are reused; WebSocket: of its URL;
			     else NULL */
};

/* ---- the transport -------------------------------------------------------- */

struct sip_transport;
struct sip_flow;
struct stun;

/* One message on the wire, for a trace. */
struct sip_wire {
	bool outgoing;
	enum sip_transport_kind kind;
	const struct endpoint *local, *remote;
	struct span bytes;
	usec_t wall;
};
typedef void sip_wire_trace(void *arg, const struct sip_wire *w);

/* Certificates and trust.  All borrowed. */
struct sip_tls {
	/* The client's, asked for when a first connection by TLS is made; NULL
	 * and e: it cannot be.  NULL: no TLS. */
	struct tls_config *(*client)(void *arg, struct err *e);
	void *arg;
	struct tls_config *server; /* NULL: no listening */
	const char *name; /* that certificates must have, instead of the
			     domain of the URI; NULL: that */
};

struct sip_transport_settings {
	struct loop *loop;
	/* The address that Via and Contact shall have, and where it is given
	 * the port; NULL: that of the socket, or of the route where it is the
	 * wildcard. */
	const struct endpoint *advertise;
	const char *ws_path; /* of URLs to connect to; NULL: "/"; copied */
	struct sip_tls tls;
};

/* Of the names below ".invalid", with its NUL. */
#define SIP_INVALID_NAME_MAX 32

struct sip_transport_handlers {
	/* m and what it points into live until the handler returns. */
	void (*message)(void *arg, struct sip_flow *flow, struct sip_scan *m);
};

struct sip_transport *sip_transport_new(const struct sip_transport_settings *s,
	const struct sip_transport_handlers *handlers, void *arg);
void sip_transport_free(struct sip_transport *t); /* NULL is fine */

/* Port 0: any free one.  *bound (may be NULL) is what became of it.  RFC 3261
 * section 18.2.1 wants TCP wherever there is UDP: sip_ua_listen does both. */
bool sip_transport_listen(struct sip_transport *t, enum sip_transport_kind kind,
	const struct endpoint *local, struct endpoint *bound, struct err *e);

/* No more there; connections that were accepted stay. */
void sip_transport_unlisten(struct sip_transport *t,
	enum sip_transport_kind kind, const struct endpoint *bound);

void sip_transport_set_trace(
	struct sip_transport *t, sip_wire_trace *trace, void *arg);

/* How many connections are open or being opened. */
size_t sip_transport_connections(const struct sip_transport *t);

/* The address this end has towards a target, before anything was sent there:
 * for a Contact or an SDP body.  Its port is where requests of that transport
 * come in, 0 where it does not listen. */
bool sip_transport_local(struct sip_transport *t,
	const struct sip_target *target, struct endpoint *local, struct err *e);
/* The connection by which a client came that calls itself so; false: there is
 * none. */
bool sip_transport_find_alias(
	struct sip_transport *t, struct span name, struct sip_target *target);
/* Is it such a name? */
bool sip_is_invalid_name(struct span host);

/* The Contact of ours on this transport: sip_contact_format, or where nobody
 * can connect to us our name below ".invalid". */
bool sip_transport_contact(struct buf *out, const struct sip_transport *t,
	enum sip_transport_kind kind, const struct endpoint *local,
	struct span user, bool secure);
/* Appends "<sip:user@192.0.2.1:5060;transport=tcp>", where requests to us may
 * come to; user is encoded, and left out where it is empty.  secure: a sips:
 * URI, of TLS. */
bool sip_contact_format(struct buf *out, enum sip_transport_kind kind,
	const struct endpoint *local, struct span user, bool secure);

/* ---- flows ------------------------------------------------------------------ */

/* One who holds a flow.  Is part of the holder's own struct. */
struct sip_flow_user;
struct sip_flow_events {
	/* A connection that was being opened is there.  May be NULL where
	 * only ready flows are held. */
	void (*ready)(struct sip_flow_user *u);
	/* Nothing that is sent from now on arrives, and what was sent lately
	 * may not have: the connection is gone, or an ICMP error came.  The
	 * user still holds the flow.  May be NULL. */
	void (*failed)(struct sip_flow_user *u, const struct err *e);
	/* Of UDP: a STUN response came (RFC 5626 section 8).  May be NULL. */
	void (*stun)(struct sip_flow_user *u, const struct stun *s);
};
struct sip_flow_user {
	struct link link;                     /* private */
	struct sip_flow *flow;                /* NULL: holds none */
	const struct sip_flow_events *events; /* set by sip_flow_hold */
};

/* Is it an address of ours only by what is advertised: others reach us there,
 * but no socket can be bound to it? */
bool sip_transport_is_advertised(
	const struct sip_transport *t, const struct endpoint *a);

/* Holds the flow to this target: an open connection to it, or a new one, or
 * the UDP socket of its family (made where there is none).  False: e, and
 * nothing is held. */
bool sip_flow_open(struct sip_transport *t, const struct sip_target *target,
	struct sip_flow_user *u, const struct sip_flow_events *events,
	struct err *e);
/* Holds a flow that somebody else holds, or that a message came by. */
void sip_flow_hold(struct sip_flow *f, struct sip_flow_user *u,
	const struct sip_flow_events *events);
/* Holds the flow by which a response to a request from f goes (RFC 3261
 * section 18.2.2, RFC 3581 section 4).  Where the connection of the request
 * is gone, a new one to the source address and the port of sent-by. */
bool sip_flow_open_reply(struct sip_flow *f, const struct sip_via *via,
	struct sip_flow_user *u, const struct sip_flow_events *events,
	struct err *e);
void sip_flow_drop(struct sip_flow_user *u); /* holding none is fine */

/* False: not sent, and e says why.  Only on a ready flow. */
bool sip_flow_send(struct sip_flow *f, struct span bytes, struct err *e);

/* The bytes as they are, no message: a keep-alive (sip/keepalive.h).  Lost
 * where they cannot be sent. */
void sip_flow_send_raw(struct sip_flow *f, struct span bytes);
/* Monotonic: when a stream brought anything last; 0: never. */
usec_t sip_flow_heard_at(const struct sip_flow *f);

bool sip_flow_is_ready(const struct sip_flow *f);
bool sip_flow_is_reliable(const struct sip_flow *f);
/* Messages are told apart by their Content-Length alone (18.3). */
bool sip_flow_is_stream(const struct sip_flow *f);
enum sip_transport_kind sip_flow_kind(const struct sip_flow *f);
const struct endpoint *sip_flow_remote(const struct sip_flow *f);
/* The address this end has on it, as the far side sees it: a wildcard is
 * resolved by the route, an advertised address stands for it.  Its port is
 * where requests come in. */
struct endpoint sip_flow_local(const struct sip_flow *f);

/* Appends "192.0.2.1:5060": our sent-by of a request on this ready flow. */
bool sip_flow_sent_by(struct buf *out, const struct sip_flow *f);
/* Does the far side know us by this sent-by (RFC 3261 section 18.1.2)? */
bool sip_flow_is_sent_by(const struct sip_flow *f, const struct sip_via *via);

/* What the server transport adds to the first Via of a request that came by
 * this flow (RFC 3261 section 18.2.1, RFC 3581 section 4): the source address
 * and port, or "" and 0. */
void sip_flow_received(const struct sip_flow *f, const struct sip_via *via,
	char received[ENDPOINT_TEXT_SIZE], uint16_t *rport);

/* A response without a transaction (RFC 3261 section 8.2.7), to where `via`
 * says, or to the source where it is NULL.  Forgotten where it cannot go. */
void sip_flow_reply(
	struct sip_flow *f, const struct sip_via *via, struct span response);

#endif
