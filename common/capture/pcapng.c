#include "capture/pcapng.h"

#include <string.h>

#include "base/mem.h"
#include "capture/bytes.h"

enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_OLD_PACKET = 2,
	BLOCK_SIMPLE_PACKET = 3,
	BLOCK_ENHANCED_PACKET = 6,
};
enum { OPTION_END = 0, OPTION_TSRESOL = 9, OPTION_TSOFFSET = 14 };

#define MAGIC UINT32_C(0x1a2b3c4d)
#define BLOCK_MIN 12   /* type, length, length again */
#define SECTION_MIN 28 /* … magic, version, length of the section */
#define RESOLUTION_DEFAULT 6
/* 9999-12-31, the last that a time can be written as */
#define TIME_MAX (INT64_C(253402300799) * USEC_SEC)

bool capture_pcapng_is(const char magic[4])
{
	return capture_be32(magic) == BLOCK_SECTION; /* a palindrome */
}

void capture_pcapng_clear(struct capture_pcapng *f)
{
	mem_free(f->interfaces);
	*f = (struct capture_pcapng){ .count = 0 };
}

static enum capture_next corrupt(struct err *e, const char *what)
{
	err_set(e, STATUS_MALFORMED, "%s in a pcapng file: it is corrupt",
		what);
	return CAPTURE_BAD;
}

/* ---- times ---- */

static bool scale(uint64_t ticks, uint64_t factor, uint64_t *out)
{
	return !__builtin_mul_overflow(ticks, factor, out);
}

/* Ticks of the interface's resolution to microseconds; false where that is
 * no time at all. */
static bool to_usec(
	const struct capture_interface *i, uint64_t ticks, uint64_t *out)
{
	unsigned n = i->resolution & 0x7f;
	uint64_t power = 1;
	if (i->resolution & 0x80) {
		if (n > 63)
			return false;
		/* Of the fraction 40 bits are more than enough. */
		uint64_t fraction = ticks & ((UINT64_C(1) << n) - 1);
		unsigned kept = n > 40 ? 40 : n;
		fraction = (fraction >> (n - kept)) * USEC_SEC >> kept;
		return scale(ticks >> n, USEC_SEC, out) &&
		       !__builtin_add_overflow(*out, fraction, out);
	}
	if (n > 19)
		return false;
	for (unsigned steps = n > 6 ? n - 6 : 6 - n; steps > 0; steps--)
		power *= 10;
	if (n <= 6)
		return scale(ticks, power, out);
	*out = ticks / power;
	return true;
}

static void set_time(struct capture_packet *p,
	const struct capture_interface *i, uint32_t high, uint32_t low)
{
	uint64_t since;
	int64_t offset, time;
	p->has_time = to_usec(i, (uint64_t)high << 32 | low, &since) &&
		      since <= TIME_MAX &&
		      !__builtin_mul_overflow(i->offset, USEC_SEC, &offset) &&
		      !__builtin_add_overflow((int64_t)since, offset, &time) &&
		      time >= 0 && time <= TIME_MAX;
	p->time = p->has_time ? time : 0;
}

/* ---- blocks: `body` is without type and both lengths ---- */

/* The next option from *rest; false at their end. */
static bool next_option(const struct capture_pcapng *f, struct span *rest,
	unsigned *code, struct span *value)
{
	if (rest->n < 4)
		return false;
	*code = capture_get16(f->big_endian, rest->p);
	size_t n = capture_get16(f->big_endian, rest->p + 2);
	*rest = span_skip(*rest, 4);
	if (*code == OPTION_END || n > rest->n)
		return false;
	*value = span_first(*rest, n);
	*rest = span_skip(*rest, (n + 3) & ~(size_t)3);
	return true;
}

static int64_t get_seconds(const struct capture_pcapng *f, const char *p)
{
	uint64_t first = capture_get32(f->big_endian, p);
	uint64_t second = capture_get32(f->big_endian, p + 4);
	return (int64_t)(f->big_endian ? first << 32 | second
				       : second << 32 | first);
}

static enum capture_next add_interface(
	struct capture_pcapng *f, struct span body, struct err *e)
{
	if (body.n < 8)
		return corrupt(e, "interface block too short");
	if (f->count == CAPTURE_PCAPNG_INTERFACES_MAX)
		return corrupt(e, "more than 4096 interfaces");
	struct capture_interface i = {
		.link_type = capture_get16(f->big_endian, body.p),
		.snap_length = capture_get32(f->big_endian, body.p + 4),
		.resolution = RESOLUTION_DEFAULT,
	};
	struct span rest = span_skip(body, 8), value;
	unsigned code;
	while (next_option(f, &rest, &code, &value)) {
		if (code == OPTION_TSRESOL && value.n >= 1)
			i.resolution = (uint8_t)value.p[0];
		else if (code == OPTION_TSOFFSET && value.n >= 8)
			i.offset = get_seconds(f, value.p);
	}
	if (f->count == f->room) {
		f->room = f->room ? 2 * f->room : 4;
		f->interfaces = mem_grow(
			f->interfaces, f->room, sizeof(*f->interfaces));
	}
	f->interfaces[f->count++] = i;
	return CAPTURE_MORE;
}

/* Enhanced and obsolete packets are alike behind their first word. */
static enum capture_next take_packet(const struct capture_pcapng *f,
	struct span body, uint32_t interface, struct capture_packet *p,
	struct err *e)
{
	bool big = f->big_endian;
	if (interface >= f->count)
		return corrupt(e, "packet of an unknown interface");
	uint32_t captured = capture_get32(big, body.p + 12);
	if (captured > body.n - 20 || captured > CAPTURE_PACKET_MAX)
		return corrupt(e, "packet larger than its block");
	const struct capture_interface *i = &f->interfaces[interface];
	p->link_type = i->link_type;
	p->length = capture_get32(big, body.p + 16);
	p->bytes = span_from(body.p + 20, captured);
	set_time(p, i, capture_get32(big, body.p + 4),
		capture_get32(big, body.p + 8));
	return CAPTURE_PACKET;
}

static enum capture_next take_simple_packet(const struct capture_pcapng *f,
	struct span body, struct capture_packet *p, struct err *e)
{
	if (f->count == 0)
		return corrupt(e, "packet of an unknown interface");
	const struct capture_interface *i = &f->interfaces[0];
	uint32_t length = capture_get32(f->big_endian, body.p);
	size_t captured = length;
	if (i->snap_length && captured > i->snap_length)
		captured = i->snap_length;
	if (captured > body.n - 4 || captured > CAPTURE_PACKET_MAX)
		return corrupt(e, "packet larger than its block");
	*p = (struct capture_packet){
		.link_type = i->link_type,
		.length = length,
		.bytes = span_from(body.p + 4, captured),
	};
	return CAPTURE_PACKET;
}

/* CAPTURE_MORE here: no packet in this one. */
static enum capture_next take_block(struct capture_pcapng *f, uint32_t type,
	struct span body, struct capture_packet *p, struct err *e)
{
	if (type == BLOCK_INTERFACE)
		return add_interface(f, body, e);
	if (body.n < (type == BLOCK_SIMPLE_PACKET ? 4 : 20))
		return corrupt(e, "packet block too short");
	if (type == BLOCK_SIMPLE_PACKET)
		return take_simple_packet(f, body, p, e);
	return take_packet(f, body,
		type == BLOCK_ENHANCED_PACKET
			? capture_get32(f->big_endian, body.p)
			: capture_get16(f->big_endian, body.p),
		p, e);
}

/* A section begins: its byte order, and the interfaces start anew. */
static enum capture_next begin_section(
	struct capture_pcapng *f, struct span *in, struct err *e)
{
	if (in->n < SECTION_MIN)
		return CAPTURE_MORE;
	bool big = capture_be32(in->p + 8) == MAGIC;
	if (!big && capture_le32(in->p + 8) != MAGIC)
		return corrupt(e, "section without its magic");
	unsigned major = capture_get16(big, in->p + 12);
	if (major != 1)
		return corrupt(e, "section of an unknown version");
	uint32_t length = capture_get32(big, in->p + 4);
	if (length < SECTION_MIN || length % 4)
		return corrupt(e, "section header of an impossible length");
	f->big_endian = big;
	f->started = true;
	f->count = 0;
	f->skip = length;
	return CAPTURE_PACKET;
}

static bool is_needed(uint32_t type)
{
	return type == BLOCK_ENHANCED_PACKET || type == BLOCK_INTERFACE ||
	       type == BLOCK_SIMPLE_PACKET || type == BLOCK_OLD_PACKET;
}

/* One whole block; CAPTURE_PACKET also where it was one without a packet, and
 * then p->bytes.p is NULL. */
static enum capture_next next_block(struct capture_pcapng *f, struct span *in,
	struct capture_packet *p, struct err *e)
{
	if (in->n < 8)
		return CAPTURE_MORE;
	if (capture_be32(in->p) == BLOCK_SECTION)
		return begin_section(f, in, e);
	uint32_t type = capture_get32(f->big_endian, in->p);
	uint32_t length = capture_get32(f->big_endian, in->p + 4);
	if (length < BLOCK_MIN || length % 4)
		return corrupt(e, "block of an impossible length");
	if (!is_needed(type)) {
		f->skip = length;
		return CAPTURE_PACKET;
	}
	if (length > CAPTURE_PCAPNG_BLOCK_MAX)
		return corrupt(e, "packet or interface block over 512 KiB");
	if (in->n < length)
		return CAPTURE_MORE;
	if (capture_get32(f->big_endian, in->p + length - 4) != length)
		return corrupt(e, "block with two different lengths");
	struct span body = span_from(in->p + 8, length - BLOCK_MIN);
	enum capture_next what = take_block(f, type, body, p, e);
	if (what != CAPTURE_BAD)
		*in = span_skip(*in, length);
	return what == CAPTURE_MORE ? CAPTURE_PACKET : what;
}

enum capture_next capture_pcapng_next(struct capture_pcapng *f, struct span *in,
	struct capture_packet *p, struct err *e)
{
	for (;;) {
		size_t skip = f->skip < in->n ? (size_t)f->skip : in->n;
		*in = span_skip(*in, skip);
		f->skip -= skip;
		if (f->skip > 0)
			return CAPTURE_MORE;
		p->bytes = SPAN_EMPTY;
		enum capture_next what = next_block(f, in, p, e);
		if (what != CAPTURE_PACKET || p->bytes.p)
			return what;
	}
}
