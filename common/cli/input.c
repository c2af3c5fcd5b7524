#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cli/out.h"
#include "cli/run.h"

static void on_ready(void *arg, unsigned what)
{
	(void)what;
	((struct input *)arg)->is_ready = true;
}

static bool can_read(void *arg)
{
	const struct input *in = arg;
	return in->is_ready && !out_is_full(in->run->out);
}

bool input_open(struct input *in, struct run *r, const char *file, size_t held,
	struct err *e)
{
	*in = (struct input){ .bytes = BUF_INIT(held + INPUT_BLOCK), .run = r };
	in->fd = span_is(span_of(file), "-") ? STDIN_FILENO
					     : open(file, O_RDONLY | O_CLOEXEC);
	if (in->fd < 0)
		return err_errno(e, STATUS_LOCAL_IO, errno, "opening");
	in->watch = watch_new(r->loop, in->fd, on_ready, in, e);
	if (in->watch)
		watch_want(in->watch, WATCH_READ);
	return in->watch != NULL;
}

void input_close(struct input *in)
{
	watch_free(in->watch);
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	buf_clear(&in->bytes);
	*in = (struct input){ .fd = -1 };
}

enum input_got input_read(struct input *in, struct err *e)
{
	ssize_t n;
	do {
		enum run_end end = run_until(in->run, can_read, in, USEC_NEVER);
		if (end == RUN_DEADLINE)
			run_timed_out(in->run, "the input does not end", e);
		if (end != RUN_DONE)
			return INPUT_FAILED;
		n = read(in->fd, buf_reserve(&in->bytes, INPUT_BLOCK),
			INPUT_BLOCK);
		in->is_ready = false;
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	if (n < 0)
		err_errno(e, STATUS_LOCAL_IO, errno, "reading");
	else
		buf_added(&in->bytes, (size_t)n);
	return n < 0 ? INPUT_FAILED : n == 0 ? INPUT_END : INPUT_BYTES;
}

bool input_read_whole(
	struct run *r, const char *file, struct buf *out, struct err *e)
{
	struct input in;
	enum input_got got = INPUT_FAILED;
	bool good = input_open(&in, r, file, 0, e);
	while (good && (got = input_read(&in, e)) == INPUT_BYTES) {
		good = buf_span(out, buf_view(&in.bytes));
		buf_reset(&in.bytes);
	}
	input_close(&in);
	if (got == INPUT_BYTES)
		err_set(e, STATUS_MALFORMED, "longer than %zu bytes", out->max);
	if (err_is_set(e))
		err_prefix(
			e, "%s", span_is(span_of(file), "-") ? "input" : file);
	return got == INPUT_END;
}
