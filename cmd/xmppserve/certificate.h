/* certificate - one for as long as the server runs, in a folder of its own
 *
 * A CA, and a certificate by it: clients are given the CA's file.  The folder
 * is made in $TMPDIR, for this user alone, and removed in the end.
 */
#ifndef XMPPSERVE_CERTIFICATE_H
#define XMPPSERVE_CERTIFICATE_H

#include "base/clock.h"
#include "base/err.h"
#include "base/span.h"

struct certificate {
	char *folder, *ca, *cert, *key; /* paths */
};

/* For a prepared domain; wall: when it begins to be valid, a day earlier. */
bool certificate_make(
	struct certificate *c, struct span domain, usec_t wall, struct err *e);
void certificate_remove(struct certificate *c); /* {0} is fine */

#endif
