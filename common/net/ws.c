#include "net/ws.h"

#include "base/mem.h"
#include "base/utf8.h"

enum phase {
	OPENING, /* connection and handshake */
	OPEN,
	CLOSING, /* our close frame went, the far side's is awaited */
	LEAVING, /* both went, or one of them was too much: only the end is */
	OVER,
};

struct ws {
	struct loop *loop;
	struct ws_handlers handlers;
	void *arg;
	struct conn *conn; /* NULL: over */
	struct ws_framer *framer;
	struct ws_terms terms; /* owned */
	size_t max_out;
	bool is_server;
	char key[WS_KEY_LENGTH + 1];
	enum phase phase;
	struct timer *deadline; /* of OPENING and CLOSING */
	struct timer *idle;
	usec_t keepalive, heard;
	struct err fault; /* why it ends, where we know better than conn */
	unsigned held;
	bool is_paused;
	bool freed;
};

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
	w->phase = OVER;
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

static void say_close(struct ws *w, enum ws_code code, struct span reason)
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
	if (w->phase == OPEN)
		say_close(w, WS_CODE_GOING_AWAY, SPAN_EMPTY);
	conn_leave(w->conn);
	drop(w);
}

/* The last call. */
static void end(struct ws *w, const struct err *e)
{
	conn_free(w->conn);
	w->conn = NULL;
	w->phase = OVER;
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

/* Because of what the far side said; what is queued still goes out. */
static void leave(struct ws *w, struct err *e)
{
	if (err_is_set(e)) {
		name_far_side(w, e);
		w->fault = *e;
	}
	w->phase = LEAVING;
	timer_stop(w->deadline);
	timer_stop(w->idle);
	conn_pause(w->conn, false);
	conn_close(w->conn);
}

/* ---- what comes ---- */

static void pong(struct ws *w, struct span payload)
{
	struct buf frame = BUF_INIT(WS_FRAME_OVERHEAD + WS_CONTROL_MAX);
	/* Section 5.5.3: not each must be answered, and whoever fills the queue
	 * with them does not read. */
	if (ws_framer_write(w->framer, &frame, WS_PONG, payload))
		conn_write(w->conn, buf_view(&frame));
	buf_clear(&frame);
}

/* What a close code of the far side means for the outcome. */
static void explain_code(struct err *e, enum ws_code code, struct span reason)
{
	char shown[2 * WS_REASON_MAX];
	utf8_printable_to(shown, sizeof(shown), reason);
	switch (code) {
	case WS_CODE_NORMAL:
	case WS_CODE_GOING_AWAY:
	case WS_CODE_NONE:
		return;
	case WS_CODE_PROTOCOL_ERROR:
	case WS_CODE_UNACCEPTABLE:
	case WS_CODE_BAD_DATA:
	case WS_CODE_TOO_BIG:
		e->status = STATUS_MALFORMED;
		break;
	case WS_CODE_POLICY:
		e->status = STATUS_REFUSED;
		break;
	default:
		e->status = STATUS_UNREACHABLE;
		e->retryable = code >= 1011 && code <= 1014;
		break;
	}
	bool retryable = e->retryable;
	err_set(e, e->status, "closes the WebSocket with code %u%s%s", code,
		*shown ? ": " : "", shown);
	err_condition(e, "closed", retryable);
}

static void take_close(struct ws *w, enum ws_code code, struct span reason)
{
	struct err e = ERR_NONE;
	if (w->phase == OPEN) {
		explain_code(&e, code, reason);
		say_close(w, code, SPAN_EMPTY);
	}
	leave(w, &e);
}

static void take(struct ws *w, enum ws_event event, struct span payload,
	enum ws_code code, struct err *e)
{
	switch (event) {
	case WS_TEXT:
	case WS_BINARY:
		if (w->phase == OPEN)
			w->handlers.message(w->arg, event == WS_TEXT, payload);
		break;
	case WS_PING:
		pong(w, payload);
		break;
	case WS_CLOSE:
		take_close(w, code, payload);
		break;
	case WS_FAULT:
		if (w->phase == OPEN)
			say_close(w, code, span_of(e->text));
		leave(w, e);
		break;
	default:
		break; /* a pong was heard, and that is all */
	}
}

/* Hands over what is there; returns how much of it was used. */
static size_t read_messages(struct ws *w, struct span bytes)
{
	struct span rest = bytes;
	while (rest.n && (w->phase == OPEN || w->phase == CLOSING) &&
		!w->is_paused) {
		struct err e = ERR_NONE;
		struct span payload;
		enum ws_code code;
		enum ws_event event =
			ws_framer_read(w->framer, &rest, &payload, &code, &e);
		if (event != WS_NOTHING)
			take(w, event, payload, code, &e);
	}
	return w->phase >= LEAVING ? bytes.n : bytes.n - rest.n;
}

/* ---- the handshake ---- */

static void opened(struct ws *w)
{
	w->phase = OPEN;
	timer_stop(w->deadline);
	if (w->keepalive)
		timer_set(w->idle, w->keepalive);
	w->handlers.open(w->arg);
}

static void refuse_client(struct ws *w, struct err *e)
{
	struct buf answer = BUF_INIT(512);
	ws_refusal_format(&answer, e->code);
	conn_write(w->conn, buf_view(&answer));
	buf_clear(&answer);
	leave(w, e);
}

static void answer_client(struct ws *w, const struct http_head *head)
{
	struct err e = ERR_NONE;
	if (!ws_request_check(head, &w->terms, &e)) {
		refuse_client(w, &e);
		return;
	}
	struct buf answer = BUF_INIT(HTTP_HEAD_MAX);
	ws_response_format(&answer, head, w->terms.protocol);
	conn_write(w->conn, buf_view(&answer));
	buf_clear(&answer);
	opened(w);
}

static void take_answer(struct ws *w, const struct http_head *head)
{
	struct err e = ERR_NONE;
	if (ws_response_check(head, &w->terms, w->key, &e))
		opened(w);
	else
		leave(w, &e);
}

static size_t shake_hands(struct ws *w, struct span bytes)
{
	struct http_head head;
	struct err e = ERR_NONE;
	enum http_head_state state =
		w->is_server ? http_head_parse_request(&head, bytes, &e)
			     : http_head_parse_response(&head, bytes, &e);
	switch (state) {
	case HTTP_HEAD_MORE:
		return 0;
	case HTTP_HEAD_DONE:
		if (w->is_server)
			answer_client(w, &head);
		else
			take_answer(w, &head);
		return head.length;
	default:
		e.code = bytes.n >= HTTP_HEAD_MAX ? 431 : 400;
		if (w->is_server)
			refuse_client(w, &e);
		else
			leave(w, &e);
		return bytes.n;
	}
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
			leave(w, &e);
	}
	buf_clear(&request);
}

static size_t on_data(void *arg, struct span bytes)
{
	struct ws *w = arg;
	size_t used = 0;
	w->held++;
	w->heard = loop_now(w->loop);
	if (w->phase == OPENING)
		used = shake_hands(w, bytes);
	used += read_messages(w, span_skip(bytes, used));
	release(w);
	return used;
}

static void on_drained(void *arg)
{
	struct ws *w = arg;
	if (w->phase == OPEN && w->handlers.drained)
		w->handlers.drained(w->arg);
}

static void on_closed(void *arg, const struct err *e)
{
	struct ws *w = arg;
	struct err why = err_is_set(&w->fault) ? w->fault : *e;
	bool in_order = w->phase == LEAVING || w->phase == CLOSING;
	/* TLS finds a far side rude that has said its farewell above it. */
	if (in_order && !err_is_set(&w->fault) &&
		span_is(span_of(why.condition), "cut-off"))
		why = ERR_NONE;
	if (!in_order && !err_is_set(&why)) {
		err_set(&why, STATUS_UNREACHABLE,
			w->phase == OPENING
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
	if (w->phase == OPENING) {
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
	if (w->phase == OPEN &&
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
	if (w->phase != OPEN || bytes.n > w->max_out)
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
	if (w->phase < LEAVING)
		conn_pause(w->conn, paused);
}

void ws_close(struct ws *w, enum ws_code code, const char *reason)
{
	if (w->phase >= CLOSING)
		return;
	if (w->phase == OPEN) {
		say_close(w, code, span_of(reason));
		timer_set(w->deadline, WS_CLOSE_DEADLINE);
		w->phase = CLOSING;
		ws_pause(w, false);
	} else {
		w->phase = LEAVING;
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
	return w->phase == OPEN;
}

const struct conn *ws_conn(const struct ws *w)
{
	return w->conn;
}
