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

/* out is borrowed.  raw: samples alone, s16le. */
struct audio_out *audio_out_new(
	struct out *out, unsigned rate, bool raw, struct err *e);
void audio_out_free(struct audio_out *o); /* NULL is fine */

/* False: out could not take them (out_has_failed, out_has_reader). */
bool audio_out_write(
	struct audio_out *o, const int16_t *samples, size_t count);
/* After the last one, and once out is drained: the header's last sizes. */
bool audio_out_finish(struct audio_out *o, struct err *e);

#endif
