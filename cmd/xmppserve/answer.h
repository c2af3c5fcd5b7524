/* answer - requests that the server answers, for itself and for its accounts
 *
 * Ping (XEP-0199), service discovery (XEP-0030), the roster, and the session
 * of RFC 3921 that old clients ask for.  A request comes with the sender's
 * JID stamped on it, and is taken.
 */
#ifndef XMPPSERVE_ANSWER_H
#define XMPPSERVE_ANSWER_H

#include "session.h"

/* RFC 6120 section 8.2.3: get or set, an id, and exactly one child. */
bool answer_is_request(const struct xml_element *iq);

/* Asked of the server; of the account u, c's own or another's. */
void answer_for_server(struct session *c, struct xml_element *request);
void answer_for_account(
	struct session *c, const struct user *u, struct xml_element *request);

#endif
