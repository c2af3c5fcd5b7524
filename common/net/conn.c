#include "net/conn_private.h"

#include <assert.h>

#include "base/mem.h"

/* Beside what conn_write queued: a handshake, answers to key updates, and
 * the records around it. */
#define WIRE_EXTRA (256 * 1024)
#define WIRE_IN_MAX (64 * 1024)
#define UNITS_MAX 4096

/* ---- the end ---- */

/* The alert that says why must not be lost to a reset: unread bytes in the
 * kernel would make one of closing. */
static void part(struct conn *c)
{
	char rest[4096];
	if (c->tls && c->wire_out.len > 0 && !c->write_failed)
		sock_write(c->sock, c->wire_out.data, c->wire_out.len);
	sock_end(c->sock);
	for (int i = 0; i < 16; i++)
		if (sock_read(c->sock, rest, sizeof(rest)) <= 0)
			break;
}

void conn_end(struct conn *c, const struct err *e)
{
	if (!conn_lives(c))
		return;
	c->phase = CONN_OVER;
	timer_stop(c->deadline);
	timer_stop(c->soon);
	race_free(c->race);
	c->race = NULL;
	if (c->sock && err_is_set(e))
		part(c);
	sock_free(c->sock);
	c->sock = NULL;
	c->handlers.closed(c->arg, e);
}

void conn_fail(struct conn *c, struct err *e)
{
	char who[ENDPOINT_TEXT_SIZE];
	if (err_is_set(e) && c->remote.len)
		err_prefix(e, "%s", endpoint_format(who, &c->remote));
	conn_end(c, e);
}

void conn_fail_errno(struct conn *c, int number)
{
	struct err e = ERR_NONE;
	conn_errno(&e, number);
	conn_fail(c, &e);
}

static void deadline_has_come(void *arg)
{
	struct conn *c = arg;
	struct err e = ERR_NONE;
	c->held++;
	if (c->phase == CONN_CONNECTING) {
		race_describe(c->race, c->connect_deadline, &e);
	} else if (c->write_failed && !c->end_sent) {
		conn_errno(&e, c->write_failed);
	} else if (c->phase == CONN_TUNNELLING) {
		err_set(&e, STATUS_TIMEOUT,
			"the proxy makes no connection within %g s",
			(double)CONN_TUNNEL_DEADLINE / USEC_SEC);
		err_condition(&e, "timeout", true);
	} else if (c->phase != CONN_CLOSING) {
		err_set(&e, STATUS_TIMEOUT, "no TLS within %g s",
			(double)CONN_TLS_DEADLINE / USEC_SEC);
		err_condition(&e, "timeout", true);
	} else if (conn_queued(c) > 0) {
		err_set(&e, STATUS_TIMEOUT,
			"%zu bytes were not taken when closing",
			conn_queued(c));
		err_condition(&e, "timeout", true);
	}
	conn_fail(c, &e);
	conn_release(c);
}

void conn_begin_close(struct conn *c)
{
	c->phase = CONN_CLOSING;
	timer_set(c->deadline, CONN_CLOSE_DEADLINE);
}

/* ---- birth ---- */

static void take_sock(struct conn *c, struct sock *s)
{
	c->sock = s;
	c->local = sock_local(s);
	sock_set_ready(s, conn_is_ready, c);
	if (c->tunnel) {
		c->phase = CONN_TUNNELLING;
		timer_set(c->deadline, CONN_TUNNEL_DEADLINE);
		timer_set(c->soon, 0); /* it is we who begin */
	} else {
		conn_is_through(c);
	}
}

void conn_is_through(struct conn *c)
{
	c->phase = c->tls ? CONN_SECURING : CONN_ARRIVED;
	c->handshaking = c->tls != NULL;
	if (c->tls)
		timer_set(c->deadline, CONN_TLS_DEADLINE);
	else
		timer_stop(c->deadline);
}

static void race_is_over(void *arg, struct sock *winner,
	const struct endpoint *remote, const struct err *e)
{
	struct conn *c = arg;
	c->held++;
	if (winner) {
		c->remote = *remote;
		take_sock(c, winner);
		race_free(c->race);
		c->race = NULL;
		conn_work(c, 0);
	} else {
		conn_end(c, e);
	}
	conn_release(c);
}

static void soon_has_come(void *arg)
{
	struct conn *c = arg;
	c->held++;
	if (c->end) {
		struct err e = *c->end;
		conn_fail(c, &e);
	} else {
		conn_work(c, 0);
	}
	conn_release(c);
}

/* Not now: we are inside a call of the session. */
static void end_soon(struct conn *c, const struct err *e)
{
	if (!c->end)
		c->end = mem_alloc(sizeof(*c->end));
	*c->end = *e;
	timer_set(c->soon, 0);
}

static struct conn *conn_alloc(struct loop *l, const struct conn_settings *s,
	const struct conn_handlers *handlers, void *arg)
{
	struct conn *c = mem_alloc(sizeof(*c));
	struct err e = ERR_NONE;
	c->loop = l;
	c->handlers = *handlers;
	c->arg = arg;
	c->max_out = s->max_out ? s->max_out : CONN_MAX_OUT;
	buf_init(&c->in, s->max_in ? s->max_in : CONN_MAX_IN);
	buf_init(&c->out, c->max_out);
	units_init(&c->units, UNITS_MAX);
	buf_init(&c->wire_in, WIRE_IN_MAX);
	buf_init(&c->wire_out, c->max_out + WIRE_EXTRA);
	c->soon = timer_new(l, soon_has_come, c);
	c->deadline = timer_new(l, deadline_has_come, c);
	if (s->tunnel)
		c->tunnel = tunnel_new(s->tunnel);
	if (s->tls) {
		c->tls = tls_new(s->tls, &s->peer, loop_wall(l), &e);
		if (!c->tls)
			end_soon(c, &e);
	}
	return c;
}

struct conn *conn_new(struct loop *l, const struct conn_settings *s,
	const struct conn_handlers *handlers, void *arg)
{
	struct conn *c = conn_alloc(l, s, handlers, arg);
	c->connect_deadline = s->deadline ? s->deadline : CONN_CONNECT_DEADLINE;
	timer_set(c->deadline, c->connect_deadline);
	if (!c->end)
		c->race = race_new(
			l, s->addresses, s->count, s->local, race_is_over, c);
	return c;
}

struct conn *conn_of(struct loop *l, struct sock *sock,
	const struct conn_settings *s, const struct conn_handlers *handlers,
	void *arg)
{
	struct conn *c = conn_alloc(l, s, handlers, arg);
	c->remote = sock_remote(sock);
	take_sock(c, sock);
	timer_set(c->soon, 0);
	return c;
}

/* ---- death ---- */

void conn_release(struct conn *c)
{
	if (--c->held > 0 || !c->freed)
		return;
	tunnel_free(c->tunnel);
	tls_free(c->tls);
	buf_clear_wiped(&c->in);
	buf_clear_wiped(&c->out);
	units_clear(&c->units);
	buf_clear(&c->wire_in);
	buf_clear(&c->wire_out);
	timer_free(c->soon);
	timer_free(c->deadline);
	mem_free(c->end);
	mem_free(c);
}

void conn_free(struct conn *c)
{
	if (!c)
		return;
	assert(!c->freed);
	c->freed = true;
	timer_stop(c->soon);
	timer_stop(c->deadline);
	race_free(c->race);
	c->race = NULL;
	/* What was cut off must not look like an end in order. */
	if (c->sock && conn_queued(c))
		sock_abort(c->sock);
	sock_free(c->sock);
	c->sock = NULL;
	/* The bytes that a handler is looking at stay until it returns. */
	c->held++;
	conn_release(c);
}

void conn_abort(struct conn *c)
{
	if (c && c->sock)
		sock_abort(c->sock);
	conn_free(c);
}

/* ---- calls ---- */

bool conn_write(struct conn *c, struct span bytes)
{
	if (c->phase >= CONN_CLOSING || c->end || c->write_failed)
		return false;
	size_t queued = conn_queued(c);
	bool fits = queued <= c->max_out && bytes.n <= c->max_out - queued;
	/* What does not fit into an empty queue never will. */
	c->crowded |= fits ? queued + bytes.n > conn_low_mark(c) : queued > 0;
	if (!fits || !buf_span(&c->out, bytes))
		return false;
	if (!c->held && !timer_is_set(c->soon))
		timer_set(c->soon, 0);
	return true;
}

void conn_end_unit(struct conn *c)
{
	if (c->tls)
		units_end(&c->units, c->out.len);
}

size_t conn_queued(const struct conn *c)
{
	return c->out.len + c->wire_out.len;
}

void conn_pause(struct conn *c, bool paused)
{
	c->paused = paused;
	if (c->phase != CONN_OVER)
		timer_set(c->soon, 0);
}

bool conn_has_more(const struct conn *c)
{
	return c->has_more;
}

void conn_start_tls(
	struct conn *c, struct tls_config *config, const struct tls_peer *peer)
{
	struct err e = ERR_NONE;
	if (c->phase != CONN_OPEN || c->tls)
		return;
	/* What was written so far is still of the plain stream. */
	buf_span(&c->wire_out, buf_view(&c->out));
	buf_reset(&c->out);
	c->tls = tls_new(config, peer, loop_wall(c->loop), &e);
	if (!c->tls) {
		end_soon(c, &e);
		return;
	}
	c->handshaking = true;
	timer_set(c->deadline, CONN_TLS_DEADLINE);
	timer_set(c->soon, 0);
}

void conn_close(struct conn *c)
{
	struct err none = ERR_NONE;
	if (c->phase >= CONN_CLOSING || c->end)
		return;
	if (c->phase == CONN_OPEN && !c->handshaking) {
		conn_begin_close(c);
		timer_set(c->soon, 0);
	} else {
		end_soon(c, &none);
	}
}

const struct tls *conn_tls(const struct conn *c)
{
	return c->tls;
}

const struct endpoint *conn_local(const struct conn *c)
{
	return &c->local;
}

const struct endpoint *conn_remote(const struct conn *c)
{
	return &c->remote;
}
