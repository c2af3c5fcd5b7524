#include "media/wav_head.h"

enum {
	TAG_PCM = 1,
	TAG_FLOAT = 3,
	TAG_ALAW = 6,
	TAG_ULAW = 7,
	TAG_EXTENSIBLE = 0xfffe,
};
enum { AU_ULAW = 1, AU_LINEAR_8 = 2, AU_LINEAR_32 = 5, AU_ALAW = 27 };

#define CONVERT "convert it with: sox INPUT -r %u -c 1 -b 16 -t wav -"

uint16_t wav_le16(const unsigned char *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

uint32_t wav_le32(const unsigned char *p)
{
	return wav_le16(p) | (uint32_t)wav_le16(p + 2) << 16;
}

uint32_t wav_be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static const struct {
	const char *magic, *name;
} strangers[] = {
	{ "OggS", "Ogg" },
	{ "fLaC", "FLAC" },
	{ "ID3", "MP3" },
	{ "\xff\xfb", "MP3" },
	{ "RIFX", "RIFX" },
	{ "RF64", "RF64" },
	{ "FORM", "AIFF" },
	{ "caff", "CAF" },
};

bool wav_head_refuse(
	const unsigned char magic[WAV_MAGIC_SIZE], unsigned rate, struct err *e)
{
	struct span begin = span_from((const char *)magic, WAV_MAGIC_SIZE);
	for (size_t i = 0; i < sizeof(strangers) / sizeof(*strangers); i++)
		if (span_starts(begin, strangers[i].magic))
			return err_set(e, STATUS_MALFORMED,
				"audio is %s, not WAV or AU; " CONVERT,
				strangers[i].name, rate);
	return err_set(e, STATUS_MALFORMED,
		"audio is neither WAV nor AU (it begins with octets %02x %02x "
		"%02x %02x)",
		magic[0], magic[1], magic[2], magic[3]);
}

static bool check(const struct wav_format *f, unsigned rate, struct err *e)
{
	if (f->channels == 0 || f->channels > WAV_CHANNELS_MAX)
		return err_set(e, STATUS_MALFORMED,
			"audio of %u channels; " CONVERT, f->channels, rate);
	if (f->rate != rate)
		return err_set(e, STATUS_MALFORMED,
			"audio is sampled at %u Hz and %u Hz is "
			"needed; " CONVERT,
			f->rate, rate, rate);
	return true;
}

bool wav_head_fmt(struct wav_format *f, const unsigned char *p, size_t n,
	unsigned rate, struct err *e)
{
	unsigned tag = wav_le16(p), bits = wav_le16(p + 14);
	/* The first two octets of the subformat's GUID are the real tag. */
	if (tag == TAG_EXTENSIBLE && n == WAV_FMT_EXTENSIBLE)
		tag = wav_le16(p + 24);
	if (tag != TAG_PCM && tag != TAG_ULAW && tag != TAG_ALAW)
		return err_set(e, STATUS_MALFORMED, "WAV with %s; " CONVERT,
			tag == TAG_FLOAT ? "floating-point samples"
					 : "compressed audio",
			rate);
	if (bits % 8 || bits == 0 || bits > (tag == TAG_PCM ? 32 : 8))
		return err_set(e, STATUS_MALFORMED,
			"WAV with samples of %u bits; " CONVERT, bits, rate);
	*f = (struct wav_format){
		.encoding = tag == TAG_ULAW   ? WAV_ULAW
			    : tag == TAG_ALAW ? WAV_ALAW
					      : WAV_LINEAR,
		.channels = wav_le16(p + 2),
		.rate = wav_le32(p + 4),
		.width = bits / 8,
		.offset = tag == TAG_PCM && bits == 8,
	};
	return check(f, rate, e);
}

bool wav_head_au(struct wav_format *f, uint32_t *annotation,
	const unsigned char p[WAV_AU_SIZE], unsigned rate, struct err *e)
{
	uint32_t offset = wav_be32(p + 4), encoding = wav_be32(p + 12);
	bool linear = encoding >= AU_LINEAR_8 && encoding <= AU_LINEAR_32;
	if (offset < WAV_AU_SIZE)
		return err_set(e, STATUS_MALFORMED, "AU header of %u octets",
			(unsigned)offset);
	if (!linear && encoding != AU_ULAW && encoding != AU_ALAW)
		return err_set(e, STATUS_MALFORMED,
			"AU with encoding %u; " CONVERT, (unsigned)encoding,
			rate);
	*f = (struct wav_format){
		.encoding = encoding == AU_ULAW   ? WAV_ULAW
			    : encoding == AU_ALAW ? WAV_ALAW
						  : WAV_LINEAR,
		.rate = wav_be32(p + 16),
		.channels = wav_be32(p + 20),
		.width = linear ? encoding - 1 : 1,
		.big_endian = true,
	};
	*annotation = offset - WAV_AU_SIZE;
	return check(f, rate, e);
}

/* ---- raw samples, as an option describes them ---- */

static const struct {
	const char *name;
	struct wav_format format;
} raw_formats[] = {
	{ "s16le", { .encoding = WAV_LINEAR, .width = 2 } },
	{ "s16be", { .encoding = WAV_LINEAR, .width = 2, .big_endian = true } },
	{ "s8", { .encoding = WAV_LINEAR, .width = 1 } },
	{ "u8", { .encoding = WAV_LINEAR, .width = 1, .offset = true } },
	{ "ulaw", { .encoding = WAV_ULAW, .width = 1 } },
	{ "alaw", { .encoding = WAV_ALAW, .width = 1 } },
};

bool wav_parse_raw(struct wav_format *out, struct span text, struct err *e)
{
	struct span name, rest = text;
	uint32_t rate = 8000;
	if (span_cut(&rest, '/', &name) &&
		(!span_to_u32(rest, 384000, &rate) || rate == 0))
		return err_set(e, STATUS_USAGE,
			"the sampling rate of raw audio is a number of Hz, as "
			"in s16le/8000");
	for (size_t i = 0; i < sizeof(raw_formats) / sizeof(*raw_formats); i++)
		if (span_is(name, raw_formats[i].name)) {
			*out = raw_formats[i].format;
			out->rate = rate;
			out->channels = 1;
			return true;
		}
	return err_set(e, STATUS_USAGE,
		"raw audio is s16le, s16be, s8, u8, ulaw or alaw, with /RATE "
		"where it is not 8000");
}
