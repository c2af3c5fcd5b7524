/* The loop of the system: timers, descriptors, signals, freeing in handlers. */
#include "tests/common/test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/loop.h"

static struct loop *loop;

static int set_up(void **state)
{
	struct err e = ERR_NONE;
	(void)state;
	loop = loop_new(&e);
	assert_ok(loop != NULL, &e);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	loop_free(loop);
	return 0;
}

/* Turns until *n is at least want, at most two seconds. */
static void turn_until(const int *n, int want)
{
	usec_t end = loop_now(loop) + 2 * USEC_SEC;
	while (*n < want && loop_now(loop) < end)
		loop_turn(loop, end);
	if (*n < want)
		fail_msg("expected %d events, got %d", want, *n);
}

/* ---- timers ---- */

static char order[64];
static int fired;

static void note(void *arg)
{
	order[fired++] = *(const char *)arg;
	order[fired] = '\0';
}

static void timers_due_together_fire_in_the_order_set(void **state)
{
	static const char names[] = "abcdefghijklmnop";
	struct timer *t[16];
	usec_t at = loop_now(loop) + 2 * USEC_MS;
	(void)state;
	fired = 0;
	for (int i = 0; i < 16; i++)
		t[i] = timer_new(loop, note, (void *)&names[i]);
	for (int i = 0; i < 16; i++)
		timer_set_at(t[i], at);
	timer_set_at(t[3], at); /* set again: now the last */
	timer_stop(t[5]);
	assert_false(timer_is_set(t[5]));
	assert_true(timer_is_set(t[3]));
	turn_until(&fired, 15);
	assert_string_equal(order, "abceghijklmnopd");
	assert_true(loop_now(loop) >= at);
	assert_false(timer_is_set(t[3]));
	for (int i = 0; i < 16; i++)
		timer_free(t[i]);
}

static void an_earlier_time_fires_first_whenever_it_was_set(void **state)
{
	static const char names[] = "0123456789";
	static const int after[] = { 7, 3, 9, 1, 5, 0, 8, 2, 6, 4 };
	struct timer *t[10];
	usec_t now = loop_now(loop);
	(void)state;
	fired = 0;
	for (int i = 0; i < 10; i++) {
		t[i] = timer_new(loop, note, (void *)&names[after[i]]);
		timer_set_at(t[i], now + after[i] * 200);
	}
	turn_until(&fired, 10);
	assert_string_equal(order, "0123456789");
	for (int i = 0; i < 10; i++)
		timer_free(t[i]);
}

static void a_timer_is_neither_early_nor_a_clock_tick_late(void **state)
{
	static const char name = 't';
	struct timer *t = timer_new(loop, note, (void *)&name);
	usec_t best = USEC_NEVER;
	(void)state;
	for (int i = 0; i < 20; i++) {
		fired = 0;
		usec_t at = loop_now(loop) + 1300;
		timer_set_at(t, at);
		turn_until(&fired, 1);
		usec_t late = loop_now(loop) - at;
		assert_true(late >= 0);
		if (late < best)
			best = late;
	}
	timer_free(t);
	if (best > 700)
		fail_msg("at best %d us late", (int)best);
}

static struct timer *again;

static void set_myself_into_the_past(void *arg)
{
	(void)arg;
	fired++;
	timer_set_at(again, 0);
}

static void a_timer_that_sets_itself_starves_nobody(void **state)
{
	static const char name = 'x';
	(void)state;
	fired = 0;
	again = timer_new(loop, set_myself_into_the_past, NULL);
	timer_set(again, 0);
	loop_turn(loop, 0);
	assert_int_equal(fired, 1); /* once a turn */
	struct timer *t = timer_new(loop, note, (void *)&name);
	timer_set(t, 0);
	memset(order, 0, sizeof(order));
	loop_turn(loop, USEC_NEVER);
	loop_turn(loop, USEC_NEVER);
	assert_non_null(memchr(order, 'x', sizeof(order)));
	timer_free(again);
	timer_free(t);
}

static struct timer *victims[3];

static void free_all(void *arg)
{
	(void)arg;
	fired++;
	for (int i = 0; i < 3; i++)
		timer_free(victims[i]);
}

static void a_timer_may_free_itself_and_others_that_are_due(void **state)
{
	(void)state;
	fired = 0;
	usec_t at = loop_now(loop);
	for (int i = 0; i < 3; i++) {
		victims[i] = timer_new(loop, free_all, NULL);
		timer_set_at(victims[i], at);
	}
	loop_turn(loop, USEC_NEVER);
	assert_int_equal(fired, 1);
	loop_turn(loop, loop_now(loop) + USEC_MS);
	assert_int_equal(fired, 1);
}

static void never_is_no_time(void **state)
{
	static const char name = 'n';
	struct timer *t = timer_new(loop, note, (void *)&name);
	(void)state;
	timer_set(t, USEC_NEVER);
	assert_false(timer_is_set(t));
	timer_set(t, USEC_NEVER - 1);
	assert_false(timer_is_set(t));
	timer_free(t);
}

static void many_timers_keep_their_order(void **state)
{
	enum { COUNT = 5000 };
	struct timer **t = calloc(COUNT, sizeof(*t));
	uint32_t random = 1;
	(void)state;
	fired = 0;
	static const char dot = '.';
	usec_t start = loop_now(loop);
	for (int i = 0; i < COUNT; i++)
		t[i] = timer_new(loop, note, (void *)&dot);
	for (int i = 0; i < 4 * COUNT; i++) {
		random = random * 1664525 + 1013904223;
		struct timer *any = t[random >> 8 & 4095];
		if (random & 0x80)
			timer_set_at(
				any, start + USEC_SEC * 3600 + (random >> 12));
		else
			timer_stop(any);
	}
	int set = 0;
	for (int i = 0; i < COUNT; i++)
		set += timer_is_set(t[i]);
	assert_true(set > 1000);
	loop_turn(loop, loop_now(loop));
	assert_int_equal(fired, 0);
	for (int i = 0; i < COUNT; i++)
		timer_free(t[i]);
	free(t);
}

/* ---- descriptors ---- */

static int ready_calls;
static unsigned ready_what;
static int read_fd;
static char read_bytes[64];

static void read_some(void *arg, unsigned what)
{
	ready_calls++;
	ready_what = what;
	ssize_t n = read(read_fd, read_bytes, sizeof(read_bytes) - 1);
	read_bytes[n > 0 ? n : 0] = '\0';
	if (n <= 0 && arg)
		watch_want(*(struct watch **)arg, 0);
}

static struct watch *watched(int fd, watch_ready *ready, void *arg)
{
	struct err e = ERR_NONE;
	struct watch *w = watch_new(loop, fd, ready, arg, &e);
	assert_ok(w != NULL, &e);
	return w;
}

static void a_pipe_is_ready_when_something_is_in_it(void **state)
{
	int p[2];
	(void)state;
	assert_int_equal(pipe(p), 0);
	read_fd = p[0];
	ready_calls = 0;
	struct watch *w = watched(p[0], read_some, NULL);
	assert_int_equal(write(p[1], "hello", 5), 5);
	loop_turn(loop, 0);
	assert_int_equal(ready_calls, 0); /* nothing is wanted yet */
	watch_want(w, WATCH_READ);
	turn_until(&ready_calls, 1);
	assert_string_equal(read_bytes, "hello");
	assert_int_equal(ready_what, WATCH_READ);
	loop_turn(loop, loop_now(loop) + USEC_MS);
	assert_int_equal(ready_calls, 1);
	close(p[1]); /* the end is an event too */
	turn_until(&ready_calls, 2);
	assert_string_equal(read_bytes, "");
	watch_free(w);
	close(p[0]);
}

static void a_regular_file_is_always_ready(void **state)
{
	char path[] = "/tmp/samtal-test-XXXXXX";
	int fd = mkstemp(path);
	struct watch *w;
	(void)state;
	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(write(fd, "text", 4), 4);
	lseek(fd, 0, SEEK_SET);
	read_fd = fd;
	ready_calls = 0;
	w = watched(fd, read_some, &w);
	watch_want(w, WATCH_READ);
	turn_until(&ready_calls, 1);
	assert_string_equal(read_bytes, "text");
	turn_until(&ready_calls, 2); /* the end of it; unwanted then */
	loop_turn(loop, loop_now(loop) + USEC_MS);
	assert_int_equal(ready_calls, 2);
	watch_free(w);
	close(fd);
}

static void so_is_the_null_device(void **state)
{
	struct watch *w;
	(void)state;
	read_fd = open("/dev/null", O_RDWR);
	ready_calls = 0;
	w = watched(read_fd, read_some, &w);
	watch_want(w, WATCH_READ | WATCH_WRITE);
	turn_until(&ready_calls, 1);
	assert_int_equal(ready_what, WATCH_READ | WATCH_WRITE);
	watch_free(w);
	close(read_fd);
}

static void a_closed_descriptor_is_an_error(void **state)
{
	struct err e = ERR_NONE;
	(void)state;
	assert_null(watch_new(loop, 1000, read_some, NULL, &e));
	assert_int_equal(e.status, STATUS_LOCAL_IO);
}

static struct watch *pair[2];

static void free_both(void *arg, unsigned what)
{
	(void)arg, (void)what;
	ready_calls++;
	watch_free(pair[0]);
	watch_free(pair[1]);
}

static void a_handler_may_free_all_that_are_ready(void **state)
{
	int p[2], q[2];
	(void)state;
	assert_int_equal(pipe(p), 0);
	assert_int_equal(pipe(q), 0);
	assert_int_equal(write(p[1], "x", 1), 1);
	assert_int_equal(write(q[1], "x", 1), 1);
	ready_calls = 0;
	pair[0] = watched(p[0], free_both, NULL);
	pair[1] = watched(q[0], free_both, NULL);
	watch_want(pair[0], WATCH_READ);
	watch_want(pair[1], WATCH_READ);
	turn_until(&ready_calls, 1);
	loop_turn(loop, loop_now(loop) + USEC_MS);
	assert_int_equal(ready_calls, 1);

	ready_calls = 0; /* the same among those that are always ready */
	int fd = open("/dev/null", O_RDWR);
	pair[0] = watched(fd, free_both, NULL);
	pair[1] = watched(fd, free_both, NULL);
	watch_want(pair[0], WATCH_READ);
	watch_want(pair[1], WATCH_READ);
	turn_until(&ready_calls, 1);
	loop_turn(loop, loop_now(loop) + USEC_MS);
	assert_int_equal(ready_calls, 1);
	close(fd);
	for (int i = 0; i < 2; i++) {
		close(p[i]);
		close(q[i]);
	}
}

static void waiting_ends_at_the_time_given(void **state)
{
	usec_t end = loop_now(loop) + 3 * USEC_MS;
	(void)state;
	while (loop_now(loop) < end)
		loop_turn(loop, end);
	assert_true(loop_now(loop) < end + USEC_SEC);
}

/* ---- signals ---- */

static int arrived, last_signal;
static struct signal_watch *signals;

static void count_signal(void *arg, int number)
{
	arrived++;
	last_signal = number;
	if (arg) {
		signal_watch_free(signals);
		signals = NULL;
	}
}

static void a_signal_arrives_in_the_loop(void **state)
{
	struct err e = ERR_NONE;
	struct sigaction before, after;
	(void)state;
	arrived = 0;
	sigaction(SIGUSR1, NULL, &before);
	signals = signal_watch_new(loop, SIGUSR1, count_signal, NULL, &e);
	assert_ok(signals != NULL, &e);
	raise(SIGUSR1);
	assert_int_equal(arrived, 0);
	turn_until(&arrived, 1);
	assert_int_equal(last_signal, SIGUSR1);
	signal_watch_free(signals);

	signals = signal_watch_new(loop, SIGUSR1, count_signal, &arrived, &e);
	raise(SIGUSR1);
	turn_until(&arrived, 2); /* and freed itself */
	sigaction(SIGUSR1, NULL, &after);
	assert_ptr_equal(before.sa_handler, after.sa_handler);
}

#define LOOP_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

TEST_MAIN(LOOP_TEST(timers_due_together_fire_in_the_order_set),
	LOOP_TEST(an_earlier_time_fires_first_whenever_it_was_set),
	LOOP_TEST(a_timer_is_neither_early_nor_a_clock_tick_late),
	LOOP_TEST(a_timer_that_sets_itself_starves_nobody),
	LOOP_TEST(a_timer_may_free_itself_and_others_that_are_due),
	LOOP_TEST(never_is_no_time), LOOP_TEST(many_timers_keep_their_order),
	LOOP_TEST(a_pipe_is_ready_when_something_is_in_it),
	LOOP_TEST(a_regular_file_is_always_ready),
	LOOP_TEST(so_is_the_null_device),
	LOOP_TEST(a_closed_descriptor_is_an_error),
	LOOP_TEST(a_handler_may_free_all_that_are_ready),
	LOOP_TEST(waiting_ends_at_the_time_given),
	LOOP_TEST(a_signal_arrives_in_the_loop))
