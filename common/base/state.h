/* state - small files that outlive a run: pins, tokens, resumption
 *
 * They lie in $XDG_STATE_HOME/samtal (~/.local/state/samtal), mode 0600 in a
 * folder of mode 0700, one file a name.  A write goes to a new file that is
 * renamed over the old one, under a lock that is held for the change only, so
 * that parallel cron jobs neither wait for a run nor lose each other's
 * changes.  Without a writable home state_open fails with
 * STATUS_LOCAL_IO; the caller warns once and goes on.
 */
#ifndef BASE_STATE_H
#define BASE_STATE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#define STATE_FILE_MAX (1 << 20)

/* Reads the whole file; one that does not exist is empty.  A name is a plain
 * file name of our own making, never a peer's text. */
bool state_read(const char *name, struct buf *out, struct err *e);

/* Changes the file under its lock: edit gets the content that is there now
 * and leaves in it what is to be written.  edit returning false leaves the
 * file alone and is reported as such. */
typedef bool state_edit(void *arg, struct buf *content, struct err *e);
bool state_change(const char *name, state_edit *edit, void *arg, struct err *e);

/* One of `count` slots of that name, 0 and up, which no other run has until it
 * is released or its holder ends.  Nobody waits: -1 where all are taken, and,
 * with e, where there is no folder. */
int state_claim(
	const char *name, unsigned count, unsigned *slot, struct err *e);
void state_release(int claim); /* -1 is fine */

/* The same of a file that a user has named, by its path: read whole, one that
 * does not exist is empty; replaced by renaming, without a lock.  What is there
 * and is no regular file (a device, a pipe) is an error, and left alone. */
bool state_file_read(const char *path, struct buf *out, struct err *e);
bool state_file_write(const char *path, struct span content, struct err *e);
/* Such a file for this run alone, as a slot is: -1 where another of this user
 * has it, and, with e, where that cannot be known. */
int state_file_claim(const char *path, struct err *e);

#endif
