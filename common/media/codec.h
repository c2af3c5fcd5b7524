/* codec - samples to RTP payloads and back
 *
 * One table of the audio codecs there are, in the order in which to offer
 * them; names, static payload types and clock rates are those of RFC 3551
 * section 6.  Samples are signed, 16 bits, in host order, interleaved where
 * there are several channels.
 *
 * A codec has the state of one direction of one stream: make one for each.
 * The RTP clock is not always the sampling rate (G.722, RFC 3551 section
 * 4.5.2), so both are told.
 */
#ifndef MEDIA_CODEC_H
#define MEDIA_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

#define CODEC_DYNAMIC (-1) /* no static payload type */

struct codec_format {
	const char *name;     /* as in a=rtpmap; compared without case */
	int payload_type;     /* static, or CODEC_DYNAMIC */
	unsigned clock_rate;  /* Hz, of RTP timestamps and a=rtpmap */
	unsigned sample_rate; /* Hz, of the samples */
	unsigned channels;
};

/* The formats in the order of preference; NULL behind the last. */
const struct codec_format *codec_format_at(size_t index);
/* NULL where there is none of that kind. */
const struct codec_format *codec_format_find(
	struct span name, unsigned clock_rate, unsigned channels);
const struct codec_format *codec_format_find_static(unsigned payload_type);

struct codec;
struct codec *codec_new(const struct codec_format *format);
void codec_free(struct codec *c); /* NULL is fine */
const struct codec_format *codec_format_of(const struct codec *c);

/* Appends the payload of these samples, count of each channel: a whole packet
 * (20 ms unless the far side asked for other).  False where out is full. */
bool codec_encode(
	struct codec *c, struct buf *out, const int16_t *samples, size_t count);

/* How many samples of each channel the payload holds. */
size_t codec_samples(const struct codec *c, struct span payload);

/* At most max of each channel; returns how many.  What does not fit is
 * dropped: ask codec_samples first. */
size_t codec_decode(
	struct codec *c, struct span payload, int16_t *out, size_t max);

/* One octet of G.711, for audio files that hold it. */
int16_t codec_ulaw_sample(uint8_t octet);
int16_t codec_alaw_sample(uint8_t octet);

#endif
