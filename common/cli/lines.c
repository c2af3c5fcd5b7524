#include "cli/lines.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#define READ_SIZE (64 * 1024)

struct lines {
	struct lines_settings settings;
	struct watch *watch;
	struct buf in;
	size_t searched; /* no end of a line stands before this */
	size_t used;     /* the line given last, consumed by the next call */
	uint64_t number; /* of that line */
	bool ended;
	int error;
};

static bool is_too_long(const struct lines *l)
{
	return l->searched - l->used > l->settings.max;
}

/* Whether a whole line stands behind the one given last. */
static bool has_line(struct lines *l)
{
	if (l->searched < l->in.len) {
		const char *at = memchr(l->in.data + l->searched,
			l->settings.end, l->in.len - l->searched);
		l->searched = at ? (size_t)(at - l->in.data) : l->in.len;
	}
	return l->searched < l->in.len;
}

static bool has_next(struct lines *l)
{
	return has_line(l) || l->ended || l->error || is_too_long(l);
}

bool lines_has_next(void *lines)
{
	struct lines *l = lines;
	bool has = has_next(l);
	if (!has)
		watch_want(l->watch, WATCH_READ);
	return has;
}

static void on_ready(void *arg, unsigned what)
{
	struct lines *l = arg;
	(void)what;
	char *to = buf_reserve(&l->in, READ_SIZE);
	ssize_t n = to ? read(l->settings.fd, to, READ_SIZE) : 0;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n < 0)
		l->error = errno;
	else if (n == 0)
		l->ended = true;
	else
		buf_added(&l->in, (size_t)n);
	if (!has_next(l))
		return;
	watch_want(l->watch, 0);
	if (l->settings.ready)
		l->settings.ready(l->settings.arg);
}

struct lines *lines_new(
	struct loop *loop, const struct lines_settings *s, struct err *e)
{
	struct lines *l = mem_alloc(sizeof(*l));
	l->settings = *s;
	/* The line given last, one at the maximum, and what a read brings. */
	buf_init(&l->in, 2 * s->max + 2 + 2 * READ_SIZE);
	l->watch = watch_new(loop, s->fd, on_ready, l, e);
	if (!l->watch) {
		mem_free(l);
		return NULL;
	}
	watch_want(l->watch, WATCH_READ);
	return l;
}

void lines_free(struct lines *l)
{
	if (!l)
		return;
	watch_free(l->watch);
	buf_clear(&l->in);
	mem_free(l);
}

static enum lines_got give(
	struct lines *l, struct span *line, size_t behind, struct err *e)
{
	*line = span_first(buf_view(&l->in), l->searched);
	l->number++;
	if (line->n > l->settings.max) {
		err_set(e, STATUS_MALFORMED,
			"line %llu of the input is longer than %zu bytes",
			(unsigned long long)l->number, l->settings.max);
		return LINES_FAILED;
	}
	l->used = l->searched + behind;
	l->searched = l->used;
	return LINES_LINE;
}

enum lines_got lines_next(struct lines *l, struct span *line, struct err *e)
{
	buf_consume(&l->in, l->used);
	l->searched -= l->used;
	l->used = 0;
	if (has_line(l))
		return give(l, line, 1, e);
	if (is_too_long(l) || (l->ended && l->in.len))
		return give(l, line, 0, e);
	if (l->error) {
		err_errno(e, STATUS_LOCAL_IO, l->error, "input");
		return LINES_FAILED;
	}
	if (l->ended)
		return LINES_END;
	watch_want(l->watch, WATCH_READ);
	return LINES_NONE;
}
