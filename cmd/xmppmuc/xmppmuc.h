/* xmppmuc - what its files share
 *
 *	main.c	options, operations, the run
 *	talk.c	what is done from inside the room: join, occupants, subject,
 *		role, invite
 *	ask.c	what is asked of it from outside: config, affiliations
 *	invite.c	invitations, by the room and without it
 *	bookmarks.c	what our account remembers of rooms
 */
#ifndef XMPPMUC_XMPPMUC_H
#define XMPPMUC_XMPPMUC_H

#include "cli/lines.h"
#include "cli/room.h"
#include "cli/xmpp_listen.h"
#include "xmpp/correction.h"
#include "xmpp/muc_room.h"

struct options {
	struct run_options run;
	struct xmpp_login_options login;
	struct xmpp_listen_options listen;
	struct room_options room;
	int64_t history;
	const char *reason, *name, *autojoin;
	bool direct, show_passwords;
};

struct xmppmuc;
struct operation {
	const char *name;
	int min, max; /* operands behind the room; max -1: any number */
	/* What stands in the operands, before anything is sent; may be NULL. */
	bool (*check)(struct xmppmuc *t, struct err *e);
	/* Once we are online, or in the room. */
	void (*start)(struct xmppmuc *t);
	bool inside, listens;
};

struct xmppmuc {
	struct run *run;
	const struct options *options;
	const struct operation *operation;
	char **operands; /* behind the room */
	struct xmpp_listen listen;
	struct xmpp_jid jid; /* of the room */
	char *nick, *password;
	struct xmpp_muc_room *room;
	struct xmpp_corrections seen; /* of what is printed */
	struct lines *lines;
	uint64_t line;
	bool joined, ended;    /* ended: the input */
	size_t open, failed;   /* requests, and what was said */
	struct err error;      /* the first of the failures */
	struct memory *memory; /* bookmarks.c */
};

/* ---- main.c ---- */

struct xmpp_client *client_of(const struct xmppmuc *t);
/* It has failed, what names it; the first decides the status. */
void count_failure(struct xmppmuc *t, const char *what, const struct err *why);
/* A request more that the end waits for, s is taken; its error counts. */
void ask(struct xmppmuc *t, struct xml_element *s, xmpp_iq_done *done);
void answered(struct xmppmuc *t, const struct err *e);
void finish(struct xmppmuc *t); /* there is nothing more to do */

/* ---- talk.c ---- */

extern const struct xmpp_muc_handlers room_handlers;
void talk_start(struct xmppmuc *t);      /* join */
void occupants_start(struct xmppmuc *t); /* they are printed already */
void subject_start(struct xmppmuc *t);
void role_start(struct xmppmuc *t);
bool role_check(struct xmppmuc *t, struct err *e);

/* ---- ask.c ---- */

void config_start(struct xmppmuc *t);
bool config_check(struct xmppmuc *t, struct err *e);
void affiliations_start(struct xmppmuc *t);
bool affiliations_check(struct xmppmuc *t, struct err *e);
void affiliate_start(struct xmppmuc *t);
bool affiliate_check(struct xmppmuc *t, struct err *e);

/* ---- invite.c ---- */

void invite_start(struct xmppmuc *t);
void invite_directly_start(struct xmppmuc *t);
bool jids_check(struct xmppmuc *t, struct err *e);
/* Section 7.8.2: one that was refused comes back. */
void invite_take_bounce(struct xmppmuc *t, const struct xml_element *s);

/* ---- bookmarks.c ---- */

void bookmarks_start(struct xmppmuc *t);
void bookmark_start(struct xmppmuc *t);
void unbookmark_start(struct xmppmuc *t);
void bookmarks_clear(struct xmppmuc *t);

#endif
