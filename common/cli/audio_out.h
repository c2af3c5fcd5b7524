/* audio_out - samples to standard output or a file, as WAV
 *
 * In a regular file the header's sizes are right at the end and were never
 * more than a second behind before it, so that a kill or a full disk leaves a
 * valid file.  On a pipe they say "unknown".  A terminal is refused.
 */
#ifndef CLI_AUDIO_OUT_H
#define CLI_AUDIO_OUT_H

#include "base/err.h"
#include "cli/out.h"

struct audio_out;

/* So much of it waits for a slow reader at most. */
#define AUDIO_OUT_BEHIND_MAX (5 * 60) /* s: with samples of 8 kHz 4.8 MB */

/* out is borrowed.  raw: samples alone, s16le. */
struct audio_out *audio_out_new(
	struct out *out, unsigned rate, bool raw, struct err *e);
void audio_out_free(struct audio_out *o); /* NULL is fine */

/* False: out failed or its reader is behind by more than that (e), or its
 * reader left (e untouched). */
bool audio_out_write(struct audio_out *o, const int16_t *samples, size_t count,
	struct err *e);
/* Is there a header to be put right at the end? */
bool audio_out_is_file(const struct audio_out *o);
/* After the last one, and once out is drained: the header's last sizes. */
bool audio_out_finish(struct audio_out *o, struct err *e);

#endif
