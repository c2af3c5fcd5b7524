/* client - a logged-in client: the door to XMPP for tools
 *
 * A stream (xmpp/stream.h) with what every client has on it: requests and
 * their replies, answers to XEP-0199 pings and to who asks what we can do
 * (XEP-0030), the roster's pushes, presence, messages, bounces of messages
 * that were sent, and a farewell that says `unavailable` where we had said
 * available.
 *
 *	c = xmpp_client_new(loop, resolver, &settings, &handlers, arg, e);
 *	run_until(r, xmpp_client_is_online_or_ended, c, …);
 *	xmpp_client_send(c, message, e);
 *	xmpp_client_close(c);
 *	run_until(r, xmpp_client_has_ended, c, …);
 *	xmpp_client_free(c);
 *
 * With a time to reconnect in its settings a cut is passed over (see
 * xmpp/stream.h).  Where the session was lost by it, requests that may have
 * been sent end, the presence is said again, and messages that may have been
 * sent are as xmpp/deliver.h has it.
 */
#ifndef XMPP_CLIENT_H
#define XMPP_CLIENT_H

#include "xmpp/iq.h"
#include "xmpp/presence.h"
#include "xmpp/roster.h"
#include "xmpp/stream.h"

/* After this long without a byte the far side is asked for a sign of life …
 * (RFC 6120 section 4.6.4 wants minutes; NATs forget after two) */
#define XMPP_CLIENT_QUIET (60 * USEC_SEC)
/* … which must come within this, or the connection is half open.  An answer
 * that is owed anyhow, to the <r/> behind what was written, must do so too. */
#define XMPP_CLIENT_ANSWER (30 * USEC_SEC)
/* Where the run has a deadline, half of what is left of it is enough, so that
 * another connection can be tried; but not less than this. */
#define XMPP_CLIENT_ANSWER_LEAST (5 * USEC_SEC)

struct xmpp_client;

/* All may be NULL but `ended`.  Stanzas are borrowed until the handler
 * returns. */
struct xmpp_client_handlers {
	void (*online)(void *arg);
	/* The session is lost: a message or a presence that is in the queue, and
	 * may have been written.  False: it is not to be sent in the next one
	 * (who knows better says it again); true: as it is without this. */
	bool (*keep)(void *arg, const struct xml_element *s, bool was_written);
	/* Online again, in a new session: the server knows nothing of what was
	 * asked for in the old one. */
	void (*renewed)(void *arg);
	/* All that comes, before anybody else sees it; true: nobody shall. */
	bool (*raw)(void *arg, const struct xml_element *s);
	/* Also those of type error that no delivery is waiting for. */
	void (*message)(void *arg, const struct xml_element *s);
	void (*presence)(void *arg, const struct xml_element *s,
		const struct xmpp_presence *p);
	/* A push that was found genuine; it is answered already. */
	void (*roster)(void *arg, const struct xmpp_roster_item *item);
	void (*progress)(void *arg); /* as in xmpp/stream.h */
	/* The last call, once; as in xmpp/stream.h. */
	void (*ended)(void *arg, const struct err *e);
};

struct xmpp_client *xmpp_client_new(struct loop *l, struct resolver *r,
	const struct xmpp_stream_settings *s,
	const struct xmpp_client_handlers *handlers, void *arg, struct err *e);
void xmpp_client_free(struct xmpp_client *c); /* at once; NULL is fine */

/* The stanza is taken, also on failure; before we are online it waits. */
bool xmpp_client_send(
	struct xmpp_client *c, struct xml_element *s, struct err *e);
bool xmpp_client_is_full(const struct xmpp_client *c);
/* As xmpp_iq_request. */
struct xmpp_iq *xmpp_client_request(struct xmpp_client *c,
	struct xml_element *s, usec_t wait, xmpp_iq_done *done, void *arg,
	struct err *e);
/* XEP-0199, to be requested. */
struct xml_element *xmpp_ping_make(const char *to);
/* To all; remembered for the farewell. */
bool xmpp_client_set_presence(
	struct xmpp_client *c, const struct xmpp_presence *p, struct err *e);

/* What is said to who asks what we can do, beside pings and discovery; at most
 * so many in all.  The text is borrowed. */
#define XMPP_CLIENT_FEATURES 8
void xmpp_client_add_feature(struct xmpp_client *c, const char *feature);

/* Messages that were written and not acknowledged when a session was lost are
 * sent again, with the same id: at the price that some come twice. */
void xmpp_client_set_resend(struct xmpp_client *c, bool resend);

/* As xmpp_stream_set_active. */
void xmpp_client_set_active(struct xmpp_client *c, bool active);
/* When bytes last came, on the loop's clock; 0: no connection. */
usec_t xmpp_client_heard(const struct xmpp_client *c);
/* As conn_has_more. */
bool xmpp_client_has_more(const struct xmpp_client *c);

/* As xmpp_stream_set_catches_up, _set_archived, _is_inline, _has_carbons,
 * _archive_end. */
void xmpp_client_set_catches_up(struct xmpp_client *c, bool catches_up);
void xmpp_client_set_archived(struct xmpp_client *c, bool archived);
bool xmpp_client_is_inline(const struct xmpp_client *c);
bool xmpp_client_has_carbons(const struct xmpp_client *c);
const char *xmpp_client_archive_end(const struct xmpp_client *c);

/* Unavailable where we were available, acknowledgements, the closing tag. */
void xmpp_client_close(struct xmpp_client *c);

/* In `message` and `presence`: not handled before xmpp_client_handled. */
uint32_t xmpp_client_defer(struct xmpp_client *c);
void xmpp_client_handled(struct xmpp_client *c, uint32_t number);
void xmpp_client_pause(struct xmpp_client *c, bool paused); /* reading */

/* For run_until: arg is the client. */
bool xmpp_client_is_online(void *client);
bool xmpp_client_is_online_or_ended(void *client);
bool xmpp_client_has_ended(void *client);
/* Why it ended; ERR_NONE as in `ended`. */
const struct err *xmpp_client_end(const struct xmpp_client *c);

const struct xmpp_jid *xmpp_client_jid(const struct xmpp_client *c);
struct xmpp_iqs *xmpp_client_iqs(struct xmpp_client *c);
struct xmpp_sm *xmpp_client_sm(struct xmpp_client *c);

#endif
