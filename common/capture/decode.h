/* decode - from a captured packet to the UDP datagram or TCP segment in it
 *
 * link, ip and fragments behind each other, and then UDP (RFC 768) and the
 * header of TCP (RFC 9293 section 3.1).  The payload points into the packet or,
 * where it came in fragments, into the decoder, and is valid until the next
 * call.  Whatever is not understood is counted, never an error: one strange
 * packet says nothing about the next.
 */
#ifndef CAPTURE_DECODE_H
#define CAPTURE_DECODE_H

#include "capture/address.h"
#include "capture/fragments.h"
#include "capture/packet.h"

enum capture_transport { CAPTURE_UDP, CAPTURE_TCP };

struct capture_segment {
	usec_t time; /* of the packet, or of the last fragment */
	bool has_time;
	bool is_cut; /* the wire had more of the payload than the capture */
	enum capture_transport transport;
	struct capture_address src, dst;
	struct span payload;
};

struct capture_counts {
	uint64_t packets;
	uint64_t unknown_link; /* of a link type that is not understood */
	unsigned unknown_type; /* the last of these link types */
	uint64_t malformed;    /* shorter than their own headers say */
	uint64_t not_ip;
	uint64_t other; /* ICMP, SCTP … */
	uint64_t fragments;
	uint64_t udp, tcp; /* datagrams, and segments that carry something */
};

struct capture_decoder;
struct capture_decoder *capture_decoder_new(void);
void capture_decoder_free(struct capture_decoder *d); /* NULL is fine */

/* True: s is what the packet, or the datagram it completed, carries. */
bool capture_decode(struct capture_decoder *d, const struct capture_packet *p,
	struct capture_segment *s);

const struct capture_counts *capture_decoder_counts(
	const struct capture_decoder *d);
struct capture_fragment_counts capture_decoder_fragments(
	const struct capture_decoder *d);

#endif
