/* Several who ask for a password at once or one after the other, each in a
 * realm of its own (RFC 3261 section 22.3), and what they say of the answers
 * (RFC 7616 section 3.5). */
#include "tests/common/test.h"

#include <string.h>

#include "sip/invite.h"
#include "tests/common/sip_asker.h"
#include "tests/common/sip_raw.h"

/* ---- gates, one behind the other ------------------------------------------------- */

struct gate {
	enum sip_hdr kind; /* of its challenge; 0: no more gates */
	const char *realm, *password;
	const char *more; /* of its challenge */
	bool is_open;     /* this request was let through */
	unsigned count;   /* of its nonce */
};

#define GATES_MAX 6
#define GATES_LOG 4096
struct gates {
	struct sip_raw raw;
	struct gate gates[GATES_MAX];
	bool at_once;      /* all that are closed ask: the request was forked */
	const char *lines; /* of the 200; NULL: each proves itself */
	const char *next_nonce;
	const char *nonce;
	struct buf log; /* of each request the realms answered; "-": none */
};

static bool opens(
	struct gate *g, const struct gates *all, const struct sip_scan *m)
{
	struct sip_digest_login login = { .user = SPAN("alice"),
		.password = span_of(g->password) };
	enum sip_hdr kind = g->kind == SIP_HDR_PROXY_AUTHENTICATE
				    ? SIP_HDR_PROXY_AUTHORIZATION
				    : SIP_HDR_AUTHORIZATION;
	struct sip_values at = SIP_VALUES_INIT;
	struct sip_credentials c;

	while (sip_scan_values(m, kind, &at))
		if (sip_credentials_parse(&c, at.value, NULL) &&
			span_is(c.realm, g->realm) &&
			span_is(c.nonce, all->nonce) &&
			c.nonce_count == g->count + 1 &&
			sip_digest_verify(&c, &login, m->method, m->body)) {
			g->count++;
			return true;
		}
	return false;
}

static void note(struct gates *g, const struct sip_scan *m, enum sip_hdr kind)
{
	struct sip_values at = SIP_VALUES_INIT;
	struct sip_credentials c;

	while (sip_scan_values(m, kind, &at)) {
		assert_true(sip_credentials_parse(&c, at.value, NULL));
		buf_span(&g->log, c.realm);
		buf_char(&g->log, ' ');
	}
}

static void ask(struct gates *g)
{
	struct buf lines = BUF_INIT(4000);
	unsigned code = 0;

	for (struct gate *at = g->gates; at->kind; at++) {
		if (at->is_open || (code && !g->at_once))
			continue;
		code = code                                     ? code
		       : at->kind == SIP_HDR_PROXY_AUTHENTICATE ? 407
								: 401;
		buf_printf(&lines,
			"%s: Digest realm=\"%s\", nonce=\"%s\", qop=\"auth\"%s"
			"\r\n",
			sip_hdr_name(at->kind), at->realm, g->nonce,
			at->more ? at->more : "");
		at->count = 0;
	}
	sip_raw_reply_lines(&g->raw, code, "gate", buf_text(&lines));
	buf_clear(&lines);
}

/* Whoever asked proves that it knows the password as well. */
static void prove(struct gates *g, struct buf *lines)
{
	for (struct gate *at = g->gates; at->kind; at++) {
		bool proxy = at->kind == SIP_HDR_PROXY_AUTHENTICATE;
		struct sip_digest_login login = { .user = SPAN("alice"),
			.password = span_of(at->password) };
		struct sip_values values = SIP_VALUES_INIT;
		struct sip_credentials c;
		while (sip_scan_values(&g->raw.scan,
			proxy ? SIP_HDR_PROXY_AUTHORIZATION
			      : SIP_HDR_AUTHORIZATION,
			&values)) {
			assert_true(
				sip_credentials_parse(&c, values.value, NULL));
			if (!span_is(c.realm, at->realm))
				continue;
			buf_str(lines, proxy ? "Proxy-Authentication-Info: "
					     : "Authentication-Info: ");
			assert_true(sip_auth_info_format(lines, &c, &login,
				SPAN_EMPTY, span_of(g->next_nonce)));
			buf_str(lines, "\r\n");
		}
		at->count = g->next_nonce ? 0 : at->count;
	}
	g->nonce = g->next_nonce ? g->next_nonce : g->nonce;
}

static void gates_answer(struct sip_raw *r)
{
	struct gates *g = r->arg;
	struct buf lines = BUF_INIT(4000);
	bool closed = false;
	size_t before = g->log.len;

	note(g, &r->scan, SIP_HDR_PROXY_AUTHORIZATION);
	note(g, &r->scan, SIP_HDR_AUTHORIZATION);
	buf_str(&g->log, g->log.len == before ? "-;" : ";");
	for (struct gate *at = g->gates; at->kind; at++) {
		at->is_open = opens(at, g, &r->scan);
		closed |= !at->is_open;
	}
	if (closed) {
		ask(g);
		return;
	}
	if (g->lines)
		buf_str(&lines, g->lines);
	else
		prove(g, &lines);
	sip_raw_reply_lines(r, 200, "gate", buf_text(&lines));
	buf_clear(&lines);
}

/* ---- who goes through them ---------------------------------------------------------- */

static struct sip_asker asker;
static struct gates gates;

#define WWW SIP_HDR_WWW_AUTHENTICATE
#define PROXY SIP_HDR_PROXY_AUTHENTICATE

static void begin(const struct gate *list, size_t count, const char *realm)
{
	struct sip_login_settings s = sip_asker_alice;

	s.realm = span_of(realm);
	sip_asker_open(&asker, &s);
	assert_true(sip_login_trust(asker.login, SPAN("sip:192.0.2.2")));
	gates = (struct gates){ .nonce = "n1" };
	memcpy(gates.gates, list, count * sizeof(*list));
	sip_raw_open(&gates.raw, asker.sim, SIP_ASKER_SERVER);
	buf_init(&gates.log, GATES_LOG);
	gates.raw.answers = gates_answer;
	gates.raw.arg = &gates;
}

static void gone(void *arg)
{
	(void)arg;
	sip_raw_close(&gates.raw);
	buf_clear(&gates.log);
}

static void end(void)
{
	sip_asker_close(&asker, gone, NULL);
}

static void also(const char *realm, const char *password)
{
	struct sip_digest_login secret = { .user = SPAN("alice"),
		.password = span_of(password),
		.realm = span_of(realm) };

	assert_true(sip_login_add(asker.login, &secret));
}

static void go(void)
{
	sip_asker_send(&asker, "sip:192.0.2.2", false);
	asker.cseq++;
}

#define assert_log(want)                                                       \
	do {                                                                   \
		assert_span(buf_view(&gates.log), want);                       \
		buf_reset(&gates.log);                                         \
	} while (0)

/* ---- several realms ------------------------------------------------------------------ */

static const struct gate chain[] = { { PROXY, "edge", "secret" },
	{ PROXY, "core", "other" }, { WWW, "home", "third" } };

static void each_realm_of_a_chain_gets_its_own_answer(void **state)
{
	(void)state;
	begin(chain, 3, "edge");
	also("core", "other");
	also("home", "third");
	go();
	assert_int_equal(asker.code, 200);
	assert_log("-;edge ;edge core ;edge core home ;");
	go(); /* and all of them at once, with the counts going on */
	assert_int_equal(asker.code, 200);
	assert_log("edge core home ;");
	end();
}

static void all_that_ask_at_once_are_answered_at_once(void **state)
{
	(void)state;
	begin(chain, 3, "edge");
	gates.at_once = true;
	also("core", "other");
	also("home", "third");
	go();
	assert_int_equal(asker.code, 200);
	assert_log("-;edge core home ;");
	end();
}

static void a_realm_that_nothing_is_known_for_is_named(void **state)
{
	(void)state;
	begin(chain, 3, "edge");
	gates.at_once = true;
	also("core", "other");
	go();
	assert_int_equal(asker.code, 401);
	assert_int_equal(asker.e.status, STATUS_AUTH);
	assert_non_null(strstr(asker.e.text, "\"home\""));
	assert_log("-;edge core ;");
	end();
}

static void a_wrong_password_of_one_realm_is_tried_once(void **state)
{
	(void)state;
	for (int at_once = 0; at_once < 2; at_once++) {
		begin(chain, 3, "edge");
		gates.at_once = at_once;
		also("core", "wrong");
		also("home", "third");
		go();
		assert_int_equal(asker.code, 407);
		assert_non_null(strstr(asker.e.text, "not accepted"));
		assert_log(
			at_once ? "-;edge core home ;" : "-;edge ;edge core ;");
		end();
	}
}

static void the_strongest_of_each_realm_is_answered(void **state)
{
	static const struct gate two[] = {
		{ PROXY, "edge", "secret",
			"\r\nProxy-Authenticate: Digest realm=\"edge\", "
			"nonce=\"n1\", qop=\"auth\", algorithm=SHA-256" },
		{ PROXY, "core", "other", ", algorithm=SHA-512-256" },
	};
	struct sip_values at = SIP_VALUES_INIT;
	struct sip_credentials c;

	(void)state;
	begin(two, 2, "");
	gates.at_once = true;
	also("core", "other");
	go();
	assert_int_equal(asker.code, 200);
	assert_true(sip_scan_values(
		&gates.raw.scan, SIP_HDR_PROXY_AUTHORIZATION, &at));
	assert_true(sip_credentials_parse(&c, at.value, NULL));
	assert_span(c.realm, "edge");
	assert_int_equal(c.algorithm, SIP_DIGEST_SHA256);
	assert_true(sip_scan_values(
		&gates.raw.scan, SIP_HDR_PROXY_AUTHORIZATION, &at));
	assert_true(sip_credentials_parse(&c, at.value, NULL));
	assert_span(c.realm, "core");
	assert_int_equal(c.algorithm, SIP_DIGEST_SHA512_256);
	end();
}

static void secrets_are_few_and_each_has_a_realm(void **state)
{
	struct sip_digest_login secret = { .password = SPAN("p") };

	(void)state;
	begin(chain, 1, "edge");
	assert_false(sip_login_add(asker.login, &secret));
	secret.realm = SPAN("edge");
	assert_false(sip_login_add(asker.login, &secret));
	also("a", "");
	also("b", "");
	also("c", "");
	secret.realm = SPAN("d");
	assert_false(sip_login_add(asker.login, &secret));
	end();
}

/* ---- the digest leak: who is behind our proxy asks as well ----------------------- */

static void a_stranger_behind_our_proxy_gets_no_answer(void **state)
{
	/* stronger, weaker, in front, behind, by either field */
	static const struct gate rows[][2] = {
		{ { PROXY, "192.0.2.2", "secret" }, { PROXY, "evil", "x" } },
		{ { PROXY, "evil", "x", ", algorithm=SHA-512-256" },
			{ PROXY, "192.0.2.2", "secret" } },
		{ { PROXY, "192.0.2.2", "secret" }, { WWW, "evil", "x" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int at_once = 0; at_once < 2; at_once++) {
			if (i == 1 && !at_once)
				continue; /* it comes after our proxy */
			begin(rows[i], 2, "");
			gates.at_once = at_once;
			asker.uri = "sip:b@evil.example";
			go();
			assert_true(asker.code == 407 || asker.code == 401);
			assert_int_equal(asker.e.status, STATUS_AUTH);
			assert_log("-;192.0.2.2 ;");
			end();
		}
}

static void asks_in_all_realms(struct sip_raw *r)
{
	sip_raw_reply_lines(r, 407, "evil",
		"Proxy-Authenticate: Digest realm=\"edge\", nonce=\"x\"\r\n"
		"Proxy-Authenticate: Digest realm=\"core\", nonce=\"x\"\r\n"
		"WWW-Authenticate: Digest realm=\"home\", nonce=\"x\"\r\n");
}

static void a_stranger_that_knows_our_realms_gets_no_answer(void **state)
{
	struct sip_raw evil;

	(void)state;
	begin(chain, 3, "edge");
	gates.at_once = true;
	also("core", "other");
	also("home", "third");
	go();
	assert_log("-;edge core home ;");
	gates.nonce = "crack me";
	/* in a dialog that the far side began */
	sip_asker_send(&asker, "sip:192.0.2.2", true);
	assert_log("-;");
	/* by a next hop that is none of our servers */
	sip_raw_open(&evil, asker.sim, "192.0.2.66:5060");
	evil.answers = asks_in_all_realms;
	asker.cseq++;
	sip_asker_send(&asker, "sip:192.0.2.66", false);
	assert_int_equal(asker.code, 407);
	assert_non_null(strstr(asker.e.text, "no server of this account"));
	assert_null(sip_scan_find(&evil.scan, SIP_HDR_PROXY_AUTHORIZATION));
	assert_null(sip_scan_find(&evil.scan, SIP_HDR_AUTHORIZATION));
	assert_int_equal(evil.log.len, strlen("0 MESSAGE\n"));
	sip_raw_close(&evil);
	end();
}

/* ---- what they say of the answer ---------------------------------------------------- */

static void who_proves_itself_names_the_next_nonce_of_its_realm(void **state)
{
	(void)state;
	begin(chain, 3, "edge");
	gates.at_once = true;
	gates.next_nonce = "n2";
	also("core", "other");
	also("home", "third");
	go();
	assert_int_equal(asker.code, 200);
	assert_log("-;edge core home ;");
	gates.next_nonce = "n3";
	go();
	assert_int_equal(asker.code, 200);
	assert_log("edge core home ;");
	end();
}

static void a_wrong_proof_is_not_believed(void **state)
{
	static const struct {
		const char *lines;
		bool believed;
	} rows[] = {
		{ "Authentication-Info: nextnonce=\"n1\"\r\n", true },
		{ "Authentication-Info: rspauth=\"00\"\r\n", false },
		{ "Authentication-Info: rspauth=\"00\", nextnonce=\"x\"\r\n",
			false },
		{ "Authentication-Info: rspauth=\"00000000000000000000000000"
		  "000000\", qop=auth, nc=00000001, cnonce=\"other\"\r\n",
			false },
		/* of whom we have told nothing */
		{ "Proxy-Authentication-Info: rspauth=\"00\"\r\n", true },
		/* malformed: no proof of anything */
		{ "Authentication-Info: rspauth\r\n", true },
	};
	static const struct gate one[] = { { WWW, "home", "secret" } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin(one, 1, "");
		gates.lines = rows[i].lines;
		go();
		if ((asker.code == 200) != rows[i].believed)
			fail_msg(
				"row %zu: %u, %s", i, asker.code, asker.e.text);
		if (!rows[i].believed) {
			assert_int_equal(asker.responses, 0);
			assert_int_equal(asker.e.status, STATUS_AUTH);
			assert_string_equal(asker.e.condition, "not-proven");
		}
		assert_log("-;home ;");
		end();
	}
}

static void on_end(void *arg, const struct sip_invite_end *end)
{
	*(enum status *)arg = end->e ? end->e->status : STATUS_DONE;
}

static void a_call_to_who_proves_nothing_is_hung_up_on(void **state)
{
	static const struct sip_invite_handlers handlers = { .ended = on_end };
	static const struct gate one[] = { { PROXY, "edge", "secret" } };
	struct sip_invite_settings s = { .request_uri =
						 SPAN("sip:b@far.example"),
		.proxy = SPAN("sip:192.0.2.2;lr") };
	enum status status = STATUS_DONE;
	struct sip_raw contact;

	(void)state;
	begin(one, 1, "");
	gates.lines = "Proxy-Authentication-Info: rspauth=\"00\"\r\n";
	sip_raw_open(&contact, asker.sim, "192.0.2.9:5060"); /* of the 200 */
	contact.auto_code = 200;
	assert_non_null(sip_invite_call(asker.ua, &s, &handlers, &status));
	sip_raw_run(asker.sim, 100);
	assert_int_equal(status, STATUS_AUTH);
	gates.lines = NULL;
	sip_raw_reply(&gates.raw, 200, "gate"); /* again: it has no ACK */
	sip_raw_run(asker.sim, 100);
	assert_span(span_skip(buf_view(&contact.log), contact.log.len - 4),
		"BYE\n");
	sip_raw_close(&contact);
	end();
}

TEST_MAIN(cmocka_unit_test(each_realm_of_a_chain_gets_its_own_answer),
	cmocka_unit_test(all_that_ask_at_once_are_answered_at_once),
	cmocka_unit_test(a_realm_that_nothing_is_known_for_is_named),
	cmocka_unit_test(a_wrong_password_of_one_realm_is_tried_once),
	cmocka_unit_test(the_strongest_of_each_realm_is_answered),
	cmocka_unit_test(secrets_are_few_and_each_has_a_realm),
	cmocka_unit_test(a_stranger_behind_our_proxy_gets_no_answer),
	cmocka_unit_test(a_stranger_that_knows_our_realms_gets_no_answer),
	cmocka_unit_test(who_proves_itself_names_the_next_nonce_of_its_realm),
	cmocka_unit_test(a_wrong_proof_is_not_believed),
	cmocka_unit_test(a_call_to_who_proves_nothing_is_hung_up_on))
