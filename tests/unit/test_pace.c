#include "tests/common/test.h"

#include "cli/pace.h"
#include "net/sim.h"

struct reader {
	struct sim *sim;
	struct pace *pace;
	bool paused;
	unsigned changes;
};

static void on_pause(void *arg, bool paused)
{
	struct reader *r = arg;
	assert_int_not_equal(r->paused, paused);
	r->paused = paused;
	r->changes++;
}

static struct reader *reader_new(bool gathers)
{
	static struct reader r;
	r = (struct reader){ .sim = sim_new(1) };
	r.pace = pace_new(sim_loop(r.sim), on_pause, &r);
	pace_gather(r.pace, gathers);
	return &r;
}

static void reader_free(struct reader *r)
{
	pace_end(r->pace);
	assert_false(r->paused);
	pace_free(r->pace);
	assert_int_equal(sim_set_timers(r->sim), 0);
	sim_free(r->sim);
}

static void one_turn(struct reader *r, unsigned records)
{
	for (unsigned i = 0; i < records; i++)
		pace_record(r->pace, false);
	pace_written(r->pace, false);
}

static bool reads(void *arg)
{
	const struct reader *r = arg;
	return !r->paused;
}

static usec_t rest_of(struct reader *r)
{
	usec_t from = loop_now(sim_loop(r->sim));
	assert_true(sim_run(r->sim, reads, r, USEC_SEC));
	return loop_now(sim_loop(r->sim)) - from;
}

static void what_comes_alone_is_read_when_it_comes(void **state)
{
	(void)state;
	struct reader *r = reader_new(true);
	for (unsigned i = 0; i < 1000; i++)
		one_turn(r, 1);
	one_turn(r, PACE_FLOOD - 1);
	assert_int_equal(r->changes, 0);
	reader_free(r);
}

static void behind_a_handful_reading_rests_once(void **state)
{
	(void)state;
	struct reader *r = reader_new(true);
	one_turn(r, PACE_FLOOD);
	assert_true(r->paused);
	assert_int_equal(rest_of(r), PACE_REST);
	/* A single one behind it does not rest again. */
	one_turn(r, 1);
	assert_false(r->paused);
	assert_int_equal(r->changes, 2);
	reader_free(r);
}

/* A server of so many a second, in turns of 20: what gathers settles at what
 * may. */
static void the_faster_they_come_the_shorter_are_the_rests(void **state)
{
	(void)state;
	static const unsigned rates[] = { 1000, 20000, 100000, 1000 };
	struct reader *r = reader_new(true);
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		unsigned came = 20;
		for (int turn = 0; turn < 10; turn++) {
			one_turn(r, came);
			usec_t rest = rest_of(r);
			assert_in_range(rest, PACE_REST_LEAST, PACE_REST);
			came = (unsigned)(rates[i] * rest / USEC_SEC);
			came = came < 20 ? 20 : came;
		}
		assert_in_range(came, 20, PACE_GATHERED);
		assert_true(rates[i] < 20000 || came > PACE_GATHERED * 3 / 4);
	}
	reader_free(r);
}

static void what_waits_already_is_read_at_once(void **state)
{
	(void)state;
	struct reader *r = reader_new(true);
	for (unsigned i = 0; i < PACE_FLOOD; i++)
		pace_record(r->pace, false);
	pace_written(r->pace, true);
	assert_int_equal(r->changes, 0);
	reader_free(r);
}

static void before_it_may_gather_nothing_rests(void **state)
{
	(void)state;
	struct reader *r = reader_new(false);
	one_turn(r, PACE_FLOOD);
	assert_int_equal(r->changes, 0);
	reader_free(r);
}

static void while_stdout_is_full_nothing_is_read(void **state)
{
	(void)state;
	struct reader *r = reader_new(true);
	pace_record(r->pace, false);
	assert_false(r->paused);
	pace_record(r->pace, true);
	assert_true(r->paused);
	assert_false(sim_run(r->sim, reads, r, 60 * USEC_SEC));
	pace_written(r->pace, false);
	assert_false(r->paused);
	reader_free(r);
}

static void a_rest_ends_not_before_stdout_has_room(void **state)
{
	(void)state;
	struct reader *r = reader_new(true);
	one_turn(r, PACE_FLOOD);
	pace_record(r->pace, true);
	assert_false(sim_run(r->sim, reads, r, 10 * PACE_REST));
	pace_written(r->pace, false);
	assert_false(r->paused);
	assert_int_equal(r->changes, 2);
	reader_free(r);
}

static void who_ends_within_a_rest_reads_the_farewell(void **state)
{
	(void)state;
	struct reader *r = reader_new(true);
	one_turn(r, PACE_FLOOD);
	assert_true(r->paused);
	reader_free(r);
}

static void whatever_comes_with_the_farewell_is_read(void **state)
{
	(void)state;
	struct reader *r = reader_new(true);
	pace_record(r->pace, true);
	assert_true(r->paused);
	pace_end(r->pace);
	assert_false(r->paused);
	one_turn(r, PACE_FLOOD);
	pace_record(r->pace, true);
	assert_false(r->paused);
	reader_free(r);
}

TEST_MAIN(cmocka_unit_test(what_comes_alone_is_read_when_it_comes),
	cmocka_unit_test(behind_a_handful_reading_rests_once),
	cmocka_unit_test(the_faster_they_come_the_shorter_are_the_rests),
	cmocka_unit_test(what_waits_already_is_read_at_once),
	cmocka_unit_test(before_it_may_gather_nothing_rests),
	cmocka_unit_test(while_stdout_is_full_nothing_is_read),
	cmocka_unit_test(a_rest_ends_not_before_stdout_has_room),
	cmocka_unit_test(who_ends_within_a_rest_reads_the_farewell),
	cmocka_unit_test(whatever_comes_with_the_farewell_is_read))
