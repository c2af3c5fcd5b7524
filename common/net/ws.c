#include "net/ws_private.h"

#include "base/mem.h"

/* ---- death ---- */

static void free_terms(struct ws_terms *t)
{
	mem_free((char *)t->host);
	mem_free((char *)t->path);
	mem_free((char *)t->protocol);
	mem_free((char *)t->origin);
}

static void release(struct ws *w)
{
	if (--w->held > 0 || !w->freed)
		return;
	timer_free(w->deadline);
	timer_free(w->idle);
	ws_framer_free(w->framer);
	free_terms(&w->terms);
	mem_free(w);
}

static void drop(struct ws *w)
{
	w->conn = NULL;
	w->phase = WS_PHASE_OVER;
	w->freed = true;
	timer_stop(w->deadline);
	timer_stop(w->idle);
	w->held++;
	release(w);
}

void ws_free(struct ws *w)
{
	if (!w)
		return;
	conn_free(w->conn);
	drop(w);
}

void ws_abort(struct ws *w)
{
	if (!w)
		return;
	conn_abort(w->conn);
	drop(w);
}

void ws_say_close(struct ws *w, enum ws_code code, struct span reason)
{
	struct buf frame = BUF_INIT(WS_FRAME_OVERHEAD + WS_CONTROL_MAX);
	/* Where the queue is full it is the end of the connection that tells.
	 */
	if (ws_framer_write_close(w->framer, &frame, code, reason))
		conn_write(w->conn, buf_view(&frame));
	buf_clear(&frame);
}

void ws_leave(struct ws *w)
{
	if (!w)
		return;
	if (w->phase == WS_PHASE_OPEN)
		ws_say_close(w, WS_CODE_GOING_AWAY, SPAN_EMPTY);
	conn_leave(w->conn);
	drop(w);
}

/* The last call. */
static void end(struct ws *w, const struct err *e)
{
	conn_free(w->conn);
	w->conn = NULL;
	w->phase = WS_PHASE_OVER;
	timer_stop(w->deadline);
	timer_stop(w->idle);
	w->handlers.closed(w->arg, e);
}

static void name_far_side(const struct ws *w, struct err *e)
{
	char text[ENDPOINT_TEXT_SIZE];
	if (w->conn && conn_remote(w->conn)->len)
		err_prefix(
			e, "%s", endpoint_format(text, conn_remote(w->conn)));
}

void ws_go(struct ws *w, struct err *e)
{
	if (err_is_set(e)) {
		name_far_side(w, e);
		w->fault = *e;
	}
	w->phase = WS_PHASE_LEAVING;
	timer_stop(w->deadline);
	timer_stop(w->idle);
	conn_pause(w->conn, false);
	conn_close(w->conn);
}

/* ---- the connection's handlers ---- */

static void on_open(void *arg)
{
	struct ws *w = arg;
	struct buf request = BUF_INIT(HTTP_HEAD_MAX);
	struct err e = ERR_NONE;
	w->heard = loop_now(w->loop);
	timer_set(w->deadline, WS_HANDSHAKE_DEADLINE);
	if (!w->is_server) {
		if (ws_request_format(&request, &w->terms, w->key, &e))
			conn_write(w->conn, buf_view(&request));
		else
			ws_go(w, &e);
	}
	buf_clear(&request);
}

static size_t on_data(void *arg, struct span bytes)
{
	struct ws *w = arg;
	size_t used = 0;
	w->held++;
	w->heard = loop_now(w->loop);
	if (w->phase == WS_PHASE_OPENING)
		used = ws_shake_hands(w, bytes);
	used += ws_read_messages(w, span_skip(bytes, used));
	release(w);
	return used;
}

static void on_drained(void *arg)
{
	struct ws *w = arg;
	if (w->phase == WS_PHASE_OPEN && w->handlers.drained)
		w->handlers.drained(w->arg);
}

static void on_closed(void *arg, const struct err *e)
{
	struct ws *w = arg;
	struct err why = err_is_set(&w->fault) ? w->fault : *e;
	bool in_order =
		w->phase == WS_PHASE_LEAVING || w->phase == WS_PHASE_CLOSING;
	/* TLS finds a far side rude that has said its farewell above it. */
	if (in_order && !err_is_set(&w->fault) &&
		span_is(span_of(why.condition), "cut-off"))
		why = ERR_NONE;
	if (!in_order && !err_is_set(&why)) {
		err_set(&why, STATUS_UNREACHABLE,
			w->phase == WS_PHASE_OPENING
				? "ended in the middle of the WebSocket "
				  "handshake"
				: "ended without closing the WebSocket");
		err_condition(&why, "cut-off", true);
		name_far_side(w, &why);
	}
	w->held++;
	end(w, &why);
	release(w);
}

/* ---- time ---- */

static void on_deadline(void *arg)
{
	struct ws *w = arg;
	struct err e = ERR_NONE;
	if (w->phase == WS_PHASE_OPENING) {
		err_set(&e, STATUS_TIMEOUT,
			"silent in the middle of the WebSocket handshake");
		e.retryable = true;
		name_far_side(w, &e);
	}
	w->held++;
	end(w, &e);
	release(w);
}

void ws_ping(struct ws *w)
{
	struct buf frame = BUF_INIT(WS_FRAME_OVERHEAD);
	if (w->phase == WS_PHASE_OPEN &&
		ws_framer_write(w->framer, &frame, WS_PING, SPAN_EMPTY))
		conn_write(w->conn, buf_view(&frame));
	buf_clear(&frame);
}

static void on_idle(void *arg)
{
	struct ws *w = arg;
	usec_t quiet = loop_now(w->loop) - w->heard;
	if (quiet >= 2 * w->keepalive) {
		struct err e = ERR_NONE;
		err_set(&e, STATUS_TIMEOUT,
			"has been silent for %lld s, pings too",
			(long long)(quiet / USEC_SEC));
		err_condition(&e, "timeout", true);
		name_far_side(w, &e);
		w->held++;
		end(w, &e);
		release(w);
		return;
	}
	if (quiet >= w->keepalive) {
		ws_ping(w);
		quiet = 0;
	}
	timer_set(w->idle, w->keepalive - quiet);
}

/* ---- birth ---- */

static const struct conn_handlers conn_handlers = {
	.open = on_open,
	.data = on_data,
	.drained = on_drained,
	.closed = on_closed,
};

static struct ws *ws_new(struct loop *l, const struct ws_settings *s,
	bool is_server, const struct ws_handlers *handlers, void *arg)
{
	struct ws *w = mem_alloc(sizeof(*w));
	w->loop = l;
	w->handlers = *handlers;
	w->arg = arg;
	w->is_server = is_server;
	w->keepalive = s->keepalive;
	w->max_out = s->conn.max_out ? s->conn.max_out : CONN_MAX_OUT;
	w->terms = (struct ws_terms){ .host = mem_str(s->terms.host),
		.path = mem_str(s->terms.path),
		.protocol = mem_str(s->terms.protocol),
		.origin = mem_str(s->terms.origin) };
	w->framer = ws_framer_new(is_server, s->max_message);
	w->deadline = timer_new(l, on_deadline, w);
	w->idle = timer_new(l, on_idle, w);
	if (!is_server)
		ws_key_make(w->key);
	return w;
}

/* A head must fit, and what is behind it may be left for later. */
static struct conn_settings bounded(const struct conn_settings *s)
{
	struct conn_settings bounded = *s;
	bounded.max_in = 2 * HTTP_HEAD_MAX;
	return bounded;
}

struct ws *ws_connect(struct loop *l, const struct ws_settings *s,
	const struct ws_handlers *handlers, void *arg)
{
	struct ws *w = ws_new(l, s, false, handlers, arg);
	struct conn_settings settings = bounded(&s->conn);
	w->conn = conn_new(l, &settings, &conn_handlers, w);
	return w;
}

struct ws *ws_accept(struct loop *l, struct accepted *offer,
	const struct ws_settings *s, const struct ws_handlers *handlers,
	void *arg)
{
	struct ws *w = ws_new(l, s, true, handlers, arg);
	struct conn_settings settings = bounded(&s->conn);
	w->conn = conn_accept(offer, &settings, &conn_handlers, w);
	return w;
}

/* ---- calls ---- */

bool ws_send(struct ws *w, bool is_text, struct span bytes)
{
	if (w->phase != WS_PHASE_OPEN || bytes.n > w->max_out)
		return false;
	struct buf frame = BUF_INIT(bytes.n + WS_FRAME_OVERHEAD);
	bool sent = ws_framer_write(w->framer, &frame,
			    is_text ? WS_TEXT : WS_BINARY, bytes) &&
		    conn_write(w->conn, buf_view(&frame));
	buf_clear_wiped(&frame);
	return sent;
}

size_t ws_queued(const struct ws *w)
{
	return w->conn ? conn_queued(w->conn) : 0;
}

void ws_pause(struct ws *w, bool paused)
{
	w->is_paused = paused;
	if (w->phase < WS_PHASE_LEAVING)
		conn_pause(w->conn, paused);
}

void ws_close(struct ws *w, enum ws_code code, const char *reason)
{
	if (w->phase >= WS_PHASE_CLOSING)
		return;
	if (w->phase == WS_PHASE_OPEN) {
		ws_say_close(w, code, span_of(reason));
		timer_set(w->deadline, WS_CLOSE_DEADLINE);
		w->phase = WS_PHASE_CLOSING;
		ws_pause(w, false);
	} else {
		w->phase = WS_PHASE_LEAVING;
		timer_stop(w->deadline);
		conn_close(w->conn);
	}
	timer_stop(w->idle);
}

usec_t ws_heard(const struct ws *w)
{
	return w->heard;
}

bool ws_is_open(const struct ws *w)
{
	return w->phase == WS_PHASE_OPEN;
}

const struct conn *ws_conn(const struct ws *w)
{
	return w->conn;
}
