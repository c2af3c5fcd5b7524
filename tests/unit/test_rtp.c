/* RTP headers, and what arrived of a source. */
#include "tests/common/test.h"

#include <string.h>

#include "media/codec.h"
#include "media/rtp.h"
#include "media/stats.h"

#define HEAD "\x80\x00\x12\x34\x00\x00\x00\xa0\xde\xad\xbe\xef"

static void a_plain_packet_is_its_header_and_payload(void **state)
{
	(void)state;
	struct rtp r;
	struct err e = ERR_NONE;
	assert_ok(rtp_parse(&r,
			  SPAN("\x80\x88\x12\x34\x00\x00\x00\xa0"
			       "\xde\xad\xbe\xef"
			       "hello"),
			  &e),
		&e);
	assert_int_equal(r.payload_type, 8);
	assert_true(r.marker);
	assert_int_equal(r.sequence, 0x1234);
	assert_int_equal(r.timestamp, 160);
	assert_int_equal(r.ssrc, 0xdeadbeef);
	assert_span(r.payload, "hello");
}

static void csrcs_extension_and_padding_are_cut_off(void **state)
{
	(void)state;
	struct rtp r;
	struct err e = ERR_NONE;
	struct span packet = SPAN("\xb2\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00"
				  "\x03"
				  "\x00\x00\x00\x04\x00\x00\x00\x05"
				  "\xbe\xde\x00\x01wxyz"
				  "pay\x00\x00\x03");
	assert_ok(rtp_parse(&r, packet, &e), &e);
	assert_int_equal(r.csrc_count, 2);
	assert_int_equal(r.csrc[1], 5);
	assert_int_equal(r.extension_profile, 0xbede);
	assert_span(r.extension, "wxyz");
	assert_span(r.payload, "pay");
	assert_int_equal(r.padding, 3);

	struct buf out = BUF_INIT(100);
	assert_true(rtp_format(&out, &r));
	assert_true(span_equal(buf_view(&out), packet));
	buf_clear(&out);
}

/* hazards.md section 3: an RTP header shorter than it says. */
static void no_length_of_a_packet_is_believed(void **state)
{
	(void)state;
	static const struct {
		struct span packet;
		const char *why;
	} bad[] = {
		{ { "", 0 }, "empty" },
		{ { HEAD, 11 }, "shorter than a header" },
		{ SPAN("\x40" HEAD), "version 1" },
		{ SPAN("\x80\xc8\x00\x06\x00\x00\x00\x01\x00\x00\x00\x02"),
			"an RTCP sender report" },
		{ SPAN("\x8f\x00\x12\x34\x00\x00\x00\xa0\xde\xad\xbe\xef"
		       "1234"),
			"15 CSRCs, room for one" },
		{ SPAN("\x90\x00\x12\x34\x00\x00\x00\xa0\xde\xad\xbe\xef"
		       "\x00\x00\x00"),
			"extension without its length" },
		{ SPAN("\x90\x00\x12\x34\x00\x00\x00\xa0\xde\xad\xbe\xef"
		       "\x00\x00\xff\xff"
		       "1234"),
			"extension of 65535 words" },
		{ SPAN("\xa0\x00\x12\x34\x00\x00\x00\xa0\xde\xad\xbe\xef"),
			"padding without its octet" },
		{ SPAN("\xa0\x00\x12\x34\x00\x00\x00\xa0\xde\xad\xbe\xef"
		       "a\x00"),
			"padding of 0" },
		{ SPAN("\xa0\x00\x12\x34\x00\x00\x00\xa0\xde\xad\xbe\xef"
		       "a\x03"),
			"padding longer than the payload" },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct rtp r;
		struct err e = ERR_NONE;
		if (rtp_parse(&r, bad[i].packet, &e))
			fail_msg("accepted: %s", bad[i].why);
		assert_int_equal(e.status, STATUS_MALFORMED);
	}
}

/* ---- sources ---- */

static struct rtp_stats source(uint16_t first)
{
	struct rtp_stats s;
	stats_init(&s, first);
	assert_int_equal(stats_count(&s, first), STATS_INVALID);
	assert_int_equal(
		stats_count(&s, (uint16_t)(first + 1)), STATS_IN_ORDER);
	return s;
}

static void one_packet_does_not_make_a_source(void **state)
{
	(void)state;
	struct rtp_stats s;
	stats_init(&s, 100);
	assert_int_equal(stats_count(&s, 100), STATS_INVALID);
	assert_int_equal(stats_count(&s, 500), STATS_INVALID);
	assert_int_equal(stats_count(&s, 501), STATS_IN_ORDER);
	assert_int_equal(stats_expected(&s), 1);
}

static void numbers_go_on_over_the_wrap(void **state)
{
	(void)state;
	struct rtp_stats s = source(65533);
	for (unsigned i = 65535; i < 65536 + 10; i++)
		assert_int_equal(stats_count(&s, (uint16_t)i), STATS_IN_ORDER);
	assert_int_equal(stats_extended_max(&s), 65536 + 9);
	assert_int_equal(stats_expected(&s), 12);
	assert_int_equal(stats_lost(&s), 0);
}

static void lost_late_and_duplicated_are_told_apart(void **state)
{
	(void)state;
	struct rtp_stats s = source(1);
	assert_int_equal(stats_count(&s, 3), STATS_IN_ORDER);
	assert_int_equal(stats_count(&s, 3), STATS_DUPLICATE);
	assert_int_equal(stats_count(&s, 6), STATS_IN_ORDER); /* 4, 5 gone */
	assert_int_equal(stats_count(&s, 4), STATS_LATE);
	assert_int_equal(stats_count(&s, 4), STATS_DUPLICATE);
	assert_int_equal(stats_expected(&s), 5);
	assert_int_equal(stats_missing(&s), 1);
	assert_int_equal(stats_lost(&s), -1); /* RFC 3550: by the duplicates */
	assert_int_equal(s.duplicated, 2);
	assert_int_equal(s.late, 1);
}

static void a_far_jump_is_a_restart_only_when_it_goes_on(void **state)
{
	(void)state;
	struct rtp_stats s = source(1);
	assert_int_equal(stats_count(&s, 30000), STATS_INVALID);
	assert_int_equal(stats_count(&s, 3), STATS_IN_ORDER);
	assert_int_equal(stats_count(&s, 40000), STATS_INVALID);
	assert_int_equal(stats_count(&s, 40001), STATS_RESTART);
	assert_int_equal(stats_expected(&s), 1);
}

static void the_fraction_lost_is_of_the_last_interval(void **state)
{
	(void)state;
	struct rtp_stats s = source(0);
	for (uint16_t i = 2; i < 100; i++)
		stats_count(&s, i);
	assert_int_equal(stats_fraction_lost(&s), 0);
	for (uint16_t i = 100; i < 200; i += 2)
		stats_count(&s, (uint16_t)(i + 1));
	assert_int_equal(stats_fraction_lost(&s), 128);
	assert_int_equal(stats_cumulative_lost(&s), 50);
	assert_int_equal(stats_fraction_lost(&s), 0);
}

/* Every other packet 10 ms late: |D| is 10 ms always, and so is J at last. */
static void jitter_follows_appendix_a8(void **state)
{
	(void)state;
	struct rtp_stats s = source(0);
	double want = 0;
	for (int i = 0; i < 400; i++) {
		usec_t arrival = 1763800000 * USEC_SEC + i * 20 * USEC_MS +
				 (i % 2) * 10 * USEC_MS;
		stats_arrival(&s, (uint32_t)i * 160, arrival, 8000);
		if (i > 0)
			want += (80 - want) / 16;
		int off = (int)stats_jitter(&s) - (int)want;
		if (off < -1 || off > 1)
			fail_msg("packet %d: expected %.1f, got %u", i, want,
				stats_jitter(&s));
	}
	assert_in_range(stats_jitter_time(&s, 8000), 9900, 10000);
}

/* ---- codecs ---- */

static void static_payload_types_are_those_of_rfc_3551(void **state)
{
	(void)state;
	assert_string_equal(codec_format_find_static(0)->name, "PCMU");
	assert_string_equal(codec_format_find_static(8)->name, "PCMA");
	assert_null(codec_format_find_static(96));
	assert_ptr_equal(codec_format_find(SPAN("pcma"), 8000, 1),
		codec_format_find_static(8));
	assert_null(codec_format_find(SPAN("PCMA"), 16000, 1));
}

/* G.711's own accuracy: an error of at most half a step of its segment. */
static void g711_keeps_every_sample_within_a_step(void **state)
{
	(void)state;
	for (size_t f = 0; codec_format_at(f); f++) {
		struct codec *c = codec_new(codec_format_at(f));
		struct buf out = BUF_INIT(1);
		for (int in = -32768; in <= 32767; in++) {
			int16_t sample = (int16_t)in, back;
			assert_true(codec_encode(c, &out, &sample, 1));
			assert_int_equal(
				codec_decode(c, buf_view(&out), &back, 1), 1);
			int error = back > in ? back - in : in - back;
			int step = (in < 0 ? -in : in) / 16 + 16;
			if (error > step)
				fail_msg("%s: %d became %d",
					codec_format_of(c)->name, in, back);
			buf_reset(&out);
		}
		buf_clear(&out);
		codec_free(c);
	}
}

static void silence_has_the_octets_of_g711(void **state)
{
	(void)state;
	assert_int_equal(codec_ulaw_sample(0xff), 0);
	assert_int_equal(codec_alaw_sample(0xd5), 8);
	assert_int_equal(codec_ulaw_sample(0x00), -32124);
	assert_int_equal(codec_alaw_sample(0x2a), -32256);
}

TEST_MAIN(cmocka_unit_test(a_plain_packet_is_its_header_and_payload),
	cmocka_unit_test(csrcs_extension_and_padding_are_cut_off),
	cmocka_unit_test(no_length_of_a_packet_is_believed),
	cmocka_unit_test(one_packet_does_not_make_a_source),
	cmocka_unit_test(numbers_go_on_over_the_wrap),
	cmocka_unit_test(lost_late_and_duplicated_are_told_apart),
	cmocka_unit_test(a_far_jump_is_a_restart_only_when_it_goes_on),
	cmocka_unit_test(the_fraction_lost_is_of_the_last_interval),
	cmocka_unit_test(jitter_follows_appendix_a8),
	cmocka_unit_test(static_payload_types_are_those_of_rfc_3551),
	cmocka_unit_test(g711_keeps_every_sample_within_a_step),
	cmocka_unit_test(silence_has_the_octets_of_g711))
