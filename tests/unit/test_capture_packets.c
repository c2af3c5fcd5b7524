/* From a frame to what is in it: links, IPv4 and IPv6, fragments, transports. */
#include "tests/common/test.h"

#include <string.h>

#include "base/mem.h"
#include "capture/decode.h"
#include "tests/common/frames.h"

#define V4 "192.0.2.1:5060", "198.51.100.7:65535"
#define V6 "[2001:db8::1]:5060", "[2001:db8:0:1::7]:65535"

static struct capture_packet packet(enum frames_link link, struct span bytes)
{
	return (struct capture_packet){
		.time = 1000000,
		.has_time = true,
		.link_type = frames_link_type(link),
		.length = (uint32_t)bytes.n,
		.bytes = bytes,
	};
}

static bool decode(struct capture_decoder *d, struct span ip, usec_t time,
	struct capture_segment *s)
{
	struct capture_packet p = packet(FRAMES_RAW, ip);
	p.time = time;
	return capture_decode(d, &p, s);
}

static void assert_segment(const struct capture_segment *s, bool is_v6,
	enum capture_transport transport, struct span payload)
{
	char text[CAPTURE_ADDRESS_TEXT_SIZE];
	size_t n = capture_address_format(text, &s->src);
	assert_int_equal(n, strlen(text));
	assert_string_equal(
		text, is_v6 ? "[2001:db8::1]:5060" : "192.0.2.1:5060");
	capture_address_format(text, &s->dst);
	assert_string_equal(
		text, is_v6 ? "[2001:db8:0:1::7]:65535" : "198.51.100.7:65535");
	assert_int_equal(s->transport, transport);
	assert_true(span_equal(s->payload, payload));
}

static void every_link_carries_both_versions_and_transports(void **state)
{
	(void)state;
	struct span text = SPAN("hello, world");
	for (int i = 0; i < 4 * FRAMES_LINKS; i++) {
		enum frames_link link = (enum frames_link)(i / 4);
		bool is_v6 = i & 1, is_tcp = i & 2;
		const char *src =
			is_v6 ? "[2001:db8::1]:5060" : "192.0.2.1:5060";
		const char *dst = is_v6 ? "[2001:db8:0:1::7]:65535"
					: "198.51.100.7:65535";
		struct buf ip = BUF_INIT(1000), frame = BUF_INIT(1000);
		if (is_tcp)
			frames_tcp(&ip, src, dst, 1, text);
		else
			frames_udp(&ip, src, dst, text);
		frames_add(&frame, link, buf_view(&ip));
		/* Short frames are filled up on Ethernet. */
		if (link <= FRAMES_QINQ)
			buf_add(&frame, "\0\0\0\0\0\0", 6);

		struct capture_decoder *d = capture_decoder_new();
		struct capture_packet p = packet(link, buf_view(&frame));
		struct capture_segment s;
		if (!capture_decode(d, &p, &s))
			fail_msg("link %d: nothing found", link);
		assert_segment(
			&s, is_v6, is_tcp ? CAPTURE_TCP : CAPTURE_UDP, text);
		assert_false(s.is_cut);
		assert_true(s.time == 1000000);

		/* Cut anywhere it is short, never read beyond. */
		for (size_t n = 0; n < frame.len; n++) {
			char *copy = span_dup(span_first(buf_view(&frame), n));
			p.bytes = span_from(copy, n);
			if (capture_decode(d, &p, &s) && s.payload.n < text.n)
				assert_true(s.is_cut);
			mem_free(copy);
		}
		capture_decoder_free(d);
		buf_clear(&ip);
		buf_clear(&frame);
	}
}

static void what_is_not_understood_is_counted(void **state)
{
	(void)state;
	struct capture_decoder *d = capture_decoder_new();
	struct capture_segment s;
	struct capture_packet p =
		packet(FRAMES_ETHERNET, SPAN("\2\0\0\0\0\1\2\0\0\0\0\2\x08\x06"
					     "ARP"));
	assert_false(capture_decode(d, &p, &s));
	p.link_type = 147;
	assert_false(capture_decode(d, &p, &s));
	p = packet(FRAMES_RAW, SPAN("\x45\0\0\x14\0\0\0\0\x40\x01\0\0"
				    "\x7f\0\0\1\x7f\0\0\1"));
	assert_false(capture_decode(d, &p, &s)); /* ICMP */
	p.bytes.n = 19;
	assert_false(capture_decode(d, &p, &s));
	const struct capture_counts *c = capture_decoder_counts(d);
	assert_int_equal(c->packets, 4);
	assert_int_equal(c->not_ip, 1);
	assert_int_equal(c->unknown_link, 1);
	assert_int_equal(c->unknown_type, 147);
	assert_int_equal(c->other, 1);
	assert_int_equal(c->malformed, 1);
	capture_decoder_free(d);
}

#define V6_HEAD(next)                                                          \
	"\x60\0\0\0\0\0" next "\x40\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"   \
	"\x20\x01\x0d\xb8\0\0\0\1\0\0\0\0\0\0\0\7"
#define UDP_HI "\x13\xc4\xff\xff\0\x0a\0\0hi"

static void extension_headers_of_ipv6_are_walked(void **state)
{
	(void)state;
	static const struct {
		struct span packet;
		bool ok;
	} rows[] = {
		{ SPAN(V6_HEAD("\0") "\x3c\0\1\4\0\0\0\0" /* hop-by-hop */
				     "\x2b\1\1\4\0\0\0\0\0\0\0\0\0\0\0\0"
				     "\x33\0\0\0\0\0\0\0" /* routing */
				     "\x11\1\0\0\0\0\0\1\0\0\0\2" UDP_HI),
			true }, /* … AH */
		{ SPAN(V6_HEAD("\x2c") "\x11\0\0\0\0\0\0\1" UDP_HI), true },
		{ SPAN(V6_HEAD("\x3c") "\x11\5\1\4\0\0\0\0" UDP_HI), false },
		{ SPAN(V6_HEAD("\x3c") "\x11\0\1\4"), false },
	};
	for (size_t i = 0; i < 4; i++) {
		struct capture_decoder *d = capture_decoder_new();
		struct capture_segment s;
		if (decode(d, rows[i].packet, 0, &s) != rows[i].ok)
			fail_msg("row %zu", i);
		if (rows[i].ok)
			assert_segment(&s, true, CAPTURE_UDP, SPAN("hi"));
		capture_decoder_free(d);
	}
}

/* ---- fragments ---- */

#define PAYLOAD 3001
#define PIECE 256
#define COUNT ((PAYLOAD + 8 + PIECE - 1) / PIECE)

struct fragmented {
	struct buf payload, ip, pieces[COUNT];
};

static struct fragmented fragment(bool is_v6, uint32_t id)
{
	struct fragmented f = {
		.payload = BUF_INIT(PAYLOAD),
		.ip = BUF_INIT(2 * PAYLOAD),
	};
	for (size_t i = 0; i < PAYLOAD; i++)
		buf_char(&f.payload, (char)(i * 7 + id));
	if (is_v6)
		frames_udp(&f.ip, V6, buf_view(&f.payload));
	else
		frames_udp(&f.ip, V4, buf_view(&f.payload));
	for (size_t i = 0; i < COUNT; i++) {
		buf_init(&f.pieces[i], 2 * PIECE);
		assert_true(frames_fragment(
			&f.pieces[i], buf_view(&f.ip), PIECE, i, id));
	}
	return f;
}

static void fragmented_clear(struct fragmented *f)
{
	buf_clear(&f->payload);
	buf_clear(&f->ip);
	for (size_t i = 0; i < COUNT; i++)
		buf_clear(&f->pieces[i]);
}

static void fragments_come_together_in_any_order(void **state)
{
	(void)state;
	/* Steps through the fragments that are prime to their number. */
	static const size_t steps[] = { 1, 5, 7, COUNT - 1 };
	for (int i = 0; i < 8; i++) {
		bool is_v6 = i & 1;
		struct fragmented f = fragment(is_v6, 77);
		struct capture_decoder *d = capture_decoder_new();
		struct capture_segment s;
		for (size_t n = 1; n <= COUNT; n++) {
			size_t at = n * steps[i / 2] % COUNT;
			struct span piece = buf_view(&f.pieces[at]);
			bool whole = decode(d, piece, 5, &s);
			if (whole != (n == COUNT))
				fail_msg("order %d: fragment %zu of %d", i, n,
					COUNT);
			/* Once more changes nothing. */
			if (!whole)
				assert_false(decode(d, piece, 5, &s));
		}
		assert_segment(&s, is_v6, CAPTURE_UDP, buf_view(&f.payload));
		assert_int_equal(capture_decoder_fragments(d).complete, 1);
		assert_int_equal(capture_decoder_fragments(d).incomplete, 0);
		capture_decoder_free(d);
		fragmented_clear(&f);
	}
}

static void datagrams_are_told_apart_by_their_ids(void **state)
{
	(void)state;
	struct fragmented a = fragment(false, 1), b = fragment(false, 2);
	struct capture_decoder *d = capture_decoder_new();
	struct capture_segment s;
	for (size_t i = 0; i < COUNT; i++) {
		bool last = i == COUNT - 1;
		assert_int_equal(
			decode(d, buf_view(&a.pieces[i]), 0, &s), last);
		if (last)
			assert_true(
				span_equal(s.payload, buf_view(&a.payload)));
		assert_int_equal(
			decode(d, buf_view(&b.pieces[i]), 0, &s), last);
		if (last)
			assert_true(
				span_equal(s.payload, buf_view(&b.payload)));
	}
	capture_decoder_free(d);
	fragmented_clear(&a);
	fragmented_clear(&b);
}

static void fragments_that_come_too_late_are_given_up(void **state)
{
	(void)state;
	struct fragmented f = fragment(false, 1);
	struct capture_decoder *d = capture_decoder_new();
	struct capture_segment s;
	for (size_t i = 0; i < COUNT; i++)
		assert_false(decode(d, buf_view(&f.pieces[i]),
			i == 0 ? 0 : CAPTURE_FRAGMENTS_TIMEOUT + 1, &s));
	assert_int_equal(capture_decoder_fragments(d).complete, 0);
	assert_int_equal(capture_decoder_fragments(d).incomplete, 2);
	capture_decoder_free(d);
	fragmented_clear(&f);
}

static struct capture_ip piece(size_t offset, size_t n, bool more)
{
	static const char zeros[65536];
	return (struct capture_ip){
		.version = 4,
		.protocol = CAPTURE_PROTOCOL_UDP,
		.src = "\1\2\3\4",
		.dst = "\5\6\7\x08",
		.payload = span_from(zeros, n),
		.is_fragment = true,
		.has_more = more,
		.offset = (uint16_t)offset,
		.id = 9,
	};
}

/* RFC 5722; and no datagram is whole by the sum of its parts alone. */
static void fragments_that_contradict_each_other_are_dropped(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		struct {
			size_t offset, n;
			bool more;
		} parts[3];
	} rows[] = {
		{ "overlap", { { 0, 16, true }, { 8, 16, true } } },
		{ "two ends", { { 16, 8, false }, { 24, 8, false } } },
		{ "behind the end", { { 16, 8, false }, { 24, 8, true } } },
		{ "an end in the middle",
			{ { 24, 8, true }, { 8, 8, false } } },
		{ "a longer last one", { { 8, 5, false }, { 8, 8, true } } },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct capture_fragments *f = capture_fragments_new();
		struct capture_ip whole;
		for (size_t k = 0; k < 3 && rows[i].parts[k].n; k++) {
			struct capture_ip ip = piece(rows[i].parts[k].offset,
				rows[i].parts[k].n, rows[i].parts[k].more);
			if (capture_fragments_add(f, &ip, 0, &whole))
				fail_msg("%s: whole", rows[i].what);
		}
		if (capture_fragments_counts(f).overlapped != 1)
			fail_msg("%s: not noticed", rows[i].what);
		capture_fragments_free(f);
	}
}

static void impossible_fragments_are_not_taken(void **state)
{
	(void)state;
	struct capture_fragments *f = capture_fragments_new();
	struct capture_ip whole, ip = piece(65528, 8, false);
	assert_false(capture_fragments_add(f, &ip, 0, &whole)); /* too long */
	ip = piece(0, 7, true); /* only the last may be of any length */
	assert_false(capture_fragments_add(f, &ip, 0, &whole));
	ip = piece(8, 0, false);
	assert_false(capture_fragments_add(f, &ip, 0, &whole));
	ip = piece(0, 8, true);
	ip.is_cut = true;
	assert_false(capture_fragments_add(f, &ip, 0, &whole));
	assert_int_equal(capture_fragments_counts(f).malformed, 4);
	assert_int_equal(capture_fragments_counts(f).incomplete, 0);
	capture_fragments_free(f);
}

/* A flood of first fragments, each claiming the end of a large datagram. */
static void memory_for_fragments_is_bounded(void **state)
{
	(void)state;
	struct capture_fragments *f = capture_fragments_new();
	struct capture_ip whole;
	uint64_t count = 4 * CAPTURE_FRAGMENTS_MEMORY / 65536;
	for (uint32_t i = 0; i < count; i++) {
		struct capture_ip ip = piece(65520, 8, true);
		ip.id = i;
		assert_false(capture_fragments_add(f, &ip, 0, &whole));
	}
	struct capture_fragment_counts c = capture_fragments_counts(f);
	assert_int_equal(c.incomplete, count);
	/* The newest are still there: they can be completed. */
	struct capture_ip ip = piece(0, 65520, true);
	ip.id = (uint32_t)count - 1;
	assert_false(capture_fragments_add(f, &ip, 0, &whole));
	ip = piece(65528, 7, false);
	ip.id = (uint32_t)count - 1;
	assert_true(capture_fragments_add(f, &ip, 0, &whole));
	assert_int_equal(whole.payload.n, 65535);
	ip = piece(0, 65520, true); /* the oldest are not */
	ip.id = 0;
	assert_false(capture_fragments_add(f, &ip, 0, &whole));
	assert_int_equal(capture_fragments_counts(f).incomplete, count);
	capture_fragments_free(f);
}

static void what_is_wrapped_has_right_checksums(void **state)
{
	(void)state;
	struct buf ip = BUF_INIT(100);
	frames_udp(&ip, "127.0.0.1:5060", "127.0.0.1:5061", SPAN("odd"));
	/* Computed by another program (RFC 1071). */
	assert_memory_equal(ip.data + 10, "\x3c\xcc", 2);
	assert_memory_equal(ip.data + 26, "\x06\xe8", 2);
	buf_clear(&ip);
}

TEST_MAIN(cmocka_unit_test(every_link_carries_both_versions_and_transports),
	cmocka_unit_test(what_is_not_understood_is_counted),
	cmocka_unit_test(extension_headers_of_ipv6_are_walked),
	cmocka_unit_test(fragments_come_together_in_any_order),
	cmocka_unit_test(datagrams_are_told_apart_by_their_ids),
	cmocka_unit_test(fragments_that_come_too_late_are_given_up),
	cmocka_unit_test(fragments_that_contradict_each_other_are_dropped),
	cmocka_unit_test(impossible_fragments_are_not_taken),
	cmocka_unit_test(memory_for_fragments_is_bounded),
	cmocka_unit_test(what_is_wrapped_has_right_checksums))
