/* Certificates, keys and settings that come from files and options. */
#include "tests/common/test.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "tests/common/tls_far.h"

static void check_settings(
	const struct tls_settings *s, enum status status, const char *sentence)
{
	struct err e = ERR_NONE;
	assert_null(tls_config_new(s, &e));
	if (e.status != status || !strstr(e.text, sentence))
		fail_msg("expected %d \"%s\", got %d \"%s\"", status, sentence,
			e.status, e.text);
}

static void settings_that_cannot_be_are_refused(void **state)
{
	(void)state;
	check_settings(&(struct tls_settings){ .server = true }, STATUS_USAGE,
		"a TLS server needs a certificate");
	check_settings(&(struct tls_settings){ .ca_file = "/nowhere/ca.pem" },
		STATUS_LOCAL_IO,
		"CA file /nowhere/ca.pem cannot be used: No such file");
	check_settings(&(struct tls_settings){ .cert_file = "/dev/null" },
		STATUS_LOCAL_IO, "certificate file /dev/null cannot be used: ");
	check_settings(&(struct tls_settings){ .keylog_file = "/nowhere/keys" },
		STATUS_LOCAL_IO, "key log file /nowhere/keys: No such file");
	check_settings(
		&(struct tls_settings){ .alpn = "" }, STATUS_USAGE, "ALPN");
	static const char *const pins[] = { "", "sha256//", "sha1//AAAA",
		"sha256//AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		"sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
	for (size_t i = 0; i < sizeof(pins) / sizeof(pins[0]); i++)
		check_settings(&(struct tls_settings){ .pin = pins[i] },
			STATUS_USAGE, "a pin is sha256//");
}

static void a_key_must_be_readable_and_of_its_certificate(void **state)
{
	(void)state;
	struct cert a = cert_make(&(struct cert_spec){ .cn = "a" });
	struct cert b = cert_make(&(struct cert_spec){ .cn = "b" });
	char *cert = mem_str(cert_save(&a, "a.pem", true));
	char *other = mem_str(cert_save(&b, "b.pem", true));
	char *locked = mem_str(certs_path("locked.pem"));
	FILE *f = fopen(locked, "w");
	PEM_write_PKCS8PrivateKey(
		f, a.key, EVP_aes_128_cbc(), "secret", 6, NULL, NULL);
	fclose(f);
	struct err e = ERR_NONE;
	struct tls_settings s = { .cert_file = cert };
	struct tls_config *c = tls_config_new(&s, &e);
	assert_ok(c != NULL, &e);
	tls_config_free(c);
	s.key_file = other;
	check_settings(&s, STATUS_LOCAL_IO, "key values mismatch");
	/* Nobody is asked for a passphrase in the middle of a pipeline. */
	s.key_file = locked;
	check_settings(&s, STATUS_LOCAL_IO, "locked.pem cannot be used: ");
	mem_free(cert);
	mem_free(other);
	mem_free(locked);
	cert_free(&a);
	cert_free(&b);
}

static void a_client_verifies_somebody(void **state)
{
	(void)state;
	struct err e = ERR_NONE;
	struct tls_settings s = { .ca_file = NULL };
	struct tls_peer nobody = { .name = NULL };
	struct tls_config *c = tls_config_new(&s, &e);
	assert_ok(c != NULL, &e);
	assert_null(tls_new(c, &nobody, CERTS_WALL, &e));
	assert_int_equal(e.status, STATUS_INTERNAL);
	tls_config_free(c);
}

/* ---- tls_make_certificate ---- */

static char *ca_file, *cert_file, *key_file;

static bool make(const char *const *names, size_t count, struct err *e)
{
	mem_free(ca_file);
	mem_free(cert_file);
	mem_free(key_file);
	ca_file = mem_str(certs_path("made-ca.pem"));
	cert_file = mem_str(certs_path("made.pem"));
	key_file = mem_str(certs_path("made-key.pem"));
	return tls_make_certificate(
		names, count, ca_file, cert_file, key_file, CERTS_WALL, 30, e);
}

/* Our client, with the CA that was made, against a server that was made. */
static bool opens(enum tls_naming naming, const char *name, usec_t wall)
{
	struct err e = ERR_NONE;
	struct tls_settings cs = { .ca_file = ca_file };
	struct tls_settings ss = {
		.server = true, .cert_file = cert_file, .key_file = key_file
	};
	struct tls_peer to = { .naming = naming, .name = name };
	struct tls_peer from = { .name = NULL };
	struct tls_config *cc = tls_config_new(&cs, &e);
	assert_ok(cc != NULL, &e);
	struct tls_config *sc = tls_config_new(&ss, &e);
	assert_ok(sc != NULL, &e);
	struct tls *client = tls_new(cc, &to, wall, &e);
	struct tls *server = tls_new(sc, &from, wall, &e);
	struct buf up = BUF_INIT(65536), down = BUF_INIT(65536);
	struct buf plain = BUF_INIT(65536);
	bool fine = true;
	for (int i = 0; i < 4 && fine; i++)
		fine = tls_step(client, &down, &up, &plain, &e) &&
		       tls_step(server, &up, &down, &plain, &e);
	bool open = fine && tls_is_open(client) && tls_is_open(server);
	tls_free(client);
	tls_free(server);
	tls_config_free(cc);
	tls_config_free(sc);
	buf_clear(&up);
	buf_clear(&down);
	buf_clear(&plain);
	return open;
}

static void a_made_certificate_serves_its_names(void **state)
{
	(void)state;
	static const char *const names[] = { "localhost", "*.a.example",
		"127.0.0.1", "::1" };
	struct err e = ERR_NONE;
	assert_ok(make(names, 4, &e), &e);
	assert_true(opens(TLS_NAMING_XMPP, "localhost", CERTS_WALL));
	assert_true(opens(TLS_NAMING_HOST, "b.a.example", CERTS_WALL));
	assert_true(opens(TLS_NAMING_SIP, "127.0.0.1", CERTS_WALL));
	assert_true(opens(TLS_NAMING_SIP, "::1", CERTS_WALL));
	assert_false(opens(TLS_NAMING_XMPP, "a.example", CERTS_WALL));
	usec_t day = CERTS_DAY * USEC_SEC;
	assert_true(opens(TLS_NAMING_XMPP, "localhost",
		CERTS_WALL + 30 * day - USEC_SEC));
	assert_false(opens(TLS_NAMING_XMPP, "localhost",
		CERTS_WALL + 30 * day + USEC_SEC));
	assert_false(opens(
		TLS_NAMING_XMPP, "localhost", CERTS_WALL - day - USEC_SEC));
}

static unsigned mode_of(const char *file)
{
	struct stat st;
	assert_int_equal(stat(file, &st), 0);
	return st.st_mode & 0777;
}

static void a_made_key_is_for_its_owner_alone(void **state)
{
	(void)state;
	static const char *const names[] = { "localhost" };
	struct err e = ERR_NONE;
	/* A file that is there, open to all, keeps neither mode nor inode. */
	FILE *f = fopen(certs_path("made-key.pem"), "w");
	fclose(f);
	assert_int_equal(chmod(certs_path("made-key.pem"), 0666), 0);
	assert_ok(make(names, 1, &e), &e);
	assert_int_equal(mode_of(key_file), 0600);
	assert_int_equal(mode_of(ca_file), 0644);
	assert_true(opens(TLS_NAMING_XMPP, "localhost", CERTS_WALL));
}

static void a_certificate_that_cannot_be_is_refused(void **state)
{
	(void)state;
	static const char *const names[] = { "localhost" };
	struct err e = ERR_NONE;
	assert_false(make(names, 0, &e));
	assert_int_equal(e.status, STATUS_USAGE);
	assert_false(tls_make_certificate(names, 1, "/nowhere/ca.pem",
		cert_file, key_file, CERTS_WALL, 30, &e));
	assert_int_equal(e.status, STATUS_LOCAL_IO);
	assert_non_null(strstr(e.text, "/nowhere/ca.pem: No such file"));
}

static int forget(void **state)
{
	(void)state;
	mem_free(ca_file);
	mem_free(cert_file);
	mem_free(key_file);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_that_cannot_be_are_refused),
		cmocka_unit_test(a_key_must_be_readable_and_of_its_certificate),
		cmocka_unit_test(a_client_verifies_somebody),
		cmocka_unit_test(a_made_certificate_serves_its_names),
		cmocka_unit_test(a_made_key_is_for_its_owner_alone),
		cmocka_unit_test(a_certificate_that_cannot_be_is_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, forget);
}
