/* user - an account: its password, its contacts, what waits for it */
#ifndef XMPPSERVE_USER_H
#define XMPPSERVE_USER_H

#include "queue.h"
#include "server.h"
#include "subscription.h"
#include "xmpp/scram.h"

/* Of one account: more messages are bounced. */
#define OFFLINE_MAX 10000
#define OFFLINE_MEMORY_MAX (32 << 20) /* bytes */
/* A roster is one stanza, of 256 KiB at most (XMPP_STANZA_MAX): so many bytes
 * of names, groups and JIDs leave room for the tags and escapes of that many
 * contacts. */
#define ROSTER_MAX 1000
#define ROSTER_BYTES_MAX (64 << 10)
/* Requests of others that wait for an answer, with all they said. */
#define REQUESTS_MEMORY_MAX (1 << 20)

#define USER_HASHES 3
#define GUESTS_MAX 1000
#define AGENT_MAX 64 /* a UUID, or whatever a client says instead */

struct contact {
	struct map_node node; /* by its bare JID */
	struct xmpp_jid jid;
	char *name; /* NULL: none */
	char **groups;
	size_t group_count;
	unsigned subscription; /* SUB_… */
	bool listed;  /* else only a request of theirs is known: not in the
			roster (RFC 6121 section 3.1.3) */
	size_t bytes; /* private: as counted in its user */
	struct xml_element *request; /* with SUB_IN: the whole of it */
};

struct user {
	struct map_node node; /* by name */
	char *name;
	char *password;
	struct xmpp_jid jid; /* bare */
	struct xmpp_scram_keys keys[USER_HASHES];
	bool has_keys[USER_HASHES];
	struct map roster; /* struct contact */
	size_t roster_bytes, requests_memory;
	struct link sessions; /* the bound ones */
	struct queue offline;
	struct link clients; /* of token.c, and their tokens */
	struct link past;    /* resume.c: sessions of theirs that are gone */
	size_t past_count;
	struct link archive; /* archive.c: what was sent and got */
	size_t archive_count, archive_memory;
	uint64_t archived;           /* messages, ever */
	struct xml_element *private; /* private.c; NULL: nothing */
	usec_t left; /* when a resource was last available, wall; 0: never */
};

/* NAME:PASSWORD; the name is prepared as a localpart. */
bool user_add(struct server *s, struct span line, struct err *e);
/* A file, or standard input for "-", of such lines; empty ones and those that
 * begin with # are passed over. */
bool user_add_file(struct server *s, const char *file, struct err *e);
/* Somebody who has no account (RFC 4505), with a name that nobody can guess,
 * for as long as the server runs; NULL: there are GUESTS_MAX already. */
struct user *user_add_guest(struct server *s);
/* Everybody in everybody's roster, subscribed both ways. */
bool user_befriend_all(struct server *s, struct err *e);
void user_free_all(struct server *s);

/* The name is one already prepared. */
struct user *user_find(const struct server *s, struct span name);
/* One of ours by address, of whatever form; NULL. */
struct user *user_of(const struct server *s, const struct xmpp_jid *jid);
/* As somebody types it. */
struct user *user_find_typed(const struct server *s, struct span name);
/* For xmpp_scram_server_setup; arg is the server. */
bool user_scram_keys(void *arg, struct span name, enum hash hash,
	struct xmpp_scram_keys *keys);

/* ---- contacts ---- */

/* The one of that bare JID, of whatever form jid is; NULL. */
struct contact *user_contact(const struct user *u, const struct xmpp_jid *jid);
/* The same, made where there is none; NULL where there is no room. */
struct contact *user_make_contact(struct user *u, const struct xmpp_jid *jid);
/* Replaces name and groups (both taken); false, and they are freed: there is
 * no room. */
bool user_rename_contact(struct user *u, struct contact *c, char *name,
	char **groups, size_t group_count);
void user_set_request(struct user *u, struct contact *c,
	const struct xml_element *request); /* NULL: there is none any more */
/* Forgets who is neither listed nor asking. */
void user_tidy_contact(struct user *u, struct contact *c);
void user_drop_contact(struct user *u, struct contact *c);
struct contact *user_next_contact(
	const struct user *u, const struct contact *c);

/* ---- offline messages (XEP-0160) ---- */

/* Takes the message and adds its <delay/>; false, and not taken: no room. */
bool user_store(struct user *u, struct xml_element *message, usec_t wall);

#endif
