/* What a listener writes down: in order, with the silences as long as they
 * were, and never longer because a peer says so. */
#include "tests/common/test.h"

#include "media/jitter.h"

#define RATE 8000
#define FRAME 160

struct heard {
	unsigned packets, silence;
	uint16_t last;
	bool in_order;
};

static void put(struct jitter *j, uint16_t seq, usec_t at)
{
	static const char payload[FRAME];
	jitter_put(j, &(struct jitter_packet){
			      .sequence = seq,
			      .timestamp = (uint32_t)seq * FRAME,
			      .arrival = at,
			      .payload = { payload, FRAME },
		      });
}

static void hear(struct jitter *j, usec_t now, struct heard *h)
{
	struct jitter_packet p;
	uint32_t missing;
	while (jitter_take(j, now, &p, &missing)) {
		if (h->packets && (int16_t)(p.sequence - h->last) <= 0)
			h->in_order = false;
		h->last = p.sequence;
		h->packets++;
		h->silence += missing;
		jitter_took(j, (uint32_t)p.payload.n);
	}
}

static struct heard nothing(struct jitter *j)
{
	jitter_init(j, RATE);
	return (struct heard){ .in_order = true };
}

static void packets_in_order_are_handed_out_at_once(void **state)
{
	(void)state;
	struct jitter j;
	struct heard h = nothing(&j);
	for (uint16_t i = 0; i < 100; i++) {
		uint16_t seq = (uint16_t)(65500 + i);
		put(&j, seq, i * 20 * USEC_MS);
		hear(&j, i * 20 * USEC_MS, &h);
		assert_int_equal(h.packets, i + 1);
	}
	assert_true(h.in_order);
}

static void swapped_packets_are_put_right(void **state)
{
	(void)state;
	struct jitter j;
	struct heard h = nothing(&j);
	static const uint16_t order[] = { 1, 3, 2, 4, 7, 6, 5, 8 };
	for (int i = 0; i < 8; i++) {
		put(&j, order[i], i * 20 * USEC_MS);
		hear(&j, i * 20 * USEC_MS, &h);
	}
	assert_int_equal(h.packets, 8);
	assert_int_equal(h.silence, 0);
	assert_true(h.in_order);
}

static void a_lost_packet_is_as_long_as_it_was(void **state)
{
	(void)state;
	struct jitter j;
	struct heard h = nothing(&j);
	for (uint16_t i = 0; i < 20; i++)
		if (i != 5 && i != 6)
			put(&j, i, i * 20 * USEC_MS),
				hear(&j, i * 20 * USEC_MS, &h);
	assert_int_equal(h.packets, 18);
	assert_int_equal(h.silence, 2 * FRAME);
	assert_true(h.in_order);
}

static void a_late_or_repeated_packet_is_not_heard(void **state)
{
	(void)state;
	struct jitter j;
	struct heard h = nothing(&j);
	put(&j, 10, 0);
	put(&j, 11, 0);
	put(&j, 11, 0);
	hear(&j, 0, &h);
	put(&j, 10, 0);
	put(&j, 9, 0);
	hear(&j, USEC_SEC, &h);
	assert_int_equal(h.packets, 2);
}

static void one_packet_cannot_make_hours_of_silence(void **state)
{
	(void)state;
	struct jitter j;
	struct heard h = nothing(&j);
	put(&j, 1, 0);
	hear(&j, 0, &h);
	jitter_put(&j, &(struct jitter_packet){ .sequence = 2,
			       .timestamp = 0x40000000,
			       .arrival = 20 * USEC_MS,
			       .payload = SPAN("x") });
	hear(&j, 20 * USEC_MS, &h);
	assert_int_equal(h.packets, 2);
	assert_in_range(h.silence, 0, RATE / 4);
}

static void a_silent_minute_is_a_minute(void **state)
{
	(void)state;
	struct jitter j;
	struct heard h = nothing(&j);
	put(&j, 1, 0);
	hear(&j, 0, &h);
	jitter_put(&j, &(struct jitter_packet){ .sequence = 2,
			       .timestamp = 2 * FRAME + 60 * RATE,
			       .arrival = 60 * USEC_SEC,
			       .payload = SPAN("x") });
	hear(&j, 60 * USEC_SEC, &h);
	assert_int_equal(h.silence, 60 * RATE);
}

static void what_is_held_back_comes_out_at_the_end(void **state)
{
	(void)state;
	struct jitter j;
	struct heard h = nothing(&j);
	put(&j, 1, 0);
	put(&j, 3, 0);
	hear(&j, 0, &h);
	assert_int_equal(h.packets, 1);
	jitter_flush(&j);
	hear(&j, 0, &h);
	assert_int_equal(h.packets, 2);
}

TEST_MAIN(cmocka_unit_test(packets_in_order_are_handed_out_at_once),
	cmocka_unit_test(swapped_packets_are_put_right),
	cmocka_unit_test(a_lost_packet_is_as_long_as_it_was),
	cmocka_unit_test(a_late_or_repeated_packet_is_not_heard),
	cmocka_unit_test(one_packet_cannot_make_hours_of_silence),
	cmocka_unit_test(a_silent_minute_is_a_minute),
	cmocka_unit_test(what_is_held_back_comes_out_at_the_end))
