/* session - the variables that make a dialog, and outlive the run
 *
 * RFC 3261 section 12: what both sides have to remember of each other.  In a
 * file it is a line "name=value" for each, written to a new file that takes
 * the old one's place.
 */
#ifndef SIPRAW_SESSION_H
#define SIPRAW_SESSION_H

#include "base/buf.h"
#include "base/err.h"
#include "sip/scan.h"

enum session_name {
	SESSION_CALL_ID,
	SESSION_TAG,    /* ours */
	SESSION_TO_TAG, /* theirs; empty before they answered */
	SESSION_CSEQ,
	SESSION_TARGET, /* their Contact; before that the URI of the operand */
	SESSION_ROUTES, /* a value for Route; empty where there is none */
	SESSION_INVITE_BRANCH, /* for a CANCEL, or the ACK to a failure */
	SESSION_COUNT
};

struct session {
	struct buf values[SESSION_COUNT];
};

/* A new dialog with somebody at uri. */
void session_begin(struct session *s, struct span uri);
void session_clear(struct session *s);
struct span session_get(const struct session *s, enum session_name name);
void session_set(struct session *s, enum session_name name, struct span value);
void session_count(struct session *s); /* cseq + 1 */

/* By the name of the variable; SESSION_COUNT where it is none of these. */
enum session_name session_find(struct span name);

/* What a response within the dialog changes: to_tag, target, routes. */
void session_learn(struct session *s, const struct sip_scan *response);

/* Over what there is; a file that is not there changes nothing. */
bool session_load(struct session *s, const char *file, struct err *e);
bool session_save(const struct session *s, const char *file, struct err *e);

#endif
