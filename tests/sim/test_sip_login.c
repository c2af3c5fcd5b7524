/* Challenges that get an answer, and those that must not (RFC 3261 section
 * 22, RFC 8760). */
#include "tests/common/test.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "sip/invite.h"
#include "tests/common/sip_raw.h"

#define US "192.0.2.1:5060"
#define SERVER "192.0.2.2:5060"
#define STRANGER "192.0.2.66:5060"

/* ---- a server that asks -------------------------------------------------------- */

/* Answers 200 to who has the password, a challenge to all others; its log has
 * "METHOD CSEQ WHAT NC;" for each request. */
struct guard {
	struct sip_raw raw;
	unsigned code;          /* 401 or 407 */
	const char *challenges; /* lines, with @ for the nonce */
	const char *nonce;
	const char *password;
	const char *realm;
	const char *next_nonce; /* told with the 200 */
	const char *lines;      /* of the 200 */
	unsigned uses;          /* of a nonce, then it is stale; 0: any */
	unsigned used;
	bool is_fickle; /* every nonce is stale at once */
	struct buf log;
};

static bool is_good(struct guard *g, const struct sip_credentials *c)
{
	struct sip_digest_login login = { .user = SPAN("alice"),
		.password = span_of(g->password) };

	return span_is(c->nonce, g->nonce) && span_is(c->realm, g->realm) &&
	       c->nonce_count == g->used + 1 &&
	       sip_digest_is_user(c, SPAN("alice")) &&
	       sip_digest_verify(
		       c, &login, g->raw.scan.method, g->raw.scan.body);
}

static void ask(struct guard *g, bool stale)
{
	struct buf lines = BUF_INIT(4000);

	for (const char *at = g->challenges; *at; at++)
		if (*at == '@')
			buf_printf(&lines, "%s%s", g->nonce,
				stale ? "\", stale=\"true" : "");
		else
			buf_char(&lines, *at);
	g->used = 0;
	sip_raw_reply_lines(&g->raw, g->code, "guard", buf_text(&lines));
	buf_clear(&lines);
}

static void guard_answers(struct sip_raw *r)
{
	struct guard *g = r->arg;
	struct span value = sip_scan_value(&r->scan,
		g->code == 407 ? SIP_HDR_PROXY_AUTHORIZATION
			       : SIP_HDR_AUTHORIZATION);
	struct sip_credentials c;
	struct sip_cseq cseq;
	char lines[200] = "";

	assert_true(sip_cseq_parse(
		&cseq, sip_scan_value(&r->scan, SIP_HDR_CSEQ), NULL));
	buf_printf(&g->log, "%.*s %u ", SPAN_ARGS(r->scan.method),
		cseq.number);
	bool has = value.n && sip_credentials_parse(&c, value, NULL);
	if (!has) {
		buf_str(&g->log, "nothing;");
		ask(g, false);
	} else if (g->is_fickle) {
		g->nonce = span_is(c.nonce, "even") ? "odd" : "even";
		buf_str(&g->log, "stale;");
		ask(g, true);
	} else if (g->uses && g->used >= g->uses &&
		   span_is(c.nonce, g->nonce)) {
		g->nonce = "fresher";
		buf_str(&g->log, "stale;");
		ask(g, true);
	} else if (!is_good(g, &c)) {
		buf_str(&g->log, "wrong;");
		ask(g, false);
	} else {
		g->used++;
		buf_printf(&g->log, "%s %u;", sip_digest_name(c.algorithm),
			c.nonce_count);
		if (g->next_nonce) {
			snprintf(lines, sizeof(lines),
				"Authentication-Info: nextnonce=\"%s\"\r\n",
				g->next_nonce);
			g->nonce = g->next_nonce;
			g->used = 0;
		}
		sip_raw_reply_lines(
			r, 200, "guard", g->lines ? g->lines : lines);
	}
}

#define assert_log(g, want)                                                    \
	do {                                                                   \
		assert_span(buf_view(&(g)->log), want);                        \
		buf_reset(&(g)->log);                                          \
	} while (0)

/* ---- who asks for it ------------------------------------------------------------ */

struct world {
	struct sim *sim;
	struct sip_login *login;
	struct sip_ua *ua;
	struct guard guard;
	const char *uri;
	uint32_t cseq;
	unsigned code, responses, ended;
	struct err e; /* of the refusal, or why there was no answer */
};

static struct sip_request *request; /* the one under way */

static bool compose(void *arg, struct buf *out, const struct sip_target *target,
	const struct endpoint *local, struct err *e)
{
	struct world *w = arg;

	(void)target;
	(void)local;
	(void)e;
	sip_msg_request_line(out, SPAN("MESSAGE"), span_of(w->uri));
	sip_msg_add(out, SIP_HDR_FROM, SPAN("<sip:alice@192.0.2.2>;tag=1"));
	sip_msg_add(out, SIP_HDR_TO, SPAN("<sip:b@b.example>"));
	sip_msg_add(out, SIP_HDR_CALL_ID, SPAN("1"));
	sip_msg_add_cseq(out, w->cseq, SPAN("MESSAGE"));
	return sip_msg_end(out, SPAN("text/plain"), SPAN("hello"));
}

static void on_response(void *arg, struct sip_scan *m)
{
	struct world *w = arg;

	w->code = m->status_code;
	w->responses++;
	if (m->status_code >= 300)
		assert_false(sip_request_refused(request, m, &w->e));
}

static void on_ended(void *arg, const struct err *e)
{
	struct world *w = arg;

	w->ended++;
	request = NULL;
	if (e)
		w->e = *e;
}

static void begin(struct world *w, const struct sip_login_settings *login)
{
	struct endpoint us = sip_raw_at(US);
	struct err e = ERR_NONE;

	memset(w, 0, sizeof(*w));
	w->sim = sim_new(31);
	w->login = sip_login_new(login);
	struct sip_ua_settings s = { .loop = sim_loop(w->sim),
		.login = w->login };
	w->ua = sip_ua_new(&s);
	assert_ok(sip_ua_listen(w->ua, &us, NULL, &e), &e);
	w->uri = "sip:b@192.0.2.2";
	w->cseq = 7;
	w->guard = (struct guard){ .code = 401,
		.challenges = "WWW-Authenticate: Digest realm=\"home\", "
			      "qop=\"auth\", nonce=\"@\"\r\n",
		.nonce = "first",
		.password = "secret",
		.realm = "home" };
	sip_raw_open(&w->guard.raw, w->sim, SERVER);
	buf_init(&w->guard.log, 1 << 16);
	w->guard.raw.answers = guard_answers;
	w->guard.raw.arg = &w->guard;
}

static void end(struct world *w)
{
	sip_raw_run(w->sim, 80000);
	sip_ua_free(w->ua);
	sip_login_free(w->login);
	sip_raw_close(&w->guard.raw);
	buf_clear(&w->guard.log);
	assert_int_equal(sim_set_timers(w->sim), 0);
	sim_free(w->sim);
}

static const struct sip_login_settings alice = {
	.secret = { .user = SPAN("alice"), .password = SPAN("secret") }
};

static void message(struct world *w, const char *next_hop, bool is_theirs)
{
	static const struct sip_request_handlers handlers = {
		.compose = compose, .response = on_response, .ended = on_ended
	};
	struct sip_request_settings s = { .next_hop = span_of(next_hop),
		.cseq = &w->cseq,
		.is_theirs = is_theirs };

	w->responses = w->ended = w->code = 0;
	w->e = ERR_NONE;
	request = sip_request_new(w->ua, &s, &handlers, w);
	sip_raw_run(w->sim, 100);
	assert_int_equal(w->ended, 1);
	assert_int_equal(w->responses, 1);
}

static void each_kind_of_challenge_is_answered_with_the_next_cseq(void **state)
{
	static const struct {
		unsigned code;
		const char *challenges, *want;
	} rows[] = {
		{ 401, "WWW-Authenticate: Digest realm=\"home\", "
		       "nonce=\"@\", qop=\"auth\"\r\n",
			"MESSAGE 7 nothing;MESSAGE 8 MD5 1;" },
		{ 407, "Proxy-Authenticate: Digest realm=\"home\", "
		       "nonce=\"@\", qop=\"auth-int,token\"\r\n",
			"MESSAGE 7 nothing;MESSAGE 8 MD5 1;" },
		{ 401, "WWW-Authenticate: Digest realm=\"home\", "
		       "nonce=\"@\", qop=\"auth\", userhash=true, "
		       "algorithm=SHA-256\r\n",
			"MESSAGE 7 nothing;MESSAGE 8 SHA-256 1;" },
		/* the strongest, not the topmost */
		{ 401, "WWW-Authenticate: Basic realm=\"home\"\r\n"
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
	struct world w;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		begin(&w, &alice);
		sip_login_trust(w.login, SPAN("sip:192.0.2.2"));
		w.guard.code = rows[i].code;
		w.guard.challenges = rows[i].challenges;
		message(&w, "sip:192.0.2.2", false);
		assert_int_equal(w.code, 200);
		assert_log(&w.guard, rows[i].want);
		end(&w);
	}
}

static void an_ha1_answers_its_own_algorithm(void **state)
{
	char ha1[SIP_DIGEST_HEX_MAX];
	struct sip_login_settings s = { .secret = { .user = SPAN("alice") } };
	struct world w;

	(void)state;
	sip_digest_ha1(ha1, SIP_DIGEST_SHA256, SPAN("alice"), SPAN("home"),
		SPAN("secret"));
	s.secret.ha1[SIP_DIGEST_SHA256] = span_of(ha1);
	begin(&w, &s);
	sip_login_trust(w.login, SPAN("sip:192.0.2.2"));
	w.guard.challenges =
		"WWW-Authenticate: Digest realm=\"home\", "
		"nonce=\"@\", qop=\"auth\", algorithm=SHA-256\r\n"
		"WWW-Authenticate: Digest realm=\"home\", "
		"nonce=\"@\", qop=\"auth\", algorithm=SHA-512-256\r\n";
	message(&w, "sip:192.0.2.2", false);
	assert_int_equal(w.code, 200);
	assert_log(&w.guard, "MESSAGE 7 nothing;MESSAGE 8 SHA-256 1;");
	w.guard.challenges = "WWW-Authenticate: Digest realm=\"home\", "
			     "nonce=\"@\", qop=\"auth\"\r\n";
	w.guard.nonce = "second";
	w.cseq++;
	message(&w, "sip:192.0.2.2", false);
	assert_int_equal(w.code, 401);
	assert_int_equal(w.e.status, STATUS_AUTH);
	end(&w);
}

static void what_is_known_is_said_before_it_is_asked(void **state)
{
	struct world w;

	(void)state;
	begin(&w, &alice);
	sip_login_trust(w.login, SPAN("sip:192.0.2.2"));
	for (int i = 0; i < 3; i++, w.cseq++) {
		message(&w, "sip:192.0.2.2", false);
		assert_int_equal(w.code, 200);
	}
	assert_log(&w.guard, "MESSAGE 7 nothing;MESSAGE 8 MD5 1;"
			     "MESSAGE 9 MD5 2;MESSAGE 10 MD5 3;");
	/* a nonce that is stale leads to another round, nothing more */
	w.guard.uses = 3;
	message(&w, "sip:192.0.2.2", false);
	assert_int_equal(w.code, 200);
	assert_log(&w.guard, "MESSAGE 11 stale;MESSAGE 12 MD5 1;");
	/* and one that the server names is taken at once */
	w.guard.next_nonce = "named";
	w.cseq++;
	message(&w, "sip:192.0.2.2", false);
	w.cseq++;
	message(&w, "sip:192.0.2.2", false);
	assert_log(&w.guard, "MESSAGE 13 MD5 2;MESSAGE 14 MD5 1;");
	end(&w);
}

static void a_wrong_password_is_tried_once(void **state)
{
	struct world w;

	(void)state;
	begin(&w, &alice);
	sip_login_trust(w.login, SPAN("sip:192.0.2.2"));
	w.guard.password = "another";
	message(&w, "sip:192.0.2.2", false);
	assert_log(&w.guard, "MESSAGE 7 nothing;MESSAGE 8 wrong;");
	assert_int_equal(w.e.status, STATUS_AUTH);
	assert_int_equal(w.e.code, 401);
	assert_non_null(strstr(w.e.text, "not accepted"));
	end(&w);
}

static void endless_staleness_ends(void **state)
{
	struct world w;

	(void)state;
	begin(&w, &alice);
	sip_login_trust(w.login, SPAN("sip:192.0.2.2"));
	w.guard.is_fickle = true;
	message(&w, "sip:192.0.2.2", false);
	assert_log(&w.guard, "MESSAGE 7 nothing;MESSAGE 8 stale;"
			     "MESSAGE 9 stale;MESSAGE 10 stale;"
			     "MESSAGE 11 stale;");
	assert_non_null(strstr(w.e.text, "stale"));
	end(&w);
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
	struct world w;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		begin(&w, &alice);
		sip_login_trust(w.login, span_of(rows[i].trusted));
		w.uri = rows[i].uri;
		w.guard.code = rows[i].code;
		if (rows[i].code == 407)
			w.guard.challenges =
				"Proxy-Authenticate: Digest realm=\"home\", "
				"nonce=\"@\", qop=\"auth\"\r\n";
		message(&w, rows[i].next_hop, rows[i].is_theirs);
		if ((w.code == 200) != rows[i].answered)
			fail_msg("row %zu: %u, %s", i, w.code,
				buf_text(&w.guard.log));
		if (!rows[i].answered) {
			assert_int_equal(w.e.status, STATUS_AUTH);
			assert_log(&w.guard, "MESSAGE 7 nothing;");
		}
		end(&w);
	}
}

static void a_server_is_held_to_its_realm(void **state)
{
	struct sip_login_settings s = alice;
	struct world w;

	(void)state;
	s.realm = SPAN("office");
	begin(&w, &s);
	sip_login_trust(w.login, SPAN("sip:192.0.2.2"));
	message(&w, "sip:192.0.2.2", false);
	assert_int_equal(w.code, 401);
	assert_non_null(strstr(w.e.text, "\"office\""));
	assert_log(&w.guard, "MESSAGE 7 nothing;");
	end(&w);

	begin(&w, &alice); /* bound by the first challenge */
	sip_login_trust(w.login, SPAN("sip:192.0.2.2"));
	message(&w, "sip:192.0.2.2", false);
	assert_int_equal(w.code, 200);
	w.guard.realm = "another";
	w.guard.challenges = "WWW-Authenticate: Digest realm=\"another\", "
			     "qop=\"auth\", nonce=\"@\"\r\n";
	w.guard.nonce = "second";
	w.cseq++;
	message(&w, "sip:192.0.2.2", false);
	assert_int_equal(w.code, 401);
	assert_non_null(strstr(w.e.text, "\"home\""));
	end(&w);
}

/* ---- a call ------------------------------------------------------------------------- */

static void up(void *arg, struct sip_scan *m)
{
	*(unsigned *)arg = m->status_code;
}

static void over(void *arg, const struct sip_invite_end *end)
{
	(void)arg;
	(void)end;
}

static void a_call_is_placed_with_the_credentials_and_so_is_its_ack(
	void **state)
{
	static const struct sip_invite_handlers handlers = { .confirmed = up,
		.ended = over };
	struct sip_invite_settings s = {
		.request_uri = SPAN("sip:b@far.example"),
		.proxy = SPAN("sip:192.0.2.2;lr")
	};
	unsigned code = 0;
	struct sip_raw contact;
	struct world w;

	(void)state;
	begin(&w, &alice);
	sip_login_trust(w.login, SPAN("sip:192.0.2.2"));
	w.guard.code = 407;
	w.guard.challenges = "Proxy-Authenticate: Digest realm=\"home\", "
			     "qop=\"auth\", nonce=\"@\"\r\n";
	w.guard.lines = "Record-Route: <sip:192.0.2.2;lr>\r\n";
	sip_raw_open(&contact, w.sim, "192.0.2.9:5060"); /* of the raw's 200 */
	struct sip_invite *call = sip_invite_call(w.ua, &s, &handlers, &code);
	sip_raw_run(w.sim, 100);
	assert_int_equal(code, 200);
	assert_log(&w.guard, "INVITE 1 nothing;INVITE 2 MD5 1;");
	/* 13.2.2.4, by the way that the INVITE went */
	assert_span(w.guard.raw.scan.method, "ACK");
	assert_span(sip_scan_value(&w.guard.raw.scan, SIP_HDR_CSEQ), "2 ACK");
	assert_non_null(sip_scan_find(
		&w.guard.raw.scan, SIP_HDR_PROXY_AUTHORIZATION));
	/* whose server asks again for the BYE of a peer gets none */
	sip_invite_end(call, 0, SPAN_EMPTY);
	sip_raw_run(w.sim, 100);
	assert_log(&w.guard, "BYE 3 nothing;");
	assert_int_equal(contact.log.len, 0);
	sip_raw_close(&contact);
	end(&w);
}

/* ---- the digest leak (hazards: a caller that asks for our BYE) -------------------- */

static void take(void *arg, struct sip_server *s, struct sip_scan *m);
static void call_ended(void *arg, const struct sip_invite_end *end)
{
	*(struct sip_invite **)arg = NULL;
	(void)end;
}
static const struct sip_invite_handlers call_handlers = {
	.ended = call_ended
};

struct victim {
	struct world w;
	struct sip_invite *invite;
};

static void take(void *arg, struct sip_server *s, struct sip_scan *m)
{
	struct victim *v = arg;
	struct err e = ERR_NONE;

	v->invite = sip_invite_take(
		v->w.ua, s, m, SPAN("us"), &call_handlers, &v->invite);
	assert_non_null(v->invite);
	assert_ok(sip_invite_answer(v->invite, NULL, &e), &e);
}

static void invite_us(struct sip_raw *caller, const char *contact)
{
	char *text = mem_format(
		"INVITE sip:alice@192.0.2.1 SIP/2.0\r\n"
		"Via: SIP/2.0/UDP %s;branch=z9hG4bKcall\r\nMax-Forwards: 9\r\n"
		"From: <sip:x@192.0.2.2>;tag=fa\r\nTo: <sip:alice@192.0.2.1>"
		"\r\nCall-ID: leak\r\nCSeq: 1 INVITE\r\nContact: <%s>\r\n"
		"Content-Length: 0\r\n\r\n",
		STRANGER, contact);

	sip_raw_send(caller, US, text);
	mem_free(text);
}

static void ack_us(struct sip_raw *caller)
{
	char *text = mem_format(
		"ACK sip:us@192.0.2.1 SIP/2.0\r\n"
		"Via: SIP/2.0/UDP %s;branch=z9hG4bKack\r\nMax-Forwards: 9\r\n"
		"From: <sip:x@192.0.2.2>;tag=fa\r\n"
		"To: <sip:alice@192.0.2.1>;tag=%.*s\r\n"
		"Call-ID: leak\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n",
		STRANGER,
		SPAN_ARGS(sip_tag(sip_scan_value(&caller->scan, SIP_HDR_TO))));

	sip_raw_send(caller, US, text);
	mem_free(text);
}

static void a_caller_that_asks_for_our_bye_learns_nothing(void **state)
{
	/* also one that says it is at our server's address, or knows what our
	 * server asks */
	static const char *const contacts[] = { "sip:x@" STRANGER,
		"sip:x@192.0.2.2:5060" };
	static const unsigned codes[] = { 401, 407 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct victim v;
		struct sip_raw caller;
		memset(&v, 0, sizeof(v));
		begin(&v.w, &alice);
		sip_login_trust(v.w.login, SPAN("sip:192.0.2.2"));
		message(&v.w, "sip:192.0.2.2", false);
		assert_int_equal(v.w.code, 200);
		buf_reset(&v.w.guard.log);
		sip_ua_serve(v.w.ua, SIP_METHOD_INVITE, take, &v);
		sip_ua_serve_in_dialog(v.w.ua, SIP_METHOD_BYE);
		sip_raw_open(&caller, v.w.sim, STRANGER);
		invite_us(&caller, contacts[i % 2]);
		sip_raw_run(v.w.sim, 10);
		assert_int_equal(caller.scan.status_code, 200);
		ack_us(&caller);
		sip_raw_run(v.w.sim, 10);
		assert_non_null(v.invite);

		struct sip_raw *peer = i % 2 ? &v.w.guard.raw : &caller;
		v.w.guard.code = codes[i / 2];
		v.w.guard.nonce = "crack me";
		peer->answers = NULL;
		sip_invite_end(v.invite, 0, SPAN_EMPTY);
		sip_raw_run(v.w.sim, 10);
		assert_true(span_is(peer->scan.method, "BYE"));
		size_t lines = peer->log.len;
		sip_raw_reply_lines(peer, codes[i / 2], "guard",
			codes[i / 2] == 401
				? "WWW-Authenticate: Digest realm=\"home\", "
				  "nonce=\"crack me\"\r\n"
				: "Proxy-Authenticate: Digest realm=\"home\", "
				  "nonce=\"crack me\"\r\n");
		sip_raw_run(v.w.sim, 40000);
		assert_int_equal(peer->log.len, lines);
		assert_null(sip_scan_find(
			&peer->scan, SIP_HDR_AUTHORIZATION));
		assert_null(sip_scan_find(
			&peer->scan, SIP_HDR_PROXY_AUTHORIZATION));
		assert_null(v.invite);
		sip_raw_close(&caller);
		end(&v.w);
	}
}

TEST_MAIN(
	cmocka_unit_test(each_kind_of_challenge_is_answered_with_the_next_cseq),
	cmocka_unit_test(an_ha1_answers_its_own_algorithm),
	cmocka_unit_test(what_is_known_is_said_before_it_is_asked),
	cmocka_unit_test(a_wrong_password_is_tried_once),
	cmocka_unit_test(endless_staleness_ends),
	cmocka_unit_test(only_our_own_servers_get_an_answer),
	cmocka_unit_test(a_server_is_held_to_its_realm),
	cmocka_unit_test(
		a_call_is_placed_with_the_credentials_and_so_is_its_ack),
	cmocka_unit_test(a_caller_that_asks_for_our_bye_learns_nothing))
