/* private - XML that clients keep for themselves (XEP-0049), in memory */
#ifndef XMPPSERVE_PRIVATE_H
#define XMPPSERVE_PRIVATE_H

#include "session.h"

/* Of one account, with all its elements; more is refused. */
#define PRIVATE_MEMORY_MAX (256 << 10)

/* Requests of our own account; each is answered. */
void private_get(struct session *c, const struct xml_element *request);
void private_set(struct session *c, const struct xml_element *request);

#endif
