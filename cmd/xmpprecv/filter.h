/* filter - which messages are wanted
 */
#ifndef XMPPRECV_FILTER_H
#define XMPPRECV_FILTER_H

#include "cli/opt.h"
#include "xmpp/message.h"

struct filter_options {
	struct opt_list from, types;
	const char *match;
};
extern const struct opt filter_options[];

struct filter;

/* NULL and e (STATUS_USAGE): what was given is no JID, type or expression. */
struct filter *filter_new(const struct filter_options *o, struct err *e);
void filter_free(struct filter *f); /* NULL is fine */

bool filter_takes(const struct filter *f, const struct xmpp_message *m);

#endif
