/* What came on a wire: headers, elements, the end; and what is not allowed. */
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"
#include "xmpp/wire_private.h"

/* ---- for -vv ---- */

/* Of SASL everything but a failure is a secret, or half of one. */
static bool is_secret(const struct xml_element *s)
{
	return (strcmp(s->ns, XMPP_NS_SASL) == 0 ||
		       strcmp(s->ns, XMPP_NS_SASL2) == 0) &&
	       strcmp(s->name, "failure") != 0;
}

void xmpp_wire_trace(struct xmpp_wire *w, bool sent,
	const struct xml_element *s, struct span text)
{
	if (!w->handlers.trace)
		return;
	struct buf b = BUF_INIT(2 * XMPP_STANZA_MAX);
	if (is_secret(s)) {
		const char *mechanism = xml_element_attr_find(s, "mechanism");
		buf_printf(&b, "<%s", s->name);
		if (mechanism)
			buf_printf(&b, " mechanism='%s'", mechanism);
		buf_str(&b, ">[redacted]");
		text = buf_view(&b);
	} else if (!text.n) {
		xmpp_stanza_format(&b, s, w->content_ns, NULL);
		text = buf_view(&b);
	}
	w->handlers.trace(w->arg, sent, text);
	buf_clear(&b);
}

/* ---- from the parser ---- */

void xmpp_wire_refuse_input(
	struct xmpp_wire *w, const char *condition, const char *sentence)
{
	struct err e = ERR_NONE;
	err_set(&e, STATUS_MALFORMED, "%s", sentence);
	err_condition(&e, condition, false);
	xmpp_wire_refuse(w, xmpp_error_stream(condition, NULL), &e);
}

/* RFC 6120 section 4.7.5: the major version counts. */
static bool is_version_1(const struct xml_element *header)
{
	const char *text = xml_element_attr_find(header, "version");
	struct span minor = span_of(text), major;
	uint32_t number;
	return text && span_cut(&minor, '.', &major) &&
	       span_to_u32(major, UINT32_MAX, &number) && number >= 1;
}

static struct span attr(const struct xml_element *s, const char *name)
{
	return span_of(xml_element_attr_find(s, name));
}

void xmpp_wire_take_header(struct xmpp_wire *w,
	const struct xml_element *header, const char *content_ns)
{
	if (w->handlers.trace)
		w->handlers.trace(w->arg, false,
			w->is_framed ? SPAN("<open/>")
				     : SPAN("<stream:stream>"));
	struct xmpp_header h = { .from = attr(header, "from"),
		.to = attr(header, "to"),
		.id = attr(header, "id"),
		.lang = attr(header, "xml:lang") };
	if (strcmp(content_ns, w->content_ns) != 0)
		xmpp_wire_refuse_input(w, "invalid-namespace",
			"the stream is in another namespace than ours");
	else if (!is_version_1(header))
		xmpp_wire_refuse_input(w, "unsupported-version",
			"the stream is not of version 1.0");
	else
		w->handlers.header(w->arg, &h);
}

static void on_header(
	void *arg, const struct xml_element *header, const char *content_ns)
{
	xmpp_wire_take_header(arg, header, content_ns);
}

/* RFC 6120 section 4.9.1.1: it is the last that comes. */
static void take_error(struct xmpp_wire *w, const struct xml_element *s)
{
	struct xmpp_error error;
	if (xmpp_error_parse(&error, s) && !err_is_set(&w->fault)) {
		xmpp_error_to_err(&error, &w->fault);
		if (error.uri.n &&
			strcmp(error.condition->name, "see-other-host") == 0)
			w->other_host = span_dup(error.uri);
	}
	w->footer_came = true;
	xmpp_wire_close(w);
}

void xmpp_wire_take_element(struct xmpp_wire *w, struct xml_element *s)
{
	xmpp_wire_trace(w, false, s, SPAN_EMPTY);
	if (!xml_element_is(s, "error", XMPP_NS_STREAM)) {
		w->handlers.element(w->arg, s);
		return;
	}
	take_error(w, s);
	xml_element_free(s);
}

static void on_stanza(void *arg, struct xml_element *s)
{
	xmpp_wire_take_element(arg, s);
}

void xmpp_wire_take_close(struct xmpp_wire *w)
{
	if (w->handlers.trace)
		w->handlers.trace(w->arg, false,
			w->is_framed ? SPAN("<close/>")
				     : SPAN("</stream:stream>"));
	w->footer_came = true;
	if (!w->footer_sent && w->handlers.ending)
		w->handlers.ending(w->arg);
	if (!w->doomed)
		xmpp_wire_close(w);
}

static void on_close(void *arg)
{
	xmpp_wire_take_close(arg);
}

const struct xml_parser_handler xmpp_wire_parser_handler = {
	.open = on_header,
	.stanza = on_stanza,
	.close = on_close,
	.root_name = "stream",
	.root_ns = XMPP_NS_STREAM,
};

/* ---- from the connection ---- */

size_t xmpp_wire_data(void *arg, struct span bytes)
{
	struct xmpp_wire *w = arg;
	w->heard = loop_now(w->loop);
	/* Behind its end, or after we refused it: not looked at. */
	if (w->footer_came || w->abandoned || w->ignores)
		return bytes.n;
	struct err e = ERR_NONE;
	w->left = 0;
	w->starting_tls = false;
	w->feeding = true;
	bool good = xml_parser_feed(w->parser, bytes, &e);
	w->feeding = false;
	if (w->doomed) {
		xmpp_wire_free(w);
		return bytes.n;
	}
	/* INTEROP: go-sendxmpp 0.5 ends <starttls/> with a line feed, which
	 * says nothing and is no injection. */
	if (w->accepted && w->starting_tls &&
		!span_trim(span_skip(bytes, bytes.n - w->left)).n)
		w->left = 0;
	if (!good && !w->footer_came) {
		err_prefix(&e, "what came is no XMPP");
		xmpp_wire_refuse(w, xmpp_error_stream(e.condition, NULL), &e);
	}
	return bytes.n - w->left;
}

void xmpp_wire_restart(struct xmpp_wire *w)
{
	/* Framed, what is read now is whole, and the next is another. */
	if (!w->is_framed)
		xml_parser_reset(w->parser);
	w->header_came = false;
	w->header_sent = false;
}

void xmpp_wire_start_tls(struct xmpp_wire *w, struct tls_config *config,
	const struct tls_peer *peer)
{
	w->left = xml_parser_rest(w->parser);
	w->starting_tls = true;
	xmpp_wire_restart(w);
	xmpp_wire_flush(w);
	conn_start_tls(w->conn, config, peer);
}
