/* audio_in - samples from standard input, as fast as somebody takes them
 *
 * WAV, AU or raw, from a file or a live pipe, read by the loop: at most
 * AUDIO_IN_AHEAD of it is held, so a fast writer is kept waiting, and a slow
 * one is waited for by nobody (who asks gets what there is).  A regular file's
 * beginning is read at once: what is no audio is known before anybody's
 * telephone rings.  A terminal is no audio: it is taken as an input that has
 * ended.
 */
#ifndef CLI_AUDIO_IN_H
#define CLI_AUDIO_IN_H

#include "base/err.h"
#include "media/wav.h"
#include "net/loop.h"

#define AUDIO_IN_AHEAD_MS 1000

struct audio_in;

/* raw: NULL where the input says itself what it is. */
struct audio_in *audio_in_new(struct loop *l, int fd, unsigned rate,
	const struct wav_format *raw, struct err *e);
void audio_in_free(struct audio_in *in); /* NULL is fine */

/* At most max samples now.  *ended: no more will come. */
size_t audio_in_take(
	struct audio_in *in, int16_t *out, size_t max, bool *ended);

/* The input ended without a single byte: there is none. */
bool audio_in_is_absent(const struct audio_in *in);
/* The last sample was taken. */
bool audio_in_is_over(const struct audio_in *in);
/* It is no audio, or could not be read. */
bool audio_in_has_failed(const struct audio_in *in, struct err *e);
/* Bytes that its header promised and that did not come before its end. */
uint64_t audio_in_missing(const struct audio_in *in);

#endif
