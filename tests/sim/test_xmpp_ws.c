/* The framing of RFC 7395: a wire at each end, and a wire against a far side
 * that is only a WebSocket. */
#include "tests/common/test.h"

#include <string.h>

#include "net/sim.h"
#include "net/ws.h"
#include "tests/common/ends.h"
#include "xmpp/ns.h"
#include "xmpp/wire.h"

#define AT "192.0.2.7:80"
#define OPEN                                                                   \
	"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='a.example' "    \
	"version='1.0'/>"
#define CLOSE "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>"

/* One end: what it was told, a line each. */
struct party {
	struct xmpp_wire *wire;
	struct buf log;
	struct err e;
	int closes;
	bool frees, restarts;
};

static struct sim *sim;
static struct listener *listener;
static struct endpoint at;
static struct party near, far;
static const struct ws_terms terms = { .host = "a.example", .path = "/ws" };

static void open_stream(struct party *p)
{
	xmpp_wire_open(p->wire, &(struct xmpp_header){ .to = SPAN("a.example"),
					.lang = SPAN("sv") });
}

static void on_open(void *arg)
{
	struct party *p = arg;
	buf_str(&p->log, "open\n");
	if (p == &near)
		open_stream(p);
}

static void on_header(void *arg, const struct xmpp_header *h)
{
	struct party *p = arg;
	buf_printf(&p->log, "header to=%.*s lang=%.*s\n", SPAN_ARGS(h->to),
		SPAN_ARGS(h->lang));
	if (p == &far)
		open_stream(p);
}

static void on_element(void *arg, struct xml_element *s)
{
	struct party *p = arg;
	buf_printf(&p->log, "%s %s\n", s->ns, s->name);
	xml_element_free(s);
	if (p->restarts)
		xmpp_wire_restart(p->wire);
	if (p->frees) {
		xmpp_wire_free(p->wire);
		p->wire = NULL;
	}
}

static void on_closed(void *arg, const struct err *e)
{
	struct party *p = arg;
	p->closes++;
	p->e = *e;
}

static const struct xmpp_wire_handlers handlers = { .open = on_open,
	.header = on_header,
	.element = on_element,
	.closed = on_closed };

static struct xmpp_wire_settings settings(void)
{
	return (struct xmpp_wire_settings){ .content_ns = XMPP_NS_CLIENT,
		.conn = { .addresses = &at, .count = 1 },
		.ws = &terms };
}

static void on_offer(
	void *arg, struct accepted *offer, const struct endpoint *from)
{
	struct xmpp_wire_settings s = settings();
	(void)arg;
	(void)from;
	far.wire = xmpp_wire_accept(sim_loop(sim), offer, &s, &handlers, &far);
}

static void begin(void)
{
	struct err e = ERR_NONE;
	sim = sim_new(5);
	at = endpoint_at(AT);
	near = far = (struct party){ .log = BUF_INIT(1 << 20) };
	listener = listener_new(sim_loop(sim), &at, on_offer, NULL, &e);
	assert_ok(listener != NULL, &e);
}

static void go(void)
{
	sim_run(sim, NULL, NULL, 100 * USEC_MS);
}

static void begin_open(void)
{
	struct xmpp_wire_settings s = settings();
	begin();
	near.wire = xmpp_wire_connect(sim_loop(sim), &s, &handlers, &near);
	go();
	assert_string_equal(
		buf_text(&near.log), "open\nheader to=a.example lang=sv\n");
	assert_string_equal(
		buf_text(&far.log), "open\nheader to=a.example lang=sv\n");
	buf_reset(&near.log);
	buf_reset(&far.log);
}

static void end(void)
{
	xmpp_wire_free(near.wire);
	xmpp_wire_free(far.wire);
	listener_free(listener);
	buf_clear(&near.log);
	buf_clear(&far.log);
	sim_run(sim, NULL, NULL, 5 * USEC_SEC);
	assert_int_equal(sim_open_sockets(sim), 0);
	assert_int_equal(sim_set_timers(sim), 0);
	sim_free(sim);
}

static void say(struct party *p, const char *name, const char *ns)
{
	struct xml_element *s = xml_element_new(name, ns);
	struct err e = ERR_NONE;
	assert_ok(xmpp_wire_send(p->wire, s, &e), &e);
	xml_element_free(s);
}

static void elements_go_both_ways_each_with_its_namespace(void **state)
{
	(void)state;
	begin_open();
	say(&near, "message", XMPP_NS_CLIENT);
	say(&near, "r", XMPP_NS_SM);
	say(&far, "features", XMPP_NS_STREAM);
	say(&far, "iq", XMPP_NS_CLIENT);
	go();
	assert_string_equal(
		buf_text(&far.log), "jabber:client message\nurn:xmpp:sm:3 r\n");
	assert_string_equal(buf_text(&near.log),
		"http://etherx.jabber.org/streams features\n"
		"jabber:client iq\n");
	end();
}

static void either_side_closes_in_order(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		begin_open();
		say(&near, "message", XMPP_NS_CLIENT);
		xmpp_wire_close(i ? far.wire : near.wire);
		sim_run(sim, NULL, NULL, USEC_SEC);
		assert_int_equal(near.closes, 1);
		assert_int_equal(far.closes, 1);
		assert_ok(!err_is_set(&near.e), &near.e);
		assert_ok(!err_is_set(&far.e), &far.e);
		assert_string_equal(
			buf_text(&far.log), "jabber:client message\n");
		end();
	}
}

static void a_stream_begins_anew_after_success(void **state)
{
	(void)state;
	begin_open();
	far.restarts = true;
	say(&near, "auth", XMPP_NS_SASL);
	go();
	far.restarts = false;
	xmpp_wire_restart(near.wire);
	open_stream(&near);
	go();
	assert_string_equal(buf_text(&far.log),
		"urn:ietf:params:xml:ns:xmpp-sasl auth\n"
		"header to=a.example lang=sv\n");
	assert_string_equal(
		buf_text(&near.log), "header to=a.example lang=sv\n");
	end();
}

static void handlers_may_free_the_wire(void **state)
{
	(void)state;
	begin_open();
	far.frees = true;
	say(&near, "message", XMPP_NS_CLIENT);
	say(&near, "message", XMPP_NS_CLIENT);
	sim_run(sim, NULL, NULL, USEC_SEC);
	assert_string_equal(buf_text(&far.log), "jabber:client message\n");
	assert_int_equal(near.closes, 1);
	assert_int_equal(near.e.status, STATUS_UNREACHABLE);
	end();
}

static void a_stream_that_is_cut_off_is_no_end_in_order(void **state)
{
	(void)state;
	begin_open();
	sim_reset_streams(sim, &at);
	go();
	assert_int_equal(near.closes, 1);
	assert_int_equal(near.e.status, STATUS_UNREACHABLE);
	assert_true(near.e.retryable);
	end();
}

static void a_keepalive_is_answered_by_any_websocket(void **state)
{
	(void)state;
	begin_open();
	usec_t before = xmpp_wire_heard(near.wire);
	sim_run(sim, NULL, NULL, USEC_SEC);
	assert_true(xmpp_wire_heard(near.wire) == before);
	xmpp_wire_keepalive(near.wire);
	go();
	assert_true(xmpp_wire_heard(near.wire) > before);
	assert_int_equal(near.log.len + far.log.len, 0);
	end();
}

static void much_waits_for_a_far_side_that_does_not_read(void **state)
{
	(void)state;
	begin_open();
	xmpp_wire_pause(far.wire, true);
	struct xml_element *s = xml_element_new("message", XMPP_NS_CLIENT);
	char body[10000];
	memset(body, 'x', sizeof(body));
	xml_element_text_span(xml_element_child(s, "body", NULL),
		span_from(body, sizeof(body)));
	int sent = 0;
	struct err e = ERR_NONE;
	for (; sent < 1000 && xmpp_wire_send(near.wire, s, &e); sent++)
		go();
	assert_true(sent < 1000 && sent > 100);
	assert_true(e.retryable);
	assert_true(xmpp_wire_is_full(near.wire));
	assert_int_equal(far.log.len, 0);
	xmpp_wire_pause(far.wire, false);
	sim_run(sim, NULL, NULL, USEC_SEC);
	assert_false(xmpp_wire_is_full(near.wire));
	assert_int_equal(
		far.log.len, (size_t)sent * strlen("jabber:client message\n"));
	xml_element_free(s);
	end();
}

/* ---- a far side that is only a WebSocket -------------------------------------------- */

struct browser {
	struct ws *ws;
	struct buf got;
	int closes;
};

static void browser_open(void *arg)
{
	(void)arg;
}

static void browser_message(void *arg, bool is_text, struct span bytes)
{
	struct browser *b = arg;
	assert_true(is_text);
	buf_span(&b->got, bytes);
	buf_char(&b->got, '\n');
}

static void browser_closed(void *arg, const struct err *e)
{
	struct browser *b = arg;
	(void)e;
	b->closes++;
}

static const struct ws_handlers browser_handlers = { .open = browser_open,
	.message = browser_message,
	.closed = browser_closed };

static void what_is_no_xmpp_is_refused_with_its_condition(void **state)
{
	(void)state;
	static const struct {
		const char *messages[3];
		bool is_binary;
		const char *condition;
	} rows[] = {
		{ { OPEN, CLOSE }, false, "" },
		{ { OPEN, "<message xmlns='jabber:client'/>", CLOSE }, false,
			"" },
		{ { "<?xml version='1.0'?>" OPEN }, false, NULL },
		{ { "<stream:stream xmlns='jabber:client' version='1.0' "
		    "xmlns:stream='http://etherx.jabber.org/streams'>" },
			false, "not-well-formed" },
		{ { "<message xmlns='jabber:client'/>" }, false,
			"invalid-namespace" },
		{ { "<open to='a.example' version='1.0'/>" }, false,
			"invalid-namespace" },
		{ { "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>" },
			false, "unsupported-version" },
		{ { OPEN, OPEN }, false, "bad-format" },
		{ { OPEN, " <message xmlns='jabber:client'/>" }, false,
			"bad-format" },
		{ { OPEN, "" }, false, "bad-format" },
		{ { OPEN, "hello" }, false, "bad-format" },
		{ { OPEN, "<message xmlns='jabber:client'>" }, false,
			"not-well-formed" },
		{ { OPEN, "<message xmlns='jabber:client'/>"
			  "<message xmlns='jabber:client'/>" },
			false, "not-well-formed" },
		{ { OPEN, "<!-- a -->" }, false, "restricted-xml" },
		{ { OPEN }, true, "bad-format" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		begin();
		struct browser b = { .got = BUF_INIT(1 << 20) };
		struct ws_settings s = { .conn = { .addresses = &at,
						 .count = 1 },
			.terms = terms,
			.max_message = 10000 };
		s.terms.protocol = "xmpp";
		b.ws = ws_connect(sim_loop(sim), &s, &browser_handlers, &b);
		go();
		for (int m = 0; m < 3 && rows[i].messages[m]; m++)
			ws_send(b.ws, !rows[i].is_binary,
				span_of(rows[i].messages[m]));
		sim_run(sim, NULL, NULL, 3 * USEC_SEC);
		const char *want = rows[i].condition;
		if (want &&
			(far.closes != 1 || strcmp(far.e.condition, want) != 0))
			fail_msg("case %zu: %d, \"%s\" %s", i, far.closes,
				far.e.condition, far.e.text);
		if (want && *want && !strstr(buf_text(&b.got), want))
			fail_msg("case %zu: it is not told: %s", i,
				buf_text(&b.got));
		/* 3.5: an <open/> in front of an error. */
		if (want && *want)
			assert_true(span_starts(buf_view(&b.got), "<open "));
		ws_free(b.ws);
		buf_clear(&b.got);
		end();
	}
}

TEST_MAIN(cmocka_unit_test(elements_go_both_ways_each_with_its_namespace),
	cmocka_unit_test(either_side_closes_in_order),
	cmocka_unit_test(a_stream_begins_anew_after_success),
	cmocka_unit_test(handlers_may_free_the_wire),
	cmocka_unit_test(a_stream_that_is_cut_off_is_no_end_in_order),
	cmocka_unit_test(a_keepalive_is_answered_by_any_websocket),
	cmocka_unit_test(much_waits_for_a_far_side_that_does_not_read),
	cmocka_unit_test(what_is_no_xmpp_is_refused_with_its_condition))
