/* The bodies of NOTIFY that are XML. */
#include <string.h>

#include "cli/record_notify.h"
#include "xml/document.h"

#define NS_DIALOG "urn:ietf:params:xml:ns:dialog-info"
#define NS_REG "urn:ietf:params:xml:ns:reginfo"
#define NS_CONFERENCE "urn:ietf:params:xml:ns:conference-info"
#define NS_PIDF "urn:ietf:params:xml:ns:pidf"
#define NS_RPID "urn:ietf:params:xml:ns:pidf:rpid"

static void begin(struct record *r, const struct record_notify *n,
	enum record_type type, const char *who)
{
	record_begin(r, n->out, type, RECORD_SIP, n->wall);
	record_str(r, KEY_FROM, who ? who : n->uri);
}

static void add(struct record *r, enum record_key key, const char *value)
{
	if (value && *value)
		record_str(r, key, value);
}

static void add_text(struct record *r, enum record_key key,
	const struct xml_element *s, const char *child)
{
	struct span text = s ? span_trim(xml_element_child_text(s, child, NULL))
			     : SPAN_EMPTY;
	if (text.n)
		record_text(r, key, text);
}

/* ---- dialog-info (RFC 4235 section 4.1) -------------------------------------------- */

static bool write_dialog(const struct record_notify *n,
	const struct xml_element *info, const struct xml_element *d,
	struct err *e)
{
	struct record r;
	const char *direction = xml_element_attr_find(d, "direction");
	begin(&r, n, RECORD_DIALOG, xml_element_attr_find(info, "entity"));
	add_text(&r, KEY_STATE, d, "state");
	if (direction)
		record_str(&r, KEY_DIRECTION,
			strcmp(direction, "initiator") == 0 ? "out" : "in");
	add_text(&r, KEY_REMOTE, xml_element_find(d, "remote", NS_DIALOG),
		"identity");
	add(&r, KEY_CALL_ID, xml_element_attr_find(d, "call-id"));
	add(&r, KEY_ID, xml_element_attr_find(d, "id"));
	return record_end(&r, e);
}

static bool write_dialogs(const struct record_notify *n,
	const struct xml_element *info, struct err *e)
{
	XML_ELEMENT_EACH(info, d, "dialog", NS_DIALOG)
	if (!write_dialog(n, info, d, e))
		return false;
	return true;
}

/* ---- reginfo (RFC 3680 section 5.1) -------------------------------------------------- */

static bool write_contact(const struct record_notify *n,
	const struct xml_element *of, const struct xml_element *c,
	struct err *e)
{
	struct record r;
	uint32_t seconds;
	const char *expires = xml_element_attr_find(c, "expires");
	begin(&r, n, RECORD_REGISTRATION, xml_element_attr_find(of, "aor"));
	add_text(&r, KEY_CONTACT, c, "uri");
	add(&r, KEY_STATE, xml_element_attr_find(c, "state"));
	add(&r, KEY_REASON, xml_element_attr_find(c, "event"));
	if (expires && span_to_u32(span_of(expires), UINT32_MAX, &seconds))
		record_int(&r, KEY_EXPIRES_S, seconds);
	return record_end(&r, e);
}

static bool write_registrations(const struct record_notify *n,
	const struct xml_element *info, struct err *e)
{
	XML_ELEMENT_EACH(info, of, "registration", NS_REG)
	XML_ELEMENT_EACH(of, c, "contact", NS_REG)
	if (!write_contact(n, of, c, e))
		return false;
	return true;
}

/* ---- conference-info (RFC 4575 section 5) ---------------------------------------------- */

static bool write_user(const struct record_notify *n,
	const struct xml_element *info, const struct xml_element *user,
	struct err *e)
{
	struct record r;
	begin(&r, n, RECORD_PARTICIPANT, xml_element_attr_find(info, "entity"));
	add(&r, KEY_REMOTE, xml_element_attr_find(user, "entity"));
	add_text(&r, KEY_NAME, user, "display-text");
	const char *state = xml_element_attr_find(user, "state");
	if (state && strcmp(state, "deleted") == 0)
		record_str(&r, KEY_STATE, state);
	else
		add_text(&r, KEY_STATE,
			xml_element_find(user, "endpoint", NS_CONFERENCE),
			"status");
	return record_end(&r, e);
}

static bool write_participants(const struct record_notify *n,
	const struct xml_element *info, struct err *e)
{
	XML_ELEMENT_EACH(info, users, "users", NS_CONFERENCE)
	XML_ELEMENT_EACH(users, user, "user", NS_CONFERENCE)
	if (!write_user(n, info, user, e))
		return false;
	return true;
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
	struct span note = tuple ? xml_element_child_text(tuple, "note", NS_PIDF)
				 : SPAN_EMPTY;
	struct record r;
	begin(&r, n, RECORD_PRESENCE, xml_element_attr_find(pidf, "entity"));
	record_str(&r, KEY_PRESENCE_TYPE,
		p.is_open ? "available" : "unavailable");
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

bool record_notify_presence(const struct record_notify *n,
	struct record_presence *p, struct err *e)
{
	struct xml_element *pidf = n->notify->body.n
					   ? xml_document_read(
						  n->notify->body, NULL)
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

bool record_notify_xml(
	const struct record_notify *n, bool *good, struct err *e)
{
	static const struct {
		const char *root, *ns;
		bool (*write)(const struct record_notify *n,
			const struct xml_element *root, struct err *e);
	} kinds[] = {
		{ "dialog-info", NS_DIALOG, write_dialogs },
		{ "reginfo", NS_REG, write_registrations },
		{ "conference-info", NS_CONFERENCE, write_participants },
		{ "presence", NS_PIDF, write_presence },
	};
	struct xml_element *root = n->notify->body.n
					   ? xml_document_read(
						  n->notify->body, NULL)
					   : NULL;
	bool is_known = false;
	for (size_t i = 0; root && i < sizeof(kinds) / sizeof(*kinds); i++)
		if (xml_element_is(root, kinds[i].root, kinds[i].ns)) {
			*good = kinds[i].write(n, root, e);
			is_known = true;
		}
	xml_element_free(root);
	return is_known;
}
