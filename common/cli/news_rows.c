/* What two states of a resource differ in, row by row. */
#include "base/map.h"
#include "base/mem.h"
#include "cli/news_private.h"

/* ---- the rows of a document ---------------------------------------------------- */

struct entry {
	struct map_node node;
	char *key;
	struct news_place at;
	bool is_found; /* by its key: not where another has it */
};

struct table {
	struct map by_key;
	struct entry *entries;
	size_t count, room;
};

static void add_entry(struct table *t, const struct news_kind *kind,
	const struct news_place *at)
{
	const char *of =
		kind->group ? xml_element_attr_find(at->parent, "id") : NULL;
	const char *key = xml_element_attr_find(at->element, kind->key);
	struct entry *entry = &t->entries[t->count++];

	entry->at = *at;
	entry->key = mem_format("%s %s", of ? of : "", key ? key : "");
	entry->is_found = !map_find(&t->by_key, span_of(entry->key));
	if (entry->is_found)
		map_add(&t->by_key, &entry->node, span_of(entry->key));
}

static size_t each_in(struct table *t, const struct news_kind *kind,
	const struct xml_element *root, const struct xml_element *parent)
{
	size_t count = 0;
	XML_ELEMENT_EACH(parent, element, kind->row, kind->ns)
	{
		struct news_place at = { root, parent, element };
		if (t->entries)
			add_entry(t, kind, &at);
		count++;
	}
	return count;
}

static size_t each(struct table *t, const struct news_kind *kind,
	const struct xml_element *root)
{
	size_t count = 0;
	if (!kind->group)
		return each_in(t, kind, root, root);
	XML_ELEMENT_EACH(root, parent, kind->group, kind->ns)
	count += each_in(t, kind, root, parent);
	return count;
}

/* root may be NULL. */
static void table_init(struct table *t, const struct news_kind *kind,
	const struct xml_element *root)
{
	*t = (struct table){ .by_key = MAP_INIT };
	size_t count = root ? each(t, kind, root) : 0;
	if (count == 0)
		return;
	t->entries = mem_array(count, sizeof(*t->entries));
	each(t, kind, root);
}

static void table_clear(struct table *t)
{
	map_clear(&t->by_key);
	for (size_t i = 0; i < t->count; i++)
		mem_free(t->entries[i].key);
	mem_free(t->entries);
}

static const struct entry *table_find(
	const struct table *t, const struct entry *as)
{
	struct map_node *node = map_find(&t->by_key, span_of(as->key));
	return node ? MAP_ITEM(node, struct entry, node) : NULL;
}

/* ---- what is different ---------------------------------------------------------- */

static void row_init(struct news_row *row, const struct news_kind *kind,
	const struct news_place *at)
{
	*row = (struct news_row){ .type = kind->type };
	kind->fields(at, row);
}

static bool is_gone(const struct news_kind *kind, const struct news_place *at)
{
	struct news_row row;
	row_init(&row, kind, at);
	return span_is(news_field_find(&row, KEY_STATE), kind->gone);
}

/* How long something still holds passes by itself. */
static bool is_same(const struct news_kind *kind, const struct news_place *a,
	const struct news_place *b)
{
	struct news_row one, other;
	row_init(&one, kind, a);
	row_init(&other, kind, b);
	bool same = one.field_count == other.field_count;
	for (size_t i = 0; same && i < one.field_count; i++)
		same = one.fields[i].key == other.fields[i].key &&
		       (one.fields[i].key == KEY_EXPIRES_S ||
			       span_equal(one.fields[i].value,
				       other.fields[i].value));
	return same;
}

struct report {
	const struct news_kind *kind;
	struct table old, now;
	struct table told; /* by a partial document: they have changed */
	news_row_handler *on_row;
	void *arg;
};

static void emit(const struct report *r, const struct news_place *at,
	enum news_change change)
{
	struct news_row row;
	size_t i = 0;

	row_init(&row, r->kind, at);
	row.change = change;
	while (i < row.field_count && row.fields[i].key != KEY_STATE)
		i++;
	if (change == NEWS_REMOVED && i < row.field_count)
		row.fields[i].value = span_of(r->kind->gone);
	else if (change == NEWS_REMOVED)
		news_add_field(&row, KEY_STATE, span_of(r->kind->gone));
	r->on_row(r->arg, &row);
}

static void report_one(const struct report *r, const struct entry *now)
{
	const struct entry *old =
		now->is_found ? table_find(&r->old, now) : NULL;

	if (old && !table_find(&r->told, now) &&
		is_same(r->kind, &old->at, &now->at))
		return;
	bool was_there = old && !is_gone(r->kind, &old->at);
	emit(r, &now->at,
		is_gone(r->kind, &now->at) ? NEWS_REMOVED
		: was_there                ? NEWS_CHANGED
					   : NEWS_ADDED);
}

void news_report(const struct news_kind *kind, const struct news_trees *trees,
	news_row_handler *on_row, void *arg)
{
	struct report r = { .kind = kind, .on_row = on_row, .arg = arg };

	table_init(&r.old, kind, trees->old);
	table_init(&r.now, kind, trees->now);
	table_init(&r.told, kind, trees->told);
	for (size_t i = 0; i < r.now.count; i++)
		report_one(&r, &r.now.entries[i]);
	for (size_t i = 0; i < r.old.count; i++) {
		const struct entry *was = &r.old.entries[i];
		if (was->is_found && !table_find(&r.now, was) &&
			!is_gone(kind, &was->at))
			emit(&r, &was->at, NEWS_REMOVED);
	}
	table_clear(&r.old);
	table_clear(&r.now);
	table_clear(&r.told);
}

/* ---- what is over ----------------------------------------------------------------- */

void news_prune(const struct news_kind *kind, struct xml_element *state)
{
	struct table all;
	table_init(&all, kind, state);
	for (size_t i = 0; i < all.count; i++)
		if (is_gone(kind, &all.entries[i].at))
			xml_element_remove((struct xml_element *)all.entries[i]
						   .at.element);
	table_clear(&all);
}
