/* address - where a packet came from or went to, as the packet has it
 *
 * Small and by value: an analyser has two for each packet.  As text it is what
 * net/endpoint.h writes, 192.0.2.1:5060 or [2001:db8::1]:5060.
 */
#ifndef CAPTURE_ADDRESS_H
#define CAPTURE_ADDRESS_H

#include <stdint.h>

#include "base/buf.h"

struct capture_address {
	uint8_t version; /* 4 or 6 */
	uint16_t port;
	unsigned char bytes[16]; /* the first 4 of them where it is IPv4 */
};

#define CAPTURE_ADDRESS_TEXT_SIZE 56 /* with brackets, port and NUL */

/* Returns how long the text is. */
size_t capture_address_format(
	char out[CAPTURE_ADDRESS_TEXT_SIZE], const struct capture_address *a);

#endif
