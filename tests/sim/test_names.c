/* Names of the simulated network: the twin of unit/test_resolve. */
#include "tests/common/test.h"

#include <string.h>

#include "base/buf.h"
#include "net/sim.h"

static struct sim *sim;
static struct resolver *resolver;
static struct buf result = BUF_INIT(1 << 16);
static struct err outcome;
static int done_calls;

static int set_up(void **state)
{
	struct err e = ERR_NONE;
	(void)state;
	sim = sim_new(1);
	resolver = resolver_new(sim_loop(sim), NULL, &e);
	assert_ok(resolver != NULL, &e);
	done_calls = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	resolver_free(resolver);
	assert_int_equal(sim_set_timers(sim), 0);
	sim_free(sim);
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
		buf_printf(&result, "%u/%u %s:%u ", found[i].priority,
			found[i].weight, found[i].target, found[i].port);
}

static void got_naptr(void *arg, const struct naptr_record *found, size_t count,
	const struct err *e)
{
	(void)arg;
	done_calls++;
	outcome = *e;
	buf_reset(&result);
	for (size_t i = 0; i < count; i++)
		buf_printf(&result, "%u/%u %s %s %s; ", found[i].order,
			found[i].preference, found[i].flags, found[i].services,
			found[i].replacement);
}

static bool is_done(void *arg)
{
	(void)arg;
	return done_calls > 0;
}

/* Runs until done; asserts it was not called before. */
static const char *wait_for_done(void)
{
	assert_int_equal(done_calls, 0);
	assert_true(sim_run(sim, is_done, NULL, 10 * USEC_SEC));
	done_calls = 0;
	return buf_text(&result);
}

static const char *addresses_of(const char *name, enum resolve_family family)
{
	resolve_addresses(resolver, name, family, got_addresses, NULL);
	return wait_for_done();
}

static void the_zone_answers_as_nameservers_do(void **state)
{
	(void)state;
	sim_add_address(sim, "a.example", "192.0.2.1");
	sim_add_address(sim, "a.example", "192.0.2.2");
	sim_add_address(sim, "a.example", "2001:db8::1");
	assert_string_equal(addresses_of("A.example.", RESOLVE_ANY),
		"2001:db8::1 192.0.2.1 192.0.2.2 ");
	assert_string_equal(
		addresses_of("a.example", RESOLVE_V4), "192.0.2.1 192.0.2.2 ");
	assert_string_equal(
		addresses_of("localhost", RESOLVE_ANY), "::1 127.0.0.1 ");
	assert_string_equal(
		addresses_of("192.0.2.3", RESOLVE_ANY), "192.0.2.3 ");
	assert_string_equal(addresses_of("b.example", RESOLVE_ANY), "");
	assert_string_equal(outcome.condition, "no-such-name");
	resolve_srv(resolver, "a.example", got_srv, NULL);
	wait_for_done();
	assert_string_equal(outcome.condition, "no-such-record");
	assert_int_equal(outcome.status, STATUS_UNREACHABLE);
}

static void services_come_in_order(void **state)
{
	(void)state;
	sim_add_srv(sim, "_sip._udp.a", 20, 0, 1, "late.a");
	sim_add_srv(sim, "_sip._udp.a", 10, 5, 2, "early.a");
	sim_add_naptr(sim, "a", 2, 1, "s", "SIP+D2T", "", "_sip._tcp.a");
	sim_add_naptr(sim, "a", 1, 9, "s", "SIP+D2U", "", "_sip._udp.a");
	resolve_srv(resolver, "_sip._udp.a", got_srv, NULL);
	assert_string_equal(wait_for_done(), "10/5 early.a:2 20/0 late.a:1 ");
	resolve_naptr(resolver, "a", got_naptr, NULL);
	assert_string_equal(wait_for_done(),
		"1/9 s SIP+D2U _sip._udp.a; 2/1 s SIP+D2T _sip._tcp.a; ");
}

static void a_silent_name_takes_the_whole_deadline(void **state)
{
	usec_t start = loop_now(sim_loop(sim));
	(void)state;
	sim_silent_name(sim, "quiet.example");
	addresses_of("quiet.example", RESOLVE_ANY);
	assert_int_equal(outcome.status, STATUS_TIMEOUT);
	assert_true(loop_now(sim_loop(sim)) - start == RESOLVE_DEADLINE);
}

static void a_star_stands_for_names_without_their_own(void **state)
{
	(void)state;
	sim_add_address(sim, "*", "192.0.2.9");
	sim_add_srv(sim, "a.example", 1, 1, 1, "b.example");
	assert_string_equal(
		addresses_of("any.example", RESOLVE_ANY), "192.0.2.9 ");
	assert_string_equal(addresses_of("a.example", RESOLVE_ANY), "");
	assert_string_equal(outcome.condition, "no-such-record");
}

static void a_cancelled_query_leaves_nothing(void **state)
{
	(void)state;
	sim_add_address(sim, "*", "192.0.2.9");
	query_cancel(resolve_addresses(
		resolver, "a", RESOLVE_ANY, got_addresses, NULL));
	resolve_addresses(resolver, "a", RESOLVE_ANY, got_addresses, NULL);
	resolver_free(resolver);
	resolver = NULL;
	assert_false(sim_run(sim, NULL, NULL, 60 * USEC_SEC));
	assert_int_equal(done_calls, 0);
}

#define NET_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

TEST_MAIN(NET_TEST(the_zone_answers_as_nameservers_do),
	NET_TEST(services_come_in_order),
	NET_TEST(a_silent_name_takes_the_whole_deadline),
	NET_TEST(a_star_stands_for_names_without_their_own),
	NET_TEST(a_cancelled_query_leaves_nothing))
