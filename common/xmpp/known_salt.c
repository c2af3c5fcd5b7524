#include "xmpp/known_salt.h"

#include <string.h>

#include "base/base64.h"

static const struct {
	enum hash hash;
	const char *name;
} hashes[] = { { HASH_SHA1, "1" }, { HASH_SHA256, "256" },
	{ HASH_SHA512, "512" } };

#define HASHES (sizeof(hashes) / sizeof(hashes[0]))

static const char *name_of(enum hash hash)
{
	for (size_t i = 0; i < HASHES; i++)
		if (hashes[i].hash == hash)
			return hashes[i].name;
	return "";
}

static bool take_hash(struct xmpp_known_salt *k, struct span name)
{
	for (size_t i = 0; i < HASHES; i++)
		if (span_is(name, hashes[i].name)) {
			k->hash = hashes[i].hash;
			return true;
		}
	return false;
}

static void put_salt(struct xmpp_known_salt *k, struct span salt)
{
	k->size = salt.n;
	memset(k->salt, 0, sizeof(k->salt));
	if (salt.n)
		memcpy(k->salt, salt.p, salt.n);
}

static bool take_salt(struct xmpp_known_salt *k, struct span base64)
{
	struct buf salt = BUF_INIT(XMPP_SCRAM_SALT_MAX);
	bool good = base64_decode(&salt, base64) && salt.len;
	if (good)
		put_salt(k, buf_view(&salt));
	buf_clear(&salt);
	return good;
}

bool xmpp_known_salt_parse(struct xmpp_known_salt *k, struct span text)
{
	struct span hash, iterations, salt;
	*k = (struct xmpp_known_salt){ 0 };
	bool good = span_cut(&text, ' ', &hash) && take_hash(k, hash) &&
		    span_cut(&text, ' ', &iterations) &&
		    span_to_u32(iterations, XMPP_SCRAM_ITERATIONS_MAX,
			    &k->iterations) &&
		    k->iterations >= XMPP_SCRAM_ITERATIONS_MIN;
	bool has_time = good && span_cut(&text, ' ', &salt);
	good = good && take_salt(k, salt) &&
	       (!has_time || span_to_u64(text, INT64_MAX, &k->changed));
	if (!good)
		*k = (struct xmpp_known_salt){ 0 };
	return good;
}

bool xmpp_known_salt_format(struct buf *out, const struct xmpp_known_salt *k)
{
	buf_printf(out, "%s %u ", name_of(k->hash), k->iterations);
	base64_add(out, xmpp_known_salt_get(k));
	if (k->changed)
		buf_printf(out, " %llu", (unsigned long long)k->changed);
	return !out->failed;
}

struct span xmpp_known_salt_get(const struct xmpp_known_salt *k)
{
	return span_from(k->salt, k->size);
}

/* A clock that was set back does not make it last longer. */
static bool is_resalted(const struct xmpp_known_salt *k, uint64_t now)
{
	return k->changed && now >= k->changed &&
	       now - k->changed < XMPP_KNOWN_RESALTED;
}

void xmpp_known_salt_set(struct xmpp_known_salt *k, enum hash hash,
	struct span salt, uint32_t iterations, uint64_t now)
{
	if (k->iterations == iterations && k->hash == hash &&
		span_equal(xmpp_known_salt_get(k), salt)) {
		k->changed = 0;
		return;
	}
	if (is_resalted(k, now) || salt.n > XMPP_SCRAM_SALT_MAX)
		return;
	k->changed = k->iterations ? now : 0;
	k->hash = hash;
	k->iterations = iterations;
	put_salt(k, salt);
}

bool xmpp_known_salt_is_steady(const struct xmpp_known_salt *k, uint64_t now)
{
	return k->iterations && !is_resalted(k, now);
}

bool xmpp_known_salt_equal(
	const struct xmpp_known_salt *a, const struct xmpp_known_salt *b)
{
	return a->hash == b->hash && a->iterations == b->iterations &&
	       span_equal(xmpp_known_salt_get(a), xmpp_known_salt_get(b)) &&
	       a->changed == b->changed;
}
