#include "sip/split.h"

static struct span skip_empty_lines(struct span s)
{
	while (s.n && (s.p[0] == '\r' || s.p[0] == '\n'))
		s = span_skip(s, 1);
	return s;
}

/* Only by its shape: what is wrong within it is for sip_scan to say. */
static bool is_start_line(struct span line)
{
	if (span_ends(line, "\r"))
		line.n--;
	return span_starts(line, "SIP/2.0 ") || span_ends(line, " SIP/2.0");
}

/* Where the first start line behind `from` begins that has an end; s.n where
 * there is none. */
static size_t find_start_line(struct span s, size_t from)
{
	for (size_t at = span_find(s, '\n', from); at < s.n;) {
		size_t end = span_find(s, '\n', ++at);
		if (end < s.n && is_start_line(span_from(s.p + at, end - at)))
			return at;
		at = end;
	}
	return s.n;
}

static struct span take(struct span *rest, size_t n)
{
	struct span piece = span_first(*rest, n);
	*rest = span_skip(*rest, n);
	return piece;
}

/* Up to the next start line, or as far as may be: a line that has not ended
 * yet may become one. */
static enum sip_split_got take_lost(struct sip_split *s, struct span *rest,
	bool is_end, size_t from, struct span *piece, enum sip_split_got got)
{
	size_t next = find_start_line(*rest, from);
	if (next == rest->n && !is_end && rest->n < SIP_MSG_MAX)
		return SIP_SPLIT_MORE;
	s->framer = (struct sip_framer){ 0 };
	*piece = take(rest, next < SIP_MSG_MAX ? next : SIP_MSG_MAX);
	return got;
}

enum sip_split_got sip_split_next(
	struct sip_split *s, struct span *rest, bool is_end, struct span *piece)
{
	size_t skip, length;
	if (s->framer.scanned == 0 && s->framer.need == 0)
		*rest = skip_empty_lines(*rest);
	if (rest->n == 0)
		return is_end ? SIP_SPLIT_END : SIP_SPLIT_MORE;
	size_t first = span_find(*rest, '\n', 0);
	if (first == rest->n && !is_end && rest->n < SIP_MSG_MAX)
		return SIP_SPLIT_MORE;
	if (!is_start_line(span_first(*rest, first)))
		return take_lost(s, rest, is_end, 0, piece, SIP_SPLIT_OTHER);
	if (s->by_start_line)
		return take_lost(
			s, rest, is_end, first, piece, SIP_SPLIT_MESSAGE);
	switch (sip_scan_frame(&s->framer, *rest, &skip, &length)) {
	case SIP_FRAME_MESSAGE:
		*piece = take(rest, length);
		return SIP_SPLIT_MESSAGE;
	case SIP_FRAME_MORE:
		if (!is_end)
			return SIP_SPLIT_MORE;
		break;
	case SIP_FRAME_PING: /* not behind skip_empty_lines */
	case SIP_FRAME_BROKEN:
		break;
	}
	return take_lost(s, rest, is_end, first, piece, SIP_SPLIT_MESSAGE);
}
