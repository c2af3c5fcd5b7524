#include "cli/account_file.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

/* Each may also stand with xmpp- or sip- in front. */
static const char *const keys[] = { "jid", "sip", "server", "proxy", "username",
	"transport", "resource", "registrar", "realm", "also", "ha1-md5",
	"ha1-sha-256", "ha1-sha-512-256", "password-command", "password-file",
	"ca", "cert", "key", "tls-name", "pin", NULL };

/* ---- the file as bytes ---- */

static bool is_ours_alone(int fd, const char *path, struct err *e)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return err_errno(e, STATUS_LOCAL_IO, errno, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, STATUS_USAGE, "%s is not a file", path);
	if (st.st_uid != geteuid())
		return err_set(e, STATUS_USAGE,
			"%s belongs to somebody else; it is not read", path);
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return err_set(e, STATUS_USAGE,
			"%s can be read by others; run: chmod 600 %s", path,
			path);
	return true;
}

static char *read_whole(int fd, const char *path, struct err *e)
{
	struct buf text = BUF_INIT(ACCOUNT_FILE_MAX);
	ssize_t n;
	do {
		char *to = buf_reserve(&text, 4096);
		n = to ? read(fd, to, 4096) : -1;
		if (!to)
			errno = EFBIG;
		else if (n > 0)
			buf_added(&text, (size_t)n);
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		err_errno(e, STATUS_LOCAL_IO, errno, "%s", path);
	else if (memchr(buf_text(&text), '\0', text.len))
		err_set(e, STATUS_USAGE, "%s is not a text file", path);
	else
		return buf_take(&text);
	buf_clear_wiped(&text);
	return NULL;
}

char *account_file_read(
	const char *variable, const char *below, char **path, struct err *e)
{
	const char *folder = getenv(variable);
	*path = NULL;
	if (!folder || folder[0] != '/')
		return NULL;
	*path = mem_format("%s/%s", folder, below);
	int fd = open(*path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			err_errno(e, STATUS_LOCAL_IO, errno, "%s", *path);
		return NULL;
	}
	char *text =
		is_ours_alone(fd, *path, e) ? read_whole(fd, *path, e) : NULL;
	close(fd);
	return text;
}

/* ---- the list ---- */

struct account_file *account_file_new(char *path)
{
	struct account_file *f = mem_alloc(sizeof(*f));
	f->path = path;
	link_init(&f->entries);
	return f;
}

void account_file_add(struct account_file *f, struct span section,
	struct span key, struct span value)
{
	struct account_entry *entry = mem_alloc(sizeof(*entry));
	entry->section = span_dup(section);
	entry->key = span_dup(key);
	entry->value = span_dup(value);
	list_append(&f->entries, &entry->link);
}

void account_file_free(struct account_file *f)
{
	if (!f)
		return;
	LIST_EACH(&f->entries, at)
	{
		struct account_entry *entry =
			LIST_ITEM(at, struct account_entry, link);
		list_remove(at);
		mem_free(entry->section);
		mem_free(entry->key);
		mem_free_wiped(entry->value);
		mem_free(entry);
	}
	mem_free(f->path);
	mem_free(f);
}

const char *account_file_find(
	const struct account_file *f, const char *section, const char *key)
{
	LIST_EACH(&f->entries, at)
	{
		const struct account_entry *entry =
			LIST_ITEM(at, struct account_entry, link);
		if (strcmp(entry->section, section) == 0 &&
			strcmp(entry->key, key) == 0)
			return entry->value;
	}
	return NULL;
}

/* ---- the accounts file, by inih ---- */

struct reading {
	struct account_file *file;
	struct err *e;
};

static bool is_known(const char *key)
{
	if (strncmp(key, "xmpp-", 5) == 0)
		key += 5;
	else if (strncmp(key, "sip-", 4) == 0)
		key += 4;
	for (const char *const *k = keys; *k; k++)
		if (strcmp(*k, key) == 0)
			return true;
	return false;
}

static bool check(const struct reading *r, const char *section, const char *key)
{
	if (!*section)
		return err_set(r->e, STATUS_USAGE,
			"\"%s\" stands before the first [NAME]", key);
	if (strcmp(key, "password") == 0)
		return err_set(r->e, STATUS_USAGE,
			"[%s] has a password in clear; write password-command "
			"or password-file instead",
			section);
	if (!is_known(key))
		return err_set(r->e, STATUS_USAGE,
			"[%s] has \"%s\", which is no key; see "
			"samtal-accounts(5)",
			section, key);
	if (account_file_find(r->file, section, key))
		return err_set(r->e, STATUS_USAGE, "[%s] has \"%s\" twice",
			section, key);
	return true;
}

/* inih counts lines but tells a handler none: the sentence names section and
 * key instead. */
static int on_entry(
	void *arg, const char *section, const char *key, const char *value)
{
	struct reading *r = arg;
	if (err_is_set(r->e))
		return 0;
	if (!check(r, section, key))
		return 0;
	account_file_add(
		r->file, span_of(section), span_of(key), span_of(value));
	return 1;
}

struct account_file *account_file_parse(
	char *path, const char *text, struct err *e)
{
	struct err why = ERR_NONE;
	struct reading r = { account_file_new(path), &why };
	int line = ini_parse_string(text, on_entry, &r);
	if (line == 0)
		return r.file;
	if (!err_is_set(&why))
		err_set(&why, STATUS_USAGE,
			"line %d is neither [NAME] nor KEY = VALUE, or longer "
			"than 198 bytes",
			line);
	err_prefix(&why, "%s", r.file->path);
	if (e)
		*e = why;
	account_file_free(r.file);
	return NULL;
}

struct account_file *account_file_open(struct err *e)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	char *path, *text;
	if (config && config[0] == '/')
		text = account_file_read(
			"XDG_CONFIG_HOME", "samtal/accounts", &path, e);
	else
		text = account_file_read(
			"HOME", ".config/samtal/accounts", &path, e);
	if (!text) {
		mem_free(path);
		return NULL;
	}
	struct account_file *f = account_file_parse(path, text, e);
	mem_free_wiped(text);
	return f;
}
