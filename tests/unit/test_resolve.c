/* Names by c-ares, asked of a scripted nameserver on loopback. */
#include "tests/common/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/answer.h"
#include "net/resolve.h"
#include "tests/common/dns_server.h"

static const char zone_text[] =
	"a.example A 192.0.2.1\n"
	"a.example A 192.0.2.2\n"
	"a.example A 192.0.2.3\n"
	"a.example AAAA 2001:db8::1\n"
	"a.example AAAA 2001:db8::2\n"
	"four.example A 192.0.2.4\n"
	"alias.example CNAME four.example\n"
	"broken.example CNAME gone.example\n"
	"_sip._udp.example SRV 20 0 5060 far.example\n"
	"_sip._udp.example SRV 10 1 5061 b.example\n"
	"_sip._udp.example SRV 10 3 5062 c.example\n"
	"_none._udp.example SRV 0 0 0 .\n"
	"example NAPTR 60 50 \"s\" \"SIP+D2T\" \"\" _sip._tcp.example\n"
	"example NAPTR 50 60 \"s\" \"SIPS+D2T\" \"\" _sips._tcp.example\n"
	"example NAPTR 50 50 \"u\" \"E2U+sip\" \"!^.*$!sip:a@example!\" .\n"
	"silent.example SILENT\n"
	"slow.example SLOW 600\n"
	"slow.example A 192.0.2.5\n"
	"failing.example SERVFAIL\n"
	"refused.example REFUSED\n"
	"big.example TRUNCATED\n"
	"big.example A 192.0.2.6\n"
	"garbage.example GARBAGE\n"
	"garbage.example A 192.0.2.7\n";

static struct loop *loop;
static struct zone *zone;
static struct dns_server *server;
static struct resolver *resolver;

/* What the last query came to, as text; and how often done was called. */
static struct buf result = BUF_INIT(1 << 16);
static struct err outcome;
static int done_calls;

static int set_up(void **state)
{
	struct endpoint local;
	struct err e = ERR_NONE;
	char address[ENDPOINT_TEXT_SIZE];
	(void)state;
	loop = loop_new(&e);
	zone = zone_new(span_of(zone_text), &e);
	assert_ok(zone != NULL, &e);
	endpoint_parse_address(&local, SPAN("127.0.0.1"));
	server = dns_server_new(loop, &local, zone, &e);
	assert_ok(server != NULL, &e);
	endpoint_format(address, dns_server_local(server));
	resolver = resolver_new(loop, address, &e);
	assert_ok(resolver != NULL, &e);
	done_calls = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	resolver_free(resolver);
	dns_server_free(server);
	zone_free(zone);
	loop_free(loop);
	buf_clear(&result);
	return 0;
}

static void got_addresses(void *arg, const struct endpoint *found, size_t count,
	const struct err *e)
{
	char text[ENDPOINT_TEXT_SIZE];
	(void)arg;
	done_calls++;
	outcome = *e;
	buf_reset(&result);
	for (size_t i = 0; i < count; i++)
		buf_printf(&result, "%s ",
			endpoint_format_address(text, &found[i], false));
}

static void got_srv(void *arg, const struct srv_record *found, size_t count,
	const struct err *e)
{
	(void)arg;
	done_calls++;
	outcome = *e;
	buf_reset(&result);
	for (size_t i = 0; i < count; i++)
		buf_printf(&result, "%u/%u %s:%u(%u) ", found[i].priority,
			found[i].weight, found[i].target, found[i].port,
			found[i].ttl);
}

static void got_naptr(void *arg, const struct naptr_record *found, size_t count,
	const struct err *e)
{
	(void)arg;
	done_calls++;
	outcome = *e;
	buf_reset(&result);
	for (size_t i = 0; i < count; i++)
		buf_printf(&result, "%u/%u %s %s %s %s; ", found[i].order,
			found[i].preference, found[i].flags, found[i].services,
			found[i].regexp, found[i].replacement);
}

/* Until done was called `want` times; none came from the asking call. */
static void wait_for_done(int want)
{
	usec_t end = loop_now(loop) + 10 * USEC_SEC;
	assert_int_equal(done_calls, want - 1);
	while (done_calls < want && loop_now(loop) < end)
		loop_turn(loop, end);
	assert_int_equal(done_calls, want);
}

static void assert_addresses(
	const char *name, enum resolve_family family, const char *want)
{
	done_calls = 0;
	resolve_addresses(resolver, name, family, got_addresses, NULL);
	wait_for_done(1);
	if (!span_is(buf_view(&result), want))
		fail_msg("%s: expected \"%s\", got \"%s\" (%s)", name, want,
			buf_text(&result), outcome.text);
	assert_int_equal(outcome.status == STATUS_DONE, *want != '\0');
}

static void assert_failure(enum status status, const char *condition)
{
	if (outcome.status != status || strcmp(outcome.condition, condition))
		fail_msg("expected status %d (%s), got %d (%s): %s", status,
			condition, outcome.status, outcome.condition,
			outcome.text);
}

static void families_alternate_and_ipv6_is_first(void **state)
{
	(void)state;
	assert_addresses("a.example", RESOLVE_ANY,
		"2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2 192.0.2.3 ");
	assert_addresses("A.Example.", RESOLVE_V6, "2001:db8::1 2001:db8::2 ");
	assert_addresses(
		"a.example", RESOLVE_V4, "192.0.2.1 192.0.2.2 192.0.2.3 ");
	assert_addresses("four.example", RESOLVE_ANY, "192.0.2.4 ");
}

static void an_alias_is_followed(void **state)
{
	(void)state;
	assert_addresses("alias.example", RESOLVE_ANY, "192.0.2.4 ");
	assert_addresses("broken.example", RESOLVE_ANY, "");
	assert_failure(STATUS_UNREACHABLE, "no-such-record");
}

static void no_name_and_no_record_are_told_apart(void **state)
{
	(void)state;
	assert_addresses("gone.example", RESOLVE_ANY, "");
	assert_failure(STATUS_UNREACHABLE, "no-such-name");
	assert_string_equal(outcome.text, "gone.example: no such name");
	assert_addresses("four.example", RESOLVE_V6, "");
	assert_failure(STATUS_UNREACHABLE, "no-such-record");
	assert_string_equal(
		outcome.text, "four.example: the name has no IPv6 address");
	assert_false(outcome.retryable);
}

static void what_needs_no_nameserver_is_not_asked(void **state)
{
	(void)state;
	assert_addresses("192.0.2.9", RESOLVE_ANY, "192.0.2.9 ");
	assert_addresses("2001:db8::9", RESOLVE_ANY, "2001:db8::9 ");
	assert_addresses("[2001:db8::9]", RESOLVE_V6, "2001:db8::9 ");
	assert_addresses("2001:db8::9", RESOLVE_V4, "");
	assert_failure(STATUS_UNREACHABLE, "no-such-record");
	assert_addresses("localhost", RESOLVE_ANY, "::1 127.0.0.1 ");
	assert_addresses("LOCALHOST.", RESOLVE_V4, "127.0.0.1 ");
	assert_addresses("a.localhost", RESOLVE_V6, "::1 ");
	static const char *const wrong[] = { "", ".", "a..b", "a b.example",
		"a\\.example", "\303\251.example",
		("a234567890123456789012345678901234567890123456789012345678901"
		 "234.example") };
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_addresses(wrong[i], RESOLVE_ANY, "");
		assert_failure(STATUS_UNREACHABLE, "no-such-name");
	}
	assert_int_equal(dns_server_asked(server, false), 0);
	assert_addresses("notlocalhost", RESOLVE_ANY, "");
	assert_int_equal(dns_server_asked(server, false), 2);
}

static void the_hosts_file_is_read(void **state)
{
	char path[] = "/tmp/samtal-test-XXXXXX", text[ENDPOINT_TEXT_SIZE];
	static const char lines[] = "# 192.0.2.1 commented\n"
				    "192.0.2.1\tone  two # three\n"
				    "2001:db8::1 one\n"
				    "192.0.2.7 ONE\n"
				    "not-an-address one\n"
				    "192.0.2.8 two";
	int fd = mkstemp(path);
	(void)state;
	assert_int_equal(
		write(fd, lines, sizeof(lines) - 1), sizeof(lines) - 1);
	close(fd);
	struct answer a = { 0 };
	answer_add_hosts(&a, path, "one", AF_INET);
	assert_int_equal(a.count, 2);
	assert_string_equal(
		endpoint_format_address(text, &a.addresses[1], false),
		"192.0.2.7");
	answer_clear(&a);
	answer_add_hosts(&a, path, "one", AF_INET6);
	assert_int_equal(a.count, 1);
	answer_clear(&a);
	answer_add_hosts(&a, path, "TWO", AF_INET);
	assert_int_equal(a.count, 2);
	answer_clear(&a);
	answer_add_hosts(&a, path, "three", AF_INET);
	answer_add_hosts(&a, path, "commented", AF_INET);
	unlink(path);
	answer_add_hosts(&a, path, "one", AF_INET);
	assert_int_equal(a.count, 0);
	assert_int_equal(a.outcome, OUTCOME_OPEN);
}

static void services_come_by_priority(void **state)
{
	(void)state;
	resolve_srv(resolver, "_sip._udp.example", got_srv, NULL);
	wait_for_done(1);
	assert_non_null(strstr(buf_text(&result), "10/1 b.example:5061(300)"));
	assert_non_null(
		strstr(buf_text(&result), " 20/0 far.example:5060(300) "));
	resolve_srv(resolver, "_none._udp.example", got_srv, NULL);
	wait_for_done(2);
	assert_span(buf_view(&result), "0/0 .:0(300) ");
	resolve_srv(resolver, "four.example", got_srv, NULL);
	wait_for_done(3);
	assert_failure(STATUS_UNREACHABLE, "no-such-record");
}

static void weights_are_shares(void **state)
{
	static const uint16_t weights[] = { 0, 1, 3, 6 };
	int first[4] = { 0 };
	(void)state;
	for (int i = 0; i < 10000; i++) {
		struct answer a = { 0 };
		for (uint16_t k = 0; k < 4; k++)
			answer_add_srv(&a, &(struct srv_record){ .priority = 1,
						   .weight = weights[k],
						   .port = k,
						   .target = "x" });
		answer_order_srv(&a);
		first[a.srv[0].port]++;
		assert_int_equal(a.srv[0].port + a.srv[1].port + a.srv[2].port +
					 a.srv[3].port,
			6);
		answer_clear(&a);
	}
	/* Of 0 to 10 one each: weight 0 has a very small chance (RFC 2782:
	 * that of drawing 0 itself). */
	assert_in_range(first[0], 700, 1120);
	assert_in_range(first[1], 700, 1120);
	assert_in_range(first[2], 2450, 3000);
	assert_in_range(first[3], 5100, 5800);
}

static void naptr_comes_by_order_and_preference(void **state)
{
	(void)state;
	resolve_naptr(resolver, "example", got_naptr, NULL);
	wait_for_done(1);
	assert_span(buf_view(&result),
		"50/50 u E2U+sip !^.*$!sip:a@example! .; "
		"50/60 s SIPS+D2T  _sips._tcp.example; "
		"60/50 s SIP+D2T  _sip._tcp.example; ");
}

static void a_truncated_reply_is_fetched_by_tcp(void **state)
{
	(void)state;
	assert_addresses("big.example", RESOLVE_V4, "192.0.2.6 ");
	assert_int_equal(dns_server_asked(server, true), 1);
}

static void a_failing_server_is_said_to_fail(void **state)
{
	static const char *const names[] = { "failing.example",
		"refused.example", "garbage.example" };
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_addresses(names[i], RESOLVE_V4, "");
		assert_failure(STATUS_UNREACHABLE, "");
		assert_true(outcome.retryable);
	}
}

static void a_silent_server_is_a_timeout_by_the_deadline(void **state)
{
	usec_t start = loop_now(loop);
	(void)state;
	assert_addresses("silent.example", RESOLVE_V4, "");
	assert_failure(STATUS_TIMEOUT, "");
	usec_t took = loop_now(loop) - start;
	assert_in_range(took, 4 * USEC_SEC, RESOLVE_DEADLINE + USEC_SEC);
	assert_true(dns_server_asked(server, false) >= 2); /* tried again */
}

static void a_slow_server_is_asked_again_and_its_late_reply_taken(void **state)
{
	usec_t start = loop_now(loop);
	(void)state;
	assert_addresses("slow.example", RESOLVE_V4, "192.0.2.5 ");
	assert_true(loop_now(loop) - start >= 600 * USEC_MS);
	assert_true(dns_server_asked(server, false) >= 2);
}

static void a_nameserver_that_is_not_there_fails_at_once(void **state)
{
	struct err e = ERR_NONE;
	usec_t start = loop_now(loop);
	(void)state;
	resolver_free(resolver);
	resolver = resolver_new(loop, "127.0.0.1:1", &e);
	assert_addresses("a.example", RESOLVE_V4, "");
	assert_failure(STATUS_UNREACHABLE, "");
	assert_true(loop_now(loop) - start < 2 * USEC_SEC);
	assert_null(resolver_new(loop, "ns.example:53", &e));
	assert_int_equal(e.status, STATUS_USAGE);
}

static struct query *other;

static void cancel_other(void *arg, const struct endpoint *found, size_t count,
	const struct err *e)
{
	got_addresses(arg, found, count, e);
	query_cancel(other);
}

static void free_resolver(void *arg, const struct endpoint *found, size_t count,
	const struct err *e)
{
	got_addresses(arg, found, count, e);
	resolver_free(resolver);
	resolver = NULL;
}

static void a_cancelled_query_never_calls(void **state)
{
	(void)state;
	query_cancel(NULL);
	struct query *q = resolve_addresses(
		resolver, "a.example", RESOLVE_ANY, got_addresses, NULL);
	query_cancel(q);
	q = resolve_addresses(
		resolver, "localhost", RESOLVE_ANY, got_addresses, NULL);
	query_cancel(q);
	other = resolve_addresses(
		resolver, "slow.example", RESOLVE_ANY, got_addresses, NULL);
	resolve_addresses(
		resolver, "a.example", RESOLVE_ANY, cancel_other, NULL);
	wait_for_done(1);
	resolve_addresses(
		resolver, "a.example", RESOLVE_ANY, free_resolver, NULL);
	resolve_srv(resolver, "_sip._udp.example", got_srv, NULL);
	wait_for_done(2);
	usec_t end = loop_now(loop) + 150 * USEC_MS;
	while (loop_now(loop) < end)
		loop_turn(loop, end);
	assert_int_equal(done_calls, 2);
}

static void many_questions_at_once_are_all_answered(void **state)
{
	(void)state;
	for (int i = 0; i < 200; i++)
		resolve_addresses(resolver,
			i % 2 ? "a.example" : "gone.example", RESOLVE_ANY,
			got_addresses, NULL);
	usec_t end = loop_now(loop) + 10 * USEC_SEC;
	while (done_calls < 200 && loop_now(loop) < end)
		loop_turn(loop, end);
	assert_int_equal(done_calls, 200);
}

#define NET_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

TEST_MAIN(NET_TEST(families_alternate_and_ipv6_is_first),
	NET_TEST(an_alias_is_followed),
	NET_TEST(no_name_and_no_record_are_told_apart),
	NET_TEST(what_needs_no_nameserver_is_not_asked),
	cmocka_unit_test(the_hosts_file_is_read),
	NET_TEST(services_come_by_priority),
	cmocka_unit_test(weights_are_shares),
	NET_TEST(naptr_comes_by_order_and_preference),
	NET_TEST(a_truncated_reply_is_fetched_by_tcp),
	NET_TEST(a_failing_server_is_said_to_fail),
	NET_TEST(a_silent_server_is_a_timeout_by_the_deadline),
	NET_TEST(a_slow_server_is_asked_again_and_its_late_reply_taken),
	NET_TEST(a_nameserver_that_is_not_there_fails_at_once),
	NET_TEST(a_cancelled_query_never_calls),
	NET_TEST(many_questions_at_once_are_all_answered))
