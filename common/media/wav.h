/* wav - audio as bytes: reading WAV, AU and raw samples, writing WAV
 *
 * Pure functions on bytes that come in pieces of any size; descriptors are
 * the caller's.  Samples are signed, 16 bits, one channel, host order.
 *
 * Reading.  WAV with linear samples of 8 to 32 bits, µ-law or A-law; AU with
 * the same; raw by wav_parse_raw's description.  Several channels are averaged,
 * more than 16 bits cut to 16; another sampling rate is refused with a sentence
 * that says how to convert.  Chunks that are not needed are skipped, a data
 * size that streaming writers leave open (0xffffffff, 0x7ffff000, 0) lasts to
 * the end of the input.  Whatever sizes a header claims, memory is constant.
 *
 * Writing.  A WAV that is valid at every moment: on a pipe the header says
 * "unknown"; in a file the caller writes wav_header(…, bytes so far) to offset
 * 0 again each second or so, and at the end.
 */
#ifndef MEDIA_WAV_H
#define MEDIA_WAV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#define WAV_CHANNELS_MAX 8
#define WAV_HELD_MAX 64 /* the longest part of a header, or a frame */

enum wav_encoding { WAV_LINEAR, WAV_ULAW, WAV_ALAW };

struct wav_format {
	enum wav_encoding encoding;
	unsigned rate;     /* Hz */
	unsigned channels; /* 1 … WAV_CHANNELS_MAX */
	unsigned width;    /* octets a sample, 1 … 4 */
	bool big_endian;
	bool offset; /* 8 bits unsigned with zero at 128, as in WAV */
};

struct wav_reader {
	struct wav_format format; /* once wav_reader_has_format */
	unsigned rate;            /* private, as is all below */
	int state, after_skip;
	bool has_format, unbounded;
	uint64_t skip; /* octets nobody needs, before after_skip */
	uint64_t left; /* of the data, where not unbounded */
	size_t held, need;
	unsigned char hold[WAV_HELD_MAX]; /* a part cut by the pieces' ends */
};

/* rate: the sampling rate the caller needs. */
void wav_reader_init(struct wav_reader *r, unsigned rate);
void wav_reader_init_raw(
	struct wav_reader *r, unsigned rate, const struct wav_format *format);

/* "s16le/8000", "s16be", "u8", "s8", "ulaw/8000", "alaw": the rate is 8000
 * where none is given. */
bool wav_parse_raw(struct wav_format *out, struct span text, struct err *e);

/* Uses bytes from the front of *in and gives samples until the one is empty or
 * the other full.  *count is set always.  After false the input is useless. */
bool wav_read(struct wav_reader *r, struct span *in, int16_t *out, size_t max,
	size_t *count, struct err *e);

/* The input has ended: false where there was no audio, or only half a header.
 * Data that was cut short is no error: wav_reader_missing tells. */
bool wav_read_end(const struct wav_reader *r, struct err *e);
uint64_t wav_reader_missing(const struct wav_reader *r); /* octets promised */
bool wav_reader_has_format(const struct wav_reader *r);

#define WAV_HEADER_SIZE 44
#define WAV_OPEN UINT64_MAX /* how much will follow is not known */

/* The header of 16-bit samples; data_bytes so far, or WAV_OPEN. */
void wav_header(unsigned char out[WAV_HEADER_SIZE], unsigned rate,
	unsigned channels, uint64_t data_bytes);
/* The samples as WAV has them. */
bool wav_add_samples(struct buf *out, const int16_t *samples, size_t count);

#endif
