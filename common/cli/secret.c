#include "cli/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/run.h"
#include "cli/secret_private.h"

const struct opt secret_options[] = {
	{ OPT_FILE, 0, "password-file", "FILE",
		"the password is its first line",
		.offset = offsetof(struct secret_options, file) },
	{ OPT_STRING, 0, "password-command", "COMMAND",
		"the password is the first line it prints",
		.offset = offsetof(struct secret_options, command) },
	{ OPT_STRING, 0, "password-fd", "FD",
		"the password is the first line read from it",
		.offset = offsetof(struct secret_options, fd) },
	{ OPT_END },
};

void secret_harden(void)
{
	struct rlimit none = { 0, 0 };
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* ---- a line from a descriptor, by the loop ---- */

struct reading {
	int fd;
	enum secret_until until;
	int error;
	bool done;
	struct buf text;
};

/* By single bytes where something else may follow for somebody else: a
 * message body on the same stdin. */
static void on_ready(void *arg, unsigned what)
{
	struct reading *rd = arg;
	(void)what;
	size_t most = rd->until == SECRET_LINE ? 1 : 512;
	char *to = buf_reserve(&rd->text, most);
	ssize_t n = to ? read(rd->fd, to, most) : 0;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n < 0)
		rd->error = errno;
	if (n > 0)
		buf_added(&rd->text, (size_t)n);
	rd->done = n <= 0 || (rd->until == SECRET_LINE && *to == '\n');
}

static bool is_done(void *reading)
{
	const struct reading *rd = reading;
	return rd->done;
}

static char *first_line(struct reading *rd, const char *from, struct err *e)
{
	struct span text = buf_view(&rd->text), line;
	span_cut(&text, '\n', &line);
	if (span_ends(line, "\r"))
		line.n--;
	if (rd->error)
		err_errno(e, STATUS_LOCAL_IO, rd->error, "%s", from);
	else if (rd->text.failed || line.n > SECRET_MAX)
		err_set(e, STATUS_AUTH, "%s: longer than %d bytes", from,
			SECRET_MAX);
	else if (line.n == 0)
		err_set(e, STATUS_AUTH, "%s: no password in it", from);
	else if (span_has(line, '\0'))
		err_set(e, STATUS_AUTH, "%s: a NUL in the password", from);
	else
		return span_dup(line);
	return NULL;
}

char *secret_read_line(struct run *r, int fd, enum secret_until until,
	const char *from, struct err *e)
{
	struct reading rd = { .fd = fd, .until = until };
	char *password = NULL;
	buf_init(&rd.text, SECRET_MAX + 1024);
	secret_harden();
	struct watch *w = watch_new(r->loop, fd, on_ready, &rd, e);
	if (!w)
		return NULL;
	watch_want(w, WATCH_READ);
	if (run_until(r, is_done, &rd, USEC_NEVER) == RUN_DONE)
		password = first_line(&rd, from, e);
	else
		err_set(e, STATUS_AUTH, "%s: no password came", from);
	watch_free(w);
	buf_clear_wiped(&rd.text);
	return password;
}

/* ---- where it is ---- */

static char *from_file(struct run *r, const char *path, struct err *e)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) < 0) {
		err_errno(e, STATUS_LOCAL_IO, errno, "%s", path);
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	/* A warning only: what is mounted into a container is 0444. */
	if (S_ISREG(st.st_mode) && (st.st_mode & (S_IRWXG | S_IRWXO)))
		run_warn(r, "%s can be read by others", path);
	char *password = secret_read_line(r, fd, SECRET_LINE, path, e);
	close(fd);
	return password;
}

static char *from_fd(struct run *r, const char *text, struct err *e)
{
	uint32_t fd;
	if (!span_to_u32(span_of(text), INT32_MAX, &fd)) {
		err_set(e, STATUS_USAGE,
			"--password-fd: \"%s\" is not a descriptor", text);
		return NULL;
	}
	char from[32] = "descriptor ";
	span_copy(from + strlen(from), sizeof(from) - strlen(from),
		span_of(text));
	if (fcntl((int)fd, F_GETFD) < 0) {
		err_errno(e, STATUS_LOCAL_IO, errno, "%s", from);
		return NULL;
	}
	return secret_read_line(r, (int)fd, SECRET_LINE, from, e);
}

char *secret_read(struct run *r, const struct secret_options *o,
	const char *whose, struct err *e)
{
	struct err why = ERR_NONE;
	char *password;
	if (o->file)
		password = from_file(r, o->file, &why);
	else if (o->command)
		password = secret_from_command(r, o->command, &why);
	else if (o->fd)
		password = from_fd(r, o->fd, &why);
	else
		password = secret_from_terminal(r, whose, &why);
	if (password)
		return password;
	if (why.status == STATUS_AUTH)
		err_prefix(&why, "password of %s", whose);
	if (e)
		*e = why;
	return NULL;
}
