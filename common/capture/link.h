/* link - what lies under IP in a captured frame
 *
 * Ethernet (IEEE 802.3, with 802.1Q and 802.1ad tags), Linux cooked captures
 * of both versions, raw IP, and the loopback headers of BSD.
 */
#ifndef CAPTURE_LINK_H
#define CAPTURE_LINK_H

#include "base/span.h"

enum capture_link {
	CAPTURE_LINK_IS_IP,
	CAPTURE_LINK_NOT_IP,  /* ARP, LLDP … */
	CAPTURE_LINK_SHORT,   /* the frame ends within its header */
	CAPTURE_LINK_UNKNOWN, /* a link type that is not understood */
};

/* Sets *ip, a view into frame, where the result is CAPTURE_LINK_IS_IP. */
enum capture_link capture_link_strip(
	unsigned link_type, struct span frame, struct span *ip);

#endif
