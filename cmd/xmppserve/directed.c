#include "directed.h"

#include "base/mem.h"

static struct directed *find(const struct session *c, struct span jid)
{
	struct map_node *n = map_find(&c->directed, jid);
	return n ? MAP_ITEM(n, struct directed, node) : NULL;
}

void directed_add(struct session *c, const struct xmpp_jid *to)
{
	if (find(c, xmpp_jid_full(to)) || c->directed.count >= DIRECTED_MAX)
		return;
	struct directed *d = mem_alloc(sizeof(*d));
	xmpp_jid_copy(&d->to, to);
	map_add(&c->directed, &d->node, xmpp_jid_full(&d->to));
}

static void drop(struct session *c, struct directed *d)
{
	map_remove(&c->directed, &d->node);
	xmpp_jid_clear(&d->to);
	mem_free(d);
}

void directed_remove(struct session *c, const struct xmpp_jid *to)
{
	struct directed *d = find(c, xmpp_jid_full(to));
	if (d)
		drop(c, d);
}

bool directed_has(const struct session *c, const struct xmpp_jid *to)
{
	return find(c, xmpp_jid_full(to)) || find(c, xmpp_jid_bare(to));
}

struct directed *directed_next(
	const struct session *c, const struct directed *at)
{
	struct map_node *n = map_next(&c->directed, at ? &at->node : NULL);
	return n ? MAP_ITEM(n, struct directed, node) : NULL;
}

void directed_clear(struct session *c)
{
	struct directed *d;
	while ((d = directed_next(c, NULL)))
		drop(c, d);
	map_clear(&c->directed);
}
