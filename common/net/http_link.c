#include "net/http_link.h"

#include "base/mem.h"
#include "net/http_body.h"

#define USER_AGENT "samtal/" SAMTAL_VERSION
/* A head, or a piece of a body that somebody takes while it is paused. */
#define IN_MAX (4 * HTTP_HEAD_MAX)

struct http_link {
	struct http_link_handlers handlers;
	void *arg;
	struct conn *conn; /* NULL: over */
	char *host, *path;
	bool is_open, is_paused;
	bool awaits;  /* an answer */
	bool in_body; /* of it */
	bool lasts;   /* behind this answer comes another */
	bool ending;
	struct http_body body;
	struct err fault; /* why it ends, where we know better than conn */
	unsigned held;
	bool freed;
};

/* ---- death ---- */

static void release(struct http_link *l)
{
	if (--l->held > 0 || !l->freed)
		return;
	mem_free(l->host);
	mem_free(l->path);
	mem_free(l);
}

void http_link_free(struct http_link *l)
{
	if (!l)
		return;
	conn_free(l->conn);
	l->conn = NULL;
	l->freed = true;
	l->held++;
	release(l);
}

/* ---- an answer ---- */

static bool refuse(struct http_link *l, const struct err *e)
{
	char who[ENDPOINT_TEXT_SIZE];
	l->fault = *e;
	err_prefix(&l->fault, "%s", endpoint_format(who, conn_remote(l->conn)));
	l->ending = true;
	conn_close(l->conn);
	return false;
}

static void finish_answer(struct http_link *l)
{
	l->awaits = l->in_body = false;
	if (!l->lasts)
		http_link_close(l);
	l->handlers.done(l->arg);
}

/* These take some of the bytes off the front; false: no more can be done now. */

static bool take_head(struct http_link *l, struct span *bytes)
{
	struct http_head h;
	struct err e = ERR_NONE;
	switch (http_head_parse_response(&h, *bytes, &e)) {
	case HTTP_HEAD_MORE:
		return false;
	case HTTP_HEAD_BAD:
		return refuse(l, &e);
	case HTTP_HEAD_DONE:
		break;
	}
	*bytes = span_skip(*bytes, h.length);
	if (h.status == 101) {
		err_set(&e, STATUS_MALFORMED,
			"switches to what nobody asked for");
		return refuse(l, &e);
	}
	if (h.status < 200)
		return true; /* RFC 9110 section 15.2: the answer follows */
	if (!http_body_begin(&l->body, &h, &e))
		return refuse(l, &e);
	l->in_body = true;
	/* HTTP/1.0 closes unless it says otherwise (RFC 9112 section 9.3). */
	l->lasts =
		!l->body.until_close &&
		(h.is_1_0 ? http_head_has_word(&h, "Connection", "keep-alive")
			  : !http_head_has_word(&h, "Connection", "close"));
	l->handlers.answer(l->arg, h.status, h.reason);
	return true;
}

static bool take_body(struct http_link *l, struct span *bytes)
{
	size_t skip;
	struct span content;
	struct err e = ERR_NONE;
	enum http_body_state state =
		http_body_next(&l->body, *bytes, &skip, &content, &e);
	*bytes = span_skip(*bytes, skip);
	if (state == HTTP_BODY_BAD)
		return refuse(l, &e);
	if (state == HTTP_BODY_DONE) {
		finish_answer(l);
		return true;
	}
	if (!content.n)
		return false;
	size_t used = l->handlers.data(l->arg, content);
	http_body_take(&l->body, used);
	*bytes = span_skip(*bytes, used);
	return used == content.n;
}

/* The end of a body that was used up needs no more bytes, nor a reader. */
static bool may_go_on(const struct http_link *l)
{
	if (l->freed || l->ending)
		return false;
	return !l->is_paused || (l->in_body && http_body_is_done(&l->body));
}

static bool take_some(struct http_link *l, struct span *bytes)
{
	struct err e = ERR_NONE;
	if (l->in_body)
		return take_body(l, bytes);
	if (!bytes->n)
		return false;
	if (l->awaits)
		return take_head(l, bytes);
	err_set(&e, STATUS_MALFORMED, "answers what nobody asked");
	return refuse(l, &e);
}

/* ---- the connection ---- */

static void on_open(void *arg)
{
	struct http_link *l = arg;
	l->is_open = true;
	conn_pause(l->conn, l->is_paused);
	l->handlers.open(l->arg);
}

static size_t on_data(void *arg, struct span bytes)
{
	struct http_link *l = arg;
	struct span rest = bytes;
	l->held++;
	while (may_go_on(l) && take_some(l, &rest))
		;
	/* What comes behind the end is not looked at. */
	size_t used = l->ending ? bytes.n : bytes.n - rest.n;
	release(l);
	return used;
}

static void on_closed(void *arg, const struct err *e)
{
	struct http_link *l = arg;
	struct err why = err_is_set(&l->fault) ? l->fault : *e;
	l->held++;
	conn_free(l->conn);
	l->conn = NULL;
	l->ending = true;
	/* Section 8: that the connection ends is how this one says its end;
	 * with TLS not without its close_notify. */
	if (l->in_body && l->body.until_close && !err_is_set(&why))
		finish_answer(l);
	if (!l->freed)
		l->handlers.closed(l->arg, &why);
	release(l);
}

static const struct conn_handlers conn_handlers = {
	.open = on_open,
	.data = on_data,
	.closed = on_closed,
};

struct http_link *http_link_new(struct loop *loop,
	const struct http_link_settings *s,
	const struct http_link_handlers *handlers, void *arg)
{
	struct http_link *l = mem_alloc(sizeof(*l));
	struct conn_settings conn = s->conn;
	conn.max_in = IN_MAX;
	l->handlers = *handlers;
	l->arg = arg;
	l->host = mem_str(s->host);
	l->path = mem_str(s->path);
	l->conn = conn_new(loop, &conn, &conn_handlers, l);
	return l;
}

/* ---- calls ---- */

bool http_link_post(
	struct http_link *l, const char *content_type, struct span body)
{
	if (l->awaits || l->ending)
		return false;
	struct buf request = BUF_INIT(HTTP_HEAD_MAX + body.n);
	buf_printf(
		&request, "POST %s HTTP/1.1\r\nHost: %s\r\n", l->path, l->host);
	buf_printf(&request,
		"User-Agent: " USER_AGENT "\r\n"
		"Content-Type: %s\r\nContent-Length: %zu\r\n\r\n",
		content_type, body.n);
	buf_span(&request, body);
	l->awaits = !request.failed && conn_write(l->conn, buf_view(&request));
	buf_clear_wiped(&request);
	return l->awaits;
}

bool http_link_is_busy(const struct http_link *l)
{
	return l->awaits;
}

bool http_link_is_over(const struct http_link *l)
{
	return l->ending;
}

void http_link_pause(struct http_link *l, bool paused)
{
	l->is_paused = paused;
	/* Before, it is TLS that reads. */
	if (l->conn && l->is_open)
		conn_pause(l->conn, paused);
}

void http_link_close(struct http_link *l)
{
	if (l->ending)
		return;
	l->ending = true;
	conn_close(l->conn);
}

const struct conn *http_link_conn(const struct http_link *l)
{
	return l->conn;
}
