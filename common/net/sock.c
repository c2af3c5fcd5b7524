/* The seam under dgram and conn: to the system's sockets or the simulated. */
#include "net/sock.h"

#include "net/ops.h"

static const struct sock_ops *ops_of(const struct loop *l)
{
	return l->ops->sock ? l->ops->sock : &sock_system;
}

/* Nothing calls ready before the loop turns, so it may be set afterwards. */
static struct sock *opened(
	struct sock *s, struct loop *l, sock_ready *ready, void *arg)
{
	if (!s)
		return NULL;
	s->ops = ops_of(l);
	s->loop = l;
	s->ready = ready;
	s->arg = arg;
	return s;
}

struct sock *sock_udp(struct loop *l, const struct endpoint *local,
	sock_ready *ready, void *arg, struct err *e)
{
	return opened(ops_of(l)->udp(l, local, e), l, ready, arg);
}

struct sock *sock_listen(struct loop *l, const struct endpoint *local,
	sock_ready *ready, void *arg, struct err *e)
{
	return opened(ops_of(l)->listen(l, local, e), l, ready, arg);
}

struct sock *sock_connect(struct loop *l, const struct endpoint *local,
	const struct endpoint *remote, sock_ready *ready, void *arg,
	struct err *e)
{
	return opened(ops_of(l)->connect(l, local, remote, e), l, ready, arg);
}

struct sock *sock_accept(struct sock *listener, sock_ready *ready, void *arg,
	struct endpoint *from)
{
	return opened(listener->ops->accept(listener, from), listener->loop,
		ready, arg);
}

void sock_free(struct sock *s)
{
	if (s)
		s->ops->free(s);
}

void sock_set_ready(struct sock *s, sock_ready *ready, void *arg)
{
	s->ready = ready;
	s->arg = arg;
}

void sock_want(struct sock *s, unsigned what)
{
	s->ops->want(s, what);
}

int sock_error(struct sock *s)
{
	return s->ops->error(s);
}

ssize_t sock_read(struct sock *s, void *to, size_t n)
{
	return s->ops->read(s, to, n);
}

ssize_t sock_write(struct sock *s, const void *from, size_t n)
{
	return s->ops->write(s, from, n);
}

void sock_end(struct sock *s)
{
	s->ops->end(s);
}

void sock_abort(struct sock *s)
{
	s->ops->abort(s);
}

ssize_t sock_receive(
	struct sock *s, void *to, size_t n, struct sock_packet *packet)
{
	return s->ops->receive(s, to, n, packet);
}

ssize_t sock_send(struct sock *s, const void *from, size_t n,
	const struct endpoint *local, const struct endpoint *remote)
{
	return s->ops->send(s, from, n, local, remote);
}

int sock_icmp_error(struct sock *s, struct endpoint *about)
{
	return s->ops->icmp_error(s, about);
}

struct endpoint sock_local(const struct sock *s)
{
	return s->ops->local(s);
}

struct endpoint sock_remote(const struct sock *s)
{
	return s->ops->remote(s);
}

int sock_route(
	struct loop *l, const struct endpoint *to, struct endpoint *local)
{
	return ops_of(l)->route(l, to, local);
}
