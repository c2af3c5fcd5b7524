/* The framing of RFC 7395: each element is a message of a WebSocket, and the
 * ends of a stream are elements too. */
#include <string.h>

#include "base/mem.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"
#include "xmpp/wire_private.h"

#define SUBPROTOCOL "xmpp" /* section 3.1 */

/* ---- out ---- */

void xmpp_wire_ws_flush(struct xmpp_wire *w)
{
	while (w->out.len) {
		size_t n = span_find(buf_view(&w->out), '\0', 0);
		if (!ws_send(w->ws, true, span_first(buf_view(&w->out), n)))
			return;           /* on_drained comes back to it */
		mem_wipe(w->out.data, n); /* PLAIN has the password in it */
		buf_consume(&w->out, n < w->out.len ? n + 1 : n);
		w->spoke = loop_now(w->loop);
	}
}

/* ---- in ---- */

/* What belongs to another framing says so by its namespace (3.3.2). */
static void take_frame(struct xmpp_wire *w, struct xml_element *s)
{
	if (xml_element_is(s, "open", XMPP_NS_FRAMING) && !w->header_came) {
		w->header_came = true;
		xmpp_wire_take_header(w, s, w->content_ns);
	} else if (xml_element_is(s, "close", XMPP_NS_FRAMING)) {
		xmpp_wire_take_close(w);
	} else if (!w->header_came) {
		xmpp_wire_refuse_input(w, "invalid-namespace",
			"what came first is no <open/> of a stream");
	} else if (strcmp(s->ns, XMPP_NS_FRAMING) == 0) {
		xmpp_wire_refuse_input(
			w, "bad-format", "a second header of the same stream");
	} else {
		xmpp_wire_take_element(w, s);
		return;
	}
	xml_element_free(s);
}

static void on_document(void *arg, struct xml_element *s)
{
	take_frame(arg, s);
}

const struct xml_parser_handler xmpp_wire_ws_parser_handler = {
	.stanza = on_document,
};

static void on_message(void *arg, bool is_text, struct span bytes)
{
	struct xmpp_wire *w = arg;
	struct err e = ERR_NONE;
	w->heard = loop_now(w->loop);
	if (w->footer_came || w->abandoned || w->ignores)
		return;
	if (!is_text) {
		xmpp_wire_refuse_input(w, "bad-format",
			"a binary message, where XML is text (RFC 7395)");
		return;
	}
	w->feeding = true;
	/* Section 3.3.3: its first character is "<". */
	bool good = span_starts(bytes, "<")
			    ? xml_parser_feed(w->parser, bytes, &e) &&
				      xml_parser_end(w->parser, &e)
			    : err_set(&e, STATUS_MALFORMED,
				      "it does not begin with \"<\"");
	w->feeding = false;
	if (w->doomed) {
		xmpp_wire_free(w);
		return;
	}
	if (good || w->footer_came)
		return;
	if (!*e.condition)
		err_condition(&e, "bad-format", false);
	err_prefix(&e, "what came is no XMPP");
	xmpp_wire_refuse(w, xmpp_error_stream(e.condition, NULL), &e);
}

/* ---- the connection ---- */

static void on_open(void *arg)
{
	xmpp_wire_opened(arg);
}

static void on_drained(void *arg)
{
	xmpp_wire_flush_and_tell(arg);
}

static void on_closed(void *arg, const struct err *e)
{
	xmpp_wire_ended(arg, e);
}

const struct ws_handlers xmpp_wire_ws_handlers = {
	.open = on_open,
	.message = on_message,
	.drained = on_drained,
	.closed = on_closed,
};

struct ws_settings xmpp_wire_ws_settings(
	const struct xmpp_wire_settings *s, const struct conn_settings *conn)
{
	struct ws_settings ws = {
		.conn = *conn, .max_message = XMPP_STANZA_MAX, .keepalive = 0
	}; /* the session's: see xmpp_wire_keepalive */
	if (s->ws)
		ws.terms = *s->ws;
	ws.terms.protocol = SUBPROTOCOL;
	return ws;
}
