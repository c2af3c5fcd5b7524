/* Which address answers first (RFC 8305), on the simulated network. */
#include "tests/common/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "net/sim.h"
#include "tests/common/ends.h"

#define SEEDS 50
#define AT "192.0.2.7:5222"

static struct sim *sim;
static struct ends x;
static struct endpoint list[8];

static void begin(uint64_t seed)
{
	sim = sim_new(seed);
	ends_init(&x, sim_loop(sim), AT);
}

static void end(void)
{
	ends_clear(&x);
	/* Nothing is left behind, whatever happened. */
	sim_run(sim, NULL, NULL, USEC_SEC);
	assert_int_equal(sim_open_sockets(sim), 0);
	assert_int_equal(sim_set_timers(sim), 0);
	sim_free(sim);
}

/* An address where nobody answers, not even no. */
static struct endpoint dead(const char *text)
{
	struct endpoint a = endpoint_at(text);
	sim_cut(sim, &a, true);
	return a;
}

static void connect_to(size_t count)
{
	x.near_settings.addresses = list;
	x.near_settings.count = count;
	ends_connect(&x);
}

static void check_closed(
	enum status status, const char *text, const char *condition)
{
	assert_int_equal(x.near.closes, 1);
	assert_int_equal(x.near.opens, 0);
	if (x.near.e.status != status || strcmp(x.near.e.text, text) != 0)
		fail_msg("expected %d \"%s\", got %d \"%s\"", status, text,
			x.near.e.status, x.near.e.text);
	assert_string_equal(x.near.e.condition, condition);
}

static void a_dead_first_address_costs_a_quarter_of_a_second(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		begin(seed);
		sim_set_faults(
			sim, &(struct sim_faults){ .delay_min = 1 * USEC_MS,
				     .delay_max = 20 * USEC_MS });
		list[0] = dead("[2001:db8::dead]:5222");
		list[1] = x.at;
		usec_t start = loop_now(x.loop);
		connect_to(2);
		assert_true(sim_run(sim, both_open, &x, USEC_SEC));
		assert_in_range(x.near.opened_at - start, CONN_RACE_DELAY,
			CONN_RACE_DELAY + 60 * USEC_MS);
		assert_true(endpoint_equal(conn_remote(x.near.conn), &x.at));
		/* The other attempt is given up: two ends and a listener. */
		sim_run(sim, NULL, NULL, 0);
		assert_int_equal(sim_open_sockets(sim), 3);
		end();
	}
}

static void one_that_refuses_costs_a_round_trip(void **state)
{
	(void)state;
	begin(1);
	list[0] = endpoint_at("192.0.2.7:1");
	list[1] = endpoint_at("192.0.2.7:2");
	list[2] = x.at;
	usec_t start = loop_now(x.loop);
	connect_to(3);
	assert_true(sim_run(sim, both_open, &x, USEC_SEC));
	assert_in_range(x.near.opened_at - start, 6 * SIM_DELAY, 7 * SIM_DELAY);
	end();
}

static void a_slow_first_address_still_wins_over_a_dead_second(void **state)
{
	(void)state;
	begin(1);
	sim_set_faults(sim, &(struct sim_faults){ .delay_min = 300 * USEC_MS,
				    .delay_max = 300 * USEC_MS });
	list[0] = x.at;
	list[1] = dead("192.0.2.8:5222");
	usec_t start = loop_now(x.loop);
	connect_to(2);
	assert_true(sim_run(sim, both_open, &x, USEC_SEC));
	assert_int_equal(x.near.opened_at - start, 600 * USEC_MS);
	end();
}

static void an_address_that_cannot_be_tried_is_passed_over(void **state)
{
	(void)state;
	begin(1);
	struct endpoint local = endpoint_at("192.0.2.1");
	x.near_settings.local = &local;
	list[0] = endpoint_at("[2001:db8::7]:5222");
	list[1] = x.at;
	connect_to(2);
	assert_true(sim_run(sim, both_open, &x, 10 * SIM_DELAY));
	assert_true(endpoint_same_address(conn_local(x.near.conn), &local));
	end();
}

static void where_all_are_dead_the_deadline_ends_it(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		begin(seed);
		for (int i = 0; i < 8; i++) {
			char text[64];
			snprintf(text, sizeof(text), "198.51.100.%d:5222",
				i + 1);
			list[i] = dead(text);
		}
		usec_t start = loop_now(x.loop);
		x.near_settings.deadline = 3 * USEC_SEC;
		connect_to(8);
		assert_true(sim_run(sim, near_closed, &x, USEC_SEC * 60));
		assert_int_equal(x.near.closed_at - start, 3 * USEC_SEC);
		check_closed(STATUS_TIMEOUT,
			"198.51.100.1:5222: no answer within 3 s (none of its "
			"8 "
			"addresses could be reached)",
			"timeout");
		assert_true(x.near.e.retryable);
		end();
	}
}

static void without_a_deadline_it_is_ten_seconds(void **state)
{
	(void)state;
	begin(1);
	list[0] = dead("198.51.100.1:5222");
	usec_t start = loop_now(x.loop);
	connect_to(1);
	assert_true(sim_run(sim, near_closed, &x, USEC_SEC * 60));
	assert_int_equal(x.near.closed_at - start, CONN_CONNECT_DEADLINE);
	check_closed(STATUS_TIMEOUT, "198.51.100.1:5222: no answer within 10 s",
		"timeout");
	end();
}

static void refused_is_unreachable(void **state)
{
	(void)state;
	begin(1);
	list[0] = endpoint_at("192.0.2.7:1");
	connect_to(1);
	assert_true(sim_run(sim, near_closed, &x, USEC_SEC));
	check_closed(STATUS_UNREACHABLE, "192.0.2.7:1: Connection refused",
		"connection-refused");
	end();
}

static void the_most_telling_failure_is_told(void **state)
{
	(void)state;
	begin(1);
	struct endpoint local = endpoint_at("192.0.2.1");
	x.near_settings.local = &local;
	list[0] = endpoint_at("[2001:db8::7]:5222"); /* cannot be tried */
	list[1] = endpoint_at("192.0.2.7:1");
	list[2] = endpoint_at("[2001:db8::8]:5222");
	connect_to(3);
	assert_true(sim_run(sim, near_closed, &x, USEC_SEC));
	check_closed(STATUS_UNREACHABLE,
		"192.0.2.7:1: Connection refused (none of its 3 addresses "
		"could be reached)",
		"connection-refused");
	end();
}

static void no_address_at_all_is_a_sentence(void **state)
{
	(void)state;
	begin(1);
	connect_to(0);
	assert_int_equal(x.near.closes, 0); /* not within conn_new */
	assert_true(sim_run(sim, near_closed, &x, USEC_SEC));
	check_closed(
		STATUS_UNREACHABLE, "there is no address to connect to", "");
	end();
}

static void running_out_of_descriptors_is_our_own_fault(void **state)
{
	(void)state;
	begin(1);
	list[0] = x.at;
	sim_fail_call(sim, 1, EMFILE);
	connect_to(1);
	assert_true(sim_run(sim, near_closed, &x, USEC_SEC));
	assert_int_equal(x.near.e.status, STATUS_LOCAL_IO);
	end();
}

static void it_can_be_given_up_at_any_moment(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		begin(seed);
		list[0] = dead("198.51.100.1:5222");
		list[1] = endpoint_at("192.0.2.7:1");
		list[2] = x.at;
		connect_to(3);
		sim_run(sim, NULL, NULL, (usec_t)seed * 6 * USEC_MS);
		conn_free(x.near.conn);
		x.near.conn = NULL;
		sim_run(sim, NULL, NULL, USEC_SEC);
		assert_int_equal(x.near.closes, 0);
		end();
	}
}

static void closed_before_it_is_open_it_ends_at_once(void **state)
{
	(void)state;
	begin(1);
	list[0] = dead("198.51.100.1:5222");
	connect_to(1);
	end_say(&x.near, "never sent");
	conn_close(x.near.conn);
	assert_int_equal(x.near.closes, 0);
	assert_true(sim_run(sim, near_closed, &x, USEC_MS));
	check_closed(STATUS_DONE, "", "");
	end();
}

static void what_is_written_early_goes_out_first(void **state)
{
	(void)state;
	begin(1);
	connect_to(0);
	conn_free(x.near.conn);
	x.near_settings.addresses = NULL;
	ends_connect(&x);
	end_say(&x.near, "one ");
	end_say(&x.near, "two ");
	x.near.says_on_open = "three";
	assert_true(sim_run(sim, both_open, &x, USEC_SEC));
	sim_run(sim, NULL, NULL, 10 * SIM_DELAY);
	assert_span(buf_view(&x.far.got), "one two three");
	assert_int_equal(x.far.pieces, 1);
	end();
}

static void freed_in_open_nothing_follows(void **state)
{
	(void)state;
	begin(1);
	x.near.frees_on_open = true;
	ends_connect(&x);
	assert_true(sim_run(sim, far_closed, &x, USEC_SEC));
	assert_int_equal(x.near.closes, 0);
	assert_int_equal(x.far.e.status, STATUS_DONE);
	end();
}

static void an_offer_that_is_not_taken_is_closed(void **state)
{
	(void)state;
	begin(1);
	x.refuses = true;
	ends_connect(&x);
	assert_true(sim_run(sim, near_closed, &x, 5 * USEC_SEC));
	assert_int_equal(x.offers, 1);
	assert_int_equal(x.near.opens, 1);
	assert_int_equal(x.near.e.status, STATUS_DONE);
	end();
}

static void a_listener_out_of_descriptors_tries_again(void **state)
{
	(void)state;
	begin(1);
	ends_connect(&x);
	sim_run(sim, NULL, NULL, 0);
	/* The next call is the accept. */
	sim_fail_call(sim, 1, EMFILE);
	usec_t start = loop_now(x.loop);
	assert_true(sim_run(sim, both_open, &x, USEC_SEC));
	assert_in_range(x.far.opened_at - start, 100 * USEC_MS, 103 * USEC_MS);
	end();
}

static void give_up_listening(
	void *arg, struct accepted *offer, const struct endpoint *from)
{
	(void)offer;
	(void)from;
	struct listener **l = arg;
	listener_free(*l);
	*l = NULL;
}

static void a_listener_may_be_freed_by_what_it_calls(void **state)
{
	(void)state;
	struct listener *l;
	struct err e = ERR_NONE;
	struct endpoint at = endpoint_at("192.0.2.9:5222");
	begin(1);
	assert_null(listener_new(x.loop, &x.at, give_up_listening, &l, &e));
	assert_int_equal(e.status, STATUS_LOCAL_IO);
	l = listener_new(x.loop, &at, give_up_listening, &l, &e);
	assert_ok(l != NULL, &e);
	list[0] = at;
	connect_to(1);
	assert_true(sim_run(sim, near_closed, &x, 5 * USEC_SEC));
	assert_null(l);
	end();
}

TEST_MAIN(cmocka_unit_test(a_dead_first_address_costs_a_quarter_of_a_second),
	cmocka_unit_test(one_that_refuses_costs_a_round_trip),
	cmocka_unit_test(a_slow_first_address_still_wins_over_a_dead_second),
	cmocka_unit_test(an_address_that_cannot_be_tried_is_passed_over),
	cmocka_unit_test(where_all_are_dead_the_deadline_ends_it),
	cmocka_unit_test(without_a_deadline_it_is_ten_seconds),
	cmocka_unit_test(refused_is_unreachable),
	cmocka_unit_test(the_most_telling_failure_is_told),
	cmocka_unit_test(no_address_at_all_is_a_sentence),
	cmocka_unit_test(running_out_of_descriptors_is_our_own_fault),
	cmocka_unit_test(it_can_be_given_up_at_any_moment),
	cmocka_unit_test(closed_before_it_is_open_it_ends_at_once),
	cmocka_unit_test(what_is_written_early_goes_out_first),
	cmocka_unit_test(freed_in_open_nothing_follows),
	cmocka_unit_test(an_offer_that_is_not_taken_is_closed),
	cmocka_unit_test(a_listener_out_of_descriptors_tries_again),
	cmocka_unit_test(a_listener_may_be_freed_by_what_it_calls))
