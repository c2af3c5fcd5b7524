/* Requests and replies: who is believed (hazards: spoofed IQ replies and
 * roster pushes), each refusal beside its legitimate twin. */
#include "tests/common/test.h"

#include <string.h>

#include "base/mem.h"
#include "net/sim.h"
#include "xmpp/iq.h"
#include "xmpp/ns.h"
#include "xmpp/roster.h"

static struct sim *sim;
static struct xmpp_iqs *q;
static struct xmpp_jid self;
static struct xml_element *sent; /* the last one */
static int done_calls;
static struct err done_error;
static bool done_reply;

static bool keep(void *arg, struct xml_element *s, struct err *e)
{
	(void)arg;
	(void)e;
	xml_element_free(sent);
	sent = s;
	return true;
}

static void on_done(
	void *arg, const struct xml_element *reply, const struct err *e)
{
	(void)arg;
	done_calls++;
	done_reply = reply != NULL;
	done_error = *e;
}

static int setup(void **state)
{
	(void)state;
	struct err e = ERR_NONE;
	sim = sim_new(1);
	q = xmpp_iqs_new(sim_loop(sim), keep, NULL);
	assert_ok(xmpp_jid_parse(&self, SPAN("me@our.example/here"), &e), &e);
	xmpp_iqs_set_self(q, &self);
	sent = NULL;
	done_calls = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	xmpp_iqs_free(q);
	xmpp_jid_clear(&self);
	xml_element_free(sent);
	sim_free(sim);
	return 0;
}

static struct xmpp_iq *ask(const char *to)
{
	struct err e = ERR_NONE;
	struct xml_element *s = xmpp_iq_make("get", to);
	xml_element_child(s, "query", XMPP_NS_ROSTER);
	struct xmpp_iq *iq =
		xmpp_iq_request(q, s, 5 * USEC_SEC, on_done, NULL, &e);
	assert_ok(iq != NULL, &e);
	return iq;
}

static void reply(const char *type, const char *from, const char *id)
{
	struct xml_element *s = xmpp_iq_make(type, self.text);
	xml_element_attr(xml_element_attr(s, "from", from), "id", id);
	xmpp_iqs_take(q, s);
	xml_element_free(s);
}

static void only_who_was_asked_may_answer(void **state)
{
	(void)state;
	static const struct {
		const char *to, *from;
		bool believed;
	} rows[] = {
		{ NULL, NULL, true },
		{ NULL, "me@our.example", true },
		{ NULL, "our.example", true },
		{ NULL, "me@our.example/here", true },
		{ NULL, "me@our.example/there", false },
		{ NULL, "evil.example", false },
		{ NULL, "me@our.example.evil.example", false },
		{ NULL, "evil@our.example", false },
		{ NULL, "", false },
		{ "me@our.example", NULL, true },
		{ "me@our.example", "me@our.example", true },
		{ "me@our.example", "evil@our.example", false },
		{ "our.example", NULL, true },
		{ "our.example", "our.example", true },
		{ "our.example", "me@our.example", false },
		{ "our.example", "evil.example", false },
		{ "bob@far.example", "bob@far.example", true },
		{ "bob@far.example", "BOB@Far.Example", true },
		{ "bob@far.example", NULL, false },
		{ "bob@far.example", "bob@far.example/phone", false },
		{ "bob@far.example", "far.example", false },
		{ "bob@far.example", "me@our.example", false },
		{ "bob@far.example/x", "bob@far.example/x", true },
		{ "bob@far.example/x", "bob@far.example", false },
		{ "bob@far.example/x", "bob@far.example/X", false },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct xmpp_iq *iq = ask(rows[i].to);
		done_calls = 0;
		uint64_t dropped = xmpp_iqs_dropped(q);
		char *id = mem_str(xmpp_iq_id(iq));
		reply("result", rows[i].from, id);
		if ((done_calls == 1) != rows[i].believed)
			fail_msg("asked %s, answered by %s: %s", rows[i].to,
				rows[i].from,
				done_calls ? "believed" : "dropped");
		assert_int_equal(
			xmpp_iqs_dropped(q) - dropped, !rows[i].believed);
		if (!rows[i].believed)
			xmpp_iq_cancel(iq);
		mem_free(id);
	}
}

static void after_a_forged_reply_the_real_one_still_counts(void **state)
{
	(void)state;
	char *id = mem_str(xmpp_iq_id(ask("bob@far.example")));
	reply("result", "evil.example", id);
	reply("result", "bob@far.example", "another-id");
	assert_int_equal(done_calls, 0);
	reply("result", "bob@far.example", id);
	assert_int_equal(done_calls, 1);
	assert_true(done_reply);
	assert_false(err_is_set(&done_error));
	/* And only once. */
	reply("result", "bob@far.example", id);
	assert_int_equal(done_calls, 1);
	mem_free(id);
}

static void an_error_names_its_condition(void **state)
{
	(void)state;
	ask("bob@far.example");
	struct xml_element *s = xmpp_stanza_reply(sent, "error");
	struct xml_element *error = xml_element_child(s, "error", NULL);
	xml_element_child(error, "item-not-found", XMPP_NS_STANZA_ERROR);
	xmpp_iqs_take(q, s);
	xml_element_free(s);
	assert_int_equal(done_calls, 1);
	assert_int_equal(done_error.status, STATUS_REFUSED);
	assert_string_equal(done_error.condition, "item-not-found");
}

static void silence_ends_with_the_deadline(void **state)
{
	(void)state;
	ask("bob@far.example");
	sim_run(sim, NULL, NULL, 4900 * USEC_MS);
	assert_int_equal(done_calls, 0);
	sim_run(sim, NULL, NULL, 200 * USEC_MS);
	assert_int_equal(done_calls, 1);
	assert_false(done_reply);
	assert_int_equal(done_error.status, STATUS_TIMEOUT);
	assert_string_equal(
		done_error.text, "bob@far.example did not answer within 5 s");
}

static void a_cancelled_request_calls_nobody(void **state)
{
	(void)state;
	xmpp_iq_cancel(ask("bob@far.example"));
	xmpp_iqs_take(q, sent);
	struct err e = ERR_NONE;
	err_set(&e, STATUS_UNREACHABLE, "gone");
	xmpp_iqs_end(q, &e);
	sim_run(sim, NULL, NULL, 10 * USEC_SEC);
	assert_int_equal(done_calls, 0);
}

static void the_end_of_the_stream_is_told_to_all(void **state)
{
	(void)state;
	ask(NULL);
	ask("bob@far.example");
	struct err e = ERR_NONE;
	err_set(&e, STATUS_UNREACHABLE, "gone");
	xmpp_iqs_end(q, &e);
	assert_int_equal(done_calls, 2);
	assert_string_equal(done_error.text, "gone");
}

static void ids_are_long_and_never_the_same(void **state)
{
	(void)state;
	char *first = mem_str(xmpp_iq_id(ask(NULL)));
	const char *second = xmpp_iq_id(ask(NULL));
	assert_true(strlen(first) >= 20);
	assert_string_not_equal(first, second);
	mem_free(first);
}

/* ---- answering ---- */

static bool handles;

static bool on_query(void *arg, const struct xml_element *request)
{
	(void)arg;
	if (handles)
		xmpp_iqs_answer(q, xmpp_stanza_reply(request, "result"));
	return handles;
}

static void request(const char *type, const char *id, int children,
	const char *name, const char *ns)
{
	struct xml_element *s = xmpp_iq_make(type, self.text);
	xml_element_attr(s, "from", "bob@far.example/x");
	xml_element_attr(s, "id", id);
	while (children--)
		xml_element_child(s, name, ns);
	xml_element_free(sent);
	sent = NULL;
	xmpp_iqs_take(q, s);
	xml_element_free(s);
}

static void assert_answer(const char *type, const char *condition)
{
	assert_non_null(sent);
	assert_string_equal(xml_element_attr_find(sent, "type"), type);
	assert_string_equal(
		xml_element_attr_find(sent, "to"), "bob@far.example/x");
	const struct xml_element *error = xml_element_find(sent, "error", NULL);
	if (condition)
		assert_non_null(xml_element_find(
			error, condition, XMPP_NS_STANZA_ERROR));
	else
		assert_null(error);
}

static void what_nobody_knows_is_answered_service_unavailable(void **state)
{
	(void)state;
	request("get", "1", 1, "query", "jabber:iq:version");
	assert_answer("error", "service-unavailable");
	xmpp_iqs_on(q, "get", "query", "jabber:iq:version", on_query, NULL);
	handles = true;
	request("get", "2", 1, "query", "jabber:iq:version");
	assert_answer("result", NULL);
	request("set", "3", 1, "query", "jabber:iq:version");
	assert_answer("error", "service-unavailable");
	request("get", "4", 1, "query", "jabber:iq:last");
	assert_answer("error", "service-unavailable");
	handles = false;
	request("get", "5", 1, "query", "jabber:iq:version");
	assert_answer("error", "service-unavailable");
}

static void a_request_that_is_none_is_a_bad_request(void **state)
{
	(void)state;
	request("get", "1", 0, NULL, NULL);
	assert_answer("error", "bad-request");
	request("get", "1", 2, "query", "jabber:iq:version");
	assert_answer("error", "bad-request");
	request("get", NULL, 1, "query", "jabber:iq:version");
	assert_answer("error", "bad-request");
	request("put", "1", 1, "query", "jabber:iq:version");
	assert_answer("error", "bad-request");
}

static void a_reply_to_nothing_is_not_answered(void **state)
{
	(void)state;
	reply("result", "bob@far.example", "7");
	reply("error", "bob@far.example", "7");
	assert_null(sent);
}

/* ---- RFC 6121 section 2.1.6 ---- */

static void a_roster_push_is_our_own_servers_or_nothing(void **state)
{
	(void)state;
	static const struct {
		const char *from;
		bool believed;
	} rows[] = {
		{ NULL, true },
		{ "me@our.example", true },
		{ "ME@our.example", true },
		{ "me@our.example/here", false },
		{ "me@our.example/there", false },
		{ "our.example", false },
		{ "bob@our.example", false },
		{ "evil.example", false },
		{ "me@our.exampl\u0435", false },
		{ "", false },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct xml_element *s = xmpp_iq_make("set", self.text);
		xml_element_attr(s, "from", rows[i].from);
		struct xml_element *query =
			xml_element_child(s, "query", XMPP_NS_ROSTER);
		struct xml_element *item =
			xml_element_child(query, "item", NULL);
		xml_element_attr(item, "jid", "evil@evil.example");
		xml_element_attr(item, "subscription", "both");
		struct xmpp_roster_item parsed;
		bool got = xmpp_roster_push_parse(&parsed, s, &self);
		if (got != rows[i].believed)
			fail_msg("a push from %s: %d", rows[i].from, got);
		if (got)
			assert_int_equal(
				parsed.subscription, XMPP_SUBSCRIPTION_BOTH);
		/* Two items are none (rule 1). */
		xml_element_attr(xml_element_child(query, "item", NULL), "jid",
			"b@evil.example");
		assert_false(xmpp_roster_push_parse(&parsed, s, &self));
		xml_element_free(s);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

TEST_MAIN(T(only_who_was_asked_may_answer),
	T(after_a_forged_reply_the_real_one_still_counts),
	T(an_error_names_its_condition), T(silence_ends_with_the_deadline),
	T(a_cancelled_request_calls_nobody),
	T(the_end_of_the_stream_is_told_to_all),
	T(ids_are_long_and_never_the_same),
	T(what_nobody_knows_is_answered_service_unavailable),
	T(a_request_that_is_none_is_a_bad_request),
	T(a_reply_to_nothing_is_not_answered),
	T(a_roster_push_is_our_own_servers_or_nothing))
