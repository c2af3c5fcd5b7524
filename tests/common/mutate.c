#include "tests/common/mutate.h"

#include "base/rand.h"
#include "sip/scan.h"

static const char *const pieces[] = { "%s%n%s%n", "\xff\xfe", "\0x", "\r\n",
	"\r\n ", "4294967297", "-1", "2147483648", "[::1", "::::", "\"", "<",
	">", ";;;;", ",,,,", "%00", "%zz", "SIP/2.0", "tag=", "z9hG4bK",
	"Content-Length: 7\r\n", "Via: x\r\n", "To: <sip:x>;tag=\r\n", "\\" };

void mutate(struct buf *out, struct span text)
{
	buf_reset(out);
	buf_span(out, text);
	for (uint64_t left = 1 + rand_below(4); left > 0; left--) {
		struct buf next = BUF_INIT(SIP_MSG_MAX);
		size_t at = rand_below(out->len), skip = rand_below(30);
		struct span was = buf_view(out);
		buf_span(&next, span_first(was, at));
		switch (rand_below(5)) {
		case 0:
			buf_str(&next, pieces[rand_below(sizeof(pieces) /
							 sizeof(*pieces))]);
			break;
		case 1:
			at += skip;
			break;
		case 2:
			at = at > skip * 9 ? at - skip * 9 : 0;
			break;
		case 3:
			for (size_t i = 0; i < skip * skip; i++)
				buf_char(&next, 'A');
			break;
		default:
			buf_char(&next, (char)rand_below(256));
			at++;
		}
		buf_span(&next, span_skip(was, at));
		buf_clear(out);
		*out = next;
	}
}
