/* The connections of a session: which request goes over which, and what becomes
 * of those that break (XEP-0124 sections 11 and 14.3). */
#include "base/mem.h"
#include "xmpp/bosh_private.h"

/* ---- the settings, which outlive who gave them ---- */

void xmpp_bosh_copy_settings(
	struct xmpp_bosh *b, const struct http_link_settings *s)
{
	struct conn_settings *conn = &b->where.conn;
	b->where = *s;
	b->where.host = mem_str(s->host);
	b->where.path = mem_str(s->path);
	b->addresses = mem_array(conn->count, sizeof(*b->addresses));
	for (size_t i = 0; i < conn->count; i++)
		b->addresses[i] = s->conn.addresses[i];
	conn->addresses = b->addresses;
	conn->peer.name = mem_str(s->conn.peer.name);
	conn->peer.unicode = mem_str(s->conn.peer.unicode);
	conn->peer.sni = mem_str(s->conn.peer.sni);
	if (!s->conn.tunnel)
		return;
	b->tunnel = *s->conn.tunnel;
	b->tunnel.host = mem_str(b->tunnel.host);
	b->tunnel.user = mem_str(b->tunnel.user);
	b->tunnel.password = mem_str(b->tunnel.password);
	conn->tunnel = &b->tunnel;
}

void xmpp_bosh_free_settings(struct xmpp_bosh *b)
{
	mem_free((char *)b->where.host);
	mem_free((char *)b->where.path);
	mem_free((char *)b->where.conn.peer.name);
	mem_free((char *)b->where.conn.peer.unicode);
	mem_free((char *)b->where.conn.peer.sni);
	mem_free((char *)b->tunnel.host);
	mem_free((char *)b->tunnel.user);
	mem_free_wiped((char *)b->tunnel.password);
	mem_free(b->addresses);
}

/* ---- what a connection tells ---- */

static void on_open(void *arg)
{
	struct xmpp_bosh_line *l = arg;
	struct xmpp_bosh *b = l->bosh;
	bool is_first = !b->connected;
	l->was_open = true;
	b->connected = true;
	b->heard = loop_now(b->loop);
	if (is_first)
		b->handlers.open(b->arg);
}

/* Is it the turn of what it carries? */
static bool has_turn(const struct xmpp_bosh_line *l)
{
	return l->carries && l->carries == &l->bosh->posted[0];
}

/* Section 17.1: of the codes of HTTP none but 200 is an answer of BOSH. */
static void on_answer(void *arg, unsigned status, struct span reason)
{
	struct xmpp_bosh_line *l = arg;
	struct xmpp_bosh *b = l->bosh;
	struct err e = ERR_NONE;
	(void)reason;
	b->heard = loop_now(b->loop);
	if (status == 200)
		return;
	bool passes = status == 408 || status == 429 || status >= 500;
	if (b->phase == XMPP_BOSH_NEW)
		err_set(&e, STATUS_REFUSED,
			"answers %u and opens no session of BOSH", status);
	else
		err_set(&e, STATUS_UNREACHABLE,
			"answers %u within a session of BOSH", status);
	e.retryable = passes || b->phase != XMPP_BOSH_NEW;
	e.code = (int)status;
	xmpp_bosh_end(b, &e);
}

static size_t on_data(void *arg, struct span bytes)
{
	struct xmpp_bosh_line *l = arg;
	l->bosh->heard = loop_now(l->bosh->loop);
	return xmpp_bosh_take(l->bosh, bytes);
}

static void on_done(void *arg)
{
	struct xmpp_bosh_line *l = arg;
	struct xmpp_bosh *b = l->bosh;
	if (l->carries)
		l->carries->line = NULL;
	l->carries = NULL;
	xmpp_bosh_take_end(b);
}

/* What was on its way is asked for again, where the connection once stood:
 * that one breaks is nothing, that there is none to be had is the end. */
static void recover(struct xmpp_bosh *b, struct xmpp_bosh_posted *p,
	bool was_open, const struct err *e)
{
	struct err why = *e;
	p->line = NULL;
	if (!err_is_set(&why)) {
		err_set(&why, STATUS_UNREACHABLE,
			"the connection was closed without an answer");
		why.retryable = true;
	}
	bool lost = b->phase == XMPP_BOSH_NEW || !was_open ||
		    why.status == STATUS_TLS ||
		    why.status == STATUS_MALFORMED ||
		    p->tries >= XMPP_BOSH_TRIES;
	if (lost)
		xmpp_bosh_end(b, &why);
	else
		xmpp_bosh_post(b, p);
}

static void on_closed(void *arg, const struct err *e)
{
	struct xmpp_bosh_line *l = arg;
	struct xmpp_bosh *b = l->bosh;
	struct xmpp_bosh_posted *p = l->carries;
	http_link_free(l->link);
	l->link = NULL;
	l->carries = NULL;
	xmpp_bosh_hold(b);
	if (p)
		recover(b, p, l->was_open, e);
	else if (!b->connected)
		xmpp_bosh_end(b, e); /* before anything was asked */
	xmpp_bosh_release(b);
}

static const struct http_link_handlers link_handlers = {
	.open = on_open,
	.answer = on_answer,
	.data = on_data,
	.done = on_done,
	.closed = on_closed,
};

/* ---- which one ---- */

static void connect_line(struct xmpp_bosh *b, struct xmpp_bosh_line *l)
{
	l->bosh = b;
	l->was_open = false;
	l->link = http_link_new(b->loop, &b->where, &link_handlers, l);
}

void xmpp_bosh_connect(struct xmpp_bosh *b)
{
	connect_line(b, &b->lines[0]);
}

void xmpp_bosh_drop_lines(struct xmpp_bosh *b)
{
	for (size_t i = 0; i < XMPP_BOSH_REQUESTS; i++) {
		http_link_free(b->lines[i].link);
		b->lines[i].link = NULL;
		b->lines[i].carries = NULL;
	}
}

/* One that stands rather than a new one. */
static struct xmpp_bosh_line *choose(struct xmpp_bosh *b)
{
	struct xmpp_bosh_line *best = NULL;
	for (size_t i = 0; i < XMPP_BOSH_REQUESTS; i++) {
		struct xmpp_bosh_line *l = &b->lines[i];
		if (l->link && !l->carries && http_link_is_over(l->link)) {
			http_link_free(l->link);
			l->link = NULL;
		}
		if (!l->carries && (!best || (l->link && !best->link)))
			best = l;
	}
	return best;
}

void xmpp_bosh_post(struct xmpp_bosh *b, struct xmpp_bosh_posted *p)
{
	struct xmpp_bosh_line *l = choose(b);
	if (!l->link)
		connect_line(b, l);
	if (p->tries++ == 0)
		p->at = loop_now(b->loop);
	p->line = l;
	l->carries = p;
	if (p == &b->posted[0])
		xmpp_bosh_begin_answer(b);
	http_link_post(l->link, XMPP_BOSH_TYPE, buf_view(&p->body));
	xmpp_bosh_listen(b);
}

void xmpp_bosh_listen(struct xmpp_bosh *b)
{
	for (size_t i = 0; i < XMPP_BOSH_REQUESTS; i++)
		if (b->lines[i].link)
			http_link_pause(b->lines[i].link,
				b->lines[i].carries &&
					(b->paused || !has_turn(&b->lines[i])));
	/* While nothing is read nobody can be heard. */
	if (b->count && !b->paused)
		timer_set(b->deadline, b->wait * USEC_SEC + XMPP_BOSH_ANSWER);
	else
		timer_stop(b->deadline);
}
