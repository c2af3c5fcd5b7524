/* server - what all of xmppserve shares: one domain, its users, who is there
 *
 * Everything is in memory and on one loop.  A user has a roster and offline
 * messages; a session is a client's stream, and once bound one resource of a
 * user.
 *
 *	session.c	a stream from its header to its last word
 *	outgoing.c	what a session is sent, and who has to wait for it
 *	negotiate.c	TLS and binding: until a session is a resource
 *	authenticate.c	who it is: SASL, in both its profiles
 *	mechanism.c	its mechanisms
 *	token.c		what is shown instead of a password
 *	route.c		where a stanza goes (RFC 6121 section 8)
 *	delivery.c	its table of messages
 *	presence.c	who is there, and who may know (section 4)
 *	resume.c	sessions that were cut, and who comes back for them
 *	directed.c	who was told besides (section 4.6)
 *	subscribe.c	asking for presence, and granting it (section 3)
 *	subscription.c	its tables
 *	room.c		rooms (XEP-0045); room_admin.c: for whom they obey
 *	archive.c	what was said (XEP-0313); archive_query.c: who asks
 *	inline.c	a resource that comes with authentication
 *	roster.c	contact lists (section 2)
 *	answer.c	requests the server and its accounts answer
 *	user.c		accounts, passwords, offline messages
 *	fault.c		what is done wrong on purpose
 *	inject.c	what is sent that no server would send
 *	certificate.c	a certificate for as long as it runs
 *
 * It says what happens through `tell` and prints nothing, so that a test can
 * have one too; main.c makes records of it.
 */
#ifndef XMPPSERVE_SERVER_H
#define XMPPSERVE_SERVER_H

#include "base/list.h"
#include "base/map.h"
#include "fault.h"
#include "net/conn.h"
#include "xmpp/jid.h"
#include "xmpp/stanza.h"

struct session;

struct event {
	const char *name; /* connected, authenticated, refused, bound … */
	struct span who;  /* a JID; empty: not known yet */
	const struct endpoint *from;
	const char *text; /* NULL: nothing more to say */
};

#define ARCHIVE_RUN_LENGTH 8

struct server {
	struct loop *loop;
	struct xmpp_jid domain;
	struct tls_config *tls;
	unsigned mechanisms; /* that are offered: see authenticate.h */
	bool no_sasl2;       /* only SASL as in RFC 6120 */
	struct faults faults;
	usec_t keep;  /* how long a cut session; 0: not at all */
	bool archive; /* is kept, and with it Bind 2 offered */
	char archive_run[ARCHIVE_RUN_LENGTH + 1]; /* its ids begin so */
	bool ending;                              /* everybody has been told */
	unsigned guests;      /* users that have no account */
	struct map users;     /* struct user, by localpart */
	struct map rooms;     /* struct room, by localpart */
	struct link sessions; /* struct session, all of them */
	/* Whose stanza is being handled: where a receiver is slow it waits. */
	struct session *at_work;
	void (*tell)(void *arg, const struct event *e);
	/* What goes over the wire, without secrets; may be NULL. */
	void (*trace)(void *arg, const struct endpoint *from, bool sent,
		struct span text);
	void *tell_arg; /* of both */
};

/* The domain is prepared; what else is there is the caller's to set.  False:
 * it is none. */
bool server_init(
	struct server *s, struct loop *l, const char *domain, struct err *e);
/* After the last session is gone. */
void server_clear(struct server *s);

/* The two ways in; STARTTLS or TLS from the start.  arg is the server. */
void server_accept(
	void *arg, struct accepted *offer, const struct endpoint *from);
void server_accept_tls(
	void *arg, struct accepted *offer, const struct endpoint *from);

/* Everybody is told that it ends; then, is nobody left? */
void server_shut_down(struct server *s);
bool server_is_deserted(void *server);
/* Whoever is left goes without a farewell. */
void server_drop_all(struct server *s);

#endif
