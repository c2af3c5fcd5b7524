/* The CAs of the system: a folder, and a file that is read only where the
 * folder does not do. */
#include "tests/common/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/tls_openssl.h"
#include "tests/common/tls_far.h"

static struct cert ca, other_ca, leaf;

static int setup(void **state)
{
	(void)state;
	ca = cert_make(&(struct cert_spec){ .cn = "A CA", .ca = true });
	other_ca = cert_make(
		&(struct cert_spec){ .cn = "Another CA", .ca = true });
	leaf = cert_make(&(struct cert_spec){
		.cn = "a server", .issuer = &ca, .sans = "DNS:a.example" });
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	cert_free(&ca);
	cert_free(&other_ca);
	cert_free(&leaf);
	certs_clear();
	unsetenv("SSL_CERT_DIR");
	unsetenv("SSL_CERT_FILE");
	return 0;
}

/* As openssl-rehash(1) names it. */
static void put_into_folder(const struct cert *c)
{
	char name[16];
	snprintf(name, sizeof(name), "%08lx.0", X509_subject_name_hash(c->x));
	cert_save(c, name, false);
	setenv("SSL_CERT_DIR", certs_path(""), 1);
}

static void put_into_file(const struct cert *c)
{
	setenv("SSL_CERT_FILE", cert_save(c, "bundle.pem", false), 1);
}

static size_t known_cas(const struct far *f)
{
	STACK_OF(X509_OBJECT) *all = X509_STORE_get0_objects(
		SSL_CTX_get_cert_store(f->tls->config->ctx));
	return (size_t)sk_X509_OBJECT_num(all);
}

/* Against the server; cas: how many were read for it. */
static bool opens(size_t cas)
{
	struct far f;
	struct tls_settings s = { .ca_file = NULL };
	far_init(&f, true, &leaf);
	far_start(&f, &s, TLS_NAMING_HOST, "a.example");
	assert_int_equal(known_cas(&f), 0);
	far_run(&f);
	assert_int_equal(known_cas(&f), cas);
	bool open = !f.over && tls_is_open(f.tls);
	if (!open)
		assert_non_null(strstr(f.e.text, "is not known here"));
	far_clear(&f);
	return open;
}

static void from_the_folder_one_is_read(void **state)
{
	(void)state;
	put_into_folder(&ca);
	put_into_folder(&other_ca);
	put_into_file(&other_ca);
	assert_true(opens(1));
}

static void the_file_is_read_for_what_the_folder_does_not_have(void **state)
{
	(void)state;
	put_into_folder(&other_ca);
	put_into_file(&ca);
	assert_true(opens(1));
	setenv("SSL_CERT_DIR", "/nonexistent", 1);
	assert_true(opens(1));
}

static void whom_neither_has_is_not_believed(void **state)
{
	(void)state;
	put_into_folder(&other_ca);
	put_into_file(&other_ca);
	assert_false(opens(1));
	setenv("SSL_CERT_FILE", "/nonexistent", 1);
	assert_false(opens(0));
}

/* The same name and key, as it was and as it is. */
static void one_that_has_expired_is_looked_for_in_the_file(void **state)
{
	(void)state;
	struct cert old = { .x = X509_dup(ca.x), .key = ca.key };
	ASN1_TIME_set(
		X509_getm_notAfter(old.x), CERTS_WALL / USEC_SEC - CERTS_DAY);
	X509_sign(old.x, old.key, EVP_sha256());
	put_into_folder(&old);
	put_into_file(&ca);
	assert_true(opens(2));
	X509_free(old.x);
}

/* OpenSSL looks for the chain of our own certificate there too, where there is
 * no connection. */
static void our_own_certificate_finds_its_issuer(void **state)
{
	(void)state;
	struct far f;
	struct cert me = cert_make(&(struct cert_spec){
		.cn = "me", .issuer = &ca, .purposes = "clientAuth" });
	char *mine = mem_str(cert_save(&me, "mine.pem", true));
	struct tls_settings s = { .cert_file = mine };
	put_into_folder(&ca);
	far_init(&f, true, &leaf);
	SSL_CTX_set_verify(f.ctx, SSL_VERIFY_PEER, NULL);
	X509_STORE_add_cert(SSL_CTX_get_cert_store(f.ctx), ca.x);
	X509_VERIFY_PARAM_set_time(
		SSL_CTX_get0_param(f.ctx), CERTS_WALL / USEC_SEC);
	far_start(&f, &s, TLS_NAMING_HOST, "a.example");
	far_run(&f);
	assert_ok(!f.over && tls_is_open(f.tls), &f.e);
	/* Behind the certificate itself, which a server does not see in it. */
	assert_int_equal(sk_X509_num(SSL_get_peer_cert_chain(f.ssl)), 1);
	far_clear(&f);
	mem_free(mine);
	cert_free(&me);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

TEST_MAIN(T(from_the_folder_one_is_read),
	T(the_file_is_read_for_what_the_folder_does_not_have),
	T(whom_neither_has_is_not_believed),
	T(one_that_has_expired_is_looked_for_in_the_file),
	T(our_own_certificate_finds_its_issuer))
