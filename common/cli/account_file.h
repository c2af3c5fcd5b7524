/* account_file - the accounts file and ~/.sendxmpprc as sections of keys
 *
 * Private to account.c.  Both files become the same: a list of entries, each
 * with its section, key and value.  A file that is not there is NULL with e
 * untouched; one that is not ours alone, or that cannot be understood, is
 * NULL and e (STATUS_USAGE with file and line; STATUS_LOCAL_IO).
 */
#ifndef CLI_ACCOUNT_FILE_H
#define CLI_ACCOUNT_FILE_H

#include "base/err.h"
#include "base/list.h"
#include "base/span.h"

#define ACCOUNT_FILE_MAX (1 << 20)

struct account_entry {
	struct link link;
	char *section, *key, *value;
};

struct account_file {
	char *path;
	struct link entries; /* in the order of the file */
};

struct account_file *account_file_open(struct err *e);
struct account_file *account_rc_open(struct err *e); /* section "" */
/* The same of text that was read; path, for sentences, is taken. */
struct account_file *account_file_parse(
	char *path, const char *text, struct err *e);
struct account_file *account_rc_parse(
	char *path, const char *text, struct err *e);
void account_file_free(struct account_file *f); /* wiped; NULL is fine */

/* NULL where the section does not have the key. */
const char *account_file_find(
	const struct account_file *f, const char *section, const char *key);

/* ---- for the two readers ---- */

/* The whole of a file in a folder of the environment, NUL behind it; refused
 * unless it is a regular file, ours, and closed to all others.  NULL with
 * nothing in e: it is not there.  *path is set in both cases. */
char *account_file_read(
	const char *variable, const char *below, char **path, struct err *e);
struct account_file *account_file_new(char *path); /* takes path */
void account_file_add(struct account_file *f, struct span section,
	struct span key, struct span value);

#endif
