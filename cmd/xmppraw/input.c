#include "input.h"

#include <errno.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/lines.h"
#include "xmpp/snippets.h"

#define READ_SIZE (64 * 1024)

struct input {
	int fd;
	input_check *check;
	void (*ready)(void *arg);
	void *arg;
	struct watch *watch; /* NULL: all of it is in `bytes` */
	struct xmpp_snippets *snippets;
	struct buf bytes;
	struct span rest; /* of bytes */
	int error;
	bool ended;
};

static bool is_sendable(
	struct input *i, const struct xml_element *s, struct err *e)
{
	unsigned long long line, column;
	if (i->check(i->arg, s, e))
		return true;
	xmpp_snippets_place(i->snippets, &line, &column);
	err_prefix(e, "line %llu, column %llu", line, column);
	return false;
}

enum input_got input_next(
	struct input *i, struct xml_element **out, struct err *e)
{
	switch (xmpp_snippets_take(i->snippets, &i->rest, out, e)) {
	case XMPP_SNIPPETS_STANZA:
		if (is_sendable(i, *out, e))
			return INPUT_STANZA;
		xml_element_free(*out);
		return INPUT_FAULT;
	case XMPP_SNIPPETS_FAULT:
		return INPUT_FAULT;
	case XMPP_SNIPPETS_MORE:
		break;
	}
	if (i->error) {
		err_errno(e, STATUS_LOCAL_IO, i->error, "input");
		return INPUT_FAULT;
	}
	if (i->ended)
		return xmpp_snippets_end(i->snippets, e) ? INPUT_END
							 : INPUT_FAULT;
	watch_want(i->watch, WATCH_READ);
	return INPUT_NONE;
}

/* ---- as a stream ---- */

static void on_bytes(void *arg, unsigned what)
{
	struct input *i = arg;
	(void)what;
	buf_reset(&i->bytes);
	char *to = buf_reserve(&i->bytes, READ_SIZE);
	ssize_t n = to ? read(i->fd, to, READ_SIZE) : 0;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n < 0)
		i->error = errno;
	if (n > 0)
		buf_added(&i->bytes, (size_t)n);
	i->ended = n == 0;
	i->rest = buf_view(&i->bytes);
	watch_want(i->watch, 0);
	i->ready(i->arg);
}

/* ---- whole ---- */

void input_rewind(struct input *i)
{
	xmpp_snippets_free(i->snippets);
	i->snippets = xmpp_snippets_new();
	i->rest = buf_view(&i->bytes);
}

static bool check_all(struct input *i, struct err *e)
{
	struct xml_element *s;
	enum input_got got;
	while ((got = input_next(i, &s, e)) == INPUT_STANZA)
		xml_element_free(s);
	input_rewind(i);
	return got == INPUT_END;
}

struct input *input_open(struct run *r, int fd, bool stream, input_check *check,
	void (*ready)(void *arg), void *arg, struct err *e)
{
	struct input *i = mem_alloc(sizeof(*i));
	*i = (struct input){ .fd = fd,
		.check = check,
		.ready = ready,
		.arg = arg,
		.bytes = BUF_INIT(stream ? READ_SIZE : INPUT_MAX) };
	bool good;
	if (stream) {
		i->watch = watch_new(r->loop, fd, on_bytes, i, e);
		good = i->watch != NULL;
		input_rewind(i);
	} else {
		good = lines_read_whole(r, fd, INPUT_MAX, &i->bytes, e);
		i->ended = true;
		input_rewind(i);
		good = good && check_all(i, e);
	}
	if (good)
		return i;
	input_close(i);
	return NULL;
}

void input_close(struct input *i)
{
	if (!i)
		return;
	watch_free(i->watch);
	xmpp_snippets_free(i->snippets);
	buf_clear(&i->bytes);
	mem_free(i);
}
