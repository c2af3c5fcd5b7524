/* fast - a slot of an account's tokens, for as long as a run lasts (XEP-0484)
 *
 * A token belongs to a client, known by the id of its user agent: the server
 * gives a new one when it likes, and the older ones end when that is used.  So
 * that runs at the same time neither wait for each other nor end each other's
 * tokens, each takes a slot of its own, with an id and a token, and gives it
 * back with its end, be that a crash.  Where all are taken, a run goes without.
 *
 * In the state folder: a file a slot, written by its holder alone.  Tokens are
 * as good as passwords.
 */
#ifndef XMPP_FAST_H
#define XMPP_FAST_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "xmpp/jid.h"

#define XMPP_FAST_SLOTS 32
/* A token is not used within so many seconds of its end. */
#define XMPP_FAST_MARGIN 60

struct xmpp_fast;

/* NULL: no slot is free, or (e is set) there is no place to keep tokens. */
struct xmpp_fast *xmpp_fast_open(const struct xmpp_jid *account, struct err *e);
void xmpp_fast_free(struct xmpp_fast *f); /* NULL is fine */

/* The user agent's id: a UUID, of this slot for good. */
const char *xmpp_fast_agent(const struct xmpp_fast *f);
/* now: seconds since 1970.  False: there is none that is still good.  Views
 * into f, until it is changed. */
bool xmpp_fast_token(const struct xmpp_fast *f, uint64_t now,
	struct span *mechanism, struct span *token);

/* The server gave one, good until then; false and e: it is no token, or could
 * not be written. */
bool xmpp_fast_keep(struct xmpp_fast *f, struct span mechanism,
	struct span token, uint64_t expiry, struct err *e);
bool xmpp_fast_drop(struct xmpp_fast *f, struct err *e); /* it was refused */

#endif
