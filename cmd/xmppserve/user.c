#include "user.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "xmpp/ns.h"

#define USERS_FILE_MAX (16 << 20)
#define ITERATIONS 4096 /* the least allowed: throw-away passwords */

struct stored {
	struct link link;
	struct xmpp_stanza *message;
};

/* ---- accounts ---- */

struct user *user_find(const struct server *s, struct span name)
{
	struct map_node *n = map_find(&s->users, name);
	return n ? MAP_ITEM(n, struct user, node) : NULL;
}

bool user_add(struct server *s, struct span line, struct err *e)
{
	struct span name, password = line;
	if (!span_cut(&password, ':', &name) || name.n == 0)
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
	link_init(&u->offline);
	map_add(&s->users, &u->node, span_of(u->name));
	return true;
}

static bool add_lines(struct server *s, struct span text, struct err *e)
{
	bool more = true;
	for (unsigned number = 1; more; number++) {
		struct span line;
		more = span_cut(&text, '\n', &line);
		if (span_trim(line).n == 0 || line.p[0] == '#')
			continue;
		if (span_ends(line, "\r"))
			line.n--;
		if (!user_add(s, line, e)) {
			err_prefix(e, "line %u", number);
			return false;
		}
	}
	return true;
}

bool user_add_file(struct server *s, const char *file, struct err *e)
{
	bool is_stdin = strcmp(file, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
	struct buf text = BUF_INIT(USERS_FILE_MAX);
	ssize_t n = fd < 0 ? -1 : 1;
	while (n > 0) {
		char *to = buf_reserve(&text, 4096);
		n = to ? read(fd, to, 4096) : -1;
		if (n > 0)
			buf_added(&text, (size_t)n);
	}
	bool good = n == 0 && add_lines(s, buf_view(&text), e);
	if (n < 0)
		err_errno(e, STATUS_LOCAL_IO, text.failed ? EFBIG : errno,
			"cannot be read");
	if (!good)
		err_prefix(e, "%s", file);
	if (fd >= 0 && !is_stdin)
		close(fd);
	buf_clear_wiped(&text);
	return good;
}

static int hash_index(enum hash h)
{
	return h == HASH_SHA1 ? 0 : h == HASH_SHA256 ? 1 : 2;
}

/* Made when they are first asked for: a server of many accounts starts at
 * once. */
bool user_scram_keys(
	void *arg, struct span name, enum hash hash, struct xmpp_scram_keys *out)
{
	struct user *u = user_find(arg, name);
	if (!u)
		return false;
	int i = hash_index(hash);
	if (!u->has_keys[i])
		u->has_keys[i] = xmpp_scram_keys_make(&u->keys[i], hash,
			span_of(u->password), SPAN_EMPTY, ITERATIONS, NULL);
	if (u->has_keys[i])
		*out = u->keys[i];
	return u->has_keys[i];
}

/* ---- contacts ---- */

struct contact *user_contact(struct user *u, struct span jid, bool make)
{
	struct map_node *n = map_find(&u->roster, jid);
	if (n)
		return MAP_ITEM(n, struct contact, node);
	if (!make || u->roster.count >= ROSTER_MAX)
		return NULL;
	struct contact *c = mem_alloc(sizeof(*c));
	c->jid = span_dup(jid);
	map_add(&u->roster, &c->node, span_of(c->jid));
	return c;
}

void user_drop_contact(struct user *u, struct contact *c)
{
	map_remove(&u->roster, &c->node);
	for (size_t i = 0; i < c->group_count; i++)
		mem_free(c->groups[i]);
	mem_free(c->groups);
	mem_free(c->name);
	mem_free(c->jid);
	mem_free(c);
}

static struct user *next_user(const struct server *s, const struct user *at)
{
	struct map_node *n = map_next(&s->users, at ? &at->node : NULL);
	return n ? MAP_ITEM(n, struct user, node) : NULL;
}

void user_befriend_all(struct server *s)
{
	for (struct user *u = next_user(s, NULL); u; u = next_user(s, u))
		for (struct user *v = next_user(s, NULL); v;
			v = next_user(s, v)) {
			struct contact *c = NULL;
			if (u != v)
				c = user_contact(
					u, xmpp_jid_bare(&v->jid), true);
			if (c) {
				c->listed = true;
				c->subscription = SUB_BOTH;
			}
		}
}

static void free_user(struct user *u)
{
	struct map_node *n;
	while ((n = map_next(&u->roster, NULL)))
		user_drop_contact(u, MAP_ITEM(n, struct contact, node));
	map_clear(&u->roster);
	struct xmpp_stanza *m;
	while ((m = user_take_stored(u)))
		xmpp_stanza_free(m);
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

/* ---- offline messages (XEP-0160, XEP-0203) ---- */

bool user_store(struct user *u, struct xmpp_stanza *message, usec_t wall)
{
	char stamp[CLOCK_TEXT_SIZE];
	if (u->offline_count >= OFFLINE_MAX)
		return false;
	if (!xmpp_stanza_find(message, "delay", XMPP_NS_DELAY)) {
		struct xmpp_stanza *delay =
			xmpp_stanza_child(message, "delay", XMPP_NS_DELAY);
		xmpp_stanza_attr_span(delay, "from", u->jid.domain);
		xmpp_stanza_attr(delay, "stamp", clock_format(stamp, wall));
	}
	struct stored *s = mem_alloc(sizeof(*s));
	s->message = message;
	list_append(&u->offline, &s->link);
	u->offline_count++;
	return true;
}

struct xmpp_stanza *user_take_stored(struct user *u)
{
	struct link *first = list_first(&u->offline);
	if (!first)
		return NULL;
	struct stored *s = LIST_ITEM(first, struct stored, link);
	struct xmpp_stanza *message = s->message;
	list_remove(first);
	mem_free(s);
	u->offline_count--;
	return message;
}
