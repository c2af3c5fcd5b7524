#include "media/wav.h"

#include <string.h>

#include "media/codec.h"
#include "media/wav_head.h"

enum {
	STATE_MAGIC, /* the first octets: which kind */
	STATE_RIFF,  /* "RIFF" size "WAVE" */
	STATE_AU,    /* the header of AU */
	STATE_CHUNK, /* id and size of a RIFF chunk */
	STATE_FMT,   /* the known part of a fmt chunk */
	STATE_SKIP,  /* skip octets, then after_skip */
	STATE_DATA,  /* frames */
	STATE_DONE,  /* what is behind the data is not audio */
	STATE_BAD,   /* an error was returned */
};

static void expect(struct wav_reader *r, int state, size_t need)
{
	r->state = state;
	r->need = need;
}

static void skip_then(struct wav_reader *r, uint64_t octets, int state)
{
	r->skip = octets;
	r->after_skip = state;
	r->state = STATE_SKIP;
}

static void begin_data(struct wav_reader *r, uint64_t size, bool unbounded)
{
	r->left = size;
	r->unbounded = unbounded;
	expect(r, STATE_DATA, (size_t)r->format.width * r->format.channels);
}

void wav_reader_init(struct wav_reader *r, unsigned rate)
{
	*r = (struct wav_reader){ .rate = rate };
	expect(r, STATE_MAGIC, WAV_MAGIC_SIZE);
}

void wav_reader_init_raw(
	struct wav_reader *r, unsigned rate, const struct wav_format *format)
{
	*r = (struct wav_reader){
		.rate = rate, .format = *format, .has_format = true
	};
	begin_data(r, 0, true);
}

bool wav_reader_has_format(const struct wav_reader *r)
{
	return r->has_format;
}

uint64_t wav_reader_missing(const struct wav_reader *r)
{
	return r->state == STATE_DATA && !r->unbounded ? r->left : 0;
}

/* ---- headers: each takes hold[need], full, and says what comes next ---- */

static bool take_magic(struct wav_reader *r, struct err *e)
{
	/* The longer headers begin with the magic, so it stays held. */
	if (memcmp(r->hold, "RIFF", WAV_MAGIC_SIZE) == 0)
		expect(r, STATE_RIFF, WAV_RIFF_SIZE);
	else if (memcmp(r->hold, ".snd", WAV_MAGIC_SIZE) == 0)
		expect(r, STATE_AU, WAV_AU_SIZE);
	else
		return wav_head_refuse(r->hold, r->rate, e);
	r->held = WAV_MAGIC_SIZE;
	return true;
}

static bool take_riff(struct wav_reader *r, struct err *e)
{
	if (memcmp(r->hold + 8, "WAVE", 4) != 0)
		return err_set(e, STATUS_MALFORMED,
			"input is a RIFF file, but not audio");
	/* A size of 0 here says that one of 0 in the data is not meant. */
	r->unbounded = wav_le32(r->hold + 4) == 0;
	expect(r, STATE_CHUNK, WAV_CHUNK_SIZE);
	return true;
}

static bool take_chunk(struct wav_reader *r, struct err *e)
{
	uint32_t size = wav_le32(r->hold + 4);
	uint64_t padded = (uint64_t)size + (size & 1);
	if (memcmp(r->hold, "data", 4) == 0) {
		if (!r->has_format)
			return err_set(e, STATUS_MALFORMED,
				"WAV has its data before its format");
		begin_data(r, size,
			size >= WAV_OPEN_LEAST || (size == 0 && r->unbounded));
	} else if (memcmp(r->hold, "fmt ", 4) != 0) {
		skip_then(r, padded, STATE_CHUNK);
	} else if (size < WAV_FMT_MIN) {
		return err_set(e, STATUS_MALFORMED,
			"WAV format chunk of %u octets", (unsigned)size);
	} else {
		expect(r, STATE_FMT,
			size < WAV_FMT_EXTENSIBLE ? WAV_FMT_MIN
						  : WAV_FMT_EXTENSIBLE);
		r->skip = padded - r->need;
	}
	return true;
}

static bool take_fmt(struct wav_reader *r, struct err *e)
{
	if (!wav_head_fmt(&r->format, r->hold, r->need, r->rate, e))
		return false;
	r->has_format = true;
	skip_then(r, r->skip, STATE_CHUNK);
	return true;
}

static bool take_au(struct wav_reader *r, struct err *e)
{
	uint32_t annotation, size = wav_be32(r->hold + 8);
	if (!wav_head_au(&r->format, &annotation, r->hold, r->rate, e))
		return false;
	r->has_format = true;
	begin_data(r, size, size >= WAV_OPEN_LEAST);
	skip_then(r, annotation, STATE_DATA);
	return true;
}

static bool take_header(struct wav_reader *r, struct err *e)
{
	r->held = 0;
	switch (r->state) {
	case STATE_MAGIC:
		return take_magic(r, e);
	case STATE_RIFF:
		return take_riff(r, e);
	case STATE_AU:
		return take_au(r, e);
	case STATE_CHUNK:
		return take_chunk(r, e);
	default:
		return take_fmt(r, e);
	}
}

/* ---- samples ---- */

static int sample(const struct wav_format *f, const unsigned char *p)
{
	if (f->encoding == WAV_ULAW)
		return codec_ulaw_sample(p[0]);
	if (f->encoding == WAV_ALAW)
		return codec_alaw_sample(p[0]);
	if (f->width == 1)
		return (int16_t)((f->offset ? p[0] ^ 0x80 : p[0]) << 8);
	/* Of 24 and 32 bits the upper 16. */
	if (f->big_endian)
		return (int16_t)(p[0] << 8 | p[1]);
	return (int16_t)wav_le16(p + f->width - 2);
}

static int16_t average(const struct wav_format *f, const unsigned char *frame)
{
	int sum = 0;
	for (unsigned i = 0; i < f->channels; i++)
		sum += sample(f, frame + (size_t)i * f->width);
	return (int16_t)(sum / (int)f->channels);
}

/* The next `need` octets in one piece: in the input where they are all there,
 * else collected in hold.  NULL where the input ended before. */
static const unsigned char *next_part(struct wav_reader *r, struct span *in)
{
	const unsigned char *p = (const unsigned char *)in->p;
	if (r->held == 0 && r->state == STATE_DATA && in->n >= r->need) {
		*in = span_skip(*in, r->need);
		return p;
	}
	size_t n = r->need - r->held;
	if (n > in->n)
		n = in->n;
	if (n)
		memcpy(r->hold + r->held, p, n);
	r->held += n;
	*in = span_skip(*in, n);
	if (r->held < r->need)
		return NULL;
	return r->hold;
}

static size_t read_frames(
	struct wav_reader *r, struct span *in, int16_t *out, size_t max)
{
	size_t count = 0;
	while (count < max) {
		/* A last, partial frame is no audio. */
		if (!r->unbounded && r->left < r->need) {
			r->state = STATE_DONE;
			break;
		}
		const unsigned char *frame = next_part(r, in);
		if (!frame)
			break;
		r->held = 0;
		r->left -= r->unbounded ? 0 : r->need;
		out[count++] = average(&r->format, frame);
	}
	return count;
}

static void skip(struct wav_reader *r, struct span *in)
{
	size_t n = r->skip < in->n ? (size_t)r->skip : in->n;
	*in = span_skip(*in, n);
	r->skip -= n;
	if (r->skip > 0)
		return;
	if (r->after_skip == STATE_CHUNK)
		expect(r, STATE_CHUNK, WAV_CHUNK_SIZE);
	else
		r->state = r->after_skip;
}

bool wav_read(struct wav_reader *r, struct span *in, int16_t *out, size_t max,
	size_t *count, struct err *e)
{
	*count = 0;
	for (;;) {
		switch (r->state) {
		case STATE_DATA:
			*count +=
				read_frames(r, in, out + *count, max - *count);
			if (r->state == STATE_DATA)
				return true;
			break;
		case STATE_DONE:
			*in = span_skip(*in, in->n);
			return true;
		case STATE_SKIP:
			skip(r, in);
			if (r->state == STATE_SKIP)
				return true;
			break;
		case STATE_BAD:
			return err_set(e, STATUS_MALFORMED,
				"audio was refused before");
		default:
			if (!next_part(r, in))
				return true;
			if (!take_header(r, e)) {
				r->state = STATE_BAD;
				return false;
			}
		}
	}
}

bool wav_read_end(const struct wav_reader *r, struct err *e)
{
	switch (r->state) {
	case STATE_DATA:
	case STATE_DONE:
		return true;
	case STATE_MAGIC:
		if (r->held == 0)
			return err_set(e, STATUS_MALFORMED,
				"no audio: the input is empty");
		break;
	case STATE_BAD:
		return err_set(e, STATUS_MALFORMED, "audio was refused before");
	}
	return err_set(e, STATUS_MALFORMED,
		"audio ends within its header, before the first sample");
}
