#include "sip/line.h"

#include <string.h>

#include "sip/chars.h"

#define FAULT(kind) ((uint64_t)1 << SIP_FAULT_##kind)

/* span_between without the call: this is the hot path of a sniffer. */
static inline struct span between(const char *p, const char *end)
{
	return (struct span){ p, (size_t)(end - p) };
}

/* Behind the next LF, or end where there is none. */
static inline const char *line_end(const char *p, const char *end)
{
	const char *lf = memchr(p, '\n', (size_t)(end - p));
	return lf ? lf + 1 : end;
}

static inline bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static inline struct span trim(const char *p, const char *end)
{
	while (p < end && sip_char_is(*p, SIP_CHAR_LWS))
		p++;
	while (p < end && sip_char_is(end[-1], SIP_CHAR_LWS))
		end--;
	return between(p, end);
}

/* What is no name, shown as well as it can be and never taken for one. */
static const char *split_malformed(
	struct sip_field *f, uint64_t *faults, const char *p, const char *end)
{
	const char *colon = memchr(p, ':', (size_t)(end - p));
	*faults |= colon ? FAULT(HEADER_NAME) : FAULT(HEADER_LINE);
	f->kind = SIP_HDR_OTHER;
	f->name = trim(p, colon ? colon : end);
	return colon ? colon + 1 : end;
}

static inline void split(
	struct sip_field *f, uint64_t *faults, const char *p, const char *end)
{
	const char *at = p;
	while (at < end && sip_char_is(*at, SIP_CHAR_TOKEN))
		at++;
	f->name = between(p, at);
	f->kind = sip_hdr_find(f->name);
	while (at < end && is_blank(*at))
		at++;
	if (at < end && *at == ':' && f->name.n)
		at++;
	else
		at = split_malformed(f, faults, p, end);
	f->value = trim(at, end);
}

/* Takes off the CRLF at the end of a line. */
static inline const char *text_end(
	uint64_t *faults, const char *p, const char *end)
{
	if (end > p && end[-1] == '\n') {
		end--;
		if (end > p && end[-1] == '\r')
			return end - 1;
		*faults |= FAULT(LINE_END);
	}
	return end;
}

const char *sip_line_next(struct sip_field *field, uint64_t *faults,
	const char *p, const char *end)
{
	const char *next = line_end(p, end);
	const char *text = text_end(faults, p, next);
	if (text == p && next > p) {
		/* The empty line is never folded, whatever the body is. */
		field->raw = SPAN_EMPTY;
		return next;
	}
	while (next < end && is_blank(*next)) {
		next = line_end(next, end);
		text = text_end(faults, p, next);
	}
	field->raw = between(p, next);
	field->next = 0;
	split(field, faults, p, text);
	return next;
}

const char *sip_line_first(
	struct span *text, uint64_t *faults, const char *p, const char *end)
{
	const char *next = line_end(p, end);
	*text = between(p, text_end(faults, p, next));
	return next;
}

/* ---- control characters ------------------------------------------------------ */

typedef signed char bytes16 __attribute__((vector_size(16)));

/* Sixteen at a time: below 0x20 and neither HTAB nor of a CRLF, or DEL.  next
 * are the same bytes from the second on, to see what follows a CR. */
static inline bytes16 controls(bytes16 c, bytes16 next)
{
	bytes16 low = (c & (signed char)0xe0) == 0;
	bytes16 fine =
		(c == '\t') | (c == '\n') | ((c == '\r') & (next == '\n'));
	return (low & ~fine) | (c == 0x7f);
}

bool sip_line_has_controls(struct span head)
{
	bytes16 c, next, found = { 0 };
	uint64_t halves[2];
	size_t i = 0;
	for (; i + 17 <= head.n; i += 16) {
		memcpy(&c, head.p + i, 16);
		memcpy(&next, head.p + i + 1, 16);
		found |= controls(c, next);
	}
	/* The rest is put in front of spaces. */
	char rest[33];
	memset(rest, ' ', sizeof(rest));
	memcpy(rest, head.p + i, head.n - i);
	for (i = 0; i < 32; i += 16) {
		memcpy(&c, rest + i, 16);
		memcpy(&next, rest + i + 1, 16);
		found |= controls(c, next);
	}
	memcpy(halves, &found, sizeof(halves));
	return halves[0] | halves[1];
}

/* A control character is at its place in a quoted-pair, and CR LF in front
 * of a blank is a fold.  (RFC 3261 section 25.1: qdtext, quoted-pair, LWS) */
uint64_t sip_line_controls(struct span s)
{
	uint64_t faults = 0;
	bool quoted = false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		char next = i + 1 < s.n ? s.p[i + 1] : '\0';
		if (c == '"')
			quoted = !quoted;
		else if (c == '\\' && quoted && next != '\r' && next != '\n')
			i++;
		else if (c == '\r' && next == '\n')
			i++;
		else if (c == '\r')
			faults |= FAULT(LINE_END);
		else if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7f)
			faults |= FAULT(CONTROL);
	}
	return faults;
}

bool sip_line_length(uint64_t *length, struct span value)
{
	return span_to_u64(value, UINT64_MAX, length);
}
