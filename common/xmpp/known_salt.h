/* known_salt - what a server salted an account's password with the last time
 *
 * RFC 5802 section 5.1: the same for an account each time, so that the next
 * login begins its work before the server has said it (xmpp/salted.h).  INTEROP:
 * where the server stores the password itself, Prosody and others take another
 * salt for each login; there nothing is guessed, nor written, for a while.
 *
 * As text "HASH ITERATIONS SALT", the hash as 1, 256 or 512, the salt in
 * base64, and behind it when it was seen to change.
 */
#ifndef XMPP_KNOWN_SALT_H
#define XMPP_KNOWN_SALT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/span.h"
#include "xmpp/scram.h"

/* Seconds for which a salt that changed is not guessed at. */
#define XMPP_KNOWN_RESALTED (14 * 86400)

/* By value; no pointers. */
struct xmpp_known_salt {
	enum hash hash;
	uint32_t iterations; /* 0: nothing is known */
	char salt[XMPP_SCRAM_SALT_MAX];
	size_t size;
	uint64_t changed; /* when, seconds since 1970; 0: it did not */
};

/* False, and nothing known, where it is not what we would take of a server. */
bool xmpp_known_salt_parse(struct xmpp_known_salt *k, struct span text);
bool xmpp_known_salt_format(struct buf *out, const struct xmpp_known_salt *k);

/* A login has succeeded with these.  now: seconds since 1970. */
void xmpp_known_salt_set(struct xmpp_known_salt *k, enum hash hash,
	struct span salt, uint32_t iterations, uint64_t now);
struct span xmpp_known_salt_get(const struct xmpp_known_salt *k);

/* Is it likely to be the same this time? */
bool xmpp_known_salt_is_steady(const struct xmpp_known_salt *k, uint64_t now);

bool xmpp_known_salt_equal(
	const struct xmpp_known_salt *a, const struct xmpp_known_salt *b);

#endif
