/* session - a client's stream, and once bound one resource of a user
 *
 * It leaves its user as soon as it is known to end: it is unavailable, and
 * what was sent to it and not acknowledged (XEP-0198), or not even written,
 * goes to another resource, to the offline store or back.  It is freed when
 * its connection is closed too.
 *
 * Flow control: what cannot be written yet waits in the outbox.  Whoever
 * causes something to be sent to a session whose outbox is long is not read
 * from until it is short again; a client that takes nothing for STALL_LIMIT is
 * dropped.  How much a client has acknowledged does not make anybody wait:
 * two clients that flood each other would wait for each other's <a/>.
 */
#ifndef XMPPSERVE_SESSION_H
#define XMPPSERVE_SESSION_H

#include "queue.h"
#include "server.h"
#include "user.h"
#include "xmpp/presence.h"
#include "xmpp/sm.h"
#include "xmpp/wire.h"

#define NEGOTIATION_LIMIT (30 * USEC_SEC)
#define STALL_LIMIT (30 * USEC_SEC)
#define OUTBOX_LONG (256 << 10) /* bytes of memory: who sends more waits */
/* Beyond what waits there: a whole offline store. */
#define OUTBOX_MAX (OFFLINE_MEMORY_MAX + (16 << 20))
#define UNACKED_MAX 20000 /* stanzas, for a client that never says <a/> */
#define MECHANISM_MAX 20  /* RFC 4422 section 3.1 */

enum session_phase {
	SESSION_CONNECTED, /* until TLS is up */
	SESSION_SECURE,    /* until it is known who it is */
	SESSION_KNOWN,     /* until a resource is bound */
	SESSION_BOUND,
	SESSION_ENDING, /* no resource any more, and nothing it says counts */
};

struct session {
	struct link link;    /* of server.sessions */
	struct link of_user; /* of user.sessions, while bound */
	struct server *server;
	struct xmpp_wire *wire; /* NULL: none, what is sent waits */
	struct endpoint from;
	enum session_phase phase;
	struct timer *limit; /* of negotiation, a stalled outbox, sleep */
	bool silent; /* by a fault: it is neither answered nor listened to */
	bool asleep; /* cut, and kept for who resumes it: resume.c */
	usec_t keep; /* for so long; 0: not at all */

	char mechanism[MECHANISM_MAX + 1]; /* being at it; "": none */
	bool sasl2;                        /* by XEP-0388 */
	struct xml_element *request;       /* its <authenticate/> */
	bool token_is_due;                 /* for a new one */
	struct xmpp_scram_server *scram;
	unsigned attempts;
	char agent[AGENT_MAX + 1]; /* the id it says it has; "": none */

	struct user *user;   /* once it is known */
	struct xmpp_jid jid; /* full, once bound */
	struct xmpp_sm sm;
	struct queue outbox;
	size_t queued;             /* in the wire when `limit` was set */
	bool overflowing;          /* it ends with this turn: nobody is freed or
			     unlinked from within session_send */
	struct session *waits_for; /* it is not read from because of that one */

	struct xml_element *presence; /* the last available one; NULL: none */
	int priority;
	bool interested;     /* asked for the roster: gets pushes */
	struct map directed; /* directed.c */
};

/* ---- session.c ---- */

/* Without a wire yet. */
struct session *session_new(struct server *s, const struct endpoint *from);
void session_accept(struct server *s, struct accepted *offer,
	const struct endpoint *from, bool direct_tls);

/* The resource is c->jid, of c->user. */
void session_bound(struct session *c);
/* What it sent after that; s is taken. */
void session_take(struct session *c, struct xml_element *s);

/* c, which is no resource yet, becomes what `old` was: its name, presence and
 * all that waits.  What is left of old ends. */
void session_take_over(struct session *c, struct session *old);

/* With a stream error, or without where condition is NULL. */
void session_end(struct session *c, const char *condition);
void session_drop(struct session *c); /* frees it: no farewell */

/* A fault is committed; true where nothing else is to be done. */
bool session_misbehave(
	struct session *c, enum fault_when when, enum fault_what what);
/* The one that is due now, if any. */
bool session_fault(struct session *c, enum fault_when when);

/* who: empty where it is known by nothing but its address; text may be NULL.
 */
void session_event(const struct session *c, const char *name, struct span who,
	const char *text);

/* ---- outgoing.c ---- */

/* A stanza to this client, taken; the one at work waits where it is slow. */
void session_send(struct session *c, struct xml_element *s);
/* All that waits, as far as the connection takes it. */
void session_pump(struct session *c);
/* Since `limit` was set: has the client taken anything? */
bool session_has_moved(const struct session *c);
void session_ask_for_ack(struct session *c); /* the turn ends */
/* An element that is no stanza, at once; taken. */
void session_say(struct session *c, struct xml_element *element);
/* Those who wait for c are read from again. */
void session_release(struct session *c);
/* What it did not get goes elsewhere. */
void session_redeliver(struct session *c);

/* ---- negotiate.c: what comes before it is bound ---- */

void negotiate_header(struct session *c, const struct xmpp_header *h);
void negotiate_features(struct session *c); /* what is offered now */
void negotiate_element(struct session *c, const struct xml_element *s);

#endif
