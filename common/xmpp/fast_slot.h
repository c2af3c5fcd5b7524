/* fast_slot - what a slot of tokens holds, as the text of its file (XEP-0484)
 *
 * For fast.c, which has the files.  The text is a header and two lines,
 *
 *	agent UUID
 *	token MECHANISM EXPIRY TOKEN
 *
 * of which the second may be missing.  What is not understood is passed over:
 * another version may have written it, or a crash cut it off.
 */
#ifndef XMPP_FAST_SLOT_H
#define XMPP_FAST_SLOT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

#define XMPP_FAST_AGENT_LENGTH 36     /* RFC 9562 section 4: a UUID */
#define XMPP_FAST_MECHANISM_MAX 20    /* RFC 4422 section 3.1 */
#define XMPP_FAST_TOKEN_MAX 1024      /* bytes */
#define XMPP_FAST_TEXT_MAX (16 << 10) /* of such a file, in bytes */

struct xmpp_fast_slot {
	char agent[XMPP_FAST_AGENT_LENGTH + 1];      /* "": there is none */
	char mechanism[XMPP_FAST_MECHANISM_MAX + 1]; /* "": no token */
	struct buf token;                            /* as good as a password */
	uint64_t expiry; /* of the token: seconds since 1970 */
};

void xmpp_fast_slot_init(struct xmpp_fast_slot *s);
void xmpp_fast_slot_clear(struct xmpp_fast_slot *s); /* wipes */

/* Sets in s what the text says. */
void xmpp_fast_slot_parse(struct xmpp_fast_slot *s, struct span text);
bool xmpp_fast_slot_format(struct buf *out, const struct xmpp_fast_slot *s);

/* False, and s as it was: what the server gave is no token that can stand in
 * a line, or its mechanism has no name. */
bool xmpp_fast_slot_set(struct xmpp_fast_slot *s, struct span mechanism,
	struct span token, uint64_t expiry);

#endif
