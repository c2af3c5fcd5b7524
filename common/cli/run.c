#include "cli/run.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fatal.h"
#include "cli/out.h"
#include "cli/run_private.h"
#include "cli/secret.h"

/* ---- standard descriptors ---- */

/* A closed one would be given to the first socket.  Opened the wrong way
 * round, so that reading or writing it is an error and not silence. */
static void open_standard_fds(void)
{
	static const int modes[] = { O_WRONLY, O_RDONLY, O_RDWR };
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
			open("/dev/null", modes[fd]) != fd)
			_exit(STATUS_LOCAL_IO);
}

/* ---- signals ---- */

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

static _Noreturn void die_of(int number)
{
	secret_restore_terminal();
	signal(number, SIG_DFL);
	sigset_t only;
	sigemptyset(&only);
	sigaddset(&only, number);
	sigprocmask(SIG_UNBLOCK, &only, NULL);
	raise(number);
	_exit(128 + number);
}

static void on_signal(void *arg, int number)
{
	struct run *r = arg;
	if (r->signal)
		die_of(number);
	r->signal = number;
}

/* What was ignored stays ignored: nohup(1), and a shell's background job. */
static bool is_ignored(int number)
{
	struct sigaction now;
	return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

/* ---- the wait ---- */

/* An end of the whole run is reported once; from then on there is only the
 * time of the farewell. */
static enum run_end report(struct run *r, enum run_end how)
{
	r->ending = true;
	usec_t farewell = loop_now(r->loop) + RUN_FAREWELL;
	if (how != RUN_DEADLINE && r->deadline < farewell)
		return how;
	r->deadline = farewell;
	return how;
}

enum run_end run_until(
	struct run *r, bool (*done)(void *arg), void *arg, usec_t deadline)
{
	assert(!r->turning);
	for (;;) {
		if (done && done(arg))
			return RUN_DONE;
		if (r->signal && !r->ending)
			return report(r, RUN_SIGNAL);
		if (!r->ending && (!out_has_reader(r->out) ||
					  out_has_failed(r->out, NULL)))
			return report(r, RUN_READER_LEFT);
		usec_t now = loop_now(r->loop);
		if (now >= r->deadline)
			return r->ending ? RUN_DEADLINE
					 : report(r, RUN_DEADLINE);
		if (now >= deadline)
			return RUN_DEADLINE;
		r->turning = true;
		loop_turn(r->loop,
			deadline < r->deadline ? deadline : r->deadline);
		r->turning = false;
	}
}

bool run_listen(struct run *r, bool (*done)(void *arg), void *arg,
	usec_t seconds, const char *unfinished, struct err *e)
{
	usec_t until = seconds ? loop_now(r->loop) + seconds : USEC_NEVER;
	switch (run_until(r, done, arg, until)) {
	case RUN_DONE:
		break;
	case RUN_DEADLINE:
		return loop_now(r->loop) >= until ||
		       run_timed_out(r, unfinished, e);
	case RUN_SIGNAL:
	case RUN_READER_LEFT:
		return !out_has_failed(r->out, e);
	}
	return true;
}

static bool has_room(void *arg)
{
	return !out_is_full(arg);
}

bool run_goes_on(struct run *r)
{
	assert(!r->turning);
	r->turning = true;
	loop_turn(r->loop, loop_now(r->loop));
	r->turning = false;
	if (r->signal || !out_has_reader(r->out) ||
		out_has_failed(r->out, NULL))
		return false;
	return run_until(r, has_room, r->out, USEC_NEVER) == RUN_DONE;
}

/* ---- from start to end ---- */

static bool start(struct run *r, struct signal_watch **watches, struct err *e)
{
	r->loop = loop_new(e);
	if (!r->loop)
		return false;
	for (size_t i = 0; i < SIGNALS; i++) {
		if (is_ignored(signals[i]))
			continue;
		watches[i] =
			signal_watch_new(r->loop, signals[i], on_signal, r, e);
		if (!watches[i])
			return false;
	}
	r->out = run_add_output(r, STDOUT_FILENO, e);
	return r->out != NULL;
}

static void run_command(const struct command *c, void *settings,
	char **operands, int *signal_number, int *exit_code, struct err *e)
{
	struct run r = { .command = c, .deadline = USEC_NEVER };
	struct signal_watch *watches[SIGNALS] = { NULL };
	link_init(&r.outputs);
	if (start(&r, watches, e)) {
		if (!c->run(&r, settings, operands, e) && !err_is_set(e))
			e->status = STATUS_REFUSED;
		resolver_free(r.resolver);
		run_finish_outputs(&r, e);
	}
	for (size_t i = 0; i < SIGNALS; i++)
		signal_watch_free(watches[i]);
	if (r.loop)
		loop_free(r.loop);
	*signal_number = r.signal;
	*exit_code = r.exit_code;
}

/* --help and its like: text on stdout, which is checked too. */
static void print(const struct command *c,
	void (*format)(const struct command *c, struct buf *out), struct err *e)
{
	struct buf text = BUF_INIT(1 << 20);
	format(c, &text);
	struct out *o = out_new(STDOUT_FILENO, NULL, e);
	if (o && out_write(o, buf_view(&text), e))
		out_flush(o, e);
	out_free(o);
	buf_clear(&text);
}

/* To a monitoring system the 2 of misuse would mean that the far side is
 * down. */
#define MONITOR_UNKNOWN 3

static bool is_monitored(char *const *argv)
{
	for (; *argv; argv++)
		if (strcmp(*argv, "--nagios") == 0)
			return true;
	return false;
}

int cli_main(const struct command *c, int argc, char **argv, void *settings)
{
	struct err e = ERR_NONE;
	char **operands = NULL;
	int signal_number = 0, exit_code = 0;
	open_standard_fds();
	fatal_set_name(c->name);
	signal(SIGPIPE, SIG_IGN);
	setlocale(LC_CTYPE, "");
	switch (opt_parse(c, argc, argv, settings, &operands, &e)) {
	case OPT_HELP:
		print(c, opt_help, &e);
		break;
	case OPT_VERSION:
		print(c, opt_version, &e);
		break;
	case OPT_DUMP:
		print(c, opt_dump, &e);
		break;
	case OPT_RUN:
		run_command(
			c, settings, operands, &signal_number, &exit_code, &e);
		break;
	case OPT_FAILED:
		exit_code = is_monitored(argv) ? MONITOR_UNKNOWN : 0;
		break;
	}
	opt_clear(c, settings);
	/* Who ended it knows why it ended; what was lost is said all the same. */
	bool lost = e.status == STATUS_LOCAL_IO || e.status == STATUS_INTERNAL;
	if (e.text[0] && (!signal_number || lost))
		run_say(c->name, span_of(e.text));
	if (signal_number)
		die_of(signal_number);
	return exit_code ? exit_code : (int)e.status;
}
