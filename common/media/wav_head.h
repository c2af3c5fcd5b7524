/* wav_head - what the headers of audio files say; for media/wav.c only
 *
 * WAV by Microsoft's RIFF and WAVEFORMATEX, AU by Sun's audio file format.
 * Everything that is not simply samples is refused with how to convert it;
 * `rate` is the sampling rate that is needed.
 */
#ifndef MEDIA_WAV_HEAD_H
#define MEDIA_WAV_HEAD_H

#include "media/wav.h"

enum {
	WAV_MAGIC_SIZE = 4,
	WAV_RIFF_SIZE = 12,
	WAV_CHUNK_SIZE = 8,
	WAV_FMT_MIN = 16,        /* of a fmt chunk, all have it */
	WAV_FMT_EXTENSIBLE = 40, /* where the tag is in a GUID */
	WAV_AU_SIZE = 24,
};

/* What sox (0x7ffff000), arecord, espeak-ng (0x7ffff000 and a bit), ffmpeg
 * (0xffffffff) write where they cannot know the size of the data. */
#define WAV_OPEN_LEAST UINT32_C(0x7fff0000)

uint16_t wav_le16(const unsigned char *p);
uint32_t wav_le32(const unsigned char *p);
uint32_t wav_be32(const unsigned char *p);

/* The sentence for a beginning that is neither RIFF nor AU; false. */
bool wav_head_refuse(const unsigned char magic[WAV_MAGIC_SIZE], unsigned rate,
	struct err *e);

/* n is WAV_FMT_MIN or WAV_FMT_EXTENSIBLE. */
bool wav_head_fmt(struct wav_format *f, const unsigned char *p, size_t n,
	unsigned rate, struct err *e);
/* Also how many octets of annotation follow. */
bool wav_head_au(struct wav_format *f, uint32_t *annotation,
	const unsigned char p[WAV_AU_SIZE], unsigned rate, struct err *e);

#endif
