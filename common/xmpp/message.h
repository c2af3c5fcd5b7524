/* message - what a <message/> is, and on whose word
 *
 * A message comes from its sender, or inside another one (XEP-0297): as a
 * carbon (XEP-0280), a copy of what another client of ours got or sent, or
 * from an archive (XEP-0313, xmpp/archive.h).  A copy is believed of our own
 * account only, by the outer `from`; what anybody else sends in such clothes
 * is a message of that sender, and what is inside it nothing at all.
 *
 * Also taken from those only who may say it: a delay (XEP-0203), which is of
 * our server, or of the sender, who can lie about itself only; and the id of
 * our archive (XEP-0359), which no one but our account may give, and only
 * where it has announced that it takes away what others claim.
 *
 * Everything points into the stanza that was read.
 */
#ifndef XMPP_MESSAGE_H
#define XMPP_MESSAGE_H

#include "base/clock.h"
#include "xmpp/jid.h"
#include "xmpp/stanza.h"

enum xmpp_message_way {
	XMPP_MESSAGE_DIRECT,
	XMPP_MESSAGE_CARBON,
	XMPP_MESSAGE_ARCHIVE,
};

struct xmpp_message {
	/* The message itself: of a copy the inner one. */
	const struct xml_element *stanza;
	enum xmpp_message_way way;
	bool sent;              /* by our account */
	const char *archive_id; /* in our account's archive; NULL: none */
	bool delayed;           /* `stamp` is set */
	bool stored;            /* and it is our server that says so */
	usec_t stamp;           /* wall */
	const char *replaces;   /* XEP-0308; only as xmpp/correction.h has it */
	const char *retracts;   /* XEP-0424; likewise */
};

/* ids: our account has announced XEP-0359 and XEP-0313. */
void xmpp_message_read(struct xmpp_message *m, const struct xml_element *s,
	const struct xmpp_jid *self, bool ids);

/* The one forwarded in holder, a <result/> that was found genuine.  False:
 * there is none, as where it was deleted (XEP-0313 section 3.2). */
bool xmpp_message_read_archived(struct xmpp_message *m,
	const struct xml_element *holder, const struct xmpp_jid *self);

/* XEP-0203: when a stanza, also a presence, was sent; false: nobody who may
 * has said. */
bool xmpp_delay_read(const struct xml_element *s, const struct xmpp_jid *self,
	usec_t *stamp);

/* Has it something to read?  Receipts, chat states and their like have not. */
bool xmpp_message_has_text(const struct xmpp_message *m);

/* XEP-0444: the <reactions/> to the message with its attribute `id`, all that
 * the sender has for it from now on; NULL: none. */
const struct xml_element *xmpp_message_reactions(const struct xmpp_message *m);

/* XEP-0280 section 4: to be requested, again on every new stream. */
struct xml_element *xmpp_carbons_make_enable(void);

/* XEP-0184: the receipt that this message asks for, or NULL where it asks for
 * none or may not have one: a copy, an archived one, one without id or body,
 * an error, a room's. */
struct xml_element *xmpp_receipt_make(const struct xmpp_message *m);

#endif
