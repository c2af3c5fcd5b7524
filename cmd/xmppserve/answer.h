/* answer - requests the server answers for itself and for its accounts
 *
 * Ping (XEP-0199), service discovery (XEP-0030), the roster, and the session
 * of RFC 3921 that old clients ask for. */
#ifndef XMPPSERVE_ANSWER_H
#define XMPPSERVE_ANSWER_H

#include "session.h"

/* What is asked of the server, or of the session's own account. */
void answer_register(struct session *c);

/* An <iq/> from a client to the bare JID of u; s stays the caller's. */
void answer_for_account(
	struct session *c, struct user *u, const struct xmpp_stanza *s);

#endif
