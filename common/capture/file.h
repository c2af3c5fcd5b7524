/* file - packets out of a capture file, pcap or pcapng, whichever it is
 *
 * The bytes come from wherever the caller has them: a pipe, a file, a map.
 * capture_file_next takes one record from their front; what it leaves is to be
 * given again with more behind it, CAPTURE_FILE_HELD bytes at most.  Packets
 * point into those bytes.
 *
 * A file is believed as far as it is sound: after CAPTURE_BAD nothing more
 * comes out of it, and what came before stands.
 */
#ifndef CAPTURE_FILE_H
#define CAPTURE_FILE_H

#include "base/err.h"
#include "capture/packet.h"
#include "capture/pcap.h"
#include "capture/pcapng.h"

/* The caller's buffer needs to be no larger than this for next to go on. */
#define CAPTURE_FILE_HELD CAPTURE_PCAPNG_BLOCK_MAX

struct capture_file {
	enum { CAPTURE_NO_FORMAT, CAPTURE_PCAP, CAPTURE_PCAPNG } format;
	struct capture_pcap pcap;     /* private */
	struct capture_pcapng pcapng; /* private */
	uint64_t packets;             /* how many came out so far */
};

void capture_file_init(struct capture_file *f);
void capture_file_clear(struct capture_file *f);

enum capture_next capture_file_next(struct capture_file *f, struct span *in,
	struct capture_packet *p, struct err *e);

/* The input has ended and `rest` is left of it: false where that is in the
 * middle of a record, or where there was nothing at all. */
bool capture_file_end(
	const struct capture_file *f, struct span rest, struct err *e);

#endif
