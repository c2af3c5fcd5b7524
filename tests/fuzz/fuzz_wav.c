/* Audio files: the pieces they come in make no difference. */
#include <stdlib.h>
#include <string.h>

#include "media/wav.h"

#define SAMPLES_MAX (1 << 20)

/* All samples of the input, in pieces of at most `piece` octets and `room`
 * samples at a time; false where it was refused. */
static bool read_all(struct span in, size_t piece, size_t room, struct buf *all)
{
	struct wav_reader r;
	int16_t out[64];
	wav_reader_init(&r, 8000);
	while (in.n) {
		struct span part = span_first(in, piece);
		size_t before = part.n, count = 0;
		do {
			if (!wav_read(&r, &part, out, room, &count, NULL))
				return false;
			buf_add(all, out, count * sizeof(out[0]));
		} while (count > 0);
		if (part.n)
			abort();
		in = span_skip(in, before);
	}
	return wav_read_end(&r, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_from((const char *)data, size);
	struct buf whole = BUF_INIT(SAMPLES_MAX),
		   pieces = BUF_INIT(SAMPLES_MAX);
	bool a = read_all(in, size, 64, &whole);
	bool b = read_all(in, size % 7 + 1, size % 3 + 1, &pieces);
	if (a != b || !span_equal(buf_view(&whole), buf_view(&pieces)))
		abort();
	buf_clear(&whole);
	buf_clear(&pieces);
	return 0;
}
