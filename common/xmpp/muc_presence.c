/* Who is in the room, and why we are not. */
#include <string.h>

#include "base/mem.h"
#include "xmpp/error.h"
#include "xmpp/muc_private.h"
#include "xmpp/ns.h"

/* Why we are out (section 15.6.2). */
static void find_reason(struct err *e, const struct xml_element *s)
{
	static const struct {
		unsigned code;
		const char *text;
	} rows[] = { { 301, "banned from the room" },
		{ 307, "kicked out of the room" },
		{ 321, "out of the room by a change of affiliation" },
		{ 322, "the room is for members only now" },
		{ 332, "the room's server shuts down" },
		{ 333, "out of the room by an error" } };
	const struct xml_element *x = xmpp_muc_user_find(s);
	const char *text = "out of the room";
	struct span reason = SPAN_EMPTY;
	for (size_t i = 0; x && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (xmpp_muc_has_status(x, rows[i].code))
			text = rows[i].text;
	const struct xml_element *item =
		x ? xml_element_find(x, "item", XMPP_NS_MUC_USER) : NULL;
	if (x && xml_element_find(x, "destroy", XMPP_NS_MUC_USER))
		text = "the room was destroyed";
	if (item)
		reason = xml_element_child_text(
			item, "reason", XMPP_NS_MUC_USER);
	err_set(e, STATUS_REFUSED, "%s%s%.*s", text, reason.n ? ": " : "",
		SPAN_ARGS(span_first(reason, 200)));
}

static void take_error(struct xmpp_muc_room *r, const struct xml_element *s)
{
	struct xmpp_error error;
	struct err e = ERR_NONE;
	if (!xmpp_error_parse(&error, s))
		return;
	xmpp_error_to_err(&error, &e);
	e.status = STATUS_REFUSED;
	if (r->phase == XMPP_MUC_JOINING &&
		strcmp(e.condition, "conflict") == 0 &&
		xmpp_muc_try_other_nick(r))
		return;
	if (r->phase == XMPP_MUC_JOINING)
		xmpp_muc_end(r, &e);
}

/* 201: the room has not existed before we came. */
static bool is_new(const struct xml_element *s)
{
	const struct xml_element *x = xmpp_muc_user_find(s);
	return x && xmpp_muc_has_status(x, 201);
}

static void take_own(struct xmpp_muc_room *r, const struct xml_element *s,
	const struct xmpp_presence *p)
{
	struct err e = ERR_NONE;
	if (p->type == XMPP_PRESENCE_UNAVAILABLE) {
		if (r->phase != XMPP_MUC_LEAVING)
			find_reason(&e, s);
		xmpp_muc_end(r, &e);
		return;
	}
	xmpp_muc_entered(r, is_new(s));
}

/* 110; a room of before that says nothing of the kind. */
static bool is_own(const struct xmpp_muc_room *r, const struct xml_element *s,
	const struct xmpp_jid *from)
{
	const struct xml_element *x = xmpp_muc_user_find(s);
	return (x && xmpp_muc_has_status(x, 110)) ||
	       span_is(from->resource, r->nick);
}

static void tell_occupant(struct xmpp_muc_room *r, const struct xml_element *s,
	const struct xmpp_presence *p, const char *nick, bool self)
{
	const struct xml_element *x = xmpp_muc_user_find(s);
	const struct xml_element *item =
		x ? xml_element_find(x, "item", XMPP_NS_MUC_USER) : NULL;
	struct xmpp_muc_occupant o = { .nick = nick,
		.show = p->show,
		.status = p->status,
		.here = p->type == XMPP_PRESENCE_AVAILABLE,
		.self = self };
	if (item)
		xmpp_muc_item_parse(&o.is, item);
	if (r->handlers.occupant)
		r->handlers.occupant(r->arg, &o);
}

bool xmpp_muc_room_take_presence(struct xmpp_muc_room *r,
	const struct xml_element *s, const struct xmpp_presence *p)
{
	struct xmpp_jid from;
	if (!xmpp_muc_is_from(r, s, &from))
		return false;
	if (r->phase == XMPP_MUC_ENDED) {
		xmpp_jid_clear(&from);
		return true;
	}
	xmpp_muc_heard(r);
	if (p->type == XMPP_PRESENCE_ERROR) {
		take_error(r, s);
	} else if (from.resource.n &&
		   (p->type == XMPP_PRESENCE_AVAILABLE ||
			   p->type == XMPP_PRESENCE_UNAVAILABLE)) {
		bool own = is_own(r, s, &from);
		char *nick = span_dup(from.resource);
		/* The room may have given us another one (status 210). */
		if (own && p->type == XMPP_PRESENCE_AVAILABLE) {
			mem_free(r->nick);
			r->nick = mem_str(nick);
		}
		if (!own || r->create || !is_new(s))
			tell_occupant(r, s, p, nick, own);
		if (own)
			take_own(r, s, p);
		mem_free(nick);
	}
	xmpp_jid_clear(&from);
	return true;
}
