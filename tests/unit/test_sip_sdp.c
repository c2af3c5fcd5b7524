/* Session descriptions: read, asked, written. */
#include "tests/common/test.h"

#include <string.h>

#include "base/buf.h"
#include "base/rand.h"
#include "sip/sdp.h"

static struct sip_sdp sdp;

static void parse(const char *text)
{
	struct err e = ERR_NONE;
	if (!sip_sdp_parse(&sdp, span_of(text), &e))
		fail_msg("%s: %s", e.text, text);
}

#define START "v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\n"
#define C4 "c=IN IP4 192.0.2.1\r\n"
#define T0 "t=0 0\r\n"

static void a_description_is_taken_apart(void **state)
{
	(void)state;
	parse("v=0\r\n"
	      "o=jdoe 2890844526 2890842807 IN IP4 198.51.100.1\r\n"
	      "s=SDP Seminar\r\n"
	      "i=A Seminar\r\n"
	      "u=http://www.example.com/seminars/sdp.pdf\r\n"
	      "e=j.doe@example.com (Jane Doe)\r\n"
	      "c=IN IP4 198.51.100.1/127\r\n"
	      "b=AS:512\r\n"
	      "b=X-YZ:128\r\n"
	      "t=2873397496 2873404696\r\n"
	      "a=recvonly\r\n"
	      "a=tool:x y:z\r\n"
	      "m=audio 49170 RTP/AVP 0 101\r\n"
	      "i=music\r\n"
	      "a=rtpmap:101 telephone-event/8000\r\n"
	      "a=fmtp:101 0-15\r\n"
	      "a=ptime:30\r\n"
	      "a=sendonly\r\n"
	      "m=video 51372/2 RTP/AVP 99\r\n"
	      "c=IN IP6 2001:db8::1\r\n"
	      "b=AS:64\r\n"
	      "a=rtpmap:99 h263-1998/90000\r\n"
	      "a=rtcp:53020 IN IP4 198.51.100.9\r\n");
	assert_span(sdp.origin.user, "jdoe");
	assert_span(sdp.origin.session_version, "2890842807");
	assert_span(sdp.origin.address.host, "198.51.100.1");
	assert_span(sdp.session_name, "SDP Seminar");
	assert_span(sdp.address.host, "198.51.100.1");
	assert_int_equal(sdp.bandwidth_as, 512);
	assert_int_equal(sdp.media_count, 2);
	assert_int_equal(sdp.session_attribute_count, 2);
	assert_span(sip_sdp_find(&sdp, NULL, "tool", 0)->value, "x y:z");
	assert_null(sip_sdp_find(&sdp, NULL, "tool", 1));

	const struct sip_sdp_media *audio = &sdp.media[0];
	assert_span(audio->type, "audio");
	assert_int_equal(audio->port, 49170);
	assert_int_equal(audio->ports, 1);
	assert_span(audio->protocol, "RTP/AVP");
	assert_span(audio->title, "music");
	assert_int_equal(sip_sdp_media_ptime(&sdp, audio), 30);
	assert_int_equal(sip_sdp_media_rtcp_port(&sdp, audio), 49171);
	assert_int_equal(
		sip_sdp_media_direction(&sdp, audio), SIP_SDP_SENDONLY);
	assert_span(sip_sdp_media_address(&sdp, audio).host, "198.51.100.1");
	struct span formats = audio->formats, format;
	assert_true(sip_sdp_format_next(&formats, &format));
	assert_span(format, "0");
	assert_true(sip_sdp_format_next(&formats, &format));
	assert_span(format, "101");
	assert_false(sip_sdp_format_next(&formats, &format));

	const struct sip_sdp_media *video = &sdp.media[1];
	assert_int_equal(video->ports, 2);
	assert_int_equal(video->bandwidth_as, 64);
	assert_true(sip_sdp_media_address(&sdp, video).is_ipv6);
	assert_int_equal(sip_sdp_media_ptime(&sdp, video), 0);
	assert_int_equal(sip_sdp_media_rtcp_port(&sdp, video), 53020);
	assert_int_equal(
		sip_sdp_media_direction(&sdp, video), SIP_SDP_RECVONLY);
	assert_null(sip_sdp_find(&sdp, video, "fmtp", 0));
}

static void codecs_come_from_rtpmap_or_the_static_table(void **state)
{
	(void)state;
	struct sip_sdp_codec c;
	parse(START C4 T0 "m=audio 4000 RTP/AVP 0 9 10 96 97 98 99 8 t 127\r\n"
			  "a=rtpmap:96 opus/48000/2\r\n"
			  "a=fmtp:96 useinbandfec=1; stereo=0\r\n"
			  "a=rtpmap:97 L16/0\r\n"
			  "a=rtpmap:98 noclock\r\n"
			  "a=rtpmap:8 OTHER/16000\r\n"
			  "a=rtpmap:100 G729/8000\r\n");
	const struct sip_sdp_media *media = &sdp.media[0];
	assert_true(sip_sdp_codec(&sdp, media, SPAN("0"), &c));
	assert_span(c.encoding, "PCMU");
	assert_int_equal(c.clock_rate, 8000);
	assert_int_equal(c.channels, 1);
	assert_span(c.fmtp, "");
	assert_true(sip_sdp_codec(&sdp, media, SPAN("10"), &c));
	assert_int_equal(c.channels, 2);
	assert_true(sip_sdp_codec(&sdp, media, SPAN("96"), &c));
	assert_int_equal(c.payload_type, 96);
	assert_span(c.encoding, "opus");
	assert_int_equal(c.clock_rate, 48000);
	assert_int_equal(c.channels, 2);
	assert_span(c.fmtp, "useinbandfec=1; stereo=0");
	assert_true(sip_sdp_codec(&sdp, media, SPAN("8"), &c));
	assert_span(c.encoding, "OTHER"); /* an rtpmap comes first */
	static const char *const none[] = { "97", "98", "99", "100", "t", "127",
		"128", "" };
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		if (sip_sdp_codec(&sdp, media, span_of(none[i]), &c))
			fail_msg("format %s is a codec", none[i]);
}

static void line_ends_and_missing_lines_are_forgiven(void **state)
{
	(void)state;
	parse("v=0\no=- 0 0 IN IP4 h.example\nc=IN IP4 h.example\n"
	      "m=audio 49217 RTP/AVP 0");
	parse(START C4 T0 "m=audio 1 RTP/AVP 0\r\n\r\n\n");
	parse("v=0\r\no=mhandley 29739 7272939 IN IP4 192.0.2.1\r\n"
	      "c=IN IP4 192.0.2.1\r\nm=audio 49217 RTP/AVP 0 12\r\n"
	      "m=video 3227 RTP/AVP 31\r\na=rtpmap:31 LPC\r\n");
	parse("v=0\r\no=bob 280744730 28977631 IN IP4 host.example.com\r\n"
	      "s=\r\nt=0 0\r\nm=audio 22334 RTP/AVP 0\r\nc=IN IP4 192.0.2.1"
	      "\r\nm=video 6024 RTP/AVP 107\r\nc=IN IP6 2001:db8::1\r\n"
	      "a=rtpmap:107 H263-1998/90000\r\n");
	parse("v=0\r\no=a 1 0 IN IP6 ::ffff:192.0.2.2\r\ns=x\r\n"
	      "c=IN IP6 ::ffff:192.0.2.2\r\nt=1 2\r\n"
	      "m=unheard-of 6000 NEW/PROTO * x/y\r\n");
	parse(START T0 "m=audio 0 RTP/AVP 0\r\n"); /* refused: no address */
}

static void malformed_descriptions_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"v=0",
		"v=1\r\no=- 1 2 IN IP4 h\r\n",
		"o=- 1 2 IN IP4 h\r\nv=0\r\n",
		" v=0\r\no=- 1 2 IN IP4 h\r\n",
		"v=0\r\no=- 1 2 IN IP4\r\n",
		"v=0\r\no=- x 2 IN IP4 h\r\n",
		"v=0\r\no=- 1 2 XX IP4 h\r\n",
		"v=0\r\no=- 1 2 IN IP5 h\r\n",
		"v=0\r\no=- 1 2 IN IP4 h more\r\n",
		"v=0\r\no=- 1 2 IN IP4 1.2.3\r\n",
		"v=0\r\no=- 1 -2 IN IP4 h\r\n",
		START "x=unknown letter\r\n",
		START "m\r\n",
		START "m =audio 1 RTP/AVP 0\r\n",
		START "c=IN IP4 [::1]\r\n",
		START "c=IN IP6 1.2.3.4.5\r\n",
		START C4 "m=audio 49217 RTP/AVP\r\n",
		START C4 "m=audio 49217 RTP/AVP\n",
		START C4 "m=audio 65536 RTP/AVP 0\r\n",
		START C4 "m=audio -1 RTP/AVP 0\r\n",
		START C4 "m=audio 1/0 RTP/AVP 0\r\n",
		START C4 "m=audio 1/ RTP/AVP 0\r\n",
		START C4 "m=audio x RTP/AVP 0\r\n",
		START C4 "m=au(dio 1 RTP/AVP 0\r\n",
		START C4 "m=\r\n",
		START C4 "m=audio 1 RTP/AVP 0\r\nt=0 0\r\n",
		START T0 "m=audio 1 RTP/AVP 0\r\n",
		START "a=\r\n",
		START "a=:x\r\n",
		START "\r\n" C4,
		START "a=x\ry\r\n",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct err e = ERR_NONE;
		if (sip_sdp_parse(&sdp, span_of(bad[i]), &e))
			fail_msg("taken as a description: %s", bad[i]);
		assert_int_equal(e.status, STATUS_MALFORMED);
	}
	assert_false(sip_sdp_parse(&sdp, SPAN(START "a=x\0y\r\n"), NULL));
	assert_false(sip_sdp_parse(&sdp, SPAN(START "\0=y\r\n"), NULL));
}

static bool parses_with(const char *line, unsigned count)
{
	struct buf b = BUF_INIT(1 << 20);
	buf_str(&b, START C4 T0 "m=audio 1 RTP/AVP 0\r\n");
	for (unsigned i = 0; i < count; i++)
		buf_str(&b, line);
	bool ok = sip_sdp_parse(&sdp, buf_view(&b), NULL);
	buf_clear(&b);
	return ok;
}

static void everything_is_bounded(void **state)
{
	(void)state;
	assert_true(parses_with("m=a 1 b c\r\n", SIP_SDP_MEDIA_MAX - 1));
	assert_false(parses_with("m=a 1 b c\r\n", SIP_SDP_MEDIA_MAX));
	assert_true(parses_with("a=x\r\n", SIP_SDP_ATTRIBUTES_MAX));
	assert_int_equal(sdp.media[0].attribute_count, SIP_SDP_ATTRIBUTES_MAX);
	assert_false(parses_with("a=x\r\n", SIP_SDP_ATTRIBUTES_MAX + 1));
	assert_false(parses_with("i=0123456789\r\n", SIP_SDP_MAX / 14));
	struct buf b = BUF_INIT(10000);
	buf_str(&b, START C4 "m=audio 1 RTP/AVP");
	for (int i = 0; i < SIP_SDP_FORMATS_MAX; i++)
		buf_printf(&b, " %d", i);
	assert_true(sip_sdp_parse(&sdp, buf_view(&b), NULL));
	buf_str(&b, " 64");
	assert_false(sip_sdp_parse(&sdp, buf_view(&b), NULL));
	buf_clear(&b);
}

static void directions_reverse_and_have_names(void **state)
{
	(void)state;
	assert_int_equal(
		sip_sdp_direction_reverse(SIP_SDP_SENDONLY), SIP_SDP_RECVONLY);
	assert_int_equal(
		sip_sdp_direction_reverse(SIP_SDP_RECVONLY), SIP_SDP_SENDONLY);
	assert_int_equal(
		sip_sdp_direction_reverse(SIP_SDP_SENDRECV), SIP_SDP_SENDRECV);
	assert_int_equal(
		sip_sdp_direction_reverse(SIP_SDP_INACTIVE), SIP_SDP_INACTIVE);
	assert_string_equal(
		sip_sdp_direction_name(SIP_SDP_INACTIVE), "inactive");
	parse(START C4 T0 "m=audio 1 RTP/AVP 0\r\na=rtcp-mux\r\n");
	assert_int_equal(
		sip_sdp_media_direction(&sdp, &sdp.media[0]), SIP_SDP_SENDRECV);
	assert_int_equal(sip_sdp_media_rtcp_port(&sdp, &sdp.media[0]), 0);
}

static void what_is_written_reads_the_same(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(SIP_SDP_MAX);
	const struct sip_sdp_session session = { .session_id = 7,
		.session_version = 8,
		.host = SPAN("2001:db8::1"),
		.is_ipv6 = true };
	const struct sip_sdp_codec opus = { 96, SPAN("opus"), 48000, 2,
		SPAN("useinbandfec=1") };
	const struct sip_sdp_codec pcmu = { 0, SPAN("PCMU"), 8000, 1,
		SPAN_EMPTY };
	sip_sdp_add_session(&b, &session);
	sip_sdp_add_attribute(&b, "tool", SPAN("samtal"));
	sip_sdp_add_media(&b, "audio", 4000, "RTP/AVP", SPAN("0 96"));
	sip_sdp_add_connection(&b, SPAN("192.0.2.1"), false);
	sip_sdp_add_codec(&b, &pcmu);
	sip_sdp_add_codec(&b, &opus);
	assert_true(sip_sdp_add_direction(&b, SIP_SDP_RECVONLY));
	assert_span(buf_view(&b),
		"v=0\r\no=- 7 8 IN IP6 2001:db8::1\r\ns=-\r\n"
		"c=IN IP6 2001:db8::1\r\nt=0 0\r\na=tool:samtal\r\n"
		"m=audio 4000 RTP/AVP 0 96\r\nc=IN IP4 192.0.2.1\r\n"
		"a=rtpmap:0 PCMU/8000\r\na=rtpmap:96 opus/48000/2\r\n"
		"a=fmtp:96 useinbandfec=1\r\na=recvonly\r\n");
	assert_true(sip_sdp_parse(&sdp, buf_view(&b), NULL));
	assert_int_equal(sdp.media[0].attribute_count, 4);
	struct buf answer = BUF_INIT(1000);
	assert_true(sip_sdp_add_refusal(&answer, &sdp.media[0]));
	assert_span(buf_view(&answer), "m=audio 0 RTP/AVP 0 96\r\n");
	buf_clear(&answer);
	buf_clear(&b);
}

static void nothing_is_injected_into_a_description(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(1000);
	const struct sip_sdp_session sessions[] = {
		{ .user = SPAN("a b"), .host = SPAN("h") },
		{ .name = SPAN("a\r\nm=x"), .host = SPAN("h") },
		{ .host = SPAN("h i") },
		{ .host = SPAN("") },
		{ .host = SPAN("1.2.3.4"), .is_ipv6 = true },
	};
	for (size_t i = 0; i < sizeof(sessions) / sizeof(*sessions); i++) {
		buf_reset(&b);
		assert_false(sip_sdp_add_session(&b, &sessions[i]));
	}
	buf_reset(&b);
	assert_false(sip_sdp_add_attribute(&b, "a", SPAN("b\nc")));
	buf_reset(&b);
	assert_false(sip_sdp_add_attribute(&b, "a:b", SPAN("c")));
	buf_reset(&b);
	assert_false(sip_sdp_add_media(&b, "audio", 1, "A B", SPAN("0")));
	buf_reset(&b);
	assert_false(sip_sdp_add_media(&b, "audio", 1, "A", SPAN("")));
	buf_reset(&b);
	const struct sip_sdp_codec codec = { 128, SPAN("x"), 1, 1, SPAN_EMPTY };
	assert_false(sip_sdp_add_codec(&b, &codec));
	buf_clear(&b);
}

static void nothing_points_outside_of_the_text(void **state)
{
	(void)state;
	static const char text[] = START C4 T0 "a=x:y\r\n"
					       "m=audio 49217/2 RTP/AVP 0 8\r\n"
					       "a=rtpmap:8 PCMA/8000\r\n";
	char copy[sizeof(text)];
	rand_simulate(2);
	for (unsigned round = 0; round < 20000; round++) {
		size_t n = rand_below(sizeof(text));
		memcpy(copy, text, sizeof(text));
		copy[rand_below(sizeof(text))] = (char)rand_below(256);
		if (!sip_sdp_parse(&sdp, span_from(copy, n), NULL))
			continue;
		for (unsigned i = 0; i < sdp.attribute_count; i++) {
			struct span s = sdp.attributes[i].value;
			assert_true(s.n == 0 ||
				    (s.p >= copy && s.p + s.n <= copy + n));
		}
	}
}

TEST_MAIN(cmocka_unit_test(a_description_is_taken_apart),
	cmocka_unit_test(codecs_come_from_rtpmap_or_the_static_table),
	cmocka_unit_test(line_ends_and_missing_lines_are_forgiven),
	cmocka_unit_test(malformed_descriptions_are_refused),
	cmocka_unit_test(everything_is_bounded),
	cmocka_unit_test(directions_reverse_and_have_names),
	cmocka_unit_test(what_is_written_reads_the_same),
	cmocka_unit_test(nothing_is_injected_into_a_description),
	cmocka_unit_test(nothing_points_outside_of_the_text))
