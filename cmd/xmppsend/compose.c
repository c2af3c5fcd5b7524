#include "compose.h"

#include <string.h>

#include "base/mem.h"
#include "cli/opt.h"
#include "xml/parser.h"
#include "xml/text.h"
#include "xmpp/ns.h"

/* Of one message to one person; no client shows more. */
#define REACTIONS_MAX 32

static const char *const types[] = { "chat", "normal", "headline", NULL };

const struct opt compose_options[] = {
	{ OPT_GROUP, .help = "Message" },
	{ OPT_WORD, 0, "type", "TYPE", "what kind of message (chat)",
		.offset = offsetof(struct compose_options, type),
		.words = types },
	{ OPT_STRING, 0, "subject", "TEXT", "set the subject",
		.offset = offsetof(struct compose_options, subject) },
	{ OPT_STRING, 0, "thread", "ID", "it belongs to this conversation",
		.offset = offsetof(struct compose_options, thread) },
	{ OPT_STRING, 0, "id", "ID", "its id (a random one)",
		.offset = offsetof(struct compose_options, id) },
	{ OPT_STRING, 0, "lang", "TAG", "the language it is in, as in en or sv",
		.offset = offsetof(struct compose_options, lang) },
	{ OPT_STRING, 0, "oob", "URL",
		"add a link, which is the body too "
		"where the input is empty",
		.offset = offsetof(struct compose_options, oob) },
	{ OPT_STRING, 0, "correct", "ID", "it replaces that earlier one",
		.offset = offsetof(struct compose_options, correct) },
	{ OPT_STRING, 0, "retract", "ID",
		"take that earlier one back; no input is read",
		.offset = offsetof(struct compose_options, retract) },
	{ OPT_STRING, 0, "react", "ID",
		"the input is emoji, as reactions to that one",
		.offset = offsetof(struct compose_options, react) },
	{ OPT_STRING, 0, "reply-to", "ID", "it answers that one of theirs",
		.offset = offsetof(struct compose_options, reply_to) },
	{ OPT_FLAG, 0, "replace-invalid",
		.help = "send U+FFFD for what XML cannot carry",
		.offset = offsetof(struct compose_options, replace_invalid) },
	{ OPT_END },
};

/* ---- the options ---- */

bool compose_needs_body(const struct compose_options *o)
{
	return !o->retract;
}

bool compose_check(const struct compose_options *o, bool several, struct err *e)
{
	int about = !!o->correct + !!o->retract + !!o->react;
	if (about > 1)
		return err_set(e, STATUS_USAGE,
			"--correct, --retract and --react exclude each other");
	if (several && (about || o->id || o->reply_to))
		return err_set(e, STATUS_USAGE,
			"--%s is for one message, and the input is several",
			o->id        ? "id"
			: o->correct ? "correct"
			: o->retract ? "retract"
			: o->react   ? "react"
				     : "reply-to");
	return true;
}

/* ---- the body ---- */

static bool is_readable(const struct compose_options *o, struct span text,
	struct buf *replaced, struct span *out, struct err *e)
{
	struct err why = ERR_NONE;
	*out = text;
	if (xml_text_check(text, &why))
		return true;
	if (!o->replace_invalid)
		return err_set(e, why.status,
			"%s; --replace-invalid sends U+FFFD for it", why.text);
	xml_text_replace(replaced, text);
	*out = buf_view(replaced);
	return true;
}

static void add_body(struct xml_element *s, struct span body)
{
	xml_element_text_span(xml_element_child(s, "body", NULL), body);
}

static void add_store_hint(struct xml_element *s) /* XEP-0334 section 4.4 */
{
	xml_element_child(s, "store", XMPP_NS_HINTS);
}

/* XEP-0444: separated by white space; none takes all back. */
static bool add_reactions(
	struct xml_element *s, const char *id, struct span text, struct err *e)
{
	struct xml_element *all =
		xml_element_child(s, "reactions", XMPP_NS_REACTIONS);
	size_t count = 0;
	xml_element_attr(all, "id", id);
	for (;;) {
		text = span_trim(text);
		size_t n = 0;
		while (n < text.n && !strchr(" \t\r\n", text.p[n]))
			n++;
		if (!n)
			break;
		if (count++ == REACTIONS_MAX)
			return err_set(e, STATUS_MALFORMED,
				"more than %d reactions", REACTIONS_MAX);
		xml_element_text_span(xml_element_child(all, "reaction", NULL),
			span_first(text, n));
		text = span_skip(text, n);
	}
	add_store_hint(s);
	return true;
}

/* XEP-0424 section 3.1: with a text for clients that do not know it. */
static void add_retraction(struct xml_element *s, const char *id)
{
	xml_element_attr(
		xml_element_child(s, "retract", XMPP_NS_RETRACT), "id", id);
	xml_element_attr(xml_element_child(s, "fallback", XMPP_NS_FALLBACK),
		"for", XMPP_NS_RETRACT);
	add_body(s, SPAN("/me retracted a previous message, but it's "
			 "unsupported by your client."));
	add_store_hint(s);
}

/* ---- the whole ---- */

static void add_text(struct xml_element *s, const char *name, const char *given,
	struct span of_letter)
{
	struct span text = given ? span_of(given) : of_letter;
	if (text.n)
		xml_element_text_span(xml_element_child(s, name, NULL), text);
}

/* NULL: e. */
static const char *find_type(
	const struct compose_options *o, const struct letter *l, struct err *e)
{
	struct span type = o->type ? span_of(o->type) : l->message_type;
	if (o->groupchat)
		return "groupchat";
	if (!type.n)
		return types[0];
	for (const char *const *word = types; *word; word++)
		if (span_is(type, *word))
			return *word;
	err_set(e, STATUS_MALFORMED,
		"a message of type \"%.*s\" is not sent by this tool%s",
		SPAN_ARGS(span_first(type, type.n < 40 ? type.n : 40)),
		span_is(type, "groupchat") ? " without --muc" : "");
	return NULL;
}

static bool add_envelope(struct xml_element *s, const struct compose_options *o,
	const struct letter *l, const struct xmpp_jid *to, struct err *e)
{
	struct span lang = o->lang ? span_of(o->lang) : l->lang;
	const char *type = find_type(o, l, e);
	if (!type)
		return false;
	xml_element_attr(s, "to", to->text);
	xml_element_attr(s, "type", type);
	xml_element_attr(s, "id", o->id);
	if (lang.n)
		xml_element_attr_span(s, "xml:lang", lang);
	add_text(s, "subject", o->subject, l->subject);
	add_text(s, "thread", o->thread, l->thread);
	return true;
}

/* Section 3.1: to its author; who that is in a room the id does not say. */
static void add_reply(struct xml_element *s, const struct compose_options *o,
	const struct xmpp_jid *to)
{
	struct xml_element *reply =
		xml_element_child(s, "reply", XMPP_NS_REPLY);
	if (!o->groupchat)
		xml_element_attr(reply, "to", to->text);
	xml_element_attr(reply, "id", o->reply_to);
}

static bool add_content(struct xml_element *s, const struct compose_options *o,
	struct span body, const struct xmpp_jid *to, struct err *e)
{
	if (o->retract) {
		add_retraction(s, o->retract);
		return true;
	}
	if (o->react)
		return add_reactions(s, o->react, body, e);
	add_body(s, body.n || !o->oob ? body : span_of(o->oob));
	if (o->oob)
		xml_element_text(xml_element_child(
					 xml_element_child(s, "x", XMPP_NS_OOB),
					 "url", NULL),
			o->oob);
	if (o->correct)
		xml_element_attr(
			xml_element_child(s, "replace", XMPP_NS_CORRECT), "id",
			o->correct);
	if (o->reply_to)
		add_reply(s, o, to);
	return true;
}

struct xml_element *compose_message(const struct compose_options *o,
	const struct letter *l, const struct xmpp_jid *to, struct err *e)
{
	struct buf replaced = BUF_INIT(3 * XMPP_STANZA_MAX);
	struct xml_element *s = xml_element_new("message", XMPP_NS_CLIENT);
	struct span body;
	bool good = is_readable(o, l->body, &replaced, &body, e) &&
		    add_envelope(s, o, l, to, e) &&
		    add_content(s, o, body, to, e);
	buf_clear(&replaced);
	if (good)
		return s;
	xml_element_free(s);
	return NULL;
}
