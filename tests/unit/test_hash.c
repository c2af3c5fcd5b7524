/* Key derivation: published vectors, and the same as OpenSSL's own for keys
 * and salts of every awkward length. */
#include "tests/common/test.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/base64.h"
#include "base/hash.h"
#include "base/rand.h"

static void assert_key(enum hash h, struct span password, struct span salt,
	unsigned iterations, const char *want)
{
	unsigned char key[HASH_MAX];
	struct buf hex = BUF_INIT(2 * HASH_MAX);
	hash_pbkdf2(h, password, salt, iterations, key);
	base64_add_hex(&hex, span_from((const char *)key, hash_size(h)));
	assert_span(buf_view(&hex), want);
	buf_clear(&hex);
}

/* RFC 6070; for SHA-256 the front of that of RFC 7914 section 11. */
static void published_vectors_come_out(void **state)
{
	(void)state;
	assert_key(HASH_SHA1, SPAN("password"), SPAN("salt"), 1,
		"0c60c80f961f0e71f3a9b524af6012062fe037a6");
	assert_key(HASH_SHA1, SPAN("password"), SPAN("salt"), 2,
		"ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957");
	assert_key(HASH_SHA1, SPAN("password"), SPAN("salt"), 4096,
		"4b007901b765489abead49d926f721d065a429c1");
	assert_key(HASH_SHA256, SPAN("passwd"), SPAN("salt"), 1,
		"55ac046e56e3089fec1691c22544b605"
		"f94185216dde0465e68b9d57c20dacbc");
}

static const EVP_MD *theirs(enum hash h)
{
	return h == HASH_SHA1     ? EVP_sha1()
	       : h == HASH_SHA256 ? EVP_sha256()
				  : EVP_sha512();
}

static void every_length_gives_what_openssl_gives(void **state)
{
	(void)state;
	static const enum hash hashes[] = { HASH_SHA1, HASH_SHA256,
		HASH_SHA512 };
	static const size_t lengths[] = { 0, 1, 55, 56, 63, 64, 65, 111, 112,
		127, 128, 129, 300 };
	char password[300], salt[300];
	rand_bytes(password, sizeof(password));
	rand_bytes(salt, sizeof(salt));
	for (size_t h = 0; h < 3; h++)
		for (size_t p = 0; p < 13; p++)
			for (size_t s = 0; s < 13; s++) {
				unsigned char ours[HASH_MAX], want[HASH_MAX];
				size_t size = hash_size(hashes[h]);
				hash_pbkdf2(hashes[h],
					span_from(password, lengths[p]),
					span_from(salt, lengths[s]), 3, ours);
				assert_int_equal(PKCS5_PBKDF2_HMAC(password,
							 (int)lengths[p],
							 (unsigned char *)salt,
							 (int)lengths[s], 3,
							 theirs(hashes[h]),
							 (int)size, want),
					1);
				assert_memory_equal(ours, want, size);
			}
}

static void by_and_by_gives_the_same(void **state)
{
	(void)state;
	unsigned char key[HASH_MAX];
	struct buf hex = BUF_INIT(2 * HASH_MAX);
	struct hash_pbkdf2_work *w = hash_pbkdf2_begin(
		HASH_SHA1, SPAN("password"), SPAN("salt"), 4096);
	int slices = 1;
	while (!hash_pbkdf2_go_on(w, 1000))
		slices++;
	assert_int_equal(slices, 5);
	assert_true(hash_pbkdf2_go_on(w, 1000)); /* and no more than that */
	hash_pbkdf2_get(w, key);
	base64_add_hex(&hex, span_from((const char *)key, 20));
	assert_span(buf_view(&hex), "4b007901b765489abead49d926f721d065a429c1");
	buf_clear(&hex);
	hash_pbkdf2_free(w);
	/* One iteration is there from the beginning. */
	w = hash_pbkdf2_begin(HASH_SHA1, SPAN("password"), SPAN("salt"), 1);
	assert_true(hash_pbkdf2_go_on(w, 0));
	hash_pbkdf2_get(w, key);
	assert_int_equal(key[0], 0x0c);
	hash_pbkdf2_free(w);
	hash_pbkdf2_free(NULL);
}

TEST_MAIN(cmocka_unit_test(published_vectors_come_out),
	cmocka_unit_test(by_and_by_gives_the_same),
	cmocka_unit_test(every_length_gives_what_openssl_gives))
