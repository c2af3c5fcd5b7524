#include "cli/audio_in.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

#define PIECE 8192

struct audio_in {
	int fd;
	struct watch *watch;
	struct wav_reader reader;
	struct buf samples; /* of int16_t */
	size_t ahead;       /* bytes of them to hold */
	bool any, ended;
	struct err failure;
};

static void stop_reading(struct audio_in *in)
{
	in->ended = true;
	watch_want(in->watch, 0);
}

static void want_more(struct audio_in *in)
{
	bool room = in->samples.len < in->ahead;
	watch_want(in->watch, !in->ended && room ? WATCH_READ : 0);
}

static void add_piece(struct audio_in *in, struct span bytes)
{
	int16_t samples[PIECE];
	while (bytes.n) {
		size_t count;
		bool good = wav_read(&in->reader, &bytes, samples, PIECE,
			&count, &in->failure);
		buf_add(&in->samples, samples, count * sizeof(*samples));
		if (!good) {
			stop_reading(in);
			return;
		}
	}
}

static void at_end(struct audio_in *in)
{
	stop_reading(in);
	if (in->any)
		wav_read_end(&in->reader, &in->failure);
}

static void readable(void *arg, unsigned what)
{
	(void)what;
	struct audio_in *in = arg;
	char bytes[PIECE];
	ssize_t n = read(in->fd, bytes, sizeof(bytes));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n < 0) {
		err_errno(&in->failure, STATUS_LOCAL_IO, errno, "audio input");
		stop_reading(in);
	} else if (n == 0) {
		at_end(in);
	} else {
		in->any = true;
		add_piece(in, span_from(bytes, (size_t)n));
	}
	want_more(in);
}

static bool is_file(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

struct audio_in *audio_in_new(struct loop *l, int fd, unsigned rate,
	const struct wav_format *raw, struct err *e)
{
	struct audio_in *in = mem_alloc(sizeof(*in));
	in->fd = fd;
	in->watch = watch_new(l, fd, readable, in, e);
	if (!in->watch) {
		mem_free(in);
		return NULL;
	}
	if (raw)
		wav_reader_init_raw(&in->reader, rate, raw);
	else
		wav_reader_init(&in->reader, rate);
	in->ahead = (size_t)rate * AUDIO_IN_AHEAD_MS / 1000 * sizeof(int16_t);
	buf_init(&in->samples, in->ahead + PIECE * sizeof(int16_t));
	in->ended = isatty(fd);
	if (is_file(fd))
		readable(in, WATCH_READ);
	want_more(in);
	return in;
}

void audio_in_free(struct audio_in *in)
{
	if (!in)
		return;
	watch_free(in->watch);
	buf_clear(&in->samples);
	mem_free(in);
}

size_t audio_in_take(struct audio_in *in, int16_t *out, size_t max, bool *ended)
{
	size_t held = in->samples.len / sizeof(*out);
	size_t count = held < max ? held : max;
	if (count)
		memcpy(out, in->samples.data, count * sizeof(*out));
	buf_consume(&in->samples, count * sizeof(*out));
	*ended = audio_in_is_over(in);
	want_more(in);
	return count;
}

bool audio_in_is_absent(const struct audio_in *in)
{
	return in->ended && !in->any && !err_is_set(&in->failure);
}

bool audio_in_is_over(const struct audio_in *in)
{
	return in->ended && in->samples.len == 0;
}

uint64_t audio_in_missing(const struct audio_in *in)
{
	return in->ended && in->any ? wav_reader_missing(&in->reader) : 0;
}

bool audio_in_has_failed(const struct audio_in *in, struct err *e)
{
	if (!err_is_set(&in->failure))
		return false;
	if (e)
		*e = in->failure;
	return true;
}
