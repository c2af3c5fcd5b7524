#include "capture/pcap.h"

#include "capture/bytes.h"

#define HEADER_SIZE 24
#define RECORD_SIZE 16
#define MAGIC_MICROSECONDS UINT32_C(0xa1b2c3d4)
#define MAGIC_NANOSECONDS UINT32_C(0xa1b23c4d)
#define VERSION_MAJOR 2
#define VERSION_MINOR 4
/* The upper bits of the field tell about frame check sequences. */
#define LINK_TYPE_MASK UINT32_C(0x0fffffff)

static bool is_magic(uint32_t magic)
{
	return magic == MAGIC_MICROSECONDS || magic == MAGIC_NANOSECONDS;
}

bool capture_pcap_is(const char magic[4])
{
	return is_magic(capture_be32(magic)) || is_magic(capture_le32(magic));
}

/* The header of 24 octets; the caller has seen that it is one. */
static enum capture_next start(
	struct capture_pcap *f, struct span *in, struct err *e)
{
	if (in->n < HEADER_SIZE)
		return CAPTURE_MORE;
	f->big_endian = is_magic(capture_be32(in->p));
	f->has_nanoseconds =
		capture_get32(f->big_endian, in->p) == MAGIC_NANOSECONDS;
	unsigned major = capture_get16(f->big_endian, in->p + 4);
	if (major != VERSION_MAJOR) {
		err_set(e, STATUS_MALFORMED, "pcap file of version %u, not %u",
			major, VERSION_MAJOR);
		return CAPTURE_BAD;
	}
	f->link_type =
		capture_get32(f->big_endian, in->p + 20) & LINK_TYPE_MASK;
	f->started = true;
	*in = span_skip(*in, HEADER_SIZE);
	return CAPTURE_PACKET;
}

enum capture_next capture_pcap_next(struct capture_pcap *f, struct span *in,
	struct capture_packet *p, struct err *e)
{
	if (!f->started) {
		enum capture_next started = start(f, in, e);
		if (started != CAPTURE_PACKET)
			return started;
	}
	if (in->n < RECORD_SIZE)
		return CAPTURE_MORE;
	bool big = f->big_endian;
	uint32_t captured = capture_get32(big, in->p + 8);
	if (captured > CAPTURE_PACKET_MAX) {
		err_set(e, STATUS_MALFORMED,
			"packet of %u bytes in a pcap file: it is corrupt",
			(unsigned)captured);
		return CAPTURE_BAD;
	}
	if (in->n - RECORD_SIZE < captured)
		return CAPTURE_MORE;
	uint32_t fraction = capture_get32(big, in->p + 4);
	*p = (struct capture_packet){
		.time = capture_get32(big, in->p) * USEC_SEC +
			(f->has_nanoseconds ? fraction / 1000 : fraction),
		.has_time = true,
		.link_type = f->link_type,
		.length = capture_get32(big, in->p + 12),
		.bytes = span_from(in->p + RECORD_SIZE, captured),
	};
	*in = span_skip(*in, RECORD_SIZE + captured);
	return CAPTURE_PACKET;
}

static void add16(struct buf *out, uint16_t value)
{
	buf_add(out, (char[]){ (char)value, (char)(value >> 8) }, 2);
}

static void add32(struct buf *out, uint32_t value)
{
	add16(out, (uint16_t)value);
	add16(out, (uint16_t)(value >> 16));
}

bool capture_pcap_add_header(struct buf *out, unsigned link_type)
{
	add32(out, MAGIC_MICROSECONDS);
	add16(out, VERSION_MAJOR);
	add16(out, VERSION_MINOR);
	add32(out, 0); /* of no meaning any more: time zone, accuracy */
	add32(out, 0);
	add32(out, CAPTURE_PACKET_MAX);
	add32(out, link_type);
	return !out->failed;
}

bool capture_pcap_add(struct buf *out, const struct capture_packet *p)
{
	add32(out, (uint32_t)(p->time / USEC_SEC));
	add32(out, (uint32_t)(p->time % USEC_SEC));
	add32(out, (uint32_t)p->bytes.n);
	add32(out, p->length);
	return buf_span(out, p->bytes) && !out->failed;
}
