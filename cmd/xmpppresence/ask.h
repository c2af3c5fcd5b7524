/* ask - probes and subscriptions: said once, then gone (RFC 6121 sections 3,
 * 4.3)
 *
 * Behind what is said to somebody goes a ping to the same bare JID, which that
 * server answers for the account: stanzas between two entities keep their
 * order (RFC 6120 section 10.1), so that with the answer all that was to come
 * has come.  No presence of our own is needed for it, and none is sent.
 */
#ifndef XMPPPRESENCE_ASK_H
#define XMPPPRESENCE_ASK_H

#include "cli/opt.h"
#include "cli/xmpp_listen.h"

struct ask_options {
	struct opt_list probe, request, approve, deny;
};
extern const struct opt ask_options[];

bool ask_is_wanted(const struct ask_options *o);

struct ask;

/* NULL and e: what was given is no JID (STATUS_USAGE). */
struct ask *ask_new(
	struct xmpp_listen *l, const struct ask_options *o, struct err *e);
void ask_free(struct ask *a); /* NULL is fine */

bool ask_begin(struct ask *a, struct err *e);
/* From within the client's `presence`. */
void ask_presence(struct ask *a, const struct xml_element *s,
	const struct xmpp_presence *p);
/* When all have answered: STATUS_REFUSED where somebody said no, or none of
 * those who were probed is there. */
bool ask_outcome(const struct ask *a, struct err *e);

#endif
