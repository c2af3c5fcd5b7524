#include "xmpp/wire.h"

#include "base/mem.h"
#include "base/rand.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"
#include "xmpp/wire_private.h"

/* One stanza over the mark of "full", one more that will be found too large,
 * and the end of the stream. */
#define UNITS_MAX 4096
#define OUT_ROOM (XMPP_WIRE_OUT_MAX + 2 * XMPP_STANZA_MAX + XML_TAG_MAX)

#define STREAM_ID_LENGTH 20

/* ---- the end ---- */

static void drop_connection(struct xmpp_wire *w)
{
	conn_free(w->conn);
	ws_free(w->ws);
	xmpp_bosh_free(w->bosh);
	w->conn = NULL;
	w->ws = NULL;
	w->bosh = NULL;
}

static void ended(struct xmpp_wire *w, const struct err *e)
{
	drop_connection(w);
	timer_stop(w->flush);
	timer_stop(w->deadline);
	w->handlers.closed(w->arg, e);
}

static void on_deadline(void *arg)
{
	struct xmpp_wire *w = arg;
	if (!w->abandoned && !err_is_set(&w->fault))
		err_set(&w->fault, STATUS_TIMEOUT,
			"the far side did not close its stream");
	struct err e = w->fault;
	ended(w, &e);
}

/* Both streams are closed, or never were: now the connection. */
static void finish(struct xmpp_wire *w)
{
	if (w->finished)
		return;
	w->finished = true;
	xmpp_wire_flush(w);
	if (w->ws)
		ws_close(w->ws, WS_CODE_NORMAL, NULL);
	else if (w->bosh)
		xmpp_wire_bosh_finish(w);
	else
		conn_close(w->conn);
}

/* BOSH says it by the last request. */
static void put_footer(struct xmpp_wire *w)
{
	if (w->bosh)
		timer_set(w->flush, 0);
	else if (w->is_framed)
		xmpp_wire_put(w, SPAN("<close xmlns='" XMPP_NS_FRAMING "'/>"));
	else
		xmpp_wire_put(w, SPAN("</stream:stream>"));
}

void xmpp_wire_close(struct xmpp_wire *w)
{
	if (!xmpp_wire_is_alive(w))
		return;
	if (!w->footer_sent) {
		if (w->header_sent)
			put_footer(w);
		w->footer_sent = true;
		timer_set(w->deadline,
			w->connected ? XMPP_WIRE_CLOSE_DEADLINE : 0);
		w->abandoned = !w->connected;
	}
	if (w->connected && (w->footer_came || !w->header_sent))
		finish(w);
}

/* RFC 6120 section 4.9.1.2: who is asked still opens its stream, to say what
 * is wrong. */
static void open_for_error(struct xmpp_wire *w)
{
	char id[STREAM_ID_LENGTH + 1];
	rand_token(id, STREAM_ID_LENGTH);
	xmpp_wire_open(w, &(struct xmpp_header){ .id = span_of(id) });
}

void xmpp_wire_refuse(
	struct xmpp_wire *w, struct xml_element *error, const struct err *why)
{
	if (!err_is_set(&w->fault))
		w->fault = *why;
	if (error && w->accepted && w->connected && !w->header_sent)
		open_for_error(w);
	/* XEP-0206 has none of a client. */
	if (error && w->header_sent && !w->bosh)
		xmpp_wire_send(w, error, NULL);
	xml_element_free(error);
	/* Nothing more of it is read: its end is that of the connection. */
	w->footer_came = true;
	xmpp_wire_close(w);
}

void xmpp_wire_abandon(struct xmpp_wire *w, const struct err *why)
{
	if (!err_is_set(&w->fault))
		w->fault = *why;
	w->abandoned = true;
	w->footer_sent = true;
	timer_set(w->deadline, 0);
}

void xmpp_wire_reset(struct xmpp_wire *w, const struct err *why)
{
	xmpp_wire_abandon(w, why);
	conn_abort(w->conn);
	ws_abort(w->ws);
	xmpp_bosh_free(w->bosh);
	w->conn = NULL;
	w->ws = NULL;
	w->bosh = NULL;
}

/* ---- the connection's handlers ---- */

void xmpp_wire_opened(struct xmpp_wire *w)
{
	w->connected = true;
	w->heard = w->spoke = loop_now(w->loop);
	w->handlers.open(w->arg);
}

static void on_open(void *arg)
{
	xmpp_wire_opened(arg);
}

static void on_secured(void *arg)
{
	struct xmpp_wire *w = arg;
	w->handlers.secured(w->arg);
}

static void on_drained(void *arg)
{
	xmpp_wire_flush_and_tell(arg);
}

/* How the connection ended, where nothing has told why before.  That an open
 * stream was cut off shows by the missing closing tag, whatever TLS says. */
static void explain(const struct xmpp_wire *w, struct err *why)
{
	bool silent =
		!err_is_set(why) || span_is(span_of(why->condition), "cut-off");
	if (w->parser && xml_parser_is_within_stanza(w->parser))
		err_set(why, STATUS_UNREACHABLE,
			"cut off in the middle of a stanza");
	else if (silent)
		err_set(why, STATUS_UNREACHABLE,
			"the connection was closed without %s",
			w->is_framed ? "<close/>" : "</stream:stream>");
	why->retryable = why->status == STATUS_UNREACHABLE;
}

void xmpp_wire_ended(struct xmpp_wire *w, const struct err *e)
{
	struct err why = w->fault;
	bool farewell = w->footer_came && w->footer_sent;
	if (!err_is_set(&why) && !farewell) {
		why = *e;
		explain(w, &why);
	}
	ended(w, &why);
}

static void on_closed(void *arg, const struct err *e)
{
	xmpp_wire_ended(arg, e);
}

static const struct conn_handlers conn_handlers = {
	.open = on_open,
	.secured = on_secured,
	.data = xmpp_wire_data,
	.drained = on_drained,
	.closed = on_closed,
};

/* ---- birth and death ---- */

static struct xmpp_wire *wire_new(struct loop *l,
	const struct xmpp_wire_settings *s,
	const struct xmpp_wire_handlers *handlers, void *arg)
{
	struct xmpp_wire *w = mem_alloc(sizeof(*w));
	w->loop = l;
	w->content_ns = s->content_ns;
	w->handlers = *handlers;
	w->arg = arg;
	buf_init(&w->out, OUT_ROOM);
	units_init(&w->units, UNITS_MAX);
	w->flush = timer_new(l, xmpp_wire_on_flush, w);
	w->deadline = timer_new(l, on_deadline, w);
	w->is_framed = s->ws || s->bosh;
	if (s->ws)
		w->parser = xml_parser_new(
			XML_PARSER_DOCUMENT, &xmpp_wire_ws_parser_handler, w);
	else if (!s->bosh)
		w->parser = xml_parser_new(
			XML_PARSER_STREAM, &xmpp_wire_parser_handler, w);
	return w;
}

static struct conn_settings bounded(const struct conn_settings *s)
{
	struct conn_settings bounded = *s;
	/* The parser leaves nothing but what came behind <starttls/>. */
	bounded.max_in = XML_TAG_MAX;
	bounded.max_out = OUT_ROOM;
	return bounded;
}

struct xmpp_wire *xmpp_wire_connect(struct loop *l,
	const struct xmpp_wire_settings *s,
	const struct xmpp_wire_handlers *handlers, void *arg)
{
	struct xmpp_wire *w = wire_new(l, s, handlers, arg);
	struct conn_settings settings = bounded(&s->conn);
	struct ws_settings ws = xmpp_wire_ws_settings(s, &settings);
	struct http_link_settings http = xmpp_wire_bosh_settings(s, &settings);
	if (s->ws)
		w->ws = ws_connect(l, &ws, &xmpp_wire_ws_handlers, w);
	else if (s->bosh)
		w->bosh = xmpp_bosh_new(l, &http, &xmpp_wire_bosh_handlers, w);
	else
		w->conn = conn_new(l, &settings, &conn_handlers, w);
	return w;
}

struct xmpp_wire *xmpp_wire_accept(struct loop *l, struct accepted *offer,
	const struct xmpp_wire_settings *s,
	const struct xmpp_wire_handlers *handlers, void *arg)
{
	struct xmpp_wire *w = wire_new(l, s, handlers, arg);
	struct conn_settings settings = bounded(&s->conn);
	w->accepted = true;
	struct ws_settings ws = xmpp_wire_ws_settings(s, &settings);
	if (w->is_framed)
		w->ws = ws_accept(l, offer, &ws, &xmpp_wire_ws_handlers, w);
	else
		w->conn = conn_accept(offer, &settings, &conn_handlers, w);
	return w;
}

void xmpp_wire_free(struct xmpp_wire *w)
{
	if (!w)
		return;
	drop_connection(w);
	w->doomed = true;
	if (w->feeding)
		return;
	xml_parser_free(w->parser);
	timer_free(w->flush);
	timer_free(w->deadline);
	buf_clear_wiped(&w->out);
	units_clear(&w->units);
	mem_free(w->other_host);
	mem_free(w);
}

/* ---- looks ---- */

const struct tls *xmpp_wire_tls(const struct xmpp_wire *w)
{
	const struct conn *conn = xmpp_wire_conn(w);
	return conn ? conn_tls(conn) : NULL;
}

const char *xmpp_wire_other_host(const struct xmpp_wire *w)
{
	return w->other_host;
}

const struct endpoint *xmpp_wire_remote(const struct xmpp_wire *w)
{
	const struct conn *conn = xmpp_wire_conn(w);
	return conn ? conn_remote(conn) : NULL;
}

size_t xmpp_wire_queued(const struct xmpp_wire *w)
{
	const struct conn *conn = xmpp_wire_conn(w);
	return w->out.len + (conn ? conn_queued(conn) : 0);
}

bool xmpp_wire_has_more(const struct xmpp_wire *w)
{
	const struct conn *c = xmpp_wire_conn(w);
	return c && conn_has_more(c);
}

usec_t xmpp_wire_heard(const struct xmpp_wire *w)
{
	usec_t later = 0;
	if (w->ws)
		later = ws_heard(w->ws);
	if (w->bosh)
		later = xmpp_bosh_heard(w->bosh);
	return later > w->heard ? later : w->heard;
}

usec_t xmpp_wire_spoke(const struct xmpp_wire *w)
{
	return w->spoke;
}
