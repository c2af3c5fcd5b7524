#include "base/fatal.h"

#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/err.h"

static const char *program = "samtal";

void fatal_set_name(const char *name)
{
	program = name;
}

/* No stdio and no allocation: there may be no memory for either. */
_Noreturn void fatal(const char *why)
{
	struct iovec line[] = {
		{ (void *)program, strlen(program) },
		{ (void *)": ", 2 },
		{ (void *)why, strlen(why) },
		{ (void *)"\n", 1 },
	};
	ssize_t ignored = writev(STDERR_FILENO, line, 4);
	(void)ignored;
	_exit(STATUS_INTERNAL);
}
