#include <string.h>

#include "media/wav.h"

/* sox's word for "not known": sox then reads to the end without a warning,
 * and readers that trust sizes stop only after 37 hours of 8 kHz. */
#define OPEN_SIZE UINT32_C(0x7ffff000)
#define BYTES_A_SAMPLE 2

static void put16(unsigned char *p, uint16_t value)
{
	p[0] = (unsigned char)value;
	p[1] = (unsigned char)(value >> 8);
}

static void put32(unsigned char *p, uint32_t value)
{
	put16(p, (uint16_t)value);
	put16(p + 2, (uint16_t)(value >> 16));
}

void wav_header(unsigned char out[WAV_HEADER_SIZE], unsigned rate,
	unsigned channels, uint64_t data_bytes)
{
	bool fits = data_bytes <= UINT32_MAX - (WAV_HEADER_SIZE - 8);
	uint32_t size = fits ? (uint32_t)data_bytes : OPEN_SIZE;
	unsigned frame = BYTES_A_SAMPLE * channels;
	memcpy(out, "RIFF", 4);
	put32(out + 4, size + (WAV_HEADER_SIZE - 8));
	memcpy(out + 8, "WAVEfmt ", 8);
	put32(out + 16, 16);
	put16(out + 20, 1); /* linear */
	put16(out + 22, (uint16_t)channels);
	put32(out + 24, rate);
	put32(out + 28, rate * frame);
	put16(out + 32, (uint16_t)frame);
	put16(out + 34, 8 * BYTES_A_SAMPLE);
	memcpy(out + 36, "data", 4);
	put32(out + 40, size);
}

bool wav_add_samples(struct buf *out, const int16_t *samples, size_t count)
{
	unsigned char *p =
		(unsigned char *)buf_reserve(out, count * BYTES_A_SAMPLE);
	if (!p)
		return false;
	for (size_t i = 0; i < count; i++)
		put16(p + i * BYTES_A_SAMPLE, (uint16_t)samples[i]);
	buf_added(out, count * BYTES_A_SAMPLE);
	return true;
}
