/* salted - SaltedPassword of SCRAM (RFC 5802 section 3), by and by
 *
 * It is what takes a login its time, and what it is made of, the salt and the
 * iteration count, is the same each time: who knows it from the last login
 * works on it while the server is waited for (xmpp/known.h).  A guess, which
 * counts for nothing where the server then names other ones.
 *
 * A secret as good as the password: wiped by free.
 */
#ifndef XMPP_SALTED_H
#define XMPP_SALTED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/span.h"
#include "xmpp/scram.h"

struct xmpp_salted;

/* Of a password that is prepared, and a salt of at most XMPP_SCRAM_SALT_MAX. */
struct xmpp_salted *xmpp_salted_new(enum hash hash, struct span password,
	struct span salt, uint32_t iterations);
void xmpp_salted_free(struct xmpp_salted *s); /* NULL is fine */

/* A slice of it, well under a millisecond.  True: there is more. */
bool xmpp_salted_work(struct xmpp_salted *s);

/* NULL is of nothing. */
bool xmpp_salted_is(const struct xmpp_salted *s, enum hash hash,
	struct span salt, uint32_t iterations);
enum hash xmpp_salted_hash(const struct xmpp_salted *s);
struct span xmpp_salted_salt(const struct xmpp_salted *s);
uint32_t xmpp_salted_iterations(const struct xmpp_salted *s);

/* hash_size bytes, after what is left of the work. */
void xmpp_salted_get(struct xmpp_salted *s, unsigned char out[HASH_MAX]);

#endif
