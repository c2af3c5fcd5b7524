/* PBKDF2 (RFC 8018 section 5.2) of one block, which is all SCRAM asks for.
 *
 * PKCS5_PBKDF2_HMAC of OpenSSL 3 copies and finishes an EVP context twice an
 * iteration, which costs as much again as the hashes do, and more.  Here the
 * two keyed states are made once and copied as plain structs; what is left are
 * the hashes themselves. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <limits.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

/* The states behind the key, for the inner and the outer hash (RFC 2104). */
struct hash_pbkdf2_work {
	enum hash hash;
	unsigned left;
	union {
		SHA_CTX sha1;
		SHA256_CTX sha256;
		SHA512_CTX sha512;
	} inner, outer;
	unsigned char last[HASH_MAX], sum[HASH_MAX];
};

#define PBKDF2_BY(name, ctx_type, init, update, final, size, block)            \
	static void name##_key(ctx_type *ctx, struct span key, unsigned pad)   \
	{                                                                      \
		unsigned char padded[block] = { 0 };                           \
		memcpy(padded, key.p, key.n);                                  \
		for (size_t i = 0; i < (block); i++)                           \
			padded[i] ^= (unsigned char)pad;                       \
		init(ctx);                                                     \
		update(ctx, padded, (block));                                  \
		OPENSSL_cleanse(padded, sizeof(padded));                       \
	}                                                                      \
	/* The first iteration: of the salt and the number of the block. */    \
	static void name##_begin(                                              \
		struct hash_pbkdf2_work *w, struct span key, struct span salt) \
	{                                                                      \
		static const unsigned char first[4] = { 0, 0, 0, 1 };          \
		name##_key(&w->inner.name, key, 0x36);                         \
		name##_key(&w->outer.name, key, 0x5c);                         \
		ctx_type ctx = w->inner.name;                                  \
		update(&ctx, salt.p, salt.n);                                  \
		update(&ctx, first, sizeof(first));                            \
		final(w->last, &ctx);                                          \
		ctx = w->outer.name;                                           \
		update(&ctx, w->last, (size));                                 \
		final(w->last, &ctx);                                          \
		memcpy(w->sum, w->last, (size));                               \
		OPENSSL_cleanse(&ctx, sizeof(ctx));                            \
	}                                                                      \
	static void name##_go_on(struct hash_pbkdf2_work *w, unsigned count)   \
	{                                                                      \
		ctx_type ctx;                                                  \
		while (count--) {                                              \
			ctx = w->inner.name;                                   \
			update(&ctx, w->last, (size));                         \
			final(w->last, &ctx);                                  \
			ctx = w->outer.name;                                   \
			update(&ctx, w->last, (size));                         \
			final(w->last, &ctx);                                  \
			for (size_t i = 0; i < (size); i++)                    \
				w->sum[i] ^= w->last[i];                       \
		}                                                              \
		OPENSSL_cleanse(&ctx, sizeof(ctx));                            \
	}

PBKDF2_BY(sha1, SHA_CTX, SHA1_Init, SHA1_Update, SHA1_Final, SHA_DIGEST_LENGTH,
	SHA_CBLOCK)
PBKDF2_BY(sha256, SHA256_CTX, SHA256_Init, SHA256_Update, SHA256_Final,
	SHA256_DIGEST_LENGTH, SHA256_CBLOCK)
PBKDF2_BY(sha512, SHA512_CTX, SHA512_Init, SHA512_Update, SHA512_Final,
	SHA512_DIGEST_LENGTH, SHA512_CBLOCK)

static void begin(struct hash_pbkdf2_work *w, enum hash h, struct span password,
	struct span salt, unsigned iterations)
{
	unsigned char hashed[HASH_MAX];
	struct span key = password.n ? password : SPAN("");
	size_t block = h == HASH_SHA512 ? SHA512_CBLOCK : SHA256_CBLOCK;
	salt = salt.n ? salt : SPAN("");
	/* RFC 2104 section 2 */
	if (key.n > block) {
		hash_bytes(h, key, hashed);
		key = span_from((const char *)hashed, hash_size(h));
	}
	w->hash = h;
	w->left = iterations ? iterations - 1 : 0;
	if (h == HASH_SHA1)
		sha1_begin(w, key, salt);
	else if (h == HASH_SHA256)
		sha256_begin(w, key, salt);
	else
		sha512_begin(w, key, salt);
	OPENSSL_cleanse(hashed, sizeof(hashed));
}

bool hash_pbkdf2_go_on(struct hash_pbkdf2_work *w, unsigned iterations)
{
	unsigned count = iterations < w->left ? iterations : w->left;
	w->left -= count;
	if (w->hash == HASH_SHA1)
		sha1_go_on(w, count);
	else if (w->hash == HASH_SHA256)
		sha256_go_on(w, count);
	else
		sha512_go_on(w, count);
	return w->left == 0;
}

void hash_pbkdf2_get(
	const struct hash_pbkdf2_work *w, unsigned char out[HASH_MAX])
{
	memcpy(out, w->sum, hash_size(w->hash));
}

struct hash_pbkdf2_work *hash_pbkdf2_begin(enum hash h, struct span password,
	struct span salt, unsigned iterations)
{
	struct hash_pbkdf2_work *w = mem_alloc(sizeof(*w));
	begin(w, h, password, salt, iterations);
	return w;
}

void hash_pbkdf2_free(struct hash_pbkdf2_work *w)
{
	if (!w)
		return;
	OPENSSL_cleanse(w, sizeof(*w));
	mem_free(w);
}

void hash_pbkdf2(enum hash h, struct span password, struct span salt,
	unsigned iterations, unsigned char out[HASH_MAX])
{
	struct hash_pbkdf2_work w = { 0 };
	begin(&w, h, password, salt, iterations);
	hash_pbkdf2_go_on(&w, UINT_MAX);
	hash_pbkdf2_get(&w, out);
	OPENSSL_cleanse(&w, sizeof(w));
}
