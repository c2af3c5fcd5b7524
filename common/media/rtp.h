/* rtp - the header of an RTP data packet (RFC 3550 section 5)
 *
 * Parsing looks, copies nothing and believes no length: payload and extension
 * are views into the packet.  What is refused is what appendix A.1 lists:
 * another version, RTCP's packet types, padding or an extension longer than
 * the packet.  Whether a payload type is known is the caller's business.
 */
#ifndef MEDIA_RTP_H
#define MEDIA_RTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#define RTP_VERSION 2
#define RTP_HEADER_SIZE 12
#define RTP_CSRC_MAX 15
#define RTP_PAYLOAD_TYPE_MAX 127

struct rtp {
	uint8_t payload_type; /* 0 … 127 */
	bool marker;
	bool has_extension;
	uint8_t csrc_count;
	uint8_t padding; /* octets behind the payload, with their count */
	uint16_t sequence;
	uint32_t timestamp; /* in units of the payload's clock rate */
	uint32_t ssrc;
	uint32_t csrc[RTP_CSRC_MAX];
	uint16_t extension_profile; /* "defined by profile", 5.3.1 */
	struct span extension;      /* a whole number of 32-bit words */
	struct span payload;        /* without the padding */
};

/* Is it RTP rather than RTCP, STUN or DTLS, by its first two octets (RFC 5761
 * section 4, RFC 7983)? */
bool rtp_is(struct span packet);

bool rtp_parse(struct rtp *r, struct span packet, struct err *e);

/* Appends the packet: payload_type ≤ 127, csrc_count ≤ 15, extension a
 * multiple of 4 octets, padding 0 or its whole length.  False where out has no
 * room. */
bool rtp_format(struct buf *out, const struct rtp *r);

#endif
