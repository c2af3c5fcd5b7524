/* session - one client's connection, and once bound one resource of a user
 *
 * It is freed by the wire's `closed`, or by session_drop; what was sent to it
 * and not acknowledged (XEP-0198) then goes to the user's other resources or
 * offline store.
 *
 * Flow control: what cannot be written yet waits in the outbox.  Whoever
 * sends to a session whose outbox is long is not read from until it is short
 * again; a client that takes nothing for STALL_LIMIT is dropped.
 */
#ifndef XMPPSERVE_SESSION_H
#define XMPPSERVE_SESSION_H

#include "server.h"
#include "user.h"
#include "xmpp/iq.h"
#include "xmpp/sm.h"
#include "xmpp/wire.h"

#define NEGOTIATION_LIMIT (30 * USEC_SEC)
#define STALL_LIMIT (30 * USEC_SEC)
#define OUTBOX_LONG 64	  /* stanzas: who sends more has to wait */
#define OUTBOX_MAX 10000  /* one sender's read-ahead and a large roster */
#define DIRECTED_MAX 1000 /* RFC 6121 section 4.6: remembered receivers */

enum session_phase {
	SESSION_CONNECTED, /* until TLS is up */
	SESSION_SECURE,	   /* until it is known who it is */
	SESSION_KNOWN,	   /* until a resource is bound */
	SESSION_BOUND,
};

struct session {
	struct link link;    /* of server.sessions */
	struct link of_user; /* of user.sessions, once bound */
	struct server *server;
	struct xmpp_wire *wire;
	enum session_phase phase;
	struct timer *limit; /* of negotiation, then of a stalled outbox */
	struct endpoint from;
	bool silent; /* by a fault */
	bool dropping;

	char mechanism[32]; /* of the exchange at hand; "": none */
	struct xmpp_scram_server *scram;
	unsigned attempts;

	struct user *user;
	struct xmpp_jid jid; /* full, once bound */
	struct xmpp_iqs *iqs;
	struct xmpp_sm sm;
	struct link outbox; /* struct parcel */
	size_t outbox_count;
	struct session *waits_for; /* it is not read from because of that one */

	struct xmpp_stanza *presence; /* the last available one; NULL: none */
	int priority;
	bool interested; /* asked for the roster: gets pushes */
	struct map directed; /* receivers of directed presence */
};

void session_accept(struct server *s, struct accepted *offer,
	const struct endpoint *from, bool direct_tls);

/* A stanza to this client, taken. */
void session_send(struct session *c, struct xmpp_stanza *s);
/* From within the handling of what `sender` sent: session_send, and sender
 * waits where c is slow. */
void session_deliver(
	struct session *c, struct session *sender, struct xmpp_stanza *s);

/* Ends with a stream error, or without where condition is NULL. */
void session_end(struct session *c, const char *condition);

/* At once, without a farewell. */
void session_drop(struct session *c);

/* By a fault: does it, and true where nothing else is to be done. */
bool session_fault(struct session *c, enum fault_when when);

/* negotiate.c: what comes before the session is bound. */
void negotiate_header(struct session *c, const struct xmpp_header *h);
void negotiate_element(struct session *c, struct xmpp_stanza *s);
void negotiate_clear(struct session *c);

/* session.c, for negotiate.c: the resource is c->jid's. */
void session_bound(struct session *c);

#endif
