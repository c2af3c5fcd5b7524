/* A connection that is up: bytes both ways, what it tells about itself, and
 * what it does not do (tickets, renegotiation). */
#include "tests/common/test.h"

#include <openssl/x509v3.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/mem.h"
#include "tests/common/tls_far.h"

static struct cert ca, own;
static char *ca_file, *own_file;

#define SPEC(...) (&(struct cert_spec){ __VA_ARGS__ })

static int setup(void **state)
{
	(void)state;
	ca = cert_make(SPEC(.cn = "Good CA", .ca = true));
	own = cert_make(SPEC(.issuer = &ca, .sans = "DNS:a.example"));
	ca_file = mem_str(cert_save(&ca, "ca.pem", false));
	own_file = mem_str(cert_save(&own, "own.pem", true));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	cert_free(&ca);
	cert_free(&own);
	mem_free(ca_file);
	mem_free(own_file);
	return 0;
}

/* Ours as client, against a server of this version and certificate. */
static void open_client(struct far *f, int version, const struct cert *c)
{
	struct tls_settings s = { .ca_file = ca_file };
	far_init(f, true, c);
	SSL_CTX_set_max_proto_version(f->ctx, version);
	far_start(f, &s, TLS_NAMING_HOST, "a.example");
	far_run(f);
	assert_ok(tls_is_open(f->tls), &f->e);
}

static void open_server(struct far *f, int version)
{
	struct tls_settings s = { .server = true, .cert_file = own_file };
	far_init(f, false, NULL);
	SSL_CTX_set_max_proto_version(f->ctx, version);
	far_start(f, &s, TLS_NAMING_HOST, NULL);
	far_run(f);
	assert_ok(tls_is_open(f->tls), &f->e);
}

static void say(struct far *f, const char *text)
{
	assert_ok(tls_write(f->tls, span_of(text), &f->wire_out, &f->e), &f->e);
}

static void bytes_go_both_ways_in_any_pieces(void **state)
{
	(void)state;
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	for (size_t v = 0; v < 2; v++) {
		for (size_t piece = 0; piece <= 7; piece++) {
			struct tls_settings s = { .ca_file = ca_file };
			struct far f;
			far_init(&f, true, &own);
			SSL_CTX_set_max_proto_version(f.ctx, versions[v]);
			far_start(&f, &s, TLS_NAMING_HOST, "a.example");
			f.piece = piece;
			far_run(&f);
			assert_ok(tls_is_open(f.tls), &f.e);
			say(&f, "to you");
			far_say(&f, "to me");
			far_run(&f);
			assert_span(buf_view(&f.said), "to you");
			assert_span(buf_view(&f.plain), "to me");
			far_clear(&f);
		}
	}
}

static void what_is_long_goes_in_whole_records(void **state)
{
	(void)state;
	struct far f;
	struct buf text = BUF_INIT(200000);
	for (unsigned i = 0; text.len < 150000; i++)
		buf_printf(&text, "%u,", i);
	open_client(&f, TLS1_3_VERSION, &own);
	say(&f, buf_text(&text));
	size_t records = text.len / TLS_RECORD_MAX + 1;
	assert_in_range(f.wire_out.len, text.len,
		text.len + records * TLS_RECORD_OVERHEAD);
	far_run(&f);
	assert_true(span_equal(buf_view(&f.said), buf_view(&text)));
	far_clear(&f);
	buf_clear(&text);
}

static void a_full_buffer_waits_for_room(void **state)
{
	(void)state;
	struct far f;
	open_client(&f, TLS1_3_VERSION, &own);
	far_say(&f, "0123456789");
	f.plain.max = 4;
	far_run(&f);
	assert_span(buf_view(&f.plain), "0123");
	buf_reset(&f.plain);
	far_run(&f);
	assert_span(buf_view(&f.plain), "4567");
	buf_reset(&f.plain);
	far_run(&f);
	assert_span(buf_view(&f.plain), "89");
	far_clear(&f);
}

static void what_does_not_fit_is_not_begun(void **state)
{
	(void)state;
	struct far f;
	open_client(&f, TLS1_3_VERSION, &own);
	f.wire_out.max = 100;
	assert_false(tls_write(f.tls, SPAN("hello"), &f.wire_out, &f.e));
	assert_int_equal(f.wire_out.len, 0);
	f.wire_out.max = 5 + TLS_RECORD_OVERHEAD;
	say(&f, "hello");
	far_run(&f);
	assert_span(buf_view(&f.said), "hello");
	far_clear(&f);
}

static void a_close_is_told_from_a_cut(void **state)
{
	(void)state;
	struct far f;
	open_client(&f, TLS1_3_VERSION, &own);
	far_say(&f, "bye");
	SSL_shutdown(f.ssl);
	assert_false(tls_has_ended(f.tls));
	far_run(&f);
	assert_true(tls_has_ended(f.tls));
	assert_span(buf_view(&f.plain), "bye");
	assert_false(SSL_get_shutdown(f.ssl) & SSL_RECEIVED_SHUTDOWN);
	tls_close(f.tls, &f.wire_out);
	far_run(&f);
	assert_true(SSL_get_shutdown(f.ssl) & SSL_RECEIVED_SHUTDOWN);
	far_clear(&f);
}

/* ---- what it tells ---- */

static size_t binding(
	const struct tls *t, enum tls_binding type, unsigned char out[64])
{
	struct buf b = BUF_INIT(64);
	bool usable = tls_binding_data(t, type, &b);
	size_t n = b.len;
	assert_true(usable == (n > 0));
	if (n)
		memcpy(out, b.data, n);
	buf_clear(&b);
	return n;
}

static void check_exporter(struct far *f)
{
	unsigned char ours[64], theirs[32];
	assert_int_equal(binding(f->tls, TLS_BINDING_EXPORTER, ours), 32);
	assert_int_equal(SSL_export_keying_material(f->ssl, theirs, 32,
				 "EXPORTER-Channel-Binding", 24,
				 (const unsigned char *)"", 0, 1),
		1);
	assert_memory_equal(ours, theirs, 32);
}

static void the_exporter_is_the_same_on_both_sides(void **state)
{
	(void)state;
	unsigned char data[64];
	struct far f;
	open_client(&f, TLS1_3_VERSION, &own);
	assert_string_equal(tls_version(f.tls), "TLSv1.3");
	assert_string_equal(tls_cipher(f.tls), "TLS_AES_256_GCM_SHA384");
	check_exporter(&f);
	assert_int_equal(binding(f.tls, TLS_BINDING_UNIQUE, data), 0);
	far_clear(&f);
	open_client(&f, TLS1_2_VERSION, &own);
	check_exporter(&f);
	far_clear(&f);
	open_server(&f, TLS1_3_VERSION);
	check_exporter(&f);
	far_clear(&f);
}

static void tls_unique_is_the_clients_finished(void **state)
{
	(void)state;
	unsigned char ours[64], theirs[64];
	struct far f;
	open_client(&f, TLS1_2_VERSION, &own);
	size_t n = SSL_get_peer_finished(f.ssl, theirs, sizeof(theirs));
	assert_int_equal(n, 12);
	assert_int_equal(binding(f.tls, TLS_BINDING_UNIQUE, ours), n);
	assert_memory_equal(ours, theirs, n);
	far_clear(&f);
	open_server(&f, TLS1_2_VERSION);
	n = SSL_get_finished(f.ssl, theirs, sizeof(theirs));
	assert_int_equal(binding(f.tls, TLS_BINDING_UNIQUE, ours), n);
	assert_memory_equal(ours, theirs, n);
	far_clear(&f);
}

static void without_extended_master_secret_nothing_binds(void **state)
{
	(void)state;
	unsigned char data[64];
	struct tls_settings s = { .ca_file = ca_file };
	struct far f;
	far_init(&f, true, &own);
	SSL_CTX_set_max_proto_version(f.ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(f.ctx, SSL_OP_NO_EXTENDED_MASTER_SECRET);
	far_start(&f, &s, TLS_NAMING_HOST, "a.example");
	assert_int_equal(binding(f.tls, TLS_BINDING_SERVER_END_POINT, data), 0);
	far_run(&f);
	assert_ok(tls_is_open(f.tls), &f.e);
	assert_int_equal(binding(f.tls, TLS_BINDING_EXPORTER, data), 0);
	assert_int_equal(binding(f.tls, TLS_BINDING_UNIQUE, data), 0);
	assert_int_equal(
		binding(f.tls, TLS_BINDING_SERVER_END_POINT, data), 32);
	far_clear(&f);
}

/* RFC 5929 section 4.1, by the hash of the certificate's signature. */
static void check_end_point(
	const char *ca_key, const char *signature, enum hash hash, size_t size)
{
	unsigned char ours[64], want[HASH_MAX], *der = NULL;
	struct cert signer =
		cert_make(SPEC(.cn = "Signer", .ca = true, .key = ca_key));
	struct cert c = cert_make(SPEC(.issuer = &signer,
		.sans = "DNS:a.example", .hash = signature));
	struct tls_settings s = { .insecure = true };
	struct far f;
	far_init(&f, true, &c);
	far_start(&f, &s, TLS_NAMING_HOST, "a.example");
	far_run(&f);
	assert_ok(tls_is_open(f.tls), &f.e);
	assert_int_equal(
		binding(f.tls, TLS_BINDING_SERVER_END_POINT, ours), size);
	if (size) {
		int n = i2d_X509(c.x, &der);
		hash_bytes(hash, span_from((char *)der, (size_t)n), want);
		assert_memory_equal(ours, want, size);
		OPENSSL_free(der);
	}
	far_clear(&f);
	cert_free(&c);
	cert_free(&signer);
}

static void the_end_point_is_hashed_as_it_was_signed(void **state)
{
	(void)state;
	check_end_point("P-256", "SHA256", HASH_SHA256, 32);
	check_end_point("P-256", "SHA512", HASH_SHA512, 64);
	check_end_point("RSA 2048", "SHA1", HASH_SHA256, 32);
	check_end_point("ED25519", NULL, HASH_SHA256, 0);
}

static void a_server_knows_its_own_end_point(void **state)
{
	(void)state;
	unsigned char client[64], server[64];
	struct far f;
	open_client(&f, TLS1_3_VERSION, &own);
	assert_int_equal(
		binding(f.tls, TLS_BINDING_SERVER_END_POINT, client), 32);
	far_clear(&f);
	open_server(&f, TLS1_3_VERSION);
	assert_int_equal(
		binding(f.tls, TLS_BINDING_SERVER_END_POINT, server), 32);
	far_clear(&f);
	assert_memory_equal(client, server, 32);
}

static const char *sni_of(const char *name, const char *sni)
{
	static char seen[256];
	struct tls_settings s = { .insecure = true };
	struct tls_peer peer = { .name = name, .sni = sni };
	struct far f;
	far_init(&f, true, &own);
	far_start(&f, &s, TLS_NAMING_HOST, name);
	tls_free(f.tls);
	struct tls_config *c = tls_config_new(&s, &f.e);
	f.tls = tls_new(c, &peer, CERTS_WALL, &f.e);
	tls_config_free(c);
	far_run(&f);
	const char *got = SSL_get_servername(f.ssl, TLSEXT_NAMETYPE_host_name);
	snprintf(seen, sizeof(seen), "%s", got ? got : "(none)");
	far_clear(&f);
	return seen;
}

static void the_server_name_is_a_host_name(void **state)
{
	(void)state;
	assert_string_equal(sni_of("a.example", NULL), "a.example");
	assert_string_equal(sni_of("a.example.", NULL), "a.example");
	assert_string_equal(sni_of("a.example", "b.example"), "b.example");
	assert_string_equal(sni_of("a.example", ""), "(none)");
	assert_string_equal(sni_of("192.0.2.1", NULL), "(none)");
	assert_string_equal(sni_of("2001:db8::1", NULL), "(none)");
}

static void both_agree_on_a_protocol(void **state)
{
	(void)state;
	struct tls_settings s = {
		.server = true, .cert_file = own_file, .alpn = "xmpp-client"
	};
	struct far f;
	far_init(&f, false, NULL);
	SSL_CTX_set_alpn_protos(
		f.ctx, (const unsigned char *)"\2h2\13xmpp-client", 15);
	far_start(&f, &s, TLS_NAMING_HOST, NULL);
	far_run(&f);
	assert_ok(tls_is_open(f.tls), &f.e);
	assert_span(tls_alpn(f.tls), "xmpp-client");
	far_clear(&f);
	/* Nobody asked: nothing agreed, and no fault (RFC 7301 3.1). */
	far_init(&f, false, NULL);
	far_start(&f, &s, TLS_NAMING_HOST, NULL);
	far_run(&f);
	assert_ok(tls_is_open(f.tls), &f.e);
	assert_int_equal(tls_alpn(f.tls).n, 0);
	far_clear(&f);
}

static void a_client_certificate_is_asked_for_and_named(void **state)
{
	(void)state;
	struct cert bob = cert_make(SPEC(.issuer = &ca,
		.purposes = "clientAuth", .xmpp_addr = "a.example"));
	struct tls_settings s = { .server = true,
		.cert_file = own_file,
		.ca_file = ca_file,
		.ask_client_certificate = true };
	struct far f;
	far_init(&f, false, &bob);
	far_start(&f, &s, TLS_NAMING_XMPP, NULL);
	far_run(&f);
	assert_ok(tls_is_open(f.tls), &f.e);
	assert_true(tls_peer_is(f.tls, TLS_NAMING_XMPP, "a.example"));
	assert_false(tls_peer_is(f.tls, TLS_NAMING_XMPP, "b.example"));
	assert_false(tls_peer_is(f.tls, TLS_NAMING_HOST, "a.example"));
	far_clear(&f);
	/* Asked, not required. */
	far_init(&f, false, NULL);
	far_start(&f, &s, TLS_NAMING_XMPP, NULL);
	far_run(&f);
	assert_ok(tls_is_open(f.tls), &f.e);
	assert_false(tls_peer_is(f.tls, TLS_NAMING_XMPP, "a.example"));
	far_clear(&f);
	cert_free(&bob);
}

static void our_client_certificate_is_shown_when_asked(void **state)
{
	(void)state;
	struct tls_settings s = { .ca_file = ca_file, .cert_file = own_file };
	struct far f;
	far_init(&f, true, &own);
	SSL_CTX_set_verify(f.ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(f.ctx, NULL, NULL);
	X509_STORE_add_cert(SSL_CTX_get_cert_store(f.ctx), ca.x);
	X509_VERIFY_PARAM_set_time(
		SSL_CTX_get0_param(f.ctx), CERTS_WALL / USEC_SEC);
	X509_VERIFY_PARAM_set_purpose(
		SSL_CTX_get0_param(f.ctx), X509_PURPOSE_ANY);
	far_start(&f, &s, TLS_NAMING_HOST, "a.example");
	far_run(&f);
	assert_ok(tls_is_open(f.tls), &f.e);
	X509 *seen = SSL_get0_peer_certificate(f.ssl);
	assert_non_null(seen);
	assert_int_equal(X509_cmp(seen, own.x), 0);
	far_clear(&f);
}

static void a_certificate_names_others_too(void **state)
{
	(void)state;
	struct cert both = cert_make(
		SPEC(.issuer = &ca, .sans = "DNS:a.example,DNS:b.example"));
	struct far f;
	open_client(&f, TLS1_3_VERSION, &both);
	assert_true(tls_peer_is(f.tls, TLS_NAMING_SIP, "b.example"));
	assert_false(tls_peer_is(f.tls, TLS_NAMING_SIP, "c.example"));
	far_clear(&f);
	cert_free(&both);
}

/* ---- what it does not do ---- */

static void no_session_can_be_resumed(void **state)
{
	(void)state;
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	for (size_t v = 0; v < 2; v++) {
		struct far f;
		open_server(&f, versions[v]);
		say(&f, "so that tickets had a chance");
		far_run(&f);
		SSL_SESSION *session = SSL_get0_session(f.ssl);
		assert_int_equal(SSL_SESSION_has_ticket(session), 0);
		if (versions[v] == TLS1_3_VERSION)
			assert_false(SSL_SESSION_is_resumable(session));
		far_clear(&f);
	}
}

static void a_server_that_renegotiates_is_told_no(void **state)
{
	(void)state;
	struct far f;
	open_client(&f, TLS1_2_VERSION, &own);
	unsigned char before[64], after[64];
	size_t n = SSL_get_finished(f.ssl, before, sizeof(before));
	SSL_renegotiate(f.ssl);
	SSL_do_handshake(f.ssl);
	far_run(&f);
	/* Ours has said no by an alert, which OpenSSL does not forgive: there
	 * was no second handshake. */
	assert_int_equal(f.reason, SSL_R_NO_RENEGOTIATION);
	assert_int_equal(SSL_get_finished(f.ssl, after, sizeof(after)), n);
	assert_memory_equal(before, after, n);
	far_clear(&f);
	open_server(&f, TLS1_2_VERSION);
	SSL_renegotiate(f.ssl);
	SSL_do_handshake(f.ssl);
	far_run(&f);
	assert_int_equal(f.reason, SSL_R_NO_RENEGOTIATION);
	far_clear(&f);
}

static void keys_are_logged_where_asked_for_others_to_read(void **state)
{
	(void)state;
	char *log = mem_str(certs_path("keys"));
	struct tls_settings s = { .ca_file = ca_file, .keylog_file = log };
	char line[512];
	int secrets = 0;
	for (int i = 0; i < 2; i++) {
		struct far f;
		far_init(&f, true, &own);
		far_start(&f, &s, TLS_NAMING_HOST, "a.example");
		far_run(&f);
		assert_ok(tls_is_open(f.tls), &f.e);
		far_clear(&f);
	}
	FILE *file = fopen(log, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		secrets += strncmp(line, "CLIENT_TRAFFIC_SECRET_0 ", 24) == 0;
	fclose(file);
	assert_int_equal(secrets, 2);
	struct stat st;
	assert_int_equal(stat(log, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	mem_free(log);
}

static void updates_of_keys_cost_nothing_but_an_answer(void **state)
{
	(void)state;
	struct far f;
	open_client(&f, TLS1_3_VERSION, &own);
	for (int i = 0; i < 100; i++) {
		SSL_key_update(f.ssl, SSL_KEY_UPDATE_REQUESTED);
		far_say(&f, ".");
		far_run(&f);
		say(&f, ",");
		far_run(&f);
	}
	assert_false(f.over);
	assert_int_equal(f.said.len, 100);
	assert_int_equal(f.plain.len, 100);
	far_clear(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_go_both_ways_in_any_pieces),
		cmocka_unit_test(what_is_long_goes_in_whole_records),
		cmocka_unit_test(a_full_buffer_waits_for_room),
		cmocka_unit_test(what_does_not_fit_is_not_begun),
		cmocka_unit_test(a_close_is_told_from_a_cut),
		cmocka_unit_test(the_exporter_is_the_same_on_both_sides),
		cmocka_unit_test(tls_unique_is_the_clients_finished),
		cmocka_unit_test(without_extended_master_secret_nothing_binds),
		cmocka_unit_test(the_end_point_is_hashed_as_it_was_signed),
		cmocka_unit_test(a_server_knows_its_own_end_point),
		cmocka_unit_test(the_server_name_is_a_host_name),
		cmocka_unit_test(both_agree_on_a_protocol),
		cmocka_unit_test(a_client_certificate_is_asked_for_and_named),
		cmocka_unit_test(our_client_certificate_is_shown_when_asked),
		cmocka_unit_test(a_certificate_names_others_too),
		cmocka_unit_test(no_session_can_be_resumed),
		cmocka_unit_test(a_server_that_renegotiates_is_told_no),
		cmocka_unit_test(
			keys_are_logged_where_asked_for_others_to_read),
		cmocka_unit_test(updates_of_keys_cost_nothing_but_an_answer),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
