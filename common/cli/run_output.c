/* Where records go: stdout, and what --records names. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/out.h"
#include "cli/run.h"
#include "cli/run_private.h"

/* How long a stdout that takes nothing more is waited for at the end of a run
 * that had a deadline; and of one that a signal has ended, whose farewell may
 * have taken all the time there was. */
#define LAST_WORDS (5 * USEC_SEC)
#define LAST_WORDS_AFTER_SIGNAL (300 * USEC_MS)
/* How often a FIFO is tried until it has a reader. */
#define FIFO_INTERVAL (20 * USEC_MS)

struct output {
	struct link link;
	struct out *out;
	int fd;
};

struct out *run_add_output(struct run *r, int fd, struct err *e)
{
	struct out *o = out_new(fd, r->loop, e);
	if (!o)
		return NULL;
	struct output *place = mem_alloc(sizeof(*place));
	place->out = o;
	place->fd = fd;
	list_append(&r->outputs, &place->link);
	return o;
}

static bool is_fifo(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
}

/* A FIFO without a reader is waited for here, since no signal would be heard
 * in open(2). */
static int open_file(struct run *r, const char *path)
{
	int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
	if (!is_fifo(path))
		return open(path, flags, 0666);
	int fd;
	while ((fd = open(path, flags | O_NONBLOCK, 0666)) < 0 &&
		errno == ENXIO) {
		run_until(r, NULL, NULL, loop_now(r->loop) + FIFO_INTERVAL);
		if (r->ending) {
			errno = ENXIO;
			return -1;
		}
	}
	if (fd >= 0)
		fcntl(fd, F_SETFL, O_WRONLY);
	return fd;
}

struct out *run_output(struct run *r, const char *file_or_fd, struct err *e)
{
	uint32_t number;
	int fd;
	if (span_to_u32(span_of(file_or_fd), INT32_MAX, &number))
		fd = fcntl((int)number, F_DUPFD_CLOEXEC, 3);
	else
		fd = open_file(r, file_or_fd);
	struct out *o = NULL;
	if (fd < 0 && errno == ENXIO)
		err_set(e, STATUS_LOCAL_IO, "%s: nobody reads it", file_or_fd);
	else if (fd < 0)
		err_errno(e, STATUS_LOCAL_IO, errno, "%s", file_or_fd);
	else
		o = run_add_output(r, fd, e);
	if (!o && fd >= 0)
		close(fd);
	if (o)
		out_set_json(o, out_is_json(r->out));
	return o;
}

/* Waits until all is written.  Without a deadline, as long as its reader takes;
 * a signal ends that, too. */
static bool drain(struct run *r, struct out *o)
{
	usec_t now = loop_now(r->loop);
	enum run_end how;
	if (r->signal && r->deadline < now + LAST_WORDS_AFTER_SIGNAL)
		r->deadline = now + LAST_WORDS_AFTER_SIGNAL;
	else if (r->signal && r->deadline > now + RUN_FAREWELL)
		r->deadline = now + RUN_FAREWELL;
	else if (!r->signal && r->deadline != USEC_NEVER)
		r->deadline = now + LAST_WORDS;
	r->ending = r->signal != 0;
	do
		how = run_until(r, out_is_drained, o, USEC_NEVER);
	while (how == RUN_SIGNAL || how == RUN_READER_LEFT);
	return how == RUN_DONE;
}

/* Closing tells of errors that a network file system has kept to itself until
 * then. */
static void finish_output(struct run *r, struct output *place, struct err *e)
{
	struct err failure = ERR_NONE;
	if (out_has_reader(place->out) && !drain(r, place->out))
		err_set(&failure, STATUS_LOCAL_IO,
			"nobody reads the output any more");
	out_has_failed(place->out, &failure);
	if (close(place->fd) < 0 && !err_is_set(&failure))
		err_errno(&failure, STATUS_LOCAL_IO, errno, "output");
	if (err_is_set(&failure) &&
		status_worse(e->status, failure.status) != e->status)
		*e = failure;
}

static void free_output(struct output *place)
{
	out_free(place->out);
	list_remove(&place->link);
	mem_free(place);
}

/* All are there until the last is written: whoever waits looks at stdout. */
void run_finish_outputs(struct run *r, struct err *e)
{
	LIST_EACH(&r->outputs, at)
	finish_output(r, LIST_ITEM(at, struct output, link), e);
	LIST_EACH(&r->outputs, at)
	free_output(LIST_ITEM(at, struct output, link));
}
