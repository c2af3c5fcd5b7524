/* wire - the two XML streams on one connection, as either side has them
 *
 * RFC 6120 section 4: framing, stream headers, stream errors, the orderly
 * close.  The half that clients and servers share; who says what when is
 * theirs (xmpp/stream.h, a server's session).  What comes up are headers and
 * whole elements, what goes down likewise, so that another framing, that of
 * RFC 7395 over WebSocket or that of BOSH (XEP-0206), is a matter of this room
 * only.
 *
 * What is sent within one turn of the loop goes out as one write.  No handler
 * is called from within a function of this room; each may call all of them,
 * xmpp_wire_free too.
 */
#ifndef XMPP_WIRE_H
#define XMPP_WIRE_H

#include "net/conn.h"
#include "net/ws.h"
#include "xmpp/stanza.h"

/* Four of the largest stanzas a peer takes. */
#define XMPP_WIRE_OUT_MAX (4 * 256 * 1024)
/* How long the far side may take to close its stream after we closed ours;
 * with conn's own second a run ends within two (hazards, figure 13). */
#define XMPP_WIRE_CLOSE_DEADLINE (1 * USEC_SEC)

struct xmpp_wire;

/* Of either direction; empty where not given. */
struct xmpp_header {
	struct span from, to, id, lang;
};

struct xmpp_wire_handlers {
	/* Connected, and through TLS where that was there from the start. */
	void (*open)(void *arg);
	/* TLS that xmpp_wire_start_tls began is up. */
	void (*secured)(void *arg);
	/* The far side's header: in our namespaces, of version 1.x.  Until
	 * the handler returns. */
	void (*header)(void *arg, const struct xmpp_header *h);
	/* A whole element, of any namespace but a stream error; the callee's
	 * to xml_element_free. */
	void (*element)(void *arg, struct xml_element *s);
	/* The far side closed its stream: what is sent now still goes out in
	 * front of our own closing tag.  May be NULL. */
	void (*ending)(void *arg);
	/* The turn ends: what is sent now goes out in the same write.  May be
	 * NULL. */
	void (*flushing)(void *arg);
	/* xmpp_wire_send may be tried again.  May be NULL. */
	void (*drained)(void *arg);
	/* The last call, once: both streams were closed in order (ERR_NONE), or
	 * why not.  A stream error of the far side is its condition. */
	void (*closed)(void *arg, const struct err *e);
	/* For -vv, secrets redacted.  May be NULL. */
	void (*trace)(void *arg, bool sent, struct span text);
};

/* Of the URL of a connection manager; borrowed. */
struct xmpp_wire_bosh {
	const char *host; /* as in the Host field of HTTP */
	const char *path;
};

struct xmpp_wire_settings {
	/* "jabber:client": of both streams (RFC 6120 section 4.8.2);
	 * borrowed. */
	const char *content_ns;
	/* Addresses, TLS from the start and the deadline to connect; the bounds
	 * are set here.  On an accepted connection only the TLS. */
	struct conn_settings conn;
	/* Over WebSocket (RFC 7395): host and path of its URL, the protocol is
	 * set here; NULL: RFC 6120's framing. */
	const struct ws_terms *ws;
	/* By BOSH, which only a client does; NULL: not. */
	const struct xmpp_wire_bosh *bosh;
};

struct xmpp_wire *xmpp_wire_connect(struct loop *l,
	const struct xmpp_wire_settings *s,
	const struct xmpp_wire_handlers *handlers, void *arg);
struct xmpp_wire *xmpp_wire_accept(struct loop *l, struct accepted *offer,
	const struct xmpp_wire_settings *s,
	const struct xmpp_wire_handlers *handlers, void *arg);
/* At once, without a farewell; `closed` is not called; NULL is fine. */
void xmpp_wire_free(struct xmpp_wire *w);

/* Our stream header.  The second and later ones begin a new stream on the
 * same connection, without an XML declaration. */
void xmpp_wire_open(struct xmpp_wire *w, const struct xmpp_header *h);

/* From within `element`, after an element that ends the far side's stream
 * (SASL success, section 6.4.6): its next byte is that of a new header, and
 * what came in one piece with the element is forgotten.  (Over WebSocket and
 * BOSH it is in another message, and comes.) */
void xmpp_wire_restart(struct xmpp_wire *w);

/* From within `element`, on <starttls/> or <proceed/>: TLS begins with the next
 * byte and a new stream after it.  Plain bytes that came behind the element
 * end the connection with STATUS_TLS.  Not over WebSocket (RFC 7395 section
 * 3.9), nor by BOSH. */
void xmpp_wire_start_tls(struct xmpp_wire *w, struct tls_config *config,
	const struct tls_peer *peer);

/* False: s cannot be written (STATUS_MALFORMED), our stream is closed, or the
 * queue is full, which is STATUS_LOCAL_IO, retryable and ends with
 * `drained`.  s stays the caller's. */
bool xmpp_wire_send(
	struct xmpp_wire *w, const struct xml_element *s, struct err *e);
/* For a server that is wrong on purpose: bytes as they are; and what comes from
 * now on is not looked at, not even for what it is, until the connection
 * ends. */
void xmpp_wire_write(struct xmpp_wire *w, struct span bytes);
void xmpp_wire_ignore(struct xmpp_wire *w);
/* Section 4.6.1: a space; a ping of WebSocket; BOSH has its own. */
void xmpp_wire_keepalive(struct xmpp_wire *w);
void xmpp_wire_flush(struct xmpp_wire *w); /* not only at the turn's end */
bool xmpp_wire_is_full(const struct xmpp_wire *w);
/* While paused nothing comes, and from within `element` not what is behind
 * it. */
void xmpp_wire_pause(struct xmpp_wire *w, bool paused);

/* Closes our stream, waits for the far side's end, then `closed`. */
void xmpp_wire_close(struct xmpp_wire *w);
/* Closes our stream behind a stream error; `closed` is given why.  `error` is an
 * <error/> of streams (xmpp_error_stream) and taken, or NULL; an accepted
 * stream that has no header yet gets one for it.  The far side
 * is not listened to any more. */
void xmpp_wire_refuse(
	struct xmpp_wire *w, struct xml_element *error, const struct err *why);
/* Ends it without waiting for anybody; `closed` is given why. */
void xmpp_wire_abandon(struct xmpp_wire *w, const struct err *why);

/* The same, at once and by a reset. */
void xmpp_wire_reset(struct xmpp_wire *w, const struct err *why);

/* Looks; NULL where there is no TLS, or no connection any more.  By BOSH it is
 * that of one of several connections. */
const struct tls *xmpp_wire_tls(const struct xmpp_wire *w);
/* In `closed`: where the stream error see-other-host sends us (RFC 6120 section
 * 4.9.3.19); NULL. */
const char *xmpp_wire_other_host(const struct xmpp_wire *w);
const struct endpoint *xmpp_wire_remote(const struct xmpp_wire *w);
size_t xmpp_wire_queued(const struct xmpp_wire *w); /* not yet in the kernel */
usec_t xmpp_wire_heard(const struct xmpp_wire *w);  /* when bytes last came */
bool xmpp_wire_has_more(const struct xmpp_wire *w); /* as conn_has_more */
usec_t xmpp_wire_spoke(const struct xmpp_wire *w);  /* when bytes last went */

#endif
