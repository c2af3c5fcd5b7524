/* roster - contact lists (RFC 6121 section 2) */
#ifndef XMPPSERVE_ROSTER_H
#define XMPPSERVE_ROSTER_H

#include "session.h"

/* For xmpp_iqs_on; arg is the session. */
bool roster_get(void *session, const struct xmpp_stanza *request);
bool roster_set(void *session, const struct xmpp_stanza *request);

/* The contact as it is now, to all of u who asked for the roster. */
void roster_push(struct user *u, const struct contact *c);

#endif
