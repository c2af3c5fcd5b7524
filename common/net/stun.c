#include "net/stun.h"

#include <string.h>

#define HEADER_SIZE 20
#define COOKIE 0x2112a442u
#define TYPE_REQUEST 0x0001u
#define TYPE_SUCCESS 0x0101u
#define TYPE_ERROR 0x0111u
#define XOR_MAPPED_ADDRESS 0x0020u
#define ERROR_CODE 0x0009u
#define UNKNOWN_ATTRIBUTES 0x000au
/* Attributes above need not be understood (section 5). */
#define OPTIONAL_FROM 0x8000u

static unsigned u16(const char *p)
{
	return (unsigned)(unsigned char)p[0] << 8 | (unsigned char)p[1];
}

static uint32_t u32(const char *p)
{
	return (uint32_t)u16(p) << 16 | u16(p + 2);
}

static void put(struct buf *out, uint32_t value, unsigned bytes)
{
	while (bytes-- > 0)
		buf_char(out, (char)(value >> 8 * bytes & 0xff));
}

bool stun_is_likely(struct span bytes)
{
	return bytes.n >= HEADER_SIZE && (unsigned char)bytes.p[0] < 2 &&
	       u32(bytes.p + 4) == COOKIE;
}

/* ---- XOR-MAPPED-ADDRESS (14.2) ------------------------------------------------ */

/* The address is hidden from those who rewrite addresses, by the 16 bytes that
 * begin with the cookie. */
static void mask(unsigned char *address, size_t n, const unsigned char *id)
{
	static const unsigned char cookie[] = { 0x21, 0x12, 0xa4, 0x42 };

	for (size_t i = 0; i < n; i++)
		address[i] ^= i < 4 ? cookie[i] : id[i - 4];
}

static void parse_mapped(struct stun *s, struct span value)
{
	struct endpoint a = { .len = 0 };
	bool v4 = value.n == 8 && value.p[1] == 1;
	bool v6 = value.n == 20 && value.p[1] == 2;

	if (v4) {
		a = (struct endpoint){ .v4.sin_family = AF_INET,
			.len = sizeof(a.v4) };
		memcpy(&a.v4.sin_addr, value.p + 4, 4);
		mask((unsigned char *)&a.v4.sin_addr, 4, s->id);
	} else if (v6) {
		a = (struct endpoint){ .v6.sin6_family = AF_INET6,
			.len = sizeof(a.v6) };
		memcpy(&a.v6.sin6_addr, value.p + 4, 16);
		mask((unsigned char *)&a.v6.sin6_addr, 16, s->id);
	} else {
		return;
	}
	endpoint_set_port(&a, (uint16_t)(u16(value.p + 2) ^ COOKIE >> 16));
	s->mapped = a;
}

static void add_mapped(
	struct buf *out, const struct stun *s, const struct endpoint *a)
{
	bool v6 = endpoint_family(a) == AF_INET6;
	unsigned char bytes[16];
	size_t n = v6 ? 16 : 4;

	memcpy(bytes, v6 ? (const void *)&a->v6.sin6_addr : &a->v4.sin_addr, n);
	mask(bytes, n, s->id);
	put(out, XOR_MAPPED_ADDRESS, 2);
	put(out, (uint32_t)(4 + n), 2);
	put(out, v6 ? 2 : 1, 2);
	put(out, endpoint_port(a) ^ COOKIE >> 16, 2);
	buf_span(out, span_from((const char *)bytes, n));
}

/* ---- messages -------------------------------------------------------------------- */

static bool parse_attributes(struct stun *s, struct span rest)
{
	while (rest.n >= 4) {
		unsigned type = u16(rest.p), length = u16(rest.p + 2);
		size_t padded = ((size_t)length + 3) & ~(size_t)3;
		if (padded > rest.n - 4)
			return false;
		struct span value = span_first(span_skip(rest, 4), length);
		if (type == XOR_MAPPED_ADDRESS && !s->mapped.len)
			parse_mapped(s, value);
		else if (type < OPTIONAL_FROM && !s->unknown &&
			 s->kind == STUN_REQUEST)
			s->unknown = (uint16_t)type;
		rest = span_skip(rest, 4 + padded);
	}
	return rest.n == 0;
}

bool stun_parse(struct stun *out, struct span bytes)
{
	struct stun s = { .unknown = 0 };

	if (!stun_is_likely(bytes) || u16(bytes.p + 2) % 4 ||
		u16(bytes.p + 2) != bytes.n - HEADER_SIZE)
		return false;
	switch (u16(bytes.p)) {
	case TYPE_REQUEST:
		s.kind = STUN_REQUEST;
		break;
	case TYPE_SUCCESS:
		s.kind = STUN_SUCCESS;
		break;
	case TYPE_ERROR:
		s.kind = STUN_ERROR;
		break;
	default:
		return false;
	}
	memcpy(s.id, bytes.p + 8, STUN_ID_SIZE);
	if (!parse_attributes(&s, span_skip(bytes, HEADER_SIZE)))
		return false;
	*out = s;
	return true;
}

static void add_header(struct buf *out, unsigned type, size_t length,
	const unsigned char id[STUN_ID_SIZE])
{
	put(out, type, 2);
	put(out, (uint32_t)length, 2);
	put(out, COOKIE, 4);
	buf_span(out, span_from((const char *)id, STUN_ID_SIZE));
}

bool stun_request(struct buf *out, const unsigned char id[STUN_ID_SIZE])
{
	add_header(out, TYPE_REQUEST, 0, id);
	return !out->failed;
}

bool stun_answer(struct buf *out, const struct stun *request,
	const struct endpoint *from)
{
	if (request->unknown) {
		add_header(out, TYPE_ERROR, 8 + 8, request->id);
		put(out, ERROR_CODE, 2);
		put(out, 4, 2);
		put(out, 4 << 8 | 20, 4);
		put(out, UNKNOWN_ATTRIBUTES, 2);
		put(out, 2, 2);
		put(out, request->unknown, 2);
		put(out, 0, 2);
	} else {
		add_header(out, TYPE_SUCCESS,
			endpoint_family(from) == AF_INET6 ? 24 : 12,
			request->id);
		add_mapped(out, request, from);
	}
	return !out->failed;
}
