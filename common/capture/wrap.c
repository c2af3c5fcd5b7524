#include "capture/wrap.h"

#include <arpa/inet.h>
#include <string.h>

#include "capture/ip.h"

#define IPV4_SIZE 20
#define IPV6_SIZE 40
#define UDP_SIZE 8
#define HOP_LIMIT 64

static void put16(unsigned char *p, unsigned value)
{
	p[0] = (unsigned char)(value >> 8);
	p[1] = (unsigned char)value;
}

/* RFC 1071: the sum of 16-bit words, not yet folded. */
static uint32_t sum(uint32_t so_far, const unsigned char *p, size_t n)
{
	for (size_t i = 0; i + 1 < n; i += 2)
		so_far += (uint32_t)p[i] << 8 | p[i + 1];
	return n % 2 ? so_far + ((uint32_t)p[n - 1] << 8) : so_far;
}

static unsigned fold(uint32_t sum_of_words)
{
	while (sum_of_words >> 16)
		sum_of_words = (sum_of_words & 0xffff) + (sum_of_words >> 16);
	return ~sum_of_words & 0xffff;
}

static size_t put_v4(unsigned char *p, const struct endpoint *src,
	const struct endpoint *dst, size_t payload)
{
	memset(p, 0, IPV4_SIZE);
	p[0] = 0x45;
	put16(p + 2, (unsigned)(IPV4_SIZE + payload));
	p[6] = 0x40; /* don't fragment */
	p[8] = HOP_LIMIT;
	p[9] = CAPTURE_PROTOCOL_UDP;
	memcpy(p + 12, &src->v4.sin_addr, 4);
	memcpy(p + 16, &dst->v4.sin_addr, 4);
	put16(p + 10, fold(sum(0, p, IPV4_SIZE)));
	return IPV4_SIZE;
}

static size_t put_v6(unsigned char *p, const struct endpoint *src,
	const struct endpoint *dst, size_t payload)
{
	memset(p, 0, IPV6_SIZE);
	p[0] = 0x60;
	put16(p + 4, (unsigned)payload);
	p[6] = CAPTURE_PROTOCOL_UDP;
	p[7] = HOP_LIMIT;
	memcpy(p + 8, &src->v6.sin6_addr, 16);
	memcpy(p + 24, &dst->v6.sin6_addr, 16);
	return IPV6_SIZE;
}

/* udp is the header with the payload behind it, addresses lie before it. */
static void put_checksum(unsigned char *udp, size_t n, size_t addresses)
{
	uint32_t words = sum(0, udp - addresses, addresses);
	unsigned checksum =
		fold(sum(words + CAPTURE_PROTOCOL_UDP + (uint32_t)n, udp, n));
	put16(udp + 6, checksum ? checksum : 0xffff);
}

bool capture_wrap_udp(struct buf *out, const struct endpoint *src,
	const struct endpoint *dst, struct span payload)
{
	int family = endpoint_family(src);
	size_t udp_size = UDP_SIZE + payload.n;
	if (payload.n > CAPTURE_WRAP_MAX || endpoint_family(dst) != family ||
		(family != AF_INET && family != AF_INET6))
		return false;
	size_t ip_size = family == AF_INET ? IPV4_SIZE : IPV6_SIZE;
	unsigned char *p =
		(unsigned char *)buf_reserve(out, ip_size + udp_size);
	if (!p)
		return false;
	unsigned char *udp =
		p + (family == AF_INET ? put_v4(p, src, dst, udp_size)
				       : put_v6(p, src, dst, udp_size));
	put16(udp, endpoint_port(src));
	put16(udp + 2, endpoint_port(dst));
	put16(udp + 4, (unsigned)udp_size);
	put16(udp + 6, 0);
	if (payload.n)
		memcpy(udp + UDP_SIZE, payload.p, payload.n);
	put_checksum(udp, udp_size, family == AF_INET ? 8 : 32);
	buf_added(out, ip_size + udp_size);
	return true;
}
