#include "tests/common/test.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/lines.h"
#include "cli/out.h"
#include "net/loop.h"

static struct loop *loop;
static int ends[2];

static int open_pipe(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	loop = loop_new(NULL);
	return loop && pipe2(ends, O_CLOEXEC) == 0 ? 0 : -1;
}

static int close_pipe(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++)
		if (ends[i] >= 0)
			close(ends[i]);
	loop_free(loop);
	return 0;
}

static void end(int which)
{
	close(ends[which]);
	ends[which] = -1;
}

/* A turn that does not wait. */
static void turn(void)
{
	loop_turn(loop, loop_now(loop));
}

static void count(void *arg)
{
	++*(unsigned *)arg;
}

static void a_slow_reader_gets_all_and_nobody_blocks(void **state)
{
	(void)state;
	static char block[64 * 1024];
	unsigned drained = 0;
	size_t read_bytes = 0;
	struct out *out = out_new(ends[1], loop, NULL);
	out_on_drained(out, count, &drained);
	memset(block, 'x', sizeof(block));
	for (int i = 0; i < 8; i++) {
		assert_true(
			out_write(out, span_from(block, sizeof(block)), NULL));
		turn();
	}
	assert_true(out_is_full(out));
	while (!out_is_drained(out)) {
		ssize_t n = read(ends[0], block, sizeof(block));
		assert_true(n > 0);
		read_bytes += (size_t)n;
		turn();
	}
	assert_int_equal(drained, 1);
	out_free(out);
	end(1);
	for (ssize_t n; (n = read(ends[0], block, sizeof(block))) > 0;)
		read_bytes += (size_t)n;
	assert_int_equal(read_bytes, 8 * sizeof(block));
}

static void a_reader_that_leaves_is_noticed_while_nothing_is_written(
	void **state)
{
	(void)state;
	struct out *out = out_new(ends[1], loop, NULL);
	struct err e = ERR_NONE;
	turn();
	assert_true(out_has_reader(out));
	end(0);
	turn();
	turn();
	assert_false(out_has_reader(out));
	assert_false(out_write(out, SPAN("x"), &e));
	assert_false(err_is_set(&e));
	assert_false(out_has_failed(out, NULL));
	assert_true(out_is_drained(out));
	out_free(out);
}

static void a_reader_that_leaves_while_much_waits_ends_it(void **state)
{
	(void)state;
	static char block[512 * 1024];
	struct out *out = out_new(ends[1], loop, NULL);
	assert_true(out_write(out, span_from(block, sizeof(block)), NULL));
	turn();
	end(0);
	while (out_has_reader(out))
		turn();
	assert_true(out_is_drained(out));
	out_free(out);
}

static void a_full_disk_is_an_error_that_stays(void **state)
{
	(void)state;
	struct err e = ERR_NONE;
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct out *out = out_new(fd, loop, NULL);
	assert_true(out_write(out, SPAN("x"), NULL));
	while (!out_has_failed(out, NULL))
		turn();
	assert_false(out_write(out, SPAN("x"), &e));
	assert_int_equal(e.status, STATUS_LOCAL_IO);
	assert_non_null(strstr(e.text, "No space left"));
	out_free(out);
	close(fd);
}

static void without_a_loop_flush_writes_or_says_why(void **state)
{
	(void)state;
	struct err e = ERR_NONE;
	char got[8] = "";
	struct out *out = out_new(ends[1], NULL, NULL);
	assert_true(out_write(out, SPAN("hello"), NULL));
	assert_true(out_flush(out, NULL));
	assert_int_equal(read(ends[0], got, sizeof(got)), 5);
	assert_string_equal(got, "hello");
	out_free(out);
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	out = out_new(fd, NULL, NULL);
	out_write(out, SPAN("hello"), NULL);
	assert_false(out_flush(out, &e));
	assert_int_equal(e.status, STATUS_LOCAL_IO);
	out_free(out);
	close(fd);
}

/* ---- lines ---- */

static struct lines *open_lines(char mark, size_t max, unsigned *ready)
{
	return lines_new(loop,
		&(struct lines_settings){ .fd = ends[0],
			.end = mark,
			.max = max,
			.ready = ready ? count : NULL,
			.arg = ready },
		NULL);
}

static void feed(const char *text, size_t n)
{
	assert_int_equal(write(ends[1], text, n), n);
	turn();
}

static void assert_line(struct lines *l, const char *text)
{
	struct span line;
	assert_int_equal(lines_next(l, &line, NULL), LINES_LINE);
	assert_span(line, text);
}

static void lines_come_as_they_are_complete(void **state)
{
	(void)state;
	unsigned ready = 0;
	struct span line;
	struct lines *l = open_lines('\n', 100, &ready);
	assert_false(lines_has_next(l));
	feed("one\n\ntw", 7);
	assert_int_equal(ready, 1);
	assert_line(l, "one");
	assert_line(l, "");
	assert_int_equal(lines_next(l, &line, NULL), LINES_NONE);
	feed("o\n", 2);
	assert_int_equal(ready, 2);
	assert_line(l, "two");
	lines_free(l);
}

static void the_last_line_needs_no_newline(void **state)
{
	(void)state;
	struct span line;
	struct lines *l = open_lines('\n', 100, NULL);
	feed("a\nlast", 6);
	end(1);
	assert_line(l, "a");
	assert_int_equal(lines_next(l, &line, NULL), LINES_NONE);
	turn();
	assert_true(lines_has_next(l));
	assert_line(l, "last");
	assert_int_equal(lines_next(l, &line, NULL), LINES_END);
	lines_free(l);
}

static void nul_mode_keeps_newlines(void **state)
{
	(void)state;
	struct lines *l = open_lines('\0', 100, NULL);
	feed("a\nb\0c\0", 6);
	assert_line(l, "a\nb");
	assert_line(l, "c");
	lines_free(l);
}

static void a_line_over_the_maximum_is_an_error(void **state)
{
	(void)state;
	struct span line;
	struct err e = ERR_NONE;
	struct lines *l = open_lines('\n', 4, NULL);
	feed("1234\n12345", 10);
	assert_line(l, "1234");
	assert_int_equal(lines_next(l, &line, &e), LINES_FAILED);
	assert_int_equal(e.status, STATUS_MALFORMED);
	assert_string_equal(
		e.text, "line 2 of the input is longer than 4 bytes");
	lines_free(l);
}

static void while_a_line_waits_no_more_is_read(void **state)
{
	(void)state;
	static char block[4096];
	size_t written = 0;
	struct lines *l = open_lines('\n', 100, NULL);
	memset(block, '\n', sizeof(block));
	assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
	for (int i = 0; i < 1000; i++) {
		ssize_t n = write(ends[1], block, sizeof(block));
		if (n > 0)
			written += (size_t)n;
		turn();
	}
	/* What a pipe holds and one read: far less than was offered. */
	assert_in_range(written, 1, 300 * 1024);
	lines_free(l);
}

#define WITH_PIPE(f) cmocka_unit_test_setup_teardown(f, open_pipe, close_pipe)

TEST_MAIN(WITH_PIPE(a_slow_reader_gets_all_and_nobody_blocks),
	WITH_PIPE(a_reader_that_leaves_is_noticed_while_nothing_is_written),
	WITH_PIPE(a_reader_that_leaves_while_much_waits_ends_it),
	WITH_PIPE(a_full_disk_is_an_error_that_stays),
	WITH_PIPE(without_a_loop_flush_writes_or_says_why),
	WITH_PIPE(lines_come_as_they_are_complete),
	WITH_PIPE(the_last_line_needs_no_newline),
	WITH_PIPE(nul_mode_keeps_newlines),
	WITH_PIPE(a_line_over_the_maximum_is_an_error),
	WITH_PIPE(while_a_line_waits_no_more_is_read))
