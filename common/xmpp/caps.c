#include "xmpp/caps.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/hash.h"
#include "base/mem.h"
#include "xml/parser.h"
#include "xmpp/disco.h"
#include "xmpp/form.h"

/* A reply is one stanza, and escaping only makes it longer. */
#define TEXT_MAX XMPP_STANZA_MAX

static const struct {
	const char *name;
	enum hash hash;
} hashes[] = {
	{ "sha-1", HASH_SHA1 },
	{ "sha-256", HASH_SHA256 },
	{ "sha-512", HASH_SHA512 },
	{ "md5", HASH_MD5 },
};

static bool find_hash(enum hash *out, const char *name)
{
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		if (span_is_nocase(span_of(name), hashes[i].name)) {
			*out = hashes[i].hash;
			return true;
		}
	return false;
}

bool xmpp_caps_knows(const char *hash)
{
	enum hash found;
	return find_hash(&found, hash);
}

bool xmpp_caps_find(struct xmpp_caps *c, const struct xml_element *s)
{
	const struct xml_element *at = xml_element_find(s, "c", XMPP_NS_CAPS);
	if (!at)
		return false;
	*c = (struct xmpp_caps){ .node = xml_element_attr_find(at, "node"),
		.ver = xml_element_attr_find(at, "ver"),
		.hash = xml_element_attr_find(at, "hash") };
	return c->node && c->ver && c->hash;
}

char *xmpp_caps_make_node(const struct xmpp_caps *c)
{
	return mem_format("%s#%s", c->node, c->ver);
}

/* ---- what is sorted: "i;octet" (RFC 4790 section 9.3) ---- */

/* An identity by its parts; a feature, a field or a form by its first. */
struct entry {
	struct span parts[3];
	struct span name;                  /* of an identity */
	const struct xml_element *element; /* of a field or a form */
};

struct entries {
	struct entry *all;
	size_t count, room;
};

static int compare_entries(const void *one, const void *other)
{
	const struct entry *a = one, *b = other;
	int order = 0;
	for (size_t i = 0; i < 3 && order == 0; i++)
		order = span_compare(a->parts[i], b->parts[i]);
	return order;
}

static void add_entry(struct entries *list, struct entry entry)
{
	if (list->count == list->room) {
		list->room = list->room ? 2 * list->room : 32;
		list->all = mem_grow(list->all, list->room, sizeof(*list->all));
	}
	list->all[list->count++] = entry;
}

static void sort(struct entries *list)
{
	if (list->count)
		qsort(list->all, list->count, sizeof(*list->all),
			compare_entries);
}

/* Sorted: is any there twice? */
static bool has_twins(const struct entries *list)
{
	for (size_t i = 1; i < list->count; i++)
		if (compare_entries(&list->all[i - 1], &list->all[i]) == 0)
			return true;
	return false;
}

/* ---- the string of section 5.1 ---- */

static bool refuse(struct err *e, const char *why)
{
	return err_set(e, STATUS_MALFORMED,
		"the answer to disco#info is ill-formed: %s", why);
}

static bool add_value(struct buf *s, struct span value, struct err *e)
{
	if (span_has(value, '<'))
		return refuse(e, "a value has a \"<\" in it");
	buf_span(s, value);
	return buf_char(s, '<') || refuse(e, "it is too long");
}

static struct entry read_identity(const struct xml_element *s)
{
	static const char *const names[] = { "category", "type", "xml:lang" };
	struct entry entry = { .name = span_of(
				       xml_element_attr_find(s, "name")) };
	for (size_t i = 0; i < 3; i++)
		entry.parts[i] = span_of(xml_element_attr_find(s, names[i]));
	return entry;
}

static bool add_identity(struct buf *s, const struct entry *i, struct err *e)
{
	for (size_t part = 0; part < 3; part++) {
		if (span_has(i->parts[part], '/') ||
			span_has(i->parts[part], '<'))
			return refuse(e, "an identity has a separator in it");
		buf_span(s, i->parts[part]);
		buf_char(s, '/');
	}
	return add_value(s, i->name, e);
}

static bool add_identities(
	struct buf *s, const struct xml_element *query, struct err *e)
{
	struct entries list = { 0 };
	XMPP_DISCO_EACH(query, at, "identity")
	add_entry(&list, read_identity(at));
	sort(&list);
	bool good =
		!has_twins(&list) || refuse(e, "an identity is twice in it");
	for (size_t i = 0; i < list.count && good; i++)
		good = add_identity(s, &list.all[i], e);
	mem_free(list.all);
	return good;
}

static bool add_features(
	struct buf *s, const struct xml_element *query, struct err *e)
{
	struct entries list = { 0 };
	XMPP_DISCO_EACH(query, at, "feature")
	add_entry(&list,
		(struct entry){ .parts = { span_of(
					xml_element_attr_find(at, "var")) } });
	sort(&list);
	bool good = !has_twins(&list) || refuse(e, "a feature is twice in it");
	for (size_t i = 0; i < list.count && good; i++)
		good = add_value(s, list.all[i].parts[0], e);
	mem_free(list.all);
	return good;
}

static bool add_field(struct buf *s, const struct entry *field, struct err *e)
{
	struct entries values = { 0 };
	XMPP_FORM_EACH_VALUE(field->element, at)
	add_entry(&values,
		(struct entry){ .parts = { xml_element_text_get(at) } });
	sort(&values);
	bool good = add_value(s, field->parts[0], e);
	for (size_t i = 0; i < values.count && good; i++)
		good = add_value(s, values.all[i].parts[0], e);
	mem_free(values.all);
	return good;
}

static bool add_form(struct buf *s, const struct entry *form, struct err *e)
{
	struct entries fields = { 0 };
	XMPP_FORM_EACH_FIELD(form->element, at)
	if (!xml_element_attr_is(at, "var", "FORM_TYPE"))
		add_entry(&fields,
			(struct entry){
				.parts = { span_of(
					xml_element_attr_find(at, "var")) },
				.element = at });
	sort(&fields);
	bool good = add_value(s, form->parts[0], e);
	for (size_t i = 0; i < fields.count && good; i++)
		good = add_field(s, &fields.all[i], e);
	mem_free(fields.all);
	return good;
}

/* A FORM_TYPE with several values that differ. */
static bool is_of_two_types(const struct xml_element *form, struct span type)
{
	XMPP_FORM_EACH_FIELD(form, field)
	if (xml_element_attr_is(field, "var", "FORM_TYPE"))
		XMPP_FORM_EACH_VALUE(field, value)
	if (!span_equal(xml_element_text_get(value), type))
		return true;
	return false;
}

/* Forms without a hidden FORM_TYPE do not count (section 5.4, step 3.6). */
static bool add_forms(
	struct buf *s, const struct xml_element *query, struct err *e)
{
	struct entries list = { 0 };
	bool good = true;
	XML_ELEMENT_EACH(query, at, "x", XMPP_NS_DATA)
	{
		struct span type = xmpp_form_type(at);
		if (!type.p)
			continue;
		if (is_of_two_types(at, type))
			good = refuse(e, "a form is of two types");
		add_entry(&list,
			(struct entry){ .parts = { type }, .element = at });
	}
	sort(&list);
	if (good && has_twins(&list))
		good = refuse(e, "two forms are of one type");
	for (size_t i = 0; i < list.count && good; i++)
		good = add_form(s, &list.all[i], e);
	mem_free(list.all);
	return good;
}

bool xmpp_caps_compute(struct buf *out, const struct xml_element *query,
	const char *hash, struct err *e)
{
	enum hash kind;
	if (!find_hash(&kind, hash))
		return err_set(
			e, STATUS_USAGE, "the hash %s is not known here", hash);
	struct buf s = BUF_INIT(TEXT_MAX);
	bool good = add_identities(&s, query, e) &&
		    add_features(&s, query, e) && add_forms(&s, query, e);
	if (good) {
		unsigned char digest[HASH_MAX];
		hash_bytes(kind, buf_view(&s), digest);
		base64_add(
			out, span_from((const char *)digest, hash_size(kind)));
	}
	buf_clear(&s);
	return good;
}

bool xmpp_caps_verify(const struct xmpp_caps *c,
	const struct xml_element *query, struct err *e)
{
	struct buf found = BUF_INIT(2 * HASH_MAX);
	bool good = xmpp_caps_compute(&found, query, c->hash, e);
	if (good && strcmp(buf_text(&found), c->ver) != 0)
		good = err_set(e, STATUS_MALFORMED,
			"the answer has the %s %s, and %s was promised",
			c->hash, buf_text(&found), c->ver);
	buf_clear(&found);
	return good;
}
