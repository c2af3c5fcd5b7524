#include "xmpp/salted.h"

#include <limits.h>
#include <string.h>

#include "base/mem.h"

/* A tenth of a millisecond with SHA-1, a quarter with SHA-512. */
#define SLICE 512

struct xmpp_salted {
	enum hash hash;
	uint32_t iterations;
	char salt[XMPP_SCRAM_SALT_MAX];
	size_t salt_size;
	struct hash_pbkdf2_work *work;
};

struct xmpp_salted *xmpp_salted_new(enum hash hash, struct span password,
	struct span salt, uint32_t iterations)
{
	struct xmpp_salted *s = mem_alloc(sizeof(*s));
	salt = span_first(salt, XMPP_SCRAM_SALT_MAX);
	s->hash = hash;
	s->iterations = iterations;
	s->salt_size = salt.n;
	if (salt.n)
		memcpy(s->salt, salt.p, salt.n);
	s->work = hash_pbkdf2_begin(hash, password, salt, iterations);
	return s;
}

void xmpp_salted_free(struct xmpp_salted *s)
{
	if (!s)
		return;
	hash_pbkdf2_free(s->work);
	mem_free(s);
}

bool xmpp_salted_work(struct xmpp_salted *s)
{
	return !hash_pbkdf2_go_on(s->work, SLICE);
}

bool xmpp_salted_is(const struct xmpp_salted *s, enum hash hash,
	struct span salt, uint32_t iterations)
{
	return s && s->hash == hash && s->iterations == iterations &&
	       span_equal(salt, xmpp_salted_salt(s));
}

enum hash xmpp_salted_hash(const struct xmpp_salted *s)
{
	return s->hash;
}

struct span xmpp_salted_salt(const struct xmpp_salted *s)
{
	return span_from(s->salt, s->salt_size);
}

uint32_t xmpp_salted_iterations(const struct xmpp_salted *s)
{
	return s->iterations;
}

void xmpp_salted_get(struct xmpp_salted *s, unsigned char out[HASH_MAX])
{
	hash_pbkdf2_go_on(s->work, UINT_MAX);
	hash_pbkdf2_get(s->work, out);
}
