/* What goes out on a wire: headers and elements, as one write at the end of a
 * turn. */
#include "base/mem.h"
#include "xml/text.h"
#include "xmpp/ns.h"
#include "xmpp/wire_private.h"

/* ---- units: whole elements, that go in one record of TLS or not at all ----
 *
 * INTEROP: Prosody 0.12 goes on reading where the cut connection of a resumed
 * session has left off.  Behind half an element the next one is bad XML. */

static void end_unit(struct xmpp_wire *w, size_t end)
{
	units_end(&w->units, end);
	w->whole = 0;
}

/* out ends with a whole element. */
static void note_whole(struct xmpp_wire *w)
{
	size_t before = w->whole;
	if (before && w->out.len - w->units.total > CONN_UNIT)
		end_unit(w, w->units.total + before);
	w->whole = w->out.len - w->units.total;
}

/* False: the connection is full; on_drained comes back to it. */
static bool write_unit(struct xmpp_wire *w)
{
	struct span next = span_first(
		buf_view(&w->out), units_front(&w->units, CONN_UNIT));
	if (!conn_write(w->conn, next))
		return false;
	conn_end_unit(w->conn);
	mem_wipe(w->out.data, next.n); /* PLAIN has the password in it */
	buf_consume(&w->out, next.n);
	units_consume(&w->units, next.n);
	return true;
}

/* ---- the end of a turn ---- */

void xmpp_wire_flush(struct xmpp_wire *w)
{
	timer_stop(w->flush);
	if (w->ws)
		xmpp_wire_ws_flush(w);
	if (w->bosh)
		xmpp_wire_bosh_flush(w);
	if (!w->out.len || !w->conn)
		return;
	end_unit(w, w->out.len);
	while (w->out.len && write_unit(w))
		w->spoke = loop_now(w->loop);
}

void xmpp_wire_flush_and_tell(struct xmpp_wire *w)
{
	bool was_full = xmpp_wire_is_full(w);
	xmpp_wire_flush(w);
	if (was_full && !xmpp_wire_is_full(w) && w->handlers.drained)
		w->handlers.drained(w->arg);
}

void xmpp_wire_on_flush(void *arg)
{
	struct xmpp_wire *w = arg;
	if (w->handlers.flushing && !w->footer_sent)
		w->handlers.flushing(w->arg);
	xmpp_wire_flush_and_tell(w);
}

/* What was put into out is whole, and goes with the end of this turn. */
static void soon(struct xmpp_wire *w)
{
	if (w->is_framed)
		buf_char(&w->out, '\0');
	else
		note_whole(w);
	if (!timer_is_set(w->flush))
		timer_set(w->flush, 0);
}

void xmpp_wire_put(struct xmpp_wire *w, struct span text)
{
	buf_span(&w->out, text);
	if (w->handlers.trace)
		w->handlers.trace(w->arg, true, text);
	soon(w);
}

static void add_attr(struct buf *b, const char *name, struct span value)
{
	if (!value.n)
		return;
	buf_printf(b, " %s='", name);
	xml_text_escape_attr(b, value);
	buf_char(b, '\'');
}

static void put_header(struct xmpp_wire *w, const struct xmpp_header *h)
{
	struct buf b = BUF_INIT(XML_TAG_MAX);
	/* INTEROP: Prosody 0.12 takes a second declaration for bad XML. */
	if (!w->declared && !w->is_framed)
		buf_str(&b, "<?xml version='1.0'?>");
	if (w->is_framed)
		buf_str(&b, "<open xmlns='" XMPP_NS_FRAMING "'");
	else
		buf_printf(&b, "<stream:stream xmlns='%s' xmlns:stream='%s'",
			w->content_ns, XMPP_NS_STREAM);
	add_attr(&b, "from", h->from);
	add_attr(&b, "to", h->to);
	add_attr(&b, "id", h->id);
	add_attr(&b, "xml:lang", h->lang);
	buf_str(&b, w->is_framed ? " version='1.0'/>" : " version='1.0'>");
	xmpp_wire_put(w, buf_view(&b));
	buf_clear(&b);
}

void xmpp_wire_open(struct xmpp_wire *w, const struct xmpp_header *h)
{
	if (w->bosh)
		xmpp_wire_bosh_open(w, h);
	else
		put_header(w, h);
	w->declared = true;
	w->header_sent = true;
}

bool xmpp_wire_is_full(const struct xmpp_wire *w)
{
	return w->out.len >= XMPP_WIRE_OUT_MAX / 2;
}

bool xmpp_wire_send(
	struct xmpp_wire *w, const struct xml_element *s, struct err *e)
{
	if (!xmpp_wire_is_alive(w) || w->footer_sent)
		return err_set(e, STATUS_UNREACHABLE, "the stream is closed");
	if (w->out.len >= XMPP_WIRE_OUT_MAX) {
		err_set(e, STATUS_LOCAL_IO,
			"the far side takes no more for now");
		err_condition(e, "", true);
		return false;
	}
	size_t before = w->out.len;
	/* Framed, nothing is declared outside of it. */
	if (!xmpp_stanza_format(
		    &w->out, s, w->is_framed ? NULL : w->content_ns, e))
		return false;
	struct span text = span_skip(buf_view(&w->out), before);
	if (text.n > XMPP_STANZA_MAX) {
		w->out.len = before;
		err_set(e, STATUS_MALFORMED,
			"a stanza of %zu bytes is over the limit of %d", text.n,
			XMPP_STANZA_MAX);
		err_condition(e, "policy-violation", false);
		return false;
	}
	xmpp_wire_trace(w, true, s, text);
	soon(w);
	return true;
}

void xmpp_wire_write(struct xmpp_wire *w, struct span bytes)
{
	if (xmpp_wire_is_alive(w) && !w->footer_sent)
		xmpp_wire_put(w, bytes);
}

void xmpp_wire_ignore(struct xmpp_wire *w)
{
	w->ignores = true;
}

void xmpp_wire_keepalive(struct xmpp_wire *w)
{
	if (w->ws) {
		ws_ping(w->ws);
	} else if (w->conn && w->header_sent && !w->footer_sent) {
		buf_char(&w->out, ' ');
		soon(w);
	}
}

void xmpp_wire_pause(struct xmpp_wire *w, bool paused)
{
	if (w->ws)
		ws_pause(w->ws, paused);
	if (w->bosh)
		xmpp_bosh_pause(w->bosh, paused);
	if (!w->conn)
		return;
	conn_pause(w->conn, paused);
	if (paused && w->feeding) {
		xml_parser_hold(w->parser);
		w->left = xml_parser_rest(w->parser);
	}
}
