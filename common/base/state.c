#include "base/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/hash.h"
#include "base/mem.h"

#define NAME_MAX_LEN 200
/* Of the hash of a path: enough for there to be no second one. */
#define CLAIM_BYTES 16

static bool folder_path(char path[4096], struct err *e)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int n = -1;
	if (state && state[0] == '/')
		n = snprintf(path, 4096, "%s/samtal", state);
	else if (home && home[0] == '/')
		n = snprintf(path, 4096, "%s/.local/state/samtal", home);
	if (n > 0 && n < 4096)
		return true;
	return err_set(e, STATUS_LOCAL_IO,
		"no folder for state: HOME is not set to an absolute path");
}

/* As mkdir -p; the last folder is ours alone. */
static bool make_folder(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash;
		slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		int made = mkdir(path, 0755);
		*slash = '/';
		if (made < 0 && errno != EEXIST)
			return false;
	}
	return mkdir(path, 0700) == 0 || errno == EEXIST;
}

static int open_folder(struct err *e)
{
	char path[4096];
	if (!folder_path(path, e))
		return -1;
	int folder = -1;
	if (make_folder(path))
		folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		err_errno(e, STATUS_LOCAL_IO, errno, "state folder %s", path);
	return folder;
}

static bool read_all(int fd, struct buf *out)
{
	for (;;) {
		char *to = buf_reserve(out, 4096);
		if (!to) {
			errno = EFBIG;
			return false;
		}
		ssize_t n = read(fd, to, 4096);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		buf_added(out, (size_t)n);
	}
}

static bool write_all(int fd, struct span s)
{
	while (s.n) {
		ssize_t n = write(fd, s.p, s.n);
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			s = span_skip(s, (size_t)n);
	}
	return fsync(fd) == 0;
}

/* Not a device, which would be replaced, nor a pipe, which would be waited
 * for. */
static bool is_regular(int fd)
{
	struct stat s;
	return fstat(fd, &s) == 0 && S_ISREG(s.st_mode);
}

static bool read_file(
	int folder, const char *name, struct buf *out, struct err *e)
{
	int fd = openat(folder, name,
		O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT)
		return true;
	bool regular = fd < 0 || is_regular(fd);
	bool done = fd >= 0 && regular && read_all(fd, out);
	if (!regular)
		err_set(e, STATUS_LOCAL_IO, "%s: this is no regular file",
			name);
	else if (!done)
		err_errno(e, STATUS_LOCAL_IO, errno, "state file %s", name);
	if (fd >= 0)
		close(fd);
	return done;
}

static bool replace_file(
	int folder, const char *name, struct span content, struct err *e)
{
	char fresh[NAME_MAX_LEN + 8];
	snprintf(fresh, sizeof(fresh), ".%s.new", name);
	int fd = openat(folder, fresh,
		O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool done = fd >= 0 && write_all(fd, content);
	if (fd >= 0 && close(fd) < 0)
		done = false;
	if (done && renameat(folder, fresh, folder, name) == 0)
		return true;
	err_errno(e, STATUS_LOCAL_IO, errno, "state file %s", name);
	unlinkat(folder, fresh, 0);
	return false;
}

bool state_read(const char *name, struct buf *out, struct err *e)
{
	int folder = open_folder(e);
	bool done = folder >= 0 && read_file(folder, name, out, e);
	if (folder >= 0)
		close(folder);
	return done;
}

static int open_lock(int folder, const char *path)
{
	return openat(
		folder, path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

/* The lock is a file of its own: the state file itself is renamed away. */
static int lock(int folder, const char *name, struct err *e)
{
	char path[NAME_MAX_LEN + 8];
	snprintf(path, sizeof(path), ".%s.lock", name);
	int fd = open_lock(folder, path);
	while (fd >= 0 && flock(fd, LOCK_EX) < 0)
		if (errno != EINTR) {
			close(fd);
			fd = -1;
		}
	if (fd < 0)
		err_errno(e, STATUS_LOCAL_IO, errno, "state lock %s", name);
	return fd;
}

bool state_change(const char *name, state_edit *edit, void *arg, struct err *e)
{
	struct buf content = BUF_INIT(STATE_FILE_MAX);
	bool done = false;
	int locked = -1, folder = open_folder(e);
	if (folder < 0)
		return false;
	locked = lock(folder, name, e);
	if (locked < 0 || !read_file(folder, name, &content, e))
		goto out;
	done = edit(arg, &content, e) &&
	       replace_file(folder, name, buf_view(&content), e);
out:
	buf_clear_wiped(&content);
	if (locked >= 0)
		close(locked);
	close(folder);
	return done;
}

/* ---- a file of the user's ---- */

/* The folder of path, open, and its last part in *name. */
static int open_folder_of(const char *path, const char **name, struct err *e)
{
	const char *slash = strrchr(path, '/');
	*name = slash ? slash + 1 : path;
	size_t n = strlen(*name);
	if (n == 0 || n > NAME_MAX_LEN) {
		err_set(e, STATUS_USAGE, "%s is no name for a file", path);
		return -1;
	}
	char *folder = !slash          ? mem_str(".")
		       : slash == path ? mem_str("/")
				       : mem_strn(path, (size_t)(slash - path));
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		err_errno(e, STATUS_LOCAL_IO, errno, "folder %s", folder);
	mem_free(folder);
	return fd;
}

bool state_file_read(const char *path, struct buf *out, struct err *e)
{
	const char *name;
	int folder = open_folder_of(path, &name, e);
	bool done = folder >= 0 && read_file(folder, name, out, e);
	if (folder >= 0)
		close(folder);
	return done;
}

bool state_file_write(const char *path, struct span content, struct err *e)
{
	const char *name;
	int folder = open_folder_of(path, &name, e);
	bool done = folder >= 0 && replace_file(folder, name, content, e);
	if (folder >= 0)
		close(folder);
	return done;
}

int state_file_claim(const char *path, struct err *e)
{
	const char *name;
	struct stat s;
	unsigned slot;
	int claim = -1, folder = open_folder_of(path, &name, e);
	if (folder < 0)
		return -1;
	if (fstat(folder, &s) == 0) {
		unsigned char digest[HASH_MAX];
		struct buf key = BUF_INIT(STATE_FILE_MAX);
		buf_printf(&key, "%ju %ju %s", (uintmax_t)s.st_dev,
			(uintmax_t)s.st_ino, name);
		hash_bytes(HASH_SHA256, buf_view(&key), digest);
		buf_clear(&key);
		buf_str(&key, "file-");
		base64_add_hex(&key,
			(struct span){ (const char *)digest, CLAIM_BYTES });
		claim = state_claim(buf_text(&key), 1, &slot, e);
		buf_clear(&key);
	} else {
		err_errno(e, STATUS_LOCAL_IO, errno, "state file %s", name);
	}
	close(folder);
	return claim;
}

/* ---- slots ---- */

/* By a lock that nobody waits for: the kernel gives it back with its holder. */
static int try_slot(
	int folder, const char *name, unsigned slot, bool *taken, struct err *e)
{
	char path[NAME_MAX_LEN + 24];
	snprintf(path, sizeof(path), ".%s.slot-%u", name, slot);
	int fd = open_lock(folder, path);
	*taken = false;
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	*taken = fd >= 0 && errno == EWOULDBLOCK;
	if (!*taken)
		err_errno(e, STATUS_LOCAL_IO, errno, "state slot %s", name);
	if (fd >= 0)
		close(fd);
	return -1;
}

int state_claim(const char *name, unsigned count, unsigned *slot, struct err *e)
{
	int fd = -1, folder = open_folder(e);
	bool taken = folder >= 0;
	for (unsigned i = 0; i < count && taken && fd < 0; i++) {
		fd = try_slot(folder, name, i, &taken, e);
		*slot = i;
	}
	if (folder >= 0)
		close(folder);
	return fd;
}

void state_release(int claim)
{
	if (claim >= 0)
		close(claim);
}
