/* The bytes of a connection: from the wire through TLS to `data`, and from
 * the queue through TLS to the wire. */
#include "net/conn_private.h"

#include <errno.h>

/* One read, and one turn's worth of records: more waits for the next turn, so
 * that one fast peer does not starve the others. */
#define READ_SIZE (64 * 1024)
#define ENCRYPT_AHEAD (64 * 1024)

/* ---- in ---- */

static bool wants_to_read(const struct conn *c)
{
	const struct buf *b = c->tls ? &c->wire_in : &c->in;
	return !c->far_ended && c->phase < CONN_OVER &&
	       (!c->paused || c->phase == CONN_CLOSING) && b->len < b->max;
}

/* After our own end the far side's may be a reset: all was said before. */
static void wire_broke(struct conn *c, int number)
{
	const struct err none = ERR_NONE;
	if (c->end_sent)
		conn_end(c, &none);
	else
		conn_fail_errno(c, c->write_failed ? c->write_failed : number);
}

static void read_wire(struct conn *c)
{
	struct buf *b = c->tls ? &c->wire_in : &c->in;
	size_t room = b->max - b->len;
	if (room > READ_SIZE)
		room = READ_SIZE;
	ssize_t n = sock_read(c->sock, buf_reserve(b, room), room);
	c->has_more = n == (ssize_t)room;
	if (n > 0)
		buf_added(b, (size_t)n);
	else if (n == 0)
		c->far_ended = true;
	else if (errno != EAGAIN && errno != EINTR)
		wire_broke(c, errno);
}

/* Hands over what there is; true where some of it was used.  Where STARTTLS
 * begins in `data`, what it left is not handed over any more. */
static bool deliver(struct conn *c)
{
	bool used_some = false;
	const struct tls *before = c->tls;
	/* Closing, it is read only for the end behind it. */
	if (c->paused && c->phase == CONN_CLOSING)
		buf_reset(&c->in);
	while (c->in.len > 0 && !c->paused && c->tls == before) {
		size_t used = c->handlers.data(c->arg, buf_view(&c->in));
		if (!conn_lives(c))
			return true;
		buf_consume(&c->in, used < c->in.len ? used : c->in.len);
		if (used == 0)
			break;
		used_some = true;
	}
	return used_some;
}

static void check_room(struct conn *c)
{
	struct err e = ERR_NONE;
	if (!conn_lives(c) || c->paused || c->in.len < c->in.max)
		return;
	if (c->phase == CONN_CLOSING) {
		buf_reset(&c->in);
		return;
	}
	err_set(&e, STATUS_MALFORMED, "%zu bytes came and still say nothing",
		c->in.len);
	conn_fail(c, &e);
}

/* ---- TLS ---- */

static void tls_is_up(struct conn *c)
{
	c->handshaking = false;
	timer_stop(c->deadline);
	if (c->phase == CONN_SECURING)
		c->phase = CONN_ARRIVED;
	else if (c->handlers.secured)
		c->handlers.secured(c->arg);
}

/* One step of TLS and what follows from it; true where more may follow. */
static bool step_tls(struct conn *c)
{
	struct err e = ERR_NONE;
	if (c->handshaking && c->in.len > 0) {
		err_set(&e, STATUS_TLS,
			"plain text came behind the agreement on TLS: an "
			"injection?");
		conn_fail(c, &e);
		return false;
	}
	size_t wire = c->wire_in.len, plain = c->in.len;
	if (!tls_step(c->tls, &c->wire_in, &c->wire_out, &c->in, &e)) {
		conn_fail(c, &e);
		return false;
	}
	bool moved = c->wire_in.len != wire || c->in.len != plain;
	if (tls_has_ended(c->tls))
		c->far_ended = true;
	if (c->handshaking && tls_is_open(c->tls)) {
		tls_is_up(c);
		return true;
	}
	return moved;
}

static void arrive(struct conn *c)
{
	if (c->phase != CONN_ARRIVED)
		return;
	c->phase = CONN_OPEN;
	c->handlers.open(c->arg);
}

/* What the proxy says, until it is the far side that speaks. */
static void go_through_tunnel(struct conn *c)
{
	struct err e = ERR_NONE;
	struct buf *in = c->tls ? &c->wire_in : &c->in;
	switch (tunnel_step(c->tunnel, in, &c->wire_out, &e)) {
	case TUNNEL_MORE:
		break;
	case TUNNEL_OPEN:
		tunnel_free(c->tunnel);
		c->tunnel = NULL;
		/* There was a password in it. */
		buf_clear_wiped(&c->wire_out);
		conn_is_through(c);
		break;
	case TUNNEL_FAILED:
		conn_fail(c, &e);
		break;
	}
}

/* From wire_in (or in) to the handlers, as far as it goes. */
static void pass_on(struct conn *c)
{
	if (c->tunnel)
		go_through_tunnel(c);
	if (c->tunnel)
		return;
	bool moved = true;
	while (moved && conn_lives(c) && !c->end) {
		moved = c->tls && step_tls(c);
		if (conn_lives(c))
			arrive(c);
		if (!conn_lives(c) || c->handshaking)
			continue;
		moved |= deliver(c);
		check_room(c);
	}
}

/* ---- out ---- */

/* As many whole units as a record of that size takes; what is in none goes as
 * it comes. */
static struct span next_to_encrypt(const struct conn *c)
{
	size_t n = units_front(&c->units, CONN_UNIT);
	return span_first(
		buf_view(&c->out), n && n < ENCRYPT_AHEAD ? n : ENCRYPT_AHEAD);
}

static bool encrypt(struct conn *c)
{
	struct err e = ERR_NONE;
	while (c->tls && !c->tunnel && !c->handshaking && c->out.len > 0 &&
		c->wire_out.len < ENCRYPT_AHEAD) {
		struct span next = next_to_encrypt(c);
		if (!tls_write(c->tls, next, &c->wire_out, &e)) {
			conn_fail(c, &e);
			return false;
		}
		buf_consume(&c->out, next.n);
		units_consume(&c->units, next.n);
	}
	return true;
}

/* Nothing more can be sent, but the far side may have said why: that is read
 * first, and the reading ends with its end. */
static void stop_writing(struct conn *c, int number)
{
	c->write_failed = number;
	buf_reset(&c->out);
	units_clear(&c->units);
	buf_reset(&c->wire_out);
	timer_set(c->deadline, CONN_CLOSE_DEADLINE);
}

static void flush(struct conn *c)
{
	while (!c->write_failed && encrypt(c)) {
		struct buf *b = c->tls || c->tunnel ? &c->wire_out : &c->out;
		if (b->len == 0)
			return;
		ssize_t n = sock_write(c->sock, b->data, b->len);
		if (n < 0 && errno == EAGAIN) {
			c->blocked = true;
			return;
		}
		if (n < 0 && errno != EINTR) {
			stop_writing(c, errno);
			return;
		}
		if (n > 0)
			buf_consume(b, (size_t)n);
		if (n > 0 && c->phase == CONN_CLOSING)
			timer_set(c->deadline, CONN_CLOSE_DEADLINE);
	}
}

/* ---- the end ---- */

static void say_farewell(struct conn *c)
{
	if (c->end_sent || c->write_failed || conn_queued(c) > 0)
		return;
	if (c->tls) {
		tls_close(c->tls, &c->wire_out);
		flush(c);
	}
	if (conn_queued(c) > 0)
		return;
	sock_end(c->sock);
	c->end_sent = true;
}

/* The far side has ended and all it said was handed over (or is not wanted:
 * what `data` left is half of something). */
static void far_side_has_ended(struct conn *c)
{
	struct err e = ERR_NONE;
	if (c->write_failed) {
		conn_fail_errno(c, c->write_failed);
	} else if (c->tunnel) {
		err_set(&e, STATUS_UNREACHABLE,
			"the proxy ended before there was a connection");
		err_condition(&e, "cut-off", true);
		conn_fail(c, &e);
	} else if (c->handshaking) {
		err_set(&e, STATUS_TLS,
			"the far side ended in the middle of the TLS "
			"handshake");
		err_condition(&e, "cut-off", true);
		conn_fail(c, &e);
	} else if (c->tls && !tls_has_ended(c->tls) &&
		   c->phase != CONN_CLOSING) {
		err_set(&e, STATUS_TLS,
			"the far side ended without saying so (close_notify): "
			"something may be missing");
		err_condition(&e, "cut-off", true);
		conn_fail(c, &e);
	} else if (c->phase != CONN_CLOSING) {
		conn_begin_close(c);
	}
}

static void nobody_is_told(void *arg, const struct err *e)
{
	(void)arg;
	(void)e;
}

void conn_leave(struct conn *c)
{
	if (c && c->sock && c->phase == CONN_OPEN && !c->handshaking) {
		c->handlers.closed = nobody_is_told;
		flush(c);
		if (conn_lives(c))
			say_farewell(c);
		if (c->end_sent) {
			sock_free(c->sock); /* not reset: see conn_free */
			c->sock = NULL;
		}
	}
	conn_free(c);
}

static void go_towards_the_end(struct conn *c)
{
	const struct err none = ERR_NONE;
	bool waiting = c->paused && c->in.len > 0 && c->phase != CONN_CLOSING;
	if (c->far_ended && !waiting)
		far_side_has_ended(c);
	if (!conn_lives(c) || c->phase != CONN_CLOSING)
		return;
	say_farewell(c);
	if (conn_lives(c) && c->end_sent && c->far_ended)
		conn_end(c, &none);
}

static void tell_drained(struct conn *c)
{
	if (!c->crowded || c->phase != CONN_OPEN ||
		conn_queued(c) > conn_low_mark(c))
		return;
	c->crowded = false;
	if (c->handlers.drained)
		c->handlers.drained(c->arg);
	if (conn_lives(c) && c->out.len > 0 && !c->blocked)
		timer_set(c->soon, 0);
}

/* Quiet connections are many: their buffers are nobody's while empty. */
static void give_back(struct buf *b)
{
	if (b->len == 0 && b->data)
		buf_clear(b);
}

static void wait_for_more(struct conn *c)
{
	sock_want(c->sock, (wants_to_read(c) ? WATCH_READ : 0u) |
				   (c->blocked ? WATCH_WRITE : 0u));
	give_back(&c->in);
	give_back(&c->wire_in);
	give_back(&c->out);
	give_back(&c->units.lengths);
	give_back(&c->wire_out);
}

void conn_work(struct conn *c, unsigned what)
{
	if (!c->sock)
		return; /* still connecting: what is written waits */
	c->held++;
	if (what & WATCH_WRITE)
		c->blocked = false;
	if ((what & WATCH_READ) && wants_to_read(c))
		read_wire(c);
	if (conn_lives(c) && !c->end)
		pass_on(c);
	if (conn_lives(c) && !c->end && !c->blocked)
		flush(c);
	if (conn_lives(c) && !c->end)
		go_towards_the_end(c);
	if (conn_lives(c) && !c->end)
		tell_drained(c);
	if (conn_lives(c))
		wait_for_more(c);
	conn_release(c);
}

void conn_is_ready(void *arg, unsigned what)
{
	conn_work(arg, what);
}
