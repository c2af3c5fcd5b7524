/* Bad certificates and downgrades: all refused, each with a sentence that a
 * person can act on; and the good one beside them, which is not. */
#include "tests/common/test.h"

#include <openssl/tls1.h>
#include <string.h>

#include "base/mem.h"
#include "tests/common/tls_far.h"

static struct cert ca, other_ca, expired_ca, weak_ca, not_a_ca;

static int setup(void **state)
{
	(void)state;
	ca = cert_make(&(struct cert_spec){ .cn = "Good CA", .ca = true });
	other_ca =
		cert_make(&(struct cert_spec){ .cn = "Other CA", .ca = true });
	expired_ca = cert_make(&(struct cert_spec){
		.cn = "Old CA", .ca = true, .from = -20, .to = -2 });
	weak_ca = cert_make(&(struct cert_spec){
		.cn = "Weak CA", .ca = true, .key = "RSA 1024" });
	not_a_ca = cert_make(&(struct cert_spec){
		.cn = "a server", .issuer = &ca, .sans = "DNS:b.example" });
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	cert_free(&ca);
	cert_free(&other_ca);
	cert_free(&expired_ca);
	cert_free(&weak_ca);
	cert_free(&not_a_ca);
	return 0;
}

/* Everything of a CA that the client trusts, in one file. */
static const char *trust_file(void)
{
	FILE *f = fopen(certs_path("trust.pem"), "w");
	const struct cert *all[] = { &ca, &expired_ca, &weak_ca };
	assert_non_null(f);
	for (size_t i = 0; i < 3; i++) {
		char line[512];
		FILE *one = fopen(cert_save(all[i], "one.pem", false), "r");
		while (fgets(line, sizeof(line), one))
			fputs(line, f);
		fclose(one);
	}
	fclose(f);
	return certs_path("trust.pem");
}

static void check_sentence(const struct far *f, const char *sentence)
{
	if (!sentence) {
		if (f->over || !tls_is_open(f->tls))
			fail_msg("should be open: %s", f->e.text);
		return;
	}
	if (!f->over || f->e.status != STATUS_TLS ||
		!strstr(f->e.text, sentence))
		fail_msg("expected \"%s\", got %d \"%s\"", sentence,
			f->e.status, f->over ? f->e.text : "no failure");
	assert_false(tls_is_open(f->tls));
}

/* A client of ours against a server with this certificate. */
static void check_in(enum tls_naming naming, const struct cert_spec *spec,
	const char *wanted, const char *sentence)
{
	struct far f;
	struct cert c = cert_make(spec);
	struct tls_settings s = { .ca_file = trust_file() };
	far_init(&f, true, &c);
	if (spec->issuer == &not_a_ca)
		SSL_CTX_add1_chain_cert(f.ctx, not_a_ca.x);
	far_start(&f, &s, naming, wanted);
	far_run(&f);
	check_sentence(&f, sentence);
	if (sentence)
		assert_int_equal(f.said.len, 0);
	far_clear(&f);
	cert_free(&c);
}

static void check(const struct cert_spec *spec, const char *sentence)
{
	check_in(TLS_NAMING_HOST, spec, "a.example", sentence);
}

#define GOOD .issuer = &ca, .sans = "DNS:a.example"
#define SPEC(...) (&(struct cert_spec){ __VA_ARGS__ })

static void a_good_certificate_is_taken(void **state)
{
	(void)state;
	check(SPEC(GOOD), NULL);
	check(SPEC(GOOD, .key = "RSA 2048"), NULL);
	check(SPEC(GOOD, .key = "ED25519"), NULL);
	check(SPEC(GOOD, .purposes = ""), NULL);
	check(SPEC(GOOD, .purposes = "anyExtendedKeyUsage"), NULL);
	check(SPEC(GOOD, .hash = "SHA512"), NULL);
}

static void one_of_another_time_is_refused(void **state)
{
	(void)state;
	check(SPEC(GOOD, .from = -90, .to = -3),
		"certificate expired on 2027-01-12 (\"a test\"; it is "
		"2027-01-15 here)");
	check(SPEC(GOOD, .from = 2, .to = 90),
		"certificate is not valid before 2027-01-17");
	check(SPEC(.sans = "DNS:a.example", .issuer = &expired_ca),
		"certificate of the CA expired on 2027-01-13 (\"Old CA\"");
}

static void one_that_nobody_known_has_signed_is_refused(void **state)
{
	(void)state;
	check(SPEC(.sans = "DNS:a.example", .issuer = &other_ca),
		"certificate is signed by \"Other CA\", which is not known "
		"here: --ca FILE trusts a CA, --pin sha256//");
	check(SPEC(.sans = "DNS:a.example"),
		"certificate is self-signed: --ca FILE trusts it, --pin "
		"sha256//");
	check(SPEC(GOOD, .spoiled = true), "changed after it was signed");
	check(SPEC(.sans = "DNS:a.example", .issuer = &not_a_ca),
		"\"a server\" may not sign others");
	/* The same name as a CA that is known, another key. */
	struct cert twin = cert_make(SPEC(.cn = "Good CA", .ca = true));
	check(SPEC(.sans = "DNS:a.example", .issuer = &twin),
		"changed after it was signed");
	cert_free(&twin);
}

static void one_for_something_else_is_refused(void **state)
{
	(void)state;
	check(SPEC(GOOD, .purposes = "clientAuth"),
		"may not be used by TLS servers");
	check(SPEC(GOOD, .purposes = "codeSigning,emailProtection"),
		"may not be used by TLS servers");
	check(SPEC(GOOD, .usage = "critical,keyCertSign"),
		"may not be used by TLS servers");
	check(SPEC(GOOD, .purposes = "1.3.6.1.5.5.7.3.20"),
		"may not be used by TLS servers");
	/* RFC 5924: id-kp-sipDomain is for SIP, and for SIP alone. */
	check_in(TLS_NAMING_SIP, SPEC(GOOD, .purposes = "1.3.6.1.5.5.7.3.20"),
		"a.example", NULL);
	check_in(TLS_NAMING_SIP, SPEC(GOOD, .purposes = "clientAuth"),
		"a.example", "may not be used by TLS servers");
}

static void a_weak_one_is_refused(void **state)
{
	(void)state;
	check(SPEC(GOOD, .key = "RSA 1024"),
		"\"a test\" has a key that is too short");
	check(SPEC(.sans = "DNS:a.example", .issuer = &weak_ca),
		"\"Weak CA\" has a key that is too short");
	struct cert middle = cert_make(SPEC(.cn = "Middle CA", .issuer = &ca,
		.ca = true, .hash = "SHA1"));
	struct far f;
	struct cert c =
		cert_make(SPEC(.sans = "DNS:a.example", .issuer = &middle));
	struct tls_settings s = { .ca_file = trust_file() };
	far_init(&f, true, &c);
	SSL_CTX_add1_chain_cert(f.ctx, middle.x);
	far_start(&f, &s, TLS_NAMING_HOST, "a.example");
	far_run(&f);
	check_sentence(&f, "\"Middle CA\" is signed by too weak a hash");
	far_clear(&f);
	cert_free(&c);
	cert_free(&middle);
}

static void one_of_another_name_is_refused(void **state)
{
	(void)state;
	check(SPEC(.sans = "DNS:b.example", .issuer = &ca),
		"certificate is for b.example, not for a.example: --tls-name "
		"NAME wants another, --pin sha256//");
	check(SPEC(.cn = "a.example", .issuer = &ca),
		"names no server (a common name does not count)");
	check(SPEC(.cn = "a.example", .issuer = &ca, .sans = "DNS:b.example"),
		"certificate is for b.example");
	check_in(TLS_NAMING_HOST, SPEC(.nul_in_name = true, .issuer = &ca),
		"good.example", "good.example\\x00.evil.example, not for");
	check_in(TLS_NAMING_SIP, SPEC(.sans = "DNS:*.example", .issuer = &ca),
		"a.example", "certificate is for *.example, not for");
	check_in(TLS_NAMING_SIP, SPEC(.sans = "DNS:*.b.example", .issuer = &ca),
		"a.b.example",
		"--tls-name '*.b.example' wants it as it is, --pin sha256//");
	check_in(TLS_NAMING_HOST,
		SPEC(.sans = "DNS:*.b.example", .issuer = &ca), "a.b.example",
		NULL);
	check_in(TLS_NAMING_XMPP,
		SPEC(.sans = "URI:sip:a.example", .issuer = &ca), "a.example",
		"certificate is for sip:a.example, not for a.example");
	check_in(TLS_NAMING_HOST, SPEC(GOOD), "192.0.2.7",
		"certificate is for a.example, not for 192.0.2.7");
	check_in(TLS_NAMING_HOST, SPEC(.sans = "IP:192.0.2.7", .issuer = &ca),
		"192.0.2.7", NULL);
}

static void a_pin_is_that_key_and_no_other(void **state)
{
	(void)state;
	struct cert c = cert_make(SPEC(.from = -90, .to = -3));
	struct far f;
	struct tls_settings s = {
		.pin = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	};
	far_init(&f, true, &c);
	far_start(&f, &s, TLS_NAMING_HOST, "a.example");
	far_run(&f);
	check_sentence(&f, ", the pinned one sha256//AAAA");
	/* The key it has is in the sentence: "the key is PIN, the …". */
	char *pin = span_dup(span_from(f.e.text + strlen("the key is "), 52));
	far_clear(&f);
	s.pin = pin;
	far_init(&f, true, &c);
	far_start(&f, &s, TLS_NAMING_HOST, "a.example");
	far_run(&f);
	check_sentence(&f, NULL);
	assert_false(tls_peer_is(f.tls, TLS_NAMING_HOST, "a.example"));
	far_clear(&f);
	mem_free(pin);
	cert_free(&c);
}

static void a_ca_file_may_name_the_server_itself(void **state)
{
	(void)state;
	struct cert c = cert_make(SPEC(.sans = "DNS:a.example"));
	struct tls_settings s = { .ca_file = cert_save(&c, "self.pem", false) };
	struct far f;
	far_init(&f, true, &c);
	far_start(&f, &s, TLS_NAMING_HOST, "a.example");
	far_run(&f);
	check_sentence(&f, NULL);
	far_clear(&f);
	cert_free(&c);
}

static void insecure_takes_anything_but_old_tls(void **state)
{
	(void)state;
	struct cert c = cert_make(SPEC(.from = -90, .to = -3));
	struct tls_settings s = { .insecure = true };
	struct far f;
	far_init(&f, true, &c);
	far_start(&f, &s, TLS_NAMING_HOST, "a.example");
	far_run(&f);
	check_sentence(&f, NULL);
	assert_false(tls_peer_is(f.tls, TLS_NAMING_HOST, "a test"));
	far_clear(&f);
	far_init(&f, true, &c);
	SSL_CTX_set_max_proto_version(f.ctx, TLS1_1_VERSION);
	far_start(&f, &s, TLS_NAMING_HOST, "a.example");
	far_run(&f);
	check_sentence(&f, "speaks neither TLS 1.2 nor 1.3");
	far_clear(&f);
	cert_free(&c);
}

/* ---- downgrades ---- */

static void an_old_server_is_refused(void **state)
{
	(void)state;
	static const int versions[] = { TLS1_VERSION, TLS1_1_VERSION };
	struct cert c = cert_make(SPEC(GOOD));
	for (size_t i = 0; i < 2; i++) {
		struct tls_settings s = { .ca_file = trust_file() };
		struct far f;
		far_init(&f, true, &c);
		SSL_CTX_set_max_proto_version(f.ctx, versions[i]);
		far_start(&f, &s, TLS_NAMING_HOST, "a.example");
		far_run(&f);
		check_sentence(&f, "speaks neither TLS 1.2 nor 1.3");
		far_clear(&f);
	}
	cert_free(&c);
}

/* A ServerHello of this version and cipher suite, and nothing else. */
static void hello(struct buf *out, unsigned char minor, unsigned suite)
{
	unsigned char record[5 + 4 + 38] = { 22, 3, minor, 0, 42, 2, 0, 0, 38,
		3, minor };
	record[5 + 4 + 2 + 32] = 0; /* session id */
	record[5 + 4 + 2 + 32 + 1] = (unsigned char)(suite >> 8);
	record[5 + 4 + 2 + 32 + 2] = (unsigned char)suite;
	buf_add(out, record, sizeof(record));
}

static void check_answer(struct span answer, const char *sentence)
{
	struct tls_settings s = { .ca_file = trust_file() };
	struct far f;
	far_init(&f, true, NULL);
	far_start(&f, &s, TLS_NAMING_HOST, "a.example");
	assert_ok(
		tls_step(f.tls, &f.wire_in, &f.wire_out, &f.plain, &f.e), &f.e);
	buf_span(&f.wire_in, answer);
	f.over = !tls_step(f.tls, &f.wire_in, &f.wire_out, &f.plain, &f.e);
	check_sentence(&f, sentence);
	/* And it stays over. */
	assert_false(tls_step(f.tls, &f.wire_in, &f.wire_out, &f.plain, &f.e));
	far_clear(&f);
}

static void an_answer_nobody_asked_for_is_refused(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(256);
	hello(&b, 0, 0x002f); /* SSL 3.0 */
	check_answer(buf_view(&b), "speaks neither TLS 1.2 nor 1.3");
	buf_reset(&b);
	hello(&b, 3, 0x0000); /* TLS_NULL_WITH_NULL_NULL */
	check_answer(buf_view(&b), "TLS failed: ");
	buf_reset(&b);
	hello(&b, 3, 0x0003); /* TLS_RSA_EXPORT_WITH_RC4_40_MD5 */
	check_answer(buf_view(&b), "TLS failed: ");
	buf_clear(&b);
	check_answer(SPAN("HTTP/1.1 400 Bad Request\r\n\r\n"), "is not TLS");
	check_answer(SPAN("<?xml version='1.0'?><stream:stream>"), "not TLS");
	check_answer(SPAN("\025\003\003\000\002\002\050"),
		"no cipher in common with us, or wants a client certificate");
	check_answer(SPAN("\025\003\003\000\002\002\106"),
		"speaks neither TLS 1.2 nor 1.3");
	check_answer(SPAN("\025\003\003\000\002\002\160"),
		"does not serve \"a.example\"");
	check_answer(SPAN("\025\003\003\000\002\002\120"),
		"the far side ended TLS: internal error");
}

static void an_old_client_is_refused(void **state)
{
	(void)state;
	struct cert c = cert_make(SPEC(GOOD));
	struct tls_settings s = { .server = true,
		.cert_file = cert_save(&c, "own.pem", true) };
	struct far f;
	far_init(&f, false, NULL);
	SSL_CTX_set_min_proto_version(f.ctx, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(f.ctx, TLS1_1_VERSION);
	far_start(&f, &s, TLS_NAMING_HOST, NULL);
	far_run(&f);
	check_sentence(&f, "speaks neither TLS 1.2 nor 1.3");
	far_clear(&f);
	cert_free(&c);
}

static void weak_ciphers_are_refused(void **state)
{
	(void)state;
	static const char *const lists[] = { "NULL", "ADH", "RC4", "3DES",
		"EXPORT" };
	struct cert c = cert_make(SPEC(GOOD));
	int tried = 0;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct tls_settings s = { .ca_file = trust_file() };
		struct far f;
		far_init(&f, true, &c);
		SSL_CTX_set_max_proto_version(f.ctx, TLS1_2_VERSION);
		/* Most are not even built into OpenSSL any more. */
		if (SSL_CTX_set_cipher_list(f.ctx, lists[i]) == 1) {
			tried++;
			far_start(&f, &s, TLS_NAMING_HOST, "a.example");
			far_run(&f);
			check_sentence(&f, "no cipher in common");
		}
		far_clear(&f);
	}
	assert_true(tried > 0);
	cert_free(&c);
}

static int answer_h2(SSL *ssl, const unsigned char **out, unsigned char *n,
	const unsigned char *in, unsigned in_n, void *arg)
{
	(void)ssl;
	(void)in;
	(void)in_n;
	(void)arg;
	*out = (const unsigned char *)"h2";
	*n = 2;
	return SSL_TLSEXT_ERR_OK;
}

static int answer_nothing(SSL *ssl, const unsigned char **out, unsigned char *n,
	const unsigned char *in, unsigned in_n, void *arg)
{
	(void)ssl;
	(void)out;
	(void)n;
	(void)in;
	(void)in_n;
	(void)arg;
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static void another_protocol_is_refused(void **state)
{
	(void)state;
	struct cert c = cert_make(SPEC(GOOD));
	struct tls_settings s = { .ca_file = trust_file(),
		.alpn = "xmpp-client" };
	struct far f;
	far_init(&f, true, &c);
	SSL_CTX_set_alpn_select_cb(f.ctx, answer_h2, NULL);
	far_start(&f, &s, TLS_NAMING_HOST, "a.example");
	far_run(&f);
	/* Newer releases of OpenSSL find it before us. */
	check_sentence(&f, "");
	assert_true(strstr(f.e.text, "protocol \"h2\", not \"xmpp-client\"") ||
		    strstr(f.e.text, "(another protocol of ALPN?)"));
	far_clear(&f);
	far_init(&f, true, &c);
	SSL_CTX_set_alpn_select_cb(f.ctx, answer_nothing, NULL);
	far_start(&f, &s, TLS_NAMING_HOST, "a.example");
	far_run(&f);
	check_sentence(&f, "does not speak \"xmpp-client\" here (ALPN)");
	far_clear(&f);

	s = (struct tls_settings){ .server = true,
		.alpn = "xmpp-client",
		.cert_file = cert_save(&c, "own.pem", true) };
	far_init(&f, false, NULL);
	SSL_CTX_set_alpn_protos(f.ctx, (const unsigned char *)"\2h2", 3);
	far_start(&f, &s, TLS_NAMING_HOST, NULL);
	far_run(&f);
	check_sentence(&f, "does not offer \"xmpp-client\" (ALPN)");
	far_clear(&f);
	cert_free(&c);
}

static void a_record_changed_on_the_way_ends_it(void **state)
{
	(void)state;
	struct cert c = cert_make(SPEC(GOOD));
	struct tls_settings s = { .ca_file = trust_file() };
	struct far f;
	char bytes[256];
	far_init(&f, true, &c);
	far_start(&f, &s, TLS_NAMING_HOST, "a.example");
	far_run(&f);
	far_say(&f, "hello");
	int n = BIO_read(f.out, bytes, sizeof(bytes));
	bytes[n - 1] ^= 1;
	buf_add(&f.wire_in, bytes, (size_t)n);
	far_run(&f);
	assert_true(f.over);
	assert_non_null(strstr(f.e.text, "changed on the way"));
	assert_int_equal(f.plain.len, 0);
	far_clear(&f);
	cert_free(&c);
}

static void a_client_certificate_of_nobody_known_is_refused(void **state)
{
	(void)state;
	struct cert own = cert_make(SPEC(GOOD));
	struct cert stranger = cert_make(SPEC(.cn = "eve", .issuer = &other_ca,
		.purposes = "clientAuth"));
	char *own_file = mem_str(cert_save(&own, "own.pem", true));
	struct tls_settings s = { .server = true,
		.cert_file = own_file,
		.ca_file = trust_file(),
		.ask_client_certificate = true };
	struct far f;
	far_init(&f, false, &stranger);
	far_start(&f, &s, TLS_NAMING_XMPP, NULL);
	far_run(&f);
	check_sentence(&f, "signed by \"Other CA\", which is not known");
	far_clear(&f);
	mem_free(own_file);
	cert_free(&own);
	cert_free(&stranger);
}

static void one_that_wants_our_certificate_says_so(void **state)
{
	(void)state;
	struct cert c = cert_make(SPEC(GOOD));
	struct tls_settings s = { .ca_file = trust_file() };
	struct far f;
	far_init(&f, true, &c);
	SSL_CTX_set_verify(
		f.ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	far_start(&f, &s, TLS_NAMING_HOST, "a.example");
	far_run(&f);
	/* In TLS 1.3 a client is open before the server has looked. */
	assert_true(f.over);
	assert_string_equal(f.e.text,
		"the far side wants a client certificate (--cert FILE)");
	far_clear(&f);
	cert_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_certificate_is_taken),
		cmocka_unit_test(one_of_another_time_is_refused),
		cmocka_unit_test(one_that_nobody_known_has_signed_is_refused),
		cmocka_unit_test(one_for_something_else_is_refused),
		cmocka_unit_test(a_weak_one_is_refused),
		cmocka_unit_test(one_of_another_name_is_refused),
		cmocka_unit_test(a_pin_is_that_key_and_no_other),
		cmocka_unit_test(a_ca_file_may_name_the_server_itself),
		cmocka_unit_test(insecure_takes_anything_but_old_tls),
		cmocka_unit_test(an_old_server_is_refused),
		cmocka_unit_test(an_answer_nobody_asked_for_is_refused),
		cmocka_unit_test(an_old_client_is_refused),
		cmocka_unit_test(weak_ciphers_are_refused),
		cmocka_unit_test(another_protocol_is_refused),
		cmocka_unit_test(a_record_changed_on_the_way_ends_it),
		cmocka_unit_test(one_that_wants_our_certificate_says_so),
		cmocka_unit_test(
			a_client_certificate_of_nobody_known_is_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
