/* compose - a message stanza from the options and one letter of the input
 *
 * RFC 6121 section 5.2, and what a message may say of another one: XEP-0308
 * (it replaces it), 0424 (it takes it back), 0444 (reactions to it), 0461 (it
 * answers it); XEP-0066 (a link).
 */
#ifndef XMPPSEND_COMPOSE_H
#define XMPPSEND_COMPOSE_H

#include "cli/letters.h"
#include "xmpp/jid.h"
#include "xmpp/stanza.h"

struct compose_options {
	const char *type, *subject, *thread, *id, *lang, *oob;
	const char *correct, *retract, *react, *reply_to; /* ids of others */
	bool replace_invalid;
	bool groupchat; /* the tool's: to rooms */
};
extern const struct opt compose_options[];

/* What excludes each other; false and STATUS_USAGE.  several: it is not one
 * message. */
bool compose_check(
	const struct compose_options *o, bool several, struct err *e);
/* With --retract there is nothing to be said. */
bool compose_needs_body(const struct compose_options *o);

/* NULL: e, the letter cannot be sent so. */
struct xml_element *compose_message(const struct compose_options *o,
	const struct letter *l, const struct xmpp_jid *to, struct err *e);

#endif
