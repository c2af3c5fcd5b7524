/* Capture files: every byte order, resolution and block, whole and cut. */
#include "tests/common/test.h"

#include <string.h>

#include "base/mem.h"
#include "capture/file.h"
#include "tests/common/frames.h"

#define WHEN (1763806530 * USEC_SEC + 123456)

struct result {
	unsigned packets;
	struct capture_packet last;
	char bytes[64];
	struct err e;
	bool ok;
};

/* Reads all of it, given in pieces, as from a pipe. */
static struct result read_pieces(struct span file, size_t piece)
{
	struct result got = { .e = ERR_NONE, .ok = true };
	struct capture_file f;
	struct buf held = BUF_INIT(CAPTURE_FILE_HELD);
	capture_file_init(&f);
	enum capture_next what = CAPTURE_MORE;
	while (file.n && what != CAPTURE_BAD) {
		struct span part = span_first(file, piece);
		file = span_skip(file, part.n);
		assert_true(buf_span(&held, part));
		struct span in = buf_view(&held);
		struct capture_packet p;
		while ((what = capture_file_next(&f, &in, &p, &got.e)) ==
			CAPTURE_PACKET) {
			got.packets++;
			got.last = p;
			got.last.bytes.p = got.bytes;
			size_t n = p.bytes.n < 64 ? p.bytes.n : 64;
			memcpy(got.bytes, p.bytes.p, n);
		}
		buf_consume(&held, held.len - in.n);
	}
	got.ok = what != CAPTURE_BAD &&
		 capture_file_end(&f, buf_view(&held), &got.e);
	buf_clear(&held);
	capture_file_clear(&f);
	return got;
}

static void assert_reads(
	const struct buf *file, unsigned packets, usec_t time, unsigned link)
{
	static const size_t pieces[] = { 1, 7, 64, 1 << 20 };
	for (size_t i = 0; i < 4; i++) {
		struct result got = read_pieces(buf_view(file), pieces[i]);
		assert_ok(got.ok, &got.e);
		assert_int_equal(got.packets, packets);
		assert_true(got.last.time == time);
		assert_int_equal(got.last.has_time, time != 0);
		assert_int_equal(got.last.link_type, link);
		assert_span(got.last.bytes, "second");
	}
}

static void pcap_is_read_in_both_orders_and_resolutions(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		bool big = i & 1, nano = i & 2;
		struct buf file = BUF_INIT(1000);
		frames_pcap(&file, big, nano, 113);
		frames_pcap_packet(&file, big, nano, 1, SPAN(""));
		frames_pcap_packet(&file, big, nano, WHEN, SPAN("second"));
		assert_reads(&file, 2, WHEN, 113);
		buf_clear(&file);
	}
}

static void pcapng_is_read_in_both_orders(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		struct buf file = BUF_INIT(5000);
		frames_ng_section(&file, big);
		frames_ng_block(&file, big, 0xbad, SPAN("an unknown block"));
		frames_ng_interface(&file, big, 1, 6);
		frames_ng_packet(&file, big, 0, WHEN, SPAN("odd"));
		frames_ng_interface(&file, big, 276, 9);
		frames_ng_block(&file, big, 10, SPAN("decryption secrets"));
		frames_ng_packet(&file, big, 1, WHEN * 1000, SPAN("second"));
		assert_reads(&file, 2, WHEN, 276);
		/* Sections of another order may follow. */
		frames_ng_section(&file, !big);
		frames_ng_interface(&file, !big, 101, 6);
		frames_ng_simple(&file, !big, SPAN("second"));
		assert_reads(&file, 3, 0, 101);
		buf_clear(&file);
	}
}

static void times_of_every_resolution_are_microseconds(void **state)
{
	(void)state;
	static const struct {
		uint8_t resolution;
		uint64_t ticks;
		usec_t want;
	} rows[] = {
		{ 0, 1763806530, 1763806530 * USEC_SEC },
		{ 3, 1763806530123, 1763806530123000 }, { 6, WHEN, WHEN },
		{ 9, UINT64_C(1763806530123456789), WHEN },
		{ 12, 1763806530123456, 1763806530 },
		{ 0x80, 1763806530, 1763806530 * USEC_SEC },
		{ 0x8a, (UINT64_C(1763806530) << 10) + 512,
			1763806530 * USEC_SEC + 500000 },
		{ 0x80 | 63, UINT64_C(3) << 62, 1500000 },
		{ 0x80 | 64, 5, 0 }, /* no such resolution: no time */
		{ 20, 5, 0 }, { 0, UINT64_MAX, 0 }, /* beyond the year 9999 */
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf file = BUF_INIT(5000);
		frames_ng_section(&file, true);
		frames_ng_interface(&file, true, 1, rows[i].resolution);
		frames_ng_packet(&file, true, 0, rows[i].ticks, SPAN("second"));
		assert_reads(&file, 1, rows[i].want, 1);
		buf_clear(&file);
	}
}

static void an_obsolete_packet_block_is_read(void **state)
{
	(void)state;
	struct buf file = BUF_INIT(1000);
	frames_ng_section(&file, true);
	frames_ng_interface(&file, true, 1, 6);
	frames_ng_block(&file, true, 2,
		SPAN("\0\0\0\0\0\0\0\0\0\0\0\x07\0\0\0\6\0\0\0\6second\0\0"));
	assert_reads(&file, 1, 7, 1);
	buf_clear(&file);
}

static void a_huge_block_nobody_needs_is_not_held(void **state)
{
	(void)state;
	size_t size = 3 * CAPTURE_FILE_HELD;
	char *zeros = mem_alloc(size);
	struct buf file = BUF_INIT(2 * size);
	frames_ng_section(&file, false);
	frames_ng_block(&file, false, 0xbad, span_from(zeros, size));
	frames_ng_interface(&file, false, 1, 6);
	frames_ng_packet(&file, false, 0, WHEN, SPAN("second"));
	struct result got = read_pieces(buf_view(&file), 100000);
	assert_ok(got.ok, &got.e);
	assert_int_equal(got.packets, 1);
	mem_free(zeros);
	buf_clear(&file);
}

/* Wherever a file is cut, the packets before are read and the end is known. */
static void a_file_cut_anywhere_gives_what_it_has(void **state)
{
	(void)state;
	for (int ng = 0; ng < 2; ng++) {
		struct buf file = BUF_INIT(2000);
		size_t ends[3], section = 0;
		if (ng) {
			frames_ng_section(&file, false);
			section = file.len; /* alone it is a file too */
			frames_ng_interface(&file, false, 1, 6);
		} else {
			frames_pcap(&file, false, false, 1);
		}
		ends[0] = file.len;
		for (int i = 1; i < 3; i++) {
			if (ng)
				frames_ng_packet(
					&file, false, 0, WHEN, SPAN("packet"));
			else
				frames_pcap_packet(&file, false, false, WHEN,
					SPAN("packet"));
			ends[i] = file.len;
		}
		for (size_t n = 0; n < file.len; n++) {
			struct result got = read_pieces(
				span_first(buf_view(&file), n), 1000);
			unsigned whole = n >= ends[1];
			bool is_end = n == ends[0] || n == ends[1] ||
				      (n > 0 && n == section);
			if (got.packets != whole || got.ok != is_end)
				fail_msg("cut at %zu: %u packets, %s", n,
					got.packets,
					got.ok ? "whole" : got.e.text);
			if (!got.ok)
				assert_int_equal(
					got.e.status, STATUS_MALFORMED);
		}
		buf_clear(&file);
	}
}

static void what_is_no_capture_is_refused_with_a_sentence(void **state)
{
	(void)state;
	static const struct {
		struct span file;
		const char *says;
	} rows[] = {
		{ SPAN(""), "empty" },
		{ SPAN("\xd4\xc3"), "within its header" },
		{ SPAN("\x1f\x8b\x08\x00"), "gzip -dc" },
		{ SPAN("\x28\xb5\x2f\xfd"), "zstd -dc" },
		{ SPAN("INVITE sip:"), "49 4e 56 49" },
		{ SPAN("\xd4\xc3\xb2\xa1\3\0\4\0\0\0\0\0\0\0\0\0\xff\xff\0\0\1"
		       "\0\0\0"),
			"version 3" },
		{ SPAN("\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0\0\0\0\0\xff\xff\0\0\1"
		       "\0\0\0"
		       "\0\0\0\0\0\0\0\0\1\0\4\0\1\0\0\0"),
			"262145 bytes" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct result got = read_pieces(rows[i].file, 1000);
		if (got.ok || !strstr(got.e.text, rows[i].says))
			fail_msg("row %zu: expected \"%s\", got \"%s\"", i,
				rows[i].says, got.e.text);
		assert_int_equal(got.e.status, STATUS_MALFORMED);
	}
}

/* Blocks whose lengths lie, behind a sound section and interface. */
static void no_length_of_a_block_is_believed(void **state)
{
	(void)state;
	static const struct {
		struct span block;
		const char *says;
	} rows[] = {
		{ SPAN("\0\0\0\6\0\0\0\0"), "impossible length" },
		{ SPAN("\0\0\0\6\0\0\0\x0d"), "impossible length" },
		{ SPAN("\0\0\0\6\x7f\xff\xff\xf0"), "over 512 KiB" },
		{ SPAN("\0\0\0\6\0\0\0\x0c\0\0\0\x10"),
			"two different lengths" },
		{ SPAN("\0\0\0\6\0\0\0\x0c\0\0\0\x0c"), "too short" },
		{ SPAN("\0\0\0\3\0\0\0\x0c\0\0\0\x0c"), "too short" },
		{ SPAN("\0\0\0\1\0\0\0\x10\0\1\0\0\0\0\0\x10"), "too short" },
		{ SPAN("\0\0\0\6\0\0\0\x20\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		       "\0\0\0\0\0\x20"),
			"unknown interface" },
		{ SPAN("\0\0\0\6\0\0\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0"
		       "\0\1\0\0\0\x20"),
			"larger than its block" },
		{ SPAN("\0\0\0\3\0\0\0\x10\0\0\0\1\0\0\0\x10"),
			"larger than its block" },
		{ SPAN("\x0a\x0d\x0d\x0a\0\0\0\x1c\1\2\3\4\0\1\0\0\0\0\0\0\0\0"
		       "\0\0\0\0\0\x1c"),
			"without its magic" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf file = BUF_INIT(5000);
		frames_ng_section(&file, true);
		frames_ng_interface(&file, true, 1, 6);
		frames_ng_packet(&file, true, 0, WHEN, SPAN("first"));
		buf_span(&file, rows[i].block);
		struct result got = read_pieces(buf_view(&file), 1000);
		if (got.ok || !strstr(got.e.text, rows[i].says))
			fail_msg("row %zu: expected \"%s\", got \"%s\"", i,
				rows[i].says, got.e.text);
		assert_int_equal(got.packets, 1);
		buf_clear(&file);
	}
}

static void interfaces_without_end_are_refused(void **state)
{
	(void)state;
	struct buf file = BUF_INIT(1 << 20);
	frames_ng_section(&file, true);
	for (int i = 0; i <= CAPTURE_PCAPNG_INTERFACES_MAX; i++)
		frames_ng_interface(&file, true, 1, 6);
	struct result got = read_pieces(buf_view(&file), 1 << 20);
	assert_false(got.ok);
	assert_non_null(strstr(got.e.text, "interfaces"));
	buf_clear(&file);
}

static void what_is_written_is_read_back(void **state)
{
	(void)state;
	struct buf file = BUF_INIT(1000);
	struct capture_packet p = {
		.time = WHEN, .length = 6, .bytes = SPAN("second")
	};
	assert_true(capture_pcap_add_header(&file, CAPTURE_LINK_RAW));
	assert_true(capture_pcap_add(&file, &p));
	assert_reads(&file, 1, WHEN, CAPTURE_LINK_RAW);
	buf_clear(&file);
}

TEST_MAIN(cmocka_unit_test(pcap_is_read_in_both_orders_and_resolutions),
	cmocka_unit_test(pcapng_is_read_in_both_orders),
	cmocka_unit_test(times_of_every_resolution_are_microseconds),
	cmocka_unit_test(an_obsolete_packet_block_is_read),
	cmocka_unit_test(a_huge_block_nobody_needs_is_not_held),
	cmocka_unit_test(a_file_cut_anywhere_gives_what_it_has),
	cmocka_unit_test(what_is_no_capture_is_refused_with_a_sentence),
	cmocka_unit_test(no_length_of_a_block_is_believed),
	cmocka_unit_test(interfaces_without_end_are_refused),
	cmocka_unit_test(what_is_written_is_read_back))
