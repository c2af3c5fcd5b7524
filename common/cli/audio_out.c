#include "cli/audio_out.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "media/wav.h"

struct audio_out {
	struct out *out;
	int fd;
	unsigned rate;
	bool raw, seekable;
	off_t start; /* where in the file the header is */
	uint64_t bytes, patched;
};

/* A file can be corrected later, unless every write goes to its end. */
static bool find_start(struct audio_out *o)
{
	struct stat st;
	int flags = fcntl(o->fd, F_GETFL);
	if (fstat(o->fd, &st) < 0 || !S_ISREG(st.st_mode) || flags < 0 ||
		(flags & O_APPEND))
		return false;
	o->start = lseek(o->fd, 0, SEEK_CUR);
	return o->start >= 0;
}

struct audio_out *audio_out_new(
	struct out *out, unsigned rate, bool raw, struct err *e)
{
	if (isatty(out_fd(out))) {
		err_set(e, STATUS_USAGE, "audio is not written to a terminal");
		return NULL;
	}
	struct audio_out *o = mem_alloc(sizeof(*o));
	unsigned char header[WAV_HEADER_SIZE];
	o->out = out;
	o->fd = out_fd(out);
	o->rate = rate;
	o->raw = raw;
	o->seekable = !raw && find_start(o);
	wav_header(header, rate, 1, o->seekable ? 0 : WAV_OPEN);
	if (raw || out_write(out, span_from((char *)header, sizeof(header)), e))
		return o;
	audio_out_free(o);
	return NULL;
}

void audio_out_free(struct audio_out *o)
{
	mem_free(o);
}

/* What the header says is never more than what the file holds: it must not
 * run ahead of the queue. */
static bool patch(struct audio_out *o, uint64_t bytes)
{
	unsigned char header[WAV_HEADER_SIZE];
	wav_header(header, o->rate, 1, bytes);
	ssize_t n = pwrite(o->fd, header, sizeof(header), o->start);
	o->patched = bytes;
	return n == sizeof(header);
}

bool audio_out_write(struct audio_out *o, const int16_t *samples, size_t count,
	struct err *e)
{
	struct buf bytes = BUF_INIT(count * sizeof(*samples));
	uint64_t second = (uint64_t)o->rate * sizeof(*samples);
	if (out_waiting(o->out) > AUDIO_OUT_BEHIND_MAX * second)
		return err_set(e, STATUS_LOCAL_IO,
			"whoever reads the audio is behind by %d minutes",
			AUDIO_OUT_BEHIND_MAX / 60);
	if (o->seekable && o->bytes - o->patched >= second &&
		out_is_drained(o->out))
		patch(o, o->bytes);
	wav_add_samples(&bytes, samples, count);
	bool taken = out_write(o->out, buf_view(&bytes), e);
	buf_clear(&bytes);
	if (taken)
		o->bytes += count * sizeof(*samples);
	return taken;
}

bool audio_out_is_file(const struct audio_out *o)
{
	return o->seekable;
}

bool audio_out_finish(struct audio_out *o, struct err *e)
{
	if (!o->seekable || patch(o, o->bytes))
		return true;
	return err_errno(e, STATUS_LOCAL_IO, errno, "audio output");
}
