/* room - rooms (XEP-0045) at conference.DOMAIN, in memory, for tests and labs
 *
 * A room is made by who joins it first, who owns it, and goes with the last
 * one who leaves, unless it is persistent.  An occupant is a resource of ours;
 * it is found by its address, so that nothing here knows when sessions end
 * but room_gone.
 *
 *	room.c		the rooms, who is in them, what comes to them
 *	room_presence.c	who comes and goes
 *	room_message.c	what is said
 *	room_request.c	what is asked
 *	room_admin.c	what moderators and owners ask for
 */
#ifndef XMPPSERVE_ROOM_H
#define XMPPSERVE_ROOM_H

#include "session.h"
#include "xmpp/muc.h"

#define ROOMS_MAX 1000
#define OCCUPANTS_MAX 1000 /* of one room; and so many with a standing */

struct room {
	struct map_node node; /* of server.rooms: by localpart */
	struct server *server;
	char *local;
	struct xmpp_jid jid;
	struct link occupants, standings;
	size_t occupant_count, standing_count;
	bool persistent, members_only, moderated;
	char *title, *password; /* NULL: none */
	char *subject, *subject_by;
};

struct occupant {
	struct link link;
	struct xmpp_jid jid; /* the session's */
	char *nick;
	enum xmpp_muc_role role;
	struct xml_element *presence;
};

/* Whoever is not in the list has none. */
struct standing {
	struct link link;
	struct xmpp_jid jid; /* bare */
	enum xmpp_muc_affiliation affiliation;
};

/* Is that an address of the room service? */
bool room_is_address(const struct server *s, const struct xmpp_jid *to);
/* A stanza to it, with the sender's JID on it; taken. */
void room_take(
	struct session *c, const struct xmpp_jid *to, struct xml_element *s);
/* The resource is gone: it leaves all rooms. */
void room_gone(struct session *c);
void room_free_all(struct server *s);
/* conference.DOMAIN */
void room_service(const struct server *s, struct buf *out);

/* ---- room.c, for the others ---- */

/* NULL: there is none. */
struct room *room_find(const struct server *s, struct span local);
/* NULL: there are too many. */
struct room *room_make(struct server *server, const struct xmpp_jid *at);
enum xmpp_muc_affiliation room_affiliation(
	const struct room *r, const struct xmpp_jid *who);
/* False: there are too many. */
bool room_set_affiliation(struct room *r, const struct xmpp_jid *who,
	enum xmpp_muc_affiliation a);
struct occupant *room_find_nick(const struct room *r, struct span nick);
struct occupant *room_find_jid(
	const struct room *r, const struct xmpp_jid *full);
void room_drop_occupant(struct room *r, struct occupant *o);
/* Where nobody is left, the room goes. */
void room_tidy(struct room *r);

/* ---- room_presence.c ---- */

/* From an occupant, or from the room where nick is NULL; s is taken. */
void room_send(const struct room *r, const char *nick,
	const struct occupant *to, struct xml_element *s);
/* To all, that o is so now; status 0: no more to say. */
void room_show(struct room *r, struct occupant *o, unsigned status);
/* o is out, for that reason (a status, or 0). */
void room_remove(struct room *r, struct occupant *o, unsigned status);
/* One that came, to `to`; taken. */
void room_presence(
	struct session *c, const struct xmpp_jid *to, struct xml_element *s);

/* ---- room_message.c ---- */

/* NULL: it is on its way; else the condition of its bounce. */
const char *room_message(struct session *c, const struct xmpp_jid *to,
	const struct xml_element *s);

/* ---- room_request.c ---- */

void room_request(
	struct session *c, const struct xmpp_jid *to, struct xml_element *s);

/* ---- room_admin.c ---- */

/* A request of muc#admin or muc#owner; taken. */
void room_administer(
	struct session *c, struct room *r, struct xml_element *request);

#endif
