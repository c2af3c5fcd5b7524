/* presence - available or not, and how (RFC 6121 section 4)
 *
 * Values read from a stanza point into it.
 */
#ifndef XMPP_PRESENCE_H
#define XMPP_PRESENCE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/span.h"
#include "xmpp/stanza.h"

/* Section 4.7.1; AVAILABLE is no type at all. */
enum xmpp_presence_type {
	XMPP_PRESENCE_AVAILABLE,
	XMPP_PRESENCE_UNAVAILABLE,
	XMPP_PRESENCE_SUBSCRIBE,
	XMPP_PRESENCE_SUBSCRIBED,
	XMPP_PRESENCE_UNSUBSCRIBE,
	XMPP_PRESENCE_UNSUBSCRIBED,
	XMPP_PRESENCE_PROBE,
	XMPP_PRESENCE_ERROR,
};

/* Section 4.7.2.1; NONE is plainly available. */
enum xmpp_show {
	XMPP_SHOW_NONE,
	XMPP_SHOW_AWAY,
	XMPP_SHOW_CHAT,
	XMPP_SHOW_DND,
	XMPP_SHOW_XA,
};

struct xmpp_presence {
	enum xmpp_presence_type type;
	enum xmpp_show show;
	struct span status; /* empty: none */
	int priority;       /* -128 … 127, section 4.7.2.3 */
};

/* False: no presence, or of a type that is none.  A show or a priority that
 * the schema does not have counts as not given. */
bool xmpp_presence_parse(struct xmpp_presence *p, const struct xml_element *s);
struct xml_element *xmpp_presence_make(const struct xmpp_presence *p);

/* "subscribe", NULL for AVAILABLE; "away", NULL for NONE. */
const char *xmpp_presence_type_text(enum xmpp_presence_type type);
const char *xmpp_show_text(enum xmpp_show show);
/* "available" and "online" are NONE. */
bool xmpp_show_parse(enum xmpp_show *show, struct span text);

#endif
