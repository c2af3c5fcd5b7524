/* What the account remembers of rooms (xmpp/bookmark.h). */
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "cli/record.h"
#include "xmpp/bookmark.h"
#include "xmpp/disco.h"
#include "xmppmuc.h"

/* One request of a place. */
struct inquiry {
	struct memory *memory;
	enum xmpp_bookmark_place place;
};

/* What was asked of our account first; then there is `next`. */
struct memory {
	struct xmppmuc *tool;
	struct xml_element *features; /* the reply, NULL: none */
	struct inquiry inquiries[XMPP_BOOKMARK_PLACES];
	struct xml_element *replies[XMPP_BOOKMARK_PLACES];
	struct err refusals[XMPP_BOOKMARK_PLACES];
	size_t open;
	void (*next)(struct memory *m);
};

static const struct xml_element *features_of(const struct memory *m)
{
	return m->features ? xmpp_disco_query(m->features, XMPP_NS_DISCO_INFO)
			   : NULL;
}

static bool can_publish(const struct memory *m)
{
	const struct xml_element *f = features_of(m);
	return f && xmpp_disco_has_feature(f, XMPP_NS_PUBLISH_OPTIONS);
}

/* The server keeps it like the items of XEP-0402. */
static bool is_copy(const struct memory *m, enum xmpp_bookmark_place place)
{
	return place != XMPP_BOOKMARK_ITEMS && can_publish(m) &&
	       xmpp_bookmarks_are_unified(features_of(m), place);
}

/* ---- asking ---- */

void bookmarks_clear(struct xmppmuc *t)
{
	struct memory *m = t->memory;
	if (!m)
		return;
	xml_element_free(m->features);
	for (size_t i = 0; i < XMPP_BOOKMARK_PLACES; i++)
		xml_element_free(m->replies[i]);
	mem_free(m);
	t->memory = NULL;
}

static void ask_done(struct memory *m)
{
	if (--m->open)
		return;
	m->next(m);
	answered(m->tool, &ERR_NONE);
}

static void on_features(
	void *arg, const struct xml_element *reply, const struct err *e)
{
	struct memory *m = arg;
	if (!err_is_set(e))
		m->features = xml_element_dup(reply);
	ask_done(m);
}

static void on_place(
	void *arg, const struct xml_element *reply, const struct err *e)
{
	struct inquiry *q = arg;
	struct memory *m = q->memory;
	m->refusals[q->place] = *e;
	if (!err_is_set(e))
		m->replies[q->place] = xml_element_dup(reply);
	ask_done(m);
}

/* The open request of the tool that this is counts as one. */
static void look(struct xmppmuc *t, void (*next)(struct memory *m))
{
	struct xmpp_client *c = client_of(t);
	struct memory *m = mem_alloc(sizeof(*m));
	char *account = span_dup(xmpp_jid_bare(xmpp_client_jid(c)));
	t->memory = m;
	m->tool = t;
	m->next = next;
	m->open = 1;
	t->open++;
	if (xmpp_client_request(c, xmpp_disco_make_info(account, NULL),
		    USEC_NEVER, on_features, m, NULL))
		m->open++;
	mem_free(account);
	for (size_t i = 0; i < XMPP_BOOKMARK_PLACES; i++) {
		struct inquiry *q = &m->inquiries[i];
		q->memory = m;
		q->place = (enum xmpp_bookmark_place)i;
		if (xmpp_client_request(c, xmpp_bookmarks_make_get(q->place),
			    USEC_NEVER, on_place, q, &m->refusals[i]))
			m->open++;
	}
	ask_done(m);
}

/* ---- bookmarks ---- */

struct seen {
	struct map_node node;
	struct xmpp_jid jid;
};

static bool is_new(struct map *all, const char *text)
{
	struct seen *s = mem_alloc(sizeof(*s));
	if (!xmpp_jid_parse(&s->jid, span_of(text), NULL)) {
		mem_free(s);
		return false;
	}
	if (!s->jid.local.n || s->jid.resource.n ||
		map_find(all, xmpp_jid_full(&s->jid))) {
		xmpp_jid_clear(&s->jid);
		mem_free(s);
		return false;
	}
	map_add(all, &s->node, xmpp_jid_full(&s->jid));
	return true;
}

static void forget_seen(struct map *all)
{
	struct map_node *n;
	while ((n = map_next(all, NULL))) {
		struct seen *s = MAP_ITEM(n, struct seen, node);
		map_remove(all, n);
		xmpp_jid_clear(&s->jid);
		mem_free(s);
	}
	map_clear(all);
}

static void print(struct xmppmuc *t, const struct xmpp_bookmark *b)
{
	struct record r;
	record_begin(&r, t->run->out, RECORD_BOOKMARK, RECORD_XMPP,
		loop_wall(t->run->loop));
	if (t->listen.login.name)
		record_str(&r, KEY_ACCOUNT, t->listen.login.name);
	record_str(&r, KEY_JID, b->jid);
	if (b->name)
		record_str(&r, KEY_NAME, b->name);
	if (b->nick.p)
		record_text(&r, KEY_NICK, b->nick);
	record_bool(&r, KEY_AUTOJOIN, b->autojoin);
	if (b->password.p && t->options->show_passwords)
		record_text(&r, KEY_PASSWORD, b->password);
	record_end(&r, &t->listen.fault);
}

/* That there are none is an answer; that nobody keeps any is none. */
static bool is_kept(const struct memory *m, enum xmpp_bookmark_place place)
{
	return m->replies[place] ||
	       strcmp(m->refusals[place].condition, "item-not-found") == 0;
}

static bool is_kept_anywhere(const struct memory *m)
{
	for (size_t i = 0; i < XMPP_BOOKMARK_PLACES; i++)
		if (is_kept(m, (enum xmpp_bookmark_place)i))
			return true;
	count_failure(m->tool, NULL, &m->refusals[XMPP_BOOKMARK_PRIVATE]);
	return false;
}

static void list(struct memory *m)
{
	struct map seen = MAP_INIT;
	if (!is_kept_anywhere(m))
		return;
	for (size_t i = 0; i < XMPP_BOOKMARK_PLACES; i++) {
		enum xmpp_bookmark_place place = (enum xmpp_bookmark_place)i;
		struct xmpp_bookmarks all;
		struct xmpp_bookmark b;
		xmpp_bookmarks_begin(&all, place, m->replies[i]);
		while (xmpp_bookmarks_next(&all, &b))
			if (is_new(&seen, b.jid))
				print(m->tool, &b);
	}
	forget_seen(&seen);
}

void bookmarks_start(struct xmppmuc *t)
{
	look(t, list);
}

/* ---- bookmark, unbookmark ---- */

/* Where all clients look; without XEP-0402's unification that is private
 * storage, where the server has it. */
static enum xmpp_bookmark_place choose(const struct memory *m)
{
	if (can_publish(m) && (is_copy(m, XMPP_BOOKMARK_PRIVATE) ||
				      is_copy(m, XMPP_BOOKMARK_PEP)))
		return XMPP_BOOKMARK_ITEMS;
	if (is_kept(m, XMPP_BOOKMARK_PRIVATE))
		return XMPP_BOOKMARK_PRIVATE;
	return can_publish(m) ? XMPP_BOOKMARK_ITEMS : XMPP_BOOKMARK_PLACES;
}

static void put(struct memory *m)
{
	struct xmppmuc *t = m->tool;
	const struct options *o = t->options;
	enum xmpp_bookmark_place chosen = choose(m);
	struct err e = ERR_NONE;
	if (chosen == XMPP_BOOKMARK_PLACES) {
		err_set(&e, STATUS_REFUSED,
			"our server keeps no bookmarks that others do not "
			"see");
		count_failure(t, NULL, &e);
		return;
	}
	for (size_t i = 0; i < XMPP_BOOKMARK_PLACES; i++) {
		enum xmpp_bookmark_place place = (enum xmpp_bookmark_place)i;
		struct xmpp_bookmark b;
		bool has =
			xmpp_bookmarks_find(&b, place, m->replies[i], &t->jid);
		if (is_copy(m, place) || (!has && place != chosen))
			continue;
		if (o->name)
			b.name = *o->name ? o->name : NULL;
		if (o->room.nick)
			b.nick = span_of(o->room.nick);
		if (t->password)
			b.password = span_of(t->password);
		if (o->autojoin)
			b.autojoin = strcmp(o->autojoin, "yes") == 0;
		ask(t,
			xmpp_bookmark_make_put(
				place, m->replies[i], &t->jid, &b),
			NULL);
	}
}

void bookmark_start(struct xmppmuc *t)
{
	look(t, put);
}

static void take_away(struct memory *m)
{
	struct xmppmuc *t = m->tool;
	struct err e = ERR_NONE;
	bool found = false;
	if (!is_kept_anywhere(m))
		return;
	for (size_t i = 0; i < XMPP_BOOKMARK_PLACES; i++) {
		enum xmpp_bookmark_place place = (enum xmpp_bookmark_place)i;
		struct xmpp_bookmark b;
		if (is_copy(m, place) ||
			!xmpp_bookmarks_find(&b, place, m->replies[i], &t->jid))
			continue;
		found = true;
		ask(t, xmpp_bookmark_make_remove(place, m->replies[i], &t->jid),
			NULL);
	}
	if (found)
		return;
	err_set(&e, STATUS_REFUSED, "there is no bookmark of it");
	err_condition(&e, "item-not-found", false);
	count_failure(t, NULL, &e);
}

void unbookmark_start(struct xmppmuc *t)
{
	look(t, take_away);
}
