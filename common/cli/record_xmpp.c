#include "cli/record_xmpp.h"

#include "xmpp/error.h"
#include "xmpp/ns.h"

static void begin(struct record *r, const struct record_xmpp *x, usec_t wall,
	enum record_type type)
{
	record_begin(r, x->out, type, RECORD_XMPP, wall);
	if (x->account)
		record_str(r, KEY_ACCOUNT, x->account);
}

static void add(struct record *r, enum record_key key, const char *value)
{
	if (value)
		record_str(r, key, value);
}

/* As record_text, where there is something. */
static void add_span(struct record *r, enum record_key key, struct span value)
{
	if (value.p)
		record_text(r, key, value);
}

static void add_addresses(struct record *r, const struct record_xmpp *x,
	const struct xml_element *s)
{
	const char *from = xml_element_attr_find(s, "from");
	if (from)
		record_str(r, KEY_FROM, from);
	else /* RFC 6120 section 8.1.2.1: it is of our own account */
		record_text(r, KEY_FROM, xmpp_jid_bare(x->self));
	add(r, KEY_TO, xml_element_attr_find(s, "to"));
	add(r, KEY_ID, xml_element_attr_find(s, "id"));
}

void record_xmpp_texts(struct buf *array, const struct xml_element *s,
	const char *name, const char *ns)
{
	struct json json;
	json_init(&json, array);
	json_open(&json, NULL, '[');
	XML_ELEMENT_EACH(s, child, name, ns)
	json_string(&json, NULL, xml_element_text_get(child));
	json_close(&json, ']');
}

/* ---- records ---- */

static bool record_bounce(const struct record_xmpp *x, usec_t wall,
	const struct xml_element *s, const struct xmpp_error *error,
	struct err *e)
{
	struct record r;
	struct err why = ERR_NONE;
	xmpp_error_to_err(error, &why);
	begin(&r, x, wall, RECORD_ERROR);
	add_addresses(&r, x, s);
	record_str(&r, KEY_CONDITION, why.condition);
	record_str(&r, KEY_TEXT, why.text);
	record_bool(&r, KEY_RETRYABLE, why.retryable);
	return record_end(&r, e);
}

/* Those that join a message with others. */
static void add_ids(struct record *r, const struct xmpp_message *m)
{
	const struct xml_element *origin =
		xml_element_find(m->stanza, "origin-id", XMPP_NS_SID);
	const struct xml_element *reply =
		xml_element_find(m->stanza, "reply", XMPP_NS_REPLY);
	add(r, KEY_STANZA_ID, m->archive_id);
	if (origin)
		add(r, KEY_ORIGIN_ID, xml_element_attr_find(origin, "id"));
	add_span(r, KEY_THREAD,
		xml_element_child_text(m->stanza, "thread", m->stanza->ns));
	add(r, KEY_REPLACES, m->replaces);
	add(r, KEY_RETRACTS, m->retracts);
	if (reply)
		add(r, KEY_REPLIES_TO, xml_element_attr_find(reply, "id"));
}

bool record_xmpp_message(const struct record_xmpp *x, usec_t wall,
	const struct xmpp_message *m, struct err *e)
{
	struct xmpp_error error;
	const struct xml_element *s = m->stanza;
	if (xmpp_error_parse(&error, s))
		return record_bounce(x, wall, s, &error, e);
	const struct xml_element *body = xml_element_find(s, "body", s->ns);
	const char *type = xml_element_attr_find(s, "type");
	const char *lang =
		body ? xml_element_attr_find(body, "xml:lang") : NULL;
	const struct xml_element *reactions = xmpp_message_reactions(m);
	struct buf emoji = BUF_INIT(RECORD_XMPP_TEXTS_MAX);
	struct record r;
	begin(&r, x, wall, RECORD_MESSAGE);
	record_str(&r, KEY_DIRECTION, m->sent ? "out" : "in");
	add_addresses(&r, x, s);
	add_ids(&r, m);
	if (reactions) {
		record_xmpp_texts(&emoji, reactions, "reaction", reactions->ns);
		record_str(&r, KEY_REACTS_TO,
			xml_element_attr_find(reactions, "id"));
		record_json(&r, KEY_REACTIONS, buf_view(&emoji));
	}
	record_str(&r, KEY_MESSAGE_TYPE, type ? type : "normal");
	add_span(&r, KEY_SUBJECT, xml_element_child_text(s, "subject", s->ns));
	add(&r, KEY_LANG, lang ? lang : xml_element_attr_find(s, "xml:lang"));
	if (body)
		record_text(&r, KEY_BODY, xml_element_text_get(body));
	if (m->delayed)
		record_time(&r, KEY_DELAY, m->stamp);
	bool written = record_end(&r, e);
	buf_clear(&emoji);
	return written;
}

bool record_xmpp_invitation(const struct record_xmpp *x, usec_t wall,
	const struct xmpp_message *m, const struct xmpp_invitation *i,
	struct err *e)
{
	struct record r;
	begin(&r, x, wall, RECORD_INVITATION);
	record_str(&r, KEY_FROM, i->from);
	add(&r, KEY_TO, xml_element_attr_find(m->stanza, "to"));
	add(&r, KEY_ID, xml_element_attr_find(m->stanza, "id"));
	record_str(&r, KEY_ROOM, i->room);
	add_span(&r, KEY_TEXT, i->reason);
	if (m->delayed)
		record_time(&r, KEY_DELAY, m->stamp);
	return record_end(&r, e);
}

bool record_xmpp_presence(const struct record_xmpp *x, usec_t wall,
	const struct xml_element *s, const struct xmpp_presence *p,
	struct err *e)
{
	struct xmpp_error error;
	if (xmpp_error_parse(&error, s))
		return record_bounce(x, wall, s, &error, e);
	const char *type = xmpp_presence_type_text(p->type);
	const char *show = xmpp_show_text(p->show);
	struct record r;
	usec_t stamp;
	begin(&r, x, wall, RECORD_PRESENCE);
	add_addresses(&r, x, s);
	record_str(&r, KEY_PRESENCE_TYPE, type ? type : "available");
	if (!type)
		record_str(&r, KEY_SHOW, show ? show : "available");
	add_span(&r, KEY_STATUS, p->status);
	if (!type)
		record_int(&r, KEY_PRIORITY, p->priority);
	if (xmpp_delay_read(s, x->self, &stamp))
		record_time(&r, KEY_DELAY, stamp);
	return record_end(&r, e);
}

bool record_xmpp_sent(const struct record_xmpp *x, usec_t wall,
	const struct record_sent *sent, struct err *e)
{
	struct record r;
	const struct err *why = sent->why;
	begin(&r, x, wall, why ? RECORD_ERROR : RECORD_MESSAGE);
	record_str(&r, KEY_DIRECTION, "out");
	record_text(&r, KEY_FROM, xmpp_jid_full(x->self));
	record_str(&r, KEY_TO, sent->to);
	add(&r, KEY_ID, sent->id);
	add(&r, KEY_STANZA_ID, sent->stanza_id);
	add(&r, KEY_MESSAGE_TYPE, sent->message_type);
	if (why && why->condition[0])
		record_str(&r, KEY_CONDITION, why->condition);
	if (why) {
		record_str(&r, KEY_TEXT, why->text);
		record_bool(&r, KEY_RETRYABLE, why->retryable);
	}
	return record_end(&r, e);
}

bool record_xmpp_ready(const struct record_xmpp *x, usec_t wall, struct err *e)
{
	struct record r;
	begin(&r, x, wall, RECORD_READY);
	record_text(&r, KEY_FROM, xmpp_jid_full(x->self));
	record_int(&r, KEY_SCHEMA, RECORD_SCHEMA);
	return record_end(&r, e);
}
