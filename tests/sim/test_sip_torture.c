/* What a listening user agent answers to the messages of RFC 4475 and RFC
 * 5118 and to those that broke others, over UDP and TCP, and that it is still
 * there afterwards. */
#include "tests/common/test.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "net/conn.h"
#include "sip/ua.h"
#include "tests/common/mutate.h"
#include "tests/common/sip_raw.h"
#include "tests/common/torture.h"

#define US "192.0.2.2:5060"

/* The user agent, what it sent last and how much. */
struct target {
	struct sim *sim;
	struct sip_ua *ua;
	unsigned first_code; /* of the responses since the last look; 0: none */
	bool echoes; /* what is copied from the request need not be sound */
};

static void on_wire(void *arg, const struct sip_wire *w)
{
	struct target *t = arg;
	static struct sip_scan m;

	if (!w->outgoing)
		return;
	/* Whatever we say must itself be sound. */
	if (!sip_scan(&m, w->bytes) && (!t->echoes || !m.status_code))
		fail_msg("a reply is malformed: %.*s", SPAN_ARGS(w->bytes));
	assert_false(m.is_request);
	if (!t->first_code)
		t->first_code = m.status_code;
}

static void answer(void *arg, struct sip_server *s, struct sip_scan *m)
{
	struct target *t = arg;
	struct sip_reply reply = { .reason = SPAN_EMPTY };
	struct err e = ERR_NONE;

	assert_ok(sip_ua_reply(t->ua, s,
			  m->method_kind == SIP_METHOD_INVITE ? 486 : 200,
			  &reply, &e),
		&e);
}

static void begin(struct target *t)
{
	static const char *const types[] = { "application/sdp", "text/plain",
		NULL };
	struct endpoint local = sip_raw_at(US);
	struct err e = ERR_NONE;

	memset(t, 0, sizeof(*t));
	t->sim = sim_new(5);
	struct sip_ua_settings s = { .loop = sim_loop(t->sim),
		.user_agent = "target/1",
		.media_types = types };
	t->ua = sip_ua_new(&s);
	sip_ua_serve(t->ua, SIP_METHOD_INVITE, answer, t);
	sip_ua_serve(t->ua, SIP_METHOD_MESSAGE, answer, t);
	sip_ua_serve_in_dialog(t->ua, SIP_METHOD_BYE);
	assert_ok(sip_ua_listen(t->ua, &local, NULL, &e), &e);
	sip_transport_set_trace(sip_ua_transport(t->ua), on_wire, t);
}

static void end(struct target *t)
{
	sip_ua_free(t->ua);
	sim_free(t->sim);
}

/* An OPTIONS right after is answered. */
static void assert_alive(struct target *t, const char *after)
{
	struct sip_raw raw;
	char *text = sip_raw_request(
		"OPTIONS", "192.0.2.77:5060", "z9hG4bKalive", "", 77, "");

	sip_raw_open(&raw, t->sim, "192.0.2.77:5060");
	sip_raw_send(&raw, US, text);
	sip_raw_run(t->sim, 10);
	if (raw.scan.status_code != 200)
		fail_msg("after %s an OPTIONS gets no 200", after);
	assert_true(sip_scan_value(&raw.scan, SIP_HDR_ALLOW).n > 0);
	assert_true(sip_scan_value(&raw.scan, SIP_HDR_ACCEPT).n > 0);
	sip_raw_close(&raw);
	mem_free(text);
}

/* Accepted means: what the user agent itself says to such a request, or
 * nothing to a response or an ACK. */
static bool is_acceptance(unsigned code)
{
	return code == 200 || code == 486 || code == 481 || code == 0;
}

static bool is_right(const struct torture *row, unsigned code)
{
	if (code && torture_is_allowed(row, TORTURE_USER_AGENT, (int)code))
		return true;
	if (code == 0 &&
		torture_is_allowed(row, TORTURE_USER_AGENT, TORTURE_DROP))
		return true;
	return is_acceptance(code) &&
	       torture_is_allowed(row, TORTURE_USER_AGENT, TORTURE_ACCEPT);
}

static void over_udp(const struct torture *row, struct span text)
{
	struct target t;
	struct endpoint to = sip_raw_at(US);
	struct sip_raw raw;
	struct err e = ERR_NONE;

	begin(&t);
	sip_raw_open(&raw, t.sim, "192.0.2.50:5060");
	assert_ok(dgram_send(raw.dgram, text, &to, &e), &e);
	sip_raw_run(t.sim, 100);
	if (!is_right(row, t.first_code))
		fail_msg("%s %s over UDP gets %u, expected %d", row->section,
			row->name, t.first_code,
			row->allowed[TORTURE_USER_AGENT][0]);
	assert_alive(&t, row->name);
	sip_raw_close(&raw);
	end(&t);
}

static void is_open(void *arg)
{
	(void)arg;
}

static size_t data(void *arg, struct span bytes)
{
	(void)arg;
	return bytes.n;
}

static void closed(void *arg, const struct err *e)
{
	(void)e;
	*(bool *)arg = true;
}

/* A stream also has a 400 for what has no length, and waits for a body that
 * is short. */
static void over_tcp(const struct torture *row, struct span text)
{
	static const struct conn_handlers handlers = {
		.open = is_open, .data = data, .closed = closed
	};
	struct target t;
	struct endpoint to = sip_raw_at(US), from = sip_raw_at("192.0.2.50:0");
	struct conn_settings s = {
		.addresses = &to, .count = 1, .local = &from
	};
	bool is_closed = false;

	begin(&t);
	struct conn *c = conn_new(sim_loop(t.sim), &s, &handlers, &is_closed);
	assert_true(conn_write(c, text));
	sip_raw_run(t.sim, 100);
	if (!is_right(row, t.first_code) && t.first_code != 400 &&
		t.first_code != 0)
		fail_msg("%s %s over TCP gets %u, expected %d", row->section,
			row->name, t.first_code,
			row->allowed[TORTURE_USER_AGENT][0]);
	assert_alive(&t, row->name);
	conn_free(c);
	end(&t);
}

static void hold_all(const struct torture *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct span text = span_from(rows[i].text, rows[i].length);
		over_udp(&rows[i], text);
		over_tcp(&rows[i], text);
	}
}

static void our_messages_are_answered_as_their_rows_say(void **state)
{
	(void)state;
	hold_all(torture_rfc4475, TORTURE_RFC4475);
	hold_all(torture_rfc5118, TORTURE_RFC5118);
	hold_all(torture_others, TORTURE_OTHERS);
}

static size_t hold_files(const struct torture *rows, size_t count,
	const char *dir, const char *suffix)
{
	static char bytes[SIP_MSG_MAX];
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		struct span text = torture_file(
			&rows[i], dir, suffix, bytes, sizeof(bytes));
		if (text.n == 0)
			continue;
		found++;
		over_udp(&rows[i], text);
		over_tcp(&rows[i], text);
	}
	return found;
}

static void the_messages_of_the_rfcs_are_answered_as_their_rows_say(
	void **state)
{
	(void)state;
	size_t found =
		hold_files(torture_rfc4475, TORTURE_RFC4475, "rfc4475", ".dat");
	found += hold_files(torture_rfc5118, TORTURE_RFC5118, "rfc5118", "");
	if (found == 0)
		print_message("# the RFCs' own messages are not here\n");
	else
		assert_int_equal(found, TORTURE_RFC4475 + TORTURE_RFC5118);
}

/* ---- messages that nobody thought of -------------------------------------------------- */

#define MUTANTS 5000

static void mutants_harm_nobody(void **state)
{
	static const struct conn_handlers handlers = {
		.open = is_open, .data = data, .closed = closed
	};
	struct buf text = BUF_INIT(SIP_MSG_MAX);
	struct endpoint to = sip_raw_at(US), from = sip_raw_at("192.0.2.50:0");
	struct conn_settings s = {
		.addresses = &to, .count = 1, .local = &from
	};
	struct target t;
	struct sip_raw raw;

	(void)state;
	begin(&t);
	t.echoes = true;
	sip_raw_open(&raw, t.sim, "192.0.2.1:5060");
	for (unsigned n = 0; n < MUTANTS; n++) {
		char branch[24];
		snprintf(branch, sizeof(branch), "z9hG4bKm%u", n);
		char *whole = sip_raw_request(n % 3 ? "INVITE" : "MESSAGE",
			"192.0.2.1:5060", branch, "", n + 1,
			"Record-Route: <sip:p1;lr>, <sip:p2;lr>\r\n"
			"Supported: timer\r\n");
		bool is_closed = false;
		mutate(&text, span_of(whole));
		mem_free(whole);
		dgram_send(raw.dgram, buf_view(&text), &to, NULL);
		struct conn *c =
			conn_new(sim_loop(t.sim), &s, &handlers, &is_closed);
		conn_write(c, buf_view(&text));
		sip_raw_run(t.sim, 10);
		conn_free(c);
		if (n % 100 == 0)
			assert_alive(&t, "a mutant");
		t.first_code = 0;
	}
	sip_raw_close(&raw);
	sip_raw_run(t.sim, 300000);
	assert_alive(&t, "the mutants");
	sip_raw_run(t.sim, 40000);
	assert_int_equal(sip_transactions_count(sip_ua_transactions(t.ua)), 0);
	assert_int_equal(sip_transport_connections(sip_ua_transport(t.ua)), 0);
	buf_clear(&text);
	end(&t);
}

/* ---- single answers ---------------------------------------------------------------- */

static void say(struct target *t, const char *text)
{
	struct sip_raw raw;

	t->first_code = 0;
	sip_raw_open(&raw, t->sim, "192.0.2.1:5060");
	sip_raw_send(&raw, US, text);
	sip_raw_run(t->sim, 10);
	sip_raw_close(&raw);
}

static unsigned ask(struct target *t, const char *method, const char *branch,
	const char *to_tag, unsigned cseq, const char *extra)
{
	char *text = sip_raw_request(
		method, "192.0.2.1:5060", branch, to_tag, cseq, extra);

	say(t, text);
	mem_free(text);
	return t->first_code;
}

static void each_request_that_nobody_wants_has_its_answer(void **state)
{
	struct target t;

	(void)state;
	begin(&t);
	assert_int_equal(ask(&t, "BYE", "z9hG4bKa", "", 1, ""), 481);
	assert_int_equal(ask(&t, "BYE", "z9hG4bKb", "x", 2, ""), 481);
	assert_int_equal(ask(&t, "OPTIONS", "z9hG4bKc", "x", 3, ""), 481);
	assert_int_equal(ask(&t, "CANCEL", "z9hG4bKd", "", 4, ""), 481);
	assert_int_equal(ask(&t, "REGISTER", "z9hG4bKe", "", 5, ""), 405);
	assert_int_equal(ask(&t, "FROBNICATE", "z9hG4bKf", "", 6, ""), 501);
	assert_int_equal(
		ask(&t, "MESSAGE", "z9hG4bKg", "", 7, "Require: 100rel\r\n"),
		420);
	assert_int_equal(ask(&t, "ACK", "z9hG4bKh", "x", 8, ""), 0);
	assert_int_equal(ask(&t, "MESSAGE", "z9hG4bKi", "", 9, ""), 200);
	assert_int_equal(ask(&t, "MESSAGE", "z9hG4bKj", "", 9, ""), 482);
	assert_int_equal(
		ask(&t, "OPTIONS", "z9hG4bKk", "", 10, "Max-Forwards: 0\r\n"),
		400); /* twice */
	end(&t);
}

static void what_is_no_sip_gets_no_word_over_udp(void **state)
{
	static const char *const texts[] = { "\r\n\r\n", "\r\n",
		"hello\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"OPTIONS sip:x SIP/2.0\r\n\r\n",
		"OPTIONS sip:x SIP/2.0\r\nVia: nonsense\r\n"
		"From: <sip:a@b>;tag=1\r\nTo: <sip:b@c>\r\nCall-ID: 1\r\n"
		"CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n" };
	struct target t;

	(void)state;
	begin(&t);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		say(&t, texts[i]);
		assert_int_equal(t.first_code, 0);
	}
	assert_alive(&t, "what is no SIP");
	end(&t);
}

static void what_has_no_cseq_gets_a_400_without_a_transaction(void **state)
{
	struct target t;

	(void)state;
	begin(&t);
	say(&t, "OPTIONS sip:b@192.0.2.2 SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKx\r\n"
		"From: <sip:a@192.0.2.1>;tag=1\r\nTo: <sip:b@192.0.2.2>\r\n"
		"Call-ID: 1\r\nCSeq: 99999999999 OPTIONS\r\n"
		"Content-Length: 0\r\n\r\n");
	assert_int_equal(t.first_code, 400);
	assert_int_equal(sip_transactions_count(sip_ua_transactions(t.ua)), 0);
	end(&t);
}

TEST_MAIN(cmocka_unit_test(our_messages_are_answered_as_their_rows_say),
	cmocka_unit_test(
		the_messages_of_the_rfcs_are_answered_as_their_rows_say),
	cmocka_unit_test(mutants_harm_nobody),
	cmocka_unit_test(each_request_that_nobody_wants_has_its_answer),
	cmocka_unit_test(what_is_no_sip_gets_no_word_over_udp),
	cmocka_unit_test(what_has_no_cseq_gets_a_400_without_a_transaction))
