/* Early data: what is said before it is asked for, where that goes wrong, and
 * what a server that was better once is held to. */
#include "tests/common/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/common/xmpp_near.h"
#include "xmpp/client_private.h"
#include "xmpp/ns.h"
#include "xmpp/salted.h"
#include "xmpp/stream_private.h"

static int warned;
static char warning[ERR_TEXT_MAX];

static void on_warn(void *arg, const char *sentence)
{
	(void)arg;
	warned++;
	snprintf(warning, sizeof(warning), "%s", sentence);
}

static int setup(void **state)
{
	near_setup_remembering(state);
	near.settings.log.warn = on_warn;
	warned = 0;
	return 0;
}

/* The write that has this in it; empty where there is none. */
static struct span write_with(const char *what)
{
	struct span rest = buf_view(&near.peer.plain), write;
	bool more = true;
	while (more) {
		more = span_cut(&rest, '|', &write);
		if (span_find_span(write, span_of(what), 0) < write.n)
			return write;
	}
	return SPAN_EMPTY;
}

static void assert_in(struct span write, const char *what)
{
	if (span_find_span(write, span_of(what), 0) >= write.n)
		fail_msg("expected %s in: %.*s", what, SPAN_ARGS(write));
}

static void assert_starts(struct span write, const char *what)
{
	if (!span_starts(write, what))
		fail_msg("expected %s first in: %.*s", what, SPAN_ARGS(write));
}

/* ---- what goes out at once ---- */

static void starttls_goes_with_the_first_header(void **state)
{
	(void)state;
	near_start_online();
	struct span write = write_with("<starttls");
	assert_starts(write, "<?xml version='1.0'?><stream:stream ");
}

static void to_a_server_unknown_nothing_else_is_early(void **state)
{
	(void)state;
	near_start_online();
	assert_starts(write_with("<auth"), "<auth");
	assert_starts(write_with(XMPP_NS_BIND), "<iq");
}

static void to_a_server_known_all_is_said_at_once(void **state)
{
	(void)state;
	near_get_to_know();
	near_start();
	near_deliver("bob@far.example", USEC_NEVER);
	sim_run(near.sim, near_has_ended, NULL, 2 * USEC_SEC);
	assert_int_equal(near.online, 1);
	assert_starts(write_with("<auth"), "<stream:stream ");
	assert_starts(write_with("<response"), "<response");
	struct span write = write_with(XMPP_NS_BIND);
	assert_starts(write, "<stream:stream ");
	assert_in(write, "<enable");
	assert_in(write, "<message");
	assert_in(write, "urn:xmpp:ping");
	assert_true(span_ends(write, "<r xmlns='urn:xmpp:sm:3'/>"));
	assert_int_equal(near.peer.stanzas, 2);
}

static void nothing_ever_goes_behind_a_response(void **state)
{
	(void)state;
	near_get_to_know();
	near_start();
	near_deliver("bob@far.example", USEC_NEVER);
	sim_run(near.sim, near_has_ended, NULL, 2 * USEC_SEC);
	assert_true(span_ends(write_with("<response"), "</response>"));
}

static void without_acknowledgements_stanzas_wait_for_the_resource(void **state)
{
	(void)state;
	near.peer.no_sm = true;
	near_get_to_know();
	near_start();
	near_deliver("bob@far.example", USEC_NEVER);
	sim_run(near.sim, near_has_ended, NULL, 2 * USEC_SEC);
	assert_starts(write_with(XMPP_NS_BIND), "<stream:stream ");
	assert_starts(write_with("<message"), "<message");
}

static void a_password_is_never_shown_early(void **state)
{
	(void)state;
	near.peer.mechanisms = "<mechanism>PLAIN</mechanism>";
	near.settings.allow_plain = true;
	near_get_to_know();
	near_start_online();
	assert_starts(write_with("<auth"), "<auth");
}

static void without_leave_nothing_is_remembered(void **state)
{
	(void)state;
	near.settings.remember = false;
	near_get_to_know();
	near_start_online();
	assert_starts(write_with("<auth"), "<auth");
}

static void what_was_not_verified_is_not_remembered(void **state)
{
	(void)state;
	near.settings.tls.insecure = true;
	near_get_to_know();
	struct xmpp_known k = near_known(), none = { 0 };
	assert_true(xmpp_known_equal(&k, &none));
}

static void without_a_folder_it_warns_once_and_goes_on(void **state)
{
	(void)state;
	setenv("XDG_STATE_HOME", "/dev/null/x", 1);
	near_start_online();
	assert_int_equal(warned, 1);
	assert_non_null(strstr(warning, "nothing is remembered"));
}

/* ---- what is worked out ahead ---- */

static bool has_said_auth(void *arg)
{
	(void)arg;
	return near.client->stream->early & XMPP_EARLY_AUTH;
}

/* Where the next run is when it has said who it is: what it expects of a salt;
 * empty: nothing. */
static struct span expected_salt(void)
{
	near_start();
	sim_run(near.sim, has_said_auth, NULL, 2 * USEC_SEC);
	assert_true(has_said_auth(NULL));
	const struct xmpp_salted *s = near.client->stream->salted;
	return s ? xmpp_salted_salt(s) : SPAN_EMPTY;
}

static void assert_gets_online(void)
{
	near_go(2 * USEC_SEC);
	if (!near.online)
		fail_msg("not online: %s", near.end.text);
	near_leave();
}

static void the_salt_of_the_last_time_is_expected(void **state)
{
	(void)state;
	near_get_to_know();
	assert_span(expected_salt(), near.peer.salt);
	assert_gets_online();
}

static void another_salt_is_expected_when_it_has_come_twice(void **state)
{
	(void)state;
	near_get_to_know();
	near.peer.salt = "of a new password";
	assert_span(expected_salt(), "0123456789abcdef");
	assert_gets_online();
	assert_span(expected_salt(), "");
	assert_gets_online();
	assert_span(expected_salt(), near.peer.salt);
	assert_gets_online();
}

static void a_wrong_password_is_wrong_by_the_salt_expected_too(void **state)
{
	(void)state;
	near_get_to_know();
	near.settings.password = SPAN("pen");
	assert_span(expected_salt(), near.peer.salt);
	near_assert_end(STATUS_AUTH, "");
}

/* ---- where the server stumbles ---- */

static void who_stumbles_is_served_step_by_step_and_remembered(void **state)
{
	(void)state;
	near_get_to_know();
	near.peer.slow = true;
	near.peer.connections = 0;
	near_start();
	near_deliver("bob@far.example", USEC_NEVER);
	sim_run(near.sim, near_has_ended, NULL, 2 * USEC_SEC);
	assert_int_equal(near.online, 1);
	assert_int_equal(near.peer.connections, 2);
	assert_int_equal(near.peer.stanzas, 2);
	assert_true(near_known().stumbled > 0);
	near_leave();
	near.peer.connections = 0;
	near_start_online();
	assert_int_equal(near.peer.connections, 1);
	assert_starts(write_with("<starttls"), "<starttls");
	assert_starts(write_with("<auth"), "<auth");
	assert_starts(write_with(XMPP_NS_BIND), "<iq");
}

static void who_fails_step_by_step_too_has_not_stumbled(void **state)
{
	(void)state;
	near_get_to_know();
	near.peer.lines[PEER_HEADER_TLS].say = "</nonsense>";
	near_start();
	near_assert_end(STATUS_MALFORMED, "no XMPP");
	assert_int_equal(near.peer.connections, 3);
	assert_int_equal(near_known().stumbled, 0);
}

static void what_may_have_been_taken_is_not_sent_again(void **state)
{
	(void)state;
	near_get_to_know();
	near.peer.connections = 0;
	near.peer.lines[PEER_BIND].say = "";
	near.peer.lines[PEER_BIND].hang_up = true;
	near_start();
	near_deliver("bob@far.example", USEC_NEVER);
	near_assert_end(STATUS_UNREACHABLE, "closed without");
	assert_int_equal(near.peer.connections, 1);
	/* … but the next run takes it slowly. */
	assert_true(near_known().stumbled > 0);
}

static void nor_after_a_reset(void **state)
{
	(void)state;
	near_get_to_know();
	near.peer.connections = 0;
	for (int step = PEER_HEADER_AUTH; step < PEER_STEPS; step++)
		near.peer.lines[step].say = "";
	near_start();
	near_deliver("bob@far.example", USEC_NEVER);
	sim_run(near.sim, near_has_ended, NULL, 3 * USEC_SEC);
	assert_int_equal(near.peer.stanzas, 2);
	conn_abort(near.peer.conn);
	near.peer.conn = NULL;
	near_assert_end(STATUS_UNREACHABLE, "reset");
	assert_int_equal(near.peer.connections, 1);
}

static void a_refused_host_is_not_asked_twice(void **state)
{
	(void)state;
	near_get_to_know();
	near.peer.connections = 0;
	near.peer.lines[PEER_HEADER_TLS].say =
		"<stream:stream xmlns='jabber:client' "
		"xmlns:stream='" XMPP_NS_STREAM
		"' version='1.0'><stream:error><host-unknown "
		"xmlns='" XMPP_NS_STREAM_ERROR "'/></stream:error>";
	near_start();
	near_assert_end(STATUS_REFUSED, "host-unknown");
	assert_int_equal(near.peer.connections, 1);
}

/* ---- where it offers something else than the last time ---- */

static void a_better_offer_is_taken_after_all(void **state)
{
	(void)state;
	near.peer.mechanisms = "<mechanism>SCRAM-SHA-1</mechanism>";
	near_get_to_know();
	assert_string_equal(near.peer.mechanism, "SCRAM-SHA-1");
	near.peer.mechanisms = "<mechanism>SCRAM-SHA-1</mechanism>"
			       "<mechanism>SCRAM-SHA-256</mechanism>";
	near.peer.connections = 0;
	near_start_online();
	assert_string_equal(near.peer.mechanism, "SCRAM-SHA-256");
	assert_int_equal(near.peer.connections, 2);
	assert_int_equal(near_known().strength, XMPP_SASL_SHA256);
	assert_int_equal(near_known().stumbled, 0);
	near_leave();
	near_start_online();
	assert_starts(write_with("<auth"), "<stream:stream ");
	assert_int_equal(near.peer.connections, 3);
}

static void a_mechanism_that_went_away_is_not_missed(void **state)
{
	(void)state;
	near.settings.allow_plain = true;
	near_get_to_know();
	near.settings.unpin = true;
	near.peer.mechanisms = "<mechanism>PLAIN</mechanism>";
	near_start_online();
	assert_string_equal(near.peer.mechanism, "PLAIN");
}

#define T(f)                                                                   \
	cmocka_unit_test_setup_teardown(f, setup, near_teardown_remembering)

TEST_MAIN(T(starttls_goes_with_the_first_header),
	T(to_a_server_unknown_nothing_else_is_early),
	T(to_a_server_known_all_is_said_at_once),
	T(nothing_ever_goes_behind_a_response),
	T(without_acknowledgements_stanzas_wait_for_the_resource),
	T(a_password_is_never_shown_early),
	T(without_leave_nothing_is_remembered),
	T(what_was_not_verified_is_not_remembered),
	T(without_a_folder_it_warns_once_and_goes_on),
	T(the_salt_of_the_last_time_is_expected),
	T(another_salt_is_expected_when_it_has_come_twice),
	T(a_wrong_password_is_wrong_by_the_salt_expected_too),
	T(who_stumbles_is_served_step_by_step_and_remembered),
	T(who_fails_step_by_step_too_has_not_stumbled),
	T(what_may_have_been_taken_is_not_sent_again), T(nor_after_a_reset),
	T(a_refused_host_is_not_asked_twice),
	T(a_better_offer_is_taken_after_all),
	T(a_mechanism_that_went_away_is_not_missed))
