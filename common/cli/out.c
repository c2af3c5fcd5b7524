#include "cli/out.h"

#include <errno.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

/* What a pipe that poll calls writable takes without blocking (pipe(7)). */
#define PIECE 4096
/* What one turn of the loop writes at most, so that peers are served too. */
#define TURN (64 * 1024)

struct out {
	int fd;
	bool json;
	bool waits;   /* poll tells when it takes more: pipe, socket, tty */
	bool is_pipe; /* a leaving reader shows as an error on it */
	bool was_full, reader_left;
	struct err failure;
	struct buf queue;
	size_t begun; /* where in queue the record at hand begins */
	struct loop *loop;
	struct watch *watch; /* where it waits, else */
	struct timer *soon;  /* written with the next turn */
	void (*drained)(void *arg);
	void *arg;
	bool owes; /* something was given since written was called */
	void (*written)(void *arg);
	void *written_arg;
};

static bool is_gone(const struct out *o)
{
	return o->reader_left || err_is_set(&o->failure);
}

static void gone(struct out *o, int number)
{
	if (number == EPIPE)
		o->reader_left = true;
	else
		err_errno(&o->failure, STATUS_LOCAL_IO, number,
			o->fd == STDOUT_FILENO ? "standard output" : "output");
	buf_clear(&o->queue);
}

/* One write; false where nothing more can be written now. */
static bool write_some(struct out *o, size_t most)
{
	size_t n = o->queue.len < most ? o->queue.len : most;
	ssize_t written = write(o->fd, o->queue.data, n);
	if (written >= 0) {
		buf_consume(&o->queue, (size_t)written);
		return o->queue.len > 0;
	}
	if (errno == EINTR)
		return true;
	if (errno != EAGAIN && errno != EWOULDBLOCK)
		gone(o, errno);
	return false;
}

static bool is_writable(const struct out *o, int wait_ms)
{
	struct pollfd p = { .fd = o->fd, .events = POLLOUT };
	return poll(&p, 1, wait_ms) > 0;
}

static void want(struct out *o)
{
	if (o->watch)
		watch_want(o->watch,
			(o->queue.len ? WATCH_WRITE : 0) |
				(o->is_pipe && !is_gone(o) ? WATCH_READ : 0));
	else if (o->soon && o->queue.len && !timer_is_set(o->soon))
		timer_set(o->soon, 0);
}

static void settle(struct out *o)
{
	want(o);
	if (o->queue.len == 0 && o->owes && !is_gone(o)) {
		o->owes = false;
		if (o->written)
			o->written(o->written_arg);
	}
	if (o->queue.len == 0 && o->was_full) {
		o->was_full = false;
		if (o->drained)
			o->drained(o->arg);
	}
}

/* A pipe's write end is never readable: the event is its broken other end. */
static void look_for_reader(struct out *o)
{
	struct pollfd p = { .fd = o->fd };
	if (poll(&p, 1, 0) > 0 && (p.revents & POLLERR))
		gone(o, EPIPE);
	else
		o->is_pipe = false;
}

static void on_ready(void *arg, unsigned what)
{
	struct out *o = arg;
	if (what & WATCH_WRITE)
		for (size_t done = 0; done < TURN; done += PIECE)
			if (!write_some(o, PIECE) || !is_writable(o, 0))
				break;
	if ((what & WATCH_READ) && !is_gone(o))
		look_for_reader(o);
	settle(o);
}

static void on_soon(void *arg)
{
	struct out *o = arg;
	while (o->queue.len && write_some(o, o->queue.len))
		;
	settle(o);
}

struct out *out_new(int fd, struct loop *l, struct err *e)
{
	struct stat st;
	if (fstat(fd, &st) < 0) {
		err_errno(e, STATUS_LOCAL_IO, errno, "output");
		return NULL;
	}
	struct out *o = mem_alloc(sizeof(*o));
	o->fd = fd;
	o->loop = l;
	o->is_pipe = l && S_ISFIFO(st.st_mode);
	o->waits = S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) || isatty(fd);
	/* A record is bounded by what its maker was fed. */
	buf_init(&o->queue, (size_t)4 * OUT_MAX);
	if (l && o->waits)
		o->watch = watch_new(l, fd, on_ready, o, e);
	else if (l)
		o->soon = timer_new(l, on_soon, o);
	if (l && o->waits && !o->watch) {
		mem_free(o);
		return NULL;
	}
	want(o);
	return o;
}

void out_free(struct out *o)
{
	if (!o)
		return;
	watch_free(o->watch);
	timer_free(o->soon);
	buf_clear(&o->queue);
	mem_free(o);
}

void out_set_json(struct out *o, bool json)
{
	o->json = json;
}

bool out_is_json(const struct out *o)
{
	return o->json;
}

int out_fd(const struct out *o)
{
	return o->fd;
}

bool out_flush(struct out *o, struct err *e)
{
	while (o->queue.len) {
		if (!o->waits)
			write_some(o, o->queue.len);
		else if (is_writable(o, -1))
			write_some(o, PIECE);
	}
	settle(o);
	out_has_failed(o, e);
	return !is_gone(o);
}

struct buf *out_begin(struct out *o)
{
	o->begun = o->queue.len;
	return &o->queue;
}

bool out_end(struct out *o, struct err *e)
{
	if (is_gone(o)) {
		buf_reset(&o->queue);
		out_has_failed(o, e);
		return false;
	}
	if (o->queue.failed) {
		o->queue.len = o->begun;
		o->queue.failed = false;
		return err_set(e, STATUS_LOCAL_IO,
			"a record is too large to be written");
	}
	if (out_is_full(o))
		o->was_full = true;
	o->owes = true;
	if (o->queue.len > OUT_MAX || (!o->loop && out_is_full(o)))
		return out_flush(o, e);
	want(o);
	return true;
}

bool out_write(struct out *o, struct span bytes, struct err *e)
{
	buf_span(out_begin(o), bytes);
	return out_end(o, e);
}

bool out_is_full(const struct out *o)
{
	return o->queue.len > OUT_HIGH;
}

size_t out_waiting(const struct out *o)
{
	return o->queue.len;
}

bool out_is_drained(void *out)
{
	const struct out *o = out;
	return o->queue.len == 0;
}

bool out_has_reader(const struct out *o)
{
	return !o->reader_left;
}

bool out_has_failed(const struct out *o, struct err *e)
{
	if (!err_is_set(&o->failure))
		return false;
	if (e)
		*e = o->failure;
	return true;
}

void out_on_written(struct out *o, void (*written)(void *arg), void *arg)
{
	o->written = written;
	o->written_arg = arg;
}

void out_on_drained(struct out *o, void (*drained)(void *arg), void *arg)
{
	o->drained = drained;
	o->arg = arg;
}
