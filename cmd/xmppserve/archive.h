/* archive - what an account has sent and got (XEP-0313), where it is kept
 *
 * Each message of type chat or normal with a body or a subject, unless its
 * sender does not want that (XEP-0334), of either side's account.  Who gets it
 * is told its id in the archive of its own (XEP-0359), and is not told any that
 * somebody else has written there.  Pages by XEP-0059, the fields start, end
 * and with; the preferences (XEP-0441) are to take everything.
 */
#ifndef XMPPSERVE_ARCHIVE_H
#define XMPPSERVE_ARCHIVE_H

#include "session.h"

/* Of one account; beyond that the oldest go. */
#define ARCHIVE_MAX 10000
#define ARCHIVE_MEMORY_MAX (32 << 20) /* bytes */
#define ARCHIVE_PAGE_MAX 100

/* "RUN-NUMBER": of another run of the server there is none. */
#define ARCHIVE_ID_SIZE (ARCHIVE_RUN_LENGTH + 24)

struct archived {
	struct link link; /* of user.archive, the oldest first */
	char id[ARCHIVE_ID_SIZE];
	usec_t wall; /* when it came */
	struct xml_element *message;
};

/* ---- archive.c ---- */

/* A message on its way, once; either may be NULL: none of ours. */
void archive_message(struct server *s, struct user *from, struct user *to,
	struct xml_element *message);
void archive_forget_all(struct user *u);

/* <metadata/>: where it begins and where it ends. */
void archive_add_metadata(struct xml_element *to, const struct user *u);

/* ---- archive_query.c ---- */

/* Requests of c for its own: the results come in front of the reply. */
void archive_query(struct session *c, const struct xml_element *request);
void archive_preferences(struct session *c, const struct xml_element *request);
#endif
