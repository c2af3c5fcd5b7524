/* muc_room - to be in a room (XEP-0045), and know it
 *
 * Joins, and tells when that is so; says messages, and tells when the room has
 * reflected each, or why it never will; notices kicks, bans, the end of the
 * room, and, by pinging itself after a silence (XEP-0410), that the room has
 * forgotten us, whereupon it joins again.  A room that did not exist is left
 * at once, and so ended, unless it was to be made.
 *
 * When a session was lost, the room is joined again, and its history is asked
 * for what was on its way: what stands there was said.  What never left is said
 * then; the rest is unknown, or with `resend` said again where our own server
 * did not have it either.
 *
 * Whether the room vouches for the ids it gives (XEP-0359) is asked along with
 * joining.
 *
 * The client's handlers give it what comes: what is the room's it takes.
 */
#ifndef XMPP_MUC_ROOM_H
#define XMPP_MUC_ROOM_H

#include "xmpp/client.h"
#include "xmpp/muc.h"

/* A silence after which we ask whether we are still there. */
#define XMPP_MUC_QUIET (5 * 60 * USEC_SEC)
/* Names tried where ours is taken and was not asked for: nick, nick-2 … */
#define XMPP_MUC_NICKS 4
/* Messages on their way at the same time. */
#define XMPP_MUC_UNREFLECTED_MAX 100

struct xmpp_muc_occupant {
	const char *nick;
	struct xmpp_muc_item is; /* its jid: the real one, where we may know */
	enum xmpp_show show;
	struct span status;
	bool here, self;
};

/* All may be NULL but `left`.  None may free the room. */
struct xmpp_muc_handlers {
	/* We are in; also again, after a cut. */
	void (*joined)(void *arg);
	void (*occupant)(void *arg, const struct xmpp_muc_occupant *o);
	/* Of type groupchat, with all but subjects; ours as well. */
	void (*message)(
		void *arg, const struct xml_element *s, const char *nick);
	/* nick NULL: the room itself. */
	void (*subject)(void *arg, const struct xml_element *s,
		const char *nick, struct span text);
	/* One of ours, by the tag it was given: reflected, with the id the room
	 * gave it (NULL: none that can be believed), or why not.
	 * STATUS_TIMEOUT: whether it was said is not known. */
	void (*said)(void *arg, uint64_t tag, const char *stanza_id,
		const struct err *why);
	/* More may be said. */
	void (*progress)(void *arg);
	/* The last call, once: ERR_NONE where we left. */
	void (*left)(void *arg, const struct err *why);
};

struct xmpp_muc_settings {
	struct loop *loop;
	struct xmpp_client *client;
	const struct xmpp_jid *room; /* bare */
	const char *nick;
	bool only_this_nick;  /* else another one where it is taken */
	const char *password; /* NULL: none */
	bool create;
	unsigned history; /* messages of before */
	/* For the room to let us in, and to reflect each message, while there
	 * is a connection; 0: for ever. */
	usec_t wait;
	bool resend;
};

struct xmpp_muc_room;

/* Joining has begun; all is copied.  NULL: e. */
struct xmpp_muc_room *xmpp_muc_room_new(const struct xmpp_muc_settings *s,
	const struct xmpp_muc_handlers *handlers, void *arg, struct err *e);
void xmpp_muc_room_free(struct xmpp_muc_room *r); /* NULL is fine */

/* True: it is the room's, and was dealt with. */
bool xmpp_muc_room_take_message(
	struct xmpp_muc_room *r, const struct xml_element *s);
bool xmpp_muc_room_take_presence(struct xmpp_muc_room *r,
	const struct xml_element *s, const struct xmpp_presence *p);
/* As in the client's handlers: with several rooms, all must agree. */
bool xmpp_muc_room_keep(
	struct xmpp_muc_room *r, const struct xml_element *s, bool was_written);
/* The client is online again, in a new session. */
void xmpp_muc_room_renew(struct xmpp_muc_room *r);

/* `to` and type of s are set here, and an id where it has none; s is taken.
 * False: not in, or too many are on their way. */
bool xmpp_muc_room_say(struct xmpp_muc_room *r, struct xml_element *s,
	uint64_t tag, struct err *e);
bool xmpp_muc_room_is_full(const struct xmpp_muc_room *r);
size_t xmpp_muc_room_unsaid(const struct xmpp_muc_room *r);
/* What is on its way is given up: `said` for each.  because NULL: time is up. */
void xmpp_muc_room_give_up(struct xmpp_muc_room *r, const struct err *because);
/* The id that the room gave a message it sent; NULL: none, or none that can be
 * believed. */
const char *xmpp_muc_room_stanza_id(
	const struct xmpp_muc_room *r, const struct xml_element *s);

void xmpp_muc_room_leave(struct xmpp_muc_room *r);
bool xmpp_muc_room_is_joined(const struct xmpp_muc_room *r);
bool xmpp_muc_room_has_ended(const struct xmpp_muc_room *r);
const char *xmpp_muc_room_nick(const struct xmpp_muc_room *r);

#endif
