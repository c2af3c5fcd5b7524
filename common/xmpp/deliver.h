/* deliver - a message, and what became of it
 *
 * RFC 6121 section 5 has no acknowledgement: only bounces come back.  How much
 * is waited for is the caller's choice:
 *
 *	sent		our own server has it (XEP-0198; where it cannot say so,
 *			the message was written)
 *	accepted	the recipient's server has answered a ping (XEP-0199)
 *			that was sent behind it to the bare JID, which a server
 *			answers for the account.  Stanzas between two entities
 *			keep their order (RFC 6120 section 10.1): when the
 *			answer is there, a result or an error, a bounce would
 *			have been there before
 *	received	a client of the recipient has said so (XEP-0184)
 *	displayed	and that it was shown (XEP-0333)
 *
 * What a server swallows in silence (RFC 6121 section 8.5.1) cannot be seen by
 * the first two.  A burst to one recipient shares its pings: there is one at a
 * time, and the next one stands behind all that was sent meanwhile.
 *
 * A session that is lost without having been resumed takes the fate of what
 * was written in it along: STATUS_TIMEOUT, or with xmpp_client_set_resend it
 * is sent again where it was not acknowledged.
 */
#ifndef XMPP_DELIVER_H
#define XMPP_DELIVER_H

#include "xmpp/client.h"

enum xmpp_deliver_until {
	XMPP_UNTIL_SENT,
	XMPP_UNTIL_ACCEPTED,
	XMPP_UNTIL_RECEIVED,
	XMPP_UNTIL_DISPLAYED,
};

struct xmpp_delivery;

/* Once, unless cancelled; never from within xmpp_deliver.  ERR_NONE: it got so
 * far, and had not come back.  STATUS_REFUSED: it came back, with its
 * condition.  STATUS_TIMEOUT: nobody said so in time, or before the connection
 * was lost; the sentence tells how far it got.  Else: it was never sent, and
 * why. */
typedef void xmpp_delivered(void *arg, const struct err *e);

/* message is a <message/> with `to` and is taken; its id is set, or kept where
 * it has one; what it takes to be told of receipts and markers is added.  wait
 * is that for an answer: after a cut it begins anew.  NULL and e: it could not be queued. */
struct xmpp_delivery *xmpp_deliver(struct xmpp_client *c,
	struct xml_element *message, enum xmpp_deliver_until until, usec_t wait,
	xmpp_delivered *done, void *arg, struct err *e);
void xmpp_delivery_cancel(struct xmpp_delivery *d); /* NULL is fine */
/* Time is up: every open delivery ends now, as at its deadline. */
void xmpp_deliveries_give_up(struct xmpp_client *c);
const char *xmpp_delivery_id(const struct xmpp_delivery *d);

#endif
