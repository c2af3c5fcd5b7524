/* A plain connection on the simulated network: bytes, back-pressure, cuts,
 * and the ways to end. */
#include "tests/common/test.h"

#include <errno.h>
#include <string.h>

#include "base/rand.h"
#include "net/sim.h"
#include "tests/common/ends.h"

#define SEEDS 50
#define AT "192.0.2.7:5222"

static struct sim *sim;
static struct ends x;

static void begin(uint64_t seed)
{
	sim = sim_new(seed);
	ends_init(&x, sim_loop(sim), AT);
}

static void begin_open(uint64_t seed)
{
	begin(seed);
	ends_connect(&x);
	assert_true(sim_run(sim, both_open, &x, USEC_SEC));
}

static void end(void)
{
	ends_clear(&x);
	sim_run(sim, NULL, NULL, USEC_SEC);
	assert_int_equal(sim_open_sockets(sim), 0);
	assert_int_equal(sim_set_timers(sim), 0);
	sim_free(sim);
}

/* n bytes that no shift and no loss leaves as they are. */
static void fill(struct buf *b, size_t n)
{
	buf_init(b, n + 16);
	for (unsigned i = 0; b->len < n; i++)
		buf_printf(b, "%u;", i);
	b->len = n;
}

static void check_in_order(const struct end *n)
{
	assert_int_equal(n->closes, 1);
	assert_ok(n->e.status == STATUS_DONE, &n->e);
}

static void check_reset(const struct end *n)
{
	assert_int_equal(n->closes, 1);
	assert_int_equal(n->e.status, STATUS_UNREACHABLE);
	assert_string_equal(n->e.condition, "connection-reset");
	assert_non_null(strstr(n->e.text, ": Connection reset by peer"));
	assert_true(n->e.retryable);
}

static void both_know_where_they_are(void **state)
{
	(void)state;
	begin_open(1);
	assert_true(endpoint_equal(conn_remote(x.near.conn), &x.at));
	assert_true(endpoint_equal(conn_local(x.far.conn), &x.at));
	assert_true(endpoint_equal(
		conn_local(x.near.conn), conn_remote(x.far.conn)));
	assert_null(conn_tls(x.near.conn));
	end();
}

static void writes_of_one_turn_are_one_segment(void **state)
{
	(void)state;
	begin_open(1);
	uint64_t before = sim_packets_sent(sim);
	for (int i = 0; i < 10; i++)
		end_say(&x.near, "<stanza/>");
	assert_int_equal(conn_queued(x.near.conn), 90);
	sim_run(sim, NULL, NULL, 5 * SIM_DELAY);
	assert_int_equal(conn_queued(x.near.conn), 0);
	assert_int_equal(x.far.got.len, 90);
	assert_int_equal(x.far.pieces, 1);
	assert_int_equal(sim_packets_sent(sim) - before, 1);
	end();
}

static void what_data_leaves_comes_again_with_more(void **state)
{
	(void)state;
	begin_open(1);
	x.far.keeps = true;
	end_say(&x.near, "half ");
	sim_run(sim, NULL, NULL, 5 * SIM_DELAY);
	assert_int_equal(x.far.pieces, 1);
	x.far.keeps = false;
	end_say(&x.near, "and half");
	sim_run(sim, NULL, NULL, 5 * SIM_DELAY);
	assert_span(buf_view(&x.far.got), "half and half");
	assert_int_equal(x.far.pieces, 2);
	end();
}

static void more_than_max_in_without_sense_ends_it(void **state)
{
	(void)state;
	struct buf text;
	begin(1);
	fill(&text, 5000);
	x.far_settings.max_in = 4096;
	x.far.keeps = true;
	ends_connect(&x);
	assert_true(sim_run(sim, both_open, &x, USEC_SEC));
	end_feed(&x.near, span_first(buf_view(&text), 4095));
	sim_run(sim, NULL, NULL, USEC_SEC);
	assert_int_equal(x.far.closes, 0);
	end_say(&x.near, "!");
	assert_true(sim_run(sim, far_closed, &x, USEC_SEC));
	assert_int_equal(x.far.e.status, STATUS_MALFORMED);
	assert_non_null(
		strstr(x.far.e.text, "4096 bytes came and still say nothing"));
	buf_clear(&text);
	end();
}

static void everything_arrives_in_any_pieces(void **state)
{
	(void)state;
	struct buf up, down;
	fill(&up, 300000);
	fill(&down, 200000);
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		begin(seed);
		sim_set_faults(sim, &(struct sim_faults){ .delay_min = 0,
					    .delay_max = 30 * USEC_MS,
					    .segment = 1 + rand_below(3000) });
		x.near_settings.max_out = 20000;
		x.far_settings.max_in = 7000;
		ends_connect(&x);
		assert_true(sim_run(sim, both_open, &x, USEC_SEC));
		end_feed(&x.near, buf_view(&up));
		end_feed(&x.far, buf_view(&down));
		sim_run(sim, NULL, NULL, 60 * USEC_SEC);
		conn_close(x.near.conn);
		assert_true(sim_run(sim, both_closed, &x, 60 * USEC_SEC));
		assert_true(span_equal(buf_view(&x.far.got), buf_view(&up)));
		assert_true(span_equal(buf_view(&x.near.got), buf_view(&down)));
		assert_true(x.near.drains > 5);
		check_in_order(&x.near);
		check_in_order(&x.far);
		end();
	}
	buf_clear(&up);
	buf_clear(&down);
}

static void a_queue_takes_all_of_it_or_nothing(void **state)
{
	(void)state;
	begin(1);
	x.near_settings.max_out = 10;
	ends_connect(&x);
	assert_true(sim_run(sim, both_open, &x, USEC_SEC));
	assert_false(conn_write(x.near.conn, SPAN("12345678901")));
	assert_true(conn_write(x.near.conn, SPAN("123456")));
	assert_false(conn_write(x.near.conn, SPAN("12345")));
	assert_true(conn_write(x.near.conn, SPAN("7890")));
	assert_false(conn_write(x.near.conn, SPAN("!")));
	assert_int_equal(x.near.drains, 0);
	sim_run(sim, NULL, NULL, 5 * SIM_DELAY);
	assert_span(buf_view(&x.far.got), "1234567890");
	assert_int_equal(x.near.drains, 1);
	/* Under the mark there is nothing to tell. */
	assert_true(conn_write(x.near.conn, SPAN("ab")));
	sim_run(sim, NULL, NULL, 5 * SIM_DELAY);
	assert_int_equal(x.near.drains, 1);
	end();
}

static void a_paused_reader_holds_the_writer_back(void **state)
{
	(void)state;
	struct buf text;
	begin(1);
	fill(&text, 1 << 20);
	x.near_settings.max_out = 65536;
	ends_connect(&x);
	assert_true(sim_run(sim, both_open, &x, USEC_SEC));
	conn_pause(x.far.conn, true);
	end_feed(&x.near, buf_view(&text));
	sim_run(sim, NULL, NULL, 10 * USEC_SEC);
	assert_int_equal(x.far.got.len, 0);
	/* What lies in the kernel and in the queue, and no more. */
	assert_in_range(text.len - x.near.feed.n, 65536, 4 * 65536);
	conn_pause(x.far.conn, false);
	sim_run(sim, NULL, NULL, 10 * USEC_SEC);
	assert_true(span_equal(buf_view(&x.far.got), buf_view(&text)));
	buf_clear(&text);
	end();
}

static bool far_got_some(void *arg)
{
	(void)arg;
	return x.far.got.len > 0;
}

static void a_reader_is_told_when_more_waits(void **state)
{
	(void)state;
	struct buf text;
	begin(1);
	fill(&text, 200 * 1024);
	x.far_settings.max_in = 16 * 1024;
	ends_connect(&x);
	assert_true(sim_run(sim, both_open, &x, USEC_SEC));
	conn_pause(x.far.conn, true);
	end_feed(&x.near, buf_view(&text));
	sim_run(sim, NULL, NULL, 10 * USEC_SEC);
	assert_false(conn_has_more(x.far.conn));
	conn_pause(x.far.conn, false);
	assert_true(sim_run(sim, far_got_some, NULL, USEC_SEC));
	assert_true(conn_has_more(x.far.conn));
	sim_run(sim, NULL, NULL, 10 * USEC_SEC);
	assert_int_equal(x.far.got.len, text.len);
	assert_false(conn_has_more(x.far.conn));
	buf_clear(&text);
	end();
}

static void what_was_received_before_a_pause_is_not_lost(void **state)
{
	(void)state;
	begin_open(1);
	x.far.keeps = true;
	end_say(&x.near, "last words");
	sim_run(sim, NULL, NULL, 5 * SIM_DELAY);
	conn_pause(x.far.conn, true);
	conn_close(x.near.conn);
	sim_run(sim, NULL, NULL, USEC_SEC / 2);
	assert_int_equal(x.far.closes, 0);
	x.far.keeps = false;
	conn_pause(x.far.conn, false);
	assert_true(sim_run(sim, both_closed, &x, USEC_SEC));
	assert_span(buf_view(&x.far.got), "last words");
	check_in_order(&x.far);
	end();
}

/* ---- the ways to end ---- */

static void a_close_delivers_everything_that_was_written(void **state)
{
	(void)state;
	struct buf text;
	fill(&text, 400000);
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		begin(seed);
		sim_set_faults(sim, &(struct sim_faults){ .delay_min = 0,
					    .delay_max = 200 * USEC_MS,
					    .segment = 5000 });
		ends_connect(&x);
		assert_true(sim_run(sim, both_open, &x, 5 * USEC_SEC));
		assert_true(conn_write(x.near.conn, buf_view(&text)));
		conn_close(x.near.conn);
		assert_false(conn_write(x.near.conn, SPAN("too late")));
		assert_int_equal(x.near.closes, 0);
		assert_true(sim_run(sim, both_closed, &x, 600 * USEC_SEC));
		check_in_order(&x.near);
		check_in_order(&x.far);
		assert_true(span_equal(buf_view(&x.far.got), buf_view(&text)));
		end();
	}
	buf_clear(&text);
}

static void an_answer_to_the_last_words_still_goes_out(void **state)
{
	(void)state;
	begin_open(1);
	/* near says its last, far answers in data and sees the end behind. */
	end_say(&x.near, "bye");
	conn_close(x.near.conn);
	sim_run(sim, NULL, NULL, 0);
	end_say(&x.far, "and bye");
	assert_true(sim_run(sim, both_closed, &x, USEC_SEC));
	assert_span(buf_view(&x.far.got), "bye");
	assert_span(buf_view(&x.near.got), "and bye");
	check_in_order(&x.near);
	check_in_order(&x.far);
	end();
}

static void both_may_close_at_once(void **state)
{
	(void)state;
	begin_open(1);
	conn_close(x.near.conn);
	conn_close(x.far.conn);
	conn_close(x.far.conn);
	assert_true(sim_run(sim, both_closed, &x, USEC_SEC));
	check_in_order(&x.near);
	check_in_order(&x.far);
	end();
}

static void a_far_side_that_never_ends_is_not_waited_for(void **state)
{
	(void)state;
	begin_open(1);
	usec_t start = loop_now(x.loop);
	sim_cut(sim, &x.at, true);
	end_say(&x.near, "into the dark");
	conn_close(x.near.conn);
	assert_true(sim_run(sim, near_closed, &x, 60 * USEC_SEC));
	assert_int_equal(x.near.closed_at - start, CONN_CLOSE_DEADLINE);
	check_in_order(&x.near);
	sim_cut(sim, &x.at, false);
	end();
}

static void one_that_leaves_says_its_last_words_and_ends_in_order(void **state)
{
	(void)state;
	begin_open(1);
	end_say(&x.near, "farewell");
	conn_leave(x.near.conn);
	x.near.conn = NULL;
	assert_true(sim_run(sim, far_closed, &x, 60 * USEC_SEC));
	assert_span(buf_view(&x.far.got), "farewell");
	check_in_order(&x.far);
	assert_int_equal(x.near.closes, 0);
	end();
}

static void one_that_is_paused_still_sees_the_end_behind(void **state)
{
	(void)state;
	struct buf text;
	begin_open(1);
	fill(&text, 200000);
	x.near.pauses = true;
	end_feed(&x.far, buf_view(&text));
	sim_run(sim, NULL, NULL, USEC_SEC);
	assert_int_equal(x.near.pieces, 1);
	conn_close(x.near.conn);
	assert_true(sim_run(sim, near_closed, &x, 2 * USEC_SEC));
	check_in_order(&x.near);
	assert_int_equal(x.near.pieces, 1);
	buf_clear(&text);
	end();
}

static void a_reset_behind_our_own_end_is_no_fault(void **state)
{
	(void)state;
	begin_open(1);
	conn_pause(x.far.conn, true);
	end_say(&x.near, "that was all");
	conn_close(x.near.conn);
	sim_run(sim, NULL, NULL, USEC_SEC / 2);
	assert_int_equal(x.near.closes, 0);
	conn_free(x.far.conn);
	x.far.conn = NULL;
	assert_true(sim_run(sim, near_closed, &x, USEC_SEC / 4));
	check_in_order(&x.near);
	end();
}

static void one_that_takes_nothing_is_told(void **state)
{
	(void)state;
	struct buf text;
	begin(1);
	fill(&text, 300000);
	x.near_settings.max_out = 300000;
	ends_connect(&x);
	assert_true(sim_run(sim, both_open, &x, USEC_SEC));
	conn_pause(x.far.conn, true);
	assert_true(conn_write(x.near.conn, buf_view(&text)));
	usec_t start = loop_now(x.loop);
	conn_close(x.near.conn);
	assert_true(sim_run(sim, near_closed, &x, 60 * USEC_SEC));
	assert_in_range(x.near.closed_at - start, CONN_CLOSE_DEADLINE,
		CONN_CLOSE_DEADLINE + 10 * SIM_DELAY);
	assert_int_equal(x.near.e.status, STATUS_TIMEOUT);
	assert_non_null(strstr(x.near.e.text, AT ": "));
	assert_non_null(
		strstr(x.near.e.text, " bytes were not taken when closing"));
	buf_clear(&text);
	end();
}

static void a_reset_in_mid_stream_is_said_with_the_address(void **state)
{
	(void)state;
	struct buf text;
	fill(&text, 500000);
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		begin_open(seed);
		end_feed(&x.near, buf_view(&text));
		sim_run(sim, NULL, NULL, (usec_t)rand_below(15 * USEC_MS));
		sim_reset_streams(sim, &x.at);
		assert_true(sim_run(sim, both_closed, &x, 5 * USEC_SEC));
		check_reset(&x.near);
		check_reset(&x.far);
		assert_true(span_starts(span_of(x.near.e.text), AT ": "));
		/* What came before it was handed over, and nothing else. */
		assert_true(span_equal(buf_view(&x.far.got),
			span_first(buf_view(&text), x.far.got.len)));
		end();
	}
	buf_clear(&text);
}

static void a_half_open_connection_is_found_by_writing(void **state)
{
	(void)state;
	begin_open(1);
	sim_cut(sim, &x.at, true);
	conn_free(x.far.conn);
	x.far.conn = NULL;
	sim_run(sim, NULL, NULL, USEC_SEC);
	end_say(&x.near, "are you there?");
	assert_true(sim_run(sim, near_closed, &x, 3600 * USEC_SEC));
	assert_int_equal(x.near.e.status, STATUS_TIMEOUT);
	assert_string_equal(x.near.e.text, AT ": Connection timed out");
	sim_cut(sim, &x.at, false);
	end();
}

static void freed_with_output_left_it_looks_like_no_end_in_order(void **state)
{
	(void)state;
	struct buf text;
	fill(&text, 100000);
	begin_open(1);
	end_feed(&x.far, buf_view(&text));
	conn_free(x.far.conn);
	x.far.conn = NULL;
	assert_true(sim_run(sim, near_closed, &x, USEC_SEC));
	check_reset(&x.near);
	end();
	buf_clear(&text);
}

static void a_socket_call_that_fails_ends_it_with_a_sentence(void **state)
{
	(void)state;
	struct buf text;
	fill(&text, 100000);
	int failed = 0;
	for (uint64_t n = 1; n <= 40; n++) {
		begin_open(1);
		sim_fail_call(sim, n, EIO);
		end_feed(&x.near, buf_view(&text));
		sim_run(sim, NULL, NULL, 2 * USEC_SEC);
		conn_close(x.near.conn);
		assert_true(sim_run(sim, near_closed, &x, 5 * USEC_SEC));
		if (x.near.e.status != STATUS_DONE ||
			(x.far.closes && x.far.e.status != STATUS_DONE))
			failed++;
		else
			assert_true(span_equal(
				buf_view(&x.far.got), buf_view(&text)));
		sim_fail_call(sim, 0, 0);
		end();
	}
	assert_in_range(failed, 10, 39);
	buf_clear(&text);
}

static void freed_in_any_handler_nothing_follows(void **state)
{
	(void)state;
	begin_open(1);
	x.far.frees_on_data = true;
	end_say(&x.near, "hello");
	assert_true(sim_run(sim, near_closed, &x, USEC_SEC));
	assert_int_equal(x.near.e.status, STATUS_DONE);
	assert_int_equal(x.far.pieces, 1);
	assert_int_equal(x.far.closes, 0);
	end();

	begin_open(1);
	x.far.frees_on_close = x.near.frees_on_close = true;
	conn_close(x.near.conn);
	assert_true(sim_run(sim, both_closed, &x, USEC_SEC));
	assert_null(x.near.conn);
	assert_null(x.far.conn);
	end();

	begin(1);
	x.near.closes_on_open = true;
	x.near.says_on_open = "and out";
	ends_connect(&x);
	assert_true(sim_run(sim, both_closed, &x, USEC_SEC));
	assert_span(buf_view(&x.far.got), "and out");
	end();
}

static void nobody_is_called_from_within_a_call(void **state)
{
	(void)state;
	begin_open(1);
	x.far.keeps = true;
	end_say(&x.near, "x");
	sim_run(sim, NULL, NULL, 5 * SIM_DELAY);
	size_t pieces = x.far.pieces;
	conn_pause(x.far.conn, true);
	conn_pause(x.far.conn, false);
	conn_close(x.far.conn);
	assert_int_equal(x.far.pieces, pieces);
	assert_int_equal(x.far.closes, 0);
	assert_int_equal(x.near.closes, 0);
	sim_run(sim, NULL, NULL, USEC_SEC);
	end();
}

TEST_MAIN(cmocka_unit_test(both_know_where_they_are),
	cmocka_unit_test(writes_of_one_turn_are_one_segment),
	cmocka_unit_test(what_data_leaves_comes_again_with_more),
	cmocka_unit_test(more_than_max_in_without_sense_ends_it),
	cmocka_unit_test(everything_arrives_in_any_pieces),
	cmocka_unit_test(a_queue_takes_all_of_it_or_nothing),
	cmocka_unit_test(a_paused_reader_holds_the_writer_back),
	cmocka_unit_test(a_reader_is_told_when_more_waits),
	cmocka_unit_test(what_was_received_before_a_pause_is_not_lost),
	cmocka_unit_test(a_close_delivers_everything_that_was_written),
	cmocka_unit_test(an_answer_to_the_last_words_still_goes_out),
	cmocka_unit_test(both_may_close_at_once),
	cmocka_unit_test(a_far_side_that_never_ends_is_not_waited_for),
	cmocka_unit_test(one_that_leaves_says_its_last_words_and_ends_in_order),
	cmocka_unit_test(one_that_is_paused_still_sees_the_end_behind),
	cmocka_unit_test(a_reset_behind_our_own_end_is_no_fault),
	cmocka_unit_test(one_that_takes_nothing_is_told),
	cmocka_unit_test(a_reset_in_mid_stream_is_said_with_the_address),
	cmocka_unit_test(freed_with_output_left_it_looks_like_no_end_in_order),
	cmocka_unit_test(a_half_open_connection_is_found_by_writing),
	cmocka_unit_test(a_socket_call_that_fails_ends_it_with_a_sentence),
	cmocka_unit_test(freed_in_any_handler_nothing_follows),
	cmocka_unit_test(nobody_is_called_from_within_a_call))
