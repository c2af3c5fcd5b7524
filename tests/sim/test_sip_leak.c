/* Calls by a server that asks, and callers that ask to learn something
 * (RFC 3261 section 22, the digest leak). */
#include "tests/common/test.h"

#include <string.h>

#include "base/mem.h"
#include "sip/invite.h"
#include "tests/common/sip_guard.h"

#define STRANGER "192.0.2.66:5060"

/* ---- a call ------------------------------------------------------------------------- */

static void up(void *arg, struct sip_scan *m)
{
	*(unsigned *)arg = m->status_code;
}

static void over(void *arg, const struct sip_invite_end *end)
{
	(void)arg;
	(void)end;
}

static void a_call_is_placed_with_the_credentials_and_so_is_its_ack(
	void **state)
{
	static const struct sip_invite_handlers handlers = { .confirmed = up,
		.ended = over };
	struct sip_invite_settings s = { .request_uri =
						 SPAN("sip:b@far.example"),
		.proxy = SPAN("sip:192.0.2.2;lr") };
	unsigned code = 0;
	struct sip_raw contact;
	struct sip_guarded w;

	(void)state;
	sip_guarded_open(&w, &sip_asker_alice);
	sip_login_trust(w.asker.login, SPAN("sip:192.0.2.2"));
	w.guard.code = 407;
	w.guard.challenges = "Proxy-Authenticate: Digest realm=\"home\", "
			     "qop=\"auth\", nonce=\"@\"\r\n";
	w.guard.lines = "Record-Route: <sip:192.0.2.2;lr>\r\n";
	sip_raw_open(
		&contact, w.asker.sim, "192.0.2.9:5060"); /* of the raw's 200 */
	struct sip_invite *call =
		sip_invite_call(w.asker.ua, &s, &handlers, &code);
	sip_raw_run(w.asker.sim, 100);
	assert_int_equal(code, 200);
	assert_log(&w.guard, "INVITE 1 nothing;INVITE 2 MD5 1;");
	/* 13.2.2.4, by the way that the INVITE went */
	assert_span(w.guard.raw.scan.method, "ACK");
	assert_span(sip_scan_value(&w.guard.raw.scan, SIP_HDR_CSEQ), "2 ACK");
	assert_non_null(
		sip_scan_find(&w.guard.raw.scan, SIP_HDR_PROXY_AUTHORIZATION));
	/* whose server asks again for the BYE of a peer gets none */
	sip_invite_end(call, 0, SPAN_EMPTY);
	sip_raw_run(w.asker.sim, 100);
	assert_log(&w.guard, "BYE 3 nothing;");
	assert_int_equal(contact.log.len, 0);
	sip_raw_close(&contact);
	sip_guarded_close(&w);
}

/* ---- the digest leak (hazards: a caller that asks for our BYE) -------------------- */

static void take(void *arg, struct sip_server *s, struct sip_scan *m);
static void call_ended(void *arg, const struct sip_invite_end *end)
{
	*(struct sip_invite **)arg = NULL;
	(void)end;
}
static const struct sip_invite_handlers call_handlers = { .ended = call_ended };

struct victim {
	struct sip_guarded w;
	struct sip_invite *invite;
};

static void take(void *arg, struct sip_server *s, struct sip_scan *m)
{
	struct victim *v = arg;
	struct err e = ERR_NONE;

	v->invite = sip_invite_take(
		v->w.asker.ua, s, m, SPAN("us"), &call_handlers, &v->invite);
	assert_non_null(v->invite);
	assert_ok(sip_invite_answer(v->invite, NULL, &e), &e);
}

static void invite_us(struct sip_raw *caller, const char *contact)
{
	char *text = mem_format(
		"INVITE sip:alice@192.0.2.1 SIP/2.0\r\n"
		"Via: SIP/2.0/UDP %s;branch=z9hG4bKcall\r\nMax-Forwards: 9\r\n"
		"From: <sip:x@192.0.2.2>;tag=fa\r\nTo: <sip:alice@192.0.2.1>"
		"\r\nCall-ID: leak\r\nCSeq: 1 INVITE\r\nContact: <%s>\r\n"
		"Content-Length: 0\r\n\r\n",
		STRANGER, contact);

	sip_raw_send(caller, SIP_ASKER_AT, text);
	mem_free(text);
}

static void ack_us(struct sip_raw *caller)
{
	char *text = mem_format(
		"ACK sip:us@192.0.2.1 SIP/2.0\r\n"
		"Via: SIP/2.0/UDP %s;branch=z9hG4bKack\r\nMax-Forwards: 9\r\n"
		"From: <sip:x@192.0.2.2>;tag=fa\r\n"
		"To: <sip:alice@192.0.2.1>;tag=%.*s\r\n"
		"Call-ID: leak\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n",
		STRANGER,
		SPAN_ARGS(sip_tag(sip_scan_value(&caller->scan, SIP_HDR_TO))));

	sip_raw_send(caller, SIP_ASKER_AT, text);
	mem_free(text);
}

static void a_caller_that_asks_for_our_bye_learns_nothing(void **state)
{
	/* also one that says it is at our server's address, or knows what our
	 * server asks */
	static const char *const contacts[] = { "sip:x@" STRANGER,
		"sip:x@192.0.2.2:5060" };
	static const unsigned codes[] = { 401, 407 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct victim v;
		struct sip_raw caller;
		memset(&v, 0, sizeof(v));
		sip_guarded_open(&v.w, &sip_asker_alice);
		sip_login_trust(v.w.asker.login, SPAN("sip:192.0.2.2"));
		sip_guarded_send(&v.w, "sip:192.0.2.2", false);
		assert_int_equal(v.w.asker.code, 200);
		buf_reset(&v.w.guard.log);
		sip_ua_serve(v.w.asker.ua, SIP_METHOD_INVITE, take, &v);
		sip_ua_serve_in_dialog(v.w.asker.ua, SIP_METHOD_BYE);
		sip_raw_open(&caller, v.w.asker.sim, STRANGER);
		invite_us(&caller, contacts[i % 2]);
		sip_raw_run(v.w.asker.sim, 10);
		assert_int_equal(caller.scan.status_code, 200);
		ack_us(&caller);
		sip_raw_run(v.w.asker.sim, 10);
		assert_non_null(v.invite);

		struct sip_raw *peer = i % 2 ? &v.w.guard.raw : &caller;
		v.w.guard.code = codes[i / 2];
		v.w.guard.nonce = "crack me";
		peer->answers = NULL;
		sip_invite_end(v.invite, 0, SPAN_EMPTY);
		sip_raw_run(v.w.asker.sim, 10);
		assert_true(span_is(peer->scan.method, "BYE"));
		size_t lines = peer->log.len;
		sip_raw_reply_lines(peer, codes[i / 2], "guard",
			codes[i / 2] == 401
				? "WWW-Authenticate: Digest realm=\"home\", "
				  "nonce=\"crack me\"\r\n"
				: "Proxy-Authenticate: Digest realm=\"home\", "
				  "nonce=\"crack me\"\r\n");
		sip_raw_run(v.w.asker.sim, 40000);
		assert_int_equal(peer->log.len, lines);
		assert_null(sip_scan_find(&peer->scan, SIP_HDR_AUTHORIZATION));
		assert_null(sip_scan_find(
			&peer->scan, SIP_HDR_PROXY_AUTHORIZATION));
		assert_null(v.invite);
		sip_raw_close(&caller);
		sip_guarded_close(&v.w);
	}
}

TEST_MAIN(cmocka_unit_test(
		  a_call_is_placed_with_the_credentials_and_so_is_its_ack),
	cmocka_unit_test(a_caller_that_asks_for_our_bye_learns_nothing))
