/* hash - digests, HMAC and key derivation, by OpenSSL
 *
 * For SIP digest (RFC 8760) and SCRAM (RFC 5802, 7677).  Outputs are raw
 * bytes of hash_size(h); arrays of HASH_MAX always fit.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>

#include "base/span.h"

enum hash {
	HASH_MD5,
	HASH_SHA1,
	HASH_SHA256,
	HASH_SHA512_256,
	HASH_SHA512,
};

#define HASH_MAX 64

size_t hash_size(enum hash h);

/* The hash of the parts one behind the other. */
void hash_parts(enum hash h, const struct span *parts, size_t count,
	unsigned char out[HASH_MAX]);
void hash_bytes(enum hash h, struct span s, unsigned char out[HASH_MAX]);
void hash_hmac(enum hash h, struct span key, struct span s,
	unsigned char out[HASH_MAX]);

/* PBKDF2 with HMAC (RFC 8018) of SHA-1, SHA-256 or SHA-512, output as long as
 * the hash. */
void hash_pbkdf2(enum hash h, struct span password, struct span salt,
	unsigned iterations, unsigned char out[HASH_MAX]);

/* The same by and by, for who waits for something meanwhile.  What it needs is
 * copied; free wipes. */
struct hash_pbkdf2_work;
struct hash_pbkdf2_work *hash_pbkdf2_begin(enum hash h, struct span password,
	struct span salt, unsigned iterations);
/* Of those left, at most that many; true: none is left. */
bool hash_pbkdf2_go_on(struct hash_pbkdf2_work *w, unsigned iterations);
/* Once none is left. */
void hash_pbkdf2_get(
	const struct hash_pbkdf2_work *w, unsigned char out[HASH_MAX]);
void hash_pbkdf2_free(struct hash_pbkdf2_work *w); /* NULL is fine */

/* In a time that does not depend on where they differ. */
bool hash_equal(const void *a, const void *b, size_t n);

#endif
