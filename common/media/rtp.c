#include "media/rtp.h"

#include <string.h>

static uint16_t get16(const char *p)
{
	const unsigned char *b = (const unsigned char *)p;
	return (uint16_t)(b[0] << 8 | b[1]);
}

static uint32_t get32(const char *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

/* RFC 5761 section 4: with the marker bit on, payload types 64 to 95 look as
 * RTCP packet types 192 to 223 and are not used for RTP. */
static bool is_rtcp_type(uint8_t second)
{
	return second >= 192 && second <= 223;
}

bool rtp_is(struct span packet)
{
	if (packet.n < RTP_HEADER_SIZE)
		return false;
	const unsigned char *p = (const unsigned char *)packet.p;
	return p[0] >> 6 == RTP_VERSION && !is_rtcp_type(p[1]);
}

/* Section 5.3.1: two octets of the profile's, a length in words, the words. */
static bool parse_extension(struct rtp *r, struct span *rest, struct err *e)
{
	if (rest->n < 4)
		return err_set(e, STATUS_MALFORMED,
			"RTP packet ends before its header extension");
	r->extension_profile = get16(rest->p);
	size_t length = 4 * (size_t)get16(rest->p + 2);
	if (rest->n - 4 < length)
		return err_set(e, STATUS_MALFORMED,
			"RTP header extension of %zu octets in a packet with "
			"%zu left",
			length, rest->n - 4);
	r->extension = span_from(rest->p + 4, length);
	*rest = span_skip(*rest, 4 + length);
	return true;
}

/* Section 5.1: the last octet counts the padding, itself included. */
static bool cut_padding(struct rtp *r, struct span *rest, struct err *e)
{
	uint8_t padding = rest->n ? (uint8_t)rest->p[rest->n - 1] : 0;
	if (padding == 0 || padding > rest->n)
		return err_set(e, STATUS_MALFORMED,
			"RTP padding of %u octets behind %zu octets of payload",
			padding, rest->n);
	r->padding = padding;
	rest->n -= padding;
	return true;
}

bool rtp_parse(struct rtp *out, struct span packet, struct err *e)
{
	if (packet.n < RTP_HEADER_SIZE)
		return err_set(e, STATUS_MALFORMED,
			"RTP packet of %zu octets is shorter than its header",
			packet.n);
	const unsigned char *p = (const unsigned char *)packet.p;
	if (p[0] >> 6 != RTP_VERSION)
		return err_set(e, STATUS_MALFORMED, "RTP version %u is not 2",
			p[0] >> 6);
	if (is_rtcp_type(p[1]))
		return err_set(e, STATUS_MALFORMED,
			"RTCP packet of type %u where RTP belongs", p[1]);

	struct rtp r = {
		.payload_type = p[1] & 0x7f,
		.marker = p[1] >> 7,
		.has_extension = p[0] >> 4 & 1,
		.csrc_count = p[0] & 0x0f,
		.sequence = get16(packet.p + 2),
		.timestamp = get32(packet.p + 4),
		.ssrc = get32(packet.p + 8),
	};
	struct span rest = span_skip(packet, RTP_HEADER_SIZE);
	if (rest.n < 4 * (size_t)r.csrc_count)
		return err_set(e, STATUS_MALFORMED,
			"RTP packet ends within its %u CSRCs", r.csrc_count);
	for (unsigned i = 0; i < r.csrc_count; i++)
		r.csrc[i] = get32(rest.p + 4 * i);
	rest = span_skip(rest, 4 * (size_t)r.csrc_count);
	if (r.has_extension && !parse_extension(&r, &rest, e))
		return false;
	if (p[0] & 0x20 && !cut_padding(&r, &rest, e))
		return false;
	r.payload = rest;
	*out = r;
	return true;
}

static void add16(struct buf *out, uint16_t value)
{
	buf_add(out, (char[]){ (char)(value >> 8), (char)value }, 2);
}

static void add32(struct buf *out, uint32_t value)
{
	add16(out, (uint16_t)(value >> 16));
	add16(out, (uint16_t)value);
}

static void add_padding(struct buf *out, uint8_t padding)
{
	char *p = buf_reserve(out, padding);
	if (!p)
		return;
	memset(p, 0, padding);
	p[padding - 1] = (char)padding;
	buf_added(out, padding);
}

bool rtp_format(struct buf *out, const struct rtp *r)
{
	buf_char(out, (char)(RTP_VERSION << 6 | (r->padding ? 0x20 : 0) |
			      (r->has_extension ? 0x10 : 0) | r->csrc_count));
	buf_char(out, (char)((r->marker ? 0x80 : 0) | r->payload_type));
	add16(out, r->sequence);
	add32(out, r->timestamp);
	add32(out, r->ssrc);
	for (unsigned i = 0; i < r->csrc_count; i++)
		add32(out, r->csrc[i]);
	if (r->has_extension) {
		add16(out, r->extension_profile);
		add16(out, (uint16_t)(r->extension.n / 4));
		buf_span(out, r->extension);
	}
	buf_span(out, r->payload);
	if (r->padding)
		add_padding(out, r->padding);
	return !out->failed;
}
