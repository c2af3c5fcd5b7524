/* muc_private - what the parts of a room share
 *
 * muc_room.c: joining, pinging itself, leaving; muc_presence.c: who is there,
 * and why we are not; muc_say.c: messages, and what became of ours.
 */
#ifndef XMPP_MUC_PRIVATE_H
#define XMPP_MUC_PRIVATE_H

#include "base/list.h"
#include "xmpp/muc_room.h"

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
	enum xmpp_muc_phase phase;
	struct link sayings; /* muc_say.c */
	size_t said_count;
	struct timer *quiet;
	struct xmpp_iq *request; /* a self-ping, or that the room shall be */
};

/* ---- muc_room.c ---- */

/* Something came: it is there. */
void xmpp_muc_heard(struct xmpp_muc_room *r);
/* Our own presence came, and the room is new where status 201 says so. */
void xmpp_muc_entered(struct xmpp_muc_room *r, bool is_new);
/* Section 7.2.8: false where no other name may be tried. */
bool xmpp_muc_try_other_nick(struct xmpp_muc_room *r);
/* `left`, after what was on its way is told. */
void xmpp_muc_end(struct xmpp_muc_room *r, const struct err *why);
/* From the room, or from one of its occupants: *from is to be cleared. */
bool xmpp_muc_is_from(const struct xmpp_muc_room *r,
	const struct xml_element *s, struct xmpp_jid *from);

/* ---- muc_say.c ---- */

/* All that is on its way; why NULL: nobody is told. */
void xmpp_muc_forget_sayings(struct xmpp_muc_room *r, const struct err *why);

#endif
