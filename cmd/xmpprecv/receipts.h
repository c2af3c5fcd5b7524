/* receipts - who is told that a message has arrived (XEP-0184 section 8)
 *
 * A receipt shows that we are online, so it goes to those only who may see
 * our presence: the contacts whose subscription is `from` or `both`, and our
 * own account.  The roster is asked for when the first receipt is wanted.
 */
#ifndef XMPPRECV_RECEIPTS_H
#define XMPPRECV_RECEIPTS_H

#include "xmpp/client.h"

/* Receipts that wait for the roster; beyond that they are not given. */
#define RECEIPTS_WAITING_MAX 1000

struct receipts;

struct receipts *receipts_new(struct xmpp_client *c, bool to_all);
void receipts_free(struct receipts *r); /* NULL is fine */

/* ack is taken: it goes out now, with the roster, or not at all. */
void receipts_give(struct receipts *r, struct xml_element *ack);
/* A push that was found genuine. */
void receipts_roster(struct receipts *r, const struct xmpp_roster_item *item);
bool receipts_is_idle(void *receipts); /* for run_until: none waits */
/* A new session: pushes may have been missed. */
void receipts_renew(struct receipts *r);

#endif
