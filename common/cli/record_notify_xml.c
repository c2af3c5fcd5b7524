/* The bodies of NOTIFY that are XML. */
#include "cli/record_notify.h"
#include "xml/document.h"

#define NS_PIDF "urn:ietf:params:xml:ns:pidf"
#define NS_RPID "urn:ietf:params:xml:ns:pidf:rpid"

static void begin(struct record *r, const struct record_notify *n,
	enum record_type type, const char *who)
{
	record_begin(r, n->out, type, RECORD_SIP, n->wall);
	record_str(r, KEY_FROM, who ? who : n->uri);
}

/* ---- what has a state that changes (cli/news.h) ---------------------------------- */

struct rows {
	const struct record_notify *notify;
	bool good;
	struct err *e;
};

static void write_row(void *arg, const struct news_row *row)
{
	static const char *const changes[] = {
		[NEWS_ADDED] = "added",
		[NEWS_CHANGED] = "changed",
		[NEWS_REMOVED] = "removed",
	};
	struct rows *w = arg;
	struct record r;
	uint32_t seconds;
	if (!w->good)
		return;
	record_begin(
		&r, w->notify->out, row->type, RECORD_SIP, w->notify->wall);
	if (row->field_count == 0 || row->fields[0].key != KEY_FROM)
		record_str(&r, KEY_FROM, w->notify->uri);
	for (size_t i = 0; i < row->field_count; i++) {
		const struct news_field *f = &row->fields[i];
		if (f->key != KEY_EXPIRES_S)
			record_text(&r, f->key, f->value);
		else if (span_to_u32(f->value, UINT32_MAX, &seconds))
			record_int(&r, f->key, seconds);
	}
	record_str(&r, KEY_CHANGE, changes[row->change]);
	w->good = record_end(&r, w->e);
}

/* False: nothing was taken from it. */
static bool write_news(const struct record_notify *n,
	const struct xml_element *root, bool *good, struct err *e)
{
	struct rows w = { n, true, e };
	struct news *alone = n->news ? NULL : news_new();
	struct news_result result = news_take(n->news ? n->news : alone, root,
		n->notify->is_first, write_row, &w);
	news_free(alone);
	if (n->result)
		*n->result = result;
	*good = w.good;
	return result.is_known && !result.is_passed_over;
}

/* ---- PIDF (RFC 3863, RFC 4480, RFC 8048) -------------------------------------------------- */

/* What a person does, in XMPP's words (RFC 8048 section 5.2). */
static const char *show_of(const struct xml_element *activities)
{
	static const struct {
		const char *activity, *show;
	} words[] = {
		{ "away", "away" },
		{ "busy", "dnd" },
		{ "on-the-phone", "dnd" },
		{ "in-transit", "away" },
		{ "meal", "away" },
		{ "meeting", "dnd" },
		{ "vacation", "xa" },
		{ "holiday", "xa" },
		{ "sleeping", "xa" },
		{ "permanent-absence", "xa" },
	};
	for (size_t i = 0; activities && i < sizeof(words) / sizeof(*words);
		i++)
		if (xml_element_find(activities, words[i].activity, NS_RPID))
			return words[i].show;
	return NULL;
}

static const struct xml_element *activities_in(const struct xml_element *pidf)
{
	const struct xml_element *found = NULL;
	XML_ELEMENT_EACH(pidf, at, NULL, NULL)
	{
		const struct xml_element *a =
			xml_element_find(at, "activities", NS_RPID);
		const struct xml_element *status =
			xml_element_find(at, "status", NS_PIDF);
		if (!a && status)
			a = xml_element_find(status, "activities", NS_RPID);
		found = a ? a : found;
	}
	return found;
}

static struct record_presence presence_of(
	const struct xml_element *pidf, const struct xml_element *tuple)
{
	struct record_presence p = { .is_open = false };
	const struct xml_element *status =
		tuple ? xml_element_find(tuple, "status", NS_PIDF) : NULL;
	const char *word = show_of(activities_in(pidf));
	if (!status || !span_is(span_trim(xml_element_child_text(
					status, "basic", NS_PIDF)),
			       "open"))
		return p;
	p.is_open = true;
	struct span show = span_trim(
		xml_element_child_text(status, "show", "jabber:client"));
	if (!show.n || !span_copy(p.show, sizeof(p.show), show))
		span_copy(p.show, sizeof(p.show),
			span_of(word ? word : "available"));
	return p;
}

static bool write_tuple(const struct record_notify *n,
	const struct xml_element *pidf, const struct xml_element *tuple,
	struct err *e)
{
	struct record_presence p = presence_of(pidf, tuple);
	struct span note =
		tuple ? xml_element_child_text(tuple, "note", NS_PIDF)
		      : SPAN_EMPTY;
	struct record r;
	begin(&r, n, RECORD_PRESENCE, xml_element_attr_find(pidf, "entity"));
	record_str(
		&r, KEY_PRESENCE_TYPE, p.is_open ? "available" : "unavailable");
	if (p.is_open)
		record_str(&r, KEY_SHOW, p.show);
	if (!note.n)
		note = xml_element_child_text(pidf, "note", NS_PIDF);
	if (note.n)
		record_text(&r, KEY_STATUS, note);
	return record_end(&r, e);
}

static bool write_presence(const struct record_notify *n,
	const struct xml_element *pidf, struct err *e)
{
	const struct xml_element *tuple =
		xml_element_find(pidf, "tuple", NS_PIDF);
	/* Nobody is there: one record says so. */
	if (!tuple)
		return write_tuple(n, pidf, NULL, e);
	for (; tuple; tuple = xml_element_next(tuple, "tuple", NS_PIDF))
		if (!write_tuple(n, pidf, tuple, e))
			return false;
	return true;
}

/* A server that knows of no presence has no document. */
static bool write_nobody(const struct record_notify *n, struct err *e)
{
	struct record r;
	begin(&r, n, RECORD_PRESENCE, NULL);
	record_str(&r, KEY_PRESENCE_TYPE, "unavailable");
	return record_end(&r, e);
}

bool record_notify_presence(
	const struct record_notify *n, struct record_presence *p, struct err *e)
{
	struct xml_element *pidf =
		n->notify->body.n ? xml_document_read(n->notify->body, NULL)
				  : NULL;
	bool good = pidf && xml_element_is(pidf, "presence", NS_PIDF);
	*p = (struct record_presence){ .is_open = false };
	if (!n->notify->body.n && n->notify->state == SIP_SUBSCRIPTION_ACTIVE)
		return write_nobody(n, e);
	if (good) {
		good = write_presence(n, pidf, e);
		XML_ELEMENT_EACH(pidf, tuple, "tuple", NS_PIDF)
		if (!p->is_open)
			*p = presence_of(pidf, tuple);
	}
	xml_element_free(pidf);
	return good;
}

/* ---- which it is ---------------------------------------------------------------------------- */

bool record_notify_xml(const struct record_notify *n, bool *good, struct err *e)
{
	struct xml_element *root =
		n->notify->body.n ? xml_document_read(n->notify->body, NULL)
				  : NULL;
	bool is_known = false;
	if (root && xml_element_is(root, "presence", NS_PIDF)) {
		*good = write_presence(n, root, e);
		is_known = true;
	} else if (root) {
		is_known = write_news(n, root, good, e);
	}
	xml_element_free(root);
	return is_known;
}
