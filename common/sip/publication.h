/* publication - an event state of ours, kept at a server
 *
 * RFC 3903, the client: PUBLISH with a document, which the server knows by the
 * entity-tag it gives; refreshed in time with that, changed, and removed at
 * the end.  A server that has lost it (412) gets it anew; 423 gives the least
 * duration; where nobody answers, it is tried again.
 */
#ifndef SIP_PUBLICATION_H
#define SIP_PUBLICATION_H

#include "sip/request.h"
#include "sip/ua.h"

#define SIP_PUBLICATION_EXPIRES 3600 /* seconds, unless told */
/* Before a server that did not answer is asked again. */
#define SIP_PUBLICATION_RETRY (30 * USEC_SEC)

struct sip_publication;

struct sip_publication_settings {
	struct sip_ua *ua;
	struct span uri;   /* whose state: our address-of-record */
	struct span event; /* the package */
	struct span content_type;
	struct span from; /* a value without a tag; empty: uri */
	enum sip_transport_kind kind;
	uint32_t expires; /* seconds; 0: SIP_PUBLICATION_EXPIRES */
};

struct sip_publication_handlers {
	/* The document that was given last is there. */
	void (*published)(void *arg);
	/* The last call, once: ERR_NONE after sip_publication_end. */
	void (*ended)(void *arg, const struct err *e);
};

/* The strings are copied; nothing is sent yet. */
struct sip_publication *sip_publication_new(
	const struct sip_publication_settings *s,
	const struct sip_publication_handlers *handlers, void *arg);
void sip_publication_free(struct sip_publication *p); /* at once, in silence */

void sip_publication_set(struct sip_publication *p, struct span document);
/* Removes it, then `ended`. */
void sip_publication_end(struct sip_publication *p);

#endif
