/* progress - a bar on stderr, where that is a terminal
 *
 * For what takes long and knows how long: files, archives, uploads.  Silent
 * elsewhere.  Drawn ten times a second at most, taken away by progress_free
 * and before any other line on stderr.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdint.h>

#include "base/buf.h"
#include "net/loop.h"

struct progress;

/* what is "reading trunk.pcap"; total 0: not known.  Never NULL. */
struct progress *progress_new(struct loop *l, const char *what, uint64_t total);
void progress_free(struct progress *p); /* NULL is fine */
void progress_set(struct progress *p, uint64_t done);

/* What is drawn, for a terminal of this many columns. */
void progress_format(struct buf *out, const char *what, uint64_t done,
	uint64_t total, unsigned columns);

/* Takes a bar off the line, where there is one. */
void progress_hide(void);

#endif
