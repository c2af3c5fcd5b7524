/* wrap - IP and UDP around a payload, for a trace of one's own
 *
 * What a tool sent or received by its own sockets has no headers; to write it
 * to a capture file they are made up again, of CAPTURE_LINK_RAW: IPv4 (RFC
 * 791) or IPv6 (RFC 8200), and UDP (RFC 768) with right checksums.
 */
#ifndef CAPTURE_WRAP_H
#define CAPTURE_WRAP_H

#include "base/buf.h"
#include "net/endpoint.h"

#define CAPTURE_WRAP_MAX 65507 /* UDP's largest payload over IPv4 */

/* Appends the packet.  False where out has no room, the payload is too long or
 * the endpoints are not of one family. */
bool capture_wrap_udp(struct buf *out, const struct endpoint *src,
	const struct endpoint *dst, struct span payload);

#endif
