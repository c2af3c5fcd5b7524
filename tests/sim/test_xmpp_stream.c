/* A client's stream against a scripted server: what goes right, and every way
 * in which it does not. */
#include "tests/common/test.h"

#include <stdio.h>
#include <string.h>

#include "tests/common/xmpp_near.h"
#include "xmpp/ns.h"

static void direct(void)
{
	near.peer.direct = true;
	near.target.security = XMPP_SECURITY_DIRECT;
}

/* ---- what goes right ---- */

static void starttls_sasl_and_binding_lead_online(void **state)
{
	(void)state;
	near_start_online();
	assert_string_equal(near.peer.mechanism, "SCRAM-SHA-512");
	assert_string_equal(
		xmpp_client_jid(near.client)->text, "me@our.example/here");
	assert_int_equal(near.peer.came[PEER_STARTTLS], 1);
	assert_int_equal(near.peer.came[PEER_ENABLE], 1);
	xmpp_client_close(near.client);
	near_assert_end(STATUS_DONE, "");
	assert_false(err_is_set(&near.peer.end));
	assert_int_equal(near.peer.came[PEER_CLOSE], 1);
}

static void direct_tls_needs_no_starttls(void **state)
{
	(void)state;
	direct();
	near_start_online();
	assert_int_equal(near.peer.came[PEER_STARTTLS], 0);
	assert_int_equal(near.peer.came[PEER_HEADER], 0);
}

static void bytes_may_come_one_by_one(void **state)
{
	(void)state;
	struct sim_faults f = { .segment = 1 };
	sim_set_faults(near.sim, &f);
	near_start_online();
	peer_say(&near.peer,
		"<message from='a@b'><body>&#x1f600;</body></message>");
	near_go(USEC_SEC);
	assert_span(buf_view(&near.bodies), "\xf0\x9f\x98\x80|");
}

static void who_we_are_is_said_over_tls_only(void **state)
{
	(void)state;
	near_start_online();
	struct span all = buf_view(&near.peer.plain);
	size_t tls = span_find_span(all, SPAN("<starttls"), 0);
	assert_true(tls < all.n);
	assert_true(
		span_find_span(span_first(all, tls), SPAN("me@"), 0) == tls);
	assert_true(span_find_span(all, SPAN("from='me@our.example'"), tls) <
		    all.n);
}

static void the_declaration_is_sent_once(void **state)
{
	(void)state;
	near_start_online();
	struct span all = buf_view(&near.peer.plain);
	size_t first = span_find_span(all, SPAN("<?xml"), 0);
	assert_int_equal(first, 0);
	assert_true(span_find_span(all, SPAN("<?xml"), 1) == all.n);
}

static void what_is_sent_early_goes_in_one_write_with_enable(void **state)
{
	(void)state;
	near_start();
	near_deliver("bob@far.example", USEC_NEVER);
	sim_run(near.sim, near_has_ended, NULL, 5 * USEC_SEC);
	struct span all = buf_view(&near.peer.plain);
	size_t at = span_find_span(all, SPAN("<enable"), 0);
	struct span write;
	all = span_skip(all, at);
	span_cut(&all, '|', &write);
	assert_true(span_find_span(write, SPAN("<message"), 0) < write.n);
	assert_true(span_find_span(write, SPAN("urn:xmpp:ping"), 0) < write.n);
	assert_true(span_ends(write, "<r xmlns='urn:xmpp:sm:3'/>"));
	assert_int_equal(near.peer.came[PEER_REQUEST], 1);
}

static void an_old_server_is_asked_for_a_session(void **state)
{
	(void)state;
	near.peer.lines[PEER_HEADER_AUTH].say =
		"<stream:stream xmlns='jabber:client' "
		"xmlns:stream='" XMPP_NS_STREAM
		"' version='1.0'><stream:features><bind xmlns='" XMPP_NS_BIND
		"'/><session xmlns='" XMPP_NS_SESSION "'/></stream:features>";
	near_start_online();
	assert_true(span_find_span(buf_view(&near.peer.heard),
			    SPAN(XMPP_NS_SESSION), 0) < near.peer.heard.len);
}

/* ---- silence and cuts, at every step ---- */

static const char *const silent_after[PEER_STEPS] = {
	[PEER_HEADER] = "silent after the stream header",
	[PEER_STARTTLS] = "silent after <starttls/>",
	[PEER_HANDSHAKE] = "silent after <proceed/>",
	[PEER_HEADER_TLS] = "silent after the TLS handshake",
	[PEER_AUTH] = "silent after <auth/>",
	[PEER_RESPONSE] = "silent after <response/>",
	[PEER_HEADER_AUTH] = "silent after <success/>",
	[PEER_BIND] = "silent after the request to bind a resource",
};

static void again(void)
{
	near_teardown(NULL);
	near_setup(NULL);
}

static void silence_at_any_step_is_named_within_ten_seconds(void **state)
{
	(void)state;
	for (int step = 0; step <= PEER_BIND; step++) {
		near.peer.lines[step].say = "";
		near_start();
		near_assert_end(STATUS_TIMEOUT, silent_after[step]);
		assert_true(
			strncmp(near.end.text, "192.0.2.7:5222: ", 16) == 0);
		/* <starttls/> came early, and is tried once more in turn. */
		usec_t silence = XMPP_STREAM_PHASE_DEADLINE;
		if (step == PEER_STARTTLS)
			silence *= 2;
		assert_in_range(near.ended_at - near.started, silence,
			silence + USEC_SEC);
		assert_true(near.end.retryable);
		again();
	}
}

static void the_deadline_of_the_run_comes_before_that_of_a_step(void **state)
{
	(void)state;
	near.peer.lines[PEER_AUTH].say = "";
	near.settings.deadline = loop_now(near.loop) + 3 * USEC_SEC;
	near_start();
	near_assert_end(STATUS_TIMEOUT, "silent after <auth/>");
	assert_in_range(near.ended_at - near.started, 3 * USEC_SEC,
		3 * USEC_SEC + 100 * USEC_MS);
}

static void a_cut_at_any_step_is_unreachable(void **state)
{
	(void)state;
	for (int step = 0; step <= PEER_BIND; step++) {
		if (step == PEER_HANDSHAKE)
			continue;
		near.peer.lines[step].say = "";
		near.peer.lines[step].hang_up = true;
		near_start();
		near_assert_end(STATUS_UNREACHABLE, "without </stream:stream>");
		again();
	}
}

static void a_stanza_cut_in_its_middle_is_said_so(void **state)
{
	(void)state;
	near_start_online();
	peer_say(&near.peer, "<message from='a@b'><body>hal");
	near_go(USEC_SEC);
	conn_close(near.peer.conn);
	near_assert_end(
		STATUS_UNREACHABLE, "cut off in the middle of a stanza");
	assert_int_equal(near.messages, 0);
}

static void we_are_gone_within_two_seconds_in_any_state(void **state)
{
	(void)state;
	for (int step = 0; step <= PEER_STEPS; step++) {
		if (step < PEER_STEPS)
			near.peer.lines[step].say = "";
		near_start();
		near_go(2 * USEC_SEC);
		if (near.ended)
			fail_msg("step %d: ended: %s", step, near.end.text);
		usec_t asked = loop_now(near.loop);
		xmpp_client_close(near.client);
		near_go(2 * USEC_SEC);
		if (near.ended != 1 || near.ended_at - asked > 2 * USEC_SEC)
			fail_msg("step %d: ended %d times, after %lld us", step,
				near.ended, (long long)(near.ended_at - asked));
		again();
	}
}

static void closing_at_once_is_possible(void **state)
{
	(void)state;
	near_start();
	xmpp_client_close(near.client);
	near_assert_end(STATUS_DONE, "");
	assert_int_equal(near.peer.connections, 0);
}

/* ---- TLS: required, and of the JID's domain ---- */

static void a_certificate_of_another_domain_is_refused(void **state)
{
	(void)state;
	near_teardown(NULL);
	for (int i = 0; i < 2; i++) {
		/* The name of the SRV target, as an attacker would have. */
		static const char *const names[] = { "xmpp.evil.example",
			"192.0.2.7" };
		near_setup(NULL);
		peer_clear(&near.peer);
		peer_init(&near.peer, near.sim, NEAR_AT, names, 2);
		near.settings.tls.ca_file = peer_ca(&near.peer);
		if (i)
			direct();
		near_start();
		near_assert_end(STATUS_TLS, "our.example");
		assert_int_equal(near.peer.came[PEER_HEADER_TLS], 0);
		if (!i)
			near_teardown(NULL);
	}
}

static void a_certificate_of_nobody_we_trust_is_refused(void **state)
{
	(void)state;
	near.settings.tls.ca_file = NULL;
	near_start();
	near_assert_end(STATUS_TLS, "192.0.2.7:5222: ");
	assert_int_equal(near.peer.came[PEER_AUTH], 0);
}

static void a_ca_file_that_is_not_there_is_said_at_once(void **state)
{
	(void)state;
	near.settings.tls.ca_file = "/nonexistent/ca.pem";
	near_start();
	sim_run(near.sim, near_has_ended, NULL, USEC_SEC);
	assert_int_equal(near.ended, 1);
	assert_non_null(strstr(near.end.text, "/nonexistent/ca.pem"));
	assert_int_equal(near.peer.connections, 0);
}

#define OPEN                                                                   \
	"<stream:stream xmlns='jabber:client' xmlns:stream='" XMPP_NS_STREAM   \
	"' id='x' version='1.0'>"
#define STARTTLS "<starttls xmlns='" XMPP_NS_TLS "'/>"
#define MECHANISMS(list)                                                       \
	"<mechanisms xmlns='" XMPP_NS_SASL "'>" list "</mechanisms>"

static void without_starttls_nothing_is_said(void **state)
{
	(void)state;
	near.settings.allow_plain = true;
	near.peer.lines[PEER_HEADER].say = OPEN "<stream:features>" MECHANISMS(
		"<mechanism>PLAIN</mechanism>") "<bind xmlns='" XMPP_NS_BIND
						"'/></stream:features>";
	near_start();
	near_assert_end(STATUS_TLS, "offers no STARTTLS");
	struct span all = buf_view(&near.peer.plain);
	assert_true(span_find_span(all, SPAN("<auth"), 0) == all.n);
}

static void features_before_tls_are_not_honoured(void **state)
{
	(void)state;
	near.peer.lines[PEER_HEADER]
		.say = OPEN "<stream:features>" STARTTLS MECHANISMS(
		"<mechanism>PLAIN</mechanism>") "<bind xmlns='" XMPP_NS_BIND
						"'/></stream:features>";
	near.settings.allow_plain = true;
	near_start_online();
	assert_string_equal(near.peer.mechanism, "SCRAM-SHA-512");
}

static void starttls_refused_ends_it(void **state)
{
	(void)state;
	near.peer.lines[PEER_STARTTLS].say =
		"<failure xmlns='" XMPP_NS_TLS "'/></stream:stream>";
	near_start();
	near_assert_end(STATUS_TLS, "refuses STARTTLS");
}

static void bytes_behind_proceed_are_an_injection(void **state)
{
	(void)state;
	static const char *const behind[] = { " ", "<stream:features/>",
		OPEN "<stream:features>" MECHANISMS(
			"<mechanism>PLAIN</mechanism>") "</stream:features>" };
	for (size_t i = 0; i < 3; i++) {
		near.peer.lines[PEER_STARTTLS].also = behind[i];
		near_start();
		near_assert_end(STATUS_TLS, "");
		assert_int_equal(near.peer.came[PEER_HEADER_TLS], 0);
		again();
	}
}

/* What stands behind <success/> is of no stream. */
static void bytes_behind_success_are_forgotten(void **state)
{
	(void)state;
	near.peer.lines[PEER_RESPONSE].also =
		"<message from='evil@evil.example'><body>x</body></message>";
	near_start_online();
	near_go(USEC_SEC);
	assert_int_equal(near.messages, 0);
}

/* ---- SASL ---- */

static void the_wrong_password_is_five(void **state)
{
	(void)state;
	near.settings.password = SPAN("pen");
	near_start();
	near_assert_end(STATUS_AUTH, "not-authorized");
	assert_string_equal(near.end.condition, "not-authorized");
	assert_int_equal(near.peer.connections, 1);
}

static void the_strongest_hash_offered_is_taken(void **state)
{
	(void)state;
	static const struct {
		const char *offer, *taken;
	} rows[] = {
		{ "<mechanism>PLAIN</mechanism>"
		  "<mechanism>SCRAM-SHA-1</mechanism>"
		  "<mechanism>SCRAM-SHA-256</mechanism>",
			"SCRAM-SHA-256" },
		{ "<mechanism>SCRAM-SHA-1</mechanism>", "SCRAM-SHA-1" },
		{ "<mechanism>SCRAM-SHA-1</mechanism>"
		  "<mechanism>SCRAM-SHA-1-PLUS</mechanism>",
			NULL },
	};
	for (size_t i = 0; i < 2; i++) {
		near.peer.mechanisms = rows[i].offer;
		near_start_online();
		assert_string_equal(near.peer.mechanism, rows[i].taken);
		again();
	}
}

static void a_binding_that_is_listed_is_used(void **state)
{
	(void)state;
	near.peer.mechanisms = "<mechanism>SCRAM-SHA-256-PLUS</mechanism>"
			       "<mechanism>SCRAM-SHA-256</mechanism>";
	near.peer.features =
		"<sasl-channel-binding xmlns='" XMPP_NS_CHANNEL_BINDING
		"'><channel-binding type='tls-server-end-point'/>"
		"<channel-binding type='tls-exporter'/></sasl-channel-binding>";
	near_start_online();
	assert_string_equal(near.peer.mechanism, "SCRAM-SHA-256-PLUS");
}

static void plain_is_for_those_who_allow_it(void **state)
{
	(void)state;
	near.peer.mechanisms = "<mechanism>PLAIN</mechanism>";
	near_start();
	near_assert_end(STATUS_AUTH, "PLAIN");
	assert_null(near.peer.mechanism);
	again();
	near.peer.mechanisms = "<mechanism>PLAIN</mechanism>";
	near.settings.allow_plain = true;
	near_start_online();
	assert_string_equal(near.peer.mechanism, "PLAIN");
	again();
	near.peer.mechanisms = "<mechanism>PLAIN</mechanism>";
	near.settings.allow_plain = true;
	near.settings.tls.insecure = true;
	near_start();
	near_assert_end(STATUS_AUTH, "");
	assert_null(near.peer.mechanism);
}

static void a_server_that_does_not_know_the_password_is_refused(void **state)
{
	(void)state;
	static const char *const lies[] = {
		"<success xmlns='" XMPP_NS_SASL "'/>",
		"<success xmlns='" XMPP_NS_SASL "'>=</success>",
		/* v= of somebody else's exchange */
		"<success xmlns='" XMPP_NS_SASL
		"'>dj02cnJpVFJCaTIzV3BSUi93dHVwK21NaFVaVW4vZEI1bkxUSlJzamw5"
		"NUc0PQ==</success>",
		"<success xmlns='" XMPP_NS_SASL "'>*</success>",
	};
	for (size_t i = 0; i < 4; i++) {
		near.peer.lines[PEER_RESPONSE].say = lies[i];
		near_start();
		near_assert_end(STATUS_AUTH, "");
		assert_int_equal(near.peer.came[PEER_HEADER_AUTH], 0);
		again();
	}
	/* Before it has seen anything of us at all. */
	near.peer.lines[PEER_AUTH].say = "<success xmlns='" XMPP_NS_SASL "'/>";
	near_start();
	near_assert_end(STATUS_AUTH, "");
}

/* ---- binding, stream errors, what is no XMPP ---- */

static void a_resource_that_is_refused_ends_it(void **state)
{
	(void)state;
	near_start();
	near.peer.lines[PEER_BIND].say = "";
	near.peer.lines[PEER_ENABLE].say = "";
	near_go(2 * USEC_SEC);
	struct span all = buf_view(&near.peer.plain);
	size_t iq = span_find_span(all, SPAN("<iq"), 0);
	size_t id = span_find_span(all, SPAN("id='"), iq) + 4;
	struct span token = span_first(span_skip(all, id), 20);
	char text[512];
	snprintf(text, sizeof(text),
		"<iq type='error' id='%.*s'><error type='cancel'><conflict "
		"xmlns='" XMPP_NS_STANZA_ERROR "'/></error></iq>",
		SPAN_ARGS(token));
	peer_say(&near.peer, text);
	near_assert_end(STATUS_REFUSED, "conflict");
}

static void a_stream_error_is_named(void **state)
{
	(void)state;
	near_start_online();
	peer_say(&near.peer,
		"<stream:error><system-shutdown xmlns='" XMPP_NS_STREAM_ERROR
		"'/><text xmlns='" XMPP_NS_STREAM_ERROR
		"'>back soon</text></stream:error></stream:stream>");
	near_assert_end(STATUS_REFUSED, "system-shutdown): back soon");
	assert_true(near.end.retryable);
}

static void the_servers_own_farewell_is_unreachable_for_us(void **state)
{
	(void)state;
	near_start_online();
	peer_say(&near.peer, "</stream:stream>");
	near_assert_end(STATUS_UNREACHABLE, "the server closed the stream");
	assert_int_equal(near.peer.came[PEER_CLOSE], 1);
}

static void what_is_no_xmpp_is_answered_with_its_condition(void **state)
{
	(void)state;
	static const struct {
		const char *say, *condition;
	} rows[] = {
		{ "<!-- a comment -->", "restricted-xml" },
		{ "<a></b>", "not-well-formed" },
		{ "text between", "bad-format" },
		{ "<message><body>\xff</body></message>",
			"unsupported-encoding" },
	};
	for (size_t i = 0; i < 4; i++) {
		near_start_online();
		peer_say(&near.peer, rows[i].say);
		near_assert_end(STATUS_MALFORMED, "no XMPP");
		assert_string_equal(near.end.condition, rows[i].condition);
		near_go(USEC_SEC);
		assert_true(span_find_span(buf_view(&near.peer.plain),
				    span_of(rows[i].condition),
				    0) < near.peer.plain.len);
		again();
	}
}

static void another_namespace_or_version_is_no_stream_of_ours(void **state)
{
	(void)state;
	static const struct {
		const char *say, *condition;
	} rows[] = {
		{ "<stream:stream xmlns='jabber:server' "
		  "xmlns:stream='" XMPP_NS_STREAM "' version='1.0'>",
			"invalid-namespace" },
		{ "<stream:stream xmlns='jabber:client' "
		  "xmlns:stream='" XMPP_NS_STREAM "'>",
			"unsupported-version" },
		{ "<stream:stream xmlns='jabber:client' "
		  "xmlns:stream='" XMPP_NS_STREAM "' version='0.9'>",
			"unsupported-version" },
		{ "<stream xmlns='urn:other' version='1.0'>",
			"invalid-namespace" },
	};
	for (size_t i = 0; i < 4; i++) {
		near.peer.lines[PEER_HEADER].say = rows[i].say;
		near_start();
		near_assert_end(STATUS_MALFORMED, "");
		assert_string_equal(near.end.condition, rows[i].condition);
		again();
	}
}

static void a_step_out_of_its_turn_is_refused(void **state)
{
	(void)state;
	near.peer.lines[PEER_STARTTLS].say =
		"<message><body>x</body></message>";
	near_start();
	near_assert_end(STATUS_MALFORMED, "<message/> where <proceed/>");
	assert_int_equal(near.messages, 0);
	again();
	near.peer.lines[PEER_AUTH].say = "<message><body>x</body></message>";
	near_start();
	near_assert_end(STATUS_MALFORMED, "<message/> where <success/>");
	assert_int_equal(near.messages, 0);
}

/* ---- whatever the kernel says ---- */

static void any_socket_call_may_fail(void **state)
{
	(void)state;
	for (uint64_t n = 1; n < 60; n++) {
		sim_fail_call(near.sim, n, 104 /* ECONNRESET */);
		near_start();
		sim_run(near.sim, near_has_ended, NULL, 30 * USEC_SEC);
		sim_fail_call(near.sim, 0, 0);
		if (!near.ended) {
			assert_int_equal(near.online, 1);
			xmpp_client_close(near.client);
			near_go(3 * USEC_SEC);
			assert_int_equal(near.ended, 1);
		} else if (near.end.status == STATUS_DONE) {
			fail_msg("call %llu: ended without a reason",
				(unsigned long long)n);
		}
		again();
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, near_setup, near_teardown)

TEST_MAIN(T(starttls_sasl_and_binding_lead_online),
	T(direct_tls_needs_no_starttls), T(bytes_may_come_one_by_one),
	T(who_we_are_is_said_over_tls_only), T(the_declaration_is_sent_once),
	T(what_is_sent_early_goes_in_one_write_with_enable),
	T(an_old_server_is_asked_for_a_session),
	T(silence_at_any_step_is_named_within_ten_seconds),
	T(the_deadline_of_the_run_comes_before_that_of_a_step),
	T(a_cut_at_any_step_is_unreachable),
	T(a_stanza_cut_in_its_middle_is_said_so),
	T(we_are_gone_within_two_seconds_in_any_state),
	T(closing_at_once_is_possible),
	T(a_certificate_of_another_domain_is_refused),
	T(a_certificate_of_nobody_we_trust_is_refused),
	T(a_ca_file_that_is_not_there_is_said_at_once),
	T(without_starttls_nothing_is_said),
	T(features_before_tls_are_not_honoured), T(starttls_refused_ends_it),
	T(bytes_behind_proceed_are_an_injection),
	T(bytes_behind_success_are_forgotten), T(the_wrong_password_is_five),
	T(the_strongest_hash_offered_is_taken),
	T(a_binding_that_is_listed_is_used), T(plain_is_for_those_who_allow_it),
	T(a_server_that_does_not_know_the_password_is_refused),
	T(a_resource_that_is_refused_ends_it), T(a_stream_error_is_named),
	T(the_servers_own_farewell_is_unreachable_for_us),
	T(what_is_no_xmpp_is_answered_with_its_condition),
	T(another_namespace_or_version_is_no_stream_of_ours),
	T(a_step_out_of_its_turn_is_refused), T(any_socket_call_may_fail))
