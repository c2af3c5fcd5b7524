/* Messages written: requests, responses, ACK and CANCEL; nothing injected. */
#include "tests/common/test.h"

#include <string.h>

#include "base/buf.h"
#include "sip/msg.h"

static struct sip_scan m;

static struct sip_scan *scan(const char *text)
{
	if (!sip_scan(&m, span_of(text)))
		fail_msg("malformed: %s", text);
	return &m;
}

static void a_request_is_written_part_by_part(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(SIP_MSG_MAX);
	sip_msg_request_line(&b, SPAN("MESSAGE"), SPAN("sip:bob@b.example"));
	sip_msg_add(&b, SIP_HDR_VIA, SPAN("SIP/2.0/UDP h;branch=z9hG4bK1"));
	sip_msg_add_number(&b, SIP_HDR_MAX_FORWARDS, SIP_MAX_FORWARDS);
	sip_msg_addf(&b, SIP_HDR_FROM, "<sip:%s>;tag=%d", "a@a.example", 7);
	sip_msg_add_cseq(&b, 4294967295u, SPAN("MESSAGE"));
	sip_msg_add_name(&b, SPAN("X-Thing"), SPAN(""));
	assert_true(sip_msg_end(&b, SPAN("text/plain"), SPAN("hello")));
	assert_span(buf_view(&b), "MESSAGE sip:bob@b.example SIP/2.0\r\n"
				  "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
				  "Max-Forwards: 70\r\n"
				  "From: <sip:a@a.example>;tag=7\r\n"
				  "CSeq: 4294967295 MESSAGE\r\n"
				  "X-Thing: \r\n"
				  "Content-Type: text/plain\r\n"
				  "Content-Length: 5\r\n"
				  "\r\n"
				  "hello");
	buf_clear(&b);
}

static void nothing_can_be_injected(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(SIP_MSG_MAX);
	static const struct span bad[] = { { "a\r\nVia: x", 9 }, { "a\rb", 3 },
		{ "a\nb", 3 }, { "a\0b", 3 } };
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct span s = bad[i];
		buf_reset(&b);
		assert_false(sip_msg_add(&b, SIP_HDR_SUBJECT, s));
		assert_int_equal(b.len, 0);
		assert_true(b.failed);
		buf_reset(&b);
		assert_false(sip_msg_add_name(&b, s, SPAN("v")));
		buf_reset(&b);
		assert_false(sip_msg_request_line(&b, s, SPAN("sip:a@b")));
		buf_reset(&b);
		assert_false(sip_msg_request_line(&b, SPAN("BYE"), s));
		buf_reset(&b);
		assert_false(sip_msg_status_line(&b, 200, s));
		buf_reset(&b);
		assert_false(sip_msg_add_cseq(&b, 1, s));
		buf_reset(&b);
		assert_false(sip_msg_end(&b, s, SPAN("body")));
		buf_reset(&b);
		assert_false(
			sip_msg_addf(&b, SIP_HDR_SUBJECT, "%s", "a\r\nVia: x"));
	}
	buf_reset(&b);
	assert_false(sip_msg_request_line(&b, SPAN("BYE"), SPAN("sip:a b")));
	buf_reset(&b);
	assert_false(sip_msg_request_line(&b, SPAN("BYE"), SPAN("<sip:a>")));
	buf_reset(&b);
	assert_false(sip_msg_status_line(&b, 99, SPAN("x")));
	buf_reset(&b);
	assert_false(sip_msg_status_line(&b, 700, SPAN("x")));
	buf_reset(&b);
	assert_false(sip_msg_add_name(&b, SPAN("A:b"), SPAN("x")));
	/* One failure is remembered to the end. */
	buf_reset(&b);
	sip_msg_status_line(&b, 200, SPAN_EMPTY);
	sip_msg_add(&b, SIP_HDR_SUBJECT, bad[0]);
	assert_false(sip_msg_end(&b, SPAN_EMPTY, SPAN_EMPTY));
	buf_clear(&b);
}

static void a_message_over_its_maximum_is_none(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(40);
	sip_msg_status_line(&b, 200, SPAN_EMPTY);
	assert_false(sip_msg_end(
		&b, SPAN("text/plain"), SPAN("a body too long for it")));
	buf_clear(&b);
}

#define INVITE                                                                 \
	"INVITE sip:bob@b.example SIP/2.0\r\n"                                 \
	"v: SIP/2.0/UDP a.example ; branch = z9hG4bK1;rport;x, "               \
	"SIP/2.0/TCP p;branch=z9hG4bK0\r\n"                                    \
	"Via: SIP/2.0/UDP q\r\n"                                               \
	"f: Alice <sip:a@a.example>\r\n ;tag=77\r\n"                           \
	"TO:<sip:bob@b.example>;x=y\r\n"                                       \
	"i: c1@a.example\r\n"                                                  \
	"CSeq: 012 INVITE\r\n"                                                 \
	"Timestamp: 54\r\n"                                                    \
	"Route: <sip:p1;lr>\r\n"                                               \
	"Route: <sip:p2;lr>, <sip:p3;lr>\r\n"                                  \
	"Record-Route: <sip:r;lr>\r\n"                                         \
	"l: 2\r\n\r\nv="

static void a_response_has_the_fields_of_its_request(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(SIP_MSG_MAX);
	const struct sip_msg_response r = { .code = 180,
		.to_tag = SPAN("88"),
		.received = SPAN("192.0.2.9"),
		.rport = 5099 };
	assert_true(sip_msg_respond(&b, scan(INVITE), &r));
	assert_true(sip_msg_copy(&b, &m, SIP_HDR_RECORD_ROUTE));
	assert_true(sip_msg_end(&b, SPAN_EMPTY, SPAN_EMPTY));
	assert_span(buf_view(&b),
		"SIP/2.0 180 Ringing\r\n"
		"v: SIP/2.0/UDP a.example ; branch = z9hG4bK1;rport=5099;x"
		";received=192.0.2.9, SIP/2.0/TCP p;branch=z9hG4bK0\r\n"
		"Via: SIP/2.0/UDP q\r\n"
		"f: Alice <sip:a@a.example>\r\n ;tag=77\r\n"
		"TO:<sip:bob@b.example>;x=y;tag=88\r\n"
		"i: c1@a.example\r\n"
		"CSeq: 012 INVITE\r\n"
		"Record-Route: <sip:r;lr>\r\n"
		"Content-Length: 0\r\n\r\n");
	buf_clear(&b);
}

static void a_trying_has_a_timestamp_and_no_tag(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(SIP_MSG_MAX);
	const struct sip_msg_response r = { .code = 100, .to_tag = SPAN("8") };
	assert_true(sip_msg_respond(&b, scan(INVITE), &r));
	assert_true(span_find_span(buf_view(&b),
			    SPAN("TO:<sip:bob@b.example>;x=y\r\n"), 0) < b.len);
	assert_true(span_ends(buf_view(&b), "Timestamp: 54\r\n"));
	/* Without news from the transport the Via is as it was. */
	assert_true(span_find_span(buf_view(&b),
			    SPAN("v: SIP/2.0/UDP a.example ; branch = "
				 "z9hG4bK1;rport;x, SIP/2.0/TCP p;"
				 "branch=z9hG4bK0\r\n"),
			    0) < b.len);
	buf_clear(&b);
}

static void a_tag_that_is_there_is_kept(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(SIP_MSG_MAX);
	const struct sip_msg_response r = { .code = 200, .to_tag = SPAN("8") };
	assert_true(sip_msg_respond(&b,
		scan("BYE sip:a SIP/2.0\r\nTo: <sip:b>;TAG=9\r\n\r\n"), &r));
	assert_span(buf_view(&b), "SIP/2.0 200 OK\r\nTo: <sip:b>;TAG=9\r\n");
	buf_clear(&b);
}

static void what_a_via_said_of_its_address_is_replaced(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(SIP_MSG_MAX);
	const struct sip_msg_response r = {
		.code = 200, .received = SPAN("fe80::1%eth0"), .rport = 1
	};
	assert_true(sip_msg_respond(&b,
		scan("BYE sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h"
		     ";received=1.2.3.4;rport=2;branch=z9hG4bK1\r\n\r\n"),
		&r));
	assert_span(buf_view(&b), "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;rport=1"
				  ";branch=z9hG4bK1;received=fe80::1\r\n");
	buf_clear(&b);
}

static void malformed_fields_go_back_as_they_came_and_stay_fields(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(SIP_MSG_MAX);
	static struct sip_scan reply;
	const struct sip_msg_response r = {
		.code = 400, .to_tag = SPAN("8"), .received = SPAN("192.0.2.9")
	};
	sip_scan(&m, SPAN("BYE sip:a SIP/2.0\r\nVia: ;;,\r\nTo: \"a <sip:b>\r\n"
			  "From: a\rEvil: x\r\nCall-ID: b\n c\r\n\r\n"));
	assert_true(sip_msg_respond(&b, &m, &r));
	assert_true(sip_msg_end(&b, SPAN_EMPTY, SPAN_EMPTY));
	assert_span(buf_view(&b),
		"SIP/2.0 400 Bad Request\r\nVia: ;;,\r\nFrom: a Evil: x\r\n"
		"To: \"a <sip:b>\r\nCall-ID: b  c\r\n"
		"Content-Length: 0\r\n\r\n");
	assert_true(sip_scan(&reply, buf_view(&b)));
	buf_clear(&b);
}

static void an_ack_follows_its_invite(void **state)
{
	(void)state;
	static struct sip_scan response;
	struct buf b = BUF_INIT(SIP_MSG_MAX);
	assert_true(sip_scan(&response,
		SPAN("SIP/2.0 486 Busy Here\r\nVia: SIP/2.0/UDP a.example\r\n"
		     "To: <sip:bob@b.example>;tag=99\r\nFrom: x\r\n\r\n")));
	assert_true(sip_msg_ack(&b, scan(INVITE), &response));
	assert_span(buf_view(&b),
		"ACK sip:bob@b.example SIP/2.0\r\n"
		"Via: SIP/2.0/UDP a.example ; branch = z9hG4bK1;rport;x\r\n"
		"Route: <sip:p1;lr>\r\n"
		"Route: <sip:p2;lr>, <sip:p3;lr>\r\n"
		"Max-Forwards: 70\r\n"
		"f: Alice <sip:a@a.example>\r\n ;tag=77\r\n"
		"To: <sip:bob@b.example>;tag=99\r\n"
		"i: c1@a.example\r\n"
		"CSeq: 12 ACK\r\n"
		"Content-Length: 0\r\n\r\n");
	buf_clear(&b);
}

static void a_cancel_follows_its_request(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(SIP_MSG_MAX);
	assert_true(sip_msg_cancel(&b, scan(INVITE)));
	assert_span(buf_view(&b),
		"CANCEL sip:bob@b.example SIP/2.0\r\n"
		"Via: SIP/2.0/UDP a.example ; branch = z9hG4bK1;rport;x\r\n"
		"Route: <sip:p1;lr>\r\n"
		"Route: <sip:p2;lr>, <sip:p3;lr>\r\n"
		"Max-Forwards: 70\r\n"
		"f: Alice <sip:a@a.example>\r\n ;tag=77\r\n"
		"TO:<sip:bob@b.example>;x=y\r\n"
		"i: c1@a.example\r\n"
		"CSeq: 12 CANCEL\r\n"
		"Content-Length: 0\r\n\r\n");
	buf_reset(&b);
	assert_false(sip_msg_cancel(&b, scan("BYE sip:a SIP/2.0\r\n\r\n")));
	buf_clear(&b);
}

static void a_via_is_pushed_or_replaced_and_nothing_else(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(SIP_MSG_MAX);
	const char *rest = strstr(INVITE, "v: SIP");
	assert_true(sip_msg_push_via(&b, scan(INVITE), SPAN("NEW")));
	assert_true(span_starts(buf_view(&b),
		"INVITE sip:bob@b.example SIP/2.0\r\nVia: NEW\r\nv: SIP"));
	assert_true(span_ends(buf_view(&b), rest));
	buf_reset(&b);
	assert_true(sip_msg_replace_via(&b, scan(INVITE), SPAN("NEW")));
	assert_true(span_starts(buf_view(&b),
		"INVITE sip:bob@b.example SIP/2.0\r\n"
		"v: NEW, SIP/2.0/TCP p;branch=z9hG4bK0\r\nVia: "));
	assert_true(span_ends(buf_view(&b), strstr(INVITE, "Via: ")));
	buf_reset(&b);
	assert_false(sip_msg_replace_via(&b, scan(INVITE), SPAN("a\r\nb")));
	buf_reset(&b);
	assert_false(sip_msg_push_via(&b, scan(INVITE), SPAN("a\r\nb")));
	buf_reset(&b);
	assert_false(sip_msg_push_via(
		&b, scan("BYE sip:a SIP/2.0\r\n\r\n"), SPAN("NEW")));
	const struct sip_msg_response bad[] = {
		{ .code = 200, .to_tag = SPAN("a b") },
		{ .code = 200, .received = SPAN("a;b") },
	};
	for (int i = 0; i < 2; i++) {
		buf_reset(&b);
		assert_false(sip_msg_respond(&b, scan(INVITE), &bad[i]));
	}
	buf_clear(&b);
}

TEST_MAIN(cmocka_unit_test(a_request_is_written_part_by_part),
	cmocka_unit_test(nothing_can_be_injected),
	cmocka_unit_test(a_message_over_its_maximum_is_none),
	cmocka_unit_test(a_response_has_the_fields_of_its_request),
	cmocka_unit_test(a_trying_has_a_timestamp_and_no_tag),
	cmocka_unit_test(a_tag_that_is_there_is_kept),
	cmocka_unit_test(what_a_via_said_of_its_address_is_replaced),
	cmocka_unit_test(malformed_fields_go_back_as_they_came_and_stay_fields),
	cmocka_unit_test(an_ack_follows_its_invite),
	cmocka_unit_test(a_cancel_follows_its_request),
	cmocka_unit_test(a_via_is_pushed_or_replaced_and_nothing_else))
