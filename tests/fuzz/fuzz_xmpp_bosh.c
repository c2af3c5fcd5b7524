/* A session of BOSH whose manager answers each request with the next piece of
 * the input, up to a zero byte: as the body of a good answer of HTTP or, where
 * the piece begins with "H", as all of it.  Nothing is told twice, nothing after
 * the end, and nothing is left behind. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "net/endpoint.h"
#include "net/sim.h"
#include "xmpp/ns.h"
#include "xmpp/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SEATS 16

static struct {
	struct conn *seats[SEATS];
	size_t count;
	struct span rest;
	struct xmpp_wire *wire;
	int closes;
} the;

static void check(bool good)
{
	if (!good)
		__builtin_trap();
}

/* ---- the manager ---- */

static void seat_open(void *arg)
{
	(void)arg;
}

static size_t seat_data(void *arg, struct span bytes)
{
	struct conn **c = arg;
	struct span piece;
	struct buf answer = BUF_INIT(1 << 20);
	span_cut(&the.rest, '\0', &piece);
	if (!span_starts(piece, "H"))
		buf_printf(&answer,
			"HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
			piece.n);
	buf_span(&answer, piece);
	conn_write(*c, buf_view(&answer));
	buf_clear(&answer);
	return bytes.n;
}

static void seat_closed(void *arg, const struct err *e)
{
	struct conn **c = arg;
	(void)e;
	conn_free(*c);
	*c = NULL;
}

static void on_offer(
	void *arg, struct accepted *offer, const struct endpoint *from)
{
	static const struct conn_handlers handlers = {
		.open = seat_open, .data = seat_data, .closed = seat_closed
	};
	const struct conn_settings plain = { 0 };
	struct conn **c = &the.seats[the.count];
	(void)arg;
	(void)from;
	if (the.count == SEATS)
		return;
	the.count++;
	*c = conn_accept(offer, &plain, &handlers, c);
}

/* ---- our end ---- */

static void on_open(void *arg)
{
	(void)arg;
	xmpp_wire_open(
		the.wire, &(struct xmpp_header){ .to = SPAN("a.example") });
}

static void on_header(void *arg, const struct xmpp_header *h)
{
	(void)arg;
	(void)h;
	check(the.closes == 0);
}

/* <x/> is answered, <restart/> begins the stream anew. */
static void on_element(void *arg, struct xml_element *s)
{
	(void)arg;
	check(the.closes == 0);
	check(strcmp(s->ns, XMPP_NS_BOSH) != 0);
	if (strcmp(s->name, "x") == 0)
		xmpp_wire_send(the.wire, s, NULL);
	if (strcmp(s->name, "restart") == 0) {
		xmpp_wire_restart(the.wire);
		on_open(NULL);
	}
	xml_element_free(s);
}

static void on_closed(void *arg, const struct err *e)
{
	(void)arg;
	(void)e;
	the.closes++;
}

static bool is_over(void *arg)
{
	(void)arg;
	return the.closes > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct xmpp_wire_handlers handlers = { .open = on_open,
		.header = on_header,
		.element = on_element,
		.closed = on_closed };
	static const struct xmpp_wire_bosh bosh = { .host = "a.example",
		.path = "/" };
	struct sim *sim = sim_new(1);
	struct endpoint at;
	memset(&the, 0, sizeof(the));
	the.rest = span_from((const char *)data, size);
	check(endpoint_parse(&at, SPAN("192.0.2.7:80"), 0, NULL));
	struct listener *listener =
		listener_new(sim_loop(sim), &at, on_offer, NULL, NULL);
	the.wire = xmpp_wire_connect(sim_loop(sim),
		&(struct xmpp_wire_settings){ .content_ns = XMPP_NS_CLIENT,
			.conn = { .addresses = &at, .count = 1 },
			.bosh = &bosh },
		&handlers, NULL);
	sim_run(sim, is_over, NULL, 90 * USEC_SEC);
	xmpp_wire_close(the.wire);
	sim_run(sim, is_over, NULL, 3 * USEC_SEC);
	check(the.closes == 1);
	xmpp_wire_free(the.wire);
	listener_free(listener);
	for (size_t i = 0; i < the.count; i++)
		conn_free(the.seats[i]);
	sim_run(sim, NULL, NULL, 5 * USEC_SEC);
	check(sim_open_sockets(sim) == 0);
	check(sim_set_timers(sim) == 0);
	sim_free(sim);
	return 0;
}
