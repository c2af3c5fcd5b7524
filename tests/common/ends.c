#include "tests/common/ends.h"

#include <string.h>

#include "net/endpoint.h"
#include "tests/common/test.h"

#define GOT_MAX (64 << 20)

static void let_go(struct end *n)
{
	conn_free(n->conn);
	n->conn = NULL;
}

static void feed_on(struct end *n)
{
	while (n->feed.n > 0) {
		struct span piece = span_first(n->feed, 4096);
		if (!conn_write(n->conn, piece))
			return;
		n->feed = span_skip(n->feed, piece.n);
	}
}

static void on_open(void *arg)
{
	struct end *n = arg;
	n->opens++;
	n->opened_at = loop_now(n->all->loop);
	if (n->says_on_open)
		end_say(n, n->says_on_open);
	if (n->closes_on_open)
		conn_close(n->conn);
	if (n->frees_on_open)
		let_go(n);
}

static void on_secured(void *arg)
{
	struct end *n = arg;
	n->secures++;
}

static size_t on_data(void *arg, struct span bytes)
{
	struct end *n = arg;
	n->pieces++;
	if (n->pauses)
		conn_pause(n->conn, true);
	if (n->keeps || n->pauses)
		return 0;
	if (n->got.len < n->takes)
		bytes = span_first(bytes, n->takes - n->got.len);
	buf_span(&n->got, bytes);
	if (n->frees_on_data) {
		let_go(n);
		return bytes.n;
	}
	if (n->starts_tls_on &&
		span_ends(buf_view(&n->got), n->starts_tls_on)) {
		if (n->answers)
			end_say(n, n->answers);
		conn_start_tls(n->conn, n->tls, &n->peer);
		n->starts_tls_on = NULL;
	}
	return bytes.n;
}

static void on_drained(void *arg)
{
	struct end *n = arg;
	n->drains++;
	feed_on(n);
}

static void on_closed(void *arg, const struct err *e)
{
	struct end *n = arg;
	n->closes++;
	n->e = *e;
	n->closed_at = loop_now(n->all->loop);
	if (n->frees_on_close)
		let_go(n);
}

static const struct conn_handlers handlers = {
	.open = on_open,
	.secured = on_secured,
	.data = on_data,
	.drained = on_drained,
	.closed = on_closed,
};

static void on_offer(
	void *arg, struct accepted *offer, const struct endpoint *from)
{
	struct ends *x = arg;
	x->offers++;
	assert_true(endpoint_port(from) != 0);
	if (x->refuses || x->far.conn)
		return;
	x->far.conn = conn_accept(offer, &x->far_settings, &handlers, &x->far);
}

struct endpoint endpoint_at(const char *text)
{
	struct endpoint a;
	struct err e = ERR_NONE;
	assert_ok(endpoint_parse(&a, span_of(text), 0, &e), &e);
	return a;
}

static void end_init(struct end *n, struct ends *x)
{
	*n = (struct end){ .all = x };
	buf_init(&n->got, GOT_MAX);
}

void ends_init(struct ends *x, struct loop *l, const char *at)
{
	struct err e = ERR_NONE;
	struct endpoint local = endpoint_at(at);
	*x = (struct ends){ .loop = l };
	end_init(&x->near, x);
	end_init(&x->far, x);
	x->listener = listener_new(l, &local, on_offer, x, &e);
	assert_ok(x->listener != NULL, &e);
	x->at = *listener_local(x->listener);
}

void ends_connect(struct ends *x)
{
	struct conn_settings s = x->near_settings;
	if (!s.addresses) {
		s.addresses = &x->at;
		s.count = 1;
	}
	x->near.conn = conn_new(x->loop, &s, &handlers, &x->near);
}

void ends_clear(struct ends *x)
{
	conn_free(x->near.conn);
	conn_free(x->far.conn);
	buf_clear(&x->near.got);
	buf_clear(&x->far.got);
	listener_free(x->listener);
}

bool both_open(void *arg)
{
	struct ends *x = arg;
	return x->near.opens && x->far.opens;
}

bool both_closed(void *arg)
{
	struct ends *x = arg;
	return x->near.closes && x->far.closes;
}

bool near_closed(void *arg)
{
	return ((struct ends *)arg)->near.closes > 0;
}

bool far_closed(void *arg)
{
	return ((struct ends *)arg)->far.closes > 0;
}

bool near_secured(void *arg)
{
	return ((struct ends *)arg)->near.secures > 0;
}

void end_say(struct end *n, const char *text)
{
	assert_true(conn_write(n->conn, span_of(text)));
}

void end_feed(struct end *n, struct span text)
{
	n->feed = text;
	feed_on(n);
}
