/* Challenges that get an answer, and those that must not (RFC 3261 section
 * 22, RFC 8760). */
#include "tests/common/test.h"

#include <string.h>

#include "tests/common/sip_guard.h"

static void each_kind_of_challenge_is_answered_with_the_next_cseq(void **state)
{
	static const struct {
		unsigned code;
		const char *challenges, *want;
	} rows[] = {
		{ 401,
			"WWW-Authenticate: Digest realm=\"home\", "
			"nonce=\"@\", qop=\"auth\"\r\n",
			"MESSAGE 7 nothing;MESSAGE 8 MD5 1;" },
		{ 407,
			"Proxy-Authenticate: Digest realm=\"home\", "
			"nonce=\"@\", qop=\"auth-int,token\"\r\n",
			"MESSAGE 7 nothing;MESSAGE 8 MD5 1;" },
		{ 401,
			"WWW-Authenticate: Digest realm=\"home\", "
			"nonce=\"@\", qop=\"auth\", userhash=true, "
			"algorithm=SHA-256\r\n",
			"MESSAGE 7 nothing;MESSAGE 8 SHA-256 1;" },
		/* the strongest, not the topmost */
		{ 401,
			"WWW-Authenticate: Basic realm=\"home\"\r\n"
			"WWW-Authenticate: Digest realm=\"home\", "
			"nonce=\"@\", qop=\"auth\", algorithm=MD5\r\n"
			"WWW-Authenticate: Digest realm=\"home\", "
			"nonce=\"@\", qop=\"auth\", "
			"algorithm=SHA-512-256\r\n"
			"WWW-Authenticate: Digest realm=\"home\", "
			"nonce=\"@\", qop=\"auth\", "
			"algorithm=SHA-1024\r\n",
			"MESSAGE 7 nothing;MESSAGE 8 SHA-512-256 1;" },
	};
	struct sip_guarded w;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		sip_guarded_open(&w, &sip_asker_alice);
		sip_login_trust(w.asker.login, SPAN("sip:192.0.2.2"));
		w.guard.code = rows[i].code;
		w.guard.challenges = rows[i].challenges;
		sip_guarded_send(&w, "sip:192.0.2.2", false);
		assert_int_equal(w.asker.code, 200);
		assert_log(&w.guard, rows[i].want);
		sip_guarded_close(&w);
	}
}

static void an_ha1_answers_its_own_algorithm(void **state)
{
	char ha1[SIP_DIGEST_HEX_MAX];
	struct sip_login_settings s = { .secret = { .user = SPAN("alice") } };
	struct sip_guarded w;

	(void)state;
	sip_digest_ha1(ha1, SIP_DIGEST_SHA256, SPAN("alice"), SPAN("home"),
		SPAN("secret"));
	s.secret.ha1[SIP_DIGEST_SHA256] = span_of(ha1);
	sip_guarded_open(&w, &s);
	sip_login_trust(w.asker.login, SPAN("sip:192.0.2.2"));
	w.guard.challenges =
		"WWW-Authenticate: Digest realm=\"home\", "
		"nonce=\"@\", qop=\"auth\", algorithm=SHA-256\r\n"
		"WWW-Authenticate: Digest realm=\"home\", "
		"nonce=\"@\", qop=\"auth\", algorithm=SHA-512-256\r\n";
	sip_guarded_send(&w, "sip:192.0.2.2", false);
	assert_int_equal(w.asker.code, 200);
	assert_log(&w.guard, "MESSAGE 7 nothing;MESSAGE 8 SHA-256 1;");
	w.guard.challenges = "WWW-Authenticate: Digest realm=\"home\", "
			     "nonce=\"@\", qop=\"auth\"\r\n";
	w.guard.nonce = "second";
	w.asker.cseq++;
	sip_guarded_send(&w, "sip:192.0.2.2", false);
	assert_int_equal(w.asker.code, 401);
	assert_int_equal(w.asker.e.status, STATUS_AUTH);
	sip_guarded_close(&w);
}

static void what_is_known_is_said_before_it_is_asked(void **state)
{
	struct sip_guarded w;

	(void)state;
	sip_guarded_open(&w, &sip_asker_alice);
	sip_login_trust(w.asker.login, SPAN("sip:192.0.2.2"));
	for (int i = 0; i < 3; i++, w.asker.cseq++) {
		sip_guarded_send(&w, "sip:192.0.2.2", false);
		assert_int_equal(w.asker.code, 200);
	}
	assert_log(&w.guard, "MESSAGE 7 nothing;MESSAGE 8 MD5 1;"
			     "MESSAGE 9 MD5 2;MESSAGE 10 MD5 3;");
	/* a nonce that is stale leads to another round, nothing more */
	w.guard.uses = 3;
	sip_guarded_send(&w, "sip:192.0.2.2", false);
	assert_int_equal(w.asker.code, 200);
	assert_log(&w.guard, "MESSAGE 11 stale;MESSAGE 12 MD5 1;");
	/* and one that the server names is taken at once */
	w.guard.next_nonce = "named";
	w.asker.cseq++;
	sip_guarded_send(&w, "sip:192.0.2.2", false);
	w.asker.cseq++;
	sip_guarded_send(&w, "sip:192.0.2.2", false);
	assert_log(&w.guard, "MESSAGE 13 MD5 2;MESSAGE 14 MD5 1;");
	sip_guarded_close(&w);
}

static void a_wrong_password_is_tried_once(void **state)
{
	struct sip_guarded w;

	(void)state;
	sip_guarded_open(&w, &sip_asker_alice);
	sip_login_trust(w.asker.login, SPAN("sip:192.0.2.2"));
	w.guard.password = "another";
	sip_guarded_send(&w, "sip:192.0.2.2", false);
	assert_log(&w.guard, "MESSAGE 7 nothing;MESSAGE 8 wrong;");
	assert_int_equal(w.asker.e.status, STATUS_AUTH);
	assert_int_equal(w.asker.e.code, 401);
	assert_non_null(strstr(w.asker.e.text, "not accepted"));
	sip_guarded_close(&w);
}

static void endless_staleness_ends(void **state)
{
	struct sip_guarded w;

	(void)state;
	sip_guarded_open(&w, &sip_asker_alice);
	sip_login_trust(w.asker.login, SPAN("sip:192.0.2.2"));
	w.guard.is_fickle = true;
	sip_guarded_send(&w, "sip:192.0.2.2", false);
	assert_log(&w.guard, "MESSAGE 7 nothing;MESSAGE 8 stale;"
			     "MESSAGE 9 stale;MESSAGE 10 stale;"
			     "MESSAGE 11 stale;");
	assert_non_null(strstr(w.asker.e.text, "stale"));
	sip_guarded_close(&w);
}

static void only_our_own_servers_get_an_answer(void **state)
{
	static const struct {
		const char *trusted, *uri, *next_hop;
		unsigned code;
		bool is_theirs, answered;
	} rows[] = {
		{ "sip:192.0.2.2", "sip:b@192.0.2.2", "sip:192.0.2.2", 401,
			false, true },
		{ "sip:example.org", "sip:b@192.0.2.2", "sip:192.0.2.2", 401,
			false, false },
		{ "sip:192.0.2.3", "sip:b@192.0.2.2", "sip:192.0.2.2", 407,
			false, false },
		/* whoever a proxy leads to may ask by 401, in vain */
		{ "sip:192.0.2.2", "sip:b@far.example", "sip:192.0.2.2", 407,
			false, true },
		{ "sip:192.0.2.2", "sip:b@far.example", "sip:192.0.2.2", 401,
			false, false },
		/* who called us gets nothing, not even by our proxy */
		{ "sip:192.0.2.2", "sip:b@192.0.2.2", "sip:192.0.2.2", 401,
			true, false },
		{ "sip:192.0.2.2", "sip:b@far.example", "sip:192.0.2.2", 407,
			true, false },
	};
	struct sip_guarded w;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		sip_guarded_open(&w, &sip_asker_alice);
		sip_login_trust(w.asker.login, span_of(rows[i].trusted));
		w.asker.uri = rows[i].uri;
		w.guard.code = rows[i].code;
		if (rows[i].code == 407)
			w.guard.challenges =
				"Proxy-Authenticate: Digest realm=\"home\", "
				"nonce=\"@\", qop=\"auth\"\r\n";
		sip_guarded_send(&w, rows[i].next_hop, rows[i].is_theirs);
		if ((w.asker.code == 200) != rows[i].answered)
			fail_msg("row %zu: %u, %s", i, w.asker.code,
				buf_text(&w.guard.log));
		if (!rows[i].answered) {
			assert_int_equal(w.asker.e.status, STATUS_AUTH);
			assert_log(&w.guard, "MESSAGE 7 nothing;");
		}
		sip_guarded_close(&w);
	}
}

static void a_server_is_held_to_its_realm(void **state)
{
	struct sip_login_settings s = sip_asker_alice;
	struct sip_guarded w;

	(void)state;
	s.realm = SPAN("office");
	sip_guarded_open(&w, &s);
	sip_login_trust(w.asker.login, SPAN("sip:192.0.2.2"));
	sip_guarded_send(&w, "sip:192.0.2.2", false);
	assert_int_equal(w.asker.code, 401);
	assert_non_null(strstr(w.asker.e.text, "\"office\""));
	assert_log(&w.guard, "MESSAGE 7 nothing;");
	sip_guarded_close(&w);

	sip_guarded_open(
		&w, &sip_asker_alice); /* bound by the first challenge */
	sip_login_trust(w.asker.login, SPAN("sip:192.0.2.2"));
	sip_guarded_send(&w, "sip:192.0.2.2", false);
	assert_int_equal(w.asker.code, 200);
	w.guard.realm = "another";
	w.guard.challenges = "WWW-Authenticate: Digest realm=\"another\", "
			     "qop=\"auth\", nonce=\"@\"\r\n";
	w.guard.nonce = "second";
	w.asker.cseq++;
	sip_guarded_send(&w, "sip:192.0.2.2", false);
	assert_int_equal(w.asker.code, 401);
	assert_non_null(strstr(w.asker.e.text, "\"home\""));
	sip_guarded_close(&w);
}

TEST_MAIN(
	cmocka_unit_test(each_kind_of_challenge_is_answered_with_the_next_cseq),
	cmocka_unit_test(an_ha1_answers_its_own_algorithm),
	cmocka_unit_test(what_is_known_is_said_before_it_is_asked),
	cmocka_unit_test(a_wrong_password_is_tried_once),
	cmocka_unit_test(endless_staleness_ends),
	cmocka_unit_test(only_our_own_servers_get_an_answer),
	cmocka_unit_test(a_server_is_held_to_its_realm))
