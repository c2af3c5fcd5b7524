/* correction - may this message replace that one? (XEP-0308 section 5)
 *
 * Only its own sender may correct a message: the same account, in a room the
 * same occupant.  So who reads messages keeps in mind who sent which id, and a
 * correction of what was not seen, or was somebody else's, is a message like
 * any other (CVE-2022-39835).
 */
#ifndef XMPP_CORRECTION_H
#define XMPP_CORRECTION_H

#include "xmpp/message.h"

/* So many are kept in mind, the oldest is forgotten first. */
#define XMPP_CORRECTIONS_MAX 4096

struct xmpp_corrections;

struct xmpp_corrections *xmpp_corrections_new(void);
void xmpp_corrections_free(struct xmpp_corrections *c); /* NULL is fine */

/* Keeps m in mind, and sets m->replaces where it may.  Of a chain of them each
 * names the first one. */
void xmpp_corrections_read(struct xmpp_corrections *c, struct xmpp_message *m);

#endif
