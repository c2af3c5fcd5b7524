/* xmppserve on a simulated network: who is slow, who never reads, who never
 * logs in, who is hostile; and that the others are served meanwhile. */
#include "tests/common/test.h"

#include <string.h>

#include "base/mem.h"
#include "cmd/xmppserve/authenticate.h"
#include "tests/common/xmpp_hostile.h"
#include "tests/xmppserve/guest.h"

#define AVAILABLE "<presence/>"

/* ---- measures ---- */

static struct session *session_of(const char *user)
{
	struct user *u = user_find(inn.server, span_of(user));
	struct link *first = list_first(&u->sessions);
	return first ? LIST_ITEM(first, struct session, of_user) : NULL;
}

static size_t offline_of(const char *user)
{
	return user_find(inn.server, span_of(user))->offline.count;
}

static size_t most_waiting;

/* All that waits for anybody; for sim_run it is never done. */
static bool look(void *arg)
{
	size_t sum = 0;
	(void)arg;
	LIST_EACH(&inn.server->sessions, at)
	sum += LIST_ITEM(at, struct session, link)->outbox.memory;
	if (sum > most_waiting)
		most_waiting = sum;
	return false;
}

static void go_looking(usec_t limit)
{
	sim_run(inn.sim, look, NULL, limit);
}

/* ---- back-pressure ---- */

#define MANY 10000

static void check_flood(bool manages)
{
	struct guest *alice =
		guest_new((struct guest){ .user = "alice", .resource = "a" });
	struct guest *bob = guest_new((struct guest){
		.user = "bob", .resource = "b", .manages = manages });
	most_waiting = 0;
	guest_enter(alice);
	guest_enter(bob);
	guest_say(bob, AVAILABLE);
	inn_go(USEC_SEC);
	guest_flood(alice, "bob@" INN_DOMAIN, 1, MANY);
	/* Asleep for 20 s, awake for 10 ms, again and again. */
	bool was_waiting = false;
	for (int i = 0; i < 200 && bob->messages < MANY; i++) {
		xmpp_wire_pause(bob->wire, true);
		go_looking(20 * USEC_SEC);
		was_waiting |= session_of("alice")->waits_for != NULL;
		xmpp_wire_pause(bob->wire, false);
		go_looking(10 * USEC_MS);
	}
	go_looking(5 * USEC_SEC);
	assert_int_equal(bob->messages, MANY);
	assert_false(bob->disordered);
	assert_int_equal(alice->bounces, 0);
	assert_true(was_waiting);
	/* One stanza over the mark, whoever sends it. */
	assert_true(most_waiting <= OUTBOX_LONG + 4096);
	assert_false(alice->closed || bob->closed);
}

static void a_flood_reaches_a_slow_receiver_complete_and_in_order(void **state)
{
	(void)state;
	check_flood(false);
}

static void the_same_with_acknowledgements(void **state)
{
	(void)state;
	check_flood(true);
}

/* Each is slow because the other is: nobody waits for an <a/>. */
static void two_who_flood_each_other_do_not_block(void **state)
{
	(void)state;
	struct guest *alice = guest_new((struct guest){
		.user = "alice", .resource = "a", .manages = true });
	struct guest *bob = guest_new((struct guest){
		.user = "bob", .resource = "b", .manages = true });
	guest_enter(alice);
	guest_enter(bob);
	guest_say(alice, AVAILABLE);
	guest_say(bob, AVAILABLE);
	inn_go(USEC_SEC);
	guest_flood(alice, "bob@" INN_DOMAIN, 1, MANY);
	guest_flood(bob, "alice@" INN_DOMAIN, 1, MANY);
	inn_go(20 * USEC_SEC);
	assert_int_equal(bob->messages, MANY);
	assert_int_equal(alice->messages, MANY);
	assert_false(alice->disordered || bob->disordered);
}

static void who_never_reads_is_dropped_and_nothing_is_lost(void **state)
{
	(void)state;
	struct guest *alice =
		guest_new((struct guest){ .user = "alice", .resource = "a" });
	struct guest *bob = guest_new((struct guest){
		.user = "bob", .resource = "b", .manages = true });
	most_waiting = 0;
	guest_enter(alice);
	guest_enter(bob);
	guest_say(bob, AVAILABLE);
	inn_go(USEC_SEC);
	bob->acked = 0;
	xmpp_wire_pause(bob->wire, true);
	guest_flood(alice, "bob@" INN_DOMAIN, 1, MANY);
	go_looking(STALL_LIMIT - USEC_SEC);
	assert_non_null(session_of("bob"));
	go_looking(10 * USEC_SEC);
	assert_null(session_of("bob"));
	assert_non_null(strstr(
		buf_text(&inn.events), "ended by us: resource-constraint"));
	/* Nothing was acknowledged: all of it waits for him. */
	assert_int_equal(offline_of("bob"), MANY);
	guest_free(bob);
	struct guest *again =
		guest_new((struct guest){ .user = "bob", .resource = "again" });
	guest_enter(again);
	guest_say(again, AVAILABLE);
	inn_go(5 * USEC_SEC);
	assert_int_equal(again->messages, MANY);
	assert_false(again->disordered);
	assert_int_equal(alice->bounces, 0);
}

/* It asks and asks and does not read the answers. */
static void who_does_not_read_its_answers_is_not_read_from(void **state)
{
	(void)state;
	struct guest *alice =
		guest_new((struct guest){ .user = "alice", .resource = "a" });
	most_waiting = 0;
	guest_enter(alice);
	inn_go(USEC_SEC);
	char *ping = mem_format("<iq type='get' id='ping%0*d'>"
				"<ping xmlns='urn:xmpp:ping'/></iq>",
		1000, 0);
	xmpp_wire_pause(alice->wire, true);
	unsigned asked = 0;
	for (int i = 0; i < 200; i++) {
		for (; !xmpp_wire_is_full(alice->wire); asked++)
			guest_say(alice, ping);
		go_looking(100 * USEC_MS);
	}
	mem_free(ping);
	assert_true(session_of("alice")->waits_for == session_of("alice"));
	assert_true(most_waiting <= OUTBOX_LONG + 4096);
	xmpp_wire_pause(alice->wire, false);
	inn_go(5 * USEC_SEC);
	assert_false(alice->closed);
	assert_int_equal(alice->pings, asked);
	assert_null(session_of("alice")->waits_for);
}

/* ---- what was not acknowledged ---- */

static void what_was_not_acknowledged_comes_again(void **state)
{
	(void)state;
	struct guest *alice =
		guest_new((struct guest){ .user = "alice", .resource = "a" });
	struct guest *bob = guest_new((struct guest){
		.user = "bob", .resource = "b", .manages = true });
	guest_enter(alice);
	guest_enter(bob);
	guest_say(bob, AVAILABLE);
	inn_go(USEC_SEC);
	guest_flood(alice, "bob@" INN_DOMAIN, 1, 3);
	inn_go(USEC_SEC);
	bob->mute = true;
	guest_flood(alice, "bob@" INN_DOMAIN, 4, 6);
	inn_go(USEC_SEC);
	assert_int_equal(bob->messages, 6);
	guest_free(bob);
	inn_go(USEC_SEC);
	assert_int_equal(offline_of("bob"), 3);
	struct guest *again =
		guest_new((struct guest){ .user = "bob", .resource = "b" });
	guest_enter(again);
	again->expected = 4;
	guest_say(again, AVAILABLE);
	inn_go(USEC_SEC);
	assert_int_equal(again->messages, 3);
	assert_false(again->disordered);
}

/* Acknowledged with the farewell, and then nothing comes again. */
static void an_orderly_end_loses_and_repeats_nothing(void **state)
{
	(void)state;
	struct guest *alice =
		guest_new((struct guest){ .user = "alice", .resource = "a" });
	struct guest *bob = guest_new((struct guest){ .user = "bob",
		.resource = "b",
		.manages = true,
		.mute = true });
	guest_enter(alice);
	guest_enter(bob);
	guest_say(bob, AVAILABLE);
	inn_go(USEC_SEC);
	guest_flood(alice, "bob@" INN_DOMAIN, 1, 3);
	inn_go(USEC_SEC);
	guest_leave(bob);
	inn_go(USEC_SEC);
	assert_true(bob->closed);
	assert_false(err_is_set(&bob->end));
	assert_int_equal(offline_of("bob"), 0);
}

static void an_acknowledgement_of_more_than_was_sent_ends_it(void **state)
{
	(void)state;
	struct guest *bob = guest_new((struct guest){
		.user = "bob", .resource = "b", .manages = true });
	guest_enter(bob);
	guest_say(bob, "<a xmlns='urn:xmpp:sm:3' h='7'/>");
	inn_go(2 * USEC_SEC);
	assert_true(bob->closed);
	assert_string_equal(bob->end.condition, "undefined-condition");
}

/* ---- who does not log in ---- */

static void who_never_logs_in_is_dropped(void **state)
{
	(void)state;
	struct guest *idle = guest_new((struct guest){ 0 });
	struct guest *direct = guest_new((struct guest){ .direct_tls = true });
	struct guest *tls = guest_new(
		(struct guest){ .user = "alice", .stops_at_tls = true });
	struct guest *alice =
		guest_new((struct guest){ .user = "alice", .resource = "a" });
	guest_connect(idle);
	guest_connect(direct);
	guest_connect(tls);
	guest_enter(alice);
	inn_go(NEGOTIATION_LIMIT - 2 * USEC_SEC);
	assert_false(idle->closed || direct->closed || tls->closed);
	inn_go(5 * USEC_SEC);
	assert_true(idle->closed && direct->closed && tls->closed);
	assert_string_equal(tls->end.condition, "connection-timeout");
	assert_false(alice->closed);
}

static void steps_out_of_their_turn_are_refused(void **state)
{
	(void)state;
#define HEADER(to)                                                             \
	"<stream:stream xmlns='jabber:client' version='1.0' to='" to           \
	"' xmlns:stream='http://etherx.jabber.org/streams'>"
	static const struct {
		bool direct_tls;
		const char *said, *condition;
	} rows[] = {
		{ false, HEADER("far.example"), "host-unknown" },
		{ false, HEADER(INN_DOMAIN) "<message/>", "policy-violation" },
		{ false,
			HEADER(INN_DOMAIN) "<auth mechanism='PLAIN' "
					   "xmlns='urn:ietf:params:xml:ns:xmpp-"
					   "sasl'/>",
			"policy-violation" },
		{ true, HEADER(INN_DOMAIN) "<message/>", "not-authorized" },
		{ true,
			HEADER(INN_DOMAIN) "<response xmlns='urn:ietf:params:"
					   "xml:ns:xmpp-sasl'/>",
			"not-authorized" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct guest *g = guest_new(
			(struct guest){ .direct_tls = rows[i].direct_tls });
		guest_connect(g);
		guest_say(g, rows[i].said);
		inn_go(3 * USEC_SEC);
		assert_true(g->closed);
		assert_string_equal(g->end.condition, rows[i].condition);
		guest_free(g);
	}
	inn_go(USEC_SEC);
}

/* Three times (RFC 6120 section 6.4.5), and each time without saying whether
 * there is such an account. */
static void a_password_may_be_guessed_at_three_times(void **state)
{
	(void)state;
#define AUTH(text)                                                             \
	"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' "                      \
	"mechanism='PLAIN'>" text "</auth>"
	struct guest *g = guest_new((struct guest){ .direct_tls = true });
	struct err e = ERR_NONE;
	assert_ok(authenticate_choose(
			  &inn.server->mechanisms, "SCRAM-SHA-1,PLAIN", &e),
		&e);
	guest_connect(g);
	/* \0alice\0no, \0eve\0pw, \0alice\0pw */
	guest_say(g, HEADER(INN_DOMAIN) AUTH("AGFsaWNlAG5v"));
	guest_say(g, AUTH("AGV2ZQBwdw==") AUTH("AGFsaWNlAG5v"));
	guest_say(g, AUTH("AGFsaWNlAHB3"));
	inn_go(3 * USEC_SEC);
	assert_true(g->closed);
	assert_string_equal(g->end.condition, "policy-violation");
	assert_non_null(strstr(buf_text(&inn.events),
		"refused  not-authorized|refused  not-authorized|"
		"refused  not-authorized|closed"));
	guest_free(g);

	struct guest *right = guest_new((struct guest){ .direct_tls = true });
	guest_connect(right);
	guest_say(right, HEADER(INN_DOMAIN) AUTH("AGFsaWNlAHB3"));
	inn_go(USEC_SEC);
	assert_non_null(strstr(buf_text(&inn.events),
		"authenticated alice@our.example PLAIN|"));
}

/* ---- who is hostile ---- */

static void assert_alice_is_served(struct guest *alice, const char *what)
{
	unsigned before = alice->pings;
	guest_say(alice, "<iq type='get' id='ping'>"
			 "<ping xmlns='urn:xmpp:ping'/></iq>");
	inn_go(100 * USEC_MS);
	if (alice->pings != before + 1 || alice->closed)
		fail_msg("after \"%s\" alice is not served", what);
}

/* With the condition of the table; or with that of a step out of its turn,
 * where a whole element comes before what is hostile. */
static void assert_ended(
	const struct guest *g, const struct hostile *h, const char *or_with)
{
	if (!g->closed || (strcmp(g->end.condition, h->condition) != 0 &&
				  strcmp(g->end.condition, or_with) != 0))
		fail_msg("%s: expected %s, %s: %s (%s)", h->what, h->condition,
			g->closed ? "ended" : "goes on", g->end.condition,
			g->end.text);
}

static void hostile_streams_end_and_others_are_served(void **state)
{
	(void)state;
	struct guest *alice =
		guest_new((struct guest){ .user = "alice", .resource = "a" });
	guest_enter(alice);
	for (size_t i = 0; i < hostile_from_the_start_count; i++) {
		const struct hostile *h = &hostile_from_the_start[i];
		struct buf text = BUF_INIT(1 << 20);
		struct guest *g = guest_new((struct guest){ 0 });
		hostile_expand(&text, h->bad);
		guest_connect(g);
		inn_go(10 * USEC_MS);
		guest_say(g, buf_text(&text));
		inn_go(USEC_SEC);
		assert_ended(g, h, "unsupported-version");
		assert_alice_is_served(alice, h->what);
		guest_free(g);
		buf_clear(&text);
	}
}

static void hostile_stanzas_end_their_session_and_no_other(void **state)
{
	(void)state;
	struct guest *alice =
		guest_new((struct guest){ .user = "alice", .resource = "a" });
	guest_enter(alice);
	for (size_t i = 0; i < hostile_within_count; i++) {
		const struct hostile *h = &hostile_within[i];
		struct buf text = BUF_INIT(1 << 20);
		struct guest *bob = guest_new((struct guest){
			.user = "bob", .resource = "b", .direct_tls = true });
		guest_enter(bob);
		hostile_expand(&text, h->bad);
		guest_say(bob, buf_text(&text));
		inn_go(USEC_SEC);
		assert_ended(bob, h, "unsupported-stanza-type");
		assert_alice_is_served(alice, h->what);
		guest_free(bob);
		buf_clear(&text);
	}
}

/* ---- the end ---- */

static void everybody_is_told_when_it_shuts_down(void **state)
{
	(void)state;
	struct guest *alice =
		guest_new((struct guest){ .user = "alice", .resource = "a" });
	struct guest *bob = guest_new((struct guest){
		.user = "bob", .resource = "b", .direct_tls = true });
	struct guest *early = guest_new(
		(struct guest){ .user = "bob", .stops_at_tls = true });
	guest_enter(alice);
	guest_enter(bob);
	guest_connect(early);
	inn_go(USEC_SEC);
	server_shut_down(inn.server);
	inn_go(2 * USEC_SEC);
	assert_true(alice->closed && bob->closed && early->closed);
	assert_string_equal(alice->end.condition, "system-shutdown");
	assert_string_equal(bob->end.condition, "system-shutdown");
	assert_string_equal(early->end.condition, "system-shutdown");
	assert_true(server_is_deserted(inn.server));
}

/* INTEROP: go-sendxmpp 0.5. */
static void a_line_feed_behind_starttls_is_no_injection(void **state)
{
	(void)state;
#define STARTTLS "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
	struct guest *fed = guest_new((struct guest){ 0 });
	struct guest *evil = guest_new((struct guest){ 0 });
	guest_connect(fed);
	guest_connect(evil);
	guest_say(fed, HEADER(INN_DOMAIN) STARTTLS "\n");
	guest_say(evil, HEADER(INN_DOMAIN) STARTTLS "\n<auth/>");
	inn_go(USEC_SEC);
	assert_false(fed->closed);
	assert_true(evil->closed);
}

#define T(name) cmocka_unit_test_setup_teardown(name, inn_setup, inn_teardown)

TEST_MAIN(T(a_flood_reaches_a_slow_receiver_complete_and_in_order),
	T(the_same_with_acknowledgements),
	T(two_who_flood_each_other_do_not_block),
	T(who_never_reads_is_dropped_and_nothing_is_lost),
	T(who_does_not_read_its_answers_is_not_read_from),
	T(what_was_not_acknowledged_comes_again),
	T(an_orderly_end_loses_and_repeats_nothing),
	T(an_acknowledgement_of_more_than_was_sent_ends_it),
	T(who_never_logs_in_is_dropped), T(steps_out_of_their_turn_are_refused),
	T(a_password_may_be_guessed_at_three_times),
	T(hostile_streams_end_and_others_are_served),
	T(hostile_stanzas_end_their_session_and_no_other),
	T(everybody_is_told_when_it_shuts_down),
	T(a_line_feed_behind_starttls_is_no_injection))
