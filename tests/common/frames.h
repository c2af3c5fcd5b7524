/* frames - captures made byte by byte, for tests
 *
 * Written by other code than what common/capture reads with, in all the forms
 * that networks and capture programs have.  Buffers are the caller's.
 */
#ifndef TESTS_FRAMES_H
#define TESTS_FRAMES_H

#include "base/buf.h"
#include "base/clock.h"

enum frames_link {
	FRAMES_ETHERNET,
	FRAMES_VLAN, /* 802.1Q */
	FRAMES_QINQ, /* 802.1ad with 802.1Q inside */
	FRAMES_SLL,
	FRAMES_SLL2,
	FRAMES_RAW,
	FRAMES_NULL, /* in little-endian */
	FRAMES_LOOP,
	FRAMES_LINKS
};

unsigned frames_link_type(enum frames_link link);

/* The IP packet with that link's header in front. */
void frames_add(struct buf *out, enum frames_link link, struct span ip);

/* IP packets with UDP and TCP; ADDR:PORT or [ADDR]:PORT. */
void frames_udp(
	struct buf *out, const char *src, const char *dst, struct span payload);
void frames_tcp(struct buf *out, const char *src, const char *dst,
	uint32_t sequence, struct span payload);

/* The n-th fragment of an IP packet, of `piece` octets (a multiple of 8);
 * false behind the last. */
bool frames_fragment(struct buf *out, struct span ip, size_t piece,
	size_t index, uint32_t id);

/* pcap in any byte order. */
void frames_pcap(struct buf *out, bool big, bool nano, unsigned link_type);
void frames_pcap_packet(
	struct buf *out, bool big, bool nano, usec_t time, struct span bytes);

/* pcapng, block by block. */
void frames_ng_block(
	struct buf *out, bool big, uint32_t type, struct span body);
void frames_ng_section(struct buf *out, bool big);
/* if_tsresol: 6 for microseconds, 9, or with bit 7 a power of two */
void frames_ng_interface(
	struct buf *out, bool big, unsigned link_type, uint8_t resolution);
void frames_ng_packet(struct buf *out, bool big, uint32_t interface,
	uint64_t ticks, struct span bytes);
void frames_ng_simple(struct buf *out, bool big, struct span bytes);

#endif
