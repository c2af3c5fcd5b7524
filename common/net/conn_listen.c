#include <errno.h>

#include "base/mem.h"
#include "net/conn_private.h"

#define ACCEPT_AT_ONCE 64 /* then the connections have their turn */
/* Where descriptors or memory run out, the offer stays and would wake us
 * without end. */
#define ACCEPT_PAUSE (100 * USEC_MS)

struct listener {
	struct loop *loop;
	struct sock *sock;
	struct endpoint local;
	listener_accept *accept;
	void *arg;
	struct timer *pause;
	bool *gone; /* set by listener_free while an offer is made */
};

struct accepted {
	struct loop *loop;
	struct sock *sock; /* NULL: taken */
};

/* False: the listener is not there any more. */
static bool offer(
	struct listener *l, struct sock *s, const struct endpoint *from)
{
	bool gone = false;
	struct accepted offered = { l->loop, s };
	l->gone = &gone;
	l->accept(l->arg, &offered, from);
	sock_free(offered.sock);
	if (!gone)
		l->gone = NULL;
	return !gone;
}

static void ignore(void *arg, unsigned what)
{
	(void)arg;
	(void)what;
}

static void somebody_comes(void *arg, unsigned what)
{
	(void)what;
	struct listener *l = arg;
	for (int i = 0; i < ACCEPT_AT_ONCE; i++) {
		struct endpoint from;
		struct sock *s = sock_accept(l->sock, ignore, NULL, &from);
		if (s && !offer(l, s, &from))
			return;
		if (s || errno == ECONNABORTED || errno == EINTR)
			continue;
		if (errno != EAGAIN) {
			sock_want(l->sock, 0);
			timer_set(l->pause, ACCEPT_PAUSE);
		}
		return;
	}
}

static void pause_is_over(void *arg)
{
	struct listener *l = arg;
	sock_want(l->sock, WATCH_READ);
}

struct listener *listener_new(struct loop *l, const struct endpoint *local,
	listener_accept *accept, void *arg, struct err *e)
{
	struct listener *n = mem_alloc(sizeof(*n));
	n->sock = sock_listen(l, local, somebody_comes, n, e);
	if (!n->sock) {
		mem_free(n);
		return NULL;
	}
	n->loop = l;
	n->local = sock_local(n->sock);
	n->accept = accept;
	n->arg = arg;
	n->pause = timer_new(l, pause_is_over, n);
	sock_want(n->sock, WATCH_READ);
	return n;
}

void listener_free(struct listener *l)
{
	if (!l)
		return;
	if (l->gone)
		*l->gone = true;
	timer_free(l->pause);
	sock_free(l->sock);
	mem_free(l);
}

const struct endpoint *listener_local(const struct listener *l)
{
	return &l->local;
}

struct conn *conn_accept(struct accepted *offer, const struct conn_settings *s,
	const struct conn_handlers *handlers, void *arg)
{
	struct sock *sock = offer->sock;
	offer->sock = NULL;
	return conn_of(offer->loop, sock, s, handlers, arg);
}
