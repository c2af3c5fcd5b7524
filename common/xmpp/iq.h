/* iq - requests and their replies (RFC 6120 section 8.2.3), for either side
 *
 * A request gets an id nobody can guess.  A reply is one only where its id
 * and its sender are those of an open request (CVE-2015-8688 and its like):
 * the sender is the addressee; of a request to no one, to our account or to
 * our server also nobody, our bare JID or our domain (section 8.1.2.1).  What
 * does not fit is dropped, and the request stays open for the real reply.
 *
 * A request that came is answered by who registered for its payload, else
 * with service-unavailable.
 */
#ifndef XMPP_IQ_H
#define XMPP_IQ_H

#include "net/loop.h"
#include "xmpp/jid.h"
#include "xmpp/stanza.h"

struct xmpp_iqs; /* the requests of one stream */
struct xmpp_iq;  /* one that is open */

/* s is taken, also on failure. */
typedef bool xmpp_iq_send(void *arg, struct xml_element *s, struct err *e);

struct xmpp_iqs *xmpp_iqs_new(struct loop *l, xmpp_iq_send *send, void *arg);
/* Open requests are forgotten without a call. */
void xmpp_iqs_free(struct xmpp_iqs *q);
/* Whose replies may come from nobody: our full JID; copied. */
void xmpp_iqs_set_self(struct xmpp_iqs *q, const struct xmpp_jid *self);
/* Every open request ends with e: the stream is gone. */
void xmpp_iqs_end(struct xmpp_iqs *q, const struct err *e);

/* The session is gone, its stream goes on (xmpp/stream.h): every open request
 * is in doubt, until _trust says that this one is on its way all the same
 * (false: it is not open); the others end with e. */
void xmpp_iqs_doubt(struct xmpp_iqs *q);
bool xmpp_iqs_trust(struct xmpp_iqs *q, struct span id);
void xmpp_iqs_end_doubtful(struct xmpp_iqs *q, const struct err *e);

/* ---- asking ---- */

/* An <iq/> of type get or set; the caller puts one child into it. */
struct xml_element *xmpp_iq_make(const char *type, const char *to);

/* Called exactly once unless the request was cancelled.  A result: e is
 * ERR_NONE.  An error: reply and e, of STATUS_REFUSED or as its condition
 * has it.  No reply: NULL and why. */
typedef void xmpp_iq_done(
	void *arg, const struct xml_element *reply, const struct err *e);

/* s is taken; its id is set, or kept where it has one.  NULL: it could not be
 * sent.  wait USEC_NEVER: until the stream ends. */
struct xmpp_iq *xmpp_iq_request(struct xmpp_iqs *q, struct xml_element *s,
	usec_t wait, xmpp_iq_done *done, void *arg, struct err *e);
void xmpp_iq_cancel(struct xmpp_iq *iq); /* NULL is fine */
/* Of the open request, until it is done. */
const char *xmpp_iq_id(const struct xmpp_iq *iq);

/* ---- answering ---- */

/* False: not answered, and it gets service-unavailable.  True: answered, now
 * or later, by xmpp_iqs_answer. */
typedef bool xmpp_iq_handler(void *arg, const struct xml_element *request);
/* type "get" or "set"; the child's name and namespace, borrowed. */
void xmpp_iqs_on(struct xmpp_iqs *q, const char *type, const char *name,
	const char *ns, xmpp_iq_handler *handler, void *arg);
void xmpp_iqs_answer(struct xmpp_iqs *q, struct xml_element *reply);

/* ---- what came ---- */

/* Every <iq/> of the stream goes here; s stays the caller's. */
void xmpp_iqs_take(struct xmpp_iqs *q, const struct xml_element *s);
/* Replies that nobody asked for, or from another than was asked. */
uint64_t xmpp_iqs_dropped(const struct xmpp_iqs *q);

/* May a stanza with this `from` (NULL: none) speak for our own account, as a
 * roster push must (RFC 6121 section 2.1.6)? */
bool xmpp_from_account(const char *from, const struct xmpp_jid *self);

#endif
