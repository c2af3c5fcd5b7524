/* pcap - the classic capture file (draft-ietf-opsawg-pcap)
 *
 * Reading: both byte orders, microseconds and nanoseconds; see capture/file.h
 * for how bytes are given.  Writing: microseconds, little-endian, appended to a
 * buf.
 */
#ifndef CAPTURE_PCAP_H
#define CAPTURE_PCAP_H

#include "base/buf.h"
#include "base/err.h"
#include "capture/packet.h"

struct capture_pcap {
	bool started, big_endian, has_nanoseconds; /* private */
	unsigned link_type;                        /* private */
};

/* Do these four octets begin one? */
bool capture_pcap_is(const char magic[4]);

enum capture_next capture_pcap_next(struct capture_pcap *f, struct span *in,
	struct capture_packet *p, struct err *e);

/* The file's header, once, then packets of that link type. */
bool capture_pcap_add_header(struct buf *out, unsigned link_type);
bool capture_pcap_add(struct buf *out, const struct capture_packet *p);

#endif
