/* scram_parts - what both sides of SCRAM are made of; for scram_*.c only
 *
 * RFC 5802 sections 3 (the arithmetic), 5.1 and 7 (attributes).
 */
#ifndef XMPP_SCRAM_PARTS_H
#define XMPP_SCRAM_PARTS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/span.h"
#include "xmpp/sasl.h"
#include "xmpp/scram.h"

/* 24 characters of 5 bits each */
#define XMPP_SCRAM_NONCE_SIZE 24

/* ---- attributes ---- */

struct xmpp_scram_attr {
	char name;
	struct span value;
};

/* Takes the first of a comma-separated list.  False at its end and where what
 * comes is no attribute; then *rest is not empty. */
bool xmpp_scram_take(struct span *rest, struct xmpp_scram_attr *attr);
/* Takes one that must be there and have this name. */
bool xmpp_scram_take_named(struct span *rest, char name, struct span *value);

/* What is left are extensions: well-formed, and no mandatory one (m=).
 * value: of the extension wanted, if it is there. */
bool xmpp_scram_extensions(
	struct span rest, char wanted, struct span *value, struct err *e);

bool xmpp_scram_is_nonce(struct span s); /* printable without comma */
void xmpp_scram_new_nonce(struct buf *out, const char *given);

/* saslname: "," and "=" are escaped. */
bool xmpp_scram_add_name(struct buf *out, struct span name);
bool xmpp_scram_decode_name(struct buf *out, struct span saslname);

/* Base64 of exactly that many bytes. */
bool xmpp_scram_decode_exact(
	unsigned char *out, size_t size, struct span base64);

/* The same hash as XEP-0474 wants it: base64 of the hash of the string. */
void xmpp_scram_offer_hash(struct buf *out, enum hash hash, struct buf *string);

/* ---- arithmetic ---- */

struct xmpp_scram_secret {
	unsigned char client_key[HASH_MAX];
	unsigned char stored_key[HASH_MAX];
	unsigned char server_key[HASH_MAX];
};

/* From a password that is prepared. */
void xmpp_scram_derive(struct xmpp_scram_secret *secret, enum hash hash,
	struct span password, struct span salt, unsigned iterations);

/* The same from SaltedPassword. */
void xmpp_scram_derive_salted(struct xmpp_scram_secret *secret, enum hash hash,
	const unsigned char *salted);

/* HMAC of the AuthMessage. */
void xmpp_scram_sign(enum hash hash, const unsigned char *key,
	const struct buf *auth_message, unsigned char out[HASH_MAX]);

/* STATUS_AUTH with a condition of RFC 6120 section 6.5; returns false. */
bool xmpp_scram_fail(
	struct err *e, const char *condition, const char *sentence);

#endif
