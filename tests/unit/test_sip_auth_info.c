/* Authentication-Info: what a server proves with it, and what it does not
 * (RFC 7616 section 3.5). */
#include "tests/common/test.h"

#include <string.h>

#include "base/buf.h"
#include "sip/digest.h"

/* Computed by hand, with other people's hashes. */
static const struct vector {
	const char *user, *password, *sent, *body, *info;
} vectors[] = {
	/* what RFC 2617 section 3.5 would have been answered */
	{ "Mufasa", "Circle Of Life",
		"Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
		"nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
		"uri=\"/dir/index.html\", qop=auth, nc=00000001, "
		"cnonce=\"0a4f113b\", response=\"\"",
		"not in it",
		"rspauth=\"376602cfd2f4e8e5e78b948a85263e85\", "
		"cnonce=\"0a4f113b\", qop=auth, nc=00000001" },
	{ "u", "p",
		"Digest username=\"u\", realm=\"r\", nonce=\"n\", "
		"uri=\"sip:a\", response=\"\"",
		"not in it", "rspauth=\"120daa8c00cb5396857ec25a96af34ec\"" },
	{ "u", "p",
		"Digest username=\"u\", realm=\"r\", nonce=\"n\", "
		"uri=\"sip:a\", response=\"\", algorithm=SHA-256, "
		"qop=auth-int, nc=00000002, cnonce=\"c\"",
		"body",
		"rspauth=\"dff8e9b5fd4a9e36e2d906bd9528d68f51613a29be77872053"
		"767bd339f1c582\", cnonce=\"c\", qop=auth-int, nc=00000002" },
	{ "u", "p",
		"Digest username=\"u\", realm=\"r\", nonce=\"n\", "
		"uri=\"sip:a\", response=\"\", algorithm=SHA-512-256-sess, "
		"qop=auth, nc=00000003, cnonce=\"c\"",
		"not in it",
		"rspauth=\"dd3e4fba02511d923d0143193ef423d7abc4ea400ccd28880f"
		"af11edd9ad2243\", cnonce=\"c\", qop=auth, nc=00000003" },
};

static void who_knows_the_password_proves_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		const struct vector *v = &vectors[i];
		struct sip_digest_login login = { .user = span_of(v->user),
			.password = span_of(v->password) };
		struct span body = span_of(v->body);
		struct buf b = BUF_INIT(1000);
		struct sip_credentials sent;
		struct sip_auth_info info;
		struct err e = ERR_NONE;

		assert_ok(
			sip_credentials_parse(&sent, span_of(v->sent), &e), &e);
		assert_true(sip_auth_info_format(
			&b, &sent, &login, body, SPAN_EMPTY));
		assert_span(buf_view(&b), v->info);
		assert_ok(sip_auth_info_parse(&info, buf_view(&b), &e), &e);
		assert_true(sip_auth_info_verify(&info, &sent, &login, body));
		/* by another password, for another body where that counts */
		assert_int_equal(sip_auth_info_verify(
					 &info, &sent, &login, SPAN("another")),
			sent.qop != SIP_QOP_AUTH_INT);
		login.password = SPAN("P");
		assert_false(sip_auth_info_verify(&info, &sent, &login, body));
		buf_clear(&b);
	}
}

static void what_is_about_another_answer_proves_nothing(void **state)
{
	static const char *const rows[] = {
		"cnonce=\"0a4f113b\", qop=auth, nc=00000001",
		"rspauth=\"\"",
		"rspauth=\"376602cfd2f4e8e5e78b948a85263e8\"",
		"rspauth=\"376602cfd2f4e8e5e78b948a85263e855\"",
		"rspauth=\"6629fae49393a05397450978507c4ef1\"", /* ours */
		"rspauth=\"376602cfd2f4e8e5e78b948a85263e85\", cnonce=\"x\"",
		"rspauth=\"376602cfd2f4e8e5e78b948a85263e85\", nc=00000002",
	};
	const struct vector *v = &vectors[0];
	const struct sip_digest_login login = { .user = span_of(v->user),
		.password = span_of(v->password) };
	struct sip_credentials sent;
	struct sip_auth_info info;

	(void)state;
	assert_true(sip_credentials_parse(&sent, span_of(v->sent), NULL));
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_true(sip_auth_info_parse(&info, span_of(rows[i]), NULL));
		if (sip_auth_info_verify(&info, &sent, &login, SPAN_EMPTY))
			fail_msg("taken as a proof: %s", rows[i]);
	}
	/* INTEROP: upper case, and without what it repeats */
	assert_true(sip_auth_info_parse(&info,
		SPAN("rspauth=\"376602CFD2F4E8E5E78B948A85263E85\""), NULL));
	assert_true(sip_auth_info_verify(&info, &sent, &login, SPAN_EMPTY));
}

static void its_parameters_are_read_strictly(void **state)
{
	static const char *const bad[] = { "rspauth", "rspauth=\"a", "nc=1",
		"nc=0000000g", "nextnonce=\"a\", nextnonce=\"b\"",
		"Digest nextnonce=\"a\"", "=\"a\"", "a=b c" };
	struct sip_auth_info info;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (sip_auth_info_parse(&info, span_of(bad[i]), NULL))
			fail_msg("taken: %s", bad[i]);
	assert_true(sip_auth_info_parse(&info,
		SPAN("NextNonce=\"a\\\"b\",, qop=auth-int,new=1 , nc=0000000A"),
		NULL));
	assert_span(info.next_nonce, "a\\\"b");
	assert_int_equal(info.qop, SIP_QOP_AUTH_INT);
	assert_int_equal(info.nonce_count, 10);
	assert_false(info.has_rspauth);
}

TEST_MAIN(cmocka_unit_test(who_knows_the_password_proves_it),
	cmocka_unit_test(what_is_about_another_answer_proves_nothing),
	cmocka_unit_test(its_parameters_are_read_strictly))
