#include "xmpp/disco_walk.h"

#include <string.h>

#include "base/list.h"
#include "base/map.h"
#include "base/mem.h"

struct place {
	struct xmpp_disco_place is;
	struct link link;     /* of waiting, or of begun */
	struct map_node seen; /* by key */
	struct xmpp_disco_walk *walk;
	char *key; /* jid, NUL, and the node and a NUL where there is one */
	struct xmpp_iq *info, *items; /* answers it owes */
};

struct xmpp_disco_walk {
	struct xmpp_disco_walk_settings settings;
	struct xmpp_disco_walk_handlers handlers;
	void *arg;
	struct link waiting, begun;
	struct map seen;
	unsigned asked; /* places that owe an answer */
	bool cut;
};

/* ---- places ---- */

static void add(struct xmpp_disco_walk *w, const char *jid, const char *node,
	int64_t depth)
{
	size_t jid_size = strlen(jid) + 1;
	size_t size = jid_size + (node ? strlen(node) + 1 : 0);
	char *key = mem_alloc(size);
	memcpy(key, jid, jid_size);
	if (node)
		memcpy(key + jid_size, node, size - jid_size);
	bool known = map_find(&w->seen, span_from(key, size)) != NULL;
	bool full = (int64_t)w->seen.count >= w->settings.max;
	if (known || full) {
		w->cut = w->cut || !known;
		mem_free(key);
		return;
	}
	struct place *p = mem_alloc(sizeof(*p));
	*p = (struct place){ .is = { key, node ? key + jid_size : NULL, depth },
		.walk = w,
		.key = key };
	map_add(&w->seen, &p->seen, span_from(key, size));
	list_append(&w->waiting, &p->link);
}

static void place_free(struct place *p)
{
	xmpp_iq_cancel(p->info);
	xmpp_iq_cancel(p->items);
	mem_free(p->key);
	mem_free(p);
}

/* What has no address cannot be asked. */
static void add_below(struct place *p, const struct xml_element *query)
{
	struct xmpp_disco_walk *w = p->walk;
	if (p->is.depth >= w->settings.depth)
		return;
	XMPP_DISCO_EACH(query, item, "item")
	{
		const char *text = xml_element_attr_find(item, "jid");
		struct xmpp_jid jid;
		if (!text || !xmpp_jid_parse(&jid, span_of(text), NULL))
			continue;
		add(w, jid.text, xml_element_attr_find(item, "node"),
			p->is.depth + 1);
		xmpp_jid_clear(&jid);
	}
}

/* ---- answers ---- */

/* The <query/> of a result, or NULL after its error was told. */
static const struct xml_element *read_answer(struct place *p, const char *asked,
	const struct xml_element *reply, const struct err *why)
{
	const struct xmpp_disco_walk *w = p->walk;
	const struct xml_element *query = NULL;
	struct err e = *why;
	if (!err_is_set(&e)) {
		query = xmpp_disco_query(reply, asked);
		if (!query)
			err_set(&e, STATUS_MALFORMED,
				"the answer has no <query/>");
	}
	if (!query)
		w->handlers.error(w->arg, &p->is, asked, &e);
	return query;
}

static void answered(struct place *p)
{
	if (!p->info && !p->items)
		p->walk->asked--;
	xmpp_disco_walk_go(p->walk);
}

static void on_info(
	void *arg, const struct xml_element *reply, const struct err *why)
{
	struct place *p = arg;
	struct xmpp_disco_walk *w = p->walk;
	p->info = NULL;
	const struct xml_element *query =
		read_answer(p, XMPP_NS_DISCO_INFO, reply, why);
	if (query)
		w->handlers.info(w->arg, &p->is, query);
	answered(p);
}

static void on_items(
	void *arg, const struct xml_element *reply, const struct err *why)
{
	struct place *p = arg;
	struct xmpp_disco_walk *w = p->walk;
	p->items = NULL;
	const struct xml_element *query =
		read_answer(p, XMPP_NS_DISCO_ITEMS, reply, why);
	if (query) {
		w->handlers.items(w->arg, &p->is, query);
		add_below(p, query);
	}
	answered(p);
}

/* ---- asking ---- */

static struct xmpp_iq *request(struct place *p, struct xml_element *s,
	const char *asked, xmpp_iq_done *done)
{
	struct xmpp_disco_walk *w = p->walk;
	struct err e = ERR_NONE;
	struct xmpp_iq *iq = xmpp_client_request(
		w->settings.client, s, w->settings.wait, done, p, &e);
	if (!iq)
		w->handlers.error(w->arg, &p->is, asked, &e);
	return iq;
}

static void ask(struct place *p)
{
	struct xmpp_disco_walk *w = p->walk;
	const char *jid = p->is.jid, *node = p->is.node;
	if (w->settings.info)
		p->info = request(p, xmpp_disco_make_info(jid, node),
			XMPP_NS_DISCO_INFO, on_info);
	if (w->settings.items)
		p->items = request(p, xmpp_disco_make_items(jid, node),
			XMPP_NS_DISCO_ITEMS, on_items);
	if (p->info || p->items)
		w->asked++;
}

void xmpp_disco_walk_go(struct xmpp_disco_walk *w)
{
	struct link *first;
	while (w->asked < XMPP_DISCO_WALK_ASKED_MAX &&
		(first = list_first(&w->waiting)) &&
		w->handlers.may_ask(w->arg)) {
		list_remove(first);
		list_append(&w->begun, first);
		ask(LIST_ITEM(first, struct place, link));
	}
}

/* ---- the whole ---- */

struct xmpp_disco_walk *xmpp_disco_walk_new(
	const struct xmpp_disco_walk_settings *s,
	const struct xmpp_disco_walk_handlers *handlers, void *arg)
{
	struct xmpp_disco_walk *w = mem_alloc(sizeof(*w));
	w->settings = *s;
	w->handlers = *handlers;
	w->arg = arg;
	link_init(&w->waiting);
	link_init(&w->begun);
	return w;
}

void xmpp_disco_walk_free(struct xmpp_disco_walk *w)
{
	if (!w)
		return;
	LIST_EACH(&w->waiting, at)
	place_free(LIST_ITEM(at, struct place, link));
	LIST_EACH(&w->begun, at)
	place_free(LIST_ITEM(at, struct place, link));
	map_clear(&w->seen);
	mem_free(w);
}

void xmpp_disco_walk_add(
	struct xmpp_disco_walk *w, const char *jid, const char *node)
{
	add(w, jid, node, 0);
	xmpp_disco_walk_go(w);
}

bool xmpp_disco_walk_has_begun(const struct xmpp_disco_walk *w)
{
	return !link_is_alone(&w->begun);
}

bool xmpp_disco_walk_is_done(const struct xmpp_disco_walk *w)
{
	return xmpp_disco_walk_has_begun(w) && !w->asked &&
	       link_is_alone(&w->waiting);
}

bool xmpp_disco_walk_was_cut(const struct xmpp_disco_walk *w)
{
	return w->cut;
}
