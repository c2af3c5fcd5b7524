/* RFC 3264: what two sides agree to, and what they refuse. */
#include "tests/common/test.h"

#include <string.h>

#include "call/offer.h"

#define HEAD                                                                   \
	"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\n"     \
	"t=0 0\r\n"

static struct call_codecs all(void)
{
	struct call_codecs c;
	call_codecs_all(&c);
	return c;
}

static struct call_local here(void)
{
	struct call_local l = { .session_id = 7,
		.session_version = 7,
		.direction = SIP_SDP_SENDRECV };
	endpoint_parse(&l.rtp, SPAN("192.0.2.9:40000"), 0, NULL);
	return l;
}

static void our_offer_is_answered_by_ourselves(void **state)
{
	(void)state;
	struct call_codecs codecs = all();
	struct call_local local = here();
	struct call_agreed theirs, ours;
	struct buf offer = BUF_INIT(SIP_SDP_MAX),
		   answer = BUF_INIT(SIP_SDP_MAX);
	struct err e;
	char text[ENDPOINT_TEXT_SIZE];
	assert_true(call_offer(&offer, &codecs, &local));
	assert_ok(call_read_offer(
			  &theirs, &codecs, AF_INET, buf_view(&offer), &e),
		&e);
	assert_string_equal(
		endpoint_format(text, &theirs.remote), "192.0.2.9:40000");
	assert_true(call_answer(&answer, &theirs, &local, buf_view(&offer)));
	assert_ok(call_read_answer(
			  &ours, &codecs, AF_INET, buf_view(&answer), &e),
		&e);
	assert_ptr_equal(ours.format, codecs.list[0]);
	assert_int_equal(ours.direction, SIP_SDP_SENDRECV);
	assert_int_equal(ours.ptime, 20);
	buf_clear(&offer);
	buf_clear(&answer);
}

static void each_row_of_an_offer_gets_its_verdict(void **state)
{
	(void)state;
	static const struct {
		const char *sdp;
		enum status status;
		const char *codec;
		enum sip_sdp_direction direction;
	} rows[] = {
		{ HEAD "m=audio 4000 RTP/AVP 8 0\r\n", STATUS_DONE, "PCMA",
			SIP_SDP_SENDRECV },
		{ HEAD "m=audio 4000 RTP/AVP 18 0\r\n", STATUS_DONE, "PCMU",
			SIP_SDP_SENDRECV },
		{ HEAD "m=video 5000 RTP/AVP 31\r\nm=audio 4000 RTP/AVP 0\r\n",
			STATUS_DONE, "PCMU", SIP_SDP_SENDRECV },
		{ HEAD "m=audio 4000 RTP/AVP 0\r\na=sendonly\r\n", STATUS_DONE,
			"PCMU", SIP_SDP_RECVONLY },
		{ HEAD "m=audio 4000 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n",
			STATUS_DONE, "PCMU", SIP_SDP_RECVONLY },
		{ HEAD "m=audio 4000 RTP/AVP 99\r\na=rtpmap:99 pcmu/8000\r\n",
			STATUS_DONE, "PCMU", SIP_SDP_SENDRECV },
		/* nothing in common */
		{ HEAD "m=audio 4000 RTP/AVP 18\r\n", STATUS_REFUSED, NULL, 0 },
		{ HEAD "m=audio 0 RTP/AVP 0\r\n", STATUS_REFUSED, NULL, 0 },
		{ HEAD "m=audio 4000 RTP/SAVP 0\r\n", STATUS_REFUSED, NULL, 0 },
		{ HEAD, STATUS_REFUSED, NULL, 0 },
		{ HEAD "m=audio 4000 RTP/AVP 0\r\nc=IN IP6 2001:db8::1\r\n",
			STATUS_REFUSED, NULL, 0 },
		{ HEAD "m=audio 4000 RTP/AVP 0\r\nc=IN IP4 a.example.org\r\n",
			STATUS_REFUSED, NULL, 0 },
		{ HEAD "m=audio 4000 RTP/AVP 99\r\na=rtpmap:99 PCMU/16000\r\n",
			STATUS_REFUSED, NULL, 0 },
		/* not to be read */
		{ "m=audio 4000 RTP/AVP 0\r\n", STATUS_MALFORMED, NULL, 0 },
		{ HEAD "m=audio 70000 RTP/AVP 0\r\n", STATUS_MALFORMED, NULL,
			0 },
	};
	struct call_codecs codecs = all();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct call_agreed a;
		struct err e = ERR_NONE;
		bool good = call_read_offer(
			&a, &codecs, AF_INET, span_of(rows[i].sdp), &e);
		if (e.status != rows[i].status)
			print_error("row %zu: %s\n", i, e.text);
		assert_int_equal(e.status, rows[i].status);
		if (!good)
			continue;
		assert_string_equal(a.format->name, rows[i].codec);
		assert_int_equal(a.direction, rows[i].direction);
	}
}

static void every_line_we_do_not_take_is_refused_in_its_place(void **state)
{
	(void)state;
	static const char offer[] = HEAD "m=video 5000 RTP/AVP 31\r\n"
					 "m=audio 4000 RTP/AVP 0\r\n"
					 "m=audio 4002 RTP/AVP 8\r\n";
	struct call_codecs codecs = all();
	struct call_local local = here();
	struct call_agreed a;
	struct buf answer = BUF_INIT(SIP_SDP_MAX);
	struct sip_sdp sdp;
	assert_true(
		call_read_offer(&a, &codecs, AF_INET, span_of(offer), NULL));
	assert_true(call_answer(&answer, &a, &local, span_of(offer)));
	assert_true(sip_sdp_parse(&sdp, buf_view(&answer), NULL));
	assert_int_equal(sdp.media_count, 3);
	assert_span(sdp.media[0].type, "video");
	assert_int_equal(sdp.media[0].port, 0);
	assert_int_equal(sdp.media[1].port, 40000);
	assert_int_equal(sdp.media[2].port, 0);
	buf_clear(&answer);
}

static void an_answer_must_fit_the_offer(void **state)
{
	(void)state;
	struct call_codecs codecs = all();
	struct call_agreed a;
	struct err e = ERR_NONE;
	assert_false(call_read_answer(&a, &codecs, AF_INET,
		SPAN(HEAD "m=audio 0 RTP/AVP 0\r\n"), &e));
	assert_int_equal(e.status, STATUS_REFUSED);
	assert_false(call_read_answer(&a, &codecs, AF_INET,
		SPAN(HEAD "m=audio 4000 RTP/AVP 0\r\nm=audio 0 RTP/AVP 0\r\n"),
		&e));
	assert_int_equal(e.status, STATUS_MALFORMED);
	/* the control */
	assert_true(call_read_answer(&a, &codecs, AF_INET,
		SPAN(HEAD "m=audio 4000 RTP/AVP 8\r\n"), &e));
	assert_string_equal(a.format->name, "PCMA");
}

static void a_list_of_codecs_is_an_order(void **state)
{
	(void)state;
	struct call_codecs c;
	struct err e = ERR_NONE;
	assert_true(call_codecs_parse(&c, SPAN("pcma, PCMU"), &e));
	assert_int_equal(c.count, 2);
	assert_string_equal(c.list[0]->name, "PCMA");
	assert_false(call_codecs_parse(&c, SPAN("PCMA,nope"), &e));
	assert_int_equal(e.status, STATUS_USAGE);
	assert_false(call_codecs_parse(&c, SPAN(""), &e));
}

TEST_MAIN(cmocka_unit_test(our_offer_is_answered_by_ourselves),
	cmocka_unit_test(each_row_of_an_offer_gets_its_verdict),
	cmocka_unit_test(every_line_we_do_not_take_is_refused_in_its_place),
	cmocka_unit_test(an_answer_must_fit_the_offer),
	cmocka_unit_test(a_list_of_codecs_is_an_order))
