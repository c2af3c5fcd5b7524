#include "xmpp/correction.h"

#include "base/list.h"
#include "base/map.h"
#include "base/mem.h"
#include "xmpp/ns.h"

/* What is larger is not kept: it could not be corrected, which is no loss. */
#define KEY_MAX 2048

struct seen {
	struct map_node node; /* by sender and id */
	struct link link;     /* the oldest first */
	char *key;
};

struct xmpp_corrections {
	struct map map;
	struct link order;
};

struct xmpp_corrections *xmpp_corrections_new(void)
{
	struct xmpp_corrections *c = mem_alloc(sizeof(*c));
	link_init(&c->order);
	return c;
}

static void forget(struct xmpp_corrections *c, struct seen *s)
{
	map_remove(&c->map, &s->node);
	list_remove(&s->link);
	mem_free(s->key);
	mem_free(s);
}

void xmpp_corrections_free(struct xmpp_corrections *c)
{
	if (!c)
		return;
	LIST_EACH(&c->order, at)
	forget(c, LIST_ITEM(at, struct seen, link));
	map_clear(&c->map);
	mem_free(c);
}

/* Who the sender is for this purpose, its length in front, and the id.  Empty
 * where there is no such pair. */
static void make_key(
	struct buf *key, const struct xmpp_message *m, const char *id)
{
	const struct xmpp_stanza *s = m->stanza;
	struct xmpp_jid from;
	if (!id || !xmpp_jid_parse(&from,
			   span_of(xmpp_stanza_attr_find(s, "from")), NULL))
		return;
	bool in_room = xmpp_stanza_attr_is(s, "type", "groupchat");
	struct span sender =
		in_room ? xmpp_jid_full(&from) : xmpp_jid_bare(&from);
	buf_printf(key, "%zu:", sender.n);
	buf_span(key, sender);
	buf_str(key, id);
	xmpp_jid_clear(&from);
	if (key->failed)
		buf_reset(key);
}

static void remember(struct xmpp_corrections *c, struct span key)
{
	if (!key.n || map_find(&c->map, key))
		return;
	if (c->map.count >= XMPP_CORRECTIONS_MAX)
		forget(c, LIST_ITEM(list_first(&c->order), struct seen, link));
	struct seen *s = mem_alloc(sizeof(*s));
	s->key = span_dup(key);
	list_append(&c->order, &s->link);
	map_add(&c->map, &s->node, span_from(s->key, key.n));
}

void xmpp_corrections_read(struct xmpp_corrections *c, struct xmpp_message *m)
{
	struct buf key = BUF_INIT(KEY_MAX);
	const struct xmpp_stanza *replace =
		xmpp_stanza_find(m->stanza, "replace", XMPP_NS_CORRECT);
	if (replace) {
		const char *id = xmpp_stanza_attr_find(replace, "id");
		make_key(&key, m, id);
		if (key.len && map_find(&c->map, buf_view(&key)))
			m->replaces = id;
		buf_reset(&key);
	}
	make_key(&key, m, xmpp_stanza_attr_find(m->stanza, "id"));
	remember(c, buf_view(&key));
	buf_clear(&key);
}
