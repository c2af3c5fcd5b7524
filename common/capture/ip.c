#include "capture/ip.h"

#include "capture/bytes.h"

#define IPV4_MIN 20
#define IPV6_SIZE 40
#define EXTENSIONS_MAX 16 /* RFC 8200 section 4.1 names seven */

enum {
	HOP_BY_HOP = 0,
	ROUTING = 43,
	FRAGMENT = 44,
	AUTHENTICATION = 51,
	DESTINATION_OPTIONS = 60,
	MOBILITY = 135,
};

/* What the header says there is, and whether the capture has it all.  A
 * length of 0 is of a packet that was captured before the card cut it in
 * pieces (segmentation offload), or of a jumbogram. */
static void set_payload(struct capture_ip *ip, struct span rest, size_t length)
{
	ip->is_cut = length > rest.n;
	ip->payload = length ? span_first(rest, length) : rest;
}

static bool parse_v4(struct capture_ip *ip, struct span packet)
{
	if (packet.n < IPV4_MIN)
		return false;
	size_t header = 4 * (size_t)(packet.p[0] & 0x0f);
	size_t total = capture_be16(packet.p + 2);
	unsigned flags = capture_be16(packet.p + 6);
	if (header < IPV4_MIN || header > packet.n || (total && total < header))
		return false;
	ip->version = 4;
	ip->protocol = (uint8_t)packet.p[9];
	ip->src = packet.p + 12;
	ip->dst = packet.p + 16;
	ip->id = capture_be16(packet.p + 4);
	ip->offset = (uint16_t)((flags & 0x1fff) * 8);
	ip->has_more = flags & 0x2000;
	ip->is_fragment = ip->has_more || ip->offset;
	/* A header alone says total == header: no payload, not "unknown". */
	set_payload(ip, span_skip(packet, header), total ? total - header : 0);
	if (total == header)
		ip->payload.n = 0;
	return true;
}

static bool is_extension(uint8_t protocol)
{
	return protocol == HOP_BY_HOP || protocol == ROUTING ||
	       protocol == FRAGMENT || protocol == AUTHENTICATION ||
	       protocol == DESTINATION_OPTIONS || protocol == MOBILITY;
}

/* RFC 8200 section 4.5.  True: a real fragment, the walk ends here. */
static bool take_fragment(struct capture_ip *ip, const char *header)
{
	unsigned offset = capture_be16(header + 2);
	ip->offset = offset & 0xfff8;
	ip->has_more = offset & 1;
	ip->id = capture_be32(header + 4);
	/* RFC 6946: one fragment that is all of it is no fragment. */
	ip->is_fragment = ip->has_more || ip->offset;
	return ip->is_fragment;
}

bool capture_ip_skip_extensions(struct capture_ip *ip)
{
	for (int i = 0; is_extension(ip->protocol); i++) {
		if (i == EXTENSIONS_MAX || ip->payload.n < 8)
			return false;
		const char *header = ip->payload.p;
		unsigned length = (unsigned char)header[1];
		size_t size = ip->protocol == FRAGMENT         ? 8
			      : ip->protocol == AUTHENTICATION ? 4 * length + 8
							       : 8 * length + 8;
		if (size > ip->payload.n)
			return false;
		bool ends =
			ip->protocol == FRAGMENT && take_fragment(ip, header);
		ip->protocol = (uint8_t)header[0];
		ip->payload = span_skip(ip->payload, size);
		if (ends)
			break;
	}
	return true;
}

static bool parse_v6(struct capture_ip *ip, struct span packet)
{
	if (packet.n < IPV6_SIZE)
		return false;
	ip->version = 6;
	ip->protocol = (uint8_t)packet.p[6];
	ip->src = packet.p + 8;
	ip->dst = packet.p + 24;
	set_payload(
		ip, span_skip(packet, IPV6_SIZE), capture_be16(packet.p + 4));
	return capture_ip_skip_extensions(ip);
}

bool capture_ip_parse(struct capture_ip *ip, struct span packet)
{
	unsigned version = packet.n ? (unsigned char)packet.p[0] >> 4 : 0;
	*ip = (struct capture_ip){ .is_fragment = false };
	if (version == 4)
		return parse_v4(ip, packet);
	return version == 6 && parse_v6(ip, packet);
}
