/* archive - the messages our server has kept for us (XEP-0313)
 *
 * A walk asks for what stands behind a known message, page by page (XEP-0059),
 * and gives each message in the order of the archive.  Its results come as
 * messages, and one is believed only where it comes from our own account and
 * names the question that is open (section 8; CVE-2020-26547 and its like):
 * anything else that looks like one is a message of its sender.
 *
 *	a = xmpp_archive_walk(client, &query, &handlers, arg, e);
 *	in the client's `message`: if (xmpp_archive_take(a, s)) return;
 *	in `page`, when its messages are dealt with: xmpp_archive_next(a);
 */
#ifndef XMPP_ARCHIVE_H
#define XMPP_ARCHIVE_H

#include "xmpp/client.h"
#include "xmpp/message.h"

/* Results that are asked for at once.  Prosody gives at most 50, ejabberd
 * 250. */
#define XMPP_ARCHIVE_PAGE 100

struct xmpp_archive; /* one walk */

struct xmpp_archive_query {
	const char *after; /* id of the last one that is known; NULL: none */
	usec_t start;      /* none older than this, wall; 0: all */
	bool tip;          /* only the id of the last one, for `done` */
};

struct xmpp_archive_handlers {
	/* From within xmpp_archive_take: s is the stanza it came in, m what is
	 * in it. */
	void (*message)(void *arg, const struct xmpp_message *m);
	/* A page is complete and there are more. */
	void (*page)(void *arg);
	/* The last call, once: all were given (ERR_NONE), or why not; condition
	 * item-not-found where `after` is in the archive no more.  last is the
	 * id of the last one that came, NULL where none did. */
	void (*done)(void *arg, const char *last, const struct err *e);
};

/* NULL and e: it could not be asked.  Strings are copied. */
struct xmpp_archive *xmpp_archive_walk(struct xmpp_client *c,
	const struct xmpp_archive_query *q,
	const struct xmpp_archive_handlers *handlers, void *arg, struct err *e);
/* At once, without `done`; after it too.  NULL is fine. */
void xmpp_archive_free(struct xmpp_archive *a);

/* Is s a result of this walk?  a may be NULL. */
bool xmpp_archive_take(struct xmpp_archive *a, const struct xml_element *s);
void xmpp_archive_next(struct xmpp_archive *a);

/* Has our account an archive, and may the ids in messages be believed to be of
 * it (section 3.5, XEP-0359 section 6)?  To be requested, and what the reply
 * says. */
struct xml_element *xmpp_archive_make_look(const struct xmpp_jid *self);
bool xmpp_archive_is_announced(const struct xml_element *reply);

/* By the preferences of our account, does the archive take every message of
 * everybody (XEP-0441)?  To be requested, and what the reply says. */
struct xml_element *xmpp_archive_make_ask(void);
bool xmpp_archive_takes_all(const struct xml_element *reply);

#endif
