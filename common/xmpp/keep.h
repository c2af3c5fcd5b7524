/* keep - what is known of an account's server, kept from run to run
 *
 * In the state folder (base/state.h), a file an account, named by a hash of
 * its bare JID.  A run reads it once and writes it where something has
 * changed, which on most days it has not.  Runs at the same time do not lose
 * each other's facts; of pins the stronger one stays.
 *
 * Failures are STATUS_LOCAL_IO: without a writable home the caller warns once
 * and goes on.
 */
#ifndef XMPP_KEEP_H
#define XMPP_KEEP_H

#include "base/err.h"
#include "xmpp/jid.h"
#include "xmpp/known.h"

/* "xmpp-" and half of a SHA-256 in hexadecimal digits */
#define XMPP_KEEP_NAME_SIZE (5 + 32 + 1)
void xmpp_keep_name(
	char out[XMPP_KEEP_NAME_SIZE], const struct xmpp_jid *account);

bool xmpp_keep_read(struct xmpp_known *k, const struct xmpp_jid *account,
	const char *transport, struct err *e);

/* unpin: the pins are those of k, also where they are weaker. */
bool xmpp_keep_write(const struct xmpp_known *k, const struct xmpp_jid *account,
	const char *transport, bool unpin, struct err *e);

#endif
