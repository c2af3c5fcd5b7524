#include "tests/common/frames.h"

#include <stdlib.h>
#include <string.h>

#include "capture/wrap.h"
#include "net/endpoint.h"

#define PIECE_MAX 65536

static void put16(struct buf *out, bool big, unsigned value)
{
	char b[2] = { (char)(value >> 8), (char)value };
	buf_char(out, b[!big]);
	buf_char(out, b[big]);
}

static void put32(struct buf *out, bool big, uint32_t value)
{
	put16(out, big, big ? value >> 16 : value & 0xffff);
	put16(out, big, big ? value & 0xffff : value >> 16);
}

/* ---- links ---- */

unsigned frames_link_type(enum frames_link link)
{
	static const unsigned types[FRAMES_LINKS] = {
		[FRAMES_ETHERNET] = 1,
		[FRAMES_VLAN] = 1,
		[FRAMES_QINQ] = 1,
		[FRAMES_SLL] = 113,
		[FRAMES_SLL2] = 276,
		[FRAMES_RAW] = 101,
		[FRAMES_NULL] = 0,
		[FRAMES_LOOP] = 108,
	};
	return types[link];
}

void frames_add(struct buf *out, enum frames_link link, struct span ip)
{
	bool is_v4 = (unsigned char)ip.p[0] >> 4 == 4;
	unsigned type = is_v4 ? 0x0800 : 0x86dd;
	switch (link) {
	case FRAMES_QINQ:
	case FRAMES_VLAN:
	case FRAMES_ETHERNET:
		buf_add(out, "\2\0\0\0\0\1\2\0\0\0\0\2", 12);
		if (link == FRAMES_QINQ)
			buf_add(out, "\x88\xa8\0\x64", 4);
		if (link != FRAMES_ETHERNET)
			buf_add(out, "\x81\0\xe0\x2a", 4);
		put16(out, true, type);
		break;
	case FRAMES_SLL:
		buf_add(out, "\0\0\0\1\0\6\2\0\0\0\0\1\0\0", 14);
		put16(out, true, type);
		break;
	case FRAMES_SLL2:
		put16(out, true, type);
		buf_add(out, "\0\0\0\0\0\1\0\1\0\6\2\0\0\0\0\1\0\0", 18);
		break;
	case FRAMES_NULL:
	case FRAMES_LOOP:
		put32(out, link == FRAMES_LOOP, is_v4 ? 2 : 30);
		break;
	default:
		break;
	}
	buf_span(out, ip);
}

/* ---- packets ---- */

static struct endpoint endpoint(const char *text)
{
	struct endpoint e;
	if (!endpoint_parse(&e, span_of(text), 0, NULL))
		abort();
	return e;
}

void frames_udp(
	struct buf *out, const char *src, const char *dst, struct span payload)
{
	struct endpoint from = endpoint(src), to = endpoint(dst);
	if (!capture_wrap_udp(out, &from, &to, payload))
		abort();
}

void frames_tcp(struct buf *out, const char *src, const char *dst,
	uint32_t sequence, struct span payload)
{
	/* UDP's packet with another header; the checksum is left at 0, as of
	 * a card that computes it. */
	struct buf udp = BUF_INIT(PIECE_MAX);
	struct buf rest = BUF_INIT(PIECE_MAX);
	struct endpoint from = endpoint(src);
	size_t ip = endpoint_family(&from) == AF_INET ? 20 : 40;
	for (int i = 0; i < 12; i++)
		buf_char(&rest, 0); /* 20 octets instead of 8 */
	buf_span(&rest, payload);
	frames_udp(&udp, src, dst, buf_view(&rest));
	udp.data[ip == 20 ? 9 : 6] = 6;
	struct buf header = BUF_INIT(20);
	buf_add(&header, udp.data + ip, 4); /* the ports */
	put32(&header, true, sequence);
	buf_add(&header, "\0\0\0\1\x50\x18\x40\0\0\0\0\0", 12);
	memcpy(udp.data + ip, header.data, 20);
	buf_span(out, buf_view(&udp));
	buf_clear(&header);
	buf_clear(&rest);
	buf_clear(&udp);
}

static void fragment_v4(struct buf *out, struct span ip, size_t offset,
	struct span piece, bool more, uint32_t id)
{
	size_t header = 4 * (size_t)(ip.p[0] & 0x0f);
	buf_add(out, ip.p, 2);
	put16(out, true, (unsigned)(header + piece.n));
	put16(out, true, id & 0xffff);
	put16(out, true, (unsigned)(offset / 8) | (more ? 0x2000 : 0));
	buf_add(out, ip.p + 8, header - 8);
	buf_span(out, piece);
}

static void fragment_v6(struct buf *out, struct span ip, size_t offset,
	struct span piece, bool more, uint32_t id)
{
	buf_add(out, ip.p, 4);
	put16(out, true, (unsigned)(8 + piece.n));
	buf_char(out, 44);
	buf_add(out, ip.p + 7, 33);
	buf_char(out, ip.p[6]);
	buf_char(out, 0);
	put16(out, true, (unsigned)offset | more);
	put32(out, true, id);
	buf_span(out, piece);
}

bool frames_fragment(struct buf *out, struct span ip, size_t piece,
	size_t index, uint32_t id)
{
	bool is_v4 = (unsigned char)ip.p[0] >> 4 == 4;
	size_t header = is_v4 ? 4 * (size_t)(ip.p[0] & 0x0f) : 40;
	struct span payload = span_skip(ip, header);
	size_t offset = index * piece;
	if (offset >= payload.n)
		return false;
	struct span part = span_first(span_skip(payload, offset), piece);
	bool more = offset + part.n < payload.n;
	(is_v4 ? fragment_v4 : fragment_v6)(out, ip, offset, part, more, id);
	return true;
}

/* ---- pcap ---- */

void frames_pcap(struct buf *out, bool big, bool nano, unsigned link_type)
{
	put32(out, big, nano ? 0xa1b23c4d : 0xa1b2c3d4);
	put16(out, big, 2);
	put16(out, big, 4);
	put32(out, big, 0);
	put32(out, big, 0);
	put32(out, big, 65535);
	put32(out, big, link_type);
}

void frames_pcap_packet(
	struct buf *out, bool big, bool nano, usec_t time, struct span bytes)
{
	put32(out, big, (uint32_t)(time / USEC_SEC));
	put32(out, big, (uint32_t)(time % USEC_SEC * (nano ? 1000 : 1)));
	put32(out, big, (uint32_t)bytes.n);
	put32(out, big, (uint32_t)bytes.n);
	buf_span(out, bytes);
}

/* ---- pcapng ---- */

static void pad(struct buf *out, size_t n)
{
	for (; n % 4; n++)
		buf_char(out, 0);
}

void frames_ng_block(struct buf *out, bool big, uint32_t type, struct span body)
{
	uint32_t length = (uint32_t)(12 + ((body.n + 3) & ~(size_t)3));
	put32(out, big, type);
	put32(out, big, length);
	buf_span(out, body);
	pad(out, body.n);
	put32(out, big, length);
}

void frames_ng_section(struct buf *out, bool big)
{
	struct buf body = BUF_INIT(100);
	put32(&body, big, 0x1a2b3c4d);
	put16(&body, big, 1);
	put16(&body, big, 0);
	put32(&body, big, 0xffffffff);
	put32(&body, big, 0xffffffff);
	put16(&body, big, 4); /* shb_userappl */
	put16(&body, big, 5);
	buf_add(&body, "tests\0\0\0", 8);
	put32(&body, big, 0);
	frames_ng_block(out, big, 0x0a0d0d0a, buf_view(&body));
	buf_clear(&body);
}

void frames_ng_interface(
	struct buf *out, bool big, unsigned link_type, uint8_t resolution)
{
	struct buf body = BUF_INIT(100);
	put16(&body, big, link_type);
	put16(&body, big, 0);
	put32(&body, big, 0);
	put16(&body, big, 2); /* if_name, of an odd length */
	put16(&body, big, 3);
	buf_add(&body, "eth\0", 4);
	put16(&body, big, 9);
	put16(&body, big, 1);
	buf_char(&body, (char)resolution);
	buf_add(&body, "\0\0\0", 3);
	put32(&body, big, 0);
	frames_ng_block(out, big, 1, buf_view(&body));
	buf_clear(&body);
}

void frames_ng_packet(struct buf *out, bool big, uint32_t interface,
	uint64_t ticks, struct span bytes)
{
	struct buf body = BUF_INIT(PIECE_MAX + 100);
	put32(&body, big, interface);
	put32(&body, big, (uint32_t)(ticks >> 32));
	put32(&body, big, (uint32_t)ticks);
	put32(&body, big, (uint32_t)bytes.n);
	put32(&body, big, (uint32_t)bytes.n);
	buf_span(&body, bytes);
	pad(&body, bytes.n);
	put16(&body, big, 2); /* epb_flags */
	put16(&body, big, 4);
	put32(&body, big, 1);
	put32(&body, big, 0);
	frames_ng_block(out, big, 6, buf_view(&body));
	buf_clear(&body);
}

void frames_ng_simple(struct buf *out, bool big, struct span bytes)
{
	struct buf body = BUF_INIT(PIECE_MAX + 100);
	put32(&body, big, (uint32_t)bytes.n);
	buf_span(&body, bytes);
	frames_ng_block(out, big, 3, buf_view(&body));
	buf_clear(&body);
}
