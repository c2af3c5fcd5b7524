/* How far a message got, for who waits until it is sent, accepted, received or
 * displayed; and where a stream goes when it is cut or sent away. */
#include "tests/common/test.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "tests/common/xmpp_near.h"
#include "xmpp/ns.h"

#define BOB "bob@far.example"
#define OTHER_AT "192.0.2.8:5222"

static unsigned decided, failed;
static struct err last;

static void on_decided(void *arg, const struct err *e)
{
	(void)arg;
	decided++;
	failed += err_is_set(e);
	last = *e;
}

static int setup(void **state)
{
	decided = failed = 0;
	last = ERR_NONE;
	return near_setup(state);
}

static void deliver(const char *id, enum xmpp_deliver_until until)
{
	struct err e = ERR_NONE;
	struct xml_element *s = near_message(BOB, "hello");
	xml_element_attr(s, "id", id);
	assert_ok(xmpp_deliver(near.client, s, until, 20 * USEC_SEC, on_decided,
			  NULL, &e) != NULL,
		&e);
}

static unsigned times_heard(const char *text)
{
	struct span all = buf_view(&near.peer.heard);
	unsigned n = 0;
	for (size_t at = 0;
		(at = span_find_span(all, span_of(text), at)) < all.n; at++)
		n++;
	return n;
}

/* The answer to the n-th ping (from 1) of those that went to bob. */
static void pong(unsigned n)
{
	static const char want[] = "<iq type='get' to='" BOB "' id='";
	struct span rest = buf_view(&near.peer.heard), id = SPAN_EMPTY;
	for (; n; n--) {
		size_t at = span_find_span(rest, span_of(want), 0);
		assert_true(at < rest.n);
		rest = span_skip(rest, at + strlen(want));
		struct span behind = rest;
		span_cut(&behind, '\'', &id);
	}
	char *text = mem_format(
		"<iq type='result' from='" BOB "' id='%.*s'/>", SPAN_ARGS(id));
	peer_say(&near.peer, text);
	mem_free(text);
	near_go(100 * USEC_MS);
}

static void word(
	const char *from, const char *name, const char *ns, const char *id)
{
	char *text = mem_format("<message from='%s'><%s xmlns='%s' id='%s'/>"
				"</message>",
		from, name, ns, id);
	peer_say(&near.peer, text);
	mem_free(text);
	near_go(100 * USEC_MS);
}

/* ---- sent ---- */

static void sent_is_acknowledged_by_our_server(void **state)
{
	(void)state;
	near.peer.lines[PEER_REQUEST].say = "";
	near_start_online();
	deliver("m1", XMPP_UNTIL_SENT);
	near_go(USEC_SEC);
	assert_int_equal(decided, 0);
	assert_int_equal(times_heard("ping"), 0);
	peer_say(&near.peer, "<a xmlns='" XMPP_NS_SM "' h='1'/>");
	near_go(100 * USEC_MS);
	assert_int_equal(decided, 1);
	assert_int_equal(failed, 0);
}

static void or_written_where_it_does_not_acknowledge(void **state)
{
	(void)state;
	near.peer.no_sm = true;
	near_start();
	deliver("m1", XMPP_UNTIL_SENT);
	assert_int_equal(decided, 0);
	near_go(USEC_SEC);
	assert_int_equal(times_heard("id='m1'"), 1);
	assert_int_equal(decided, 1);
	deliver("m2", XMPP_UNTIL_SENT);
	assert_int_equal(decided, 1); /* never from within */
	near_go(USEC_SEC);
	assert_int_equal(decided, 2);
	assert_int_equal(failed, 0);
}

/* ---- accepted ---- */

static void a_burst_shares_two_pings(void **state)
{
	(void)state;
	near_start_online();
	for (int i = 0; i < 100; i++)
		deliver(NULL, XMPP_UNTIL_ACCEPTED);
	near_go(USEC_SEC);
	assert_int_equal(times_heard("<ping "), 1);
	pong(1);
	assert_int_equal(decided, 1);
	near_go(USEC_SEC);
	assert_int_equal(times_heard("<ping "), 2);
	pong(2);
	assert_int_equal(decided, 100);
	assert_int_equal(failed, 0);
	near_go(USEC_SEC);
	assert_int_equal(times_heard("<ping "), 2);
}

static void a_bounce_is_of_one_only(void **state)
{
	(void)state;
	near_start_online();
	deliver("m1", XMPP_UNTIL_ACCEPTED);
	deliver("m2", XMPP_UNTIL_ACCEPTED);
	near_go(100 * USEC_MS);
	peer_say(&near.peer, "<message type='error' from='" BOB "' id='m2'/>");
	near_go(100 * USEC_MS);
	assert_int_equal(decided, 1);
	assert_int_equal(failed, 1);
	pong(1);
	assert_int_equal(decided, 2);
	assert_int_equal(failed, 1);
	near_go(USEC_SEC);
	assert_int_equal(times_heard("<ping "), 1);
}

/* ---- received and displayed ---- */

static void a_receipt_is_of_the_recipient(void **state)
{
	(void)state;
	near_start_online();
	deliver("m1", XMPP_UNTIL_RECEIVED);
	near_go(100 * USEC_MS);
	assert_int_equal(
		times_heard("<request xmlns='urn:xmpp:receipts'/>"), 1);
	pong(1);
	assert_int_equal(decided, 0);
	word("evil@far.example/x", "received", XMPP_NS_RECEIPTS, "m1");
	word(BOB "/phone", "received", XMPP_NS_RECEIPTS, "m2");
	assert_int_equal(decided, 0);
	assert_int_equal(near.messages, 2); /* like any other */
	word(BOB "/phone", "received", XMPP_NS_RECEIPTS, "m1");
	assert_int_equal(decided, 1);
	assert_int_equal(failed, 0);
	assert_int_equal(near.messages, 2);
}

static void without_one_it_is_known_how_far_it_got(void **state)
{
	(void)state;
	near_start_online();
	deliver("m1", XMPP_UNTIL_RECEIVED);
	near_go(100 * USEC_MS);
	pong(1);
	near_go(30 * USEC_SEC);
	assert_int_equal(failed, 1);
	assert_int_equal(last.status, STATUS_TIMEOUT);
	assert_non_null(strstr(
		last.text, BOB ": accepted there, not known to be received"));
}

static void a_marker_is_for_all_before_it(void **state)
{
	(void)state;
	near_start_online();
	deliver("m1", XMPP_UNTIL_DISPLAYED);
	deliver("m2", XMPP_UNTIL_RECEIVED);
	deliver("m3", XMPP_UNTIL_DISPLAYED);
	near_go(100 * USEC_MS);
	assert_int_equal(times_heard("<markable "), 2);
	word(BOB "/phone", "received", XMPP_NS_RECEIPTS, "m1");
	assert_int_equal(decided, 0);
	word(BOB "/phone", "displayed", XMPP_NS_MARKERS, "m2");
	assert_int_equal(decided, 2);
	word(BOB, "displayed", XMPP_NS_MARKERS, "m3");
	assert_int_equal(decided, 3);
	assert_int_equal(failed, 0);
}

/* ---- what the server takes ---- */

static void more_than_the_server_takes_is_not_sent(void **state)
{
	(void)state;
	struct err e = ERR_NONE;
	near.peer.lines[PEER_HEADER_AUTH].say =
		"<stream:stream xmlns='jabber:client' "
		"xmlns:stream='" XMPP_NS_STREAM "' id='x' from='" PEER_DOMAIN
		"' version='1.0'><stream:features><bind xmlns='" XMPP_NS_BIND
		"'/><limits xmlns='" XMPP_NS_LIMITS
		"'><max-bytes>10000</max-bytes></limits></stream:features>";
	near_start_online();
	char body[10001];
	memset(body, 'x', sizeof(body));
	body[10000] = '\0';
	assert_false(
		xmpp_client_send(near.client, near_message(BOB, body), &e));
	assert_int_equal(e.status, STATUS_MALFORMED);
	assert_string_equal(e.condition, "policy-violation");
	memset(body, '&', 3000); /* &amp; */
	body[3000] = '\0';
	assert_false(
		xmpp_client_send(near.client, near_message(BOB, body), &e));
	body[1000] = '\0';
	assert_true(xmpp_client_send(near.client, near_message(BOB, body), &e));
	near_go(USEC_SEC);
	assert_int_equal(near.peer.stanzas, 1);
	assert_int_equal(near.ended, 0);
}

/* ---- cut, and sent away ---- */

#define STREAM_ERROR(condition)                                                \
	"<stream:error><" condition " xmlns='" XMPP_NS_STREAM_ERROR            \
	"'/></stream:error></stream:stream>"
#define OTHER_HOST                                                             \
	"<stream:error><see-other-host xmlns='" XMPP_NS_STREAM_ERROR           \
	"'>" OTHER_AT "</see-other-host></stream:error></stream:stream>"

static void some_stream_errors_are_for_good(void **state)
{
	(void)state;
	static const struct {
		const char *say;
		bool again;
	} rows[] = { { STREAM_ERROR("conflict"), false },
		{ STREAM_ERROR("host-unknown"), false },
		{ STREAM_ERROR("not-authorized"), false },
		{ STREAM_ERROR("policy-violation"), false },
		{ STREAM_ERROR("system-shutdown"), true },
		{ STREAM_ERROR("reset"), true }, { "</stream:stream>", true } };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		near.settings.reconnect = 60 * USEC_SEC;
		near_start_online();
		peer_say(&near.peer, rows[i].say);
		near_go(10 * USEC_SEC);
		if (near.ended == rows[i].again ||
			near.peer.connections != 1 + rows[i].again)
			fail_msg("%s: ended %d, %d connections", rows[i].say,
				near.ended, near.peer.connections);
		near_teardown(NULL);
		near_setup(NULL);
	}
}

static struct peer other;

static void check_other_host(
	const char *domain, bool insecure, bool goes, bool arrives)
{
	const char *const names[] = { domain };
	peer_init(&other, near.sim, OTHER_AT, names, 1);
	near.settings.tls.insecure = insecure;
	near.settings.tls.ca_file = insecure ? NULL : peer_ca(&other);
	near.peer.lines[PEER_HEADER].say =
		"<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
		"xmlns:stream='" XMPP_NS_STREAM
		"' id='x' version='1.0'>" OTHER_HOST;
	near_start();
	near_go(20 * USEC_SEC);
	assert_int_equal(other.connections > 0, goes);
	assert_int_equal(near.online, arrives);
	assert_int_equal(near.ended, !arrives);
	if (goes && !arrives)
		assert_int_equal(near.end.status, STATUS_TLS);
	xmpp_client_free(near.client);
	near.client = NULL;
	near_go(USEC_SEC);
	peer_clear(&other);
}

static void another_host_is_gone_to_where_tls_proves_the_domain(void **state)
{
	(void)state;
	check_other_host(PEER_DOMAIN, false, true, true);
}

static void and_nowhere_else(void **state)
{
	(void)state;
	check_other_host("evil.example", false, true, false);
	near_teardown(NULL);
	near_setup(NULL);
	check_other_host(PEER_DOMAIN, true, false, false);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, near_teardown)

TEST_MAIN(T(sent_is_acknowledged_by_our_server),
	T(or_written_where_it_does_not_acknowledge),
	T(a_burst_shares_two_pings), T(a_bounce_is_of_one_only),
	T(a_receipt_is_of_the_recipient),
	T(without_one_it_is_known_how_far_it_got),
	T(a_marker_is_for_all_before_it),
	T(more_than_the_server_takes_is_not_sent),
	T(some_stream_errors_are_for_good),
	T(another_host_is_gone_to_where_tls_proves_the_domain),
	T(and_nowhere_else))
