#include "base/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/fatal.h"
#include "base/openssl.h"

static const EVP_MD *algorithm(enum hash h)
{
	openssl_start();
	switch (h) {
	case HASH_MD5:
		return EVP_md5();
	case HASH_SHA1:
		return EVP_sha1();
	case HASH_SHA256:
		return EVP_sha256();
	case HASH_SHA512_256:
		return EVP_sha512_256();
	case HASH_SHA512:
		return EVP_sha512();
	}
	return NULL;
}

/* With good arguments these fail only where memory or the library does. */
static void must(bool done)
{
	if (!done)
		fatal("OpenSSL cannot compute a hash");
}

size_t hash_size(enum hash h)
{
	return (size_t)EVP_MD_get_size(algorithm(h));
}

void hash_parts(enum hash h, const struct span *parts, size_t count,
	unsigned char out[HASH_MAX])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	must(ctx && EVP_DigestInit_ex(ctx, algorithm(h), NULL) == 1);
	for (size_t i = 0; i < count; i++)
		must(EVP_DigestUpdate(ctx, parts[i].p, parts[i].n) == 1);
	must(EVP_DigestFinal_ex(ctx, out, NULL) == 1);
	EVP_MD_CTX_free(ctx);
}

void hash_bytes(enum hash h, struct span s, unsigned char out[HASH_MAX])
{
	hash_parts(h, &s, 1, out);
}

void hash_hmac(enum hash h, struct span key, struct span s,
	unsigned char out[HASH_MAX])
{
	must(HMAC(algorithm(h), key.n ? key.p : "", (int)key.n,
		     (const unsigned char *)s.p, s.n, out, NULL) != NULL);
}

bool hash_equal(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}
