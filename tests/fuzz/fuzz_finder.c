/* SIP in payloads: every message found lies in the payload, in order, and the
 * search ends. */
#include <stdlib.h>

#include "trace/finder.h"

static void find_all(enum capture_transport transport, struct span payload)
{
	static struct trace_finder f;
	struct capture_segment s = { .transport = transport,
		.payload = payload };
	const char *from = payload.p, *end = payload.p + payload.n;
	trace_finder_init(&f);
	trace_finder_begin(&f, &s);
	while (trace_finder_next(&f)) {
		struct span raw = f.message.raw, line = f.message.start_line;
		if (raw.n == 0 || line.n == 0 || raw.p < from ||
			raw.p + raw.n > end || line.p != raw.p)
			abort();
		from = raw.p + raw.n;
	}
	if (transport == CAPTURE_UDP && f.found > 1)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span payload = span_from((const char *)data, size);
	find_all(CAPTURE_UDP, payload);
	find_all(CAPTURE_TCP, payload);
	return 0;
}
