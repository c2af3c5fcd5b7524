#include "cli/record_disco.h"

#include "base/json.h"
#include "cli/out.h"
#include "xml/parser.h"
#include "xmpp/disco.h"
#include "xmpp/form.h"

/* The values of one field, each character at its worst in JSON. */
#define VALUES_MAX (JSON_WORST * XMPP_STANZA_MAX)

static void begin(struct record *r, const struct record_disco *d, usec_t wall,
	enum record_type type)
{
	record_begin(r, d->out, type, RECORD_XMPP, wall);
	if (d->account)
		record_str(r, KEY_ACCOUNT, d->account);
	record_str(r, KEY_FROM, d->from);
	if (d->node)
		record_str(r, KEY_NODE, d->node);
}

static void add_attr(struct record *r, enum record_key key,
	const struct xml_element *s, const char *name)
{
	const char *value = xml_element_attr_find(s, name);
	if (value)
		record_str(r, key, value);
}

/* ---- info ---- */

static bool put_identity(const struct record_disco *d, usec_t wall,
	const struct xml_element *s, struct err *e)
{
	struct record r;
	begin(&r, d, wall, RECORD_IDENTITY);
	add_attr(&r, KEY_CATEGORY, s, "category");
	add_attr(&r, KEY_KIND, s, "type");
	add_attr(&r, KEY_NAME, s, "name");
	add_attr(&r, KEY_LANG, s, "xml:lang");
	return record_end(&r, e);
}

static bool put_feature(const struct record_disco *d, usec_t wall,
	const struct xml_element *s, struct err *e)
{
	struct record r;
	begin(&r, d, wall, RECORD_FEATURE);
	add_attr(&r, KEY_FEATURE, s, "var");
	return record_end(&r, e);
}

static bool put_field(const struct record_disco *d, usec_t wall,
	const struct xml_element *form, const struct xml_element *field,
	struct err *e)
{
	struct record r;
	struct buf values = BUF_INIT(VALUES_MAX);
	struct json json;
	struct span type = xmpp_form_type(form);
	json_init(&json, &values);
	json_open(&json, NULL, '[');
	XMPP_FORM_EACH_VALUE(field, value)
	json_string(&json, NULL, xml_element_text_get(value));
	json_close(&json, ']');
	begin(&r, d, wall, RECORD_FIELD);
	if (type.p)
		record_text(&r, KEY_FORM, type);
	add_attr(&r, KEY_FIELD, field, "var");
	record_json(&r, KEY_VALUES, buf_view(&values));
	add_attr(&r, KEY_LABEL, field, "label");
	bool written = record_end(&r, e);
	buf_clear(&values);
	return written;
}

bool record_disco_form(const struct record_disco *d, usec_t wall,
	const struct xml_element *form, struct err *e)
{
	bool good = true;
	XMPP_FORM_EACH_FIELD(form, field)
	if (good && !xml_element_attr_is(field, "var", "FORM_TYPE"))
		good = put_field(d, wall, form, field, e);
	return good;
}

bool record_disco_info(const struct record_disco *d, usec_t wall,
	const struct xml_element *query, struct err *e)
{
	bool good = true;
	XML_ELEMENT_EACH(query, at, NULL, NULL)
	{
		if (xml_element_is(at, "identity", XMPP_NS_DISCO_INFO))
			good = good && put_identity(d, wall, at, e);
		if (xml_element_is(at, "feature", XMPP_NS_DISCO_INFO))
			good = good && put_feature(d, wall, at, e);
		if (xml_element_is(at, "x", XMPP_NS_DATA))
			good = good && record_disco_form(d, wall, at, e);
	}
	return good;
}

/* ---- items, caps, errors ---- */

bool record_disco_items(const struct record_disco *d, usec_t wall,
	const struct xml_element *query, struct err *e)
{
	bool good = true;
	XMPP_DISCO_EACH(query, at, "item")
	{
		struct record r;
		if (!good)
			break;
		begin(&r, d, wall, RECORD_ITEM);
		add_attr(&r, KEY_JID, at, "jid");
		add_attr(&r, KEY_ITEM_NODE, at, "node");
		add_attr(&r, KEY_NAME, at, "name");
		good = record_end(&r, e);
	}
	return good;
}

bool record_disco_caps(const struct record_disco *d, usec_t wall,
	const struct xmpp_caps *c, const struct err *problem, struct err *e)
{
	struct record r;
	begin(&r, d, wall, RECORD_CAPS);
	record_str(&r, KEY_HASH, c->hash);
	record_str(&r, KEY_VER, c->ver);
	if (!problem || problem->status == STATUS_MALFORMED)
		record_bool(&r, KEY_VERIFIED, !problem);
	if (problem)
		record_str(&r, KEY_TEXT, problem->text);
	return record_end(&r, e);
}

bool record_disco_error(const struct record_disco *d, usec_t wall,
	const struct err *why, struct err *e)
{
	struct record r;
	begin(&r, d, wall, RECORD_ERROR);
	if (why->condition[0])
		record_str(&r, KEY_CONDITION, why->condition);
	record_str(&r, KEY_TEXT, why->text);
	record_bool(&r, KEY_RETRYABLE, why->retryable);
	return record_end(&r, e);
}
