#include "user.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "archive.h"
#include "base/mem.h"
#include "base/rand.h"
#include "resume.h"
#include "token.h"
#include "xmpp/ns.h"

#define USERS_FILE_MAX (16 << 20)
#define GUEST_LENGTH 20
#define ITERATIONS XMPP_SCRAM_ITERATIONS_MIN /* throw-away passwords */

/* ---- finding ---- */

struct user *user_find(const struct server *s, struct span name)
{
	struct map_node *n = map_find(&s->users, name);
	return n ? MAP_ITEM(n, struct user, node) : NULL;
}

struct user *user_of(const struct server *s, const struct xmpp_jid *jid)
{
	return span_equal(jid->domain, s->domain.domain)
		       ? user_find(s, jid->local)
		       : NULL;
}

struct user *user_find_typed(const struct server *s, struct span name)
{
	struct xmpp_jid jid;
	struct user *u = NULL;
	if (xmpp_jid_make(&jid, name, s->domain.domain, SPAN_EMPTY, NULL))
		u = user_find(s, jid.local);
	xmpp_jid_clear(&jid);
	return u;
}

static struct user *next_user(const struct server *s, const struct user *at)
{
	struct map_node *n = map_next(&s->users, at ? &at->node : NULL);
	return n ? MAP_ITEM(n, struct user, node) : NULL;
}

/* ---- accounts ---- */

bool user_add(struct server *s, struct span line, struct err *e)
{
	struct span name, password = line;
	if (!span_cut(&password, ':', &name) || name.n == 0 || password.n == 0)
		return err_set(e, STATUS_USAGE,
			"an account is NAME:PASSWORD, with a colon");
	struct xmpp_jid jid;
	if (!xmpp_jid_make(&jid, name, s->domain.domain, SPAN_EMPTY, e)) {
		e->status = STATUS_USAGE;
		return false;
	}
	if (user_find(s, jid.local)) {
		err_set(e, STATUS_USAGE, "the account %.*s is given twice",
			SPAN_ARGS(jid.local));
		xmpp_jid_clear(&jid);
		return false;
	}
	struct user *u = mem_alloc(sizeof(*u));
	u->jid = jid;
	u->name = span_dup(jid.local);
	u->password = span_dup(password);
	link_init(&u->sessions);
	link_init(&u->clients);
	link_init(&u->past);
	link_init(&u->archive);
	queue_init(&u->offline);
	map_add(&s->users, &u->node, span_of(u->name));
	return true;
}

struct user *user_add_guest(struct server *s)
{
	char name[GUEST_LENGTH + 1], password[GUEST_LENGTH + 1];
	if (s->guests >= GUESTS_MAX)
		return NULL;
	rand_token(name, GUEST_LENGTH);
	rand_token(password, GUEST_LENGTH);
	char *line = mem_format("%s:%s", name, password);
	bool good = user_add(s, span_of(line), NULL);
	mem_free_wiped(line);
	s->guests += good;
	return good ? user_find(s, span_of(name)) : NULL;
}

static bool add_lines(struct server *s, struct span text, struct err *e)
{
	bool more = true;
	for (unsigned number = 1; more; number++) {
		struct span line;
		more = span_cut(&text, '\n', &line);
		if (span_ends(line, "\r"))
			line.n--;
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (!user_add(s, line, e)) {
			err_prefix(e, "line %u", number);
			return false;
		}
	}
	return true;
}

static bool read_all(int fd, struct buf *text, struct err *e)
{
	ssize_t n = 1;
	while (n > 0) {
		char *to = buf_reserve(text, 4096);
		if (!to)
			return err_set(e, STATUS_LOCAL_IO, "more than %d bytes",
				USERS_FILE_MAX);
		n = read(fd, to, 4096);
		if (n > 0)
			buf_added(text, (size_t)n);
	}
	return n == 0 || err_errno(e, STATUS_LOCAL_IO, errno, "reading");
}

bool user_add_file(struct server *s, const char *file, struct err *e)
{
	bool is_stdin = strcmp(file, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
	struct buf text = BUF_INIT(USERS_FILE_MAX);
	bool good = fd >= 0 ? read_all(fd, &text, e) &&
				      add_lines(s, buf_view(&text), e)
			    : err_errno(e, STATUS_LOCAL_IO, errno, "opening");
	if (!good)
		err_prefix(e, "%s", is_stdin ? "standard input" : file);
	if (fd >= 0 && !is_stdin)
		close(fd);
	buf_clear_wiped(&text);
	return good;
}

/* Made when they are first asked for: a server of many accounts starts at
 * once. */
bool user_scram_keys(void *arg, struct span name, enum hash hash,
	struct xmpp_scram_keys *out)
{
	struct user *u = user_find_typed(arg, name);
	if (!u)
		return false;
	int i = hash == HASH_SHA1 ? 0 : hash == HASH_SHA256 ? 1 : 2;
	if (!u->has_keys[i])
		u->has_keys[i] = xmpp_scram_keys_make(&u->keys[i], hash,
			span_of(u->password), SPAN_EMPTY, ITERATIONS, NULL);
	if (u->has_keys[i])
		*out = u->keys[i];
	return u->has_keys[i];
}

bool user_befriend_all(struct server *s, struct err *e)
{
	for (struct user *u = next_user(s, NULL); u; u = next_user(s, u))
		for (struct user *v = next_user(s, NULL); v;
			v = next_user(s, v)) {
			if (u == v)
				continue;
			struct contact *c = user_make_contact(u, &v->jid);
			if (!c)
				return err_set(e, STATUS_USAGE,
					"--friends: a roster has room for %d",
					ROSTER_MAX);
			c->listed = true;
			c->subscription = SUB_BOTH;
		}
	return true;
}

static void free_user(struct user *u)
{
	struct contact *c;
	while ((c = user_next_contact(u, NULL)))
		user_drop_contact(u, c);
	map_clear(&u->roster);
	queue_clear(&u->offline);
	xml_element_free(u->private);
	token_forget_all(u);
	resume_forget_all(u);
	archive_forget_all(u);
	mem_wipe(u->keys, sizeof(u->keys));
	mem_free_wiped(u->password);
	xmpp_jid_clear(&u->jid);
	mem_free(u->name);
	mem_free(u);
}

void user_free_all(struct server *s)
{
	struct user *u;
	while ((u = next_user(s, NULL))) {
		map_remove(&s->users, &u->node);
		free_user(u);
	}
	map_clear(&s->users);
}

/* ---- offline messages ---- */

/* XEP-0203; a message that waited before keeps its first stamp. */
static void add_delay(
	struct xml_element *message, struct span domain, usec_t wall)
{
	char stamp[CLOCK_TEXT_SIZE];
	XML_ELEMENT_EACH(message, old, "delay", XMPP_NS_DELAY)
	{
		const char *from = xml_element_attr_find(old, "from");
		if (from && span_is(domain, from))
			return;
	}
	struct xml_element *delay =
		xml_element_child(message, "delay", XMPP_NS_DELAY);
	xml_element_attr_span(delay, "from", domain);
	xml_element_attr(delay, "stamp", clock_format(stamp, wall));
}

bool user_store(struct user *u, struct xml_element *message, usec_t wall)
{
	if (u->offline.count >= OFFLINE_MAX ||
		u->offline.memory >= OFFLINE_MEMORY_MAX)
		return false;
	add_delay(message, u->jid.domain, wall);
	queue_put(&u->offline, message);
	return true;
}
