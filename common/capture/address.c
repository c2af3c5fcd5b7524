#include "capture/address.h"

#include <arpa/inet.h>
#include <string.h>

/* A number below 100,000, without a division for each digit there is not. */
static char *put_number(char *p, unsigned value)
{
	unsigned unit = value < 10      ? 1
			: value < 100   ? 10
			: value < 1000  ? 100
			: value < 10000 ? 1000
					: 10000;
	for (; unit; unit /= 10) {
		*p++ = (char)('0' + value / unit);
		value %= unit;
	}
	return p;
}

/* inet_ntop goes through sprintf, which would be a third of what a packet
 * costs; IPv6's rules (RFC 5952) are left to it. */
static char *put_v4(char *p, const unsigned char *bytes)
{
	for (int i = 0; i < 4; i++) {
		if (i)
			*p++ = '.';
		p = put_number(p, bytes[i]);
	}
	return p;
}

static char *put_v6(char *p, const unsigned char *bytes)
{
	*p++ = '[';
	inet_ntop(AF_INET6, bytes, p, INET6_ADDRSTRLEN);
	p += strlen(p);
	*p++ = ']';
	return p;
}

size_t capture_address_format(
	char out[CAPTURE_ADDRESS_TEXT_SIZE], const struct capture_address *a)
{
	char *p =
		a->version == 4 ? put_v4(out, a->bytes) : put_v6(out, a->bytes);
	*p++ = ':';
	p = put_number(p, a->port);
	*p = '\0';
	return (size_t)(p - out);
}
