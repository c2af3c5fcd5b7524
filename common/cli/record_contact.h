/* record_contact - a contact of the roster as a record (samtal-records(5)) */
#ifndef CLI_RECORD_CONTACT_H
#define CLI_RECORD_CONTACT_H

#include "cli/record_xmpp.h"
#include "xmpp/roster.h"

/* As record_end in what it returns. */
bool record_contact(const struct record_xmpp *x, usec_t wall,
	const struct xmpp_roster_item *item, struct err *e);

#endif
