/* Audio files in pieces of any size, honest and not. */
#include "tests/common/test.h"

#include <string.h>

#include "media/wav.h"

#define FMT(tag, channels, rate, bits)                                         \
	"fmt \x10\0\0\0" tag channels rate "\0\0\0\0\0\0" bits
#define PCM "\1\0"
#define MONO "\1\0"
#define STEREO "\2\0"
#define HZ_8000 "\x40\x1f\0\0"
#define HZ_44100 "\x44\xac\0\0"
#define BITS_8 "\x08\0"
#define BITS_16 "\x10\0"
#define BITS_24 "\x18\0"
#define RIFF "RIFF\x7f\0\0\0WAVE"
#define WAV_16 RIFF FMT(PCM, MONO, HZ_8000, BITS_16)

struct result {
	int16_t samples[64];
	size_t count;
	uint64_t missing;
	struct err e;
	bool ok;
};

static struct result read_pieces(struct span in, size_t piece)
{
	struct result got = { .e = ERR_NONE, .ok = true };
	struct wav_reader r;
	wav_reader_init(&r, 8000);
	while (in.n && got.ok) {
		struct span part = span_first(in, piece);
		in = span_skip(in, part.n);
		size_t count;
		got.ok = wav_read(&r, &part, got.samples + got.count,
			64 - got.count, &count, &got.e);
		got.count += count;
	}
	got.ok = got.ok && wav_read_end(&r, &got.e);
	got.missing = wav_reader_missing(&r);
	return got;
}

static void the_same_samples_come_wherever_the_input_is_cut(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		struct span file;
		int16_t want[4];
		size_t count;
	} rows[] = {
		{ "16 bits", SPAN(WAV_16 "data\4\0\0\0\1\0\xff\xff"), { 1, -1 },
			2 },
		{ "8 bits",
			SPAN(RIFF FMT(PCM, MONO, HZ_8000, BITS_8) "data\3\0\0\0"
								  "\x80\x81\0"),
			{ 0, 256, -32768 }, 3 },
		{ "24 bits",
			SPAN(RIFF FMT(
				PCM, MONO, HZ_8000, BITS_24) "data\3\0\0\0"
							     "\xff\2\1"),
			{ 258 }, 1 },
		{ "stereo is averaged",
			SPAN(RIFF FMT(PCM, STEREO, HZ_8000,
				BITS_16) "data\x08"
					 "\0\0\0\2\0\4\0\xfe\xff\xfc\xff"),
			{ 3, -3 }, 2 },
		{ "mu-law",
			SPAN(RIFF FMT(
				"\7\0", MONO, HZ_8000, BITS_8) "data\2\0"
							       "\0\0\xff\x00"),
			{ 0, -32124 }, 2 },
		{ "A-law",
			SPAN(RIFF FMT(
				"\6\0", MONO, HZ_8000, BITS_8) "data\1\0"
							       "\0\0\xd5"),
			{ 8 }, 1 },
		{ "LIST before, odd, and behind",
			SPAN(RIFF "LIST\3\0\0\0abc\0" FMT(PCM, MONO, HZ_8000,
				BITS_16) "data\2\0\0\0\5\0LIST\2\0\0\0xy"),
			{ 5 }, 1 },
		{ "a fmt chunk of 18",
			SPAN(RIFF "fmt \x12\0\0\0" PCM MONO HZ_8000
				  "\0\0\0\0\0\0" BITS_16
				  "\0\0data\2\0\0\0\5\0"),
			{ 5 }, 1 },
		{ "an extensible fmt chunk",
			SPAN(RIFF "fmt \x28\0\0\0\xfe\xff" MONO HZ_8000
				  "\0\0\0\0\0\0" BITS_16
				  "\x16\0\x10\0\4\0\0\0" PCM
				  "\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71"
				  "data\2\0\0\0\5\0"),
			{ 5 }, 1 },
		{ "size of ffmpeg's pipe",
			SPAN(WAV_16 "data\xff\xff\xff\xff\1\0\2\0"), { 1, 2 },
			2 },
		{ "size of sox's pipe", SPAN(WAV_16 "data\0\xf0\xff\x7f\1\0"),
			{ 1 }, 1 },
		{ "sizes of 0",
			SPAN("RIFF\0\0\0\0WAVE" FMT(PCM, MONO, HZ_8000,
				BITS_16) "data\0\0\0\0\1\0\2\0"),
			{ 1, 2 }, 2 },
		{ "half a frame at the end", SPAN(WAV_16 "data\3\0\0\0\1\0\2"),
			{ 1 }, 1 },
		{ "AU, 16 bits, with annotation",
			SPAN(".snd\0\0\0\x1c\xff\xff\xff\xff\0\0\0\3\0\0\x1f"
			     "\x40"
			     "\0\0\0\1noteABab"),
			{ 0x4142, 0x6162 }, 2 },
		{ "AU, mu-law",
			SPAN(".snd\0\0\0\x18\0\0\0\1\0\0\0\1\0\0\x1f\x40\0\0\0"
			     "\1\xff"),
			{ 0 }, 1 },
		{ "AU, 8 bits are signed",
			SPAN(".snd\0\0\0\x18\0\0\0\1\0\0\0\2\0\0\x1f\x40\0\0\0"
			     "\1\xff"),
			{ -256 }, 1 },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t piece = 1; piece <= rows[i].file.n; piece++) {
			struct result got = read_pieces(rows[i].file, piece);
			if (!got.ok)
				fail_msg("%s: %s", rows[i].name, got.e.text);
			if (got.count != rows[i].count ||
				memcmp(got.samples, rows[i].want,
					2 * got.count) != 0)
				fail_msg("%s in pieces of %zu: %zu samples, "
					 "%d %d …",
					rows[i].name, piece, got.count,
					got.samples[0], got.samples[1]);
		}
}

static void what_is_not_simply_samples_is_refused_with_advice(void **state)
{
	(void)state;
	static const struct {
		struct span file;
		const char *says;
	} rows[] = {
		{ SPAN(""), "empty" },
		{ SPAN("RIF"), "within its header" },
		{ SPAN(WAV_16), "before the first sample" },
		{ SPAN("fLaC\0\0\0\x22"), "FLAC" },
		{ SPAN("ID3\4\0"), "MP3" },
		{ SPAN("hello"), "neither WAV nor AU" },
		{ SPAN("RIFF\4\0\0\0AVI "), "not audio" },
		{ SPAN(RIFF "data\2\0\0\0"), "before its format" },
		{ SPAN(RIFF "fmt \x0f\0\0\0"), "15 octets" },
		{ SPAN(RIFF FMT(PCM, MONO, HZ_44100, BITS_16)),
			"44100 Hz and 8000 Hz is needed; convert it with: sox "
			"INPUT -r 8000" },
		{ SPAN(RIFF FMT("\3\0", MONO, HZ_8000, "\x20\0")),
			"floating-point" },
		{ SPAN(RIFF FMT("\x11\0", MONO, HZ_8000, "\4\0")),
			"compressed" },
		{ SPAN(RIFF FMT(PCM, MONO, HZ_8000, "\x0c\0")), "12 bits" },
		{ SPAN(RIFF FMT(PCM, MONO, HZ_8000, "\0\0")), "0 bits" },
		{ SPAN(RIFF FMT(PCM, "\0\0", HZ_8000, BITS_16)), "0 channels" },
		{ SPAN(RIFF FMT(PCM, "\xff\xff", HZ_8000, BITS_16)),
			"65535 channels" },
		{ SPAN(".snd\0\0\0\x04\0\0\0\1\0\0\0\1\0\0\x1f\x40\0\0\0\1"),
			"header of 4" },
		{ SPAN(".snd\0\0\0\x18\0\0\0\1\0\0\0\6\0\0\x1f\x40\0\0\0\1"),
			"encoding 6" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct result got = read_pieces(rows[i].file, 5);
		if (got.ok || !strstr(got.e.text, rows[i].says))
			fail_msg("row %zu: expected \"%s\", got \"%s\"", i,
				rows[i].says, got.e.text);
		assert_int_equal(got.e.status, STATUS_MALFORMED);
	}
}

static void data_that_was_cut_short_is_played_and_counted(void **state)
{
	(void)state;
	struct result got =
		read_pieces(SPAN(WAV_16 "data\x0a\0\0\0\1\0\2\0"), 3);
	assert_ok(got.ok, &got.e);
	assert_int_equal(got.count, 2);
	assert_int_equal(got.missing, 6);
}

static void input_waits_while_there_is_no_room_for_samples(void **state)
{
	(void)state;
	struct wav_reader r;
	int16_t out[1];
	size_t count;
	struct span in = SPAN(WAV_16 "data\4\0\0\0\1\0\2\0");
	wav_reader_init(&r, 8000);
	assert_true(wav_read(&r, &in, out, 1, &count, NULL));
	assert_int_equal(count, 1);
	assert_int_equal(in.n, 2);
	assert_true(wav_read(&r, &in, out, 0, &count, NULL));
	assert_int_equal(in.n, 2);
	assert_true(wav_read(&r, &in, out, 1, &count, NULL));
	assert_int_equal(out[0], 2);
}

static void raw_samples_are_as_their_description_says(void **state)
{
	(void)state;
	struct wav_format f;
	struct wav_reader r;
	struct err e = ERR_NONE;
	int16_t out[4];
	size_t count;
	assert_ok(wav_parse_raw(&f, SPAN("s16be/16000"), &e), &e);
	wav_reader_init_raw(&r, f.rate, &f);
	assert_int_equal(f.rate, 16000);
	struct span in = SPAN("\1\2\3\4");
	assert_true(wav_read(&r, &in, out, 4, &count, &e));
	assert_int_equal(count, 2);
	assert_int_equal(out[1], 0x304);
	assert_true(wav_read_end(&r, &e));

	static const char *const bad[] = { "", "mp3", "s16le/", "s16le/0",
		"s16le/-1", "s16le/8000x", "s16le/9999999" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (wav_parse_raw(&f, span_of(bad[i]), &e))
			fail_msg("accepted \"%s\"", bad[i]);
		assert_int_equal(e.status, STATUS_USAGE);
	}
}

static void what_is_written_is_read_back(void **state)
{
	(void)state;
	static const int16_t samples[] = { 0, 1, -1, 32767, -32768 };
	static const uint64_t sizes[] = { sizeof(samples), WAV_OPEN };
	for (size_t i = 0; i < 2; i++) {
		struct buf file = BUF_INIT(1000);
		unsigned char header[WAV_HEADER_SIZE];
		wav_header(header, 8000, 1, sizes[i]);
		buf_add(&file, header, sizeof(header));
		assert_true(wav_add_samples(&file, samples, 5));
		struct result got = read_pieces(buf_view(&file), 7);
		assert_ok(got.ok, &got.e);
		assert_int_equal(got.count, 5);
		assert_memory_equal(got.samples, samples, sizeof(samples));
		buf_clear(&file);
	}
}

TEST_MAIN(cmocka_unit_test(the_same_samples_come_wherever_the_input_is_cut),
	cmocka_unit_test(what_is_not_simply_samples_is_refused_with_advice),
	cmocka_unit_test(data_that_was_cut_short_is_played_and_counted),
	cmocka_unit_test(input_waits_while_there_is_no_room_for_samples),
	cmocka_unit_test(raw_samples_are_as_their_description_says),
	cmocka_unit_test(what_is_written_is_read_back))
