/* server - what all of xmppserve shares: one domain, its users, who is there
 *
 * Everything is in memory and on one loop.  A user has a roster and offline
 * messages; a session is a connection, and once bound one resource of a user.
 *
 *	session.c	a connection from its header to its last word
 *	negotiate.c	TLS, SASL, binding: until a session is a resource
 *	route.c		where a stanza goes (RFC 6121 section 8)
 *	presence.c	presence and subscriptions (RFC 6121 sections 3 and 4)
 *	roster.c	contact lists (RFC 6121 section 2)
 *	answer.c	what the server and its accounts answer themselves
 *	user.c		accounts, passwords, offline messages
 *	fault.c		what is done wrong on purpose
 */
#ifndef XMPPSERVE_SERVER_H
#define XMPPSERVE_SERVER_H

#include "base/list.h"
#include "base/map.h"
#include "cli/run.h"
#include "fault.h"
#include "net/conn.h"
#include "xmpp/jid.h"
#include "xmpp/stanza.h"

struct server {
	struct run *run;
	struct xmpp_jid domain;
	struct tls_config *tls;
	struct map users;     /* struct user, by localpart */
	struct link sessions; /* struct session, all of them */
	struct faults faults;
};

struct session;

/* An `event` record; who and text may be NULL. */
void server_event(struct server *s, const char *event, const char *who,
	const struct endpoint *from, const char *text);

#endif
