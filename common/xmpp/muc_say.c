/* What is said in the room, and what became of what we said. */
#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "xmpp/error.h"
#include "xmpp/muc_private.h"
#include "xmpp/ns.h"

#define ID_LENGTH 20

/* A message of ours that the room has not reflected yet. */
struct saying {
	struct link link;
	uint64_t tag;
	char *subject; /* NULL: it has a body */
	char id[ID_LENGTH + 1];
};

static void saying_free(struct xmpp_muc_room *r, struct saying *s)
{
	list_remove(&s->link);
	r->said_count--;
	mem_free(s->subject);
	mem_free(s);
}

void xmpp_muc_forget_sayings(struct xmpp_muc_room *r, const struct err *why)
{
	struct link *first;
	while ((first = list_first(&r->sayings))) {
		struct saying *s = LIST_ITEM(first, struct saying, link);
		uint64_t tag = s->tag;
		saying_free(r, s);
		if (why && r->handlers.said)
			r->handlers.said(r->arg, tag, why);
	}
}

/* ---- messages ---- */

static struct saying *find_saying(const struct xmpp_muc_room *r, const char *id)
{
	LIST_EACH(&r->sayings, at)
	{
		struct saying *s = LIST_ITEM(at, struct saying, link);
		if (id && strcmp(s->id, id) == 0)
			return s;
	}
	return NULL;
}

static void decide(
	struct xmpp_muc_room *r, struct saying *s, const struct err *why)
{
	uint64_t tag = s->tag;
	saying_free(r, s);
	if (r->handlers.said)
		r->handlers.said(r->arg, tag, why);
	if (r->handlers.progress && r->phase == XMPP_MUC_JOINED)
		r->handlers.progress(r->arg);
}

static void take_bounce(struct xmpp_muc_room *r, const struct xml_element *s)
{
	struct saying *mine = find_saying(r, xml_element_attr_find(s, "id"));
	struct xmpp_error error;
	struct err e = ERR_NONE;
	if (!mine || !xmpp_error_parse(&error, s))
		return;
	xmpp_error_to_err(&error, &e);
	decide(r, mine, &e);
}

static struct saying *find_subject(
	const struct xmpp_muc_room *r, const struct xml_element *s)
{
	struct span text = xml_element_child_text(s, "subject", XMPP_NS_CLIENT);
	LIST_EACH(&r->sayings, at)
	{
		struct saying *saying = LIST_ITEM(at, struct saying, link);
		if (saying->subject && span_is(text, saying->subject))
			return saying;
	}
	return NULL;
}

/* Section 7.4: the id is the one we gave.  INTEROP: Prosody 0.12 sends a new
 * subject without one. */
static void take_reflection(
	struct xmpp_muc_room *r, const struct xml_element *s, bool is_subject)
{
	const struct xml_element *origin =
		xml_element_find(s, "origin-id", XMPP_NS_SID);
	struct saying *mine = find_saying(r, xml_element_attr_find(s, "id"));
	struct err none = ERR_NONE;
	if (!mine && origin)
		mine = find_saying(r, xml_element_attr_find(origin, "id"));
	if (!mine && is_subject)
		mine = find_subject(r, s);
	if (mine)
		decide(r, mine, &none);
}

static void take_groupchat(
	struct xmpp_muc_room *r, const struct xml_element *s, const char *nick)
{
	const struct xml_element *subject =
		xml_element_find(s, "subject", XMPP_NS_CLIENT);
	bool is_subject =
		subject && !xml_element_find(s, "body", XMPP_NS_CLIENT);
	if (is_subject) {
		if (r->handlers.subject)
			r->handlers.subject(
				r->arg, s, nick, xml_element_text_get(subject));
	} else if (nick && r->handlers.message) {
		r->handlers.message(r->arg, s, nick);
	}
	if (nick && strcmp(nick, r->nick) == 0)
		take_reflection(r, s, is_subject);
}

bool xmpp_muc_room_take_message(
	struct xmpp_muc_room *r, const struct xml_element *s)
{
	struct xmpp_jid from;
	if (!xmpp_muc_is_from(r, s, &from))
		return false;
	bool error = xml_element_attr_is(s, "type", "error");
	bool groupchat = xml_element_attr_is(s, "type", "groupchat");
	char *nick = from.resource.n ? span_dup(from.resource) : NULL;
	if (r->phase != XMPP_MUC_ENDED) {
		xmpp_muc_heard(r);
		if (error)
			take_bounce(r, s);
		else if (groupchat)
			take_groupchat(r, s, nick);
	}
	mem_free(nick);
	xmpp_jid_clear(&from);
	return error || groupchat;
}

/* ---- saying ---- */

bool xmpp_muc_room_say(struct xmpp_muc_room *r, struct xml_element *s,
	uint64_t tag, struct err *e)
{
	if (r->phase != XMPP_MUC_JOINED || xmpp_muc_room_is_full(r)) {
		xml_element_free(s);
		err_set(e, STATUS_LOCAL_IO, "not in the room, or too fast");
		err_condition(e, "", true);
		return false;
	}
	struct saying *saying = mem_alloc(sizeof(*saying));
	saying->tag = tag;
	if (!xml_element_find(s, "body", XMPP_NS_CLIENT))
		saying->subject = span_dup(
			xml_element_child_text(s, "subject", XMPP_NS_CLIENT));
	rand_token(saying->id, ID_LENGTH);
	xml_element_attr(s, "to", r->jid.text);
	xml_element_attr(s, "type", "groupchat");
	xml_element_attr(s, "id", saying->id);
	xml_element_attr(xml_element_child(s, "origin-id", XMPP_NS_SID), "id",
		saying->id);
	if (!xmpp_client_send(r->client, s, e)) {
		mem_free(saying->subject);
		mem_free(saying);
		return false;
	}
	list_append(&r->sayings, &saying->link);
	r->said_count++;
	return true;
}

bool xmpp_muc_room_is_full(const struct xmpp_muc_room *r)
{
	return r->said_count >= XMPP_MUC_UNREFLECTED_MAX ||
	       xmpp_client_is_full(r->client);
}

size_t xmpp_muc_room_unsaid(const struct xmpp_muc_room *r)
{
	return r->said_count;
}

void xmpp_muc_room_give_up(struct xmpp_muc_room *r)
{
	struct err e = ERR_NONE;
	err_set(&e, STATUS_TIMEOUT, "the room has not reflected it in time");
	xmpp_muc_forget_sayings(r, &e);
}
