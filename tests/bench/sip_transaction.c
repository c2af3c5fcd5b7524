/* sip_transaction - what a transaction costs: memory and time while many
 * live, and whole OPTIONS exchanges over loopback, both ends in this process
 *
 * Prints lines: what, figure, unit.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "net/dgram.h"
#include "sip/ua.h"

#define EXCHANGES 20000
#define OUTSTANDING 100

static double cpu_seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void say(const char *what, double figure, const char *unit)
{
	printf("%s\t%.2f\t%s\n", what, figure, unit);
}

static struct endpoint loopback(uint16_t port)
{
	struct endpoint a;
	struct err e = ERR_NONE;
	if (!endpoint_parse(&a, SPAN("127.0.0.1"), port, &e))
		exit(1);
	return a;
}

static struct sip_ua *agent(struct loop *l, usec_t t1, struct endpoint *bound)
{
	struct sip_ua_settings s = { .loop = l,
		.user_agent = "bench/1",
		.timing = { t1, SIP_T2, SIP_T4 } };
	struct endpoint any = loopback(0);
	struct err e = ERR_NONE;
	struct sip_ua *ua = sip_ua_new(&s);
	if (!sip_ua_listen(ua, &any, bound, &e)) {
		fprintf(stderr, "sip_transaction: %s\n", e.text);
		exit(1);
	}
	return ua;
}

static size_t options(char *out, size_t size, unsigned n)
{
	return (size_t)snprintf(out, size,
		"OPTIONS sip:127.0.0.1 SIP/2.0\r\n"
		"Max-Forwards: 70\r\n"
		"From: <sip:bench@127.0.0.1>;tag=a6c85cf\r\n"
		"To: <sip:127.0.0.1>\r\n"
		"Call-ID: bench%u@127.0.0.1\r\n"
		"CSeq: 1 OPTIONS\r\n"
		"Contact: <sip:bench@127.0.0.1>\r\n"
		"Content-Length: 0\r\n\r\n",
		n);
}

struct bench {
	struct sip_transactions *ts;
	struct sip_target target;
	const struct sip_client_handlers *handlers;
	unsigned sent, answered, failed;
};

static void send_one(struct bench *b)
{
	char text[512];
	struct err e = ERR_NONE;
	size_t n = options(text, sizeof(text), b->sent++);
	if (!sip_client_new(b->ts, span_from(text, n), &b->target, b->handlers,
		    b, &e)) {
		fprintf(stderr, "sip_transaction: %s\n", e.text);
		exit(1);
	}
}

static void on_response(void *arg, struct sip_client *c, struct sip_scan *m)
{
	struct bench *b = arg;
	(void)c;
	b->answered += m->status_code == 200;
}

static void on_ended(void *arg, const struct err *e)
{
	struct bench *b = arg;
	b->failed += e != NULL;
	if (b->sent < EXCHANGES)
		send_one(b);
}

static void ignore(void *arg, const struct dgram_packet *p)
{
	(void)arg;
	(void)p;
}

/* Whole exchanges; live: others that wait meanwhile. */
static bool exchanges(enum sip_transport_kind kind, unsigned live)
{
	static const struct sip_client_handlers handlers = {
		.response = on_response, .ended = on_ended
	};
	static const struct sip_client_handlers nobody = { NULL, NULL };
	static const struct dgram_handlers deaf = { .packet = ignore };
	struct err e = ERR_NONE;
	struct loop *l = loop_new(&e);
	struct endpoint far_end, near_end, any = loopback(0);
	struct sip_ua *far_ua = agent(l, SIP_T1, &far_end);
	/* Those that wait do so without a second transmission. */
	struct sip_ua *near_ua =
		agent(l, live ? 600 * USEC_SEC : SIP_T1, &near_end);
	struct dgram *silent = dgram_new(l, &any, &deaf, NULL, &e);
	struct bench b = { .ts = sip_ua_transactions(near_ua),
		.target = { SIP_TRANSPORT_UDP, *dgram_local(silent), NULL },
		.handlers = &nobody };
	char what[64];

	size_t before = mallinfo2().uordblks;
	double from = cpu_seconds();
	for (unsigned i = 0; i < live; i++)
		send_one(&b);
	if (live) {
		say("sip_transaction memory",
			(double)(mallinfo2().uordblks - before) / live,
			"bytes of a live client transaction");
		say("sip_transaction start",
			(cpu_seconds() - from) * 1e6 / live,
			"us to make and send one");
	}
	b = (struct bench){ .ts = b.ts,
		.target = { kind, far_end, NULL },
		.handlers = &handlers };
	from = cpu_seconds();
	for (int i = 0; i < OUTSTANDING; i++)
		send_one(&b);
	while (b.answered + b.failed < EXCHANGES)
		loop_turn(l, loop_now(l) + 5 * USEC_SEC);
	double us = (cpu_seconds() - from) * 1e6 / EXCHANGES;
	snprintf(what, sizeof(what), "sip_transaction %s",
		sip_transport_name(kind));
	say(what, us,
		live ? "us CPU an OPTIONS, both ends, 100,000 waiting"
		     : "us CPU an OPTIONS, both ends");
	size_t waiting = sip_transactions_count(b.ts);
	sip_ua_free(near_ua);
	dgram_free(silent);
	sip_ua_free(far_ua);
	loop_free(l);
	if (b.answered != EXCHANGES)
		fprintf(stderr, "sip_transaction: %u of %d were answered\n",
			b.answered, EXCHANGES);
	return b.answered == EXCHANGES && waiting >= live;
}

int main(void)
{
	return exchanges(SIP_TRANSPORT_UDP, 0) &&
			       exchanges(SIP_TRANSPORT_TCP, 0) &&
			       exchanges(SIP_TRANSPORT_UDP, 100000)
		       ? 0
		       : 1;
}
