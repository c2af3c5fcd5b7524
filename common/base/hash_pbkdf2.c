/* PBKDF2 (RFC 8018 section 5.2) of one block, which is all SCRAM asks for.
 *
 * PKCS5_PBKDF2_HMAC of OpenSSL 3 copies and finishes an EVP context twice an
 * iteration, which costs ten times what the hash does: 25 ms of the 30 that a
 * login with 10,000 iterations took.  Here the two keyed states are made once
 * and copied as plain structs. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <string.h>

#include "base/hash.h"

#define BLOCK_MAX 128

/* A keyed hash: the state behind the key, for the inner and outer hash. */
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
	static void name(struct span key, struct span salt,                    \
		unsigned iterations, unsigned char *out)                       \
	{                                                                      \
		static const unsigned char first[4] = { 0, 0, 0, 1 };          \
		ctx_type inner, outer, ctx;                                    \
		unsigned char u[size];                                         \
		name##_key(&inner, key, 0x36);                                 \
		name##_key(&outer, key, 0x5c);                                 \
		for (unsigned n = 0; n < iterations; n++) {                    \
			ctx = inner;                                           \
			if (n == 0 && salt.n)                                  \
				update(&ctx, salt.p, salt.n);                  \
			update(&ctx, n ? u : first,                            \
				n ? (size) : sizeof(first));                   \
			final(u, &ctx);                                        \
			ctx = outer;                                           \
			update(&ctx, u, (size));                               \
			final(u, &ctx);                                        \
			for (size_t i = 0; i < (size); i++)                    \
				out[i] = n ? out[i] ^ u[i] : u[i];             \
		}                                                              \
		OPENSSL_cleanse(&inner, sizeof(inner));                        \
		OPENSSL_cleanse(&outer, sizeof(outer));                        \
		OPENSSL_cleanse(&ctx, sizeof(ctx));                            \
		OPENSSL_cleanse(u, sizeof(u));                                 \
	}

PBKDF2_BY(by_sha1, SHA_CTX, SHA1_Init, SHA1_Update, SHA1_Final,
	SHA_DIGEST_LENGTH, SHA_CBLOCK)
PBKDF2_BY(by_sha256, SHA256_CTX, SHA256_Init, SHA256_Update, SHA256_Final,
	SHA256_DIGEST_LENGTH, SHA256_CBLOCK)
PBKDF2_BY(by_sha512, SHA512_CTX, SHA512_Init, SHA512_Update, SHA512_Final,
	SHA512_DIGEST_LENGTH, SHA512_CBLOCK)

void hash_pbkdf2(enum hash h, struct span password, struct span salt,
	unsigned iterations, unsigned char out[HASH_MAX])
{
	unsigned char hashed[HASH_MAX];
	struct span key = password.n ? password : SPAN("");
	size_t block = h == HASH_SHA512 ? SHA512_CBLOCK : SHA256_CBLOCK;
	/* RFC 2104 section 2 */
	if (key.n > block) {
		hash_bytes(h, key, hashed);
		key = span_from((const char *)hashed, hash_size(h));
	}
	if (h == HASH_SHA1)
		by_sha1(key, salt, iterations, out);
	else if (h == HASH_SHA256)
		by_sha256(key, salt, iterations, out);
	else
		by_sha512(key, salt, iterations, out);
	OPENSSL_cleanse(hashed, sizeof(hashed));
}
