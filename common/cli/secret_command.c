#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/secret_private.h"

/* What a password manager needs to find its store, agent and terminal. */
static const char *const kept[] = { "PATH", "HOME", "USER", "LOGNAME", "SHELL",
	"LANG", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "TERM", "TMPDIR",
	"DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR",
	"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME",
	"DBUS_SESSION_BUS_ADDRESS", "SSH_AUTH_SOCK", "GNUPGHOME", "GPG_TTY",
	"PASSWORD_STORE_DIR" };
#define KEPT (sizeof(kept) / sizeof(kept[0]))

static char **clean_environment(void)
{
	char **list = mem_array(KEPT + 1, sizeof(*list));
	size_t n = 0;
	for (size_t i = 0; i < KEPT; i++) {
		const char *value = getenv(kept[i]);
		if (value)
			list[n++] = mem_format("%s=%s", kept[i], value);
	}
	return list;
}

static void free_environment(char **list)
{
	for (char **at = list; *at; at++)
		mem_free(*at);
	mem_free(list);
}

/* In the child: only async-signal-safe calls. */
static _Noreturn void become(char *command, char **environment, int to)
{
	char *argv[] = { (char *)"sh", (char *)"-c", command, NULL };
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int number = 1; number < 32; number++)
		signal(number, SIG_DFL);
	int nothing = open("/dev/null", O_RDONLY);
	if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 ||
		dup2(to, STDOUT_FILENO) < 0)
		_exit(126);
	close_range(3, ~0U, 0);
	execve("/bin/sh", argv, environment);
	_exit(127);
}

struct child {
	pid_t pid;
	bool ended;
	int how;
};

static void on_child(void *arg, int number)
{
	struct child *c = arg;
	(void)number;
	if (!c->ended && waitpid(c->pid, &c->how, WNOHANG) == c->pid)
		c->ended = true;
}

static bool has_ended(void *child)
{
	const struct child *c = child;
	return c->ended;
}

static bool ended_well(const struct child *c, struct err *e)
{
	if (!c->ended)
		return err_set(
			e, STATUS_AUTH, "the password command does not end");
	if (WIFSIGNALED(c->how))
		return err_set(e, STATUS_AUTH,
			"the password command died of signal %d",
			WTERMSIG(c->how));
	if (WEXITSTATUS(c->how) != 0)
		return err_set(e, STATUS_AUTH,
			"the password command failed with status %d",
			WEXITSTATUS(c->how));
	return true;
}

static bool start(struct child *c, const char *command, int to, struct err *e)
{
	char **environment = clean_environment();
	char *words = mem_str(command);
	c->pid = fork();
	if (c->pid == 0)
		become(words, environment, to);
	if (c->pid < 0)
		err_errno(e, STATUS_LOCAL_IO, errno, "the password command");
	mem_free(words);
	free_environment(environment);
	return c->pid > 0;
}

/* What it printed counts only when it also ended well. */
static char *listen_to(struct run *r, struct child *c, int from, struct err *e)
{
	struct err why = ERR_NONE;
	char *password = secret_read_line(
		r, from, SECRET_END, "the password command", &why);
	on_child(c, SIGCHLD);
	if (r->ending && !c->ended)
		kill(c->pid, SIGTERM);
	if (password || !c->ended)
		run_until(r, has_ended, c, USEC_NEVER);
	if (!c->ended)
		kill(c->pid, SIGTERM);
	if (!ended_well(c, &why)) {
		mem_free_wiped(password);
		password = NULL;
	}
	if (!password && e)
		*e = why;
	return password;
}

char *secret_from_command(struct run *r, const char *command, struct err *e)
{
	int ends[2];
	struct child child = { .pid = -1 };
	char *password = NULL;
	if (pipe2(ends, O_CLOEXEC) < 0) {
		err_errno(e, STATUS_LOCAL_IO, errno, "a pipe");
		return NULL;
	}
	struct signal_watch *w =
		signal_watch_new(r->loop, SIGCHLD, on_child, &child, e);
	bool started = w && start(&child, command, ends[1], e);
	close(ends[1]);
	if (started)
		password = listen_to(r, &child, ends[0], e);
	close(ends[0]);
	signal_watch_free(w);
	return password;
}
