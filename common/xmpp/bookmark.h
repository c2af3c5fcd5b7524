/* bookmark - the rooms that an account remembers (XEP-0402, XEP-0048)
 *
 * They are in one of three places, or in several: each an item of its own in the
 * account's PEP service (XEP-0402), or all in one element, in PEP (XEP-0048)
 * or in private storage (XEP-0049, as XEP-0048 had it before).  What is
 * published must be for the account alone: the server refuses it where the node
 * is configured otherwise (XEP-0223), and it must have announced
 * XMPP_NS_PUBLISH_OPTIONS for that.
 *
 * What is read points into the reply it was read from; it is the reply to a
 * request to our own account (xmpp/iq.h), and nobody else is asked.
 */
#ifndef XMPP_BOOKMARK_H
#define XMPP_BOOKMARK_H

#include "xmpp/jid.h"
#include "xmpp/stanza.h"

#define XMPP_NS_BOOKMARKS "urn:xmpp:bookmarks:1"
#define XMPP_NS_BOOKMARKS_OLD "storage:bookmarks"
#define XMPP_NS_PRIVATE "jabber:iq:private"
#define XMPP_NS_PUBSUB "http://jabber.org/protocol/pubsub"
#define XMPP_NS_PUBLISH_OPTIONS XMPP_NS_PUBSUB "#publish-options"

enum xmpp_bookmark_place {
	XMPP_BOOKMARK_ITEMS,   /* XEP-0402 */
	XMPP_BOOKMARK_PEP,     /* XEP-0048 */
	XMPP_BOOKMARK_PRIVATE, /* XEP-0049 */
	XMPP_BOOKMARK_PLACES
};

/* Of the feature list of our account, a <query/> or NULL: which places one
 * has to read and to write, so that every client of the account sees the same.
 * The server may keep them alike (XEP-0402 section 4.3). */
bool xmpp_bookmarks_are_unified(
	const struct xml_element *features, enum xmpp_bookmark_place place);

struct xmpp_bookmark {
	const char *jid;            /* as it stands there */
	const char *name;           /* NULL: none */
	struct span nick, password; /* p NULL: none */
	bool autojoin;
	const struct xml_element *element; /* private: the <conference/> */
};

struct xml_element *xmpp_bookmarks_make_get(enum xmpp_bookmark_place place);

/* The first of a reply (NULL: it has none), and the next; false: no more. */
struct xmpp_bookmarks {
	enum xmpp_bookmark_place place;
	const struct xml_element *item, *conference;
};
void xmpp_bookmarks_begin(struct xmpp_bookmarks *all,
	enum xmpp_bookmark_place place, const struct xml_element *reply);
bool xmpp_bookmarks_next(struct xmpp_bookmarks *all, struct xmpp_bookmark *b);
/* That of the room; false: there is none, and b is empty. */
bool xmpp_bookmarks_find(struct xmpp_bookmark *b,
	enum xmpp_bookmark_place place, const struct xml_element *reply,
	const struct xmpp_jid *room);

/* Puts b in the place of that of the same room, and keeps what else there is:
 * of the old one what is not ours to understand, and all others.  reply is
 * that to _make_get, NULL where there is nothing. */
struct xml_element *xmpp_bookmark_make_put(enum xmpp_bookmark_place place,
	const struct xml_element *reply, const struct xmpp_jid *room,
	const struct xmpp_bookmark *b);
struct xml_element *xmpp_bookmark_make_remove(enum xmpp_bookmark_place place,
	const struct xml_element *reply, const struct xmpp_jid *room);

#endif
