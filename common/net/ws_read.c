/* What comes from the far side of a WebSocket: its handshake, its messages, its
 * farewell (RFC 6455 sections 4 to 7). */
#include "base/utf8.h"
#include "net/ws_private.h"

/* ---- messages ---- */

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
	if (w->phase == WS_PHASE_OPEN) {
		explain_code(&e, code, reason);
		ws_say_close(w, code, SPAN_EMPTY);
	}
	ws_go(w, &e);
}

static void take(struct ws *w, enum ws_event event, struct span payload,
	enum ws_code code, struct err *e)
{
	switch (event) {
	case WS_TEXT:
	case WS_BINARY:
		if (w->phase == WS_PHASE_OPEN)
			w->handlers.message(w->arg, event == WS_TEXT, payload);
		break;
	case WS_PING:
		pong(w, payload);
		break;
	case WS_CLOSE:
		take_close(w, code, payload);
		break;
	case WS_FAULT:
		if (w->phase == WS_PHASE_OPEN)
			ws_say_close(w, code, span_of(e->text));
		ws_go(w, e);
		break;
	default:
		break; /* a pong was heard, and that is all */
	}
}

size_t ws_read_messages(struct ws *w, struct span bytes)
{
	struct span rest = bytes;
	while (rest.n &&
		(w->phase == WS_PHASE_OPEN || w->phase == WS_PHASE_CLOSING) &&
		!w->is_paused) {
		struct err e = ERR_NONE;
		struct span payload;
		enum ws_code code;
		enum ws_event event =
			ws_framer_read(w->framer, &rest, &payload, &code, &e);
		if (event != WS_NOTHING)
			take(w, event, payload, code, &e);
	}
	return w->phase >= WS_PHASE_LEAVING ? bytes.n : bytes.n - rest.n;
}

/* ---- the handshake ---- */

static void opened(struct ws *w)
{
	w->phase = WS_PHASE_OPEN;
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
	ws_go(w, e);
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
		ws_go(w, &e);
}

size_t ws_shake_hands(struct ws *w, struct span bytes)
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
			ws_go(w, &e);
		return bytes.n;
	}
}
