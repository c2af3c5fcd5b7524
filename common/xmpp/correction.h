/* correction - may this message replace that one, or take it back?
 *
 * Only its own sender may correct a message (XEP-0308 section 4) or retract it
 * (XEP-0424 section 3): the same account, in a room the same occupant.  So who
 * reads messages keeps in mind who sent which id, and a correction of what was
 * not seen, or was somebody else's, is a message like any other
 * (CVE-2022-39835).
 *
 * Kept of a message are 64 bits, a hash with a secret (base/map.h): every
 * message costs a line in a ring, and only a correction looks through it.
 */
#ifndef XMPP_CORRECTION_H
#define XMPP_CORRECTION_H

#include "base/buf.h"
#include "xmpp/message.h"

/* So many messages are kept in mind. */
#define XMPP_CORRECTIONS_MAX 4096

struct xmpp_corrections {
	uint64_t *seen; /* private: a ring of hashes of sender and id */
	size_t count;   /* private: how many ever went into it */
	/* private: the last sender, as it was written and as it is meant;
	 * most messages come from who sent the last one */
	char *from;
	bool in_room;
	struct buf sender; /* private */
};

void xmpp_corrections_init(struct xmpp_corrections *c);
void xmpp_corrections_clear(struct xmpp_corrections *c);
/* Keeps m in mind, and sets m->replaces and m->retracts where it may. */
void xmpp_corrections_read(struct xmpp_corrections *c, struct xmpp_message *m);

#endif
