#include "sip/scan.h"

#include <string.h>

#include "sip/chars.h"
#include "sip/line.h"

static void add_faults(struct sip_faults *f, uint64_t kinds, struct span where)
{
	for (; kinds; kinds &= kinds - 1)
		sip_fault_add(
			f, (enum sip_fault_kind)__builtin_ctzll(kinds), where);
}

/* ---- the start line -------------------------------------------------------- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* SIP-Version = "SIP" "/" 1*DIGIT "." 1*DIGIT, any case; ours is 2.0. */
static void check_version(struct sip_scan *m)
{
	struct span digits = span_skip(m->version, 4), major;
	uint64_t number;
	if (span_is(digits, "2.0"))
		return;
	bool is_version = span_cut(&digits, '.', &major) &&
			  span_to_u64(major, UINT64_MAX, &number) &&
			  span_to_u64(digits, UINT64_MAX, &number);
	sip_fault_add(&m->faults,
		is_version ? SIP_FAULT_VERSION : SIP_FAULT_START_LINE,
		m->version);
}

static bool starts_with_sip(struct span s)
{
	return s.n >= 4 && (s.p[0] | 0x20) == 's' && (s.p[1] | 0x20) == 'i' &&
	       (s.p[2] | 0x20) == 'p' && s.p[3] == '/';
}

/* Status-Line = SIP-Version SP Status-Code SP Reason-Phrase */
static void scan_status_line(struct sip_scan *m, struct span line)
{
	struct span code;
	span_cut(&line, ' ', &m->version);
	check_version(m);
	/* RFC 4475 section 3.1.1.13 leaves a missing SP behind the code to
	 * us: INTEROP. */
	span_cut(&line, ' ', &code);
	if (code.n == 3 && code.p[0] >= '1' && code.p[0] <= '6' &&
		is_digit(code.p[1]) && is_digit(code.p[2]))
		m->status_code =
			(unsigned)((code.p[0] - '0') * 100 +
				   (code.p[1] - '0') * 10 + (code.p[2] - '0'));
	else
		sip_fault_add(&m->faults, SIP_FAULT_STATUS_CODE, code);
	m->reason = line;
}

/* The URI's own grammar is sip/uri.h's; these are the characters any may
 * have: no spaces, no brackets around it. */
static bool is_uri_text(struct span uri)
{
	for (size_t i = 0; i < uri.n; i++)
		if (!sip_char_is(uri.p[i], SIP_CHAR_URIC))
			return false;
	return uri.n > 0;
}

static struct span trim_spaces(struct span s)
{
	while (s.n && s.p[0] == ' ')
		s = span_skip(s, 1);
	while (s.n && s.p[s.n - 1] == ' ')
		s.n--;
	return s;
}

/* Request-Line = Method SP Request-URI SP SIP-Version; false: not SIP. */
static bool scan_request_line(struct sip_scan *m, struct span line)
{
	struct span rest = trim_spaces(line);
	bool is_exact = rest.n == line.n;
	if (!span_cut(&rest, ' ', &m->method))
		return false;
	const char *last = memrchr(rest.p, ' ', rest.n);
	if (!last)
		return false;
	m->version = span_between(last + 1, rest.p + rest.n);
	if (!starts_with_sip(m->version))
		return false;
	rest = span_between(rest.p, last);
	m->request_uri = trim_spaces(rest);
	if (!is_exact || m->request_uri.n != rest.n)
		sip_fault_add(&m->faults, SIP_FAULT_START_LINE, line);
	m->method_kind = sip_method_find(m->method);
	if (m->method_kind == SIP_METHOD_OTHER && !sip_is_token(m->method))
		sip_fault_add(&m->faults, SIP_FAULT_METHOD, m->method);
	if (!is_uri_text(m->request_uri))
		sip_fault_add(
			&m->faults, SIP_FAULT_REQUEST_URI, m->request_uri);
	check_version(m);
	m->is_request = true;
	return true;
}

static bool scan_start_line(struct sip_scan *m, struct span line)
{
	m->start_line = line;
	if (starts_with_sip(line) && span_has(line, ' ')) {
		scan_status_line(m, line);
		return true;
	}
	return scan_request_line(m, line);
}

/* ---- header fields --------------------------------------------------------- */

static void note_length(struct sip_scan *m, const struct sip_field *f)
{
	uint64_t length;
	if (!sip_line_length(&length, f->value)) {
		sip_fault_add(&m->faults, SIP_FAULT_CONTENT_LENGTH, f->raw);
	} else if (m->has_content_length && length != m->content_length) {
		sip_fault_add(&m->faults, SIP_FAULT_CONTENT_LENGTHS, f->raw);
	} else {
		m->has_content_length = true;
		m->content_length = length;
	}
}

/* Joins the field that was just found to those of its kind. */
static inline void join(struct sip_scan *m, enum sip_hdr kind)
{
	m->count++;
	if (m->first[kind])
		m->fields[m->last[kind] - 1].next = (uint16_t)m->count;
	else
		m->first[kind] = (uint16_t)m->count;
	m->last[kind] = (uint16_t)m->count;
}

/* Returns where the body begins. */
static const char *scan_fields(
	struct sip_scan *m, const char *p, const char *end)
{
	struct sip_field beyond;
	while (p < end) {
		bool is_room = m->count < SIP_LINES_MAX;
		struct sip_field *f = is_room ? &m->fields[m->count] : &beyond;
		uint64_t faults = 0;
		p = sip_line_next(f, &faults, p, end);
		if (faults)
			add_faults(&m->faults, faults, f->raw);
		if (f->raw.n == 0)
			return p;
		if (f->raw.n > SIP_LINE_MAX)
			sip_fault_add(
				&m->faults, SIP_FAULT_LINE_TOO_LONG, f->raw);
		if (f->kind == SIP_HDR_CONTENT_LENGTH)
			note_length(m, f);
		if (is_room)
			join(m, f->kind);
		else
			sip_fault_add(
				&m->faults, SIP_FAULT_TOO_MANY_LINES, f->raw);
	}
	sip_fault_add(&m->faults, SIP_FAULT_NO_END, SPAN_EMPTY);
	return p;
}

static void check_controls(struct sip_scan *m)
{
	if (!sip_line_has_controls(m->head))
		return;
	add_faults(&m->faults, sip_line_controls(m->start_line), m->start_line);
	for (unsigned i = 0; i < m->count; i++)
		add_faults(&m->faults, sip_line_controls(m->fields[i].value),
			m->fields[i].raw);
}

/* ---- the message ------------------------------------------------------------ */

static void set_body(struct sip_scan *m, const char *p, const char *end)
{
	struct span rest = span_between(p, end);
	if (sip_fault_has(&m->faults, SIP_FAULT_CONTENT_LENGTH) ||
		sip_fault_has(&m->faults, SIP_FAULT_CONTENT_LENGTHS))
		m->has_content_length = false;
	if (m->has_content_length && m->content_length > rest.n)
		sip_fault_add(&m->faults, SIP_FAULT_BODY_SHORT, SPAN_EMPTY);
	else if (m->has_content_length)
		rest.n = (size_t)m->content_length;
	m->body = rest;
	m->raw = span_between(m->raw.p, rest.p + rest.n);
	if (m->raw.n > SIP_MSG_MAX)
		sip_fault_add(&m->faults, SIP_FAULT_MSG_TOO_LARGE, SPAN_EMPTY);
}

static const char *skip_empty_lines(const char *p, const char *end)
{
	while (p < end && (*p == '\r' || *p == '\n'))
		p++;
	return p;
}

bool sip_scan(struct sip_scan *m, struct span bytes)
{
	struct span line = SPAN_EMPTY;
	uint64_t faults = 0;
	memset(m, 0, offsetof(struct sip_scan, fields));
	if (bytes.n == 0)
		bytes = SPAN(""); /* no sums with a NULL */
	const char *end = bytes.p + bytes.n;
	const char *p = skip_empty_lines(bytes.p, end);
	m->raw = m->body = span_between(p, end);
	if (m->raw.n)
		p = sip_line_first(&line, &faults, p, end);
	if (!scan_start_line(m, line)) {
		m->method = m->version = m->start_line = SPAN_EMPTY;
		sip_fault_add(&m->faults, SIP_FAULT_START_LINE, m->raw);
		return false;
	}
	add_faults(&m->faults, faults, line);
	if (line.n > SIP_LINE_MAX)
		sip_fault_add(&m->faults, SIP_FAULT_LINE_TOO_LONG, line);
	p = scan_fields(m, p, end);
	m->head = span_between(m->raw.p, p);
	check_controls(m);
	set_body(m, p, end);
	return m->faults.kinds == 0;
}

bool sip_scan_is_likely(struct span bytes)
{
	if (bytes.n == 0)
		return false;
	const char *end = bytes.p + bytes.n;
	const char *p = skip_empty_lines(bytes.p, end);
	const char *from = p;
	while (p < end && sip_char_is(*p, SIP_CHAR_TOKEN))
		p++;
	if (p == from || p == end)
		return false;
	struct span start = span_between(from, end);
	if (starts_with_sip(start))
		return true;
	const char *lf = memchr(p, '\n', (size_t)(end - p));
	struct span line = span_between(p, lf ? lf : end);
	return *p == ' ' &&
	       (span_find_span(line, SPAN(" SIP/"), 0) < line.n ||
		       span_find_span(line, SPAN(" sip/"), 0) < line.n);
}

/* ---- looking things up --------------------------------------------------------- */

const struct sip_field *sip_scan_find(
	const struct sip_scan *m, enum sip_hdr kind)
{
	return m->first[kind] ? &m->fields[m->first[kind] - 1] : NULL;
}

const struct sip_field *sip_scan_next(
	const struct sip_scan *m, const struct sip_field *field)
{
	return field->next ? &m->fields[field->next - 1] : NULL;
}

const struct sip_field *sip_scan_find_name(
	const struct sip_scan *m, struct span name)
{
	const struct sip_field *f = sip_scan_find(m, SIP_HDR_OTHER);
	while (f && !span_equal_nocase(f->name, name))
		f = sip_scan_next(m, f);
	return f;
}

struct span sip_scan_value(const struct sip_scan *m, enum sip_hdr kind)
{
	const struct sip_field *f = sip_scan_find(m, kind);
	return f ? f->value : SPAN_EMPTY;
}

bool sip_scan_values(
	const struct sip_scan *m, enum sip_hdr kind, struct sip_values *at)
{
	if (at->malformed)
		return false;
	while (!at->rest.p) {
		at->field = at->field ? sip_scan_next(m, at->field)
				      : sip_scan_find(m, kind);
		if (!at->field)
			return false;
		at->count = 0;
		if (at->field->value.n)
			at->rest = at->field->value;
	}
	if (!sip_hdr_is_list(kind)) {
		at->value = at->rest;
		at->rest = SPAN_EMPTY;
		return true;
	}
	at->malformed = at->count++ == SIP_VALUES_MAX ||
			!sip_value_next(&at->rest, &at->value);
	return !at->malformed;
}
