/* What a far side may say about media, and what becomes of the call: offers,
 * answers, none of them, holds, early media, forks (RFC 3264, RFC 3261
 * sections 13 and 14, RFC 6337).  The far side is a script. */
#include "tests/common/test.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "media/rtp.h"
#include "net/dgram.h"
#include "tests/common/call_party.h"
#include "tests/common/sip_raw.h"

#define SDP(address, media)                                                    \
	"v=0\r\no=- 1 1 IN IP4 " address "\r\ns=-\r\nc=IN IP4 " address        \
	"\r\nt=0 0\r\n" media

/* ---- the far side's audio ------------------------------------------------------ */

struct speaker {
	struct dgram *socket;
	unsigned got;
	uint8_t type; /* payload type of what came last, and of what goes */
	uint32_t ssrc, timestamp;
	uint32_t came_at; /* timestamp of what came last */
	uint16_t sequence;
};

static void came(void *arg, const struct dgram_packet *p)
{
	struct speaker *s = arg;
	struct rtp r;
	struct err e = ERR_NONE;

	assert_ok(rtp_parse(&r, p->bytes, &e), &e);
	s->got++;
	s->type = r.payload_type;
	s->came_at = r.timestamp;
}

static void speaker_open(
	struct speaker *s, struct sim *sim, const char *address)
{
	static const struct dgram_handlers handlers = { .packet = came };
	static uint32_t ssrc;
	struct endpoint at = sip_raw_at(address);
	struct err e = ERR_NONE;

	*s = (struct speaker){ .ssrc = ++ssrc };
	s->socket = dgram_new(sim_loop(sim), &at, &handlers, s, &e);
	assert_ok(s->socket, &e);
}

/* Packets of 20 ms, one each millisecond. */
static void speak(struct speaker *s, struct sim *sim, const struct call *call,
	uint8_t type, unsigned count)
{
	char payload[160];
	struct call_report to;

	memset(payload, 0x20, sizeof(payload)); /* loud, in either law */
	call_report(call, &to);
	for (unsigned i = 0; i < count; i++) {
		struct buf packet = BUF_INIT(RTP_HEADER_SIZE + 160);
		rtp_format(&packet, &(struct rtp){ .payload_type = type,
					    .sequence = s->sequence++,
					    .timestamp = s->timestamp,
					    .ssrc = s->ssrc,
					    .payload = { payload, 160 } });
		s->timestamp += 160;
		dgram_send(s->socket, buf_view(&packet), &to.rtp_local, NULL);
		buf_clear(&packet);
		sip_raw_run(sim, 1);
	}
}

/* ---- the stage: a party, a script, and the script's audio ------------------------ */

struct stage {
	struct sim *sim;
	struct call_party p;
	struct sip_raw raw;
	struct speaker one, two;
	char tag[64]; /* the party's, once it has answered */
};

/* The party is the callee at .2, the script a caller at .1. */
static void begin_callee(struct stage *t)
{
	memset(t, 0, sizeof(*t));
	t->sim = sim_new(5);
	call_party_open(&t->p, t->sim, "192.0.2.2:5060");
	t->p.picks_up = true;
	sip_raw_open(&t->raw, t->sim, "192.0.2.1:5060");
	speaker_open(&t->one, t->sim, "192.0.2.1:4000");
	speaker_open(&t->two, t->sim, "192.0.2.1:4002");
}

/* The party is the caller at .2, the script answers at .9. */
static void begin_caller(struct stage *t)
{
	memset(t, 0, sizeof(*t));
	t->sim = sim_new(6);
	call_party_open(&t->p, t->sim, "192.0.2.2:5060");
	sip_raw_open(&t->raw, t->sim, "192.0.2.9:5060");
	speaker_open(&t->one, t->sim, "192.0.2.9:4000");
	speaker_open(&t->two, t->sim, "192.0.2.9:4002");
	call_party_call(&t->p, "sip:b@192.0.2.9");
	sip_raw_run(t->sim, 10);
	assert_string_equal(buf_text(&t->raw.log), "1 INVITE\n");
	buf_reset(&t->raw.log);
}

static void end(struct stage *t)
{
	if (t->p.call)
		call_hang_up(t->p.call, 0);
	sip_raw_run(t->sim, 140000);
	assert_null(t->p.call);
	assert_int_equal(sim_set_timers(t->sim), 0);
	call_party_close(&t->p);
	sip_raw_close(&t->raw);
	dgram_free(t->one.socket);
	dgram_free(t->two.socket);
	assert_int_equal(sim_open_sockets(t->sim), 0);
	sim_free(t->sim);
}

static void from_caller_typed(struct stage *t, const char *method,
	const char *branch, unsigned cseq, const char *type, const char *body)
{
	char *text = sip_raw_request_with(
		method, "192.0.2.1:5060", branch, t->tag, cseq, type, body);

	sip_raw_send(&t->raw, "192.0.2.2:5060", text);
	mem_free(text);
	sip_raw_run(t->sim, 10);
}

static void from_caller(struct stage *t, const char *method, const char *branch,
	unsigned cseq, const char *sdp)
{
	from_caller_typed(
		t, method, branch, cseq, sdp[0] ? "application/sdp" : "", sdp);
}

static void keep_tag(struct stage *t)
{
	assert_true(span_copy(t->tag, sizeof(t->tag),
		sip_tag(sip_scan_value(&t->raw.scan, SIP_HDR_TO))));
}

/* A call from the script to the party with this offer, up. */
static void call_in(struct stage *t, const char *sdp)
{
	begin_callee(t);
	from_caller(t, "INVITE", "z9hG4bKa", 1, sdp);
	keep_tag(t);
	assert_int_equal(t->raw.scan.status_code, 200);
	from_caller(t, "ACK", "z9hG4bKb", 1, "");
	assert_int_equal(t->p.ups, 1);
	buf_reset(&t->raw.log);
}

static bool last_has(struct stage *t, const char *text)
{
	return strstr(buf_text(&t->raw.last), text) != NULL;
}

/* ---- what cannot be agreed to ---------------------------------------------------- */

static void each_bad_offer_gets_its_refusal(void **state)
{
	static const struct {
		const char *type, *body;
		unsigned code;
		enum status status;
	} rows[] = {
		{ "application/sdp",
			SDP("192.0.2.1", "m=video 4000 RTP/AVP 31\r\n"), 488,
			STATUS_REFUSED },
		{ "application/sdp",
			SDP("192.0.2.1", "m=audio 4000 RTP/AVP 18\r\n"), 488,
			STATUS_REFUSED },
		{ "application/sdp",
			SDP("192.0.2.1", "m=audio 4000 RTP/SAVP 0\r\n"), 488,
			STATUS_REFUSED },
		{ "application/sdp",
			SDP("192.0.2.1", "m=audio 0 RTP/AVP 0\r\n"), 488,
			STATUS_REFUSED },
		{ "application/sdp", SDP("192.0.2.1", ""), 488,
			STATUS_REFUSED },
		{ "application/sdp",
			SDP("192.0.2.1", "m=audio 4000 RTP/AVP 0\r\n"
					 "c=IN IP6 2001:db8::1\r\n"),
			488, STATUS_REFUSED },
		{ "application/sdp",
			SDP("host.example", "m=audio 4000 RTP/AVP 0\r\n"), 488,
			STATUS_REFUSED },
		{ "application/sdp", "v=0\r\nthis is no description\r\n", 400,
			STATUS_MALFORMED },
		{ "application/sdp",
			SDP("192.0.2.1", "m=audio 99999 RTP/AVP 0\r\n"), 400,
			STATUS_MALFORMED },
		{ "application/sdp", "m=audio 49217 RTP/AVP\n", 400,
			STATUS_MALFORMED },
		{ "application/sdp", "\r\n", 400, STATUS_MALFORMED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stage t;
		begin_callee(&t);
		from_caller_typed(&t, "INVITE", "z9hG4bKa", 1, rows[i].type,
			rows[i].body);
		if (t.raw.scan.status_code != rows[i].code ||
			t.p.status != rows[i].status || !t.p.text[0] ||
			t.p.call)
			fail_msg("row %zu: %u, status %d: %s", i,
				t.raw.scan.status_code, t.p.status, t.p.text);
		/* the next one is taken: nothing of it stays behind */
		keep_tag(&t);
		from_caller(&t, "ACK", "z9hG4bKa", 1, "");
		end(&t);
	}
}

static void a_body_that_is_no_description_is_refused_with_415(void **state)
{
	struct stage t;

	(void)state;
	begin_callee(&t);
	from_caller_typed(
		&t, "INVITE", "z9hG4bKa", 1, "text/plain", "hello\r\n");
	assert_int_equal(t.raw.scan.status_code, 415);
	assert_span(
		sip_scan_value(&t.raw.scan, SIP_HDR_ACCEPT), "application/sdp");
	assert_int_equal(t.p.calls, 0);
	keep_tag(&t);
	from_caller(&t, "ACK", "z9hG4bKa", 1, "");
	end(&t);
}

/* The answer's lines are as many as the offer's, however few are of use. */
static void all_lines_of_an_offer_are_answered(void **state)
{
	struct stage t;

	(void)state;
	call_in(&t, SDP("192.0.2.1", "m=video 5000 RTP/AVP 31\r\n"
				     "m=audio 4000 RTP/AVP 18 8 0\r\n"
				     "m=audio 6000 RTP/AVP 0\r\n"));
	assert_true(last_has(&t, "m=video 0 RTP/AVP 31\r\n"));
	assert_true(last_has(&t, "m=audio 0 RTP/AVP 0\r\n"));
	assert_true(last_has(&t, " RTP/AVP 8\r\n"));
	sip_raw_run(t.sim, 1000);
	assert_in_range(t.one.got, 49, 52);
	assert_int_equal(t.one.type, 8);
	end(&t);
}

/* RFC 3264 section 6: dynamic numbers are those of the offer. */
static void the_offers_payload_types_are_used(void **state)
{
	struct stage t;

	(void)state;
	call_in(&t, SDP("192.0.2.1", "m=audio 4000 RTP/AVP 111\r\n"
				     "a=rtpmap:111 PCMA/8000\r\n"));
	sip_raw_run(t.sim, 100);
	assert_int_equal(t.one.type, 111);
	speak(&t.one, t.sim, t.p.call, 111, 10);
	assert_in_range(t.p.told, 9 * 160, 10 * 160);
	end(&t);
}

static void each_answer_that_cannot_be_read_gets_ack_and_bye(void **state)
{
	static const struct {
		const char *sdp;
		enum status status;
		const char *says;
	} rows[] = {
		{ NULL, STATUS_MALFORMED, "without a description" },
		{ "nothing", STATUS_MALFORMED, "" },
		{ SDP("192.0.2.9", "m=audio 99999 RTP/AVP 0\r\n"),
			STATUS_MALFORMED, "" },
		{ SDP("192.0.2.9", ""), STATUS_MALFORMED, "0 media lines" },
		{ SDP("192.0.2.9", "m=audio 4000 RTP/AVP 0\r\n"
				   "m=video 5000 RTP/AVP 31\r\n"),
			STATUS_MALFORMED, "2 media lines" },
		{ SDP("192.0.2.9", "m=audio 0 RTP/AVP 0\r\n"), STATUS_REFUSED,
			"refused" },
		{ SDP("192.0.2.9", "m=audio 4000 RTP/AVP 18\r\n"),
			STATUS_REFUSED, "no codec in common" },
		{ SDP("192.0.2.9", "m=audio 4000 RTP/SAVP 0\r\n"),
			STATUS_REFUSED, "RTP/AVP" },
		{ SDP("192.0.2.9", "m=audio 4000 RTP/AVP 0\r\n"
				   "c=IN IP6 2001:db8::9\r\n"),
			STATUS_REFUSED, "family" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stage t;
		begin_caller(&t);
		t.raw.auto_code = 200; /* to the BYE */
		sip_raw_reply_sdp(&t.raw, 200, "b", rows[i].sdp);
		sip_raw_run(t.sim, 10);
		if (strcmp(buf_text(&t.raw.log), "12 ACK\n12 BYE\n") != 0 ||
			t.p.call || t.p.how != SIP_INVITE_FAILED ||
			t.p.status != rows[i].status || !t.p.text[0] ||
			!strstr(t.p.text, rows[i].says))
			fail_msg("row %zu: status %d: %s\nthe far side got\n%s",
				i, t.p.status, t.p.text, buf_text(&t.raw.log));
		assert_int_equal(t.p.ups, 0);
		end(&t);
	}
}

/* ---- an INVITE without an offer (13.2.1) ------------------------------------------- */

static void without_an_offer_ours_is_in_the_200(void **state)
{
	struct stage t;

	(void)state;
	begin_callee(&t);
	from_caller(&t, "INVITE", "z9hG4bKa", 1, "");
	keep_tag(&t);
	assert_int_equal(t.raw.scan.status_code, 200);
	assert_true(last_has(&t, " RTP/AVP 0 8\r\n"));
	from_caller(&t, "ACK", "z9hG4bKb", 1,
		SDP("192.0.2.1", "m=audio 4000 RTP/AVP 8\r\n"));
	assert_calls(&t.p, "1 called\n11 up\n");
	sip_raw_run(t.sim, 1000);
	assert_in_range(t.one.got, 49, 52);
	assert_int_equal(t.one.type, 8);
	end(&t);
}

static void an_ack_without_the_answer_that_is_due_ends_the_call(void **state)
{
	static const char *const answers[] = { "", "v=1\r\n",
		SDP("192.0.2.1", "m=audio 4000 RTP/AVP 18\r\n") };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct stage t;
		begin_callee(&t);
		t.raw.auto_code = 200;
		from_caller(&t, "INVITE", "z9hG4bKa", 1, "");
		keep_tag(&t);
		buf_reset(&t.raw.log);
		from_caller(&t, "ACK", "z9hG4bKb", 1, answers[i]);
		assert_string_equal(buf_text(&t.raw.log), "12 BYE\n");
		assert_int_equal(t.p.how, SIP_INVITE_FAILED);
		assert_int_equal(
			t.p.status, i == 2 ? STATUS_REFUSED : STATUS_MALFORMED);
		assert_int_equal(t.p.ups, 0);
		end(&t);
	}
}

/* ---- hold and resume (RFC 3264 section 8.4) --------------------------------------------- */

#define TALK SDP("192.0.2.1", "m=audio 4000 RTP/AVP 0\r\n")

static void is_sending(struct stage *t, bool yes)
{
	unsigned before = t->one.got;

	sip_raw_run(t->sim, 1000);
	assert_in_range(t->one.got - before, yes ? 49 : 0, yes ? 52 : 0);
}

static void each_way_to_hold_stops_the_audio_and_resuming_starts_it(
	void **state)
{
	static const struct {
		const char *sdp, *answer;
		bool heard; /* what the holding side says */
	} rows[] = {
		{ SDP("192.0.2.1", "m=audio 4000 RTP/AVP 0\r\na=sendonly\r\n"),
			"a=recvonly\r\n", true },
		{ SDP("192.0.2.1", "m=audio 4000 RTP/AVP 0\r\na=inactive\r\n"),
			"a=inactive\r\n", false },
		{ SDP("0.0.0.0", "m=audio 4000 RTP/AVP 0\r\n"),
			"a=recvonly\r\n", true },
		{ SDP("192.0.2.1", "m=audio 4000 RTP/AVP 0\r\n"
				   "c=IN IP4 0.0.0.0\r\na=inactive\r\n"),
			"a=inactive\r\n", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stage t;
		call_in(&t, TALK);
		is_sending(&t, true);
		from_caller(&t, "INVITE", "z9hG4bKc", 2, rows[i].sdp);
		assert_int_equal(t.raw.scan.status_code, 200);
		if (!last_has(&t, rows[i].answer))
			fail_msg("row %zu: no %s in\n%s", i, rows[i].answer,
				buf_text(&t.raw.last));
		from_caller(&t, "ACK", "z9hG4bKd", 2, "");
		is_sending(&t, false);
		unsigned told = t.p.told;
		speak(&t.one, t.sim, t.p.call, 0, 50);
		if ((t.p.told > told) != rows[i].heard)
			fail_msg("row %zu: heard %u", i, t.p.told - told);
		uint32_t before = t.one.came_at;
		from_caller(&t, "INVITE", "z9hG4bKe", 3, TALK);
		from_caller(&t, "ACK", "z9hG4bKf", 3, "");
		is_sending(&t, true);
		/* RFC 3550 section 5.1: the clock goes on meanwhile */
		assert_in_range(
			t.one.came_at - before, 8000 + 7800, 16000 + 1000);
		assert_int_equal(t.p.ups, 1);
		end(&t);
	}
}

static void a_reinvite_may_move_the_audio(void **state)
{
	struct stage t;

	(void)state;
	call_in(&t, TALK);
	speak(&t.one, t.sim, t.p.call, 0, 50);
	is_sending(&t, true);
	from_caller(&t, "INVITE", "z9hG4bKc", 2,
		SDP("192.0.2.1", "m=audio 4002 RTP/AVP 0\r\n"));
	from_caller(&t, "ACK", "z9hG4bKd", 2, "");
	unsigned told = t.p.told;
	is_sending(&t, false);
	assert_in_range(t.two.got, 49, 54);
	speak(&t.two, t.sim, t.p.call, 0, 50);
	assert_in_range(t.p.told - told, 49 * 160, 50 * 160);
	end(&t);
}

static void a_reinvite_may_change_the_codec(void **state)
{
	struct stage t;

	(void)state;
	call_in(&t, TALK);
	is_sending(&t, true);
	from_caller(&t, "INVITE", "z9hG4bKc", 2,
		SDP("192.0.2.1", "m=audio 4000 RTP/AVP 8\r\n"));
	assert_int_equal(t.raw.scan.status_code, 200);
	from_caller(&t, "ACK", "z9hG4bKd", 2, "");
	is_sending(&t, true);
	assert_int_equal(t.one.type, 8);
	unsigned told = t.p.told;
	speak(&t.one, t.sim, t.p.call, 8, 20);
	assert_in_range(t.p.told - told, 19 * 160, 20 * 160);
	end(&t);
}

static void a_reinvite_that_cannot_be_agreed_leaves_all_as_it_was(void **state)
{
	static const struct {
		const char *sdp;
		unsigned code;
	} rows[] = {
		{ SDP("192.0.2.1", "m=audio 4002 RTP/AVP 18\r\n"), 488 },
		{ SDP("192.0.2.1", "m=audio 0 RTP/AVP 0\r\n"), 488 },
		{ "v=0\r\nnonsense\r\n", 400 },
	};
	struct stage t;

	(void)state;
	call_in(&t, TALK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *branch = mem_format("z9hG4bKr%zu", i);
		from_caller(&t, "INVITE", branch, 2 + (unsigned)i, rows[i].sdp);
		if (t.raw.scan.status_code != rows[i].code)
			fail_msg("row %zu: %u", i, t.raw.scan.status_code);
		from_caller(&t, "ACK", branch, 2 + (unsigned)i, "");
		mem_free(branch);
		is_sending(&t, true);
	}
	assert_non_null(t.p.call);
	end(&t);
}

static void a_reinvite_without_an_offer_gets_ours(void **state)
{
	struct stage t;

	(void)state;
	call_in(&t, TALK);
	from_caller(&t, "INVITE", "z9hG4bKc", 2, "");
	assert_true(last_has(&t, "m=audio "));
	from_caller(&t, "ACK", "z9hG4bKd", 2,
		SDP("192.0.2.1", "m=audio 4002 RTP/AVP 0\r\n"));
	is_sending(&t, false);
	assert_in_range(t.two.got, 49, 54);
	assert_int_equal(t.p.ups, 1);
	end(&t);
}

/* The version in o= counts up with each change (RFC 3264 section 8). */
static void descriptions_of_one_call_have_one_origin(void **state)
{
	struct stage t;
	char first[128], second[128];

	(void)state;
	call_in(&t, TALK);
	struct span body = t.raw.scan.body, line;
	span_cut(&body, '\n', &line);
	span_cut(&body, '\n', &line);
	assert_true(span_copy(first, sizeof(first), span_trim(line)));
	from_caller(&t, "INVITE", "z9hG4bKc", 2, TALK);
	body = t.raw.scan.body;
	span_cut(&body, '\n', &line);
	span_cut(&body, '\n', &line);
	assert_true(span_copy(second, sizeof(second), span_trim(line)));
	from_caller(&t, "ACK", "z9hG4bKd", 2, "");
	unsigned long long id1, v1, id2, v2;
	assert_int_equal(sscanf(first, "o=- %llu %llu", &id1, &v1), 2);
	assert_int_equal(sscanf(second, "o=- %llu %llu", &id2, &v2), 2);
	assert_true(id1 == id2);
	assert_true(v2 == v1 + 1);
	end(&t);
}

/* ---- the caller: held, early media, forks ----------------------------------------------- */

#define ONE SDP("192.0.2.9", "m=audio 4000 RTP/AVP 0\r\n")
#define TWO SDP("192.0.2.9", "m=audio 4002 RTP/AVP 0\r\n")

/* A request of the callee within the dialog with our tag `b`. */
static void from_callee(struct stage *t, const char *method, unsigned cseq,
	const char *call_id, const char *caller_tag, const char *body)
{
	char *text =
		mem_format("%s sip:192.0.2.2 SIP/2.0\r\n"
			   "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK%s%u\r\n"
			   "Max-Forwards: 70\r\n"
			   "From: <sip:b@192.0.2.9>;tag=b\r\n"
			   "To: <sip:caller@example.org>;tag=%s\r\n"
			   "Call-ID: %s\r\n"
			   "CSeq: %u %s\r\n"
			   "Contact: <sip:192.0.2.9>\r\n"
			   "%sContent-Length: %zu\r\n\r\n%s",
			method, method, cseq, caller_tag, call_id, cseq, method,
			body[0] ? "Content-Type: application/sdp\r\n" : "",
			strlen(body), body);

	sip_raw_send(&t->raw, "192.0.2.2:5060", text);
	mem_free(text);
	sip_raw_run(t->sim, 10);
}

static void the_callee_may_hold_and_hang_up(void **state)
{
	struct stage t;
	char call_id[128], tag[64];

	(void)state;
	begin_caller(&t);
	span_copy(call_id, sizeof(call_id),
		sip_scan_value(&t.raw.scan, SIP_HDR_CALL_ID));
	span_copy(tag, sizeof(tag),
		sip_tag(sip_scan_value(&t.raw.scan, SIP_HDR_FROM)));
	assert_true(last_has(&t, "INVITE"));
	sip_raw_reply_sdp(&t.raw, 200, "b", ONE);
	sip_raw_run(t.sim, 10);
	is_sending(&t, true);
	from_callee(&t, "INVITE", 1, call_id, tag,
		SDP("192.0.2.9", "m=audio 4000 RTP/AVP 0\r\na=inactive\r\n"));
	assert_int_equal(t.raw.scan.status_code, 200);
	assert_true(last_has(&t, "a=inactive\r\n"));
	from_callee(&t, "ACK", 1, call_id, tag, "");
	is_sending(&t, false);
	from_callee(&t, "INVITE", 2, call_id, tag, ONE);
	from_callee(&t, "ACK", 2, call_id, tag, "");
	is_sending(&t, true);
	from_callee(&t, "BYE", 3, call_id, tag, "");
	assert_int_equal(t.raw.scan.status_code, 200);
	assert_int_equal(t.p.how, SIP_INVITE_THEY_LEFT);
	is_sending(&t, false);
	end(&t);
}

/* Keeps the INVITE, so that it can be answered again after other messages. */
static void answer_invite(struct stage *t, const struct buf *invite,
	unsigned code, const char *tag, const char *sdp)
{
	sip_scan(&t->raw.scan, buf_view(invite));
	sip_raw_reply_sdp(&t->raw, code, tag, sdp);
	sip_raw_run(t->sim, 10);
}

static void early_media_is_heard_before_the_call_is_up(void **state)
{
	struct stage t;
	struct buf invite = BUF_INIT(SIP_MSG_MAX);

	(void)state;
	begin_caller(&t);
	buf_span(&invite, buf_view(&t.raw.last));
	answer_invite(&t, &invite, 183, "b", ONE);
	speak(&t.one, t.sim, t.p.call, 0, 50);
	assert_in_range(t.p.told, 49 * 160, 50 * 160);
	/* nothing is said before somebody has picked up */
	is_sending(&t, false);
	answer_invite(&t, &invite, 200, "b", ONE);
	is_sending(&t, true);
	speak(&t.one, t.sim, t.p.call, 0, 50);
	assert_in_range(t.p.told, 98 * 160, 100 * 160);
	buf_clear(&invite);
	end(&t);
}

/* A 2xx that only points to what its own 183 said is let pass. */
static void an_answer_in_183_holds_where_the_200_has_none(void **state)
{
	struct stage t;
	struct buf invite = BUF_INIT(SIP_MSG_MAX);

	(void)state;
	begin_caller(&t);
	buf_span(&invite, buf_view(&t.raw.last));
	answer_invite(&t, &invite, 183, "b", ONE);
	answer_invite(&t, &invite, 200, "b", NULL);
	is_sending(&t, true);
	buf_clear(&invite);
	end(&t);
}

static void another_forks_183_answers_for_nobody_else(void **state)
{
	struct stage t;
	struct buf invite = BUF_INIT(SIP_MSG_MAX);

	(void)state;
	begin_caller(&t);
	buf_span(&invite, buf_view(&t.raw.last));
	answer_invite(&t, &invite, 183, "a", ONE);
	t.raw.auto_code = 200;
	answer_invite(&t, &invite, 200, "b", NULL);
	assert_int_equal(t.p.how, SIP_INVITE_FAILED);
	assert_int_equal(t.p.status, STATUS_MALFORMED);
	buf_clear(&invite);
	end(&t);
}

static void the_fork_that_answers_has_the_audio(void **state)
{
	struct stage t;
	struct buf invite = BUF_INIT(SIP_MSG_MAX);

	(void)state;
	begin_caller(&t);
	buf_span(&invite, buf_view(&t.raw.last));
	answer_invite(&t, &invite, 183, "a", ONE);
	speak(&t.one, t.sim, t.p.call, 0, 10);
	answer_invite(&t, &invite, 183, "b", TWO);
	answer_invite(&t, &invite, 200, "b", TWO);
	is_sending(&t, false);
	assert_in_range(t.two.got, 49, 52);
	unsigned told = t.p.told;
	speak(&t.two, t.sim, t.p.call, 0, 50);
	assert_in_range(t.p.told - told, 49 * 160, 50 * 160);
	told = t.p.told;
	speak(&t.one, t.sim, t.p.call, 0, 50);
	assert_int_equal(t.p.told, told);
	/* the other one picks up as well, and is told that it is too late */
	buf_reset(&t.raw.log);
	t.raw.auto_code = 200;
	answer_invite(&t, &invite, 200, "a", ONE);
	assert_non_null(strstr(buf_text(&t.raw.log), "ACK\n"));
	assert_non_null(strstr(buf_text(&t.raw.log), "BYE\n"));
	assert_span(sip_tag(sip_scan_value(&t.raw.scan, SIP_HDR_TO)), "a");
	assert_non_null(t.p.call);
	unsigned before = t.two.got;
	sip_raw_run(t.sim, 1000);
	assert_in_range(t.two.got - before, 49, 52);
	buf_clear(&invite);
	end(&t);
}

/* Who answers with several codecs may use each of them (RFC 3264 section
 * 6.1), also in turn. */
static void all_codecs_of_the_answer_are_heard(void **state)
{
	struct stage t;

	(void)state;
	begin_caller(&t);
	sip_raw_reply_sdp(&t.raw, 200, "b",
		SDP("192.0.2.9", "m=audio 4000 RTP/AVP 0 8\r\n"));
	sip_raw_run(t.sim, 10);
	speak(&t.one, t.sim, t.p.call, 0, 20);
	speak(&t.one, t.sim, t.p.call, 8, 20);
	speak(&t.one, t.sim, t.p.call, 0, 20);
	assert_in_range(t.p.told, 58 * 160, 60 * 160);
	speak(&t.one, t.sim, t.p.call, 18, 20);
	assert_in_range(t.p.told, 58 * 160, 60 * 160);
	end(&t);
}

/* ---- who is believed (RTP bleed) ---------------------------------------------------------- */

static void the_described_address_takes_over_from_whoever_was_first(
	void **state)
{
	struct stage t;

	(void)state;
	call_in(&t, TALK);
	speak(&t.two, t.sim, t.p.call, 0, 20); /* is latched onto */
	assert_in_range(t.p.told, 18 * 160, 20 * 160);
	unsigned told = t.p.told;
	speak(&t.one, t.sim, t.p.call, 0, 20); /* the one of the SDP */
	assert_in_range(t.p.told - told, 19 * 160, 20 * 160);
	told = t.p.told;
	speak(&t.two, t.sim, t.p.call, 0, 20);
	assert_int_equal(t.p.told, told);
	unsigned before = t.two.got;
	is_sending(&t, true);
	assert_int_equal(t.two.got, before);
	end(&t);
}

TEST_MAIN(cmocka_unit_test(each_bad_offer_gets_its_refusal),
	cmocka_unit_test(a_body_that_is_no_description_is_refused_with_415),
	cmocka_unit_test(all_lines_of_an_offer_are_answered),
	cmocka_unit_test(the_offers_payload_types_are_used),
	cmocka_unit_test(each_answer_that_cannot_be_read_gets_ack_and_bye),
	cmocka_unit_test(without_an_offer_ours_is_in_the_200),
	cmocka_unit_test(an_ack_without_the_answer_that_is_due_ends_the_call),
	cmocka_unit_test(
		each_way_to_hold_stops_the_audio_and_resuming_starts_it),
	cmocka_unit_test(a_reinvite_may_move_the_audio),
	cmocka_unit_test(a_reinvite_may_change_the_codec),
	cmocka_unit_test(a_reinvite_that_cannot_be_agreed_leaves_all_as_it_was),
	cmocka_unit_test(a_reinvite_without_an_offer_gets_ours),
	cmocka_unit_test(descriptions_of_one_call_have_one_origin),
	cmocka_unit_test(the_callee_may_hold_and_hang_up),
	cmocka_unit_test(early_media_is_heard_before_the_call_is_up),
	cmocka_unit_test(an_answer_in_183_holds_where_the_200_has_none),
	cmocka_unit_test(another_forks_183_answers_for_nobody_else),
	cmocka_unit_test(the_fork_that_answers_has_the_audio),
	cmocka_unit_test(all_codecs_of_the_answer_are_heard),
	cmocka_unit_test(
		the_described_address_takes_over_from_whoever_was_first))
