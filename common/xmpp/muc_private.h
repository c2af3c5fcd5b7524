/* muc_private - what the parts of a room share
 *
 *	muc_room.c	joining, leaving
 *	muc_watch.c	silence, and what the room says of itself
 *	muc_presence.c	who is there, and why we are not
 *	muc_say.c	what is said
 *	muc_saying.c	what became of what we said
 */
#ifndef XMPP_MUC_PRIVATE_H
#define XMPP_MUC_PRIVATE_H

#include "base/list.h"
#include "xmpp/client_private.h"
#include "xmpp/muc_room.h"

/* Of what is asked of the room. */
#define XMPP_MUC_ANSWER (30 * USEC_SEC)

enum xmpp_muc_phase {
	XMPP_MUC_JOINING,
	XMPP_MUC_JOINED,
	XMPP_MUC_LEAVING,
	XMPP_MUC_ENDED,
};

struct xmpp_muc_room {
	struct loop *loop;
	struct xmpp_client *client;
	struct xmpp_muc_handlers handlers;
	void *arg;
	struct xmpp_jid jid;
	char *wanted, *nick, *password;
	bool only_this_nick, create;
	unsigned history, tries;
	usec_t wait;
	bool resend;
	enum xmpp_muc_phase phase;
	bool was_in;          /* joining is not for the first time */
	usec_t joining_since; /* monotonic */
	struct link sayings;  /* muc_saying.c: in their order */
	size_t said_count;
	struct timer *quiet;
	struct timer *impatience; /* `wait` */
	struct xmpp_iq *request;  /* a self-ping, or that the room shall be */
	struct xmpp_iq *info;     /* does it vouch for its ids? */
	bool ids, asked;          /* it does; it has told */
};

/* ---- muc_room.c ---- */

/* Our own presence came, and the room is new where status 201 says so. */
void xmpp_muc_entered(struct xmpp_muc_room *r, bool is_new);
/* Section 7.2.8: false where no other name may be tried. */
bool xmpp_muc_try_other_nick(struct xmpp_muc_room *r);
/* `left`, after what was on its way is told. */
void xmpp_muc_end(struct xmpp_muc_room *r, const struct err *why);
/* From the room, or from one of its occupants: *from is to be cleared. */
bool xmpp_muc_is_from(const struct xmpp_muc_room *r,
	const struct xml_element *s, struct xmpp_jid *from);

/* Our address in it; to mem_free. */
char *xmpp_muc_self(const struct xmpp_muc_room *r);
void xmpp_muc_join_again(struct xmpp_muc_room *r);

/* ---- muc_watch.c ---- */

/* Its timers; set when joining begins. */
void xmpp_muc_watch(struct xmpp_muc_room *r);
/* Something came: it is there. */
void xmpp_muc_heard(struct xmpp_muc_room *r);
/* Of `wait`, what is left for what began then: a connection that was cut is
 * not the silence of the room. */
usec_t xmpp_muc_still_to_wait(const struct xmpp_muc_room *r, usec_t since);
/* Does it vouch for the ids it gives?  Where that is not known yet. */
void xmpp_muc_ask_info(struct xmpp_muc_room *r);

/* ---- muc_saying.c ---- */

/* The end of all that is on its way, for that reason: of what may have been
 * said in a session that is gone it is not known. */
void xmpp_muc_refuse_sayings(struct xmpp_muc_room *r, const struct err *why);
void xmpp_muc_free_sayings(struct xmpp_muc_room *r); /* nobody is told */
/* The session they were said in is gone. */
void xmpp_muc_doubt_sayings(struct xmpp_muc_room *r);
/* Those whose fate the room's history may tell. */
size_t xmpp_muc_doubtful(const struct xmpp_muc_room *r);
/* The history was there: the others are told, or said again. */
void xmpp_muc_settle_sayings(struct xmpp_muc_room *r);
/* The first one has waited too long? */
void xmpp_muc_look_at_sayings(struct xmpp_muc_room *r);
/* A message of ours, or its error, has come back. */
void xmpp_muc_take_reflection(struct xmpp_muc_room *r,
	const struct xml_element *s, const char *nick, bool is_subject);
void xmpp_muc_take_bounce(struct xmpp_muc_room *r, const struct xml_element *s);

#endif
