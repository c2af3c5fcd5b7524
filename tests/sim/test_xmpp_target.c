/* Where a domain's clients connect: SRV of both kinds, their order, and the
 * next one where one fails (RFC 6120 section 3.2, RFC 2782, XEP-0368). */
#include "tests/common/test.h"

#include <stdio.h>
#include <string.h>

#include "tests/common/xmpp_near.h"

static char order[1024]; /* "host:port direct," … of the last search */
static struct err why;
static bool found;

static void on_found(void *arg, const struct xmpp_target *targets, size_t count,
	const struct err *e)
{
	(void)arg;
	found = true;
	why = *e;
	order[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		size_t at = strlen(order);
		snprintf(order + at, sizeof(order) - at, "%s%s:%u%s",
			i ? "," : "", targets[i].host, targets[i].port,
			targets[i].security == XMPP_SECURITY_DIRECT ? "+tls"
								    : "");
	}
}

static bool is_found(void *arg)
{
	(void)arg;
	return found;
}

static void search(const char *domain)
{
	found = false;
	xmpp_target_find(near.loop, near.resolver, domain, on_found, NULL);
	assert_false(found);
	assert_true(sim_run(near.sim, is_found, NULL, 20 * USEC_SEC));
}

#define PLAIN "_xmpp-client._tcp.our.example"
#define DIRECT "_xmpps-client._tcp.our.example"

static void both_kinds_are_one_list_by_priority(void **state)
{
	(void)state;
	sim_add_srv(near.sim, PLAIN, 10, 0, 5222, "a.example");
	sim_add_srv(near.sim, DIRECT, 5, 0, 443, "b.example");
	sim_add_srv(near.sim, PLAIN, 1, 0, 80, "c.example");
	sim_add_srv(near.sim, DIRECT, 20, 0, 5223, "d.example");
	search("our.example");
	assert_string_equal(order, "c.example:80,b.example:443+tls,"
				   "a.example:5222,d.example:5223+tls");
}

static void weights_decide_by_chance_across_both_kinds(void **state)
{
	(void)state;
	sim_add_srv(near.sim, PLAIN, 1, 10, 5222, "a.example");
	sim_add_srv(near.sim, DIRECT, 1, 30, 443, "b.example");
	sim_add_srv(near.sim, DIRECT, 1, 0, 1, "c.example");
	int first[3] = { 0 };
	for (int i = 0; i < 4000; i++) {
		search("our.example");
		first[order[0] - 'a']++;
	}
	/* 10/41, 30/41, 1/41, with four standard deviations */
	assert_in_range(first[0], 867, 1084);
	assert_in_range(first[1], 2815, 3039);
	assert_in_range(first[2], 58, 137);
}

static void without_records_the_domain_itself_is_tried(void **state)
{
	(void)state;
	search("our.example");
	assert_string_equal(order, "our.example:5222");
}

static void without_an_answer_the_domain_itself_is_tried(void **state)
{
	(void)state;
	sim_silent_name(near.sim, PLAIN);
	sim_silent_name(near.sim, DIRECT);
	search("our.example");
	assert_string_equal(order, "our.example:5222");
}

static void a_dot_says_that_the_service_is_not_there(void **state)
{
	(void)state;
	sim_add_srv(near.sim, DIRECT, 0, 0, 0, ".");
	search("our.example");
	assert_string_equal(order, "");
	assert_int_equal(why.status, STATUS_UNREACHABLE);
	assert_non_null(strstr(why.text, "no XMPP service for clients"));
	sim_add_srv(near.sim, PLAIN, 1, 0, 5222, "a.example");
	search("our.example");
	assert_string_equal(order, "a.example:5222");
}

static void an_address_needs_no_record(void **state)
{
	(void)state;
	search("192.0.2.7");
	assert_string_equal(order, "192.0.2.7:5222");
}

static void server_is_host_and_port(void **state)
{
	(void)state;
	static const struct {
		const char *text, *host;
		unsigned port;
	} rows[] = {
		{ "a.example", "a.example", 5222 },
		{ "a.example:80", "a.example", 80 },
		{ "192.0.2.1:1", "192.0.2.1", 1 },
		{ "[2001:db8::1]:443", "2001:db8::1", 443 },
		{ "2001:db8::1", "2001:db8::1", 5222 },
		{ "", NULL, 0 },
		{ ":5222", NULL, 0 },
		{ "a.example:0", NULL, 0 },
		{ "a.example:65536", NULL, 0 },
		{ "a.example:http", NULL, 0 },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct xmpp_target t;
		struct err e = ERR_NONE;
		bool good = xmpp_target_parse(
			&t, span_of(rows[i].text), XMPP_SECURITY_STARTTLS, &e);
		if (good != (rows[i].host != NULL))
			fail_msg("%s: %d", rows[i].text, good);
		if (!good) {
			assert_int_equal(e.status, STATUS_USAGE);
			continue;
		}
		assert_string_equal(t.host, rows[i].host);
		assert_int_equal(t.port, rows[i].port);
	}
}

/* ---- the stream's way through them ---- */

static void use_srv(void)
{
	near.settings.server = NULL;
	sim_add_address(near.sim, "good.example", "192.0.2.7");
}

static void the_next_target_is_tried_where_one_fails(void **state)
{
	(void)state;
	use_srv();
	sim_add_address(near.sim, "closed.example", "192.0.2.8");
	sim_add_srv(near.sim, PLAIN, 1, 0, 5222, "closed.example");
	sim_add_srv(near.sim, PLAIN, 2, 0, 5222, "nowhere.example");
	sim_add_srv(near.sim, PLAIN, 3, 0, 5222, "good.example");
	near_start_online();
	assert_string_equal(
		xmpp_client_jid(near.client)->text, "me@our.example/here");
}

static void a_silent_target_leaves_time_for_the_next(void **state)
{
	(void)state;
	use_srv();
	struct endpoint dead;
	assert_true(endpoint_parse(&dead, SPAN("192.0.2.9:5222"), 0, NULL));
	sim_cut(near.sim, &dead, true);
	sim_add_address(near.sim, "dead.example", "192.0.2.9");
	sim_add_srv(near.sim, DIRECT, 1, 0, 5222, "dead.example");
	sim_add_srv(near.sim, PLAIN, 2, 0, 5222, "good.example");
	near.settings.deadline = loop_now(near.loop) + 4 * USEC_SEC;
	near_start_online();
	sim_cut(near.sim, &dead, false);
}

static void where_all_fail_the_worst_is_told(void **state)
{
	(void)state;
	use_srv();
	static const char *const names[] = { "evil.example" };
	peer_clear(&near.peer);
	peer_init(&near.peer, near.sim, NEAR_AT, names, 1);
	near.settings.tls.ca_file = peer_ca(&near.peer);
	sim_add_srv(near.sim, PLAIN, 1, 0, 5222, "good.example");
	sim_add_srv(near.sim, PLAIN, 2, 0, 5222, "nowhere.example");
	near_start();
	near_assert_end(STATUS_TLS, "good.example:5222: ");
}

static void the_target_is_not_what_the_certificate_must_name(void **state)
{
	(void)state;
	use_srv();
	static const char *const names[] = { "good.example" };
	peer_clear(&near.peer);
	peer_init(&near.peer, near.sim, NEAR_AT, names, 1);
	near.settings.tls.ca_file = peer_ca(&near.peer);
	sim_add_srv(near.sim, PLAIN, 1, 0, 5222, "good.example");
	near_start();
	near_assert_end(STATUS_TLS, "our.example");
	assert_int_equal(near.peer.came[PEER_HEADER_TLS], 0);
}

static void after_authentication_no_other_target_is_asked(void **state)
{
	(void)state;
	use_srv();
	sim_add_srv(near.sim, PLAIN, 1, 0, 5222, "good.example");
	sim_add_srv(near.sim, PLAIN, 2, 0, 5222, "good.example");
	near.settings.password = SPAN("pen");
	near_start();
	near_assert_end(STATUS_AUTH, "not-authorized");
	assert_int_equal(near.peer.connections, 1);
}

static void an_unknown_domain_is_asked_for_once(void **state)
{
	(void)state;
	use_srv();
	sim_add_srv(near.sim, PLAIN, 1, 0, 5222, "good.example");
	sim_add_srv(near.sim, PLAIN, 2, 0, 5222, "good.example");
	near.peer.lines[PEER_HEADER].say =
		"<stream:stream xmlns='jabber:client' xmlns:stream="
		"'http://etherx.jabber.org/streams' version='1.0'>"
		"<stream:error><host-unknown xmlns="
		"'urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
		"</stream:stream>";
	near_start();
	near_assert_end(STATUS_REFUSED, "host-unknown");
	assert_int_equal(near.peer.connections, 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, near_setup, near_teardown)

static void urls_of_websockets_are_targets(void **state)
{
	(void)state;
	struct xmpp_target t;
	struct err e = ERR_NONE;
	struct buf host = BUF_INIT(300);
	assert_ok(xmpp_target_parse_url(
			  &t, SPAN("wss://im.a.example:5281/ws?x"), &e),
		&e);
	assert_int_equal(t.security, XMPP_SECURITY_WEBSOCKET);
	assert_string_equal(t.host, "im.a.example");
	assert_int_equal(t.port, 5281);
	assert_string_equal(t.path, "/ws?x");
	assert_true(xmpp_target_add_host(&host, &t));
	assert_string_equal(buf_text(&host), "im.a.example:5281");
	buf_clear(&host);
	assert_ok(xmpp_target_parse_url(
			  &t, SPAN("https://im.a.example/http-bind"), &e),
		&e);
	assert_int_equal(t.security, XMPP_SECURITY_BOSH);
	assert_int_equal(t.port, 443);
	assert_string_equal(t.path, "/http-bind");
	static const char *const bad[] = { "ws://im.a.example/",
		"http://im.a.example/", "socks5://im.a.example", "wss://",
		"im.a.example" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_false(xmpp_target_parse_url(&t, span_of(bad[i]), &e));
		assert_int_equal(e.status, STATUS_USAGE);
	}
}

TEST_MAIN(cmocka_unit_test(urls_of_websockets_are_targets),
	T(both_kinds_are_one_list_by_priority),
	T(weights_decide_by_chance_across_both_kinds),
	T(without_records_the_domain_itself_is_tried),
	T(without_an_answer_the_domain_itself_is_tried),
	T(a_dot_says_that_the_service_is_not_there),
	T(an_address_needs_no_record), T(server_is_host_and_port),
	T(the_next_target_is_tried_where_one_fails),
	T(a_silent_target_leaves_time_for_the_next),
	T(where_all_fail_the_worst_is_told),
	T(the_target_is_not_what_the_certificate_must_name),
	T(after_authentication_no_other_target_is_asked),
	T(an_unknown_domain_is_asked_for_once))
