/* locate_parts - what sip/locate decides without asking anybody; private */
#ifndef SIP_LOCATE_PARTS_H
#define SIP_LOCATE_PARTS_H

#include "sip/locate.h"

#define SIP_LOCATE_NAME_MAX 253 /* RFC 1035 section 2.3.4, as text */

/* The transport of a NAPTR record (RFC 3263 section 4.1, RFC 7118 section
 * 5.5).  NONE: the record is not for us, and *why says what is against it. */
enum sip_transport_kind sip_locate_service(const struct naptr_record *r,
	bool is_secure, unsigned kinds, const char **why);

/* Appends the name of the SRV records of a transport: _sip._udp.example. */
bool sip_locate_srv_name(
	struct buf *out, enum sip_transport_kind kind, const char *host);

/* The transport the user or the URI wants, NONE where neither does; false and
 * e where it cannot be.  *is_secure: of a sips: URI. */
bool sip_locate_kind(const struct sip_uri *u, enum sip_transport_kind wanted,
	enum sip_transport_kind *kind, struct err *e);

#endif
