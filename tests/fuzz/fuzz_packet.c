/* Packets: links, IP, fragments and transports never look beyond a packet.
 *
 * The input is a list of packets: two octets of length, one of link type, the
 * bytes; each is decoded from memory of exactly its size. */
#include <stdlib.h>
#include <string.h>

#include "capture/decode.h"

static const unsigned link_types[] = { 1, 101, 113, 276, 0, 108, 228, 229, 9 };

static void look(const struct capture_segment *s)
{
	char text[CAPTURE_ADDRESS_TEXT_SIZE];
	if (capture_address_format(text, &s->src) >= sizeof(text) ||
		capture_address_format(text, &s->dst) >= sizeof(text))
		abort();
	/* Every octet of the payload can be read. */
	static volatile char sink;
	for (size_t i = 0; i < s->payload.n; i++)
		sink = s->payload.p[i];
	(void)sink;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct capture_decoder *d = capture_decoder_new();
	usec_t time = 0;
	while (size >= 3) {
		size_t n = (size_t)data[0] << 8 | data[1];
		unsigned type = link_types[data[2] % 9];
		data += 3, size -= 3;
		if (n > size)
			n = size;
		char *copy = malloc(n ? n : 1);
		memcpy(copy, data, n);
		struct capture_packet p = {
			.time = time,
			.link_type = type,
			.bytes = span_from(copy, n),
		};
		struct capture_segment s;
		if (capture_decode(d, &p, &s))
			look(&s);
		free(copy);
		time += USEC_SEC;
		data += n, size -= n;
	}
	capture_decoder_free(d);
	return 0;
}
