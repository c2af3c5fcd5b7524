/* record_xmpp - stanzas as records (samtal-records(5))
 *
 * What a stanza says of others than its sender is taken over only from who
 * may say it: xmpp/message.h.
 */
#ifndef CLI_RECORD_XMPP_H
#define CLI_RECORD_XMPP_H

#include "base/json.h"
#include "cli/record.h"
#include "xml/parser.h"
#include "xmpp/invitation.h"
#include "xmpp/message.h"
#include "xmpp/presence.h"

/* Whose stanzas they are; all but out and self may be NULL. */
struct record_xmpp {
	struct out *out;
	const struct xmpp_jid *self; /* as bound */
	const char *account;         /* its name */
};

/* The texts of children as a JSON array, each character at its worst. */
#define RECORD_XMPP_TEXTS_MAX (JSON_WORST * XMPP_STANZA_MAX)
void record_xmpp_texts(struct buf *array, const struct xml_element *s,
	const char *name, const char *ns);

/* A message that came; one of type error is an `error` record.  As record_end
 * in what it returns. */
bool record_xmpp_message(const struct record_xmpp *x, usec_t wall,
	const struct xmpp_message *m, struct err *e);
/* The invitation in a message that came. */
bool record_xmpp_invitation(const struct record_xmpp *x, usec_t wall,
	const struct xmpp_message *m, const struct xmpp_invitation *i,
	struct err *e);
bool record_xmpp_presence(const struct record_xmpp *x, usec_t wall,
	const struct xml_element *s, const struct xmpp_presence *p,
	struct err *e);

/* A message of ours; `to` aside, what is NULL is not known. */
struct record_sent {
	const char *id, *stanza_id, *to, *message_type;
	const struct err *why; /* NULL: it was delivered */
};
bool record_xmpp_sent(const struct record_xmpp *x, usec_t wall,
	const struct record_sent *sent, struct err *e);

/* We are online: what is sent to us from now on comes here. */
bool record_xmpp_ready(const struct record_xmpp *x, usec_t wall, struct err *e);

#endif
