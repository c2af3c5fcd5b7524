#include "cli/exec.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/child.h"
#include "cli/out.h"

struct record_file {
	struct link link;
	int fd;
};

struct exec {
	struct run *run;
	const char *command;
	exec_done *done;
	void *arg;
	struct signal_watch *watch;
	struct timer *soon;  /* the next one starts with the next turn */
	struct link waiting; /* records, the oldest first */
	size_t count;
	struct record_file *begun;
	struct out *out; /* of begun */
	pid_t running;   /* 0: none */
	bool stopped;
};

static void drop(struct record_file *f)
{
	if (!f)
		return;
	list_remove(&f->link);
	close(f->fd);
	mem_free(f);
}

static void fail(struct exec *x, const struct err *e)
{
	exec_stop(x);
	x->done(x->arg, e);
}

/* ---- one after the other ---- */

static void start(void *arg)
{
	struct exec *x = arg;
	struct link *first = list_first(&x->waiting);
	if (!first || x->running || x->stopped)
		return;
	struct record_file *f = LIST_ITEM(first, struct record_file, link);
	struct err e = ERR_NONE;
	/* The child shares the file offset with us. */
	lseek(f->fd, 0, SEEK_SET);
	pid_t pid = child_start_group(
		x->command, NULL, f->fd, STDERR_FILENO, &e);
	drop(f);
	x->count--;
	if (pid > 0)
		x->running = pid;
	else
		fail(x, &e);
}

static void on_child(void *arg, int number)
{
	struct exec *x = arg;
	struct err e = ERR_NONE;
	int how;
	(void)number;
	if (!x->running || !child_has_ended(x->running, &how))
		return;
	x->running = 0;
	if (!child_ended_well("the command", how, STATUS_LOCAL_IO, &e)) {
		fail(x, &e);
		return;
	}
	timer_set(x->soon, 0);
	x->done(x->arg, &e);
}

/* ---- records ---- */

struct out *exec_begin(struct exec *x, struct err *e)
{
	int fd = memfd_create("record", MFD_CLOEXEC);
	x->out = fd < 0 ? NULL : out_new(fd, NULL, e);
	if (!x->out) {
		err_errno(e, STATUS_LOCAL_IO, errno, "a record for --exec");
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	out_set_json(x->out, true);
	x->begun = mem_alloc(sizeof(*x->begun));
	x->begun->fd = fd;
	link_init(&x->begun->link);
	return x->out;
}

bool exec_end(struct exec *x, struct err *e)
{
	bool good = out_flush(x->out, e);
	out_free(x->out);
	x->out = NULL;
	if (good && !x->stopped) {
		list_append(&x->waiting, &x->begun->link);
		x->count++;
		timer_set(x->soon, 0);
	} else {
		drop(x->begun);
	}
	x->begun = NULL;
	return good;
}

bool exec_is_full(const struct exec *x)
{
	return x->count >= EXEC_WAITING_MAX;
}

void exec_stop(struct exec *x)
{
	x->stopped = true;
	LIST_EACH(&x->waiting, at)
	drop(LIST_ITEM(at, struct record_file, link));
	x->count = 0;
}

bool exec_is_idle(void *exec)
{
	const struct exec *x = exec;
	return !x->running && x->count == 0;
}

/* ---- birth and death ---- */

struct exec *exec_new(struct run *r, const char *command, exec_done *done,
	void *arg, struct err *e)
{
	struct exec *x = mem_alloc(sizeof(*x));
	x->run = r;
	x->command = command;
	x->done = done;
	x->arg = arg;
	link_init(&x->waiting);
	x->watch = signal_watch_new(r->loop, SIGCHLD, on_child, x, e);
	if (!x->watch) {
		mem_free(x);
		return NULL;
	}
	x->soon = timer_new(r->loop, start, x);
	return x;
}

void exec_free(struct exec *x)
{
	if (!x)
		return;
	exec_stop(x);
	if (x->running)
		child_end_group(x->running);
	out_free(x->out);
	drop(x->begun);
	signal_watch_free(x->watch);
	timer_free(x->soon);
	mem_free(x);
}
