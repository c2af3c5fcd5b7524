/* xmppsend - what its files share
 *
 *	main.c		options, the run
 *	send.c		from the input to the recipients, and what became of it
 *	rooms.c		the recipients that are rooms
 *	compose.c	one stanza
 */
#ifndef XMPPSEND_XMPPSEND_H
#define XMPPSEND_XMPPSEND_H

#include "base/map.h"
#include "cli/letters.h"
#include "cli/room.h"
#include "cli/xmpp_login.h"
#include "compose.h"
#include "xmpp/deliver.h"

#define WAIT (30 * USEC_SEC)
/* On their way to rooms, and not reflected yet. */
#define ROOM_OPEN_MAX 250

struct options {
	struct output_options output;
	struct opt_list wait; /* SECONDS, or one of `untils` */
	usec_t reply_wait;
	struct xmpp_login_options login;
	struct letters_options letters;
	struct compose_options compose;
	struct room_options room;
	int64_t rate;
	bool resend, muc;
	/* of `wait` */
	struct time_options time;
	enum xmpp_deliver_until until;
};

struct xmppsend {
	struct run *run;
	const struct options *options;
	struct xmpp_login login;
	struct letters *letters; /* NULL: there is nothing to be said */
	struct recipients names;
	struct xmpp_jid *to;  /* of the names */
	struct letter letter; /* which is being sent, to: */
	size_t next;          /* of the recipients */
	bool has_letter, input_ended;
	bool is_sure;      /* the session can be resumed, or never will be */
	usec_t not_before; /* --rate: the next one */
	size_t sent, failed, open;
	struct err worst; /* of those that failed */
	struct err fault; /* of the input, or of stdout */
	struct map rooms; /* rooms.c */
	char *nick, *password;
};

/* One on its way to one recipient. */
struct parcel {
	struct xmppsend *tool;
	char *to;
	char *id;
	char type[16];
};

/* ---- send.c ---- */

/* Until the input has ended and the fate of all is known, or the run ends. */
void send_all(struct xmppsend *t, struct err *e);
/* The worst of what became of them. */
void send_report(const struct xmppsend *t, struct err *e);
/* It is known, and told; p is freed.  stanza_id: that of a room, or NULL. */
void send_decided(
	struct parcel *p, const char *stanza_id, const struct err *outcome);

/* ---- rooms.c: nothing without --muc ---- */

/* What is needed before the login: the rooms' password. */
bool rooms_prepare(struct xmppsend *t, struct err *e);
/* Those that were named are being joined. */
bool rooms_open(struct xmppsend *t, struct err *e);
/* May something be said there now?  It is joined where it is not yet.  True
 * also where that will fail. */
bool rooms_can_take(struct xmppsend *t, const struct xmpp_jid *to);
/* s is taken; true: send_decided will be called for p. */
bool rooms_say(struct xmppsend *t, const struct xmpp_jid *to, struct parcel *p,
	struct xml_element *s, struct err *e);
/* As xmpp_muc_room_give_up, of all. */
void rooms_give_up(struct xmppsend *t, const struct err *because);
/* Leaves all, waits for that, frees all. */
void rooms_close(struct xmppsend *t);

extern const struct xmpp_client_handlers rooms_handlers;

#endif
