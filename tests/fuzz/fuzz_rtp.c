/* RTP headers: what is accepted is written back byte for byte. */
#include <stdlib.h>

#include "base/buf.h"
#include "media/rtp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rtp r;
	struct span packet = span_from((const char *)data, size);
	if (!rtp_parse(&r, packet, NULL))
		return 0;
	if (!rtp_is(packet))
		abort();
	/* All but what padding is filled with is the same. */
	struct buf out = BUF_INIT(size);
	if (!rtp_format(&out, &r) || out.len != size)
		abort();
	size_t same = size - r.padding;
	if (!span_equal(
		    span_first(buf_view(&out), same), span_first(packet, same)))
		abort();
	buf_clear(&out);
	return 0;
}
