/* notifier - news of ourselves, for those who subscribe to them
 *
 * RFC 6665, the notifier, of one event package on one user agent: takes the
 * SUBSCRIBEs for it (489 to those for others), gives each watcher the present
 * document at once and whenever it changes, one NOTIFY at a time, and ends a
 * subscription at its expiry (reason timeout), when the watcher wants it, when
 * it does not answer or does not know of it (481), and all of them at the end
 * (reason noresource).
 */
#ifndef SIP_NOTIFIER_H
#define SIP_NOTIFIER_H

#include "sip/ua.h"

/* Watchers there may be at once; the next one gets 500 with Retry-After. */
#define SIP_WATCHERS_MAX 1000
#define SIP_NOTIFIER_EXPIRES_MIN 60   /* seconds; less is 423 */
#define SIP_NOTIFIER_EXPIRES_MAX 3600 /* more is granted this */

struct sip_notifier;

struct sip_notifier_settings {
	struct sip_ua *ua;
	const char *event;        /* the package: borrowed */
	const char *content_type; /* of its document: borrowed */
	uint32_t expires_min;     /* 0: the one above */
};

struct sip_notifier_handlers {
	/* Somebody watches, by the URI of From, or does no longer.  NULL:
	 * nobody wants to know. */
	void (*watched)(void *arg, struct span who, bool begins);
	/* All are gone, after sip_notifier_end.  May be NULL. */
	void (*ended)(void *arg);
};

struct sip_notifier *sip_notifier_new(const struct sip_notifier_settings *s,
	const struct sip_notifier_handlers *handlers, void *arg);
void sip_notifier_free(struct sip_notifier *n); /* at once, in silence */

/* From now on this is the document; empty: there is none. */
void sip_notifier_publish(struct sip_notifier *n, struct span document);
size_t sip_notifier_watchers(const struct sip_notifier *n);

/* Takes no more of them, tells all that it is over, then `ended`. */
void sip_notifier_end(struct sip_notifier *n);

#endif
