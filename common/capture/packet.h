/* packet - a packet as a capture file or an interface gives it
 *
 * link_type is one of the LINKTYPE_ numbers of pcap files (draft-ietf-opsawg-
 * pcaplinktype); those that are understood are named here.
 */
#ifndef CAPTURE_PACKET_H
#define CAPTURE_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/span.h"

enum {
	CAPTURE_LINK_NULL = 0,
	CAPTURE_LINK_ETHERNET = 1,
	CAPTURE_LINK_RAW = 101,
	CAPTURE_LINK_LOOP = 108,
	CAPTURE_LINK_SLL = 113,
	CAPTURE_LINK_IPV4 = 228,
	CAPTURE_LINK_IPV6 = 229,
	CAPTURE_LINK_SLL2 = 276,
};

/* tcpdump's largest snapshot length: more than any link carries. */
#define CAPTURE_PACKET_MAX (256 * 1024)

struct capture_packet {
	usec_t time; /* wall time; 0 and no has_time where none was given */
	bool has_time;
	unsigned link_type;
	uint32_t length;   /* on the wire; bytes.n may be less */
	struct span bytes; /* what was captured; borrowed from the reader's */
};

/* What a reader found at the front of the bytes it was given. */
enum capture_next {
	CAPTURE_PACKET, /* a packet, and the bytes behind it are next */
	CAPTURE_MORE,   /* the rest is no whole record: come with more */
	CAPTURE_BAD,    /* the file is corrupt from here on; see err */
};

#endif
