/* state_file - what catch_up keeps between two runs, as text
 */
#ifndef XMPPRECV_STATE_FILE_H
#define XMPPRECV_STATE_FILE_H

#include "base/clock.h"
#include "xmpp/jid.h"

#define STATE_FILE_ID_MAX 1024

struct state_file {
	struct xmpp_jid account; /* bare */
	char *id;                /* NULL: none */
	usec_t time;             /* wall; 0: there was no file */
};

/* Can the file hold this id of a peer's? */
bool state_file_can_hold(const char *id);

/* A file that does not exist is an empty *f, of self.  False: it cannot be
 * read, is none of ours (STATUS_MALFORMED) or another account's
 * (STATUS_USAGE). */
bool state_file_load(struct state_file *f, const char *path,
	const struct xmpp_jid *self, struct err *e);
bool state_file_save(
	const struct state_file *f, const char *path, struct err *e);
void state_file_clear(struct state_file *f);

#endif
