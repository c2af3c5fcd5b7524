#include "xmpp/bosh.h"

#include "base/mem.h"
#include "base/rand.h"
#include "xmpp/bosh_private.h"

/* Of the biggest stanza and what wraps it. */
#define BODY_MAX (2 * XMPP_STANZA_MAX + XMPP_BOSH_TAG_MAX)

/* ---- death ---- */

void xmpp_bosh_hold(struct xmpp_bosh *b)
{
	b->held++;
}

static void forget_posted(struct xmpp_bosh *b)
{
	for (size_t i = 0; i < XMPP_BOSH_REQUESTS; i++)
		buf_clear_wiped(&b->posted[i].body);
	b->count = 0;
}

void xmpp_bosh_release(struct xmpp_bosh *b)
{
	if (--b->held > 0 || !b->freed)
		return;
	xml_parser_free(b->parser);
	timer_free(b->poll);
	timer_free(b->leave);
	timer_free(b->deadline);
	forget_posted(b);
	xmpp_bosh_free_settings(b);
	mem_free_wiped(b->sid);
	mem_free(b->to);
	mem_free(b->from);
	mem_free(b->lang);
	mem_free(b);
}

/* Nothing of it comes any more. */
static void silence(struct xmpp_bosh *b)
{
	b->phase = XMPP_BOSH_OVER;
	xmpp_bosh_drop_lines(b);
	timer_stop(b->poll);
	timer_stop(b->leave);
	timer_stop(b->deadline);
}

void xmpp_bosh_free(struct xmpp_bosh *b)
{
	if (!b)
		return;
	silence(b);
	b->freed = true;
	b->held++;
	xmpp_bosh_release(b);
}

void xmpp_bosh_end(struct xmpp_bosh *b, const struct err *why)
{
	struct err e = *why;
	char who[ENDPOINT_TEXT_SIZE];
	const struct conn *conn = xmpp_bosh_conn(b);
	if (b->phase == XMPP_BOSH_OVER)
		return;
	if (err_is_set(&e) && conn && conn_remote(conn)->len) {
		endpoint_format(who, conn_remote(conn));
		if (!span_starts(span_of(e.text), who))
			err_prefix(&e, "%s", who);
	}
	silence(b);
	b->handlers.closed(b->arg, &e);
}

bool xmpp_bosh_refuse(struct xmpp_bosh *b, enum status status, const char *why)
{
	struct err e = ERR_NONE;
	err_set(&e, status, "%s", why);
	e.retryable = status == STATUS_TIMEOUT;
	xmpp_bosh_end(b, &e);
	return false;
}

/* ---- requests ---- */

bool xmpp_bosh_may_send(const struct xmpp_bosh *b)
{
	return b->phase == XMPP_BOSH_ON && !b->opening &&
	       b->count < b->requests;
}

bool xmpp_bosh_is_on(const struct xmpp_bosh *b)
{
	return b->phase == XMPP_BOSH_ON || b->phase == XMPP_BOSH_LEAVING;
}

/* Another one behind those that are on their way. */
static void ask(struct xmpp_bosh *b, const struct xmpp_bosh_request *what)
{
	struct xmpp_bosh_request r = *what;
	struct xmpp_bosh_posted *p = &b->posted[b->count];
	r.rid = b->rid++;
	r.sid = span_of(b->sid);
	r.wait = XMPP_BOSH_WAIT;
	*p = (struct xmpp_bosh_posted){ .body = BUF_INIT(BODY_MAX),
		.opens = r.opens,
		.is_empty = !r.payload.n && !r.opens };
	xmpp_bosh_request_format(&p->body, &r);
	b->count++;
	timer_stop(b->poll);
	xmpp_bosh_post(b, p);
}

/* From within an answer it waits until that is whole, for its connection. */
void xmpp_bosh_open_stream(struct xmpp_bosh *b)
{
	const struct xmpp_bosh_request r = { .opens = true,
		.to = span_of(b->to),
		.from = span_of(b->from),
		.lang = span_of(b->lang) };
	bool is_new = b->phase == XMPP_BOSH_NEW && b->count == 0;
	bool has_room = b->phase == XMPP_BOSH_ON && b->count < b->requests;
	if (!b->opening || b->feeding || (!is_new && !has_room))
		return;
	b->opening = false;
	ask(b, &r);
}

void xmpp_bosh_open(
	struct xmpp_bosh *b, struct span to, struct span from, struct span lang)
{
	mem_free(b->to);
	mem_free(b->from);
	mem_free(b->lang);
	b->to = span_dup(to);
	b->from = span_dup(from);
	b->lang = span_dup(lang);
	b->opening = true;
	xmpp_bosh_open_stream(b);
}

void xmpp_bosh_send(struct xmpp_bosh *b, struct span payload, bool is_last)
{
	const struct xmpp_bosh_request r = { .payload = payload,
		.terminates = is_last };
	if (!xmpp_bosh_may_send(b))
		return;
	if (is_last)
		b->phase = XMPP_BOSH_LEAVING;
	ask(b, &r);
}

/* Section 9: whenever the server holds none it gets one to hold. */
static void on_poll(void *arg)
{
	static const struct xmpp_bosh_request nothing = { 0 };
	struct xmpp_bosh *b = arg;
	if (b->count == 0)
		ask(b, &nothing);
}

static void on_leave(void *arg)
{
	const struct err none = ERR_NONE;
	xmpp_bosh_end(arg, &none);
}

static void on_deadline(void *arg)
{
	struct xmpp_bosh *b = arg;
	xmpp_bosh_refuse(b, STATUS_TIMEOUT, "a request is not answered");
}

/* ---- birth, and the rest ---- */

struct xmpp_bosh *xmpp_bosh_new(struct loop *l,
	const struct http_link_settings *s,
	const struct xmpp_bosh_handlers *handlers, void *arg)
{
	struct xmpp_bosh *b = mem_alloc(sizeof(*b));
	b->loop = l;
	b->handlers = *handlers;
	b->arg = arg;
	b->wait = XMPP_BOSH_WAIT;
	/* Section 14.1: unpredictable, and far from the largest. */
	b->rid = rand_below(XMPP_BOSH_RID_MAX / 2) + 1;
	b->poll = timer_new(l, on_poll, b);
	b->leave = timer_new(l, on_leave, b);
	b->deadline = timer_new(l, on_deadline, b);
	b->parser =
		xml_parser_new(XML_PARSER_STREAM, &xmpp_bosh_parser_handler, b);
	xmpp_bosh_copy_settings(b, s);
	xmpp_bosh_connect(b);
	return b;
}

void xmpp_bosh_leave(struct xmpp_bosh *b)
{
	if (b->phase == XMPP_BOSH_OVER)
		return;
	xmpp_bosh_drop_lines(b);
	timer_stop(b->poll);
	timer_stop(b->deadline);
	b->phase = XMPP_BOSH_LEAVING;
	timer_set(b->leave, 0);
}

void xmpp_bosh_pause(struct xmpp_bosh *b, bool paused)
{
	b->paused = paused;
	if (paused && b->feeding) {
		xml_parser_hold(b->parser);
		b->left = xml_parser_rest(b->parser);
	}
	xmpp_bosh_listen(b);
}

usec_t xmpp_bosh_heard(const struct xmpp_bosh *b)
{
	return b->heard;
}

const struct conn *xmpp_bosh_conn(const struct xmpp_bosh *b)
{
	for (size_t i = 0; i < XMPP_BOSH_REQUESTS; i++)
		if (b->lines[i].link && b->lines[i].was_open)
			return http_link_conn(b->lines[i].link);
	return NULL;
}
