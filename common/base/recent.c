#include "base/recent.h"

#include <string.h>

#include "base/mem.h"

struct item {
	struct map_node node;
	struct link link;
	char key[];
};

void recent_init(struct recent *r, size_t max)
{
	*r = (struct recent){ .max = max };
	link_init(&r->order);
}

static void forget(struct recent *r, struct item *item)
{
	map_remove(&r->map, &item->node);
	list_remove(&item->link);
	mem_free(item);
}

void recent_clear(struct recent *r)
{
	LIST_EACH(&r->order, at)
	forget(r, LIST_ITEM(at, struct item, link));
	map_clear(&r->map);
}

void recent_add(struct recent *r, struct span key)
{
	if (recent_has(r, key))
		return;
	if (r->map.count >= r->max)
		forget(r, LIST_ITEM(list_first(&r->order), struct item, link));
	struct item *item = mem_alloc(sizeof(*item) + key.n + 1);
	if (key.n)
		memcpy(item->key, key.p, key.n);
	list_append(&r->order, &item->link);
	map_add(&r->map, &item->node, span_from(item->key, key.n));
}

bool recent_has(const struct recent *r, struct span key)
{
	return map_find(&r->map, key) != NULL;
}
