/* invitation - somebody wants us in a room (XEP-0045 section 7.8, XEP-0249)
 *
 * Believed on whose word it is: one without the room is of its sender, who can
 * invite anywhere in its own name only; one by the room must come from the
 * room itself, not from somebody in it, and who has asked the room for it is
 * what the room says.
 *
 * What is read points into the message.
 */
#ifndef XMPP_INVITATION_H
#define XMPP_INVITATION_H

#include "xmpp/message.h"

struct xmpp_invitation {
	const char *from;   /* who invites */
	const char *room;   /* a bare JID with a localpart */
	struct span reason; /* p NULL: none */
};

/* False: it is none, or not one that can be believed, or our own. */
bool xmpp_invitation_read(
	struct xmpp_invitation *i, const struct xmpp_message *m);

#endif
