/* subscription_private - the inside of a subscription, for its own files
 *
 * subscription.c has its dialog, its timer and its handle, subscription_ask.c
 * SUBSCRIBE and what is answered, subscription_notify.c NOTIFY.
 */
#ifndef SIP_SUBSCRIPTION_PRIVATE_H
#define SIP_SUBSCRIPTION_PRIVATE_H

#include "sip/subscription.h"
#include "sip/ua_private.h"

#define SIP_SUBSCRIPTION_CALL_ID 24
#define SIP_SUBSCRIPTION_TAG 12

/* What the timer is set for. */
enum sip_subscription_due {
	DUE_NOTIFY,  /* Timer N: one should have come */
	DUE_REFRESH, /* SUBSCRIBE in the dialog */
	DUE_AGAIN,   /* SUBSCRIBE in a new one */
	DUE_END,     /* there is nothing more to wait for */
};

struct sip_subscription {
	struct sip_ua_child child;
	struct sip_ua *ua;
	const struct sip_subscription_handlers *handlers;
	void *arg;
	char *uri, *event, *accept, *from;
	enum sip_transport_kind kind;
	uint32_t expires; /* asked for */

	char call_id[SIP_SUBSCRIPTION_CALL_ID + 1],
		tag[SIP_SUBSCRIPTION_TAG + 1];
	uint32_t cseq; /* of the SUBSCRIBE that makes the dialog */
	struct sip_ua_awaited awaited;
	struct sip_dialog dialog; /* key NULL: none yet */
	struct sip_request *request;
	char *sent; /* the SUBSCRIBE as it was composed last */
	size_t sent_len;
	struct timer *timer;
	enum sip_subscription_due due;
	usec_t until;     /* monotonic: what was granted */
	usec_t refreshed; /* monotonic: asked for the whole state last; 0: not */
	bool has_heard;   /* a NOTIFY of this dialog */
	bool wants_state; /* all of it, as soon as may be */
	bool is_ending;   /* Expires: 0, by us or as a fetch */
	bool is_over;     /* the notifier ended it */
	bool was_raised;  /* by a 423 */
	struct err failure;
};

/* ---- subscription.c ---- */

void sip_subscription_set_due(struct sip_subscription *s,
	enum sip_subscription_due due, usec_t after);
/* `ended` with s->failure, from the loop. */
void sip_subscription_end_soon(struct sip_subscription *s);
/* A new dialog, after a while: the old one is gone, or could not be had. */
void sip_subscription_begin_again(struct sip_subscription *s, usec_t after);
/* It is there for so many seconds from now. */
void sip_subscription_granted(struct sip_subscription *s, uint32_t seconds);
/* s->dialog, which was started, takes requests. */
bool sip_subscription_add_dialog(struct sip_subscription *s);

/* ---- subscription_ask.c ---- */

void sip_subscription_ask(struct sip_subscription *s);

/* ---- subscription_notify.c ---- */

/* arg is the subscription. */
void sip_subscription_on_notify(
	void *arg, struct sip_server *server, struct sip_scan *m);

#endif
