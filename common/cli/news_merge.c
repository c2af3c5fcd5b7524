/* One document into another, by the keys of their elements.
 *
 * Each level of the state is looked up through an index, since a peer may send
 * thousands of elements that are all alike but for their keys. */
#include "base/map.h"
#include "base/mem.h"
#include "cli/news_private.h"

struct slot {
	struct map_node node;
	struct xml_element *element;
	char *key;
	struct slot *next;
};

struct index {
	struct map by_key;
	struct slot *slots;
};

static const struct news_rule *rule_of(
	const struct news_kind *kind, const struct xml_element *element)
{
	const struct news_rule *rule = kind->rules;
	while (rule->name && !xml_element_is(element, rule->name, kind->ns))
		rule++;
	return rule;
}

/* An <entry> of <sidebars-by-ref> has its URI as the key. */
static char *key_of(
	const struct news_kind *kind, const struct xml_element *element)
{
	const struct news_rule *rule = rule_of(kind, element);
	struct span key = SPAN_EMPTY;
	if (rule->key)
		key = span_of(xml_element_attr_find(element, rule->key));
	if (rule->key && !key.p)
		key = xml_element_child_text(element, "uri", NULL);
	return mem_format(
		"%s %s %.*s", element->name, element->ns, SPAN_ARGS(key));
}

static struct slot *find(const struct index *index, const char *key)
{
	struct map_node *node = map_find(&index->by_key, span_of(key));
	return node ? MAP_ITEM(node, struct slot, node) : NULL;
}

/* Of two with the same key the first counts.  key is taken. */
static void add(struct index *index, struct xml_element *element, char *key)
{
	struct slot *slot;
	if (find(index, key)) {
		mem_free(key);
		return;
	}
	slot = mem_alloc(sizeof(*slot));
	slot->element = element;
	slot->key = key;
	slot->next = index->slots;
	index->slots = slot;
	map_add(&index->by_key, &slot->node, span_of(key));
}

static void clear(struct index *index)
{
	map_clear(&index->by_key);
	while (index->slots) {
		struct slot *next = index->slots->next;
		mem_free(index->slots->key);
		mem_free(index->slots);
		index->slots = next;
	}
}

static enum news_mode mode_of(
	const struct news_rule *rule, const struct xml_element *update)
{
	if (rule->mode != NEWS_BY_STATE)
		return rule->mode;
	return xml_element_attr_is(update, "state", "partial") ? NEWS_UNITE
							       : NEWS_REPLACE;
}

static bool is_deleted(
	const struct news_rule *rule, const struct xml_element *update)
{
	return rule->mode == NEWS_BY_STATE &&
	       xml_element_attr_is(update, "state", "deleted");
}

static void merge_child(const struct news_kind *kind, struct index *index,
	struct xml_element *state, const struct xml_element *update)
{
	const struct news_rule *rule = rule_of(kind, update);
	char *key = key_of(kind, update);
	struct slot *slot = find(index, key);
	bool is_there = slot && slot->element;

	if (is_there && mode_of(rule, update) == NEWS_UNITE &&
		!is_deleted(rule, update)) {
		news_merge(kind, slot->element, update);
		mem_free(key);
		return;
	}
	if (is_there)
		xml_element_remove(slot->element);
	struct xml_element *now = is_deleted(rule, update)
					  ? NULL
					  : xml_element_add(state, update);
	if (slot) {
		slot->element = now;
		mem_free(key);
	} else {
		add(index, now, key);
	}
}

void news_merge(const struct news_kind *kind, struct xml_element *state,
	const struct xml_element *update)
{
	struct index index = { .by_key = MAP_INIT };

	for (const struct xml_attr *a = update->attrs; a; a = a->next)
		xml_element_attr_ns(state, a->ns, a->name, span_of(a->value));
	if (!update->first)
		return;
	XML_ELEMENT_EACH(state, old, NULL, NULL)
	add(&index, old, key_of(kind, old));
	XML_ELEMENT_EACH(update, child, NULL, NULL)
	merge_child(kind, &index, state, child);
	clear(&index);
}
