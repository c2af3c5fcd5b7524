/* Stanzas on a bound stream: acknowledgements, what became of a message, who
 * is believed, and whether anybody is still there. */
#include "tests/common/test.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "tests/common/xmpp_near.h"
#include "xmpp/ns.h"

#define SM "xmlns='urn:xmpp:sm:3'"
#define BOUNCE(from, id, condition)                                            \
	"<message type='error' from='" from "' id='" id                        \
	"'><error type='cancel'><" condition " xmlns='" XMPP_NS_STANZA_ERROR   \
	"'/></error></message>"

static bool heard(const char *text)
{
	struct span all = buf_view(&near.peer.heard);
	return span_find_span(all, span_of(text), 0) < all.n;
}

static bool was_written(const char *text)
{
	struct span all = buf_view(&near.peer.plain);
	return span_find_span(all, span_of(text), 0) < all.n;
}

/* The id of the last ping that went to this address. */
static const char *ping_id(const char *to)
{
	static char id[64];
	struct span all = buf_view(&near.peer.heard);
	char *want = mem_format("<iq type='get' to='%s' id='", to);
	size_t at = span_find_span(all, span_of(want), 0);
	assert_true(at < all.n);
	struct span rest = span_skip(all, at + strlen(want)), token;
	span_cut(&rest, '\'', &token);
	assert_true(span_copy(id, sizeof(id), token));
	mem_free(want);
	return id;
}

static void say_pong(const char *type, const char *from, const char *id)
{
	char *text = mem_format("<iq type='%s'%s%s%s id='%s'/>", type,
		from ? " from='" : "", from ? from : "", from ? "'" : "", id);
	peer_say(&near.peer, text);
	mem_free(text);
	near_go(100 * USEC_MS);
}

/* ---- what became of a message ---- */

static void deliver_to_bob(void)
{
	near_start_online();
	near_deliver("bob@far.example/phone", 10 * USEC_SEC);
	near_go(100 * USEC_MS);
	assert_int_equal(near.delivered, 0);
}

static void an_answer_to_the_ping_means_delivered(void **state)
{
	(void)state;
	deliver_to_bob();
	say_pong("result", "bob@far.example", ping_id("bob@far.example"));
	near_assert_outcome(STATUS_DONE, "");
}

static void an_error_is_an_answer_too(void **state)
{
	(void)state;
	deliver_to_bob();
	char *text =
		mem_format("<iq type='error' from='bob@far.example' "
			   "id='%s'><error type='cancel'>"
			   "<service-unavailable xmlns='" XMPP_NS_STANZA_ERROR
			   "'/></error></iq>",
			ping_id("bob@far.example"));
	peer_say(&near.peer, text);
	mem_free(text);
	near_go(100 * USEC_MS);
	near_assert_outcome(STATUS_DONE, "");
}

static void a_server_that_cannot_be_reached_is_no_answer(void **state)
{
	(void)state;
	deliver_to_bob();
	char *text = mem_format(
		"<iq type='error' from='bob@far.example' "
		"id='%s'><error type='cancel'>"
		"<remote-server-not-found xmlns='" XMPP_NS_STANZA_ERROR
		"'/></error></iq>",
		ping_id("bob@far.example"));
	peer_say(&near.peer, text);
	mem_free(text);
	near_go(100 * USEC_MS);
	near_assert_outcome(STATUS_REFUSED, "remote-server-not-found");
}

static void a_bounce_names_recipient_and_condition(void **state)
{
	(void)state;
	deliver_to_bob();
	peer_say(&near.peer,
		BOUNCE("bob@far.example/phone", "m1", "item-not-found"));
	near_go(100 * USEC_MS);
	near_assert_outcome(STATUS_REFUSED, "bob@far.example/phone: ");
	assert_string_equal(near.outcome.condition, "item-not-found");
	/* Its ping is of no interest any more. */
	say_pong("result", "bob@far.example", ping_id("bob@far.example"));
	assert_int_equal(near.delivered, 1);
	assert_int_equal(near.messages, 0);
}

static void a_bounce_is_believed_of_those_on_the_way(void **state)
{
	(void)state;
	static const struct {
		const char *say;
		bool believed;
	} rows[] = {
		{ BOUNCE("bob@far.example", "m1", "gone"), true },
		{ BOUNCE("bob@far.example/x", "m1", "gone"), true },
		{ BOUNCE("far.example", "m1", "gone"), true },
		{ BOUNCE("our.example", "m1", "gone"), true },
		{ "<message type='error' id='m1'/>", true },
		{ BOUNCE("evil@far.example", "m1", "gone"), false },
		{ BOUNCE("evil@our.example", "m1", "gone"), false },
		{ BOUNCE("evil.example", "m1", "gone"), false },
		{ BOUNCE("bob@far.example", "m2", "gone"), false },
		{ "<message from='bob@far.example' id='m1'/>", false },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		deliver_to_bob();
		peer_say(&near.peer, rows[i].say);
		near_go(100 * USEC_MS);
		if (near.delivered != rows[i].believed)
			fail_msg("%s: %d", rows[i].say, near.delivered);
		/* What is no bounce of ours is a message like any other. */
		assert_int_equal(near.messages, !rows[i].believed);
		near_teardown(NULL);
		near_setup(NULL);
	}
}

static void an_answer_from_another_is_none(void **state)
{
	(void)state;
	deliver_to_bob();
	const char *id = ping_id("bob@far.example");
	say_pong("result", "evil@evil.example", id);
	say_pong("result", "far.example", id);
	say_pong("result", "bob@far.example/phone", id);
	say_pong("result", NULL, id);
	assert_int_equal(near.delivered, 0);
	say_pong("result", "bob@far.example", id);
	near_assert_outcome(STATUS_DONE, "");
}

static void silence_there_is_told_from_silence_here(void **state)
{
	(void)state;
	deliver_to_bob();
	near_go(10 * USEC_SEC);
	near_assert_outcome(STATUS_TIMEOUT,
		"accepted here, unknown there: no answer from far.example");
	near_teardown(NULL);
	near_setup(NULL);
	near.peer.lines[PEER_REQUEST].say = "";
	deliver_to_bob();
	near_go(10 * USEC_SEC);
	near_assert_outcome(STATUS_TIMEOUT, "not acknowledged by our own");
	near_teardown(NULL);
	near_setup(NULL);
	near.peer.no_sm = true;
	deliver_to_bob();
	near_go(10 * USEC_SEC);
	near_assert_outcome(STATUS_TIMEOUT, "sent, unknown beyond that");
	near_teardown(NULL);
	near_setup(NULL);
	near.peer.lines[PEER_AUTH].say = "";
	near_start();
	near_deliver("bob@far.example", 5 * USEC_SEC);
	near_go(6 * USEC_SEC);
	near_assert_outcome(STATUS_TIMEOUT, "not sent");
}

static void the_end_of_the_stream_is_the_end_of_the_wait(void **state)
{
	(void)state;
	deliver_to_bob();
	sim_reset_streams(near.sim, &near.peer.at);
	near_go(USEC_SEC);
	near_assert_outcome(STATUS_TIMEOUT,
		"bob@far.example/phone: accepted here, unknown there: ");
	assert_int_equal(near.ended, 1);
}

static void a_message_xml_cannot_carry_is_not_queued(void **state)
{
	(void)state;
	struct err e = ERR_NONE;
	near_start();
	assert_false(xmpp_client_send(
		near.client, near_message("bob@far.example", "\x01"), &e));
	assert_int_equal(e.status, STATUS_MALFORMED);
	near_go(USEC_SEC);
	assert_int_equal(near.online, 1);
	assert_false(xmpp_client_send(
		near.client, near_message("bob@far.example", "\x01"), &e));
	assert_true(xmpp_client_send(
		near.client, near_message("bob@far.example", "\t"), &e));
	near_go(100 * USEC_MS);
	assert_int_equal(near.peer.stanzas, 1);
}

/* ---- stream management ---- */

static void a_burst_is_acknowledged_by_one_request(void **state)
{
	(void)state;
	near_start_online();
	unsigned before = near.peer.came[PEER_REQUEST];
	for (int i = 0; i < 50; i++)
		assert_true(xmpp_client_send(near.client,
			near_message("bob@far.example", "x"), NULL));
	near_go(100 * USEC_MS);
	assert_int_equal(near.peer.stanzas, 50);
	assert_int_equal(near.peer.came[PEER_REQUEST] - before, 1);
	assert_int_equal(xmpp_sm_unacked(xmpp_client_sm(near.client)), 0);
}

static void the_queue_fills_and_empties_without_loss(void **state)
{
	(void)state;
	near_start_online();
	unsigned sent = 0;
	for (int round = 0; round < 200 && sent < 5000; round++) {
		while (!xmpp_client_is_full(near.client) && sent < 5000) {
			char body[16];
			snprintf(body, sizeof(body), "%u", sent++);
			assert_true(xmpp_client_send(near.client,
				near_message("b@far.example", body), NULL));
		}
		near_go(10 * USEC_MS);
	}
	near_go(USEC_SEC);
	assert_int_equal(sent, 5000);
	assert_int_equal(near.peer.stanzas, 5000);
	assert_true(heard("<body>4999</body>"));
	assert_int_equal(xmpp_client_sm(near.client)->count, 0);
}

static void what_is_not_handled_is_not_acknowledged(void **state)
{
	(void)state;
	near.defers = true;
	near_start_online();
	peer_say(&near.peer, "<message from='a@b'><body>1</body></message>"
			     "<presence from='a@b'/><r " SM "/>");
	near_go(100 * USEC_MS);
	assert_true(was_written("<a xmlns='urn:xmpp:sm:3' h='0'/>"));
	assert_false(was_written("h='2'"));
	xmpp_client_handled(near.client, near.deferred);
	near_go(100 * USEC_MS);
	assert_true(was_written("<a xmlns='urn:xmpp:sm:3' h='2'/>"));
}

static void the_last_acknowledgement_stands_before_the_farewell(void **state)
{
	(void)state;
	near_start_online();
	struct xmpp_presence here = { .show = XMPP_SHOW_AWAY };
	assert_true(xmpp_client_set_presence(near.client, &here, NULL));
	peer_say(&near.peer, "<message from='a@b'><body>1</body></message>");
	near_go(100 * USEC_MS);
	xmpp_client_close(near.client);
	near_assert_end(STATUS_DONE, "");
	assert_true(was_written("<presence type='unavailable'/>"
				"<a xmlns='urn:xmpp:sm:3' h='1'/>"
				"</stream:stream>"));
}

static void who_was_never_there_does_not_say_goodbye_to_all(void **state)
{
	(void)state;
	near_start_online();
	xmpp_client_close(near.client);
	near_assert_end(STATUS_DONE, "");
	assert_false(heard("presence"));
}

static void too_much_acknowledged_is_a_stream_error(void **state)
{
	(void)state;
	near_start_online();
	peer_say(&near.peer, "<a " SM " h='10'/>");
	near_assert_end(
		STATUS_MALFORMED, "10 stanzas are acknowledged where 0");
	near_go(USEC_SEC);
	assert_true(was_written("handled-count-too-high"));
	assert_true(was_written("h='10' send-count='0'"));
}

static void a_server_may_refuse_to_acknowledge(void **state)
{
	(void)state;
	near.peer.lines[PEER_ENABLE].say =
		"<failed " SM
		"><internal-server-error xmlns='" XMPP_NS_STANZA_ERROR
		"'/></failed>";
	near_start_online();
	assert_true(xmpp_client_send(
		near.client, near_message("bob@far.example", "x"), NULL));
	near_go(100 * USEC_MS);
	assert_int_equal(xmpp_client_sm(near.client)->count, 0);
	assert_int_equal(near.peer.came[PEER_REQUEST], 0);
}

/* ---- who is believed ---- */

static void pings_are_answered_and_the_unknown_is_refused(void **state)
{
	(void)state;
	near_start_online();
	peer_say(&near.peer,
		"<iq type='get' id='p1' from='our.example'>"
		"<ping xmlns='urn:xmpp:ping'/></iq>"
		"<iq type='get' id='p2' from='x@y'><q xmlns='urn:q'/></iq>");
	near_go(100 * USEC_MS);
	if (!heard("<iq to='our.example' id='p1' type='result'/>"))
		fail_msg("%s", buf_text(&near.peer.heard));
	assert_true(heard("service-unavailable"));
}

static void a_roster_push_of_another_is_refused(void **state)
{
	(void)state;
	static const char push[] =
		"<iq type='set' id='r1'%s><query xmlns='jabber:iq:roster'>"
		"<item jid='evil@evil.example' subscription='both'/>"
		"</query></iq>";
	near_start_online();
	char text[512];
	snprintf(text, sizeof(text), push, " from='evil@evil.example'");
	peer_say(&near.peer, text);
	near_go(100 * USEC_MS);
	assert_int_equal(near.rosters, 0);
	assert_true(heard("service-unavailable"));
	snprintf(text, sizeof(text), push, "");
	peer_say(&near.peer, text);
	near_go(100 * USEC_MS);
	assert_int_equal(near.rosters, 1);
}

/* ---- is anybody there? ---- */

/* XEP-0352 */
static void the_server_hears_that_nobody_looks_if_it_wants_to(void **state)
{
	(void)state;
	near_start_online();
	xmpp_client_set_active(near.client, false);
	near_go(100 * USEC_MS);
	assert_false(was_written("inactive"));
	near_teardown(NULL);
	near_setup(NULL);
	near.peer.features_bound = "<csi xmlns='urn:xmpp:csi:0'/>";
	near_start_online();
	xmpp_client_set_active(near.client, true);
	near_go(100 * USEC_MS);
	assert_false(was_written("<active"));
	xmpp_client_set_active(near.client, false);
	near_go(100 * USEC_MS);
	assert_true(was_written("<inactive xmlns='urn:xmpp:csi:0'/>"));
	xmpp_client_set_active(near.client, true);
	near_go(100 * USEC_MS);
	assert_true(was_written("<active xmlns='urn:xmpp:csi:0'/>"));
	/* It is no stanza, and not counted as one. */
	assert_int_equal(xmpp_client_sm(near.client)->sent, 0);
}

static void a_dead_connection_is_noticed(void **state)
{
	(void)state;
	for (int sm = 0; sm <= 1; sm++) {
		near.peer.no_sm = !sm;
		near_start_online();
		near_go(50 * USEC_SEC);
		sim_cut(near.sim, &near.peer.at, true);
		usec_t cut = loop_now(near.loop);
		near_assert_end(STATUS_TIMEOUT, "the connection is dead");
		assert_in_range(near.ended_at - cut, USEC_SEC,
			XMPP_CLIENT_QUIET + XMPP_CLIENT_ANSWER + USEC_SEC);
		sim_cut(near.sim, &near.peer.at, false);
		near_teardown(NULL);
		near_setup(NULL);
	}
}

/* A server that takes what it is sent and says nothing more. */
static void fall_silent(usec_t deadline, usec_t reconnect)
{
	near.settings.deadline = loop_now(near.loop) + deadline;
	near.settings.reconnect = reconnect;
	near_start_online();
	near.peer.lines[PEER_REQUEST].say = "";
	near_deliver("you@far.example", USEC_NEVER);
}

static void an_answer_that_is_owed_is_not_waited_for_to_the_end(void **state)
{
	(void)state;
	fall_silent(40 * USEC_SEC, 300 * USEC_SEC);
	near_go(19 * USEC_SEC);
	assert_int_equal(near.peer.connections, 1);
	near_go(2 * USEC_SEC);
	assert_int_equal(near.peer.connections, 2);
}

static void without_another_connection_to_try_it_is(void **state)
{
	(void)state;
	fall_silent(40 * USEC_SEC, 0);
	near_go(XMPP_CLIENT_ANSWER - USEC_SEC);
	assert_int_equal(near.ended, 0);
	near_assert_end(STATUS_TIMEOUT, "the connection is dead");
	near_assert_outcome(STATUS_TIMEOUT, "");
}

static void a_short_deadline_leaves_some_patience(void **state)
{
	(void)state;
	fall_silent(6 * USEC_SEC, 300 * USEC_SEC);
	near_go(XMPP_CLIENT_ANSWER_LEAST - USEC_SEC);
	assert_int_equal(near.peer.connections, 1);
}

/* Also when the one before it was given up so. */
static void the_next_connection_is_watched_too(void **state)
{
	(void)state;
	near.settings.reconnect = 300 * USEC_SEC;
	near_start_online();
	near.peer.lines[PEER_REQUEST].say = "";
	for (int i = 2; i <= 4; i++) {
		near_go(XMPP_CLIENT_QUIET + XMPP_CLIENT_ANSWER + 2 * USEC_SEC);
		assert_int_equal(near.peer.connections, i);
	}
}

static void a_quiet_server_that_answers_is_left_alone(void **state)
{
	(void)state;
	near_start_online();
	near_go(3600 * USEC_SEC);
	assert_int_equal(near.ended, 0);
	/* Asked about once a minute, not more. */
	assert_in_range(near.peer.came[PEER_REQUEST], 30, 61);
}

#define T(f) cmocka_unit_test_setup_teardown(f, near_setup, near_teardown)

TEST_MAIN(T(an_answer_to_the_ping_means_delivered),
	T(an_error_is_an_answer_too),
	T(a_server_that_cannot_be_reached_is_no_answer),
	T(a_bounce_names_recipient_and_condition),
	T(a_bounce_is_believed_of_those_on_the_way),
	T(an_answer_from_another_is_none),
	T(silence_there_is_told_from_silence_here),
	T(the_end_of_the_stream_is_the_end_of_the_wait),
	T(a_message_xml_cannot_carry_is_not_queued),
	T(a_burst_is_acknowledged_by_one_request),
	T(the_queue_fills_and_empties_without_loss),
	T(what_is_not_handled_is_not_acknowledged),
	T(the_last_acknowledgement_stands_before_the_farewell),
	T(who_was_never_there_does_not_say_goodbye_to_all),
	T(too_much_acknowledged_is_a_stream_error),
	T(a_server_may_refuse_to_acknowledge),
	T(pings_are_answered_and_the_unknown_is_refused),
	T(a_roster_push_of_another_is_refused),
	T(the_server_hears_that_nobody_looks_if_it_wants_to),
	T(a_dead_connection_is_noticed),
	T(an_answer_that_is_owed_is_not_waited_for_to_the_end),
	T(without_another_connection_to_try_it_is),
	T(a_short_deadline_leaves_some_patience),
	T(the_next_connection_is_watched_too),
	T(a_quiet_server_that_answers_is_left_alone))
