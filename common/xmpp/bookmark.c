#include "xmpp/bookmark.h"

#include <string.h>

#include "xmpp/disco.h"
#include "xmpp/form.h"
#include "xmpp/iq.h"

/* Of the one item of XEP-0048. */
#define CURRENT "current"

static const char *const nodes[] = {
	[XMPP_BOOKMARK_ITEMS] = XMPP_NS_BOOKMARKS,
	[XMPP_BOOKMARK_PEP] = XMPP_NS_BOOKMARKS_OLD,
	[XMPP_BOOKMARK_PRIVATE] = XMPP_NS_BOOKMARKS_OLD,
};

bool xmpp_bookmarks_are_unified(
	const struct xml_element *features, enum xmpp_bookmark_place place)
{
	return features &&
	       (place == XMPP_BOOKMARK_PRIVATE
			       ? xmpp_disco_has_feature(
					 features, XMPP_NS_BOOKMARKS "#compat")
		       : place == XMPP_BOOKMARK_PEP
			       ? xmpp_disco_has_feature(features,
					 XMPP_NS_BOOKMARKS "#compat-pep")
			       : true);
}

/* ---- reading ---- */

struct xml_element *xmpp_bookmarks_make_get(enum xmpp_bookmark_place place)
{
	struct xml_element *s = xmpp_iq_make("get", NULL);
	if (place == XMPP_BOOKMARK_PRIVATE)
		xml_element_child(
			xml_element_child(s, "query", XMPP_NS_PRIVATE),
			"storage", XMPP_NS_BOOKMARKS_OLD);
	else
		xml_element_attr(
			xml_element_child(
				xml_element_child(s, "pubsub", XMPP_NS_PUBSUB),
				"items", NULL),
			"node", nodes[place]);
	return s;
}

static const struct xml_element *find_items(
	enum xmpp_bookmark_place place, const struct xml_element *reply)
{
	const struct xml_element *pubsub =
		reply ? xml_element_find(reply, "pubsub", XMPP_NS_PUBSUB)
		      : NULL;
	const struct xml_element *items =
		pubsub ? xml_element_find(pubsub, "items", XMPP_NS_PUBSUB)
		       : NULL;
	return items && xml_element_attr_is(items, "node", nodes[place]) ? items
									 : NULL;
}

/* The <storage/> of XEP-0048. */
static const struct xml_element *find_storage(
	enum xmpp_bookmark_place place, const struct xml_element *reply)
{
	const struct xml_element *in = NULL;
	if (place == XMPP_BOOKMARK_PRIVATE)
		in = reply ? xml_element_find(reply, "query", XMPP_NS_PRIVATE)
			   : NULL;
	else if ((in = find_items(place, reply)))
		in = xml_element_find(in, "item", XMPP_NS_PUBSUB);
	return in ? xml_element_find(in, "storage", XMPP_NS_BOOKMARKS_OLD)
		  : NULL;
}

static bool is_true(const char *value) /* XML Schema's boolean */
{
	return value && (strcmp(value, "true") == 0 || strcmp(value, "1") == 0);
}

static void read_one(struct xmpp_bookmark *b, const char *jid,
	const struct xml_element *conference)
{
	*b = (struct xmpp_bookmark){ .jid = jid,
		.name = xml_element_attr_find(conference, "name"),
		.nick = xml_element_child_text(
			conference, "nick", conference->ns),
		.password = xml_element_child_text(
			conference, "password", conference->ns),
		.autojoin =
			is_true(xml_element_attr_find(conference, "autojoin")),
		.element = conference };
}

void xmpp_bookmarks_begin(struct xmpp_bookmarks *all,
	enum xmpp_bookmark_place place, const struct xml_element *reply)
{
	const struct xml_element *in = place == XMPP_BOOKMARK_ITEMS
					       ? find_items(place, reply)
					       : find_storage(place, reply);
	*all = (struct xmpp_bookmarks){ .place = place };
	if (!in)
		return;
	if (place == XMPP_BOOKMARK_ITEMS)
		all->item = xml_element_find(in, "item", XMPP_NS_PUBSUB);
	else
		all->conference = xml_element_find(
			in, "conference", XMPP_NS_BOOKMARKS_OLD);
}

bool xmpp_bookmarks_next(struct xmpp_bookmarks *all, struct xmpp_bookmark *b)
{
	while (all->item) {
		const struct xml_element *item = all->item;
		const struct xml_element *conference =
			xml_element_find(item, "conference", XMPP_NS_BOOKMARKS);
		const char *id = xml_element_attr_find(item, "id");
		all->item = xml_element_next(item, "item", XMPP_NS_PUBSUB);
		if (!conference || !id)
			continue;
		read_one(b, id, conference);
		return true;
	}
	while (all->conference) {
		const struct xml_element *at = all->conference;
		const char *jid = xml_element_attr_find(at, "jid");
		all->conference = xml_element_next(
			at, "conference", XMPP_NS_BOOKMARKS_OLD);
		if (!jid)
			continue;
		read_one(b, jid, at);
		return true;
	}
	return false;
}

static bool is_of(const char *text, const struct xmpp_jid *room)
{
	struct xmpp_jid jid;
	if (!text || !xmpp_jid_parse(&jid, span_of(text), NULL))
		return false;
	bool is = xmpp_jid_equal(&jid, room);
	xmpp_jid_clear(&jid);
	return is;
}

bool xmpp_bookmarks_find(struct xmpp_bookmark *b,
	enum xmpp_bookmark_place place, const struct xml_element *reply,
	const struct xmpp_jid *room)
{
	struct xmpp_bookmarks all;
	xmpp_bookmarks_begin(&all, place, reply);
	while (xmpp_bookmarks_next(&all, b))
		if (is_of(b->jid, room))
			return true;
	*b = (struct xmpp_bookmark){ .jid = NULL };
	return false;
}

/* ---- writing ---- */

static void add_options(struct xml_element *pubsub, bool items)
{
	struct xml_element *x = xml_element_child(
		xml_element_child(pubsub, "publish-options", NULL), "x",
		XMPP_NS_DATA);
	xml_element_attr(x, "type", "submit");
	xmpp_form_add(x, "FORM_TYPE", SPAN(XMPP_NS_PUBLISH_OPTIONS));
	xml_element_attr(x->first, "type", "hidden");
	xmpp_form_add(x, "pubsub#persist_items", SPAN("true"));
	xmpp_form_add(x, "pubsub#access_model", SPAN("whitelist"));
	if (!items)
		return;
	xmpp_form_add(x, "pubsub#max_items", SPAN("max"));
	xmpp_form_add(x, "pubsub#send_last_published_item", SPAN("never"));
}

/* The item to publish; its options are added behind it. */
static struct xml_element *add_item(
	struct xml_element *s, enum xmpp_bookmark_place place, const char *id)
{
	struct xml_element *pubsub =
		xml_element_child(s, "pubsub", XMPP_NS_PUBSUB);
	struct xml_element *publish =
		xml_element_child(pubsub, "publish", NULL);
	xml_element_attr(publish, "node", nodes[place]);
	struct xml_element *item = xml_element_child(publish, "item", NULL);
	xml_element_attr(item, "id", id);
	add_options(pubsub, place == XMPP_BOOKMARK_ITEMS);
	return item;
}

static void fill(struct xml_element *conference, const struct xmpp_bookmark *b)
{
	xml_element_attr(conference, "name", b->name);
	xml_element_attr(conference, "autojoin", b->autojoin ? "true" : NULL);
	if (b->nick.p)
		xml_element_text_span(
			xml_element_child(conference, "nick", NULL), b->nick);
	if (b->password.p)
		xml_element_text_span(
			xml_element_child(conference, "password", NULL),
			b->password);
	if (!b->element)
		return;
	XML_ELEMENT_EACH(b->element, other, NULL, NULL)
	if (!xml_element_is(other, "nick", b->element->ns) &&
		!xml_element_is(other, "password", b->element->ns))
		xml_element_add(conference, other);
}

/* All that was stored but the room's own. */
static struct xml_element *add_storage(struct xml_element *s,
	enum xmpp_bookmark_place place, const struct xml_element *reply,
	const struct xmpp_jid *room)
{
	const struct xml_element *old = find_storage(place, reply);
	struct xml_element *in =
		place == XMPP_BOOKMARK_PRIVATE
			? xml_element_child(s, "query", XMPP_NS_PRIVATE)
			: add_item(s, place, CURRENT);
	struct xml_element *storage =
		xml_element_child(in, "storage", XMPP_NS_BOOKMARKS_OLD);
	if (!old)
		return storage;
	XML_ELEMENT_EACH(old, other, NULL, NULL)
	if (!xml_element_is(other, "conference", XMPP_NS_BOOKMARKS_OLD) ||
		!is_of(xml_element_attr_find(other, "jid"), room))
		xml_element_add(storage, other);
	return storage;
}

struct xml_element *xmpp_bookmark_make_put(enum xmpp_bookmark_place place,
	const struct xml_element *reply, const struct xmpp_jid *room,
	const struct xmpp_bookmark *b)
{
	struct xml_element *s = xmpp_iq_make("set", NULL), *conference;
	if (place == XMPP_BOOKMARK_ITEMS) {
		conference = xml_element_child(add_item(s, place, room->text),
			"conference", XMPP_NS_BOOKMARKS);
	} else {
		conference = xml_element_child(
			add_storage(s, place, reply, room), "conference", NULL);
		xml_element_attr(conference, "jid", room->text);
	}
	fill(conference, b);
	return s;
}

struct xml_element *xmpp_bookmark_make_remove(enum xmpp_bookmark_place place,
	const struct xml_element *reply, const struct xmpp_jid *room)
{
	struct xml_element *s = xmpp_iq_make("set", NULL);
	struct xmpp_bookmark old;
	if (place != XMPP_BOOKMARK_ITEMS) {
		add_storage(s, place, reply, room);
		return s;
	}
	struct xml_element *retract = xml_element_child(
		xml_element_child(s, "pubsub", XMPP_NS_PUBSUB), "retract",
		NULL);
	bool has = xmpp_bookmarks_find(&old, place, reply, room);
	xml_element_attr(retract, "node", nodes[place]);
	xml_element_attr(retract, "notify", "true");
	xml_element_attr(xml_element_child(retract, "item", NULL), "id",
		has ? old.jid : room->text);
	return s;
}
