/* Tokens: the mechanisms that prove one, and the slots in which they lie. */
#include "tests/common/test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/mem.h"
#include "base/state.h"
#include "xmpp/fast.h"
#include "xmpp/ht.h"
#include "xmpp/keep.h"

static const struct span token = SPAN("yrGE2lu878otLTUt");
static const struct span data = SPAN("0123456789abcdef0123456789abcdef");

/* ---- ht ---- */

static void names_tell_hash_and_binding(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		bool good;
		enum hash hash;
		const char *binding;
	} rows[] = { { "HT-SHA-256-NONE", true, HASH_SHA256, NULL },
		{ "HT-SHA-256-EXPR", true, HASH_SHA256, "tls-exporter" },
		{ "HT-SHA-512-UNIQ", true, HASH_SHA512, "tls-unique" },
		{ "HT-SHA-256-ENDP", true, HASH_SHA256,
			"tls-server-end-point" },
		{ "HT-SHA-256-", false, 0, NULL },
		{ "HT-SHA-256-NONEX", false, 0, NULL },
		{ "HT-SHA3-256-NONE", false, 0, NULL },
		{ "SCRAM-SHA-256", false, 0, NULL }, { "", false, 0, NULL } };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct xmpp_ht ht = { 0 };
		bool good = xmpp_ht_of(&ht, span_of(rows[i].name));
		if (good != rows[i].good ||
			(good && (ht.hash != rows[i].hash ||
					 span_compare(span_of(ht.binding),
						 span_of(rows[i].binding)))))
			fail_msg("%s: %d %d %s", rows[i].name, good, ht.hash,
				ht.binding);
	}
}

static void assert_base64(struct buf *got, const char *want)
{
	struct buf text = BUF_INIT(1 << 12);
	base64_add(&text, buf_view(got));
	assert_span(buf_view(&text), want);
	buf_clear(&text);
	buf_clear(got);
}

/* The values are those of `openssl dgst -hmac`. */
static void messages_are_hashes_keyed_by_the_token(void **state)
{
	(void)state;
	struct buf out = BUF_INIT(1 << 12);
	struct xmpp_ht ht, none;
	struct span name, proof;
	assert_true(xmpp_ht_of(&ht, SPAN("HT-SHA-256-EXPR")));
	assert_true(xmpp_ht_of(&none, SPAN("HT-SHA-512-NONE")));
	xmpp_ht_initiate(&out, &ht, SPAN("alice"), token, data);
	assert_true(xmpp_ht_parse(buf_view(&out), &name, &proof));
	assert_span(name, "alice");
	assert_true(xmpp_ht_is_initiator(&ht, proof, token, data));
	buf_consume(&out, 6);
	assert_base64(&out, "StajJDkxPBwvV8LxcRuyXWsRM1qg/e4jLZBuNmRQaqk=");
	xmpp_ht_respond(&out, &ht, token, data);
	assert_true(xmpp_ht_is_responder(&ht, buf_view(&out), token, data));
	assert_base64(&out, "Liwtr5+N/hz735W1gYFr6KgkbE68bhUEo1yq27u+IC4=");
	xmpp_ht_initiate(&out, &none, SPAN("alice"), token, SPAN_EMPTY);
	buf_consume(&out, 6);
	assert_base64(&out, "uy68lrY7F3qxjGoFhXppeO4YQ6G7SsGs3M8ThXpYWHij/iqTl4"
			    "XozL9x7F5ZxBtT9681zxVhpiC3Ccov54Lcuw==");
}

static void a_wrong_proof_is_none(void **state)
{
	(void)state;
	struct buf out = BUF_INIT(1 << 12);
	struct xmpp_ht ht;
	assert_true(xmpp_ht_of(&ht, SPAN("HT-SHA-256-EXPR")));
	xmpp_ht_respond(&out, &ht, token, data);
	struct span good = buf_view(&out);
	assert_true(xmpp_ht_is_responder(&ht, good, token, data));
	assert_false(xmpp_ht_is_initiator(&ht, good, token, data));
	assert_false(xmpp_ht_is_responder(&ht, good, token, SPAN("other")));
	assert_false(xmpp_ht_is_responder(&ht, good, SPAN("other"), data));
	assert_false(xmpp_ht_is_responder(
		&ht, span_first(good, good.n - 1), token, data));
	assert_false(xmpp_ht_is_responder(&ht, SPAN_EMPTY, token, data));
	out.data[31] ^= 1;
	assert_false(xmpp_ht_is_responder(&ht, good, token, data));
	buf_clear(&out);
}

static void a_message_has_a_name_and_a_proof(void **state)
{
	(void)state;
	struct span name, proof;
	assert_false(xmpp_ht_parse(SPAN_EMPTY, &name, &proof));
	assert_false(xmpp_ht_parse(SPAN("alice"), &name, &proof));
	assert_false(xmpp_ht_parse(SPAN("alice\0"), &name, &proof));
	assert_false(xmpp_ht_parse(SPAN("\0proof"), &name, &proof));
	assert_true(xmpp_ht_parse(SPAN("a\0b\0c"), &name, &proof));
	assert_int_equal(proof.n, 3); /* a hash may have NULs */
}

static void the_best_binding_is_asked_for(void **state)
{
	(void)state;
	const struct span offered[] = { SPAN("HT-SHA-256-NONE"),
		SPAN("HT-SHA-256-ENDP"), SPAN("HT-SHA-256-EXPR"),
		SPAN("HT-SHA-512-EXPR"), SPAN("X") };
	const struct xmpp_sasl_binding bindings[] = {
		{ "tls-server-end-point", data }, { "tls-exporter", data }
	};
	assert_span(xmpp_ht_choose(offered, 5, bindings, 2, true),
		"HT-SHA-512-EXPR");
	assert_span(xmpp_ht_choose(offered, 5, bindings, 1, true),
		"HT-SHA-256-ENDP");
	assert_span(xmpp_ht_choose(offered, 5, bindings, 0, true),
		"HT-SHA-256-NONE");
	assert_int_equal(xmpp_ht_choose(offered, 5, bindings, 0, false).n, 0);
	assert_int_equal(xmpp_ht_choose(offered, 0, bindings, 2, true).n, 0);
}

/* ---- slots ---- */

static char folder[64];
static struct xmpp_jid me;

static int setup(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/samtal-fast-XXXXXX");
	assert_non_null(mkdtemp(folder));
	setenv("XDG_STATE_HOME", folder, 1);
	return xmpp_jid_parse(&me, SPAN("me@our.example"), NULL) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	char *command = mem_format("rm -r '%s'", folder);
	xmpp_jid_clear(&me);
	int failed = system(command);
	mem_free(command);
	return failed;
}

static struct xmpp_fast *open_slot(void)
{
	struct err e = ERR_NONE;
	struct xmpp_fast *f = xmpp_fast_open(&me, &e);
	assert_ok(f != NULL, &e);
	return f;
}

static void a_token_is_there_for_the_next_run(void **state)
{
	(void)state;
	struct err e = ERR_NONE;
	struct span mechanism, got;
	char agent[64];
	struct xmpp_fast *f = open_slot();
	assert_false(xmpp_fast_token(f, 1000, &mechanism, &got));
	assert_int_equal(strlen(xmpp_fast_agent(f)), 36);
	strcpy(agent, xmpp_fast_agent(f));
	assert_ok(xmpp_fast_keep(f, SPAN("HT-SHA-256-EXPR"), token, 2000, &e),
		&e);
	xmpp_fast_free(f);
	f = open_slot();
	assert_string_equal(xmpp_fast_agent(f), agent);
	assert_true(xmpp_fast_token(f, 1000, &mechanism, &got));
	assert_span(mechanism, "HT-SHA-256-EXPR");
	assert_true(span_equal(got, token));
	assert_true(xmpp_fast_token(f, 1940, &mechanism, &got));
	assert_false(xmpp_fast_token(f, 1941, &mechanism, &got));
	assert_ok(xmpp_fast_drop(f, &e), &e);
	xmpp_fast_free(f);
	f = open_slot();
	assert_string_equal(xmpp_fast_agent(f), agent);
	assert_false(xmpp_fast_token(f, 1000, &mechanism, &got));
	xmpp_fast_free(f);
}

static void runs_at_the_same_time_have_slots_of_their_own(void **state)
{
	(void)state;
	struct xmpp_fast *all[XMPP_FAST_SLOTS];
	struct err e = ERR_NONE;
	struct span mechanism, got;
	for (int i = 0; i < XMPP_FAST_SLOTS; i++) {
		all[i] = open_slot();
		for (int j = 0; j < i; j++)
			assert_string_not_equal(xmpp_fast_agent(all[i]),
				xmpp_fast_agent(all[j]));
		char *text = mem_format("token-%d", i);
		assert_ok(xmpp_fast_keep(all[i], SPAN("HT-SHA-256-NONE"),
				  span_of(text), 2000, &e),
			&e);
		mem_free(text);
	}
	assert_null(xmpp_fast_open(&me, &e));
	assert_false(err_is_set(&e));
	for (int i = 0; i < XMPP_FAST_SLOTS; i++)
		xmpp_fast_free(all[i]);
	/* None was lost. */
	for (int i = 0; i < XMPP_FAST_SLOTS; i++) {
		char *text = mem_format("token-%d", i);
		all[i] = open_slot();
		assert_true(xmpp_fast_token(all[i], 0, &mechanism, &got));
		assert_span(got, text);
		mem_free(text);
	}
	for (int i = 0; i < XMPP_FAST_SLOTS; i++)
		xmpp_fast_free(all[i]);
}

static void what_would_break_the_file_is_no_token(void **state)
{
	(void)state;
	static const struct span bad[] = { SPAN(""), SPAN("a b"), SPAN("a\nb"),
		SPAN("a\0b"), SPAN("\xc3\xa5") };
	struct xmpp_fast *f = open_slot();
	struct err e = ERR_NONE;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(xmpp_fast_keep(
			f, SPAN("HT-SHA-256-NONE"), bad[i], 2000, &e));
		assert_int_equal(e.status, STATUS_MALFORMED);
	}
	assert_false(xmpp_fast_keep(
		f, SPAN("HT-SHA-256-NONE-AND-MORE"), token, 2000, &e));
	xmpp_fast_free(f);
}

static bool spoil(void *arg, struct buf *content, struct err *e)
{
	(void)e;
	buf_reset(content);
	return buf_str(content, arg);
}

static void a_spoilt_file_is_begun_anew(void **state)
{
	(void)state;
	static const char *const texts[] = { "", "agent x\n", "\n\n",
		"token HT 5\n", "token A B C D\n",
		"token HT-SHA-256-NONE x y\n" };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct span mechanism, got;
		struct err e = ERR_NONE;
		char account[XMPP_KEEP_NAME_SIZE];
		xmpp_keep_name(account, &me);
		char *name = mem_format("%s-0", account);
		assert_ok(state_change(name, spoil, (void *)texts[i], &e), &e);
		mem_free(name);
		struct xmpp_fast *f = open_slot();
		assert_int_equal(strlen(xmpp_fast_agent(f)), 36);
		assert_false(xmpp_fast_token(f, 0, &mechanism, &got));
		xmpp_fast_free(f);
	}
}

static void without_a_folder_there_is_no_slot(void **state)
{
	(void)state;
	struct err e = ERR_NONE;
	setenv("XDG_STATE_HOME", "/dev/null/x", 1);
	assert_null(xmpp_fast_open(&me, &e));
	assert_int_equal(e.status, STATUS_LOCAL_IO);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

TEST_MAIN(cmocka_unit_test(names_tell_hash_and_binding),
	cmocka_unit_test(messages_are_hashes_keyed_by_the_token),
	cmocka_unit_test(a_wrong_proof_is_none),
	cmocka_unit_test(a_message_has_a_name_and_a_proof),
	cmocka_unit_test(the_best_binding_is_asked_for),
	T(a_token_is_there_for_the_next_run),
	T(runs_at_the_same_time_have_slots_of_their_own),
	T(what_would_break_the_file_is_no_token),
	T(a_spoilt_file_is_begun_anew), T(without_a_folder_there_is_no_slot))
