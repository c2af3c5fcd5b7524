#include "source.h"

#include <errno.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/input.h"
#include "xmpp/snippets.h"

#define READ_SIZE (64 * 1024)

struct source {
	int fd;
	source_check *check;
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
	struct source *i, const struct xml_element *s, struct err *e)
{
	unsigned long long line, column;
	if (i->check(i->arg, s, e))
		return true;
	xmpp_snippets_place(i->snippets, &line, &column);
	err_prefix(e, "line %llu, column %llu", line, column);
	return false;
}

enum source_got source_next(
	struct source *i, struct xml_element **out, struct err *e)
{
	switch (xmpp_snippets_take(i->snippets, &i->rest, out, e)) {
	case XMPP_SNIPPETS_STANZA:
		if (is_sendable(i, *out, e))
			return SOURCE_STANZA;
		xml_element_free(*out);
		return SOURCE_FAULT;
	case XMPP_SNIPPETS_FAULT:
		return SOURCE_FAULT;
	case XMPP_SNIPPETS_MORE:
		break;
	}
	if (i->error) {
		err_errno(e, STATUS_LOCAL_IO, i->error, "input");
		return SOURCE_FAULT;
	}
	if (i->ended)
		return xmpp_snippets_end(i->snippets, e) ? SOURCE_END
							 : SOURCE_FAULT;
	watch_want(i->watch, WATCH_READ);
	return SOURCE_NONE;
}

/* ---- as a stream ---- */

static void on_bytes(void *arg, unsigned what)
{
	struct source *i = arg;
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

void source_rewind(struct source *i)
{
	xmpp_snippets_free(i->snippets);
	i->snippets = xmpp_snippets_new();
	i->rest = buf_view(&i->bytes);
}

static bool check_all(struct source *i, struct err *e)
{
	struct xml_element *s;
	enum source_got got;
	while ((got = source_next(i, &s, e)) == SOURCE_STANZA)
		xml_element_free(s);
	source_rewind(i);
	return got == SOURCE_END;
}

struct source *source_open(struct run *r, int fd, bool stream,
	source_check *check, void (*ready)(void *arg), void *arg, struct err *e)
{
	struct source *i = mem_alloc(sizeof(*i));
	*i = (struct source){ .fd = fd,
		.check = check,
		.ready = ready,
		.arg = arg,
		.bytes = BUF_INIT(stream ? READ_SIZE : SOURCE_MAX) };
	bool good;
	if (stream) {
		i->watch = watch_new(r->loop, fd, on_bytes, i, e);
		good = i->watch != NULL;
		source_rewind(i);
	} else {
		good = input_read_whole(r, "-", &i->bytes, e);
		i->ended = true;
		source_rewind(i);
		good = good && check_all(i, e);
	}
	if (good)
		return i;
	source_close(i);
	return NULL;
}

void source_close(struct source *i)
{
	if (!i)
		return;
	watch_free(i->watch);
	xmpp_snippets_free(i->snippets);
	buf_clear(&i->bytes);
	mem_free(i);
}
