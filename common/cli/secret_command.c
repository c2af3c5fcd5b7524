#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/child.h"
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

struct child {
	pid_t pid;
	bool ended;
	bool stopped; /* by us */
	int how;
};

static void on_child(void *arg, int number)
{
	struct child *c = arg;
	(void)number;
	c->ended = c->ended || child_has_ended(c->pid, &c->how);
}

static bool has_ended(void *child)
{
	const struct child *c = child;
	return c->ended;
}

static bool ended_well(const struct child *c, struct err *e)
{
	if (!c->ended || c->stopped)
		return err_set(
			e, STATUS_AUTH, "the password command does not end");
	return child_ended_well("the password command", c->how, STATUS_AUTH, e);
}

static bool start(struct child *c, const char *command, int to, struct err *e)
{
	char **environment = clean_environment();
	c->pid = child_start(command, environment, -1, to, e);
	free_environment(environment);
	return c->pid > 0;
}

static void stop(struct child *c)
{
	c->stopped = true;
	kill(c->pid, SIGTERM);
}

/* What it printed counts only when it also ended well. */
static char *listen_to(struct run *r, struct child *c, int from, struct err *e)
{
	struct err why = ERR_NONE;
	char *password = secret_read_line(
		r, from, SECRET_END, "the password command", &why);
	on_child(c, SIGCHLD);
	if (r->ending && !c->ended)
		stop(c);
	if (password || !c->ended)
		run_until(r, has_ended, c, USEC_NEVER);
	if (!c->ended)
		stop(c);
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
