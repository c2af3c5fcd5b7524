/* The three packages: the shape of their documents, and what a row shows. */
#include "cli/news_private.h"

#define NS_DIALOG "urn:ietf:params:xml:ns:dialog-info"
#define NS_REG "urn:ietf:params:xml:ns:reginfo"
#define NS_CONFERENCE "urn:ietf:params:xml:ns:conference-info"

void news_add_field(
	struct news_row *row, enum record_key key, struct span value)
{
	value = span_trim(value);
	if (value.n && row->field_count < NEWS_FIELDS_MAX)
		row->fields[row->field_count++] =
			(struct news_field){ key, value };
}

struct span news_field_find(const struct news_row *row, enum record_key key)
{
	for (size_t i = 0; i < row->field_count; i++)
		if (row->fields[i].key == key)
			return row->fields[i].value;
	return SPAN_EMPTY;
}

static struct span attr(const struct xml_element *s, const char *name)
{
	return span_of(xml_element_attr_find(s, name));
}

static struct span text(const struct xml_element *s, const char *child)
{
	return s ? xml_element_child_text(s, child, NULL) : SPAN_EMPTY;
}

/* ---- dialog-info (RFC 4235 section 4.1) ----------------------------------------- */

static void dialog_fields(const struct news_place *at, struct news_row *row)
{
	const struct xml_element *d = at->element;
	struct span direction = attr(d, "direction");

	news_add_field(row, KEY_FROM, attr(at->root, "entity"));
	news_add_field(row, KEY_STATE, text(d, "state"));
	if (direction.n)
		news_add_field(row, KEY_DIRECTION,
			span_is(direction, "initiator") ? SPAN("out")
							: SPAN("in"));
	news_add_field(row, KEY_REMOTE,
		text(xml_element_find(d, "remote", NS_DIALOG), "identity"));
	news_add_field(row, KEY_CALL_ID, attr(d, "call-id"));
	news_add_field(row, KEY_ID, attr(d, "id"));
}

static const struct news_rule dialog_rules[] = {
	{ "dialog", "id", NEWS_UNITE },
	{ "local", NULL, NEWS_UNITE },
	{ "remote", NULL, NEWS_UNITE },
	{ NULL, NULL, NEWS_REPLACE },
};

/* ---- reginfo (RFC 3680 section 5.1) ---------------------------------------------- */

static void contact_fields(const struct news_place *at, struct news_row *row)
{
	const struct xml_element *c = at->element;
	struct span expires = attr(c, "expires");
	uint32_t seconds;

	news_add_field(row, KEY_FROM, attr(at->parent, "aor"));
	news_add_field(row, KEY_CONTACT, text(c, "uri"));
	news_add_field(row, KEY_STATE, attr(c, "state"));
	news_add_field(row, KEY_REASON, attr(c, "event"));
	if (span_to_u32(expires, UINT32_MAX, &seconds))
		news_add_field(row, KEY_EXPIRES_S, expires);
}

static const struct news_rule reg_rules[] = {
	{ "registration", "id", NEWS_UNITE },
	{ "contact", "id", NEWS_REPLACE },
	{ NULL, NULL, NEWS_REPLACE },
};

/* ---- conference-info (RFC 4575 section 5) ------------------------------------------ */

/* Who is there with one of his endpoints is there. */
static struct span status_of(const struct xml_element *user)
{
	struct span status = SPAN_EMPTY;
	XML_ELEMENT_EACH(user, endpoint, "endpoint", NS_CONFERENCE)
	{
		struct span its = span_trim(text(endpoint, "status"));
		if (!status.n || span_is(its, "connected"))
			status = its;
	}
	return status;
}

static void user_fields(const struct news_place *at, struct news_row *row)
{
	const struct xml_element *user = at->element;

	news_add_field(row, KEY_FROM, attr(at->root, "entity"));
	news_add_field(row, KEY_REMOTE, attr(user, "entity"));
	news_add_field(row, KEY_NAME, text(user, "display-text"));
	news_add_field(row, KEY_STATE,
		xml_element_attr_is(user, "state", "deleted")
			? SPAN("deleted")
			: status_of(user));
}

/* Section 4.5 has the keys. */
static const struct news_rule conference_rules[] = {
	{ "users", NULL, NEWS_BY_STATE },
	{ "user", "entity", NEWS_BY_STATE },
	{ "endpoint", "entity", NEWS_BY_STATE },
	{ "media", "id", NEWS_REPLACE },
	{ "sidebars-by-val", NULL, NEWS_BY_STATE },
	{ "sidebars-by-ref", NULL, NEWS_BY_STATE },
	{ "entry", "entity", NEWS_BY_STATE },
	{ NULL, NULL, NEWS_REPLACE },
};

/* ---- which it is ---------------------------------------------------------------------- */

static const struct news_kind kinds[] = {
	{ "dialog-info", NS_DIALOG, RECORD_DIALOG, NULL, "dialog", "id",
		"terminated", false, dialog_rules, dialog_fields },
	{ "reginfo", NS_REG, RECORD_REGISTRATION, "registration", "contact",
		"id", "terminated", false, reg_rules, contact_fields },
	{ "conference-info", NS_CONFERENCE, RECORD_PARTICIPANT, "users", "user",
		"entity", "deleted", true, conference_rules, user_fields },
};

const struct news_kind *news_kind_find(const struct xml_element *document)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (xml_element_is(document, kinds[i].root, kinds[i].ns))
			return &kinds[i];
	return NULL;
}
