/* orphan - an INVITE that was given up, and the 2xx it may still get
 *
 * RFC 3261 sections 9.1 and 13.2.2.4: a CANCEL may come too late, and then a
 * phone has been picked up for nobody.  Each of its 2xx gets an ACK, and each
 * dialog a BYE.  It lives on the user agent until its transaction ends, and
 * tells nobody.
 */
#ifndef SIP_ORPHAN_H
#define SIP_ORPHAN_H

#include "sip/transaction.h"
#include "sip/ua.h"

/* Dialogs it may have been forked to; more are left to time out. */
#define SIP_ORPHAN_DIALOGS_MAX 16

/* Cancels it; the handlers it had are not called any more.  sent: the request
 * as it was composed, which is copied. */
void sip_orphan_new(
	struct sip_ua *ua, struct sip_client *client, struct span sent);

#endif
