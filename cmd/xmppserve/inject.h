/* inject - what no server would send: stanzas from standard input, as they are
 *
 * For tests of clients: each goes to the clients of the account in its `to`,
 * or to the one of that resource, whoever its `from` claims to be.  It is
 * counted (XEP-0198) as any other.
 */
#ifndef XMPPSERVE_INJECT_H
#define XMPPSERVE_INJECT_H

#include "server.h"

struct inject;

/* Reads fd from now on; NULL and e. */
struct inject *inject_new(struct server *s, int fd, struct err *e);
void inject_free(struct inject *i); /* NULL is fine */

/* For run_until: what came is no stanza, or not for us. */
bool inject_has_failed(void *inject);
const struct err *inject_fault(const struct inject *i);

#endif
