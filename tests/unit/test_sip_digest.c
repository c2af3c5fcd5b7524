/* Digest: the RFCs' vectors, and both ends against each other. */
#include "tests/common/test.h"

#include <string.h>

#include "base/buf.h"
#include "sip/digest.h"

static struct sip_scan m;

/* RFC 7616 section 3.9.1; the user agent of RFC 2617 section 3.5 too. */
#define NONCE7616 "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
#define CNONCE7616 "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
#define NONCE_DOE "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK"
#define CNONCE_DOE "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v"

static const struct vector {
	const char *challenge, *user, *password, *method, *uri, *cnonce;
	const char *answer;
} vectors[] = {
	{ "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", "
	  "algorithm=SHA-256, nonce=\"" NONCE7616 "\", opaque=\"FQhe\"",
		"Mufasa", "Circle of Life", "GET", "/dir/index.html",
		CNONCE7616,
		"Digest username=\"Mufasa\", realm=\"http-auth@example.org\", "
		"nonce=\"" NONCE7616 "\", uri=\"/dir/index.html\", "
		"response=\"753927fa0e85d155564e2e272a28d1802ca10daf449"
		"6794697cf8db5856cb6c1\", algorithm=SHA-256, "
		"cnonce=\"" CNONCE7616 "\", opaque=\"FQhe\", qop=auth, "
		"nc=00000001" },
	{ "DIGEST\r\n realm=\"http-auth@example.org\",qop=\"auth\","
	  "algorithm=md5,nonce=\"" NONCE7616 "\"",
		"Mufasa", "Circle of Life", "GET", "/dir/index.html",
		CNONCE7616,
		"Digest username=\"Mufasa\", realm=\"http-auth@example.org\", "
		"nonce=\"" NONCE7616 "\", uri=\"/dir/index.html\", "
		"response=\"8ca523f5e9506fed4657c9700eebdbec\", "
		"algorithm=md5, cnonce=\"" CNONCE7616 "\", qop=auth, "
		"nc=00000001" },
	/* RFC 2617 section 3.5 */
	{ "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", "
	  "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
	  "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
		"Mufasa", "Circle Of Life", "GET", "/dir/index.html",
		"0a4f113b",
		"Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
		"nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
		"uri=\"/dir/index.html\", "
		"response=\"6629fae49393a05397450978507c4ef1\", "
		"cnonce=\"0a4f113b\", "
		"opaque=\"5ccc069c403ebaf9f0171e9517f40e41\", qop=auth, "
		"nc=00000001" },
	/* RFC 7616 section 3.9.2, as its erratum 4897 corrects it: the text
	 * has cut SHA-512 to half instead of SHA-512/256. */
	{ "Digest realm=\"api@example.org\", qop=\"auth\", "
	  "algorithm=SHA-512-256, nonce=\"" NONCE_DOE "\", charset=UTF-8, "
	  "userhash=true",
		"J\xc3\xa4s\xc3\xb8n Doe", "Secret, or not?", "GET",
		"/doe.json", CNONCE_DOE,
		"Digest username=\"793263caabb707a56211940d90411ea4a575adeccb"
		"7e360aeb624ed06ece9b0b\", realm=\"api@example.org\", "
		"nonce=\"" NONCE_DOE "\", uri=\"/doe.json\", "
		"response=\"3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db"
		"9d95eeb1cec68a5\", algorithm=SHA-512-256, "
		"cnonce=\"" CNONCE_DOE "\", qop=auth, nc=00000001, "
		"userhash=true" },
};

static void answers_are_those_of_the_rfcs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		const struct vector *v = &vectors[i];
		struct sip_challenge c;
		struct err e = ERR_NONE;
		struct buf b = BUF_INIT(5000);
		const struct sip_digest_login login = { .user = span_of(
								v->user),
			.password = span_of(v->password) };
		const struct sip_digest_request request = { .method = span_of(
								    v->method),
			.uri = span_of(v->uri),
			.cnonce = span_of(v->cnonce),
			.nonce_count = 1 };
		assert_ok(
			sip_challenge_parse(&c, span_of(v->challenge), &e), &e);
		assert_ok(sip_digest_answer(&b, &c, &login, &request, &e), &e);
		assert_span(buf_view(&b), v->answer);
		buf_clear(&b);
	}
}

/* Every algorithm, session, qop, userhash, and a password or its HA1. */
static void both_ends_agree_in_every_combination(void **state)
{
	(void)state;
	unsigned count = 0;
	for (unsigned bits = 0; bits < 3 * 2 * 4 * 2 * 2; bits++) {
		enum sip_digest_algorithm a = 1 + bits % 3;
		struct sip_digest_offer offer = { .realm = SPAN("a \"b\""),
			.nonce = SPAN("n"),
			.algorithm = a,
			.is_sess = bits / 3 % 2,
			.qop = bits / 6 % 4,
			.userhash = bits / 24 % 2,
			.is_stale = bits / 48 % 2 };
		struct buf challenge = BUF_INIT(5000), answer = BUF_INIT(5000);
		struct sip_challenge c;
		struct sip_credentials got;
		struct err e = ERR_NONE;
		char ha1[SIP_DIGEST_HEX_MAX];
		const struct sip_digest_login login = { .user = SPAN("b\"ob"),
			.password = SPAN("") };
		struct sip_digest_login stored = { .user = SPAN("b\"ob") };
		const struct sip_digest_request request = { .method = SPAN(
								    "INVITE"),
			.uri = SPAN("sip:a@b"),
			.body = SPAN("v=0"),
			.cnonce = SPAN("cn"),
			.nonce_count = 0xabcdef01,
			.prefer_auth_int = true };
		assert_true(sip_digest_challenge(&challenge, &offer));
		assert_ok(
			sip_challenge_parse(&c, buf_view(&challenge), &e), &e);
		assert_int_equal(c.is_stale, offer.is_stale);
		assert_ok(sip_digest_answer(&answer, &c, &login, &request, &e),
			&e);
		assert_ok(
			sip_credentials_parse(&got, buf_view(&answer), &e), &e);
		assert_int_equal(got.algorithm, a);
		assert_int_equal(got.is_sess, offer.is_sess);
		assert_int_equal(got.qop, offer.qop & SIP_QOP_AUTH_INT
						  ? SIP_QOP_AUTH_INT
						  : offer.qop);
		if (got.qop)
			assert_int_equal(got.nonce_count, 0xabcdef01);
		assert_true(sip_digest_is_user(&got, SPAN("b\"ob")));
		assert_false(sip_digest_is_user(&got, SPAN("b\"o")));
		sip_digest_ha1(ha1, a, SPAN("b\"ob"), got.realm, SPAN(""));
		stored.ha1[a] = span_of(ha1);
		assert_true(sip_digest_verify(
			&got, &login, SPAN("INVITE"), SPAN("v=0")));
		assert_true(sip_digest_verify(
			&got, &stored, SPAN("INVITE"), SPAN("v=0")));
		assert_false(sip_digest_verify(
			&got, &stored, SPAN("BYE"), SPAN("v=0")));
		assert_int_equal(sip_digest_verify(&got, &stored,
					 SPAN("INVITE"), SPAN("v=1")),
			got.qop != SIP_QOP_AUTH_INT);
		stored.ha1[a] = SPAN("00");
		assert_false(sip_digest_verify(
			&got, &stored, SPAN("INVITE"), SPAN("v=0")));
		count++;
		buf_clear(&challenge);
		buf_clear(&answer);
	}
	assert_int_equal(count, 96);
}

#define WWW(rest) "WWW-Authenticate: " rest "\r\n"
static void the_strongest_answerable_challenge_is_chosen(void **state)
{
	(void)state;
	struct sip_challenge c;
	struct err e = ERR_NONE;
	struct sip_digest_login login = { .user = SPAN("u"),
		.password = SPAN("p") };
	assert_true(sip_scan(&m,
		SPAN("SIP/2.0 401 Unauthorized\r\n" WWW("Basic realm=\"b\"")
				WWW("Digest realm=\"1\", nonce=\"n\"") WWW(
					"Digest realm=\"2\", nonce=\"n\", "
					"algorithm=SHA-256, qop=\"auth\"")
					WWW("Digest realm=\"3\", "
					    "nonce=\"n\", "
					    "algorithm=SHA-256, "
					    "qop=\"auth\"") WWW("Digest "
								"realm="
								"\"4\", "
								"nonce="
								"\"n\", "
								"algorithm="
								"SHA3-512")
						WWW("Digest realm=\"5\", "
						    "nonce=\"n\", "
						    "algorithm=SHA-512-256, "
						    "qop=\"new\"")
							WWW("Digest "
							    "realm=\"6\", "
							    "algorithm=SHA-512-"
							    "256") "\r\n")));
	assert_ok(sip_challenge_choose(
			  &c, &m, SIP_HDR_WWW_AUTHENTICATE, &login, false, &e),
		&e);
	assert_span(c.realm, "2");
	assert_ok(sip_challenge_choose(
			  &c, &m, SIP_HDR_WWW_AUTHENTICATE, &login, true, &e),
		&e);
	assert_span(c.realm, "1");

	/* An HA1 fits its algorithm and realm. */
	login.password = SPAN_EMPTY;
	login.ha1[SIP_DIGEST_MD5] = SPAN("0123456789abcdef0123456789abcdef");
	assert_ok(sip_challenge_choose(
			  &c, &m, SIP_HDR_WWW_AUTHENTICATE, &login, false, &e),
		&e);
	assert_span(c.realm, "1");
	login.ha1_realm = SPAN("2");
	assert_false(sip_challenge_choose(
		&c, &m, SIP_HDR_WWW_AUTHENTICATE, &login, false, &e));
	assert_int_equal(e.status, STATUS_AUTH);
	assert_false(sip_challenge_choose(
		&c, &m, SIP_HDR_PROXY_AUTHENTICATE, &login, false, &e));
	assert_int_equal(e.status, STATUS_AUTH);
}

static void malformed_challenges_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "Digest", "Digest ",
		"Basic realm=\"a\"", "Digestrealm=\"a\", nonce=\"b\"",
		"Digest realm=\"a\"", "Digest nonce=\"a\"",
		"Digest realm=\"a\", nonce=\"b\", x",
		"Digest realm=\"a, nonce=\"b\"",
		"Digest realm=\"a\", nonce=\"b\\\"",
		"Digest realm=\"a\", nonce=\"b\", realm=\"c\"",
		"Digest realm=\"a\" nonce=\"b\"",
		"Digest realm=a b, nonce=\"b\"", "Digest =\"a\"" };
	struct sip_challenge c;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (sip_challenge_parse(&c, span_of(bad[i]), NULL))
			fail_msg("taken as a challenge: %s", bad[i]);
	assert_true(sip_challenge_parse(
		&c, SPAN("Digest realm=\"\",nonce=\"\",,stale=TRUE,"), NULL));
	assert_true(c.is_stale);
	assert_int_equal(c.algorithm, SIP_DIGEST_MD5);
	assert_true(sip_challenge_parse(&c,
		SPAN("Digest realm=\"a\",nonce=\"b\",algorithm=sha-256-SESS"),
		NULL));
	assert_int_equal(c.algorithm, SIP_DIGEST_SHA256);
	assert_true(c.is_sess);
}

#define CREDENTIALS                                                            \
	"Digest username=\"u\",realm=\"r\",nonce=\"n\",uri=\"sip:a\""
static void malformed_credentials_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { "Basic dTpw", CREDENTIALS,
		CREDENTIALS ",response=\"a\",qop=auth",
		CREDENTIALS ",response=\"a\",qop=auth,nc=00000001",
		CREDENTIALS ",response=\"a\",qop=auth,cnonce=\"c\"",
		CREDENTIALS ",response=\"a\",qop=auth,cnonce=\"c\",nc=1",
		CREDENTIALS ",response=\"a\",qop=auth,cnonce=\"c\",nc=0000000g",
		CREDENTIALS ",response=\"a\",qop=none",
		CREDENTIALS ",response=\"a\",qop=\"auth,auth-int\"",
		CREDENTIALS ",response=\"a\",algorithm=MD5-sess",
		CREDENTIALS ",response=\"a\",username=\"v\"",
		CREDENTIALS ",response=\"a\",x" };
	struct sip_credentials c;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (sip_credentials_parse(&c, span_of(bad[i]), NULL))
			fail_msg("taken as credentials: %s", bad[i]);
	assert_true(sip_credentials_parse(
		&c, SPAN(CREDENTIALS ",response=\"a\""), NULL));
	const struct sip_digest_login login = { .user = SPAN("u"),
		.password = SPAN("p") };
	assert_false(
		sip_digest_verify(&c, &login, SPAN("REGISTER"), SPAN_EMPTY));
	assert_true(sip_credentials_parse(
		&c, SPAN(CREDENTIALS ",response=\"a\",algorithm=other"), NULL));
	assert_false(
		sip_digest_verify(&c, &login, SPAN("REGISTER"), SPAN_EMPTY));
}

static void nothing_is_injected_by_a_user_or_realm(void **state)
{
	(void)state;
	struct sip_challenge c;
	struct err e = ERR_NONE;
	struct buf b = BUF_INIT(1000);
	const struct sip_digest_login login = { .user = SPAN("u\r\nVia: x"),
		.password = SPAN("p") };
	const struct sip_digest_request request = {
		.method = SPAN("A"), .uri = SPAN("sip:a"), .nonce_count = 1
	};
	assert_true(sip_challenge_parse(
		&c, SPAN("Digest realm=\"a\",nonce=\"b\""), NULL));
	assert_false(sip_digest_answer(&b, &c, &login, &request, &e));
	assert_int_equal(e.status, STATUS_MALFORMED);
	const struct sip_digest_login nothing = { .user = SPAN("u") };
	assert_false(sip_digest_answer(&b, &c, &nothing, &request, &e));
	assert_int_equal(e.status, STATUS_AUTH);
	buf_reset(&b);
	const struct sip_digest_offer offer = { .realm = SPAN("a\nb"),
		.nonce = SPAN("n"),
		.algorithm = SIP_DIGEST_MD5 };
	assert_false(sip_digest_challenge(&b, &offer));
	buf_reset(&b);
	struct sip_digest_offer good = {
		.realm = SPAN("a"), .nonce = SPAN("n"), .opaque = SPAN("o\"p")
	};
	assert_false(sip_digest_challenge(&b, &good)); /* no algorithm */
	good.algorithm = SIP_DIGEST_MD5;
	buf_reset(&b);
	assert_true(sip_digest_challenge(&b, &good));
	assert_span(buf_view(&b),
		"Digest realm=\"a\", nonce=\"n\", opaque=\"o\\\"p\", "
		"algorithm=MD5");
	buf_clear(&b);
}

TEST_MAIN(cmocka_unit_test(answers_are_those_of_the_rfcs),
	cmocka_unit_test(both_ends_agree_in_every_combination),
	cmocka_unit_test(the_strongest_answerable_challenge_is_chosen),
	cmocka_unit_test(malformed_challenges_are_refused),
	cmocka_unit_test(malformed_credentials_are_refused),
	cmocka_unit_test(nothing_is_injected_by_a_user_or_realm))
