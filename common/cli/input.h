/* input - a file or standard input in blocks, without blocking the loop
 *
 * For filters: what was read is in `bytes`; the tool consumes what it has
 * understood and asks for more.  While stdout's queue is full nothing is read,
 * so that memory stays bounded.
 */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

struct run;
struct watch;

/* Read at once: a thousand packets, and not too much for a cache. */
#define INPUT_BLOCK (256 * 1024)

struct input {
	struct buf bytes;
	struct run *run; /* private, like all that follows */
	struct watch *watch;
	int fd;
	bool is_ready;
};

/* file: a path, or "-" for standard input.  The tool leaves at most `held`
 * bytes in `bytes` when it asks for more.  After false, as after all,
 * input_close. */
bool input_open(struct input *in, struct run *r, const char *file, size_t held,
	struct err *e);
void input_close(struct input *in);

enum input_got {
	INPUT_BYTES,  /* there are more in `bytes` */
	INPUT_END,    /* all was read */
	INPUT_FAILED, /* e; untouched where a signal or a reader that left ends
		       * the run, STATUS_TIMEOUT at its deadline */
};
enum input_got input_read(struct input *in, struct err *e);

/* All of a file in one, behind what is in out; STATUS_MALFORMED where that is
 * longer than out may be.  The sentence names the file. */
bool input_read_whole(
	struct run *r, const char *file, struct buf *out, struct err *e);

#endif
