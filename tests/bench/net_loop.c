/* What a timer and a datagram cost through the loop, beside bare calls. */
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "net/dgram.h"
#include "net/sim.h"

#define TIMERS 10000
#define TIMER_ROUNDS 100
#define PACKETS 100000

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int count;

static void fire(void *arg)
{
	(void)arg;
	count++;
}

/* As retransmission timers are: many set, most stopped before they fire. */
static void time_timers(struct loop *l)
{
	static struct timer *t[TIMERS];
	double start = now();
	for (int i = 0; i < TIMERS; i++)
		t[i] = timer_new(l, fire, NULL);
	count = 0;
	start = now();
	for (int round = 0; round < TIMER_ROUNDS; round++)
		for (int i = 0; i < TIMERS; i++)
			timer_set(t[i], 500 * USEC_MS);
	printf("timer: set again among %d\t%.0f ns\n", TIMERS,
		(now() - start) / TIMERS / TIMER_ROUNDS);
	start = now();
	for (int round = 0; round < TIMER_ROUNDS; round++) {
		for (int i = 0; i < TIMERS; i++)
			timer_set(t[i], 0);
		while (count < TIMERS)
			loop_turn(l, USEC_NEVER);
		count = 0;
	}
	printf("timer: set and fire among %d\t%.0f ns\n", TIMERS,
		(now() - start) / TIMERS / TIMER_ROUNDS);
	for (int i = 0; i < TIMERS; i++)
		timer_free(t[i]);
}

static struct dgram *a, *b;

static void answer(void *arg, const struct dgram_packet *p)
{
	struct dgram **self = arg;
	count++;
	dgram_send(*self, p->bytes, &p->from, NULL);
}

static const struct dgram_handlers handlers = { .packet = answer };

static double time_dgrams(struct loop *l, const char *name)
{
	struct endpoint local;
	endpoint_parse_address(&local, SPAN("127.0.0.1"));
	a = dgram_new(l, &local, &handlers, &a, NULL);
	b = dgram_new(l, &local, &handlers, &b, NULL);
	count = 0;
	double start = now();
	dgram_send(a, SPAN("ping"), dgram_local(b), NULL);
	while (count < PACKETS)
		loop_turn(l, USEC_NEVER);
	double each = (now() - start) / PACKETS * 2;
	printf("datagram: there and back, %s\t%.0f ns\n", name, each);
	dgram_free(a);
	dgram_free(b);
	return each;
}

static int open_raw(int poll, struct endpoint *local)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };
	endpoint_parse_address(local, SPAN("127.0.0.1"));
	bind(fd, &local->any, local->len);
	getsockname(fd, &local->any, &local->len);
	epoll_ctl(poll, EPOLL_CTL_ADD, fd, &e);
	return fd;
}

/* The least that an event loop does: wait, receive, send. */
static double time_raw(void)
{
	struct endpoint one, two, from;
	int poll = epoll_create1(0);
	int first = open_raw(poll, &one), second = open_raw(poll, &two);
	char bytes[2048];
	double start = now();
	sendto(first, "ping", 4, 0, &two.any, two.len);
	for (int i = 0; i < PACKETS; i++) {
		struct epoll_event e;
		from.len = sizeof(from.v6);
		epoll_wait(poll, &e, 1, -1);
		ssize_t n = recvfrom(e.data.fd, bytes, sizeof(bytes), 0,
			&from.any, &from.len);
		sendto(e.data.fd, bytes, (size_t)n, 0, &from.any, from.len);
	}
	double each = (now() - start) / PACKETS * 2;
	printf("datagram: there and back, bare calls\t%.0f ns\n", each);
	close(first);
	close(second);
	close(poll);
	return each;
}

int main(void)
{
	struct loop *l = loop_new(NULL);
	time_timers(l);
	double raw = time_raw(), ours = time_dgrams(l, "net/dgram");
	printf("datagram: net/dgram to bare calls\t%.2f\n", ours / raw);
	loop_free(l);
	struct sim *s = sim_new(1);
	time_dgrams(sim_loop(s), "simulated");
	sim_free(s);
	return 0;
}
