/* fuzz_sip_split - no byte of a file is lost but empty lines between pieces,
 * no piece is too long, and it ends however the file comes. */
#include <stdlib.h>
#include <string.h>

#include "sip/split.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static bool is_empty_lines(const char *from, const char *to)
{
	for (; from < to; from++)
		if (*from != '\r' && *from != '\n')
			return false;
	return true;
}

/* The first byte is how many come at once, and the mode. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	if (size == 0)
		return 0;
	size_t step = (size_t)(data[0] >> 1) + 1;
	struct sip_split s = { .by_start_line = data[0] & 1 };
	const char *text = (const char *)data + 1, *end = text + size - 1;
	const char *behind = text; /* the last piece */
	struct span rest = span_from(text, 0), piece;
	for (;;) {
		bool is_end = rest.p + rest.n == end;
		switch (sip_split_next(&s, &rest, is_end, &piece)) {
		case SIP_SPLIT_MESSAGE:
		case SIP_SPLIT_OTHER:
			if (piece.n == 0 || piece.n > SIP_MSG_MAX ||
				piece.p + piece.n != rest.p ||
				!is_empty_lines(behind, piece.p))
				abort();
			behind = rest.p;
			break;
		case SIP_SPLIT_MORE:
			if (is_end)
				abort();
			rest.n += step;
			if (rest.p + rest.n > end)
				rest.n = (size_t)(end - rest.p);
			break;
		case SIP_SPLIT_END:
			if (!is_end || !is_empty_lines(behind, end))
				abort();
			return 0;
		}
	}
}
