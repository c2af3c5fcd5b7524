/* stream - a client's stream: from a domain name to a bound resource
 *
 * RFC 6120 sections 3 to 7 and 13, XEP-0368, XEP-0198: finds the servers of
 * the domain and tries them in turn, requires TLS and a certificate of the
 * JID's domain (never of the SRV target), authenticates, binds a resource,
 * turns stream management on.  Stanzas may be given to it at any time; what
 * comes too early waits and goes out in one write with what ends the
 * negotiation.
 *
 * A bound stream that was cut is resumed (XEP-0198 section 5): what the far
 * side did not get is written again, in order, and nobody above notices.  Where
 * it cannot be resumed a new session is bound.  Between the attempts is a
 * growing pause (RFC 6120 section 3.3); not after a conflict, host-unknown or
 * not-authorized, nor where TLS or the password fail.  see-other-host is
 * followed (section 4.9.3.19), since the certificate there must be of the JID's
 * domain as everywhere.
 *
 * What can be said without waiting is said early (xmpp/known.h): <starttls/>
 * with the first header; the first word of SASL, and the request to bind with
 * all that waits, where the server's offer is known from the last time.  Where
 * it stumbles over that, the same is done again a step at a time.
 *
 * Each phase has its deadline and its sentence ("silent after <proceed/>"); a
 * target has its share of what is left of the whole deadline.  A failure
 * before authentication goes on to the next target, one after it ends all.
 *
 * xmpp/client.h is the door for tools; this is the floor under it.
 */
#ifndef XMPP_STREAM_H
#define XMPP_STREAM_H

#include "net/resolve.h"
#include "net/tls.h"
#include "net/tunnel.h"
#include "xmpp/jid.h"
#include "xmpp/sm.h"
#include "xmpp/target.h"

/* The longest silence of a server within the negotiation. */
#define XMPP_STREAM_PHASE_DEADLINE (10 * USEC_SEC)
/* The pause before connecting again: at random, at first up to this, then up
 * to twice as much each time. */
#define XMPP_STREAM_REST_FIRST (250 * USEC_MS)
#define XMPP_STREAM_REST_MAX (60 * USEC_SEC)
/* Stanzas that are written before the server has said whether the session can
 * be resumed. */
#define XMPP_STREAM_UNSURE_MAX 8
/* How long a server is asked to keep a session. */
#define XMPP_STREAM_KEEP_MAX (600 * USEC_SEC)
#define XMPP_STREAM_REDIRECTS_MAX 5 /* in a row */
/* Falling back to the Web.  After so long without a word from any port that was
 * tried, host-meta is asked for beside them, once in a run; … */
#define XMPP_STREAM_WEB_SILENCE (2 * USEC_SEC)
/* … when it has named a WebSocket or BOSH, that port and each of those behind it
 * has so long yet; … */
#define XMPP_STREAM_WEB_PATIENCE (500 * USEC_MS)
/* … and when they have all failed, it has so long yet. */
#define XMPP_STREAM_WEB_DEADLINE (5 * USEC_SEC)

struct xmpp_stream;

/* For -v and -vv, secrets taken out, and for what goes wrong but ends nothing;
 * all may be NULL. */
struct xmpp_log {
	void (*note)(void *arg, const char *sentence);
	void (*warn)(void *arg, const char *sentence);
	void (*trace)(void *arg, bool sent, struct span text);
	void *arg;
};

struct xmpp_stream_settings {
	/* With a resource: that one is asked for.  Without a localpart: nobody
	 * in particular (ANONYMOUS). */
	const struct xmpp_jid *jid;
	struct span username; /* to authenticate as; empty: the localpart */
	/* Copied, and wiped with the stream.  Empty: by the certificate of tls
	 * (EXTERNAL), or ANONYMOUS. */
	struct span password;
	bool allow_plain;
	/* Online as soon as TLS is up: nobody has to prove who he is, any
	 * element goes out and comes, the server's offer first. */
	bool unauthenticated;
	const struct xmpp_target *server; /* instead of SRV; NULL */
	const char *const *connect_to;    /* see net/connect_to.h; borrowed */
	/* Through this proxy, whose host and port these are; NULL: straight. */
	const struct tunnel_settings *via;
	/* By what the domain's host-meta names, of these kinds
	 * (XMPP_TARGET_KIND); 0: by the DNS. */
	unsigned web;
	/* To these also where neither STARTTLS nor direct TLS can be reached,
	 * unless what is said above speaks against it; and at once where that
	 * has helped the last time. */
	bool fall_back;
	struct tls_settings tls; /* alpn is set here */
	const char *tls_name;    /* instead of the JID's domain; NULL */
	enum resolve_family family;
	usec_t deadline; /* monotonic, until bound; USEC_NEVER */
	/* How long it is tried to come back after a cut, within the deadline; 0:
	 * the first cut is the end. */
	usec_t reconnect;
	/* What the server offers and has proved is kept from run to run
	 * (xmpp/keep.h); never where TLS is not verified. */
	bool remember;
	bool no_tokens; /* XEP-0484: neither use one nor ask for one */
	bool unpin;     /* what it has proved before does not count */
	struct xmpp_log log;
};

struct xmpp_stream_handlers {
	/* Bound: xmpp_stream_jid is known.  What waited is on its way.  Again for
	 * each new session, but not where one was resumed. */
	void (*online)(void *arg);
	/* The session is gone: the time to sift the queue of xmpp_stream_sm,
	 * which goes on in a new session.  Nothing may be sent or freed in it.
	 * NULL: nothing that was written is written again. */
	void (*forgotten)(void *arg);
	/* A stanza of jabber:client, the callee's.  It counts as handled when
	 * this returns, unless xmpp_stream_defer was called in it. */
	void (*stanza)(void *arg, struct xml_element *s);
	/* The far side acknowledged; or the queue has room again. */
	void (*progress)(void *arg);
	/* The far side was asked for an answer, which need not have been written
	 * yet: is it there?  NULL: nobody wants to know. */
	void (*asked)(void *arg);
	/* The last call, once: ERR_NONE where we closed and the far side too. */
	void (*ended)(void *arg, const struct err *e);
};

/* The strings of s are copied.  NULL and e: the CA file cannot be read, the
 * domain is no domain … */
struct xmpp_stream *xmpp_stream_new(struct loop *l, struct resolver *r,
	const struct xmpp_stream_settings *s,
	const struct xmpp_stream_handlers *handlers, void *arg, struct err *e);
void xmpp_stream_free(struct xmpp_stream *s); /* at once; NULL is fine */

/* Takes the stanza, also on failure: the queue is full (retryable, until
 * `progress`), the stream is closing, XML cannot carry it, or it is larger than
 * the server takes (XEP-0478), which is known once we are online: whoever has
 * more than XMPP_STANZA_LEAST bytes waits for that. */
bool xmpp_stream_send(
	struct xmpp_stream *s, struct xml_element *stanza, struct err *e);
bool xmpp_stream_is_full(const struct xmpp_stream *s);
bool xmpp_stream_is_online(const struct xmpp_stream *s);
/* Since when, without a cut; monotonic.  Of one that is online only. */
usec_t xmpp_stream_since(const struct xmpp_stream *s);

/* In `stanza` only: it is not handled yet; the number is for _handled. */
uint32_t xmpp_stream_defer(struct xmpp_stream *s);
void xmpp_stream_handled(struct xmpp_stream *s, uint32_t number);

/* Is somebody there?  Writes a space, and where stream management is on asks
 * for an acknowledgement, whose coming xmpp_stream_heard shows. */
void xmpp_stream_probe(struct xmpp_stream *s);
usec_t xmpp_stream_heard(const struct xmpp_stream *s);
/* As conn_has_more. */
bool xmpp_stream_has_more(const struct xmpp_stream *s);

/* In order: what is queued, the last acknowledgement, </stream:stream>. */
void xmpp_stream_close(struct xmpp_stream *s);
/* The far side has been silent for too long: without a farewell. */
void xmpp_stream_abandon(struct xmpp_stream *s, const struct err *why);

/* XEP-0352: while it is not active the server may hold back what can wait.
 * Said where the server has offered it, on every connection anew. */
void xmpp_stream_set_active(struct xmpp_stream *s, bool active);

void xmpp_stream_pause(struct xmpp_stream *s, bool paused); /* reading */

/* XEP-0386: the caller fetches from the archive whatever waits for the account,
 * and has said so before the stream connects: where that archive is known to
 * take every message, the first session may be bound with authentication,
 * which throws away what is stored offline. */
void xmpp_stream_set_catches_up(struct xmpp_stream *s, bool catches_up);
/* What the next run may go by: our account has an archive, and by its
 * preferences (XEP-0441) it takes every message.  Once we are online. */
void xmpp_stream_set_archived(struct xmpp_stream *s, bool archived);
/* It was bound so, … */
bool xmpp_stream_is_inline(const struct xmpp_stream *s);
/* … carbons are on, … */
bool xmpp_stream_has_carbons(const struct xmpp_stream *s);
/* … and this was the id of the last message in the archive; NULL: not known,
 * or there was none. */
const char *xmpp_stream_archive_end(const struct xmpp_stream *s);

/* The bound JID; before that the account's. */
const struct xmpp_jid *xmpp_stream_jid(const struct xmpp_stream *s);
/* Who has what: for the report of what was not acknowledged. */
struct xmpp_sm *xmpp_stream_sm(struct xmpp_stream *s);

#endif
