/* record_notify - what a record says of a NOTIFY, and of what is in it
 *
 * A `notify` record (RFC 6665), and where the body is of a kind that is known
 * here, records of what it says: mailboxes (RFC 3842), dialogs (RFC 4235),
 * registrations (RFC 3680), conferences (RFC 4575), presence (RFC 3863, RFC
 * 4480).  Of dialogs, registrations and conferences those are written that have
 * changed since the state before (cli/news.h).  A body that cannot be read, or
 * of which nothing was taken, is left as it is.
 */
#ifndef CLI_RECORD_NOTIFY_H
#define CLI_RECORD_NOTIFY_H

#include "cli/news.h"
#include "cli/record.h"
#include "sip/subscription.h"

struct record_notify {
	struct out *out;
	usec_t wall;
	const char *uri;   /* whose news */
	const char *event; /* the package */
	const struct sip_notify *notify;
	/* The state before, and what became of it; NULL: what is told is looked
	 * at by itself. */
	struct news *news;
	struct news_result *result;
};

/* The presence that was written: the tuple that is most there. */
struct record_presence {
	bool is_open;
	char show[16]; /* "available" …; "" where it is not open */
};
/* The presence in a PIDF, and nothing else; false: there is none, or as
 * record_end. */
bool record_notify_presence(const struct record_notify *n,
	struct record_presence *p, struct err *e);

/* All of them; *n->result is set where the body is of those of cli/news.h.
 * False: as record_end. */
bool record_notify(const struct record_notify *n, struct err *e);

/* ---- for the files of this room ---- */

/* False: not of this type, or not to be read; else *good is what record_end
 * said. */
bool record_notify_mailbox(
	const struct record_notify *n, bool *good, struct err *e);
bool record_notify_xml(
	const struct record_notify *n, bool *good, struct err *e);

#endif
