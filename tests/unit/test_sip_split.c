/* Messages of a file: sip/split.h. */
#include <string.h>

#include "sip/split.h"
#include "tests/common/test.h"

#define HEAD "OPTIONS sip:h SIP/2.0\r\nCall-ID: a\r\n"
#define WHOLE HEAD "Content-Length: 2\r\n\r\nhi"
#define REPLY "SIP/2.0 200 OK\r\nCall-ID: a\r\nContent-Length: 0\r\n\r\n"

struct piece {
	enum sip_split_got got;
	struct span text;
};

/* All pieces of a text that comes `step` bytes at a time. */
static void expect(struct span text, const struct piece *want, size_t step)
{
	struct sip_split s = { 0 };
	struct span rest = SPAN_EMPTY, piece;
	size_t given = 0, n = 0;
	for (;;) {
		bool is_end = given == text.n;
		switch (sip_split_next(&s, &rest, is_end, &piece)) {
		case SIP_SPLIT_MESSAGE:
			assert_int_equal(want[n].got, SIP_SPLIT_MESSAGE);
			assert_true(span_equal(piece, want[n++].text));
			break;
		case SIP_SPLIT_OTHER:
			assert_int_equal(want[n].got, SIP_SPLIT_OTHER);
			assert_true(span_equal(piece, want[n++].text));
			break;
		case SIP_SPLIT_MORE:
			assert_false(is_end);
			given = given + step < text.n ? given + step : text.n;
			rest = span_between(
				rest.p ? rest.p : text.p, text.p + given);
			break;
		case SIP_SPLIT_END:
			assert_true(is_end);
			assert_int_equal(want[n].got, SIP_SPLIT_END);
			return;
		}
	}
}

static void expect_in_any_pieces(struct span text, const struct piece *want)
{
	for (size_t step = 1; step <= text.n; step++)
		expect(text, want, step);
}

static void messages_are_framed_by_their_length(void **state)
{
	(void)state;
	static const struct piece want[] = {
		{ SIP_SPLIT_MESSAGE, SPAN(WHOLE) },
		{ SIP_SPLIT_MESSAGE, SPAN(REPLY) },
		{ SIP_SPLIT_MESSAGE, SPAN(WHOLE) },
		{ SIP_SPLIT_END, { NULL, 0 } },
	};
	expect_in_any_pieces(
		SPAN("\r\n" WHOLE REPLY "\r\n\r\n\n" WHOLE "\r\n"), want);
}

static void one_without_a_length_reaches_to_the_next(void **state)
{
	(void)state;
	static const struct piece want[] = {
		{ SIP_SPLIT_MESSAGE, SPAN(HEAD "\r\nbody\r\n") },
		{ SIP_SPLIT_MESSAGE, SPAN(REPLY) },
		{ SIP_SPLIT_MESSAGE, SPAN(HEAD "\r\nbo") },
		{ SIP_SPLIT_END, { NULL, 0 } },
	};
	expect_in_any_pieces(
		SPAN(HEAD "\r\nbody\r\n" REPLY HEAD "\r\nbo"), want);
}

static void one_that_is_cut_short_reaches_to_the_end(void **state)
{
	(void)state;
	static const struct piece want[] = {
		{ SIP_SPLIT_MESSAGE, SPAN(HEAD "Content-Length: 9\r\n\r\nhi") },
		{ SIP_SPLIT_END, { NULL, 0 } },
	};
	expect_in_any_pieces(SPAN(HEAD "Content-Length: 9\r\n\r\nhi"), want);
}

static void what_is_no_message_is_passed_over_in_one_piece(void **state)
{
	(void)state;
	static const struct piece want[] = {
		{ SIP_SPLIT_OTHER, SPAN("10:02 sent\nto the proxy:\n") },
		{ SIP_SPLIT_MESSAGE, SPAN(WHOLE) },
		{ SIP_SPLIT_OTHER, SPAN("and no answer") },
		{ SIP_SPLIT_END, { NULL, 0 } },
	};
	expect_in_any_pieces(
		SPAN("10:02 sent\nto the proxy:\n" WHOLE "\nand no answer"),
		want);
}

static void no_piece_is_larger_than_a_message(void **state)
{
	(void)state;
	static char text[3 * SIP_MSG_MAX];
	memset(text, 'x', sizeof(text));
	struct sip_split s = { 0 };
	struct span rest = span_from(text, sizeof(text)), piece;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(sip_split_next(&s, &rest, false, &piece),
			SIP_SPLIT_OTHER);
		assert_int_equal(piece.n, SIP_MSG_MAX);
	}
	assert_int_equal(
		sip_split_next(&s, &rest, true, &piece), SIP_SPLIT_END);
}

static void templates_are_told_apart_by_their_start_lines(void **state)
{
	(void)state;
	struct sip_split s = { .by_start_line = true };
	struct span rest = SPAN(HEAD "Content-Length: 0\n\n${x}\n" REPLY),
		    piece;
	assert_int_equal(
		sip_split_next(&s, &rest, true, &piece), SIP_SPLIT_MESSAGE);
	assert_true(span_ends(piece, "${x}\n"));
	assert_int_equal(
		sip_split_next(&s, &rest, true, &piece), SIP_SPLIT_MESSAGE);
	assert_true(span_is(piece, REPLY));
	assert_int_equal(
		sip_split_next(&s, &rest, true, &piece), SIP_SPLIT_END);
}

TEST_MAIN(cmocka_unit_test(messages_are_framed_by_their_length),
	cmocka_unit_test(one_without_a_length_reaches_to_the_next),
	cmocka_unit_test(one_that_is_cut_short_reaches_to_the_end),
	cmocka_unit_test(what_is_no_message_is_passed_over_in_one_piece),
	cmocka_unit_test(templates_are_told_apart_by_their_start_lines),
	cmocka_unit_test(no_piece_is_larger_than_a_message))
