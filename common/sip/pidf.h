/* pidf - presence as a document, to be published
 *
 * RFC 3863 with the activities of RFC 4480 and XMPP's own words beside them
 * (RFC 8048 section 5.2), so that either kind of reader understands.
 */
#ifndef SIP_PIDF_H
#define SIP_PIDF_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"

#define SIP_PIDF_TYPE "application/pidf+xml"

struct sip_pidf {
	struct span entity;  /* a URI */
	struct span contact; /* a URI; empty: none */
	bool is_open;        /* there, for messages */
	struct span show;    /* away, chat, dnd, xa; empty: plainly there */
	struct span note;    /* for people; empty: none */
};

/* Appends the document.  False: a text holds what XML cannot carry, or out is
 * full. */
bool sip_pidf_format(struct buf *out, const struct sip_pidf *p);

#endif
