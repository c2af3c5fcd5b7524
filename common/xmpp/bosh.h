/* bosh - a session of BOSH: a stream over requests of HTTP (XEP-0124, XEP-0206)
 *
 * One request is with the server nearly always, which answers it when there is
 * something to tell; what we have to say goes in a second one.  Two
 * connections at most.  Answers are taken in the order of their requests: that
 * of the younger one is not read before its time, and no answer faster than it
 * is used, so that nothing a server sends piles up here.  A request whose
 * connection broke is repeated as it was, and what of its answer has come before
 * is not handed up twice (section 14.3).
 *
 * A session is bound to no TLS channel.  Its requests go over as many
 * connections as it takes, each with its own keys, and any of them is gone
 * before the session is (XEP-0124 sections 4 and 5); but tls-exporter and
 * tls-unique are of one connection (RFC 9266 section 2, RFC 5929 section 3), and
 * the certificate of tls-server-end-point is that of the connection manager,
 * which need not be the server that authenticates us (XEP-0124 section 3).  No
 * text forbids a binding, and none says to which of them it would be.  So -PLUS
 * is not used, and the flag of RFC 5802 section 6 is "n": "y" would claim that
 * we could.
 *
 * As with net/conn, none of the functions here calls a handler, and each handler
 * may call all of them, _free too.  `closed` is the last call, once.
 */
#ifndef XMPP_BOSH_H
#define XMPP_BOSH_H

#include "net/http_link.h"
#include "xmpp/stanza.h"

/* How long the server may hold a request: less than what makes a client ask
 * whether anybody is there (xmpp/client.h), and than the NATs forget. */
#define XMPP_BOSH_WAIT 45 /* seconds */
/* And how much longer its answer may take to come. */
#define XMPP_BOSH_ANSWER (10 * USEC_SEC)
#define XMPP_BOSH_REQUESTS 2
/* How often one request is sent in all. */
#define XMPP_BOSH_TRIES 3

struct xmpp_bosh;

struct xmpp_bosh_handlers {
	void (*open)(void *arg); /* connected, TLS too */
	/* The session is there, or the stream in it has begun anew; from may
	 * be empty. */
	void (*header)(void *arg, struct span from, struct span id);
	/* The callee's. */
	void (*element)(void *arg, struct xml_element *s);
	/* xmpp_bosh_may_send may have turned true. */
	void (*ready)(void *arg);
	/* ERR_NONE: the session was terminated in order. */
	void (*closed)(void *arg, const struct err *e);
};

/* Addresses, strings and tunnel of s are copied, the TLS borrowed. */
struct xmpp_bosh *xmpp_bosh_new(struct loop *l,
	const struct http_link_settings *s,
	const struct xmpp_bosh_handlers *handlers, void *arg);
void xmpp_bosh_free(struct xmpp_bosh *b); /* at once; NULL is fine */

/* The session or, where there is one, a new stream in it (XEP-0206 section 5);
 * copied. */
void xmpp_bosh_open(struct xmpp_bosh *b, struct span to, struct span from,
	struct span lang);

bool xmpp_bosh_may_send(const struct xmpp_bosh *b);
/* One request with these elements; where it is the last, the session is
 * terminated, and `closed` follows.  Where it may be sent. */
void xmpp_bosh_send(struct xmpp_bosh *b, struct span payload, bool is_last);

bool xmpp_bosh_is_on(const struct xmpp_bosh *b); /* there is a session */
/* Without a farewell; `closed` follows. */
void xmpp_bosh_leave(struct xmpp_bosh *b);

/* While paused nothing comes, and from within `element` not what is behind
 * it. */
void xmpp_bosh_pause(struct xmpp_bosh *b, bool paused);

usec_t xmpp_bosh_heard(const struct xmpp_bosh *b); /* when bytes last came */
/* Of the connection last opened; NULL where there is none. */
const struct conn *xmpp_bosh_conn(const struct xmpp_bosh *b);

#endif
