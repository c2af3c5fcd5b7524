/* Where a message ends in a stream. */
#include <string.h>

#include "sip/chars.h"
#include "sip/line.h"
#include "sip/scan.h"

/* How far behind from the header fields end: behind the first empty line, or
 * 0 where it has not come yet. */
static size_t head_length(struct span bytes, size_t from)
{
	const char *end = bytes.p + bytes.n, *p = bytes.p + from;
	while ((p = memchr(p, '\n', (size_t)(end - p)))) {
		p++;
		if (p < end && *p == '\n')
			return (size_t)(p + 1 - bytes.p);
		if (end - p >= 2 && p[0] == '\r' && p[1] == '\n')
			return (size_t)(p + 2 - bytes.p);
	}
	return 0;
}

/* The one Content-Length of a head; false: none, two, or no number. */
static bool find_length(struct span head, uint64_t *length)
{
	struct sip_field field;
	struct span start;
	const char *end = head.p + head.n;
	uint64_t faults = 0, got;
	bool is_found = false;
	const char *p = sip_line_first(&start, &faults, head.p, end);
	while (p < end) {
		p = sip_line_next(&field, &faults, p, end);
		if (field.raw.n == 0 || field.kind != SIP_HDR_CONTENT_LENGTH)
			continue;
		if (!sip_line_length(&got, field.value) ||
			(is_found && got != *length))
			return false;
		*length = got;
		is_found = true;
	}
	return is_found;
}

/* CRLFs in front of a message.  A lone one may be half of a ping, so it stays
 * until more has come. */
static enum sip_frame skip_keepalive(struct span bytes, size_t *skip)
{
	if (span_starts(bytes, "\r\n\r\n")) {
		*skip = 4;
		return SIP_FRAME_PING;
	}
	if (span_is(bytes, "\r") || span_is(bytes, "\r\n") ||
		span_is(bytes, "\r\n\r") || bytes.n == 0)
		return SIP_FRAME_MORE;
	*skip = span_starts(bytes, "\r\n") ? 2 : 0;
	return SIP_FRAME_MESSAGE;
}

/* Finds the end of the header fields and from them that of the message. */
static enum sip_frame find_end(
	struct sip_framer *f, struct span bytes, size_t *length)
{
	/* An empty line may have begun in the last three bytes seen. */
	size_t head = head_length(bytes, f->scanned > 3 ? f->scanned - 3 : 0);
	uint64_t body = 0;
	if (head == 0) {
		f->scanned = bytes.n;
		*length = bytes.n;
		return bytes.n < SIP_MSG_MAX ? SIP_FRAME_MORE
					     : SIP_FRAME_BROKEN;
	}
	*length = head;
	if (head > SIP_MSG_MAX ||
		!find_length(span_first(bytes, head), &body) ||
		body > SIP_MSG_MAX - head)
		return SIP_FRAME_BROKEN;
	f->need = head + (size_t)body;
	return SIP_FRAME_MESSAGE;
}

enum sip_frame sip_scan_frame(
	struct sip_framer *f, struct span bytes, size_t *skip, size_t *length)
{
	enum sip_frame answer;
	*skip = *length = 0;
	if (f->scanned == 0 && f->need == 0) {
		answer = skip_keepalive(bytes, skip);
		if (answer != SIP_FRAME_MESSAGE)
			return answer;
		bytes = span_skip(bytes, *skip);
		if (!sip_char_is(bytes.p[0], SIP_CHAR_TOKEN)) {
			*length = bytes.n;
			return SIP_FRAME_BROKEN;
		}
	}
	if (f->need == 0) {
		answer = find_end(f, bytes, length);
		if (answer != SIP_FRAME_MESSAGE)
			return answer;
	}
	if (bytes.n < f->need)
		return SIP_FRAME_MORE;
	*length = f->need;
	*f = (struct sip_framer){ 0 };
	return SIP_FRAME_MESSAGE;
}
