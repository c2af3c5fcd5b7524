#include "cmd/sipraw/message.h"

#include "sip/hdr.h"
#include "sip/scan.h"

struct span message_method(struct span text)
{
	struct span line, method;
	span_cut(&text, '\n', &line);
	if (span_starts(line, "SIP/") || !span_cut(&line, ' ', &method))
		return SPAN_EMPTY;
	return method;
}

/* The next line without its end; false behind the last. */
static bool next_line(struct span *rest, struct span *line)
{
	if (rest->n == 0)
		return false;
	span_cut(rest, '\n', line);
	if (span_ends(*line, "\r"))
		line->n--;
	return true;
}

static enum sip_hdr kind_of(struct span line)
{
	struct span name;
	return span_cut(&line, ':', &name) ? sip_hdr_find(span_trim(name))
					   : SIP_HDR_OTHER;
}

/* What follows the header fields; false where they do not end. */
static bool find_body(struct span text, struct span *body, bool *has_via)
{
	struct span line;
	*has_via = false;
	while (next_line(&text, &line)) {
		if (line.n == 0) {
			*body = text;
			return true;
		}
		*has_via |= kind_of(line) == SIP_HDR_VIA;
	}
	return false;
}

static void add_line(struct buf *out, struct span line)
{
	buf_span(out, line);
	buf_str(out, "\r\n");
}

static bool is_left_out(struct span line)
{
	enum sip_hdr kind = kind_of(line);
	struct span name;
	span_cut(&line, ':', &name);
	return kind == SIP_HDR_CONTENT_LENGTH ||
	       (kind == SIP_HDR_ROUTE && span_trim(line).n == 0);
}

static void add_fields(struct buf *out, struct span text, size_t length)
{
	struct span line;
	while (next_line(&text, &line) && line.n)
		if (!is_left_out(line))
			add_line(out, line);
	buf_printf(out, "Content-Length: %zu\r\n\r\n", length);
}

bool message_complete(
	struct buf *out, struct span text, struct span via, struct err *e)
{
	struct span body, start;
	bool has_via;
	if (!find_body(text, &body, &has_via))
		return err_set(e, STATUS_MALFORMED,
			"no empty line behind the header fields; --as-is sends "
			"it all the same");
	bool is_request = message_method(text).n > 0;
	if (span_trim(body).n == 0)
		body = SPAN_EMPTY;
	next_line(&text, &start);
	add_line(out, start);
	if (is_request && !has_via) {
		buf_str(out, "Via: ");
		add_line(out, via);
	}
	add_fields(out, text, body.n);
	return buf_span(out, body) && !out->failed
		       ? true
		       : err_set(e, STATUS_MALFORMED,
				 "the message is longer than %d bytes",
				 SIP_MSG_MAX);
}
