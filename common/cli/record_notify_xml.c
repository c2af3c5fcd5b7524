/* The bodies of NOTIFY that are XML. */
#include <string.h>

#include "cli/record_notify.h"
#include "xmpp/parser.h"
#include "xmpp/presence.h"

#define NS_DIALOG "urn:ietf:params:xml:ns:dialog-info"
#define NS_REG "urn:ietf:params:xml:ns:reginfo"
#define NS_CONFERENCE "urn:ietf:params:xml:ns:conference-info"
#define NS_PIDF "urn:ietf:params:xml:ns:pidf"
#define NS_RPID "urn:ietf:params:xml:ns:pidf:rpid"

static void take_document(void *arg, struct xmpp_stanza *s)
{
	struct xmpp_stanza **document = arg;
	xmpp_stanza_free(*document);
	*document = s;
}

/* The parser of XMPP has the limits that a peer's XML needs.  NULL: it is not
 * to be read. */
static struct xmpp_stanza *read_document(struct span body)
{
	static const struct xmpp_parser_handler handler = {
		.stanza = take_document
	};
	struct xmpp_stanza *document = NULL;
	struct xmpp_parser *p =
		xmpp_parser_new(XMPP_PARSER_DOCUMENT, &handler, &document);
	if (!xmpp_parser_feed(p, body, NULL) || !xmpp_parser_end(p, NULL)) {
		xmpp_stanza_free(document);
		document = NULL;
	}
	xmpp_parser_free(p);
	return document;
}

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
	const struct xmpp_stanza *s, const char *child)
{
	struct span text = s ? span_trim(xmpp_stanza_child_text(s, child, NULL))
			     : SPAN_EMPTY;
	if (text.n)
		record_text(r, key, text);
}

/* ---- dialog-info (RFC 4235 section 4.1) -------------------------------------------- */

static bool write_dialog(const struct record_notify *n,
	const struct xmpp_stanza *info, const struct xmpp_stanza *d,
	struct err *e)
{
	struct record r;
	const char *direction = xmpp_stanza_attr_find(d, "direction");
	begin(&r, n, RECORD_DIALOG, xmpp_stanza_attr_find(info, "entity"));
	add_text(&r, KEY_STATE, d, "state");
	if (direction)
		record_str(&r, KEY_DIRECTION,
			strcmp(direction, "initiator") == 0 ? "out" : "in");
	add_text(&r, KEY_REMOTE, xmpp_stanza_find(d, "remote", NS_DIALOG),
		"identity");
	add(&r, KEY_CALL_ID, xmpp_stanza_attr_find(d, "call-id"));
	add(&r, KEY_ID, xmpp_stanza_attr_find(d, "id"));
	return record_end(&r, e);
}

static bool write_dialogs(const struct record_notify *n,
	const struct xmpp_stanza *info, struct err *e)
{
	XMPP_STANZA_EACH(info, d, "dialog", NS_DIALOG)
	if (!write_dialog(n, info, d, e))
		return false;
	return true;
}

/* ---- reginfo (RFC 3680 section 5.1) -------------------------------------------------- */

static bool write_contact(const struct record_notify *n,
	const struct xmpp_stanza *of, const struct xmpp_stanza *c,
	struct err *e)
{
	struct record r;
	uint32_t seconds;
	const char *expires = xmpp_stanza_attr_find(c, "expires");
	begin(&r, n, RECORD_REGISTRATION, xmpp_stanza_attr_find(of, "aor"));
	add_text(&r, KEY_CONTACT, c, "uri");
	add(&r, KEY_STATE, xmpp_stanza_attr_find(c, "state"));
	add(&r, KEY_REASON, xmpp_stanza_attr_find(c, "event"));
	if (expires && span_to_u32(span_of(expires), UINT32_MAX, &seconds))
		record_int(&r, KEY_EXPIRES_S, seconds);
	return record_end(&r, e);
}

static bool write_registrations(const struct record_notify *n,
	const struct xmpp_stanza *info, struct err *e)
{
	XMPP_STANZA_EACH(info, of, "registration", NS_REG)
	XMPP_STANZA_EACH(of, c, "contact", NS_REG)
	if (!write_contact(n, of, c, e))
		return false;
	return true;
}

/* ---- conference-info (RFC 4575 section 5) ---------------------------------------------- */

static bool write_user(const struct record_notify *n,
	const struct xmpp_stanza *info, const struct xmpp_stanza *user,
	struct err *e)
{
	struct record r;
	begin(&r, n, RECORD_PARTICIPANT, xmpp_stanza_attr_find(info, "entity"));
	add(&r, KEY_REMOTE, xmpp_stanza_attr_find(user, "entity"));
	add_text(&r, KEY_NAME, user, "display-text");
	const char *state = xmpp_stanza_attr_find(user, "state");
	if (state && strcmp(state, "deleted") == 0)
		record_str(&r, KEY_STATE, state);
	else
		add_text(&r, KEY_STATE,
			xmpp_stanza_find(user, "endpoint", NS_CONFERENCE),
			"status");
	return record_end(&r, e);
}

static bool write_participants(const struct record_notify *n,
	const struct xmpp_stanza *info, struct err *e)
{
	XMPP_STANZA_EACH(info, users, "users", NS_CONFERENCE)
	XMPP_STANZA_EACH(users, user, "user", NS_CONFERENCE)
	if (!write_user(n, info, user, e))
		return false;
	return true;
}

/* ---- PIDF (RFC 3863, RFC 4480, RFC 8048) -------------------------------------------------- */

/* What a person does, in XMPP's words (RFC 8048 section 5.2). */
static const char *show_of(const struct xmpp_stanza *activities)
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
		if (xmpp_stanza_find(activities, words[i].activity, NS_RPID))
			return words[i].show;
	return NULL;
}

static const struct xmpp_stanza *activities_in(const struct xmpp_stanza *pidf)
{
	const struct xmpp_stanza *found = NULL;
	XMPP_STANZA_EACH(pidf, at, NULL, NULL)
	{
		const struct xmpp_stanza *a =
			xmpp_stanza_find(at, "activities", NS_RPID);
		const struct xmpp_stanza *status =
			xmpp_stanza_find(at, "status", NS_PIDF);
		if (!a && status)
			a = xmpp_stanza_find(status, "activities", NS_RPID);
		found = a ? a : found;
	}
	return found;
}

static struct record_presence presence_of(
	const struct xmpp_stanza *pidf, const struct xmpp_stanza *tuple)
{
	struct record_presence p = { .is_open = false };
	const struct xmpp_stanza *status =
		tuple ? xmpp_stanza_find(tuple, "status", NS_PIDF) : NULL;
	const char *word = show_of(activities_in(pidf));
	if (!status || !span_is(span_trim(xmpp_stanza_child_text(
				      status, "basic", NS_PIDF)),
			       "open"))
		return p;
	p.is_open = true;
	struct span show = span_trim(
		xmpp_stanza_child_text(status, "show", "jabber:client"));
	if (!show.n || !span_copy(p.show, sizeof(p.show), show))
		span_copy(p.show, sizeof(p.show),
			span_of(word ? word : "available"));
	return p;
}

static bool write_tuple(const struct record_notify *n,
	const struct xmpp_stanza *pidf, const struct xmpp_stanza *tuple,
	struct err *e)
{
	struct record_presence p = presence_of(pidf, tuple);
	struct span note = tuple ? xmpp_stanza_child_text(tuple, "note", NS_PIDF)
				 : SPAN_EMPTY;
	struct record r;
	begin(&r, n, RECORD_PRESENCE, xmpp_stanza_attr_find(pidf, "entity"));
	record_str(&r, KEY_PRESENCE_TYPE,
		p.is_open ? "available" : "unavailable");
	if (p.is_open)
		record_str(&r, KEY_SHOW, p.show);
	if (!note.n)
		note = xmpp_stanza_child_text(pidf, "note", NS_PIDF);
	if (note.n)
		record_text(&r, KEY_STATUS, note);
	return record_end(&r, e);
}

static bool write_presence(const struct record_notify *n,
	const struct xmpp_stanza *pidf, struct err *e)
{
	const struct xmpp_stanza *tuple =
		xmpp_stanza_find(pidf, "tuple", NS_PIDF);
	/* Nobody is there: one record says so. */
	if (!tuple)
		return write_tuple(n, pidf, NULL, e);
	for (; tuple; tuple = xmpp_stanza_next(tuple, "tuple", NS_PIDF))
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
	struct xmpp_stanza *pidf = n->notify->body.n
					   ? read_document(n->notify->body)
					   : NULL;
	bool good = pidf && xmpp_stanza_is(pidf, "presence", NS_PIDF);
	*p = (struct record_presence){ .is_open = false };
	if (!n->notify->body.n && n->notify->state == SIP_SUBSCRIPTION_ACTIVE)
		return write_nobody(n, e);
	if (good) {
		good = write_presence(n, pidf, e);
		XMPP_STANZA_EACH(pidf, tuple, "tuple", NS_PIDF)
		if (!p->is_open)
			*p = presence_of(pidf, tuple);
	}
	xmpp_stanza_free(pidf);
	return good;
}

/* ---- which it is ---------------------------------------------------------------------------- */

bool record_notify_xml(
	const struct record_notify *n, bool *good, struct err *e)
{
	static const struct {
		const char *root, *ns;
		bool (*write)(const struct record_notify *n,
			const struct xmpp_stanza *root, struct err *e);
	} kinds[] = {
		{ "dialog-info", NS_DIALOG, write_dialogs },
		{ "reginfo", NS_REG, write_registrations },
		{ "conference-info", NS_CONFERENCE, write_participants },
		{ "presence", NS_PIDF, write_presence },
	};
	struct xmpp_stanza *root = n->notify->body.n
					   ? read_document(n->notify->body)
					   : NULL;
	bool is_known = false;
	for (size_t i = 0; root && i < sizeof(kinds) / sizeof(*kinds); i++)
		if (xmpp_stanza_is(root, kinds[i].root, kinds[i].ns)) {
			*good = kinds[i].write(n, root, e);
			is_known = true;
		}
	xmpp_stanza_free(root);
	return is_known;
}
