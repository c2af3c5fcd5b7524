#include "capture/link.h"

#include "capture/bytes.h"
#include "capture/packet.h"

enum {
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_IPV6 = 0x86dd,
	ETHERTYPE_VLAN = 0x8100,
	ETHERTYPE_PROVIDER_VLAN = 0x88a8, /* 802.1ad */
	ETHERTYPE_OLD_QINQ = 0x9100,
};

#define VLAN_TAGS_MAX 4 /* two are usual, more only in labs */

static bool is_vlan(unsigned type)
{
	return type == ETHERTYPE_VLAN || type == ETHERTYPE_PROVIDER_VLAN ||
	       type == ETHERTYPE_OLD_QINQ;
}

/* What is behind a header whose last word, or another one, was the type. */
static enum capture_link by_ethertype(
	unsigned type, struct span rest, struct span *ip)
{
	for (int tags = 0; is_vlan(type); tags++) {
		if (rest.n < 4)
			return CAPTURE_LINK_SHORT;
		if (tags == VLAN_TAGS_MAX)
			return CAPTURE_LINK_NOT_IP;
		type = capture_be16(rest.p + 2);
		rest = span_skip(rest, 4);
	}
	if (type != ETHERTYPE_IPV4 && type != ETHERTYPE_IPV6)
		return CAPTURE_LINK_NOT_IP;
	*ip = rest;
	return CAPTURE_LINK_IS_IP;
}

/* A header of `size` octets with an Ethertype at `at`. */
static enum capture_link cooked(
	struct span frame, size_t size, size_t at, struct span *ip)
{
	if (frame.n < size)
		return CAPTURE_LINK_SHORT;
	return by_ethertype(
		capture_be16(frame.p + at), span_skip(frame, size), ip);
}

static enum capture_link raw(struct span packet, struct span *ip)
{
	if (packet.n == 0)
		return CAPTURE_LINK_SHORT;
	unsigned version = (unsigned char)packet.p[0] >> 4;
	if (version != 4 && version != 6)
		return CAPTURE_LINK_NOT_IP;
	*ip = packet;
	return CAPTURE_LINK_IS_IP;
}

/* An address family of four octets in the byte order of the machine that
 * captured (NULL) or of the network (LOOP).  That of IPv6 differs from BSD to
 * BSD, so the packet itself says what it is. */
static enum capture_link loopback(struct span frame, struct span *ip)
{
	if (frame.n < 4)
		return CAPTURE_LINK_SHORT;
	return raw(span_skip(frame, 4), ip);
}

enum capture_link capture_link_strip(
	unsigned link_type, struct span frame, struct span *ip)
{
	switch (link_type) {
	case CAPTURE_LINK_ETHERNET:
		return cooked(frame, 14, 12, ip);
	case CAPTURE_LINK_SLL:
		return cooked(frame, 16, 14, ip);
	case CAPTURE_LINK_SLL2:
		return cooked(frame, 20, 0, ip);
	case CAPTURE_LINK_RAW:
	case CAPTURE_LINK_IPV4:
	case CAPTURE_LINK_IPV6:
		return raw(frame, ip);
	case CAPTURE_LINK_NULL:
	case CAPTURE_LINK_LOOP:
		return loopback(frame, ip);
	default:
		return CAPTURE_LINK_UNKNOWN;
	}
}
