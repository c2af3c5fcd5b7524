/* The contacts of a user: what there is, and that it stays within bounds. */
#include "user.h"

#include <string.h>

#include "base/mem.h"

struct contact *user_contact(const struct user *u, const struct xmpp_jid *jid)
{
	struct map_node *n = map_find(&u->roster, xmpp_jid_bare(jid));
	return n ? MAP_ITEM(n, struct contact, node) : NULL;
}

struct contact *user_next_contact(const struct user *u, const struct contact *c)
{
	struct map_node *n = map_next(&u->roster, c ? &c->node : NULL);
	return n ? MAP_ITEM(n, struct contact, node) : NULL;
}

static void free_groups(char **groups, size_t count)
{
	for (size_t i = 0; i < count; i++)
		mem_free(groups[i]);
	mem_free(groups);
}

static size_t bytes_of(const struct contact *c)
{
	size_t sum = strlen(c->jid.text) + (c->name ? strlen(c->name) : 0);
	for (size_t i = 0; i < c->group_count; i++)
		sum += strlen(c->groups[i]);
	return sum;
}

/* As it is now, if there is room. */
static bool count_bytes(struct user *u, struct contact *c)
{
	size_t others = u->roster_bytes - c->bytes, now = bytes_of(c);
	if (others + now > ROSTER_BYTES_MAX)
		return false;
	c->bytes = now;
	u->roster_bytes = others + now;
	return true;
}

struct contact *user_make_contact(struct user *u, const struct xmpp_jid *jid)
{
	struct contact *c = user_contact(u, jid);
	if (c || u->roster.count >= ROSTER_MAX)
		return c;
	c = mem_alloc(sizeof(*c));
	xmpp_jid_copy_bare(&c->jid, jid);
	if (!count_bytes(u, c)) {
		xmpp_jid_clear(&c->jid);
		mem_free(c);
		return NULL;
	}
	map_add(&u->roster, &c->node, xmpp_jid_bare(&c->jid));
	return c;
}

bool user_rename_contact(struct user *u, struct contact *c, char *name,
	char **groups, size_t group_count)
{
	struct contact old = *c;
	c->name = name;
	c->groups = groups;
	c->group_count = group_count;
	bool fits = count_bytes(u, c);
	if (fits) {
		mem_free(old.name);
		free_groups(old.groups, old.group_count);
		return true;
	}
	mem_free(name);
	free_groups(groups, group_count);
	*c = old;
	return false;
}

void user_set_request(
	struct user *u, struct contact *c, const struct xml_element *request)
{
	if (c->request)
		u->requests_memory -= xml_element_memory(c->request);
	xml_element_free(c->request);
	c->request = NULL;
	/* Over the bound it is still asked for, but without its words. */
	if (!request || u->requests_memory > REQUESTS_MEMORY_MAX)
		return;
	c->request = xml_element_dup(request);
	u->requests_memory += xml_element_memory(c->request);
}

void user_tidy_contact(struct user *u, struct contact *c)
{
	if (!c->listed && c->subscription == SUB_NONE)
		user_drop_contact(u, c);
}

void user_drop_contact(struct user *u, struct contact *c)
{
	map_remove(&u->roster, &c->node);
	u->roster_bytes -= c->bytes;
	user_set_request(u, c, NULL);
	free_groups(c->groups, c->group_count);
	mem_free(c->name);
	xmpp_jid_clear(&c->jid);
	mem_free(c);
}
