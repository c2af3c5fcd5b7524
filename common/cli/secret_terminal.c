#include <errno.h>
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "cli/secret.h"
#include "cli/secret_private.h"

/* The terminal whose echo is off; -1: none. */
static int quiet_terminal = -1;
static struct termios as_it_was;

void secret_restore_terminal(void)
{
	if (quiet_terminal < 0)
		return;
	tcsetattr(quiet_terminal, TCSAFLUSH, &as_it_was);
	quiet_terminal = -1;
}

static bool turn_echo_off(int fd)
{
	struct termios quiet;
	if (tcgetattr(fd, &as_it_was) < 0)
		return false;
	quiet = as_it_was;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	quiet.c_lflag |= ICANON;
	if (tcsetattr(fd, TCSAFLUSH, &quiet) < 0)
		return false;
	quiet_terminal = fd;
	return true;
}

static void show(int fd, struct span text)
{
	ssize_t ignored = write(fd, text.p, text.n);
	(void)ignored;
}

char *secret_from_terminal(struct run *r, const char *whose, struct err *e)
{
	char *password = NULL;
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	/* A background job would be stopped by asking. */
	if (fd < 0 || tcgetpgrp(fd) != getpgrp() || !turn_echo_off(fd)) {
		err_set(e, STATUS_AUTH,
			"none given and no terminal to ask on; use "
			"--password-file, --password-command, or an account "
			"(samtal-accounts(5))");
	} else {
		struct buf prompt = BUF_INIT(4096);
		buf_str(&prompt, "Password of ");
		utf8_printable(&prompt, span_of(whose), UTF8_ONE_LINE);
		buf_str(&prompt, ": ");
		show(fd, buf_view(&prompt));
		buf_clear(&prompt);
		password = secret_read_line(r, fd, SECRET_LINE, "terminal", e);
		secret_restore_terminal();
		show(fd, SPAN("\n"));
	}
	if (fd >= 0)
		close(fd);
	return password;
}
