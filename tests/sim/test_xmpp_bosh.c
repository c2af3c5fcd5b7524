/* A wire by BOSH (XEP-0124, XEP-0206) against a connection manager that does as
 * the test says, on a network and a clock of the test. */
#include "tests/common/test.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "net/sim.h"
#include "tests/common/ends.h"
#include "xmpp/bosh.h"
#include "xmpp/ns.h"
#include "xmpp/wire.h"

#define AT "192.0.2.7:80"
#define BODY "<body xmlns='http://jabber.org/protocol/httpbind'"
#define ROOM 64

/* ---- the manager: what it was asked, and over which connection ---- */

struct seat {
	struct conn *conn;
	struct buf in;
};

static struct {
	struct seat seats[ROOM];
	size_t count;
	struct {
		struct seat *seat;
		char *body;
	} asked[ROOM];
	size_t asked_count;
	const char *always; /* answers so by itself; NULL */
} manager;

/* ---- our end: what it was told, a line each ---- */

static struct {
	struct xmpp_wire *wire;
	struct buf log;
	struct err e;
	int closes;
	bool pauses, restarts, frees;
} near;

static struct sim *sim;
static struct listener *listener;
static struct endpoint at;

static void say_raw(size_t n, const char *bytes)
{
	assert_in_range(n, 0, manager.asked_count - 1);
	assert_non_null(manager.asked[n].seat->conn);
	conn_write(manager.asked[n].seat->conn, span_of(bytes));
}

static void say(struct conn *c, const char *body)
{
	char *text = mem_format("HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n"
				"Content-Type: text/xml\r\n\r\n%s",
		strlen(body), body);
	conn_write(c, span_of(text));
	mem_free(text);
}

static void answer(size_t n, const char *body)
{
	assert_in_range(n, 0, manager.asked_count - 1);
	assert_non_null(manager.asked[n].seat->conn);
	say(manager.asked[n].seat->conn, body);
}

static void cut(size_t n)
{
	conn_abort(manager.asked[n].seat->conn);
	manager.asked[n].seat->conn = NULL;
}

static void take_request(struct seat *s, struct span body)
{
	assert_in_range(manager.asked_count, 0, ROOM - 1);
	manager.asked[manager.asked_count].seat = s;
	manager.asked[manager.asked_count].body = span_dup(body);
	manager.asked_count++;
	if (manager.always)
		say(s->conn, manager.always);
}

static void seat_open(void *arg)
{
	(void)arg;
}

static size_t seat_data(void *arg, struct span bytes)
{
	struct seat *s = arg;
	buf_span(&s->in, bytes);
	for (;;) {
		struct span all = buf_view(&s->in);
		size_t head = span_find_span(all, SPAN("\r\n\r\n"), 0) + 4;
		if (head > all.n)
			return bytes.n;
		assert_true(span_starts(all, "POST /bind HTTP/1.1\r\n"
					     "Host: a.example\r\n"));
		struct span length = span_skip(all,
			span_find_span(all, SPAN("Content-Length: "), 0) + 16);
		uint32_t n;
		span_cut(&length, '\r', &length);
		assert_true(span_to_u32(length, 1 << 20, &n));
		if (all.n < head + n)
			return bytes.n;
		take_request(s, span_first(span_skip(all, head), n));
		buf_consume(&s->in, head + n);
	}
}

static void seat_closed(void *arg, const struct err *e)
{
	struct seat *s = arg;
	(void)e;
	conn_free(s->conn);
	s->conn = NULL;
}

static const struct conn_handlers seat_handlers = {
	.open = seat_open, .data = seat_data, .closed = seat_closed
};

static void on_offer(
	void *arg, struct accepted *offer, const struct endpoint *from)
{
	struct seat *s = &manager.seats[manager.count++];
	const struct conn_settings plain = { 0 };
	(void)arg;
	(void)from;
	assert_in_range(manager.count, 1, ROOM);
	s->in = BUF_INIT(1 << 20);
	s->conn = conn_accept(offer, &plain, &seat_handlers, s);
}

/* ---- our end ---- */

static void on_open(void *arg)
{
	(void)arg;
	buf_str(&near.log, "open\n");
	xmpp_wire_open(
		near.wire, &(struct xmpp_header){ .to = SPAN("a.example"),
				   .from = SPAN("me@a.example") });
}

static void on_header(void *arg, const struct xmpp_header *h)
{
	(void)arg;
	buf_printf(&near.log, "header from=%.*s\n", SPAN_ARGS(h->from));
}

static void on_element(void *arg, struct xml_element *s)
{
	const char *id = xml_element_attr_find(s, "id");
	(void)arg;
	buf_printf(&near.log, "%s %s%s%s\n", s->ns, s->name, id ? " " : "",
		id ? id : "");
	xml_element_free(s);
	if (near.pauses)
		xmpp_wire_pause(near.wire, true);
	if (near.restarts) {
		near.restarts = false;
		xmpp_wire_restart(near.wire);
		xmpp_wire_open(near.wire,
			&(struct xmpp_header){ .to = SPAN("a.example") });
	}
	if (near.frees) {
		xmpp_wire_free(near.wire);
		near.wire = NULL;
	}
}

static void on_closed(void *arg, const struct err *e)
{
	(void)arg;
	near.closes++;
	near.e = *e;
}

static const struct xmpp_wire_handlers handlers = { .open = on_open,
	.header = on_header,
	.element = on_element,
	.closed = on_closed };

static void run(usec_t time)
{
	sim_run(sim, NULL, NULL, time);
}

static void go(void)
{
	run(200 * USEC_MS);
}

static int setup(void **state)
{
	static const struct xmpp_wire_bosh bosh = { .host = "a.example",
		.path = "/bind" };
	struct err e = ERR_NONE;
	(void)state;
	sim = sim_new(7);
	at = endpoint_at(AT);
	memset(&manager, 0, sizeof(manager));
	memset(&near, 0, sizeof(near));
	near.log = BUF_INIT(1 << 20);
	listener = listener_new(sim_loop(sim), &at, on_offer, NULL, &e);
	assert_ok(listener != NULL, &e);
	near.wire = xmpp_wire_connect(sim_loop(sim),
		&(struct xmpp_wire_settings){ .content_ns = XMPP_NS_CLIENT,
			.conn = { .addresses = &at, .count = 1 },
			.bosh = &bosh },
		&handlers, NULL);
	go();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	xmpp_wire_free(near.wire);
	listener_free(listener);
	buf_clear(&near.log);
	for (size_t i = 0; i < manager.count; i++) {
		conn_free(manager.seats[i].conn);
		buf_clear(&manager.seats[i].in);
	}
	for (size_t i = 0; i < manager.asked_count; i++)
		mem_free(manager.asked[i].body);
	run(5 * USEC_SEC);
	assert_int_equal(sim_open_sockets(sim), 0);
	assert_int_equal(sim_set_timers(sim), 0);
	sim_free(sim);
	return 0;
}

static void send_message(const char *id)
{
	struct xml_element *s = xml_element_new("message", XMPP_NS_CLIENT);
	struct err e = ERR_NONE;
	xml_element_attr(s, "id", id);
	assert_ok(xmpp_wire_send(near.wire, s, &e), &e);
	xml_element_free(s);
}

static void assert_log(const char *want)
{
	assert_string_equal(buf_text(&near.log), want);
	buf_reset(&near.log);
}

static void assert_asked(size_t count)
{
	if (manager.asked_count != count)
		fail_msg("%zu requests, not %zu; the last is %s",
			manager.asked_count, count,
			manager.asked_count
				? manager.asked[manager.asked_count - 1].body
				: "none");
}

static void assert_has(size_t n, const char *part)
{
	if (!strstr(manager.asked[n].body, part))
		fail_msg("no \"%s\" in %s", part, manager.asked[n].body);
}

static void assert_ended(enum status status, const char *part)
{
	assert_int_equal(near.closes, 1);
	if (near.e.status != status || !strstr(near.e.text, part))
		fail_msg("%d: %s", (int)near.e.status, near.e.text);
}

static uint64_t rid_of(size_t n)
{
	uint64_t rid = 0;
	struct span s = span_of(strstr(manager.asked[n].body, "rid='") + 5);
	span_cut(&s, '\'', &s);
	assert_true(span_to_u64(s, UINT64_MAX, &rid));
	return rid;
}

#define SESSION(more, content)                                                 \
	BODY " sid='s1' wait='45' requests='2' hold='1' "                      \
	     "from='a.example' " more ">" content "</body>"

/* The session is there, and a request with the manager. */
static void begin_session(const char *session)
{
	answer(0, session);
	go();
	assert_log("open\nheader from=a.example\n");
	assert_asked(2);
}

/* ---- what is to be ---- */

static void a_session_opens_with_its_terms(void **state)
{
	(void)state;
	assert_asked(1);
	static const char *const parts[] = { BODY, " hold='1'", " wait='45'",
		" to='a.example'", " from='me@a.example'", " ver='1.6'",
		" xmpp:version='1.0'", " content='text/xml; charset=utf-8'" };
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		assert_has(0, parts[i]);
	assert_null(strstr(manager.asked[0].body, "sid="));
	send_message("early");
	go();
	assert_asked(1);
	answer(0, SESSION("", "<x xmlns='urn:x'/>"));
	go();
	assert_log("open\nheader from=a.example\nurn:x x\n");
	assert_asked(2);
	assert_has(1, " sid='s1'");
	assert_has(1, "id='early'");
	assert_int_equal(rid_of(1), rid_of(0) + 1);
	assert_int_equal(manager.count, 1);
}

static void there_are_two_requests_at_most(void **state)
{
	(void)state;
	begin_session(SESSION("", ""));
	send_message("a");
	send_message("b");
	go();
	assert_asked(3);
	assert_has(2, "id='a'");
	assert_has(2, "id='b'");
	assert_int_equal(manager.count, 2);
	send_message("c");
	go();
	assert_asked(3);
	answer(1, BODY "/>");
	go();
	assert_asked(4);
	assert_has(3, "id='c'");
	assert_int_equal(manager.count, 2);
}

static void a_manager_may_want_one_at_a_time(void **state)
{
	(void)state;
	begin_session(
		BODY " sid='s1' wait='45' requests='1' from='a.example'/>");
	send_message("a");
	go();
	assert_asked(2);
	answer(1, BODY "/>");
	go();
	assert_asked(3);
	assert_has(2, "id='a'");
	assert_int_equal(manager.count, 1);
}

static void answers_are_taken_in_the_order_of_requests(void **state)
{
	(void)state;
	begin_session(SESSION("", ""));
	send_message("a");
	go();
	answer(2, BODY "><message id='2'/></body>");
	go();
	assert_log("");
	answer(1, BODY "><message id='1' xmlns='jabber:client'/></body>");
	go();
	/* That without a namespace is of ours (XEP-0206 section 2). */
	assert_log("jabber:client message 1\njabber:client message 2\n");
}

static void a_request_that_broke_is_repeated_as_it_was(void **state)
{
	(void)state;
	begin_session(SESSION("", ""));
	say_raw(1, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" BODY
		   "><message id='1'/><message id='2'/><mess");
	go();
	assert_log("jabber:client message 1\njabber:client message 2\n");
	cut(1);
	go();
	assert_asked(3);
	assert_string_equal(manager.asked[2].body, manager.asked[1].body);
	/* The answer is the same, and not told twice. */
	answer(2, BODY "><message id='1'/><message id='2'/><message id='3'/>"
		       "</body>");
	go();
	assert_log("jabber:client message 3\n");
	assert_int_equal(near.closes, 0);
}

static void a_request_that_breaks_for_ever_is_the_end(void **state)
{
	(void)state;
	begin_session(SESSION("", ""));
	for (size_t i = 1; i <= XMPP_BOSH_TRIES; i++) {
		assert_asked(i + 1);
		cut(i);
		go();
	}
	assert_asked(XMPP_BOSH_TRIES + 1);
	assert_ended(STATUS_UNREACHABLE, "");
	assert_true(near.e.retryable);
}

static void a_recoverable_error_is_recovered_from(void **state)
{
	(void)state;
	begin_session(SESSION("", ""));
	for (size_t i = 1; i < XMPP_BOSH_TRIES; i++) {
		answer(i, BODY " type='error'/>");
		go();
		assert_asked(i + 2);
		assert_string_equal(
			manager.asked[i + 1].body, manager.asked[1].body);
	}
	answer(XMPP_BOSH_TRIES, BODY " type='error'/>");
	go();
	assert_ended(STATUS_UNREACHABLE, "again and again");
}

static void a_manager_that_closes_each_connection_is_served(void **state)
{
	(void)state;
	say_raw(0, "HTTP/1.0 200 OK\r\n\r\n" SESSION("", ""));
	conn_close(manager.asked[0].seat->conn);
	go();
	assert_log("open\nheader from=a.example\n");
	assert_asked(2);
	say_raw(1,
		"HTTP/1.1 200 OK\r\nConnection: close\r\n"
		"Content-Length: 74\r\n\r\n" BODY "><message id='1'/></body>");
	go();
	assert_log("jabber:client message 1\n");
	assert_asked(3);
	assert_int_equal(manager.count, 3);
	assert_int_equal(near.closes, 0);
}

static void chunks_are_put_together(void **state)
{
	(void)state;
	begin_session(SESSION("", ""));
	say_raw(1, "HTTP/1.1 100 Continue\r\n\r\n"
		   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		   "32;x=y\r\n" BODY ">\r\n");
	go();
	say_raw(1, "11\r\n<message id='1'/>\r\n7\r\n</body>\r\n0\r\n\r\n");
	go();
	assert_log("jabber:client message 1\n");
	assert_asked(3);
	assert_int_equal(manager.count, 1);
}

static void a_stream_begins_anew_by_a_request_of_its_own(void **state)
{
	(void)state;
	begin_session(SESSION("", ""));
	near.restarts = true;
	answer(1, BODY "><success xmlns='urn:x'/></body>");
	go();
	assert_log("urn:x success\n");
	assert_has(2, " xmpp:restart='true'");
	assert_has(2, " to='a.example'");
	assert_null(strstr(manager.asked[2].body, "<message"));
	assert_null(strstr(manager.asked[2].body, "hold="));
	answer(2, BODY "><features xmlns='urn:x'/></body>");
	go();
	assert_log("header from=\nurn:x features\n");
}

/* ---- the end ---- */

static void the_last_request_terminates_the_session(void **state)
{
	(void)state;
	begin_session(SESSION("", ""));
	send_message("last");
	xmpp_wire_close(near.wire);
	go();
	assert_asked(3);
	assert_has(2, " type='terminate'");
	assert_has(2, "id='last'");
	assert_int_equal(near.closes, 0);
	answer(1, BODY " type='terminate'/>");
	go();
	assert_ended(STATUS_DONE, "");
}

static void a_manager_that_does_not_confirm_is_left(void **state)
{
	(void)state;
	begin_session(SESSION("", ""));
	xmpp_wire_close(near.wire);
	run(2 * USEC_SEC);
	assert_int_equal(near.closes, 1);
	assert_int_equal(near.e.status, STATUS_TIMEOUT);
}

static void conditions_are_told_as_what_they_are(void **state)
{
	static const struct {
		const char *condition;
		enum status status;
		bool retryable;
	} rows[] = {
		{ "host-unknown", STATUS_REFUSED, false },
		{ "improper-addressing", STATUS_REFUSED, false },
		{ "item-not-found", STATUS_UNREACHABLE, true },
		{ "policy-violation", STATUS_REFUSED, false },
		{ "remote-connection-failed", STATUS_UNREACHABLE, true },
		{ "system-shutdown", STATUS_UNREACHABLE, true },
		{ "see-other-uri", STATUS_REFUSED, false },
		{ "no such &#10; thing", STATUS_REFUSED, false },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *text =
			mem_format(BODY " type='terminate' condition='%s'/>",
				rows[i].condition);
		answer(0, text);
		go();
		mem_free(text);
		if (near.closes != 1 || near.e.status != rows[i].status ||
			near.e.retryable != rows[i].retryable)
			fail_msg("%s: %d: %s", rows[i].condition,
				(int)near.e.status, near.e.text);
		teardown(state);
		setup(state);
	}
}

static void a_stream_error_comes_through(void **state)
{
	(void)state;
	begin_session(SESSION("", ""));
	answer(1, BODY
		" type='terminate' condition='remote-stream-error' "
		"xmlns:stream='http://etherx.jabber.org/streams'>"
		"<message id='1'/><stream:error><conflict "
		"xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
		"</body>");
	go();
	assert_log("jabber:client message 1\n");
	assert_int_equal(near.closes, 1);
	assert_string_equal(near.e.condition, "conflict");
}

static void a_server_may_end_in_order(void **state)
{
	(void)state;
	begin_session(SESSION("", ""));
	answer(1, BODY " type='terminate'/>");
	go();
	assert_ended(STATUS_DONE, "");
}

/* ---- time ---- */

static void silence_is_noticed(void **state)
{
	(void)state;
	begin_session(SESSION("", ""));
	run((XMPP_BOSH_WAIT + 5) * USEC_SEC);
	assert_int_equal(near.closes, 0);
	run(10 * USEC_SEC);
	assert_ended(STATUS_TIMEOUT, "not answered");
}

static void who_answers_nothing_at_once_is_not_asked_in_a_circle(void **state)
{
	(void)state;
	begin_session(SESSION("", ""));
	manager.always = BODY "/>";
	answer(1, manager.always);
	run(10 * USEC_SEC);
	assert_in_range(manager.asked_count, 8, 14);
	assert_int_equal(near.closes, 0);
}

static void the_interval_of_polling_is_kept(void **state)
{
	(void)state;
	begin_session(SESSION("polling='5'", ""));
	manager.always = BODY "/>";
	answer(1, manager.always);
	run(21 * USEC_SEC);
	assert_in_range(manager.asked_count, 5, 7);
}

static void while_paused_nothing_comes(void **state)
{
	(void)state;
	begin_session(SESSION("", ""));
	near.pauses = true;
	answer(1, BODY "><message id='1'/><message id='2'/></body>");
	run(10 * USEC_SEC);
	assert_log("jabber:client message 1\n");
	near.pauses = false;
	xmpp_wire_pause(near.wire, false);
	go();
	assert_log("jabber:client message 2\n");
	assert_asked(3);
}

static void handlers_may_free_the_wire(void **state)
{
	(void)state;
	begin_session(SESSION("", ""));
	near.frees = true;
	answer(1, BODY "><message id='1'/><message id='2'/></body>");
	go();
	assert_log("jabber:client message 1\n");
	assert_int_equal(near.closes, 0);
}

/* ---- what is hostile ---- */

static void what_is_no_bosh_is_refused(void **state)
{
	static const struct {
		const char *bytes;
		enum status status;
	} rows[] = {
		{ "SSH-2.0-x\r\n\r\n", STATUS_MALFORMED },
		{ "HTTP/1.1 101 Switching\r\n\r\n", STATUS_MALFORMED },
		{ "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
			STATUS_REFUSED },
		{ "HTTP/1.1 302 There\r\nLocation: https://b.example/\r\n\r\n",
			STATUS_REFUSED },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
			STATUS_MALFORMED },
		{ "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
			STATUS_MALFORMED },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
		  "Transfer-Encoding: chunked\r\n\r\n",
			STATUS_MALFORMED },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
			STATUS_MALFORMED },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
		  "chunked\r\n\r\nxyz\r\n",
			STATUS_MALFORMED },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		  "fffffffffffffffff\r\n",
			STATUS_MALFORMED },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n<body/>",
			STATUS_MALFORMED },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
			STATUS_MALFORMED },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 58\r\n\r\n" BODY " a=''>",
			STATUS_MALFORMED },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 58\r\n\r\n" BODY
		  " a=''/>",
			STATUS_MALFORMED },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"
		  "<!DOCTYPE a [<!ENTITY b 'c'>]>",
			STATUS_MALFORMED },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		say_raw(0, rows[i].bytes);
		go();
		if (near.closes != 1 || near.e.status != rows[i].status)
			fail_msg("case %zu: %d, %d: %s", i, near.closes,
				(int)near.e.status, near.e.text);
		teardown(state);
		setup(state);
	}
}

static void what_nobody_asked_for_is_not_looked_at(void **state)
{
	(void)state;
	begin_session(SESSION("", ""));
	send_message("a");
	go();
	answer(1, BODY "/>");
	go();
	/* The first connection is idle, and one more answer comes over it. */
	answer(1, BODY "><message id='9'/></body>");
	go();
	assert_log("");
	assert_int_equal(near.closes, 0);
	answer(2, BODY "><message id='1'/></body>");
	go();
	assert_log("jabber:client message 1\n");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

TEST_MAIN(T(a_session_opens_with_its_terms), T(there_are_two_requests_at_most),
	T(a_manager_may_want_one_at_a_time),
	T(answers_are_taken_in_the_order_of_requests),
	T(a_request_that_broke_is_repeated_as_it_was),
	T(a_request_that_breaks_for_ever_is_the_end),
	T(a_recoverable_error_is_recovered_from),
	T(a_manager_that_closes_each_connection_is_served),
	T(chunks_are_put_together),
	T(a_stream_begins_anew_by_a_request_of_its_own),
	T(the_last_request_terminates_the_session),
	T(a_manager_that_does_not_confirm_is_left),
	T(conditions_are_told_as_what_they_are),
	T(a_stream_error_comes_through), T(a_server_may_end_in_order),
	T(silence_is_noticed),
	T(who_answers_nothing_at_once_is_not_asked_in_a_circle),
	T(the_interval_of_polling_is_kept), T(while_paused_nothing_comes),
	T(handlers_may_free_the_wire), T(what_is_no_bosh_is_refused),
	T(what_nobody_asked_for_is_not_looked_at))
