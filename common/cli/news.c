#include "cli/news.h"

#include "base/mem.h"
#include "cli/news_private.h"

struct news {
	const struct news_kind *kind; /* NULL: nothing was taken yet */
	struct xml_element *state;    /* NULL: none */
	bool has_version;
	uint32_t version;
	bool is_whole;  /* nothing is missing in the state */
	bool has_asked; /* for what is missing */
};

/* A tree keeps the memory of what was taken out of it until it is copied. */
static struct xml_element *merged(
	const struct news *n, const struct xml_element *document)
{
	struct xml_element *state =
		n->state ? xml_element_dup(n->state)
			 : xml_element_new(document->name, document->ns);
	news_prune(n->kind, state);
	news_merge(n->kind, state, document);
	struct xml_element *now = xml_element_dup(state);
	xml_element_free(state);
	return now;
}

static void set_state(struct news *n, struct xml_element *now)
{
	xml_element_free(n->state);
	n->state = now;
	if (now && xml_element_memory(now) > NEWS_MAX) {
		xml_element_free(now);
		n->state = NULL;
		n->is_whole = false;
	}
}

/* Once, until it has come: who never sends all is not asked for ever. */
static bool ask(struct news *n)
{
	bool asks = !n->is_whole && !n->has_asked;
	n->has_asked = !n->is_whole;
	return asks;
}

struct document {
	const struct xml_element *root;
	bool is_full, has_version;
	uint32_t version;
};

static struct document read_head(const struct xml_element *root)
{
	struct document d = { .root = root };
	d.is_full = !xml_element_attr_is(root, "state", "partial");
	/* INTEROP: documents without a number are taken as they come. */
	d.has_version =
		span_to_u32(span_of(xml_element_attr_find(root, "version")),
			UINT32_MAX, &d.version);
	return d;
}

/* While something is missing the whole state is taken whatever its number: a
 * partial document before it may have had the same (RFC 4575 section 5.2). */
static bool is_old(const struct news *n, const struct document *d)
{
	if (!n->has_version || !d->has_version || (d->is_full && !n->is_whole))
		return false;
	return d->version < n->version ||
	       (d->version == n->version &&
		       (n->kind->is_strict || !d->is_full));
}

static bool leaves_gap(const struct news *n, const struct document *d)
{
	return !d->is_full && n->has_version && d->has_version &&
	       d->version - n->version > 1;
}

static void take(struct news *n, const struct document *d, bool is_over,
	news_row_handler *on_row, void *arg)
{
	struct xml_element *now = is_over      ? NULL
				  : d->is_full ? xml_element_dup(d->root)
					       : merged(n, d->root);
	struct news_trees trees = {
		.old = n->state, .now = now, .told = d->is_full ? NULL : d->root
	};
	news_report(n->kind, &trees, on_row, arg);
	n->has_version = d->has_version;
	n->version = d->version;
	set_state(n, now);
}

static void begin(struct news *n, const struct news_kind *kind, bool is_first)
{
	if (n->kind != kind)
		set_state(n, NULL);
	if (n->kind != kind || is_first)
		n->has_version = n->is_whole = n->has_asked = false;
	n->kind = kind;
}

struct news_result news_take(struct news *n, const struct xml_element *document,
	bool is_first, news_row_handler *on_row, void *arg)
{
	struct news_result result = { .is_known = false };
	const struct news_kind *kind = news_kind_find(document);
	struct document d = read_head(document);

	if (!kind)
		return result;
	result.is_known = true;
	begin(n, kind, is_first);
	result.is_passed_over = is_old(n, &d);
	if (result.is_passed_over)
		return result;
	n->is_whole = d.is_full || (n->is_whole && !leaves_gap(n, &d));
	result.is_passed_over = !n->is_whole && kind->is_strict;
	if (!result.is_passed_over) {
		result.is_over =
			xml_element_attr_is(document, "state", "deleted");
		take(n, &d, result.is_over, on_row, arg);
	}
	result.wants_all = ask(n);
	return result;
}

struct news *news_new(void)
{
	return mem_alloc(sizeof(struct news));
}

void news_free(struct news *n)
{
	if (!n)
		return;
	xml_element_free(n->state);
	mem_free(n);
}
