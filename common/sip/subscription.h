/* subscription - the news of one resource, for as long as they are wanted
 *
 * RFC 6665, the subscriber.  A SUBSCRIBE makes a dialog; the first NOTIFY may
 * come before its 2xx, and whichever is first counts (section 4.1.2.4).
 * Where none comes within Timer N the subscription has failed.  It is
 * refreshed in time, by the duration that was granted and not the one that was
 * asked for; 423 gives the least that is. When the notifier ends it, for a
 * reason after which one may come again (deactivated, timeout, probation,
 * giveup), a new one is made; so it is when a refresh finds no dialog any more
 * (481), as after a restart of the notifier.
 *
 * A NOTIFY of another event, of another dialog than ours (a fork), or out of
 * order is refused as section 4.1.3 says.
 */
#ifndef SIP_SUBSCRIPTION_H
#define SIP_SUBSCRIPTION_H

#include "sip/request.h"
#include "sip/ua.h"

#define SIP_SUBSCRIPTION_EXPIRES 3600 /* seconds, unless told */
/* Before we come again to one who was given up without a time (4.1.3). */
#define SIP_SUBSCRIPTION_RETRY (30 * USEC_SEC)
/* Between two requests for the whole state: a notifier that always leaves
 * something out shall not keep us busy (RFC 4575 section 3.9 has the pace). */
#define SIP_SUBSCRIPTION_PACE (5 * USEC_SEC)

struct sip_subscription;

struct sip_subscription_settings {
	struct sip_ua *ua;
	struct span uri;    /* whose news */
	struct span event;  /* the package and its parameters */
	struct span accept; /* media types; empty: no Accept */
	struct span from;   /* a value without a tag; empty: anonymous */
	enum sip_transport_kind kind;
	uint32_t expires; /* seconds; 0: once (a fetch, 4.4.3) */
};

enum sip_subscription_state {
	SIP_SUBSCRIPTION_PENDING, /* accepted, not yet decided */
	SIP_SUBSCRIPTION_ACTIVE,
	SIP_SUBSCRIPTION_TERMINATED,
};

/* One NOTIFY; views of it, until the handler returns. */
struct sip_notify {
	enum sip_subscription_state state;
	bool is_first;      /* of its dialog: versions in bodies begin anew */
	struct span reason; /* of terminated; may be empty */
	bool has_expires;
	uint32_t expires; /* seconds that are left */
	struct span content_type, body;
	const struct sip_scan *message;
};

struct sip_subscription_handlers {
	/* Each NOTIFY once.  It is answered with 200 when this returns; the
	 * subscription may be ended in it, not freed. */
	void (*notify)(void *arg, const struct sip_notify *n);
	/* The last call, once: ERR_NONE where we ended it, or the fetch is
	 * complete. */
	void (*ended)(void *arg, const struct err *e);
};

/* The strings are copied.  `ended` is never called from within. */
struct sip_subscription *sip_subscription_new(
	const struct sip_subscription_settings *s,
	const struct sip_subscription_handlers *handlers, void *arg);
void sip_subscription_free(
	struct sip_subscription *s); /* at once, in silence */

/* A SUBSCRIBE in the dialog soon, which is answered by a NOTIFY with the whole
 * state (RFC 6665 section 4.4.3): for who finds that something is missing.  It
 * may be called from `notify`.  Where the subscription is ending or is being
 * made anew nothing happens: the state comes, or is wanted no longer. */
void sip_subscription_refresh(struct sip_subscription *s);

/* Expires: 0, the last NOTIFY, then `ended`. */
void sip_subscription_end(struct sip_subscription *s);

/* Must be called once for a user agent before its first subscription. */
void sip_subscription_serve(struct sip_ua *ua);

#endif
