/* scram - the SCRAM mechanisms, client and server
 *
 * RFC 5802, RFC 7677; the same with SHA-512; XEP-0474 where the server sends
 * its hash.  Messages are bytes, not yet in base64 (xmpp_sasl_encode).  Each
 * side is a small machine: its functions are called once, in the order they
 * stand here; after one failed the others fail.  Failures have STATUS_AUTH,
 * with a condition of RFC 6120 section 6.5.
 *
 * Secrets are copied, and wiped by free (and as soon as they are used up).
 */
#ifndef XMPP_SCRAM_H
#define XMPP_SCRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/span.h"
#include "xmpp/sasl.h"

/* Fewer are too easily guessed at (RFC 7677 section 4); more let a server
 * burn our CPU: a million of SHA-512 take about a second. */
#define XMPP_SCRAM_ITERATIONS_MIN 4096
#define XMPP_SCRAM_ITERATIONS_MAX 1000000

#define XMPP_SCRAM_SALT_MAX 64
/* Any message, in both directions. */
#define XMPP_SCRAM_MESSAGE_MAX 8192

/* ---- client ---- */

struct xmpp_scram_client;
struct xmpp_salted;

struct xmpp_scram_setup {
	enum hash hash;                          /* SHA-1, SHA-256 or SHA-512 */
	char flag;                               /* n, y or p */
	const struct xmpp_sasl_binding *binding; /* with p */
	struct span authzid;                     /* empty: none */
	struct span name, password;              /* not yet prepared */
	/* SaltedPassword as it was worked out ahead (xmpp/salted.h), or for the
	 * login before: taken where it is of the server's salt, else replaced.
	 * The owner frees it, after the client.  NULL: no use for it. */
	struct xmpp_salted **salted;
	const char *nonce; /* NULL: a random one; given by tests only */
	/* XEP-0474: what the server offered, NULL: do not look at its hash;
	 * need_hash: fail where it sends none. */
	const struct xmpp_sasl_offer *offer;
	bool need_hash;
};

/* NULL where SASLprep refuses the name or the password. */
struct xmpp_scram_client *xmpp_scram_client_new(
	const struct xmpp_scram_setup *setup, struct err *e);
void xmpp_scram_client_free(struct xmpp_scram_client *c);

bool xmpp_scram_client_first(
	struct xmpp_scram_client *c, struct buf *out, struct err *e);
/* The offer was another than that of the setup.  Before final only. */
void xmpp_scram_client_set_offer(struct xmpp_scram_client *c,
	const struct xmpp_sasl_offer *offer, bool need_hash);
/* Takes the server's first message and appends the client's final one. */
bool xmpp_scram_client_final(struct xmpp_scram_client *c,
	struct span server_first, struct buf *out, struct err *e);
/* Takes what came with success: only now the server is who it says. */
bool xmpp_scram_client_finish(
	struct xmpp_scram_client *c, struct span server_final, struct err *e);

/* After finish: the offer of mechanisms was proven to be unchanged. */
bool xmpp_scram_client_is_offer_proven(const struct xmpp_scram_client *c);

/* ---- server ---- */

/* What a server stores of a password (RFC 5802 section 3). */
struct xmpp_scram_keys {
	enum hash hash;
	unsigned iterations;
	unsigned char salt[XMPP_SCRAM_SALT_MAX];
	size_t salt_size;
	unsigned char stored_key[HASH_MAX], server_key[HASH_MAX];
};

/* With this salt, or a random one of 16 bytes where it is empty. */
bool xmpp_scram_keys_make(struct xmpp_scram_keys *keys, enum hash hash,
	struct span password, struct span salt, unsigned iterations,
	struct err *e);

/* Does the password give these keys?  (PLAIN.) */
bool xmpp_scram_keys_match(
	const struct xmpp_scram_keys *keys, struct span password);

/* The keys of a prepared name for that hash; false where there is no such
 * account: the exchange goes on and fails at its end, as with a wrong
 * password. */
typedef bool xmpp_scram_find_keys(void *arg, struct span name, enum hash hash,
	struct xmpp_scram_keys *keys);

struct xmpp_scram_server;

struct xmpp_scram_server_setup {
	enum hash hash;
	bool plus;         /* the mechanism has -PLUS */
	bool plus_offered; /* some mechanism with -PLUS was offered */
	const struct xmpp_sasl_binding *bindings; /* this connection can do */
	size_t binding_count;
	const char *nonce; /* NULL: a random one; given by tests only */
	const struct xmpp_sasl_offer *offer; /* NULL: no hash of XEP-0474 */
	xmpp_scram_find_keys *find;
	void *arg;
};

/* bindings and offer are borrowed until first has returned. */
struct xmpp_scram_server *xmpp_scram_server_new(
	const struct xmpp_scram_server_setup *setup);
void xmpp_scram_server_free(struct xmpp_scram_server *s);

bool xmpp_scram_server_first(struct xmpp_scram_server *s,
	struct span client_first, struct buf *out, struct err *e);
bool xmpp_scram_server_final(struct xmpp_scram_server *s,
	struct span client_final, struct buf *out, struct err *e);

/* After final: who it is (prepared), and as whom (empty: as itself). */
struct span xmpp_scram_server_name(const struct xmpp_scram_server *s);
struct span xmpp_scram_server_authzid(const struct xmpp_scram_server *s);

#endif
