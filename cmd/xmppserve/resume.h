/* resume - sessions whose connection was cut, and who comes back for them
 * (XEP-0198 section 5)
 *
 * A session that said <enable resume='true'/> does not leave when its
 * connection is cut: it sleeps, present as before, and what it is sent waits
 * in its outbox.  Who shows its id within server.keep, as the same user, gets
 * all of it, and what was not acknowledged again.
 */
#ifndef XMPPSERVE_RESUME_H
#define XMPPSERVE_RESUME_H

#include "session.h"

/* How long a cut session is kept unless told. */
#define RESUME_KEEP (300 * USEC_SEC)
/* Sessions of one user that sleep, and ended ones that are remembered. */
#define RESUME_MAX 32

/* <enable/> came: what is to be said, from which on it counts. */
struct xml_element *resume_make_enabled(
	struct session *c, const struct xml_element *enable);

/* The connection is gone, and why.  True: it sleeps. */
bool resume_sleep(struct session *c, const struct err *why);
/* It ends for good: what it had handled is remembered for who comes late. */
void resume_remember(const struct session *c);
void resume_forget_all(struct user *u);

/* <resume/> came from c, which is no resource yet … */
void resume_take(struct session *c, const struct xml_element *s);
/* … or came with <authenticate/>: what is to be said; NULL: c is over.  Where c
 * is a resource now, resume_go_on once it was said. */
struct xml_element *resume_answer(
	struct session *c, const struct xml_element *s);
void resume_go_on(struct session *c);

#endif
