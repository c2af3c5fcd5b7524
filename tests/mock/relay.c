/* relay - stands between a client and a server and counts turnarounds
 *
 * usage: relay SERVER-ADDR:PORT
 *
 * Prints the address it listens at and passes bytes on, both ways, each
 * DELAY later, as a long line would.  Of each connection it prints
 *
 *	turnaround N TIME	the server answers to something new
 *	closed N TIME		both sides have ended
 *
 * The first turnaround is that of TCP itself.  Each further one is something
 * that the client said, and what came back for it: so often it has waited for
 * the length of the line.  By the delay, which is longer than either takes to
 * say a thing in several pieces, what belongs together counts once.  It ends
 * with a signal. */
#include <stdio.h>

#include "base/clock.h"
#include "base/fatal.h"
#include "base/list.h"
#include "base/mem.h"
#include "net/conn.h"

#define DELAY (20 * USEC_MS)
#define HELD_MAX (4 << 20)

static struct loop *loop;
static struct endpoint server;

/* Bytes of one side on their way to the other. */
struct piece {
	struct link link;
	usec_t due;
	struct buf bytes;
};

struct side {
	struct pair *pair;
	struct conn *conn;   /* NULL: gone */
	struct link pieces;  /* it said */
	struct timer *timer; /* until the first of them is due */
	usec_t ended;        /* it ends, when they are through; 0: not yet */
};

struct pair {
	struct side near, far; /* the client's, the server's */
	bool asked;            /* the client spoke last */
	unsigned turnarounds;
};

static struct side *other(struct side *s)
{
	return s == &s->pair->near ? &s->pair->far : &s->pair->near;
}

static void tell(const char *what, unsigned count)
{
	char text[CLOCK_TEXT_SIZE];
	printf("%s %u %s\n", what, count, clock_format(text, loop_wall(loop)));
	fflush(stdout);
}

static void free_pieces(struct side *s)
{
	struct link *first;
	while ((first = list_first(&s->pieces))) {
		struct piece *p = LIST_ITEM(first, struct piece, link);
		list_remove(first);
		buf_clear(&p->bytes);
		mem_free(p);
	}
	timer_free(s->timer);
}

static void pass_on(void *arg)
{
	struct side *s = arg;
	struct conn *to = other(s)->conn;
	struct link *first;
	while ((first = list_first(&s->pieces))) {
		struct piece *p = LIST_ITEM(first, struct piece, link);
		if (p->due > loop_now(loop)) {
			timer_set_at(s->timer, p->due);
			return;
		}
		if (to && !conn_write(to, buf_view(&p->bytes)))
			fatal("more is said than a relay can hold");
		list_remove(first);
		buf_clear(&p->bytes);
		mem_free(p);
	}
	if (s->ended && to)
		conn_close(to);
}

static size_t on_data(void *arg, struct span bytes)
{
	struct side *s = arg;
	struct pair *p = s->pair;
	struct piece *piece = mem_alloc(sizeof(*piece));
	bool asks = s == &p->near;
	if (p->asked && !asks)
		tell("turnaround", ++p->turnarounds);
	p->asked = asks;
	piece->due = loop_now(loop) + DELAY;
	buf_init(&piece->bytes, bytes.n);
	buf_span(&piece->bytes, bytes);
	if (link_is_alone(&s->pieces))
		timer_set_at(s->timer, piece->due);
	list_append(&s->pieces, &piece->link);
	return bytes.n;
}

/* The end of one side is passed on like its bytes. */
static void on_closed(void *arg, const struct err *e)
{
	struct side *s = arg;
	struct pair *p = s->pair;
	(void)e;
	conn_free(s->conn);
	s->conn = NULL;
	s->ended = loop_now(loop);
	if (other(s)->conn) {
		timer_set(s->timer, DELAY);
		return;
	}
	tell("closed", p->turnarounds);
	free_pieces(&p->near);
	free_pieces(&p->far);
	mem_free(p);
}

static void on_open(void *arg)
{
	(void)arg;
}

static const struct conn_handlers handlers = {
	.open = on_open,
	.data = on_data,
	.closed = on_closed,
};

static void on_offer(
	void *arg, struct accepted *offer, const struct endpoint *from)
{
	struct pair *p = mem_alloc(sizeof(*p));
	struct conn_settings s = {
		.addresses = &server, .count = 1, .max_out = HELD_MAX
	};
	(void)arg;
	(void)from;
	*p = (struct pair){ .near.pair = p, .far.pair = p };
	link_init(&p->near.pieces);
	link_init(&p->far.pieces);
	p->near.timer = timer_new(loop, pass_on, &p->near);
	p->far.timer = timer_new(loop, pass_on, &p->far);
	p->near.conn = conn_accept(offer, &s, &handlers, &p->near);
	p->far.conn = conn_new(loop, &s, &handlers, &p->far);
	tell("turnaround", ++p->turnarounds);
}

int main(int argc, char **argv)
{
	struct endpoint local;
	char address[ENDPOINT_TEXT_SIZE];
	struct err e = ERR_NONE;
	fatal_set_name("relay");
	if (argc != 2)
		fatal("usage: relay SERVER-ADDR:PORT");
	loop = loop_new(&e);
	if (!loop || !endpoint_parse(&server, span_of(argv[1]), 0, &e) ||
		!endpoint_parse(&local, SPAN("127.0.0.1:0"), 0, &e))
		fatal(e.text);
	struct listener *l = listener_new(loop, &local, on_offer, NULL, &e);
	if (!l)
		fatal(e.text);
	printf("%s\n", endpoint_format(address, listener_local(l)));
	fflush(stdout);
	for (;;)
		loop_turn(loop, USEC_NEVER);
}
