/* room - how to go into rooms (XEP-0045), for the tools that do
 *
 *	{ OPT_USE, .use = room_options, .offset = offsetof(struct hello, room) }
 *
 * stands under the heading of the tool.  A nick that was asked for is that or
 * none; unless told it is the localpart of our JID, and where somebody has that,
 * the same with a number (xmpp/muc_room.h).
 */
#ifndef CLI_ROOM_H
#define CLI_ROOM_H

#include "cli/run.h"
#include "xmpp/jid.h"

struct room_options {
	const char *nick, *password_file;
	bool create;
};
extern const struct opt room_options[];

/* To mem_free; NULL and e where the JID has no name for it. */
char *room_nick(const struct room_options *o, const struct xmpp_jid *self,
	struct err *e);
/* *password to mem_free_wiped, NULL where none was given; `whose` as in
 * secret_read. */
bool room_password(char **password, struct run *r, const struct room_options *o,
	const char *whose, struct err *e);
/* A bare JID with a localpart, as a person has given it. */
bool room_parse_jid(struct xmpp_jid *jid, const char *text, struct err *e);

#endif
