#include "capture/address.h"

#include <arpa/inet.h>
#include <string.h>

static char *put_number(char *p, unsigned value)
{
	char digits[10];
	size_t n = 0;
	do {
		digits[n++] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	while (n)
		*p++ = digits[--n];
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
