/* user - an account: its password, its contacts, what waits for it */
#ifndef XMPPSERVE_USER_H
#define XMPPSERVE_USER_H

#include "server.h"
#include "xmpp/scram.h"

/* As servers usually have it; more is bounced. */
#define OFFLINE_MAX 10000
#define ROSTER_MAX 5000

#define USER_HASHES 3

/* RFC 6121 section 2.1.2.5: from: they see us; to: we see them. */
enum subscription { SUB_NONE = 0, SUB_TO = 1, SUB_FROM = 2, SUB_BOTH = 3 };

struct contact {
	struct map_node node; /* by its bare JID */
	char *jid;
	char *name; /* NULL: none */
	char **groups;
	size_t group_count;
	unsigned subscription; /* SUB_TO | SUB_FROM */
	bool asked;	       /* our request is not answered: ask=subscribe */
	bool requested;	       /* theirs is not answered by us */
	bool listed; /* else only `requested` is known: not in the roster */
};

struct user {
	struct map_node node; /* by name */
	char *name;
	char *password;
	struct xmpp_jid jid; /* bare */
	struct xmpp_scram_keys keys[USER_HASHES];
	bool has_keys[USER_HASHES];
	struct map roster;    /* struct contact */
	struct link sessions; /* bound ones */
	struct link offline;  /* struct stored, oldest first */
	size_t offline_count;
};

/* NAME:PASSWORD; the name is prepared as a localpart. */
bool user_add(struct server *s, struct span line, struct err *e);
/* A file, or standard input for "-", of such lines; empty ones and those that
 * begin with # are passed over. */
bool user_add_file(struct server *s, const char *file, struct err *e);
/* Everybody in everybody's roster, subscribed both ways. */
void user_befriend_all(struct server *s);
void user_free_all(struct server *s);

struct user *user_find(const struct server *s, struct span name);
/* For xmpp_scram_server_setup; arg is the server. */
bool user_scram_keys(void *arg, struct span name, enum hash hash,
	struct xmpp_scram_keys *keys);

/* Of the bare JID; `make` adds one that is not listed yet, NULL where the
 * roster is full. */
struct contact *user_contact(struct user *u, struct span jid, bool make);
void user_drop_contact(struct user *u, struct contact *c);

/* Keeps the message (taken); false, and not taken: no more room. */
bool user_store(struct user *u, struct xmpp_stanza *message, usec_t wall);
/* The oldest, with its <delay/>, out of the store; NULL where empty. */
struct xmpp_stanza *user_take_stored(struct user *u);

#endif
