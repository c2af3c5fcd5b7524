/* Sessions: the way in, and the right farewell in every state (RFC 3261
 * sections 9, 13 to 15). */
#include "tests/common/test.h"

#include <string.h>

#include "base/mem.h"
#include "tests/common/sip_party.h"
#include "tests/common/sip_raw.h"

#define CALLER "192.0.2.1:5060"
#define CALLEE "192.0.2.2:5060"

struct two {
	struct sim *sim;
	struct sip_party a, b;
};

static void begin(struct two *t)
{
	t->sim = sim_new(11);
	sip_party_open(&t->a, t->sim, CALLER);
	sip_party_open(&t->b, t->sim, CALLEE);
}

static void end(struct two *t)
{
	sip_raw_run(t->sim, 70000); /* what still lingers, lingers no longer */
	sip_party_close(&t->a);
	sip_party_close(&t->b);
	sip_raw_run(t->sim, 1000);
	assert_int_equal(sim_set_timers(t->sim), 0);
	assert_int_equal(sim_open_sockets(t->sim), 0);
	sim_free(t->sim);
}

/* ---- calls that come about --------------------------------------------------- */

static void a_call_is_answered_and_the_caller_hangs_up(void **state)
{
	struct two t;

	(void)state;
	begin(&t);
	t.b.ring = 180;
	sip_party_call(&t.a, "sip:b@" CALLEE);
	sip_raw_run(t.sim, 100);
	struct err e = ERR_NONE;
	assert_ok(sip_invite_answer(t.b.invite, NULL, &e), &e);
	sip_raw_run(t.sim, 10000);
	assert_party(&t.a, "2 progress 180\n101 confirmed by 200\n");
	assert_party(&t.b, "1 called\n102 confirmed by ACK\n");
	assert_int_equal(sip_ua_dialogs(t.a.ua), 1);
	sip_invite_end(t.a.invite, 0, SPAN_EMPTY);
	sip_raw_run(t.sim, 10);
	assert_party(&t.a, "10102 ended: we left\n");
	assert_party(&t.b, "10101 ended: they left\n");
	end(&t);
}

static void the_callee_hangs_up(void **state)
{
	struct two t;

	(void)state;
	begin(&t);
	t.b.answer = 200;
	sip_party_call(&t.a, "sip:b@" CALLEE);
	sip_raw_run(t.sim, 1000);
	sip_invite_end(t.b.invite, 0, SPAN_EMPTY);
	sip_invite_end(t.b.invite, 0, SPAN_EMPTY);
	sip_raw_run(t.sim, 10);
	assert_party(&t.a, "2 confirmed by 200\n1001 ended: they left\n");
	assert_party(
		&t.b, "1 called\n3 confirmed by ACK\n1002 ended: we left\n");
	end(&t);
}

static void a_call_goes_over_tcp_both_ways(void **state)
{
	struct two t;

	(void)state;
	begin(&t);
	t.b.answer = 200;
	sip_party_call(&t.a, "sip:b@" CALLEE ";transport=tcp");
	sip_raw_run(t.sim, 1000);
	sip_invite_end(t.b.invite, 0, SPAN_EMPTY);
	sip_raw_run(t.sim, 20);
	assert_int_equal(t.a.confirmed, 1);
	assert_int_equal(t.b.confirmed, 1);
	assert_int_equal(t.a.end.how, SIP_INVITE_THEY_LEFT);
	assert_int_equal(t.b.end.how, SIP_INVITE_WE_LEFT);
	sip_raw_run(t.sim, 400000); /* until the connections are idle */
	end(&t);
}

static void both_hang_up_at_once(void **state)
{
	struct two t;

	(void)state;
	begin(&t);
	t.b.answer = 200;
	sip_party_call(&t.a, "sip:b@" CALLEE);
	sip_raw_run(t.sim, 1000);
	sip_invite_end(t.a.invite, 0, SPAN_EMPTY);
	sip_invite_end(t.b.invite, 0, SPAN_EMPTY);
	sip_raw_run(t.sim, 10);
	assert_int_equal(t.a.ended, 1);
	assert_int_equal(t.b.ended, 1);
	end(&t);
}

/* ---- calls that do not --------------------------------------------------------- */

static void a_refusal_ends_the_call_with_its_code(void **state)
{
	struct two t;

	(void)state;
	begin(&t);
	t.b.answer = 486;
	sip_party_call(&t.a, "sip:b@" CALLEE);
	sip_raw_run(t.sim, 100);
	assert_party(&t.a, "2 ended: refused 486\n");
	assert_int_equal(t.a.status, STATUS_REFUSED);
	assert_party(&t.b, "1 called\n3 ended: refused 486\n");
	end(&t);
}

static void nobody_answers(void **state)
{
	struct two t;

	(void)state;
	begin(&t);
	struct endpoint host = sip_raw_at("192.0.2.2:0");
	sim_cut(t.sim, &host, true);
	sip_party_call(&t.a, "sip:b@" CALLEE);
	sip_raw_run(t.sim, 40000);
	assert_party(&t.a, "32000 ended: failed 6\n");
	end(&t);
}

static void the_port_is_closed_or_the_name_unknown(void **state)
{
	struct two t;

	(void)state;
	begin(&t);
	sip_party_call(&t.a, "sip:b@192.0.2.2:9");
	sip_raw_run(t.sim, 100);
	assert_party(&t.a, "2 ended: failed 3\n");
	sip_party_call(&t.a, "sip:b@example.org");
	sip_raw_run(t.sim, 100);
	assert_party(&t.a, "100 ended: failed 3\n");
	end(&t);
}

/* ---- the caller's farewells (section 9, and 15) ----------------------------------- */

static void nothing_heard_means_no_cancel_yet(void **state)
{
	struct two t;
	struct endpoint host = sip_raw_at("192.0.2.2:0");

	(void)state;
	begin(&t);
	t.b.ring = 180;
	sim_cut(t.sim, &host, true);
	sip_party_call(&t.a, "sip:b@" CALLEE);
	sip_raw_run(t.sim, 100);
	uint64_t sent = sim_packets_sent(t.sim);
	sip_invite_end(t.a.invite, 0, SPAN_EMPTY);
	sip_raw_run(t.sim, 100);
	assert_int_equal(sim_packets_sent(t.sim), sent);
	sim_cut(t.sim, &host, false);
	sip_raw_run(t.sim, 1000); /* the INVITE goes again, and 180 comes */
	assert_party(&t.b, "501 called\n505 ended: cancelled 487\n");
	assert_party(&t.a, "504 ended: cancelled 487\n");
	end(&t);
}

static void ringing_means_cancel(void **state)
{
	struct two t;

	(void)state;
	begin(&t);
	t.b.ring = 180;
	sip_party_call(&t.a, "sip:b@" CALLEE);
	sip_raw_run(t.sim, 5000);
	sip_invite_end(t.a.invite, 0, SPAN_EMPTY);
	sip_raw_run(t.sim, 10);
	assert_party(&t.a, "2 progress 180\n5002 ended: cancelled 487\n");
	assert_party(&t.b, "1 called\n5003 ended: cancelled 487\n");
	end(&t);
}

static void a_2xx_that_crosses_the_cancel_gets_ack_and_bye(void **state)
{
	struct two t;
	struct err e = ERR_NONE;

	(void)state;
	begin(&t);
	t.b.ring = 180;
	sip_party_call(&t.a, "sip:b@" CALLEE);
	sip_raw_run(t.sim, 5000);
	sip_invite_end(t.a.invite, 0, SPAN_EMPTY);
	assert_ok(sip_invite_answer(t.b.invite, NULL, &e), &e);
	sip_raw_run(t.sim, 100);
	assert_party(&t.a, "2 progress 180\n5003 ended: cancelled\n");
	assert_party(&t.b,
		"1 called\n5002 confirmed by ACK\n5002 ended: they left\n");
	end(&t);
}

static void an_end_before_it_was_sent_sends_nothing(void **state)
{
	struct two t;

	(void)state;
	begin(&t);
	sip_party_call(&t.a, "sip:b@" CALLEE);
	sip_invite_end(t.a.invite, 0, SPAN_EMPTY);
	sip_raw_run(t.sim, 100);
	assert_party(&t.a, "0 ended: cancelled\n");
	assert_party(&t.b, "");
	end(&t);
}

/* ---- the callee's farewells ---------------------------------------------------------- */

static void a_ringing_callee_leaves_with_480(void **state)
{
	struct two t;

	(void)state;
	begin(&t);
	t.b.ring = 180;
	sip_party_call(&t.a, "sip:b@" CALLEE);
	sip_raw_run(t.sim, 100);
	sip_invite_end(t.b.invite, 0, SPAN_EMPTY);
	sip_raw_run(t.sim, 10);
	assert_party(&t.a, "2 progress 180\n101 ended: refused 480\n");
	assert_party(&t.b, "1 called\n102 ended: cancelled 480\n");
	end(&t);
}

static void without_an_ack_the_2xx_goes_on_and_then_bye(void **state)
{
	struct two t;
	struct sip_raw raw;
	char *text = sip_raw_request(
		"INVITE", "192.0.2.3:5060", "z9hG4bKa", "", 1, "");

	(void)state;
	begin(&t);
	t.b.answer = 200;
	sip_raw_open(&raw, t.sim, "192.0.2.3:5060");
	sip_raw_send(&raw, CALLEE, text);
	sip_raw_run(t.sim, 1000);
	sip_invite_end(t.b.invite, 0, SPAN_EMPTY); /* no BYE before the ACK */
	sip_raw_run(t.sim, 39000);
	/* T1 doubling to T2 over any transport (13.3.1.4).  The BYE goes to
	 * the Contact, where a party is that knows no such call. */
	assert_string_equal(buf_text(&raw.log),
		"2 200\n502 200\n1502 200\n3502 200\n7502 200\n11502 200\n"
		"15502 200\n19502 200\n23502 200\n27502 200\n31502 200\n");
	assert_party(&t.b, "1 called\n32003 ended: cancelled\n");
	mem_free(text);
	sip_raw_close(&raw);
	end(&t);
}

static void a_callee_that_leaves_before_the_ack_waits_for_it(void **state)
{
	struct two t;
	struct endpoint host = sip_raw_at("192.0.2.1:0");

	(void)state;
	begin(&t);
	t.b.ring = 180;
	sip_party_call(&t.a, "sip:b@" CALLEE);
	sip_raw_run(t.sim, 100);
	sim_cut(t.sim, &host, true);
	struct err e = ERR_NONE;
	assert_ok(sip_invite_answer(t.b.invite, NULL, &e), &e);
	sip_invite_end(t.b.invite, 0, SPAN_EMPTY);
	sip_raw_run(t.sim, 300);
	assert_int_equal(sip_invite_state(t.b.invite), SIP_INVITE_LEAVING);
	sim_cut(t.sim, &host, false);
	sip_raw_run(t.sim, 1000);
	assert_party(&t.a, "2 progress 180\n601 confirmed by 200\n"
			   "603 ended: they left\n");
	assert_party(&t.b, "1 called\n604 ended: cancelled\n");
	end(&t);
}

static void a_call_that_expires_is_refused_with_487(void **state)
{
	struct two t;
	struct sip_raw raw;
	char *text = sip_raw_request("INVITE", "192.0.2.3:5060", "z9hG4bKa", "",
		1, "Expires: 130\r\n");

	(void)state;
	begin(&t);
	t.b.ring = 180;
	sip_raw_open(&raw, t.sim, "192.0.2.3:5060");
	sip_raw_send(&raw, CALLEE, text);
	sip_raw_run(t.sim, 130100);
	/* once a minute, so that no proxy gives up (13.3.1.1) */
	assert_string_equal(buf_text(&raw.log),
		"2 180\n60002 180\n120002 180\n130002 487\n");
	mem_free(text);
	sip_raw_close(&raw);
	end(&t);
}

/* ---- what a raw peer does to a caller --------------------------------------------------- */

static void each_2xx_is_acknowledged_and_other_forks_are_left(void **state)
{
	struct two t;
	struct sip_raw raw;

	(void)state;
	begin(&t);
	sip_raw_open(&raw, t.sim, "192.0.2.9:5060");
	sip_party_call(&t.a, "sip:b@192.0.2.9");
	sip_raw_run(t.sim, 10);
	struct buf invite = BUF_INIT(1 << 16);
	buf_span(&invite, buf_view(&raw.last));
	sip_scan(&raw.scan, buf_view(&invite));
	sip_raw_reply(&raw, 180, "one");
	sip_raw_reply(&raw, 183, "two");
	sip_raw_reply(&raw, 200, "two");
	sip_raw_run(t.sim, 500);
	sip_scan(&raw.scan, buf_view(&invite));
	sip_raw_reply(&raw, 200, "two");
	sip_raw_run(t.sim, 500);
	assert_string_equal(buf_text(&raw.log), "1 INVITE\n12 ACK\n512 ACK\n");
	buf_reset(&raw.log);
	raw.auto_code = 200;
	sip_scan(&raw.scan, buf_view(&invite));
	sip_raw_reply(&raw, 200, "one");
	sip_raw_run(t.sim, 500);
	assert_string_equal(buf_text(&raw.log), "1012 ACK\n1012 BYE\n");
	assert_span(sip_tag(sip_scan_value(&raw.scan, SIP_HDR_TO)), "one");
	assert_party(&t.a,
		"11 progress 180\n11 progress 183\n11 confirmed by 200\n");
	sip_invite_end(t.a.invite, 0, SPAN("Reason: SIP;cause=200\r\n"));
	sip_raw_run(t.sim, 500);
	assert_span(sip_tag(sip_scan_value(&raw.scan, SIP_HDR_TO)), "two");
	assert_span(sip_scan_value(&raw.scan, SIP_HDR_REASON), "SIP;cause=200");
	assert_span(sip_scan_value(&raw.scan, SIP_HDR_CSEQ), "2 BYE");
	assert_party(&t.a, "1512 ended: we left\n");
	/* a 2xx that comes again after the end is still acknowledged */
	buf_reset(&raw.log);
	sip_scan(&raw.scan, buf_view(&invite));
	raw.auto_code = 0;
	sip_raw_reply(&raw, 200, "two");
	sip_raw_run(t.sim, 500);
	assert_string_equal(buf_text(&raw.log), "2012 ACK\n");
	buf_clear(&invite);
	sip_raw_close(&raw);
	end(&t);
}

/* ---- re-INVITE (14.2) -------------------------------------------------------------------- */

/* A call from the raw peer to b, up. */
static void raw_call(struct two *t, struct sip_raw *raw, char tag[64])
{
	char *text = sip_raw_request(
		"INVITE", "192.0.2.3:5060", "z9hG4bKa", "", 1, "");

	sip_raw_open(raw, t->sim, "192.0.2.3:5060");
	t->b.answer = 200;
	sip_raw_send(raw, CALLEE, text);
	mem_free(text);
	sip_raw_run(t->sim, 10);
	assert_true(span_copy(
		tag, 64, sip_tag(sip_scan_value(&raw->scan, SIP_HDR_TO))));
	text = sip_raw_request("ACK", "192.0.2.3:5060", "z9hG4bKb", tag, 1, "");
	sip_raw_send(raw, CALLEE, text);
	mem_free(text);
	sip_raw_run(t->sim, 10);
	assert_party(&t->b, "1 called\n11 confirmed by ACK\n");
	buf_reset(&raw->log);
}

static void raw_send(struct two *t, struct sip_raw *raw, const char *method,
	const char *branch, const char *tag, unsigned cseq)
{
	char *text = sip_raw_request(
		method, "192.0.2.3:5060", branch, tag, cseq, "");

	sip_raw_send(raw, CALLEE, text);
	mem_free(text);
	sip_raw_run(t->sim, 10);
}

static void a_reinvite_is_answered_or_refused_and_the_call_stays(void **state)
{
	struct two t;
	struct sip_raw raw;
	char tag[64];

	(void)state;
	begin(&t);
	raw_call(&t, &raw, tag);
	raw_send(&t, &raw, "INVITE", "z9hG4bKc", tag, 2);
	assert_string_equal(buf_text(&raw.log), "22 488\n");
	raw_send(&t, &raw, "ACK", "z9hG4bKc", tag, 2);
	buf_reset(&raw.log);
	t.b.takes_reinvites = true;
	raw_send(&t, &raw, "INVITE", "z9hG4bKd", tag, 3);
	sip_raw_run(t.sim, 1000);
	assert_string_equal(buf_text(&raw.log), "42 200\n542 200\n");
	/* another one before the ACK: one at a time */
	raw_send(&t, &raw, "INVITE", "z9hG4bKe", tag, 4);
	assert_span(sip_scan_value(&raw.scan, SIP_HDR_CSEQ), "4 INVITE");
	assert_int_equal(raw.scan.status_code, 500);
	assert_true(sip_scan_value(&raw.scan, SIP_HDR_RETRY_AFTER).n > 0);
	raw_send(&t, &raw, "ACK", "z9hG4bKe", tag, 4);
	raw_send(&t, &raw, "ACK", "z9hG4bKf", tag, 3);
	/* out of order (12.2.2), unknown (481), and the farewell */
	raw_send(&t, &raw, "BYE", "z9hG4bKg", tag, 2);
	assert_int_equal(raw.scan.status_code, 500);
	raw_send(&t, &raw, "BYE", "z9hG4bKh", "other", 5);
	assert_int_equal(raw.scan.status_code, 481);
	raw_send(&t, &raw, "BYE", "z9hG4bKi", tag, 5);
	assert_int_equal(raw.scan.status_code, 200);
	raw_send(&t, &raw, "BYE", "z9hG4bKj", tag, 6);
	assert_int_equal(raw.scan.status_code, 481);
	assert_party(&t.b, "21 reinvited\n41 reinvited\n1071 confirmed by ACK\n"
			   "1101 ended: they left\n");
	sip_raw_close(&raw);
	end(&t);
}

static void a_bye_before_the_ack_ends_the_call(void **state)
{
	struct two t;
	struct sip_raw raw;
	char tag[64];

	(void)state;
	begin(&t);
	sip_raw_open(&raw, t.sim, "192.0.2.3:5060");
	t.b.ring = 180;
	raw_send(&t, &raw, "INVITE", "z9hG4bKa", "", 1);
	assert_true(span_copy(
		tag, 64, sip_tag(sip_scan_value(&raw.scan, SIP_HDR_TO))));
	raw_send(&t, &raw, "BYE", "z9hG4bKb", tag, 2);
	/* the early dialog is over: 200 to BYE and 487 to INVITE (15) */
	assert_string_equal(buf_text(&raw.log), "2 180\n12 200\n12 487\n");
	assert_party(&t.b, "1 called\n11 ended: they left\n");
	raw_send(&t, &raw, "ACK", "z9hG4bKa", tag, 1);
	sip_raw_close(&raw);
	end(&t);
}

TEST_MAIN(cmocka_unit_test(a_call_is_answered_and_the_caller_hangs_up),
	cmocka_unit_test(the_callee_hangs_up),
	cmocka_unit_test(a_call_goes_over_tcp_both_ways),
	cmocka_unit_test(both_hang_up_at_once),
	cmocka_unit_test(a_refusal_ends_the_call_with_its_code),
	cmocka_unit_test(nobody_answers),
	cmocka_unit_test(the_port_is_closed_or_the_name_unknown),
	cmocka_unit_test(nothing_heard_means_no_cancel_yet),
	cmocka_unit_test(ringing_means_cancel),
	cmocka_unit_test(a_2xx_that_crosses_the_cancel_gets_ack_and_bye),
	cmocka_unit_test(an_end_before_it_was_sent_sends_nothing),
	cmocka_unit_test(a_ringing_callee_leaves_with_480),
	cmocka_unit_test(without_an_ack_the_2xx_goes_on_and_then_bye),
	cmocka_unit_test(a_callee_that_leaves_before_the_ack_waits_for_it),
	cmocka_unit_test(a_call_that_expires_is_refused_with_487),
	cmocka_unit_test(each_2xx_is_acknowledged_and_other_forks_are_left),
	cmocka_unit_test(a_reinvite_is_answered_or_refused_and_the_call_stays),
	cmocka_unit_test(a_bye_before_the_ack_ends_the_call))
