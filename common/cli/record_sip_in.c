/* A SIP message from its record. */
#include "cli/record_sip.h"
#include "sip/msg.h"

struct build {
	struct buf *out;
	const struct record_in *in;
	bool as_is;
	struct span body;
	bool has_length;
};

static bool wrong(struct err *e, const char *what)
{
	return err_set(e, STATUS_MALFORMED, "%s", what);
}

static bool add_request_line(struct build *b, struct span method, struct err *e)
{
	struct span uri;
	if (!record_in_text(b->in, KEY_REQUEST_URI, &uri))
		return wrong(e, "a request has no request_uri");
	if (b->as_is) {
		buf_span(b->out, method);
		buf_char(b->out, ' ');
		buf_span(b->out, uri);
		buf_str(b->out, " SIP/2.0\r\n");
	} else if (!sip_msg_request_line(b->out, method, uri)) {
		return wrong(e, "method or request_uri has a character that "
				"cannot be there");
	}
	return true;
}

static bool add_start_line(struct build *b, struct err *e)
{
	struct span method, reason = SPAN_EMPTY;
	int64_t code;
	if (record_in_text(b->in, KEY_METHOD, &method))
		return add_request_line(b, method, e);
	if (!record_in_int(b->in, KEY_STATUS_CODE, &code))
		return wrong(e, "neither raw, nor method, nor status_code");
	record_in_text(b->in, KEY_REASON, &reason);
	if (b->as_is) {
		buf_printf(b->out, "SIP/2.0 %lld ", (long long)code);
		buf_span(b->out, reason);
		buf_str(b->out, "\r\n");
	} else if (code < 100 || code > 699 ||
		   !sip_msg_status_line(b->out, (unsigned)code, reason)) {
		return wrong(
			e, "status_code or reason cannot be in a response");
	}
	return true;
}

/* RFC 3261 section 7.3.1: a folded line is the same as one with a space. */
static void unfold(struct buf *to, struct span value)
{
	for (size_t i = 0; i < value.n; i++) {
		size_t end = i;
		while (end < value.n &&
			(value.p[end] == '\r' || value.p[end] == '\n'))
			end++;
		bool folds = end > i && end < value.n &&
			     (value.p[end] == ' ' || value.p[end] == '\t');
		if (folds)
			i = end;
		buf_char(to, folds ? ' ' : value.p[i]);
	}
}

static bool add_header(struct build *b, struct span name, struct span value)
{
	if (b->as_is) {
		buf_span(b->out, name);
		buf_str(b->out, ": ");
		buf_span(b->out, value);
		return buf_str(b->out, "\r\n");
	}
	if (sip_hdr_find(name) == SIP_HDR_CONTENT_LENGTH) {
		b->has_length = true;
		return sip_msg_add_number(
			b->out, SIP_HDR_CONTENT_LENGTH, b->body.n);
	}
	struct buf flat = BUF_INIT(SIP_MSG_MAX);
	unfold(&flat, value);
	bool good = sip_msg_add_name(b->out, name, buf_view(&flat));
	buf_clear(&flat);
	return good;
}

static bool add_headers(struct build *b, struct err *e)
{
	struct span name, value;
	size_t i = 0;
	for (; record_in_header(b->in, i, &name, &value); i++)
		if (!add_header(b, name, value))
			return err_set(e, STATUS_MALFORMED,
				"headers: element %zu cannot be part of a "
				"message",
				i + 1);
	if (i == 0 && !b->as_is)
		return wrong(e, "no headers");
	if (!b->has_length && !b->as_is)
		sip_msg_add_number(b->out, SIP_HDR_CONTENT_LENGTH, b->body.n);
	return true;
}

bool record_sip_build(
	struct buf *out, const struct record_in *in, bool as_is, struct err *e)
{
	struct buf body = BUF_INIT(SIP_MSG_MAX);
	struct build b = { .out = out, .in = in, .as_is = as_is };
	if (record_in_bytes(in, KEY_RAW, out))
		return true;
	record_in_bytes(in, KEY_BODY, &body);
	b.body = buf_view(&body);
	bool good = add_start_line(&b, e) && add_headers(&b, e);
	buf_str(out, "\r\n");
	buf_span(out, b.body);
	if (good && (out->failed || body.failed))
		good = err_set(e, STATUS_MALFORMED, "longer than %d bytes",
			SIP_MSG_MAX);
	buf_clear(&body);
	return good;
}
