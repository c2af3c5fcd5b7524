#include "net/http_body.h"

enum {
	CONTENT,
	CHUNK_SIZE,
	CHUNK_END, /* the CRLF behind it */
	TRAILER,
	DONE,
};

static bool bad(struct err *e, const char *sentence)
{
	return err_set(e, STATUS_MALFORMED, "%s", sentence);
}

/* RFC 9112 section 6.3, in its order. */
bool http_body_begin(
	struct http_body *b, const struct http_head *h, struct err *e)
{
	size_t codings = http_head_count(h, "Transfer-Encoding");
	size_t lengths = http_head_count(h, "Content-Length");
	struct span value;
	*b = (struct http_body){ .step = CONTENT };
	if (h->status < 200 || h->status == 204 || h->status == 304) {
		b->step = DONE;
		return true;
	}
	if (codings && lengths)
		return bad(e, "says the length of its answer twice");
	if (codings) {
		if (!http_head_find(h, "Transfer-Encoding", &value) ||
			!span_is_nocase(value, "chunked"))
			return bad(e, "answers in a coding nobody asked for");
		b->chunked = true;
		b->step = CHUNK_SIZE;
		return true;
	}
	b->until_close = lengths == 0;
	b->left = UINT64_MAX;
	if (b->until_close)
		return true;
	if (!http_head_find(h, "Content-Length", &value) ||
		!span_to_u64(value, INT64_MAX, &b->left))
		return bad(e, "has a Content-Length that is no number");
	if (b->left == 0)
		b->step = DONE;
	return true;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Section 7.1: hexadecimal digits, and extensions behind a semicolon. */
static bool parse_size(struct span line, uint64_t *size)
{
	struct span digits;
	span_cut(&line, ';', &digits);
	digits = span_trim(digits);
	*size = 0;
	for (size_t i = 0; i < digits.n; i++) {
		int d = digit(digits.p[i]);
		if (d < 0 || *size > (uint64_t)INT64_MAX >> 4)
			return false;
		*size = *size << 4 | (uint64_t)d;
	}
	return digits.n > 0;
}

/* A line of the framing, without its end. */
static bool take_line(struct http_body *b, struct span line, struct err *e)
{
	switch (b->step) {
	case CHUNK_SIZE:
		if (!parse_size(line, &b->left))
			return bad(e, "has a chunk without a size");
		b->step = b->left ? CONTENT : TRAILER;
		return true;
	case CHUNK_END:
		if (line.n)
			return bad(e, "has a chunk longer than it says");
		b->step = CHUNK_SIZE;
		return true;
	default:
		b->trailer += line.n + 2;
		if (b->trailer > HTTP_HEAD_MAX)
			return bad(e, "has an endless trailer");
		if (!line.n)
			b->step = DONE;
		return true;
	}
}

enum http_body_state http_body_next(struct http_body *b, struct span bytes,
	size_t *skip, struct span *content, struct err *e)
{
	*skip = 0;
	*content = SPAN_EMPTY;
	while (b->step != DONE) {
		struct span rest = span_skip(bytes, *skip);
		if (b->step == CONTENT) {
			*content = rest;
			if (rest.n > b->left)
				content->n = (size_t)b->left;
			return HTTP_BODY_MORE;
		}
		size_t end = span_find_span(rest, SPAN("\r\n"), 0);
		/* However the bytes are cut. */
		if (end > HTTP_CHUNK_LINE_MAX &&
			rest.n > HTTP_CHUNK_LINE_MAX + 1) {
			bad(e, "has an endless line around a chunk");
			return HTTP_BODY_BAD;
		}
		if (end >= rest.n)
			return HTTP_BODY_MORE;
		if (!take_line(b, span_first(rest, end), e))
			return HTTP_BODY_BAD;
		*skip += end + 2;
	}
	return HTTP_BODY_DONE;
}

void http_body_take(struct http_body *b, size_t n)
{
	if (b->step != CONTENT || b->until_close)
		return;
	b->left -= n;
	if (b->left == 0)
		b->step = b->chunked ? CHUNK_END : DONE;
}

bool http_body_is_done(const struct http_body *b)
{
	return b->step == DONE;
}
