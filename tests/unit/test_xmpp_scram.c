/* SCRAM: the vectors of its RFCs, client against server, and every field
 * tampered with. */
#include "tests/common/test.h"

#include <string.h>

#include "base/base64.h"
#include "base/buf.h"
#include "xmpp/salted.h"
#include "xmpp/scram.h"

#define MAX 8192

/* ---- vectors ---- */

struct vector {
	const char *what;
	enum hash hash;
	char flag;
	struct xmpp_sasl_binding binding;
	const char *client_nonce, *server_nonce, *salt;
	unsigned iterations;
	const char *client_first, *server_first, *client_final, *server_final;
};

#define CB_32                                                                  \
	"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"     \
	"\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f"
#define NONCE_7677 "rOprNGfwEbeRWgbNEkqO"
#define SERVER_7677 "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define SALT_7677 "W22ZaJ0SNY7soEsUEjb6gQ=="

static const struct vector vectors[] = {
	{ .what = "RFC 5802 section 5",
		.hash = HASH_SHA1,
		.flag = 'n',
		.client_nonce = "fyko+d2lbbFgONRv9qkxdawL",
		.server_nonce = "3rfcNHYJY1ZVvWVs7j",
		.salt = "QSXCR+Q6sek8bf92",
		.iterations = 4096,
		.client_first = "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
		.server_first = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
				"s=QSXCR+Q6sek8bf92,i=4096",
		.client_final = "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZV"
				"vWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
		.server_final = "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=" },
	{ .what = "RFC 7677 section 3",
		.hash = HASH_SHA256,
		.flag = 'n',
		.client_nonce = NONCE_7677,
		.server_nonce = SERVER_7677,
		.salt = SALT_7677,
		.iterations = 4096,
		.client_first = "n,,n=user,r=" NONCE_7677,
		.server_first =
			"r=" NONCE_7677 SERVER_7677 ",s=" SALT_7677 ",i=4096",
		.client_final = "c=biws,r=" NONCE_7677 SERVER_7677
				",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7And"
				"VQ=",
		.server_final = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G"
				"4=" },
	/* No RFC has one for SHA-512: that of RFC 7677, computed by a second
	 * implementation. */
	{ .what = "RFC 7677 with SHA-512",
		.hash = HASH_SHA512,
		.flag = 'n',
		.client_nonce = NONCE_7677,
		.server_nonce = SERVER_7677,
		.salt = SALT_7677,
		.iterations = 4096,
		.client_first = "n,,n=user,r=" NONCE_7677,
		.server_first =
			"r=" NONCE_7677 SERVER_7677 ",s=" SALT_7677 ",i=4096",
		.client_final =
			"c=biws,r=" NONCE_7677 SERVER_7677
			",p=gMGXRcevScNtxZ6/8lQYpGtnsNAc3mGcmNomv+xnoOMw+3R2x"
			"NJdMNnzMlTN8PPC6wdp6dybEmDYXYTxwnYPJQ==",
		.server_final =
			"v=ZQnYEgWQMFmmsM8aQMF0nDDCy/AgCzkwk8CmMZYcMg0vSVlKDan"
			"ekLtifDSeVGT4+5ZxXnJq199RVG2rR7N7Zw==" },
	{ .what = "the same bound to TLS",
		.hash = HASH_SHA512,
		.flag = 'p',
		.binding = { "tls-exporter", { CB_32, 32 } },
		.client_nonce = NONCE_7677,
		.server_nonce = SERVER_7677,
		.salt = SALT_7677,
		.iterations = 10000,
		.client_first = "p=tls-exporter,,n=user,r=" NONCE_7677,
		.server_first =
			"r=" NONCE_7677 SERVER_7677 ",s=" SALT_7677 ",i=10000",
		.client_final =
			"c=cD10bHMtZXhwb3J0ZXIsLAABAgMEBQYHCAkKCwwNDg8QERITFBU"
			"WFxgZGhscHR4f,r=" NONCE_7677 SERVER_7677
			",p=t0yfv17xcBWuyidiOUM5kkGBt9LOwsSnkPDr5f9USWPTFbiZB"
			"W0kXtCL8mt+b/8hbVfSLc6EqGFgUY+SJH1QOw==",
		.server_final =
			"v=8PXJwZ2HkfzR0MuUm74ZGZGftUnIvzYXq8i/HKsuSEzq/3JMsUY"
			"fH33b9paiQmMlo4wmhOeamW/uyqaYKkngyQ==" },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* One account, "user" with "pencil". */
struct account {
	const char *name, *password;
	struct span salt;
	unsigned iterations;
	bool asked;
};

static bool find_keys(void *arg, struct span name, enum hash hash,
	struct xmpp_scram_keys *keys)
{
	/* The same account is asked for hundreds of times. */
	static struct account last;
	static struct xmpp_scram_keys made;
	struct account *a = arg;
	a->asked = true;
	if (!span_is(name, a->name))
		return false;
	if (made.hash != hash || last.password != a->password ||
		last.salt.p != a->salt.p || last.iterations != a->iterations)
		assert_true(xmpp_scram_keys_make(&made, hash,
			span_of(a->password), a->salt, a->iterations, NULL));
	last = *a;
	*keys = made;
	return true;
}

static void the_client_says_what_the_rfcs_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		const struct vector *v = &vectors[i];
		const struct xmpp_scram_setup setup = { .hash = v->hash,
			.flag = v->flag,
			.binding = &v->binding,
			.name = SPAN("user"),
			.password = SPAN("pencil"),
			.nonce = v->client_nonce };
		struct err e = ERR_NONE;
		struct buf out = BUF_INIT(MAX);
		struct xmpp_scram_client *c = xmpp_scram_client_new(&setup, &e);
		assert_ok(xmpp_scram_client_first(c, &out, &e), &e);
		assert_span(buf_view(&out), v->client_first);
		buf_reset(&out);
		assert_ok(xmpp_scram_client_final(
				  c, span_of(v->server_first), &out, &e),
			&e);
		assert_span(buf_view(&out), v->client_final);
		assert_ok(xmpp_scram_client_finish(
				  c, span_of(v->server_final), &e),
			&e);
		assert_false(xmpp_scram_client_is_offer_proven(c));
		xmpp_scram_client_free(c);
		buf_clear(&out);
	}
}

static void the_server_says_what_the_rfcs_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		const struct vector *v = &vectors[i];
		struct buf salt = BUF_INIT(MAX), out = BUF_INIT(MAX);
		assert_true(base64_decode(&salt, span_of(v->salt)));
		struct account user = { "user", "pencil", buf_view(&salt),
			v->iterations, false };
		const struct xmpp_scram_server_setup setup = { .hash = v->hash,
			.plus = v->flag == 'p',
			.plus_offered = true,
			.bindings = &v->binding,
			.binding_count = v->flag == 'p',
			.nonce = v->server_nonce,
			.find = find_keys,
			.arg = &user };
		struct err e = ERR_NONE;
		struct xmpp_scram_server *s = xmpp_scram_server_new(&setup);
		assert_ok(xmpp_scram_server_first(
				  s, span_of(v->client_first), &out, &e),
			&e);
		assert_span(buf_view(&out), v->server_first);
		buf_reset(&out);
		assert_int_equal(xmpp_scram_server_name(s).n, 0);
		assert_ok(xmpp_scram_server_final(
				  s, span_of(v->client_final), &out, &e),
			&e);
		assert_span(buf_view(&out), v->server_final);
		assert_span(xmpp_scram_server_name(s), "user");
		assert_span(xmpp_scram_server_authzid(s), "");
		xmpp_scram_server_free(s);
		buf_clear(&out);
		buf_clear(&salt);
	}
}

/* ---- what was worked out ahead ---- */

/* The final message of RFC 5802 section 5, with this in the slot. */
static void answer(struct xmpp_salted **salted, struct buf *out)
{
	const struct vector *v = &vectors[0];
	const struct xmpp_scram_setup setup = { .hash = v->hash,
		.flag = v->flag,
		.name = SPAN("user"),
		.password = SPAN("pencil"),
		.salted = salted,
		.nonce = v->client_nonce };
	struct err e = ERR_NONE;
	struct xmpp_scram_client *c = xmpp_scram_client_new(&setup, &e);
	assert_ok(xmpp_scram_client_first(c, out, &e), &e);
	buf_reset(out);
	assert_ok(xmpp_scram_client_final(c, span_of(v->server_first), out, &e),
		&e);
	xmpp_scram_client_free(c);
}

static void the_salt_that_was_expected_is_taken(void **state)
{
	(void)state;
	struct buf salt = BUF_INIT(MAX), out = BUF_INIT(MAX);
	assert_true(base64_decode(&salt, span_of(vectors[0].salt)));
	struct xmpp_salted *s = xmpp_salted_new(
		HASH_SHA1, SPAN("pencil"), buf_view(&salt), 4096);
	struct xmpp_salted *before = s;
	assert_true(xmpp_salted_work(s));
	answer(&s, &out);
	assert_ptr_equal(s, before);
	assert_false(xmpp_salted_work(s)); /* it is all there */
	assert_span(buf_view(&out), vectors[0].client_final);
	xmpp_salted_free(s);
	/* Whether it is of this password is the owner's to know. */
	s = xmpp_salted_new(HASH_SHA1, SPAN("pen"), buf_view(&salt), 4096);
	answer(&s, &out);
	assert_false(
		span_equal(buf_view(&out), span_of(vectors[0].client_final)));
	xmpp_salted_free(s);
	buf_clear(&salt);
	buf_clear(&out);
}

static void what_was_expected_amiss_is_replaced(void **state)
{
	(void)state;
	struct buf salt = BUF_INIT(MAX), out = BUF_INIT(MAX);
	assert_true(base64_decode(&salt, span_of(vectors[0].salt)));
	struct span right = buf_view(&salt), pencil = SPAN("pencil");
	struct xmpp_salted *wrong[] = { NULL,
		xmpp_salted_new(HASH_SHA1, pencil, SPAN("salt"), 4096),
		xmpp_salted_new(HASH_SHA1, pencil, right, 4097),
		xmpp_salted_new(HASH_SHA1, pencil, span_first(right, 3), 4096),
		xmpp_salted_new(HASH_SHA256, pencil, right, 4096) };
	for (size_t i = 0; i < COUNT(wrong); i++) {
		answer(&wrong[i], &out);
		assert_span(buf_view(&out), vectors[0].client_final);
		assert_true(xmpp_salted_is(wrong[i], HASH_SHA1, right, 4096));
		assert_int_equal(xmpp_salted_hash(wrong[i]), HASH_SHA1);
		assert_int_equal(xmpp_salted_iterations(wrong[i]), 4096);
		assert_true(span_equal(xmpp_salted_salt(wrong[i]), right));
		xmpp_salted_free(wrong[i]);
	}
	buf_clear(&salt);
	buf_clear(&out);
}

/* ---- client against server ---- */

struct match {
	enum hash hash;
	char flag;
	bool plus, plus_offered;
	struct xmpp_sasl_binding client_binding, server_binding;
	const char *authzid, *name, *password;
	struct account account;
	const struct xmpp_sasl_offer *seen, *offered;
	bool need_hash;
	/* one byte of this message (1 to 4) is changed on its way */
	unsigned tampered;
	size_t at;
};

struct outcome {
	bool client, server; /* came to their end, satisfied */
	bool proven, tampered;
	struct err client_e, server_e;
	char name[64], authzid[64];
};

static void carry(const struct match *m, unsigned number, struct buf *message,
	struct outcome *o)
{
	if (m->tampered != number || m->at >= message->len)
		return;
	char *byte = &message->data[m->at];
	*byte = *byte == 'A' ? 'B' : 'A';
	o->tampered = true;
}

static void exchange(const struct match *m, struct xmpp_scram_client *c,
	struct xmpp_scram_server *s, struct outcome *o)
{
	struct buf message = BUF_INIT(MAX), reply = BUF_INIT(MAX);
	bool going = xmpp_scram_client_first(c, &message, &o->client_e);
	carry(m, 1, &message, o);
	going = going && xmpp_scram_server_first(
				 s, buf_view(&message), &reply, &o->server_e);
	carry(m, 2, &reply, o);
	buf_reset(&message);
	going = going && xmpp_scram_client_final(
				 c, buf_view(&reply), &message, &o->client_e);
	carry(m, 3, &message, o);
	buf_reset(&reply);
	o->server = going && xmpp_scram_server_final(s, buf_view(&message),
				     &reply, &o->server_e);
	carry(m, 4, &reply, o);
	o->client = o->server &&
		    xmpp_scram_client_finish(c, buf_view(&reply), &o->client_e);
	buf_clear(&message);
	buf_clear(&reply);
}

static struct outcome play(const struct match *m)
{
	struct outcome o = { .client_e = ERR_NONE, .server_e = ERR_NONE };
	struct account account = m->account;
	const struct xmpp_scram_setup client = { .hash = m->hash,
		.flag = m->flag,
		.binding = &m->client_binding,
		.authzid = span_of(m->authzid),
		.name = span_of(m->name),
		.password = span_of(m->password),
		.offer = m->seen,
		.need_hash = m->need_hash };
	const struct xmpp_scram_server_setup server = { .hash = m->hash,
		.plus = m->plus,
		.plus_offered = m->plus_offered,
		.bindings = &m->server_binding,
		.binding_count = m->server_binding.type ? 1 : 0,
		.offer = m->offered,
		.find = find_keys,
		.arg = &account };
	struct xmpp_scram_client *c =
		xmpp_scram_client_new(&client, &o.client_e);
	assert_ok(c != NULL, &o.client_e);
	struct xmpp_scram_server *s = xmpp_scram_server_new(&server);
	exchange(m, c, s, &o);
	o.proven = xmpp_scram_client_is_offer_proven(c);
	span_copy(o.name, sizeof(o.name), xmpp_scram_server_name(s));
	span_copy(o.authzid, sizeof(o.authzid), xmpp_scram_server_authzid(s));
	xmpp_scram_client_free(c);
	xmpp_scram_server_free(s);
	return o;
}

static struct match a_match(enum hash hash, bool plus)
{
	struct match m = { .hash = hash,
		.flag = plus ? 'p' : 'n',
		.plus = plus,
		.plus_offered = plus,
		.name = "user",
		.password = "pencil",
		.account = {
			"user", "pencil", SPAN("saltsaltsalt"), 4096, false } };
	if (plus)
		m.client_binding = m.server_binding =
			(struct xmpp_sasl_binding){ "tls-exporter",
				SPAN("binding data\0with a NUL") };
	return m;
}

static const enum hash hashes[] = { HASH_SHA1, HASH_SHA256, HASH_SHA512 };

static void all_six_mechanisms_let_the_right_one_in(void **state)
{
	(void)state;
	for (size_t i = 0; i < 6; i++) {
		struct match m = a_match(hashes[i / 2], i % 2);
		struct outcome o = play(&m);
		assert_ok(o.server, &o.server_e);
		assert_ok(o.client, &o.client_e);
		assert_string_equal(o.name, "user");
	}
}

static void all_six_mechanisms_keep_the_wrong_one_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < 6; i++) {
		struct match m = a_match(hashes[i / 2], i % 2);
		m.password = "pencil ";
		struct outcome o = play(&m);
		assert_false(o.server);
		assert_int_equal(o.server_e.status, STATUS_AUTH);
		assert_string_equal(o.server_e.condition, "not-authorized");
		m = a_match(hashes[i / 2], i % 2);
		m.name = "nobody";
		o = play(&m);
		assert_false(o.server);
		/* the same as for a wrong password */
		assert_string_equal(
			o.server_e.text, "the name or the password is wrong");
	}
}

static void names_and_passwords_are_prepared_and_escaped(void **state)
{
	(void)state;
	static const struct {
		const char *name, *stored, *password, *stored_password;
	} pairs[] = {
		{ "a,b=c", "a,b=c", "p,q=r", "p,q=r" },
		/* one half, and Roman nine, come apart by SASLprep */
		{ "\xc2\xbd",
			"1\xe2\x81\x84"
			"2",
			"I\xc2\xadX", "\xe2\x85\xa8" },
		{ "=2C", "=2C", "\xf0\x9f\x99\x82", "\xf0\x9f\x99\x82" },
	};
	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct match m = a_match(HASH_SHA256, false);
		m.name = pairs[i].name;
		m.password = pairs[i].password;
		m.account.name = pairs[i].stored;
		m.account.password = pairs[i].stored_password;
		m.authzid = "other=1,2@example.com";
		struct outcome o = play(&m);
		assert_ok(o.server, &o.server_e);
		assert_ok(o.client, &o.client_e);
		assert_string_equal(o.name, pairs[i].stored);
		assert_string_equal(o.authzid, "other=1,2@example.com");
	}
}

static void whoever_is_between_shows_in_the_binding(void **state)
{
	(void)state;
	struct match m = a_match(HASH_SHA256, true);
	m.client_binding.data = SPAN("of another connection");
	struct outcome o = play(&m);
	assert_false(o.server);
	assert_string_equal(o.server_e.text,
		"SCRAM: the channel bindings do not match: there is somebody "
		"between");
	m = a_match(HASH_SHA256, true);
	m.client_binding.type = "tls-unique";
	o = play(&m);
	assert_string_equal(o.server_e.text,
		"SCRAM: a channel binding that is not offered");
}

/* RFC 5802 section 6 */
static void a_flag_that_does_not_fit_the_mechanism_is_refused(void **state)
{
	(void)state;
	static const struct {
		char flag;
		bool plus, offered, good;
	} flags[] = {
		{ 'n', false, false, true },
		{ 'n', false, true, true },
		{ 'y', false, false, true },
		{ 'y', false, true, false }, /* -PLUS was taken away */
		{ 'n', true, true, false },
		{ 'y', true, true, false },
		{ 'p', true, true, true },
		{ 'p', false, true, false },
	};
	for (size_t i = 0; i < COUNT(flags); i++) {
		struct match m = a_match(HASH_SHA1, true);
		m.flag = flags[i].flag;
		m.plus = flags[i].plus;
		m.plus_offered = flags[i].offered;
		struct outcome o = play(&m);
		if (o.server != flags[i].good)
			fail_msg("row %zu: %s", i, o.server_e.text);
	}
}

static void a_changed_byte_anywhere_ends_it(void **state)
{
	(void)state;
	unsigned changes = 0;
	for (unsigned message = 1; message <= 4; message++) {
		struct match m = a_match(HASH_SHA1, true);
		m.authzid = "admin";
		m.tampered = message;
		for (struct outcome o = play(&m); o.tampered; o = play(&m)) {
			if (message < 4 ? o.server : o.client)
				fail_msg("byte %zu of message %u", m.at,
					message);
			m.at++;
			changes++;
		}
	}
	assert_true(changes > 200);
}

/* ---- what the client refuses ---- */

static void assert_challenge(
	const char *server_first, const char *condition, const char *why)
{
	const struct xmpp_scram_setup setup = { .hash = HASH_SHA1,
		.flag = 'n',
		.name = SPAN("user"),
		.password = SPAN("pencil"),
		.nonce = "abc" };
	struct err e = ERR_NONE;
	struct buf out = BUF_INIT(MAX);
	struct xmpp_scram_client *c = xmpp_scram_client_new(&setup, &e);
	xmpp_scram_client_first(c, &out, &e);
	buf_reset(&out);
	bool taken =
		xmpp_scram_client_final(c, span_of(server_first), &out, &e);
	if (taken != !*condition || strcmp(e.condition, condition) != 0 ||
		!strstr(e.text, why))
		fail_msg("%s: %s %s", server_first, e.condition, e.text);
	if (!taken) {
		assert_int_equal(out.len, 0);
		assert_false(xmpp_scram_client_finish(c, SPAN("v=AAAA"), &e));
		assert_string_equal(
			e.text, "SCRAM: a message comes out of turn");
	}
	xmpp_scram_client_free(c);
	buf_clear(&out);
}

static void a_challenge_is_strict_in_form_and_order(void **state)
{
	(void)state;
	static const char m[] = "malformed-request", n[] = "not-authorized";
	assert_challenge("r=abcd,s=AAAA,i=4096", "", "");
	assert_challenge("r=abcd,s=AAAA,i=4096,x=y,z==", "", "");
	assert_challenge("", m, "malformed");
	assert_challenge("s=AAAA,r=abcd,i=4096", m, "malformed");
	assert_challenge("r=abcd,i=4096,s=AAAA", m, "malformed");
	assert_challenge("r=abcd,s=AAAA", m, "malformed");
	assert_challenge("r=abcd,s=AAAA,x=y,i=4096", m, "malformed");
	assert_challenge("r=abcd,s=AA=A,i=4096", m, "malformed");
	assert_challenge("r=abcd,s=,i=4096", m, "malformed");
	assert_challenge("r=abcd,s=AAAA,i=", m, "malformed");
	assert_challenge("r=abcd,s=AAAA,i=4096,", m, "malformed");
	assert_challenge("r=abcd,s=AAAA,i=4096,x", m, "extension");
	assert_challenge("r=abcd,s=AAAA,i=4096,5=5", m, "extension");
	assert_challenge("r=abcd,s=AAAA,i=0x1000", m, "no number");
	assert_challenge("r=abcd,s=AAAA,i=-4096", m, "no number");
	assert_challenge("r=abcd,s=AAAA,i=04096", m, "no number");
	assert_challenge("r=abcd,s=AAAA,i=4294971392", m, "no number");
	assert_challenge("r=abcd,s=AAAA,i=4095", n, "below 4096");
	assert_challenge("r=abcd,s=AAAA,i=1", n, "below 4096");
	assert_challenge("r=abcd,s=AAAA,i=1000001", n, "million");
	assert_challenge("r=abc,s=AAAA,i=4096", n, "nonce");
	assert_challenge("r=abC1,s=AAAA,i=4096", n, "nonce");
	assert_challenge("r=xabcd,s=AAAA,i=4096", n, "nonce");
	assert_challenge("r=abcd\x7f,s=AAAA,i=4096", n, "nonce");
	assert_challenge("m=x,r=abcd,s=AAAA,i=4096", n, "demands");
	assert_challenge("r=abcd,s=AAAA,i=4096,m=x", n, "mandatory");
}

static void the_server_must_know_the_password_too(void **state)
{
	(void)state;
	static const char *const finals[] = { "", "v=", "v=AAAA",
		"v=rmF9pqV8S7suAoZWja4dJRkFsKR=",
		"v=rmF9pqV8S7suAoZWja4dJRkFsKU=",
		"x=y,v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
		"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=,m=x",
		"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=,", "e=other-error",
		"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
		"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=,x=y" };
	const struct vector *v = &vectors[0];
	for (size_t i = 0; i < COUNT(finals); i++) {
		const struct xmpp_scram_setup setup = { .hash = v->hash,
			.flag = 'n',
			.name = SPAN("user"),
			.password = SPAN("pencil"),
			.nonce = v->client_nonce };
		struct err e = ERR_NONE;
		struct buf out = BUF_INIT(MAX);
		struct xmpp_scram_client *c = xmpp_scram_client_new(&setup, &e);
		xmpp_scram_client_first(c, &out, &e);
		xmpp_scram_client_final(c, span_of(v->server_first), &out, &e);
		bool good = i >= COUNT(finals) - 2;
		if (xmpp_scram_client_finish(c, span_of(finals[i]), &e) != good)
			fail_msg("%s: %s", finals[i], e.text);
		assert_true(good || e.status == STATUS_AUTH);
		if (strcmp(finals[i], "e=other-error") == 0)
			assert_string_equal(
				e.text, "SCRAM: the server says other-error");
		xmpp_scram_client_free(c);
		buf_clear(&out);
	}
}

static void names_and_passwords_that_cannot_be_are_refused(void **state)
{
	(void)state;
	static const char *const pairs[][2] = { { "", "pencil" },
		{ "user", "" }, { "us\ter", "pencil" }, { "user", "\x7f" },
		{ "\xff", "pencil" }, { "\xc2\xad", "pencil" },
		{ "user", "\xc2\xad" } };
	for (size_t i = 0; i < COUNT(pairs); i++) {
		const struct xmpp_scram_setup setup = { .hash = HASH_SHA1,
			.flag = 'n',
			.name = span_of(pairs[i][0]),
			.password = span_of(pairs[i][1]) };
		struct err e = ERR_NONE;
		assert_null(xmpp_scram_client_new(&setup, &e));
		assert_true(err_is_set(&e));
	}
}

/* ---- what the server refuses ---- */

static struct xmpp_scram_server *a_server(struct account *user)
{
	*user = (struct account){ "user", "pencil", SPAN("salt"), 4096, false };
	const struct xmpp_scram_server_setup setup = { .hash = HASH_SHA1,
		.nonce = "xyz",
		.find = find_keys,
		.arg = user };
	return xmpp_scram_server_new(&setup);
}

static void a_first_message_is_strict_in_form_and_order(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "n", "n,", "n,,", "n,,n=user",
		"n,,r=abc,n=user", "n,,n=user,r=", "n,,n=,r=abc",
		"n,,n=us=er,r=abc", "n,,n=user=2,r=abc", "n,,n=us=3der,r=abc",
		"n,,n=user,r=a c", "n,,n=user,r=abc,", "n,,m=x,n=user,r=abc",
		"n,,n=user,r=abc,m=x", "n,a=,n=user,r=abc",
		"n,b=x,n=user,r=abc", "n,a==,n=user,r=abc", "x,,n=user,r=abc",
		"N,,n=user,r=abc", "nn,,n=user,r=abc", "p,,n=user,r=abc",
		"p=,,n=user,r=abc", "p=tls-unique,,n=user,r=abc",
		",,n=user,r=abc", "n,,n=\xff,r=abc", "n,,n=\xc2\xad,r=abc",
		"n,,,n=user,r=abc" };
	static const char *const good[] = { "n,,n=user,r=abc",
		"y,,n=user,r=abc", "n,a=x=2Cy=3Dz,n=user,r=abc",
		"n,,n=user,r=abc,x=y,z=1=2" };
	for (size_t i = 0; i < COUNT(bad) + COUNT(good); i++) {
		bool is_good = i >= COUNT(bad);
		const char *text = is_good ? good[i - COUNT(bad)] : bad[i];
		struct err e = ERR_NONE;
		struct buf out = BUF_INIT(MAX);
		struct account user;
		struct xmpp_scram_server *s = a_server(&user);
		if (xmpp_scram_server_first(s, span_of(text), &out, &e) !=
			is_good)
			fail_msg("%s: %s", text, e.text);
		assert_true(user.asked == is_good);
		assert_true(is_good || e.status == STATUS_AUTH);
		xmpp_scram_server_free(s);
		buf_clear(&out);
	}
}

static void a_final_message_is_strict_in_form_and_order(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "c=biws", "c=biws,r=abcxyz",
		"c=biws,r=abcxyz,p=", "c=biws,r=abcxyz,p=AAAA",
		"r=abcxyz,c=biws,p=%s", "c=biws,r=abcxyz,p=%s,x=y",
		"c=biws,r=abcxyz,m=x,p=%s", "c=biws,r=abcxy,p=%s",
		"c=eSws,r=abcxyz,p=%s", "c=biwsAA==,r=abcxyz,p=%s",
		"c=biws,r=abcxyz,p=%s" };
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct err e = ERR_NONE;
		struct buf out = BUF_INIT(MAX), message = BUF_INIT(MAX);
		struct account user;
		struct xmpp_scram_server *s = a_server(&user);
		xmpp_scram_server_first(s, SPAN("n,,n=user,r=abc"), &out, &e);
		for (const char *c = bad[i]; *c; c++)
			if (*c == '%' && c++) /* as long as a right one */
				buf_str(&message,
					"v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
			else
				buf_char(&message, *c);
		assert_false(xmpp_scram_server_final(
			s, buf_view(&message), &out, &e));
		assert_int_equal(e.status, STATUS_AUTH);
		assert_int_equal(xmpp_scram_server_name(s).n, 0);
		/* no second guess */
		assert_false(xmpp_scram_server_final(
			s, buf_view(&message), &out, &e));
		assert_string_equal(
			e.text, "SCRAM: a message comes out of turn");
		xmpp_scram_server_free(s);
		buf_clear(&out);
		buf_clear(&message);
	}
}

/* The salt comes between ",s=" and ",i=". */
static void salt_of(struct buf *salt, const char *name)
{
	struct account user;
	struct buf out = BUF_INIT(MAX), message = BUF_INIT(MAX);
	struct xmpp_scram_server *s = a_server(&user);
	buf_printf(&message, "n,,n=%s,r=abc", name);
	assert_true(xmpp_scram_server_first(s, buf_view(&message), &out, NULL));
	struct span rest = buf_view(&out), part;
	span_cut(&rest, ',', &part);
	span_cut(&rest, ',', &part);
	buf_span(salt, part);
	xmpp_scram_server_free(s);
	buf_clear(&out);
	buf_clear(&message);
}

static void a_name_without_account_shows_nothing(void **state)
{
	(void)state;
	struct buf one = BUF_INIT(100), two = BUF_INIT(100),
		   three = BUF_INIT(100);
	salt_of(&one, "nobody");
	salt_of(&two, "nobody");
	salt_of(&three, "nobody-else");
	assert_true(span_starts(buf_view(&one), "s="));
	assert_true(span_equal(buf_view(&one), buf_view(&two)));
	assert_false(span_equal(buf_view(&one), buf_view(&three)));
	buf_clear(&one);
	buf_clear(&two);
	buf_clear(&three);
}

static void stored_keys_know_their_password(void **state)
{
	(void)state;
	struct xmpp_scram_keys a, b;
	struct err e = ERR_NONE;
	assert_ok(xmpp_scram_keys_make(&a, HASH_SHA256, SPAN("pencil"),
			  SPAN_EMPTY, 4096, &e),
		&e);
	assert_ok(xmpp_scram_keys_make(&b, HASH_SHA256, SPAN("pencil"),
			  SPAN_EMPTY, 4096, &e),
		&e);
	assert_int_equal(a.salt_size, 16);
	assert_true(memcmp(a.salt, b.salt, 16) != 0);
	assert_true(xmpp_scram_keys_match(&a, SPAN("pencil")));
	assert_true(xmpp_scram_keys_match(&a, SPAN("pen\xc2\xad"
						   "cil")));
	assert_false(xmpp_scram_keys_match(&a, SPAN("Pencil")));
	assert_false(xmpp_scram_keys_match(&a, SPAN("")));
	assert_false(xmpp_scram_keys_make(
		&a, HASH_SHA1, SPAN(""), SPAN_EMPTY, 4096, &e));
	assert_false(xmpp_scram_keys_make(&a, HASH_SHA1, SPAN("pencil"),
		SPAN("0123456789012345678901234567890123456789012345678901234"
		     "5678901234"),
		4096, &e));
}

/* ---- XEP-0474 ---- */

static const struct xmpp_sasl_offer xep_offer = {
	.mechanisms = { { "SCRAM-SHA-1-PLUS", 16 }, { "SCRAM-SHA-1", 11 } },
	.mechanism_count = 2,
	.bindings = { { "tls-server-end-point", 20 }, { "tls-exporter", 12 } },
	.binding_count = 2,
	.has_binding_list = true,
};

/* Section 5.3 of the XEP; its client adds an extension of its own. */
static void the_example_of_xep_0474_is_taken(void **state)
{
	(void)state;
	const struct xmpp_sasl_binding binding = { "tls-exporter",
		SPAN("THIS IS FAKE CB DATA") };
	struct account user = { "user", "pencil", SPAN_EMPTY, 4096, false };
	struct buf salt = BUF_INIT(100), out = BUF_INIT(MAX);
	base64_decode(&salt, SPAN("QSXCR+Q6sek8bf92"));
	user.salt = buf_view(&salt);
	const struct xmpp_scram_server_setup setup = { .hash = HASH_SHA1,
		.plus = true,
		.plus_offered = true,
		.bindings = &binding,
		.binding_count = 1,
		.nonce = "a09117a6-ac50-4f2f-93f1-93799c2bddf6",
		.offer = &xep_offer,
		.find = find_keys,
		.arg = &user };
	struct err e = ERR_NONE;
	struct xmpp_scram_server *s = xmpp_scram_server_new(&setup);
	assert_ok(xmpp_scram_server_first(s,
			  SPAN("p=tls-exporter,,n=user,"
			       "r=12C4CD5C-E38E-4A98-8F6D-15C38F51CCC6"),
			  &out, &e),
		&e);
	assert_span(buf_view(&out),
		"r=12C4CD5C-E38E-4A98-8F6D-15C38F51CCC6a09117a6-ac50-4f2f-93f1"
		"-93799c2bddf6,s=QSXCR+Q6sek8bf92,i=4096,"
		"h=G6k/rBLDqgOhRRaCuuatSDFkJ08=");
	buf_reset(&out);
	assert_ok(xmpp_scram_server_final(s,
			  SPAN("c=cD10bHMtZXhwb3J0ZXIsLFRISVMgSVMgRkFLRSBDQiB"
			       "EQVRB,r=12C4CD5C-E38E-4A98-8F6D-15C38F51CCC6a09"
			       "117a6-ac50-4f2f-93f1-93799c2bddf6,x=19C6532F-1"
			       "CF4-4A27-A18D-DC9CEA41BBB3,p=M/SIDjT+dfcxUh89"
			       "jZEypRvFxB4="),
			  &out, &e),
		&e);
	assert_span(buf_view(&out), "v=MQrMPvv7yv4x4Cq4W4Ih25EqS2c=");
	xmpp_scram_server_free(s);
	buf_clear(&out);
	buf_clear(&salt);
}

static void an_offer_that_was_changed_is_noticed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(hashes); i++) {
		struct match m = a_match(hashes[i], false);
		struct xmpp_sasl_offer changed = xep_offer;
		changed.mechanism_count = 1;
		m.offered = &xep_offer;
		m.seen = &xep_offer;
		struct outcome o = play(&m);
		assert_ok(o.client, &o.client_e);
		assert_true(o.proven);
		m.seen = &changed;
		o = play(&m);
		assert_false(o.server);
		assert_non_null(strstr(o.client_e.text, "somebody between"));
		/* not looked at, or not sent */
		m.seen = NULL;
		o = play(&m);
		assert_true(o.client);
		assert_false(o.proven);
		m.seen = &xep_offer;
		m.offered = NULL;
		o = play(&m);
		assert_true(o.client);
		assert_false(o.proven);
		m.need_hash = true;
		o = play(&m);
		assert_false(o.server);
		assert_non_null(strstr(o.client_e.text, "does not prove"));
	}
}

/* As ejabberd 24 sends it, of version 0.3: believed where it is right. */
static void the_older_proof_is_believed_where_it_is_right(void **state)
{
	(void)state;
	static const char *const values[] = { "c2hhMQ==", NULL };
	struct buf string = BUF_INIT(1000), right = BUF_INIT(100);
	unsigned char digest[HASH_MAX];
	xmpp_sasl_offer_string_old(&xep_offer, &string);
	assert_span(buf_view(&string),
		"SCRAM-SHA-1,SCRAM-SHA-1-PLUS|tls-exporter,"
		"tls-server-end-point");
	hash_bytes(HASH_SHA1, buf_view(&string), digest);
	base64_add(&right, span_from((char *)digest, 20));
	for (size_t i = 0; i < 4; i++) {
		const struct xmpp_scram_setup setup = { .hash = HASH_SHA1,
			.flag = 'n',
			.name = SPAN("user"),
			.password = SPAN("pencil"),
			.nonce = "abc",
			.offer = &xep_offer,
			.need_hash = i >= 2 };
		struct buf out = BUF_INIT(MAX), first = BUF_INIT(MAX);
		struct xmpp_scram_client *c =
			xmpp_scram_client_new(&setup, NULL);
		xmpp_scram_client_first(c, &out, NULL);
		buf_printf(&first, "r=abcd,s=AAAA,i=4096,d=%s",
			values[i % 2] ? values[i % 2] : buf_text(&right));
		assert_true(xmpp_scram_client_final(c, buf_view(&first), &out,
				    NULL) != (i == 2));
		xmpp_scram_client_free(c);
		buf_clear(&out);
		buf_clear(&first);
	}
	buf_clear(&string);
	buf_clear(&right);
}

TEST_MAIN(cmocka_unit_test(the_client_says_what_the_rfcs_say),
	cmocka_unit_test(the_server_says_what_the_rfcs_say),
	cmocka_unit_test(the_salt_that_was_expected_is_taken),
	cmocka_unit_test(what_was_expected_amiss_is_replaced),
	cmocka_unit_test(all_six_mechanisms_let_the_right_one_in),
	cmocka_unit_test(all_six_mechanisms_keep_the_wrong_one_out),
	cmocka_unit_test(names_and_passwords_are_prepared_and_escaped),
	cmocka_unit_test(whoever_is_between_shows_in_the_binding),
	cmocka_unit_test(a_flag_that_does_not_fit_the_mechanism_is_refused),
	cmocka_unit_test(a_changed_byte_anywhere_ends_it),
	cmocka_unit_test(a_challenge_is_strict_in_form_and_order),
	cmocka_unit_test(the_server_must_know_the_password_too),
	cmocka_unit_test(names_and_passwords_that_cannot_be_are_refused),
	cmocka_unit_test(a_first_message_is_strict_in_form_and_order),
	cmocka_unit_test(a_final_message_is_strict_in_form_and_order),
	cmocka_unit_test(a_name_without_account_shows_nothing),
	cmocka_unit_test(stored_keys_know_their_password),
	cmocka_unit_test(the_example_of_xep_0474_is_taken),
	cmocka_unit_test(an_offer_that_was_changed_is_noticed),
	cmocka_unit_test(the_older_proof_is_believed_where_it_is_right))
