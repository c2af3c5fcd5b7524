#include "cli/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

/* In the child: only async-signal-safe calls. */
static _Noreturn void become(char *command, char **environment, int in, int out)
{
	char *argv[] = { (char *)"sh", (char *)"-c", command, NULL };
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int number = 1; number < 32; number++)
		signal(number, SIG_DFL);
	if (in < 0)
		in = open("/dev/null", O_RDONLY);
	if (in < 0 || dup2(in, STDIN_FILENO) < 0 ||
		dup2(out, STDOUT_FILENO) < 0)
		_exit(126);
	close_range(3, ~0U, 0);
	execve("/bin/sh", argv, environment);
	_exit(127);
}

static pid_t start(const char *command, char **environment, int in, int out,
	bool group, struct err *e)
{
	char *words = mem_str(command);
	pid_t pid = fork();
	/* By whichever of the two comes first. */
	if (group && pid >= 0)
		setpgid(pid, 0);
	if (pid == 0)
		become(words, environment ? environment : environ, in, out);
	if (pid < 0)
		err_errno(e, STATUS_LOCAL_IO, errno, "a command");
	mem_free(words);
	return pid;
}

pid_t child_start(
	const char *command, char **environment, int in, int out, struct err *e)
{
	return start(command, environment, in, out, false, e);
}

pid_t child_start_group(
	const char *command, char **environment, int in, int out, struct err *e)
{
	return start(command, environment, in, out, true, e);
}

void child_end_group(pid_t pid)
{
	kill(-pid, SIGTERM);
}

bool child_has_ended(pid_t pid, int *how)
{
	return waitpid(pid, how, WNOHANG) == pid;
}

bool child_ended_well(
	const char *what, int how, enum status status, struct err *e)
{
	if (WIFSIGNALED(how))
		return err_set(
			e, status, "%s died of signal %d", what, WTERMSIG(how));
	if (WEXITSTATUS(how) != 0)
		return err_set(e, status, "%s failed with status %d", what,
			WEXITSTATUS(how));
	return true;
}
