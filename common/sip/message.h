/* message - MESSAGE requests, and what became of each
 *
 * RFC 3428 with RFC 3261 section 8.1.  One sender has any number of messages
 * under way, but to one URI only one at a time (RFC 3428 section 8): the
 * others wait their turn, in the order in which they were given.
 *
 * A 200 is a delivery; a 202 says that somebody else will try (section 4).  A
 * message that nobody answered may have arrived or not: STATUS_TIMEOUT.
 *
 * `done` is called exactly once for each and never from within
 * sip_message_send; not at all after sip_messages_free.
 */
#ifndef SIP_MESSAGE_H
#define SIP_MESSAGE_H

#include "base/err.h"
#include "base/span.h"
#include "sip/request.h"

/* RFC 3428 section 8: of the whole request. */
#define SIP_MESSAGE_MAX 1300

struct sip_ua;
struct sip_messages; /* those of one sender */

struct sip_messages_settings {
	struct sip_ua *ua;
	/* For each of them, but for next_hop.  What it points to is borrowed
	 * until sip_messages_free. */
	struct sip_request_settings request;
	struct span from, to; /* see sip/compose.h; borrowed likewise */
	/* It is known that it needs no SIP_MESSAGE_MAX: a short way, or one
	 * over streams alone. */
	bool large;
};

/* Copied by sip_message_send. */
struct sip_message {
	struct span to; /* a URI that may be a Request-URI */
	struct span content_type;
	struct span body;
	struct span subject; /* empty: none */
	struct span headers; /* whole lines with CRLF; may be empty */
};

struct sip_message_end {
	unsigned code; /* of the final response; 0: there was none */
	const char *reason;
	const char *call_id;
	const char *to;
	const struct err *e; /* NULL: 2xx */
};
typedef void sip_message_done(void *arg, const struct sip_message_end *end);

struct sip_messages *sip_messages_new(const struct sip_messages_settings *s);
void sip_messages_free(struct sip_messages *s); /* NULL is fine */

void sip_message_send(struct sip_messages *s, const struct sip_message *m,
	sip_message_done *done, void *arg);

/* Waiting or under way. */
size_t sip_messages_count(const struct sip_messages *s);
/* Nobody waits any longer: each is told, before this returns, that it is not
 * known what became of it (STATUS_TIMEOUT), or that it was never sent. */
void sip_messages_give_up(struct sip_messages *s);

/* May it be what a message is called in Subject, or its type (section 20.15)?
 * STATUS_MALFORMED. */
bool sip_message_check(const struct sip_message *m, struct err *e);

#endif
