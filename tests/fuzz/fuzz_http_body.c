/* An answer of HTTP/1.1: its head, and where its body ends, in one piece and in
 * pieces of the size of the first byte: both must give the same. */
#include <stddef.h>
#include <stdint.h>

#include "net/http_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CONTENT_MAX (1 << 20)

struct outcome {
	enum http_body_state state;
	struct buf content;
	size_t used;
};

/* As net/http_link does it: what is not used comes again with more behind. */
static void read_body(struct outcome *o, const struct http_head *h,
	struct span bytes, size_t n)
{
	struct http_body body;
	struct err e = ERR_NONE;
	size_t have = 0;
	o->content = BUF_INIT(CONTENT_MAX);
	o->used = 0;
	o->state =
		http_body_begin(&body, h, &e) ? HTTP_BODY_MORE : HTTP_BODY_BAD;
	while (o->state == HTTP_BODY_MORE) {
		size_t skip;
		struct span content;
		struct span rest = span_skip(span_first(bytes, have), o->used);
		o->state = http_body_next(&body, rest, &skip, &content, &e);
		if (skip > rest.n || content.n > rest.n - skip)
			__builtin_trap();
		buf_span(&o->content, content);
		if (o->state == HTTP_BODY_MORE)
			http_body_take(&body, content.n);
		o->used += skip + content.n;
		if (skip || content.n)
			continue;
		if (o->state != HTTP_BODY_MORE || have == bytes.n)
			break;
		have = have + n < bytes.n ? have + n : bytes.n;
	}
	if ((o->state == HTTP_BODY_BAD) != err_is_set(&e) ||
		(o->state == HTTP_BODY_DONE) != http_body_is_done(&body))
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_head h;
	struct outcome whole, pieces;
	if (size < 1)
		return 0;
	struct span bytes = span_from((const char *)data + 1, size - 1);
	if (http_head_parse_response(&h, bytes, NULL) != HTTP_HEAD_DONE)
		return 0;
	bytes = span_skip(bytes, h.length);
	read_body(&whole, &h, bytes, bytes.n);
	read_body(&pieces, &h, bytes, data[0] + 1u);
	if (whole.state != pieces.state ||
		(whole.state != HTTP_BODY_BAD &&
			(whole.used != pieces.used ||
				!span_equal(buf_view(&whole.content),
					buf_view(&pieces.content)))))
		__builtin_trap();
	buf_clear(&whole.content);
	buf_clear(&pieces.content);
	return 0;
}
