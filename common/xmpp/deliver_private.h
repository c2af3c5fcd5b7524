/* deliver_private - what the parts of deliver share
 *
 * deliver.c: beginning and end of each, and what a lost session does to them;
 * deliver_ping.c: asking the recipients' servers; deliver_words.c: bounces,
 * receipts and markers.
 */
#ifndef XMPP_DELIVER_PRIVATE_H
#define XMPP_DELIVER_PRIVATE_H

#include "xmpp/client_private.h"
#include "xmpp/deliver.h"
#include "xmpp/error.h"

struct correspondent;

struct xmpp_delivery {
	struct link link;    /* of client.deliveries */
	struct link of_them; /* of correspondent.asked */
	struct xmpp_client *client;
	struct correspondent *them; /* NULL: their server is not asked */
	char *id;
	struct xmpp_jid to;
	enum xmpp_deliver_until until;
	struct timer *timer;
	usec_t wait;
	uint64_t number; /* among those ever pushed (xmpp/sm.h) */
	bool in_doubt;   /* its session is gone … */
	bool was_acked;  /* … and our server had it */
	xmpp_delivered *done;
	void *arg;
};

/* ---- deliver.c ---- */

/* It is known: d is freed, and its owner told. */
void xmpp_delivery_end(struct xmpp_delivery *d, const struct err *e);
void xmpp_delivery_bounced(
	struct xmpp_delivery *d, const struct xmpp_error *error);

/* ---- deliver_ping.c ---- */

/* d was sent: the server of its recipient is asked. */
void xmpp_correspondent_ask(struct xmpp_delivery *d);
/* It is asked for d no more. */
void xmpp_correspondent_leave(struct xmpp_delivery *d);
/* Wherever a ping is wanted, none is open and there is room. */
void xmpp_correspondents_ping(struct xmpp_client *c);
void xmpp_correspondents_free(struct xmpp_client *c); /* all */

#endif
