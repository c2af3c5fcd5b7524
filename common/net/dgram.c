#include "net/dgram.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "net/sock.h"

/* Packets or errors handled before other sockets and timers have their turn. */
#define PACKETS_A_TURN 32

struct dgram {
	struct loop *loop;
	struct sock *sock; /* NULL: freed by a handler */
	struct endpoint local;
	struct dgram_handlers handlers;
	void *arg;
	bool is_busy; /* is_ready is running, and gives d back in the end */
	unsigned burst, full_bursts;
};

/* One thread and handlers that do not nest: one buffer serves all. */
static char packet_bytes[DGRAM_MAX];

static void describe(struct err *e, int number, const struct endpoint *to)
{
	char text[ENDPOINT_TEXT_SIZE];
	enum status status = number == EMSGSIZE || number == EINVAL
				     ? STATUS_USAGE
				     : STATUS_UNREACHABLE;
	endpoint_format(text, to);
	if (number == ECONNREFUSED)
		err_set(e, STATUS_UNREACHABLE,
			"%s: connection refused (nothing listens at this UDP "
			"port)",
			text);
	else
		err_errno(e, status, number, "%s", text);
	err_condition(e, "", status == STATUS_UNREACHABLE);
}

static void tell(struct dgram *d, int number, const struct endpoint *to)
{
	struct err e;
	if (!d->handlers.unreachable)
		return;
	describe(&e, number, to);
	d->handlers.unreachable(d->arg, to, &e);
}

static bool tell_icmp_error(struct dgram *d)
{
	struct endpoint about;
	int number = sock_icmp_error(d->sock, &about);
	if (number)
		tell(d, number, &about);
	return number != 0;
}

static void hand_over(struct dgram *d, size_t n, const struct sock_packet *p)
{
	struct dgram_packet packet = { .bytes = span_from(packet_bytes, n),
		.from = p->from,
		.to = p->to,
		.when = p->when };
	if (packet.to.len)
		endpoint_set_port(&packet.to, endpoint_port(&d->local));
	else
		packet.to = d->local;
	if (!packet.when)
		packet.when = loop_wall(d->loop);
	d->handlers.packet(d->arg, &packet);
}

/* Asking for a packet that is not there is a system call too: where packets
 * come one by one, one is asked for; where they come fast, more and more. */
static void adapt(struct dgram *d, unsigned got)
{
	if (got < d->burst)
		d->burst = got ? got : 1;
	else if (d->burst < PACKETS_A_TURN && ++d->full_bursts >= 4)
		d->burst *= 2;
	else
		return;
	d->full_bursts = 0;
}

static void is_ready(void *arg, unsigned what)
{
	struct dgram *d = arg;
	struct sock_packet packet;
	unsigned got = 0;
	(void)what;
	d->is_busy = true;
	while (got < d->burst && d->sock) {
		ssize_t n = sock_receive(
			d->sock, packet_bytes, sizeof(packet_bytes), &packet);
		if (n < 0)
			break;
		got++;
		hand_over(d, (size_t)n, &packet);
	}
	/* Errors are looked for only where there was no packet, so they cost
	 * a busy socket nothing; while there are any, it stays ready. */
	for (int i = 0; got == 0 && i < PACKETS_A_TURN && d->sock; i++)
		if (!tell_icmp_error(d))
			break;
	adapt(d, got);
	d->is_busy = false;
	if (!d->sock)
		mem_free(d);
}

struct dgram *dgram_new(struct loop *l, const struct endpoint *local,
	const struct dgram_handlers *handlers, void *arg, struct err *e)
{
	struct dgram *d = mem_alloc(sizeof(*d));
	*d = (struct dgram){
		.loop = l, .handlers = *handlers, .arg = arg, .burst = 1
	};
	d->sock = sock_udp(l, local, is_ready, d, e);
	if (!d->sock) {
		dgram_free(d);
		return NULL;
	}
	d->local = sock_local(d->sock);
	sock_want(d->sock, WATCH_READ);
	return d;
}

void dgram_free(struct dgram *d)
{
	if (!d)
		return;
	sock_free(d->sock);
	d->sock = NULL;
	if (!d->is_busy)
		mem_free(d);
}

static bool is_full(int number)
{
	return number == EAGAIN || number == ENOBUFS;
}

bool dgram_send_from(struct dgram *d, struct span bytes,
	const struct endpoint *from, const struct endpoint *to, struct err *e)
{
	/* A send also fails with what became of an earlier packet, once, and
	 * sends nothing; is_ready tells that one.  A fault of this packet's
	 * own comes again. */
	for (int tries = 0; tries < 3; tries++)
		if (sock_send(d->sock, bytes.p, bytes.n, from, to) >= 0 ||
			is_full(errno))
			return true;
	describe(e, errno, to);
	return false;
}

bool dgram_send(struct dgram *d, struct span bytes, const struct endpoint *to,
	struct err *e)
{
	return dgram_send_from(d, bytes, NULL, to, e);
}

const struct endpoint *dgram_local(const struct dgram *d)
{
	return &d->local;
}

bool dgram_route(struct loop *l, const struct endpoint *to,
	struct endpoint *local, struct err *e)
{
	char text[ENDPOINT_TEXT_SIZE];
	int number = sock_route(l, to, local);
	bool ours = number == EMFILE || number == ENFILE || number == ENOMEM ||
		    number == ENOBUFS;
	if (number && ours)
		return err_errno(e, STATUS_LOCAL_IO, number, "no socket");
	return !number ||
	       err_errno(e, STATUS_UNREACHABLE, number, "no route to %s",
		       endpoint_format_address(text, to, false));
}
