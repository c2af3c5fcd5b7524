#include "archive.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "delivery.h"
#include "xmpp/ns.h"

/* ---- keeping ---- */

static void drop(struct user *u, struct archived *a)
{
	list_remove(&a->link);
	u->archive_count--;
	u->archive_memory -= xml_element_memory(a->message);
	xml_element_free(a->message);
	mem_free(a);
}

static const char *keep(struct server *s, struct user *u, struct xml_element *m)
{
	struct archived *a = mem_alloc(sizeof(*a));
	snprintf(a->id, sizeof(a->id), "%s-%llu", s->archive_run,
		(unsigned long long)++u->archived);
	a->wall = loop_wall(s->loop);
	a->message = m;
	list_append(&u->archive, &a->link);
	u->archive_count++;
	u->archive_memory += xml_element_memory(m);
	while (u->archive_count > 1 &&
		(u->archive_count > ARCHIVE_MAX ||
			u->archive_memory > ARCHIVE_MEMORY_MAX))
		drop(u, LIST_ITEM(list_first(&u->archive), struct archived,
				link));
	return a->id;
}

void archive_forget_all(struct user *u)
{
	LIST_EACH(&u->archive, at)
	drop(u, LIST_ITEM(at, struct archived, link));
}

static bool is_worth_keeping(const struct xml_element *m)
{
	enum delivery_type type = delivery_type_of(m);
	return (type == MESSAGE_CHAT || type == MESSAGE_NORMAL) &&
	       (xml_element_find(m, "body", m->ns) ||
		       xml_element_find(m, "subject", m->ns)) &&
	       !xml_element_find(m, "no-store", XMPP_NS_HINTS) &&
	       !xml_element_find(m, "no-permanent-store", XMPP_NS_HINTS);
}

/* XEP-0359 section 6: nobody else says what is the id here. */
static void strip_ids(struct xml_element *m, const struct user *u)
{
	struct xml_element *at = xml_element_find(m, "stanza-id", XMPP_NS_SID);
	while (at) {
		struct xml_element *next =
			xml_element_next(at, "stanza-id", XMPP_NS_SID);
		if (xml_element_attr_is(at, "by", u->jid.text))
			xml_element_remove(at);
		at = next;
	}
}

void archive_message(struct server *s, struct user *from, struct user *to,
	struct xml_element *m)
{
	if (!s->archive)
		return;
	bool is_kept = is_worth_keeping(m);
	if (to)
		strip_ids(m, to);
	if (from && from != to && is_kept)
		keep(s, from, xml_element_dup(m));
	if (!to || !is_kept)
		return;
	const char *id = keep(s, to, xml_element_dup(m));
	struct xml_element *sid =
		xml_element_child(m, "stanza-id", XMPP_NS_SID);
	xml_element_attr(sid, "by", to->jid.text);
	xml_element_attr(sid, "id", id);
}

/* ---- metadata ---- */

static void add_end(
	struct xml_element *to, const char *name, const struct link *at)
{
	char stamp[CLOCK_TEXT_SIZE];
	const struct archived *a = LIST_ITEM(at, struct archived, link);
	struct xml_element *s = xml_element_child(to, name, NULL);
	xml_element_attr(s, "id", a->id);
	xml_element_attr(s, "timestamp", clock_format(stamp, a->wall));
}

void archive_add_metadata(struct xml_element *to, const struct user *u)
{
	struct xml_element *s = xml_element_child(to, "metadata", XMPP_NS_MAM);
	if (!u->archive_count)
		return;
	add_end(s, "start", u->archive.next);
	add_end(s, "end", u->archive.prev);
}
