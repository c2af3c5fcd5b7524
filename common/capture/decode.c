#include "capture/decode.h"

#include <string.h>

#include "base/mem.h"
#include "capture/bytes.h"
#include "capture/link.h"

#define UDP_SIZE 8
#define TCP_MIN 20

struct capture_decoder {
	struct capture_fragments *fragments;
	struct capture_counts counts;
};

struct capture_decoder *capture_decoder_new(void)
{
	struct capture_decoder *d = mem_alloc(sizeof(*d));
	d->fragments = capture_fragments_new();
	return d;
}

void capture_decoder_free(struct capture_decoder *d)
{
	if (d)
		capture_fragments_free(d->fragments);
	mem_free(d);
}

const struct capture_counts *capture_decoder_counts(
	const struct capture_decoder *d)
{
	return &d->counts;
}

struct capture_fragment_counts capture_decoder_fragments(
	const struct capture_decoder *d)
{
	return capture_fragments_counts(d->fragments);
}

/* The IP packet in the frame, or nothing and counted. */
static bool strip_link(struct capture_decoder *d,
	const struct capture_packet *p, struct span *ip)
{
	switch (capture_link_strip(p->link_type, p->bytes, ip)) {
	case CAPTURE_LINK_IS_IP:
		return true;
	case CAPTURE_LINK_NOT_IP:
		d->counts.not_ip++;
		return false;
	case CAPTURE_LINK_SHORT:
		d->counts.malformed++;
		return false;
	case CAPTURE_LINK_UNKNOWN:
		d->counts.unknown_link++;
		d->counts.unknown_type = p->link_type;
		return false;
	}
	return false;
}

/* A whole datagram, by itself or out of fragments. */
static bool take_ip(struct capture_decoder *d, const struct capture_packet *p,
	struct capture_ip *ip)
{
	struct span packet;
	if (!strip_link(d, p, &packet))
		return false;
	if (!capture_ip_parse(ip, packet)) {
		d->counts.malformed++;
		return false;
	}
	if (!ip->is_fragment)
		return true;
	d->counts.fragments++;
	struct capture_ip fragment = *ip;
	return capture_fragments_add(d->fragments, &fragment, p->time, ip);
}

/* RFC 768; a length of 0 is that of a jumbogram (RFC 2675 section 4). */
static bool take_udp(struct capture_segment *s, struct span datagram)
{
	if (datagram.n < UDP_SIZE)
		return false;
	size_t have = datagram.n - UDP_SIZE;
	size_t length = capture_be16(datagram.p + 4);
	if (length > 0 && length < UDP_SIZE)
		return false;
	size_t want = length ? length - UDP_SIZE : have;
	s->transport = CAPTURE_UDP;
	s->is_cut = want > have;
	s->payload =
		span_from(datagram.p + UDP_SIZE, want < have ? want : have);
	return true;
}

static bool take_tcp(
	struct capture_segment *s, struct span segment, bool is_cut)
{
	if (segment.n < TCP_MIN)
		return false;
	size_t header = 4 * (size_t)((unsigned char)segment.p[12] >> 4);
	if (header < TCP_MIN || header > segment.n)
		return false;
	s->transport = CAPTURE_TCP;
	s->is_cut = is_cut;
	s->payload = span_from(segment.p + header, segment.n - header);
	return true;
}

static void set_address(struct capture_address *a, uint8_t version,
	const char *bytes, const char *port)
{
	a->version = version;
	a->port = capture_be16(port);
	memcpy(a->bytes, bytes, version == 4 ? 4 : 16);
}

/* Both transports begin with the two ports. */
static bool take_transport(struct capture_decoder *d, struct capture_segment *s,
	const struct capture_ip *ip)
{
	bool is_udp = ip->protocol == CAPTURE_PROTOCOL_UDP;
	if (!is_udp && ip->protocol != CAPTURE_PROTOCOL_TCP) {
		d->counts.other++;
		return false;
	}
	if (is_udp ? !take_udp(s, ip->payload)
		   : !take_tcp(s, ip->payload, ip->is_cut)) {
		d->counts.malformed++;
		return false;
	}
	set_address(&s->src, ip->version, ip->src, ip->payload.p);
	set_address(&s->dst, ip->version, ip->dst, ip->payload.p + 2);
	d->counts.udp += is_udp;
	d->counts.tcp += !is_udp && s->payload.n > 0;
	return true;
}

bool capture_decode(struct capture_decoder *d, const struct capture_packet *p,
	struct capture_segment *s)
{
	struct capture_ip ip;
	d->counts.packets++;
	if (!take_ip(d, p, &ip) || !take_transport(d, s, &ip))
		return false;
	s->time = p->time;
	s->has_time = p->has_time;
	return s->payload.n > 0;
}
