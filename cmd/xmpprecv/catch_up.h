/* catch_up - nothing twice, nothing left out: --state (XEP-0313 section 6)
 *
 * The file names the last message of the archive whose record is out.  A run
 * first walks the archive from there, before it sends presence, so that
 * nothing else comes meanwhile; then, with presence, once more, for what came
 * in between, while messages that arrive are held back; then it is live.
 * What was stored for us while we were away is in the archive as well, so a
 * stored message with an archive id is left to the walk.
 *
 * Without a file the first run begins with what arrives, and notes the end of
 * the archive.  After a session that was lost, the second walk is done again.
 *
 *	version 1
 *	account bob@example.org
 *	id 28482-98726-73623		none where the archive was empty
 *	time 2026-11-22T10:15:30.123456Z
 */
#ifndef XMPPRECV_CATCH_UP_H
#define XMPPRECV_CATCH_UP_H

#include "cli/xmpp_listen.h"
#include "xmpp/archive.h"

/* Messages held back during the second walk; what comes beyond is printed out
 * of its order. */
#define CATCH_UP_HELD_MAX 64
/* Archive ids that are known again. */
#define CATCH_UP_RECENT_MAX 4096
/* The file is written at most this often, and at the end. */
#define CATCH_UP_WRITE_EVERY (1 * USEC_SEC)
/* How long ago a message of late may have been: archives keep a week and more,
 * and a clock may be wrong. */
#define CATCH_UP_RECENT_MIN (-3600 * USEC_SEC)
#define CATCH_UP_RECENT_LIMIT (2 * 86400 * USEC_SEC)

struct catch_up;

/* What the pledge of a message has to remember for the file. */
struct catch_up_mark {
	char *id;    /* NULL: none */
	usec_t time; /* 0: nothing to remember */
};

struct catch_up_handlers {
	/* The first walk is over: presence, carbons. */
	bool (*arrive)(void *arg, struct err *e);
	/* The second one as well: `ready`. */
	bool (*ready)(void *arg, struct err *e);
	/* A message whose turn it is; number is that of xmpp_client_defer. */
	void (*message)(
		void *arg, const struct xmpp_message *m, uint32_t number);
	/* A mark of no message, which is kept with those before it; taken. */
	void (*mark)(void *arg, struct catch_up_mark *mark);
};

/* Reads the file, which may not exist yet; path is borrowed.  NULL and e. */
struct catch_up *catch_up_new(struct xmpp_listen *l, const char *path,
	const struct catch_up_handlers *handlers, void *arg, struct err *e);
/* Writes the file where it is not written yet; false and e.  NULL is fine. */
bool catch_up_close(struct catch_up *c, struct err *e);

/* Does the file name a message of late?  Then the archive has all that came
 * since, and what the server has stored besides is not needed (XEP-0386). */
bool catch_up_is_recent(const struct catch_up *c);

/* Our account announces an archive, or not, in which case nothing but a
 * warning comes of all this. */
bool catch_up_begin(struct catch_up *c, bool announced, struct err *e);
void catch_up_renew(struct catch_up *c);

/* From within the client's `message`.  First: is it a result of a walk? */
bool catch_up_take(struct catch_up *c, const struct xml_element *s);
/* Then, for a message: is its turn now?  False: it had its turn, or it is
 * left to the walk, or held back. */
bool catch_up_is_due(struct catch_up *c, const struct xmpp_message *m,
	const struct xml_element *s);

/* Of a message that is given on; and when its pledge is kept, which takes the
 * mark. */
void catch_up_mark(struct catch_up *c, struct catch_up_mark *mark,
	const struct xmpp_message *m);
void catch_up_kept(struct catch_up *c, struct catch_up_mark *mark);

#endif
