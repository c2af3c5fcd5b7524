/* pcapng - the capture file of blocks (draft-ietf-opsawg-pcapng)
 *
 * Sections of either byte order, any number of interfaces each with its link
 * type, time resolution and offset; enhanced, simple and the obsolete packet
 * blocks.  Other blocks are skipped without being held, whatever their size.
 * See capture/file.h for how bytes are given.
 */
#ifndef CAPTURE_PCAPNG_H
#define CAPTURE_PCAPNG_H

#include "base/err.h"
#include "capture/packet.h"

/* A packet with its options, or an interface with its. */
#define CAPTURE_PCAPNG_BLOCK_MAX (2 * CAPTURE_PACKET_MAX)
/* In a section; real ones have a handful, and each costs memory. */
#define CAPTURE_PCAPNG_INTERFACES_MAX 4096

struct capture_interface {
	unsigned link_type;
	uint32_t snap_length; /* 0: no limit */
	uint8_t resolution;   /* if_tsresol: 10^-n, with bit 7 2^-n */
	int64_t offset;       /* if_tsoffset, seconds */
};

struct capture_pcapng {
	bool started, big_endian;             /* private, as all */
	uint64_t skip;                        /* octets nobody needs */
	struct capture_interface *interfaces; /* of this section */
	size_t count, room;
};

bool capture_pcapng_is(const char magic[4]);
void capture_pcapng_clear(struct capture_pcapng *f);

enum capture_next capture_pcapng_next(struct capture_pcapng *f, struct span *in,
	struct capture_packet *p, struct err *e);

#endif
