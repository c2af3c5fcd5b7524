#include "sip/msg.h"

#include <string.h>

#include "sip/chars.h"
#include "sip/header.h"

static bool fail(struct buf *out)
{
	out->failed = true;
	return false;
}

static bool is_uri_text(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!sip_char_is(s.p[i], SIP_CHAR_URIC))
			return false;
	return s.n > 0;
}

/* ---- the parts -------------------------------------------------------------- */

bool sip_msg_request_line(
	struct buf *out, struct span method, struct span request_uri)
{
	if (!sip_is_token(method) || !is_uri_text(request_uri))
		return fail(out);
	buf_span(out, method);
	buf_char(out, ' ');
	buf_span(out, request_uri);
	return buf_str(out, " SIP/2.0\r\n") && !out->failed;
}

bool sip_msg_status_line(struct buf *out, unsigned code, struct span reason)
{
	if (code < 100 || code > 699 || !sip_is_one_line(reason))
		return fail(out);
	if (reason.n == 0)
		reason = span_of(sip_reason_phrase(code));
	buf_printf(out, "SIP/2.0 %u ", code);
	buf_span(out, reason);
	return buf_str(out, "\r\n") && !out->failed;
}

bool sip_msg_add_name(struct buf *out, struct span name, struct span value)
{
	if (!sip_is_token(name) || !sip_is_one_line(value))
		return fail(out);
	buf_span(out, name);
	buf_str(out, ": ");
	buf_span(out, value);
	return buf_str(out, "\r\n") && !out->failed;
}

bool sip_msg_add(struct buf *out, enum sip_hdr kind, struct span value)
{
	return sip_msg_add_name(out, span_of(sip_hdr_name(kind)), value);
}

bool sip_msg_add_number(struct buf *out, enum sip_hdr kind, uint64_t value)
{
	return buf_printf(out, "%s: ", sip_hdr_name(kind)) &&
	       buf_u64(out, value) && buf_str(out, "\r\n") && !out->failed;
}

bool sip_msg_addf(struct buf *out, enum sip_hdr kind, const char *format, ...)
{
	struct buf value = BUF_INIT(SIP_LINE_MAX);
	va_list ap;
	va_start(ap, format);
	bool ok = buf_vprintf(&value, format, ap);
	va_end(ap);
	ok = ok ? sip_msg_add(out, kind, buf_view(&value)) : fail(out);
	buf_clear(&value);
	return ok;
}

bool sip_msg_add_cseq(struct buf *out, uint32_t number, struct span method)
{
	if (!sip_is_token(method))
		return fail(out);
	return sip_msg_addf(
		out, SIP_HDR_CSEQ, "%u %.*s", number, SPAN_ARGS(method));
}

bool sip_msg_end(struct buf *out, struct span content_type, struct span body)
{
	if (content_type.n)
		sip_msg_add(out, SIP_HDR_CONTENT_TYPE, content_type);
	sip_msg_add_number(out, SIP_HDR_CONTENT_LENGTH, body.n);
	buf_str(out, "\r\n");
	return buf_span(out, body) && !out->failed;
}

/* ---- copies ------------------------------------------------------------------- */

/* Where the end of line at i ends a folded line and not the header field. */
static bool is_fold(struct span s, size_t i)
{
	return s.n - i > 2 && s.p[i] == '\r' && s.p[i + 1] == '\n' &&
	       (s.p[i + 2] == ' ' || s.p[i + 2] == '\t');
}

/* Bytes of a header field as they were, but for CR, LF and controls where no
 * quoted-pair allows them: those become spaces, so that the copy is one
 * header field and well-formed, whatever the message was. */
static void copy_bytes(struct buf *out, struct span s)
{
	bool quoted = false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool is_pair = quoted && c == '\\' && i + 1 < s.n &&
			       s.p[i + 1] != '\r' && s.p[i + 1] != '\n';
		if (is_fold(s, i)) {
			buf_str(out, "\r\n");
			i++;
		} else if (is_pair) {
			buf_add(out, s.p + i++, 2);
		} else if ((c < 0x20 && c != '\t') || c == 0x7f) {
			buf_char(out, ' ');
		} else {
			buf_char(out, (char)c);
		}
		quoted ^= c == '"';
	}
}

/* A field from its name to the end of its value. */
static struct span field_text(const struct sip_field *f)
{
	return span_between(f->raw.p, f->value.p + f->value.n);
}

static void copy_field(struct buf *out, const struct sip_field *f)
{
	copy_bytes(out, field_text(f));
	buf_str(out, "\r\n");
}

static void copy_first(
	struct buf *out, const struct sip_scan *m, enum sip_hdr kind)
{
	const struct sip_field *f = sip_scan_find(m, kind);
	if (f)
		copy_field(out, f);
}

bool sip_msg_copy(struct buf *out, const struct sip_scan *m, enum sip_hdr kind)
{
	for (const struct sip_field *f = sip_scan_find(m, kind); f;
		f = sip_scan_next(m, f))
		copy_field(out, f);
	return !out->failed;
}

/* ---- responses -------------------------------------------------------------------- */

/* A Via as it was, but for what the server transport knows better. */
static void add_via(struct buf *out, struct span value,
	const struct sip_via *via, const struct sip_msg_response *response)
{
	struct span rest = via->params;
	struct sip_param p;
	copy_bytes(out, span_between(value.p, rest.p));
	for (struct span was = rest; sip_param_next(&rest, &p); was = rest) {
		const char *end = rest.p ? rest.p : was.p + was.n;
		if (span_is_nocase(p.name, "received") && response->received.n)
			continue;
		if (span_is_nocase(p.name, "rport") && response->rport)
			buf_printf(out, ";rport=%u", response->rport);
		else
			copy_bytes(out, span_between(was.p, end));
	}
	if (response->received.n) {
		struct span address, zone = response->received;
		span_cut(&zone, '%', &address); /* fe80::1%eth0 */
		if (!sip_host_is_valid(address, span_has(address, ':')))
			out->failed = true;
		buf_str(out, ";received=");
		buf_span(out, address);
	}
}

static void copy_vias(struct buf *out, const struct sip_scan *request,
	const struct sip_msg_response *response)
{
	const struct sip_field *f = sip_scan_find(request, SIP_HDR_VIA);
	struct sip_via via;
	struct span rest = f ? f->value : SPAN_EMPTY, value;
	/* A Via that is no Via goes back as it came. */
	if (f && sip_value_next(&rest, &value) &&
		sip_via_parse(&via, value, NULL)) {
		copy_bytes(out, span_between(f->raw.p, value.p));
		add_via(out, value, &via, response);
		copy_bytes(out, span_between(value.p + value.n,
					f->value.p + f->value.n));
		buf_str(out, "\r\n");
		f = sip_scan_next(request, f);
	}
	for (; f; f = sip_scan_next(request, f))
		copy_field(out, f);
}

/* To, with a tag if it has none and can have one (8.2.6.2). */
static void copy_to(struct buf *out, const struct sip_scan *request,
	const struct sip_msg_response *response)
{
	const struct sip_field *f = sip_scan_find(request, SIP_HDR_TO);
	struct sip_addr to;
	if (!f)
		return;
	copy_bytes(out, field_text(f));
	if (response->code != 100 && response->to_tag.n &&
		sip_addr_parse(&to, f->value, NULL) &&
		sip_addr_tag(&to).n == 0) {
		if (!sip_is_token(response->to_tag))
			out->failed = true;
		buf_str(out, ";tag=");
		buf_span(out, response->to_tag);
	}
	buf_str(out, "\r\n");
}

bool sip_msg_respond(struct buf *out, const struct sip_scan *request,
	const struct sip_msg_response *response)
{
	sip_msg_status_line(out, response->code, response->reason);
	copy_vias(out, request, response);
	copy_first(out, request, SIP_HDR_FROM);
	copy_to(out, request, response);
	copy_first(out, request, SIP_HDR_CALL_ID);
	copy_first(out, request, SIP_HDR_CSEQ);
	if (response->code == 100)
		copy_first(out, request, SIP_HDR_TIMESTAMP);
	return !out->failed;
}

/* ---- what belongs to a request ---------------------------------------------------- */

/* ACK and CANCEL go where their request went and carry its first Via. */
static bool follow(struct buf *out, const struct sip_scan *request,
	const struct sip_scan *to, const char *method)
{
	struct sip_cseq cseq;
	struct sip_values via = SIP_VALUES_INIT;
	if (!sip_scan_values(request, SIP_HDR_VIA, &via) ||
		!sip_cseq_parse(
			&cseq, sip_scan_value(request, SIP_HDR_CSEQ), NULL))
		return fail(out);
	sip_msg_request_line(out, span_of(method), request->request_uri);
	buf_str(out, "Via: ");
	copy_bytes(out, via.value);
	buf_str(out, "\r\n");
	sip_msg_copy(out, request, SIP_HDR_ROUTE);
	sip_msg_add_number(out, SIP_HDR_MAX_FORWARDS, SIP_MAX_FORWARDS);
	copy_first(out, request, SIP_HDR_FROM);
	copy_first(out, to, SIP_HDR_TO);
	copy_first(out, request, SIP_HDR_CALL_ID);
	sip_msg_add_cseq(out, cseq.number, span_of(method));
	return sip_msg_end(out, SPAN_EMPTY, SPAN_EMPTY);
}

bool sip_msg_ack(struct buf *out, const struct sip_scan *invite,
	const struct sip_scan *response)
{
	return follow(out, invite, response, "ACK");
}

bool sip_msg_cancel(struct buf *out, const struct sip_scan *request)
{
	return follow(out, request, request, "CANCEL");
}

bool sip_msg_push_via(
	struct buf *out, const struct sip_scan *m, struct span via)
{
	const char *end = m->raw.p + m->raw.n;
	const char *fields = m->start_line.p + m->start_line.n;
	const struct sip_field *first = m->count ? &m->fields[0] : NULL;
	buf_span(out, span_between(m->raw.p, fields));
	buf_str(out, "\r\n");
	sip_msg_add(out, SIP_HDR_VIA, via);
	if (!first)
		return fail(out);
	return buf_span(out, span_between(first->raw.p, end)) && !out->failed;
}

bool sip_msg_replace_via(
	struct buf *out, const struct sip_scan *m, struct span via)
{
	struct sip_values old = SIP_VALUES_INIT;
	if (!sip_is_one_line(via) || !sip_scan_values(m, SIP_HDR_VIA, &old))
		return fail(out);
	buf_span(out, span_between(m->raw.p, old.value.p));
	buf_span(out, via);
	return buf_span(out, span_between(old.value.p + old.value.n,
				     m->raw.p + m->raw.n)) &&
	       !out->failed;
}
