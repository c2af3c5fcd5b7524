/* deliver - a message, and what became of it
 *
 * RFC 6121 section 5 has no acknowledgement: only bounces come back.  Behind
 * the message, in the same write, goes a ping (XEP-0199) to the recipient's
 * bare JID, which the recipient's server answers for the account.  Stanzas
 * between two entities keep their order (RFC 6120 section 10.1), so that when
 * the answer is there, a result or an error, a bounce would have been there
 * before.  What a server swallows in silence (RFC 6121 section 8.5.1) cannot
 * be seen so.
 */
#ifndef XMPP_DELIVER_H
#define XMPP_DELIVER_H

#include "xmpp/client.h"

struct xmpp_delivery;

/* Once, unless cancelled.  ERR_NONE: the recipient's server has answered, and
 * the message had not come back.  STATUS_REFUSED: it came back, with its
 * condition.  STATUS_TIMEOUT: nobody answered in time; the sentence tells
 * whether our own server had taken it.  Else: the stream ended first. */
typedef void xmpp_delivered(void *arg, const struct err *e);

/* message is a <message/> with `to` and is taken; its id is set, or kept where
 * it has one.  wait from now.  NULL and e: it could not be queued. */
struct xmpp_delivery *xmpp_deliver(struct xmpp_client *c,
	struct xmpp_stanza *message, usec_t wait, xmpp_delivered *done,
	void *arg, struct err *e);
void xmpp_delivery_cancel(struct xmpp_delivery *d); /* NULL is fine */
/* Time is up: every open delivery ends now, as at its deadline. */
void xmpp_deliveries_give_up(struct xmpp_client *c);
const char *xmpp_delivery_id(const struct xmpp_delivery *d);

#endif
