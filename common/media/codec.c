#include "media/codec.h"

#include <spandsp.h>

#include "base/mem.h"

/* What a row of the table does; the G.711 pair needs no state. */
struct coder {
	struct codec_format format;
	void (*encode)(uint8_t *out, const int16_t *samples, size_t count);
	void (*decode)(int16_t *out, const uint8_t *payload, size_t count);
};

struct codec {
	const struct coder *coder;
};

static void encode_ulaw(uint8_t *out, const int16_t *samples, size_t count)
{
	for (size_t i = 0; i < count; i++)
		out[i] = linear_to_ulaw(samples[i]);
}

static void decode_ulaw(int16_t *out, const uint8_t *payload, size_t count)
{
	for (size_t i = 0; i < count; i++)
		out[i] = ulaw_to_linear(payload[i]);
}

static void encode_alaw(uint8_t *out, const int16_t *samples, size_t count)
{
	for (size_t i = 0; i < count; i++)
		out[i] = linear_to_alaw(samples[i]);
}

static void decode_alaw(int16_t *out, const uint8_t *payload, size_t count)
{
	for (size_t i = 0; i < count; i++)
		out[i] = alaw_to_linear(payload[i]);
}

static const struct coder coders[] = {
	{ { "PCMU", 0, 8000, 8000, 1 }, encode_ulaw, decode_ulaw },
	{ { "PCMA", 8, 8000, 8000, 1 }, encode_alaw, decode_alaw },
};

#define CODERS (sizeof(coders) / sizeof(coders[0]))

const struct codec_format *codec_format_at(size_t index)
{
	return index < CODERS ? &coders[index].format : NULL;
}

const struct codec_format *codec_format_find(
	struct span name, unsigned clock_rate, unsigned channels)
{
	for (size_t i = 0; i < CODERS; i++) {
		const struct codec_format *f = &coders[i].format;
		if (span_is_nocase(name, f->name) &&
			f->clock_rate == clock_rate && f->channels == channels)
			return f;
	}
	return NULL;
}

const struct codec_format *codec_format_find_static(unsigned payload_type)
{
	for (size_t i = 0; i < CODERS; i++)
		if (coders[i].format.payload_type == (int)payload_type)
			return &coders[i].format;
	return NULL;
}

static const struct coder *coder_of(const struct codec_format *format)
{
	return (const struct coder *)((const char *)format -
				      offsetof(struct coder, format));
}

struct codec *codec_new(const struct codec_format *format)
{
	struct codec *c = mem_alloc(sizeof(*c));
	c->coder = coder_of(format);
	return c;
}

void codec_free(struct codec *c)
{
	mem_free(c);
}

const struct codec_format *codec_format_of(const struct codec *c)
{
	return &c->coder->format;
}

bool codec_encode(
	struct codec *c, struct buf *out, const int16_t *samples, size_t count)
{
	char *to = buf_reserve(out, count);
	if (!to)
		return false;
	c->coder->encode((uint8_t *)to, samples, count);
	buf_added(out, count);
	return true;
}

size_t codec_samples(const struct codec *c, struct span payload)
{
	(void)c; /* G.711 has an octet a sample */
	return payload.n;
}

size_t codec_decode(
	struct codec *c, struct span payload, int16_t *out, size_t max)
{
	size_t count = codec_samples(c, payload);
	if (count > max)
		count = max;
	c->coder->decode(out, (const uint8_t *)payload.p, count);
	return count;
}

int16_t codec_ulaw_sample(uint8_t octet)
{
	return ulaw_to_linear(octet);
}

int16_t codec_alaw_sample(uint8_t octet)
{
	return alaw_to_linear(octet);
}
