#include "tests/common/dns_server.h"

#include "base/list.h"
#include "base/mem.h"
#include "net/dgram.h"
#include "net/sock.h"

#define MESSAGE_MAX 65535
#define PORT_TRIES 10

struct dns_server {
	struct loop *loop;
	const struct zone *zone;
	struct dgram *udp;
	struct sock *tcp;
	struct link clients, late;
	int asked[2];
};

/* A TCP connection; messages have their length in front (RFC 1035 section
 * 4.2.2). */
struct client {
	struct link link;
	struct dns_server *server;
	struct sock *sock;
	struct buf in;
};

/* A reply that waits for its time. */
struct late {
	struct link link;
	struct dns_server *server;
	struct timer *timer;
	struct endpoint to;
	struct buf reply;
};

static void late_free(struct late *k)
{
	list_remove(&k->link);
	timer_free(k->timer);
	buf_clear(&k->reply);
	mem_free(k);
}

static void time_has_come(void *arg)
{
	struct late *k = arg;
	dgram_send(k->server->udp, buf_view(&k->reply), &k->to, NULL);
	late_free(k);
}

static void send_after(struct dns_server *d, struct buf *reply,
	const struct endpoint *to, usec_t after)
{
	struct late *k = mem_alloc(sizeof(*k));
	k->server = d;
	k->to = *to;
	k->reply = *reply;
	k->timer = timer_new(d->loop, time_has_come, k);
	timer_set(k->timer, after);
	list_append(&d->late, &k->link);
	*reply = BUF_INIT(MESSAGE_MAX);
}

static void take_packet(void *arg, const struct dgram_packet *p)
{
	struct dns_server *d = arg;
	struct buf reply = BUF_INIT(MESSAGE_MAX);
	usec_t after;
	d->asked[0]++;
	if (zone_reply(d->zone, p->bytes, true, &reply, &after))
		send_after(d, &reply, &p->from, after);
	buf_clear(&reply);
}

static void client_free(struct client *c)
{
	list_remove(&c->link);
	sock_free(c->sock);
	buf_clear(&c->in);
	mem_free(c);
}

static void reply_by_tcp(struct client *c, struct span query)
{
	struct buf reply = BUF_INIT(MESSAGE_MAX);
	char length[2];
	usec_t after;
	c->server->asked[1]++;
	if (zone_reply(c->server->zone, query, false, &reply, &after)) {
		length[0] = (char)(reply.len >> 8);
		length[1] = (char)reply.len;
		sock_write(c->sock, length, sizeof(length));
		sock_write(c->sock, reply.data, reply.len);
	}
	buf_clear(&reply);
}

static void client_is_ready(void *arg, unsigned what)
{
	struct client *c = arg;
	char bytes[512];
	ssize_t n = sock_read(c->sock, bytes, sizeof(bytes));
	(void)what;
	if (n <= 0) {
		client_free(c);
		return;
	}
	buf_add(&c->in, bytes, (size_t)n);
	while (c->in.len >= 2) {
		size_t length = (size_t)(unsigned char)c->in.data[0] << 8 |
				(unsigned char)c->in.data[1];
		if (c->in.len < 2 + length)
			break;
		reply_by_tcp(c, span_from(c->in.data + 2, length));
		buf_consume(&c->in, 2 + length);
	}
}

static void accept_one(void *arg, unsigned what)
{
	struct dns_server *d = arg;
	struct client *c = mem_alloc(sizeof(*c));
	(void)what;
	c->server = d;
	c->in = BUF_INIT(MESSAGE_MAX);
	c->sock = sock_accept(d->tcp, client_is_ready, c, NULL);
	list_append(&d->clients, &c->link);
	if (c->sock)
		sock_want(c->sock, WATCH_READ);
	else
		client_free(c);
}

static const struct dgram_handlers handlers = { .packet = take_packet };

/* A port that is free for UDP may be taken for TCP. */
static bool open_both(
	struct dns_server *d, const struct endpoint *local, struct err *e)
{
	d->udp = dgram_new(d->loop, local, &handlers, d, e);
	if (!d->udp)
		return false;
	d->tcp = sock_listen(d->loop, dgram_local(d->udp), accept_one, d, e);
	if (!d->tcp) {
		dgram_free(d->udp);
		d->udp = NULL;
		return false;
	}
	sock_want(d->tcp, WATCH_READ);
	return true;
}

struct dns_server *dns_server_new(struct loop *l, const struct endpoint *local,
	const struct zone *z, struct err *e)
{
	struct dns_server *d = mem_alloc(sizeof(*d));
	d->loop = l;
	d->zone = z;
	link_init(&d->clients);
	link_init(&d->late);
	for (int i = 0; i < PORT_TRIES && !d->udp; i++)
		open_both(d, local, e);
	if (!d->udp) {
		dns_server_free(d);
		return NULL;
	}
	return d;
}

void dns_server_free(struct dns_server *d)
{
	if (!d)
		return;
	LIST_EACH(&d->clients, at)
	{
		client_free(LIST_ITEM(at, struct client, link));
	}
	LIST_EACH(&d->late, at)
	{
		late_free(LIST_ITEM(at, struct late, link));
	}
	dgram_free(d->udp);
	sock_free(d->tcp);
	mem_free(d);
}

const struct endpoint *dns_server_local(const struct dns_server *d)
{
	return dgram_local(d->udp);
}

int dns_server_asked(const struct dns_server *d, bool by_tcp)
{
	return d->asked[by_tcp];
}
