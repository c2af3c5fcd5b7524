/* ip - IPv4 (RFC 791) and IPv6 (RFC 8200) packets, as views
 *
 * Of IPv6 the extension headers are walked: hop-by-hop, routing, destination
 * options, authentication and mobility; a fragment header ends the walk, since
 * what is behind it is whole only after capture/fragments.h.  Checksums are
 * not looked at: the cards of today compute them after the capture.
 */
#ifndef CAPTURE_IP_H
#define CAPTURE_IP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

enum { CAPTURE_PROTOCOL_TCP = 6, CAPTURE_PROTOCOL_UDP = 17 };

struct capture_ip {
	uint8_t version;  /* 4 or 6 */
	uint8_t protocol; /* of the payload */
	const char *src;  /* 4 or 16 octets, in the packet */
	const char *dst;
	struct span payload; /* as far as it was captured */
	bool is_cut;         /* the capture has less of it than the wire had */

	bool is_fragment;
	bool has_more;   /* fragments behind this one */
	uint16_t offset; /* of the payload in the datagram, octets */
	uint32_t id;
};

/* False where it is no whole IP header; then *ip is of no meaning. */
bool capture_ip_parse(struct capture_ip *ip, struct span packet);

/* For a datagram that was put together: the extension headers that were
 * inside of it. */
bool capture_ip_skip_extensions(struct capture_ip *ip);

#endif
