/* ack - the ACK of a 2xx, sent again whenever the 2xx comes again
 *
 * RFC 3261 section 13.2.2.4.  It is no transaction: it goes where the route
 * set says, once for each copy of the response that arrives.
 */
#ifndef SIP_ACK_H
#define SIP_ACK_H

#include "sip/ua.h"

struct sip_ack;

/* text: the whole ACK without Via; next_hop: a URI.  Both are copied.  It is
 * sent as soon as the next hop has been located. */
struct sip_ack *sip_ack_new(
	struct sip_ua *ua, struct span text, struct span next_hop);
void sip_ack_again(struct sip_ack *a);
void sip_ack_free(struct sip_ack *a); /* NULL is fine */

#endif
