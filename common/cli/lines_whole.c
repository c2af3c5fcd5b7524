#include <errno.h>
#include <unistd.h>

#include "cli/lines.h"
#include "cli/run.h"

#define READ_SIZE (64 * 1024)

struct whole {
	int fd;
	struct buf *out;
	int error;
	bool done;
};

static void on_bytes(void *arg, unsigned what)
{
	struct whole *w = arg;
	(void)what;
	/* One more than may be: that is how too much is seen. */
	char *to = buf_reserve(w->out, 1);
	size_t room = w->out->max - w->out->len;
	if (room > READ_SIZE)
		room = READ_SIZE;
	to = to ? buf_reserve(w->out, room) : NULL;
	ssize_t n = to ? read(w->fd, to, room) : 0;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n < 0)
		w->error = errno;
	if (n > 0)
		buf_added(w->out, (size_t)n);
	w->done = n <= 0;
}

static bool is_done(void *whole)
{
	const struct whole *w = whole;
	return w->done;
}

bool lines_read_whole(
	struct run *r, int fd, size_t max, struct buf *out, struct err *e)
{
	struct buf in = BUF_INIT(max + 1);
	struct whole whole = { .fd = fd, .out = &in };
	bool good = false;
	struct watch *w = watch_new(r->loop, fd, on_bytes, &whole, e);
	if (!w)
		return false;
	watch_want(w, WATCH_READ);
	if (run_until(r, is_done, &whole, USEC_NEVER) != RUN_DONE)
		err_set(e, STATUS_TIMEOUT, "the input does not end");
	else if (whole.error)
		err_errno(e, STATUS_LOCAL_IO, whole.error, "input");
	else if (in.len > max)
		err_set(e, STATUS_MALFORMED,
			"the input is longer than %zu bytes", max);
	else
		good = true;
	watch_free(w);
	if (good && !buf_span(out, buf_view(&in)))
		good = err_set(e, STATUS_MALFORMED,
			"the input is longer than %zu bytes", out->max);
	buf_clear(&in);
	return good;
}
