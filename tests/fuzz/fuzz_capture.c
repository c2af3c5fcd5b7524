/* Capture files: hostile lengths, and the pieces they come in make no
 * difference to the packets. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "capture/file.h"

/* Everything a reading gave, as bytes to compare. */
static void read_all(struct span file, size_t piece, struct buf *all)
{
	struct capture_file f;
	struct buf held = BUF_INIT(CAPTURE_FILE_HELD);
	enum capture_next what = CAPTURE_MORE;
	capture_file_init(&f);
	while (file.n && what != CAPTURE_BAD) {
		struct span part = span_first(file, piece);
		struct capture_packet p;
		file = span_skip(file, part.n);
		if (!buf_span(&held, part))
			abort();
		struct span in = buf_view(&held);
		while ((what = capture_file_next(&f, &in, &p, NULL)) ==
			CAPTURE_PACKET) {
			if (p.bytes.n > CAPTURE_PACKET_MAX || p.time < 0)
				abort();
			buf_printf(all, "%lld %u %u ", (long long)p.time,
				p.link_type, p.length);
			buf_span(all, p.bytes);
		}
		buf_consume(&held, held.len - in.n);
	}
	bool ok = what != CAPTURE_BAD &&
		  capture_file_end(&f, buf_view(&held), NULL);
	buf_char(all, ok ? '+' : '-');
	buf_clear(&held);
	capture_file_clear(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span file = span_from((const char *)data, size);
	struct buf whole = BUF_INIT(1 << 20), pieces = BUF_INIT(1 << 20);
	read_all(file, size, &whole);
	read_all(file, size % 13 + 1, &pieces);
	if (!span_equal(buf_view(&whole), buf_view(&pieces)))
		abort();
	buf_clear(&whole);
	buf_clear(&pieces);
	return 0;
}
