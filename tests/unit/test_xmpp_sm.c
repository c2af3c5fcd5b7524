/* Stream management's bookkeeping (XEP-0198), apart from any stream. */
#include "tests/common/test.h"

#include <stdio.h>

#include "xmpp/ns.h"
#include "xmpp/sm.h"

static struct xmpp_sm sm;

static int setup(void **state)
{
	(void)state;
	xmpp_sm_init(&sm);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	xmpp_sm_clear(&sm);
	return 0;
}

static struct xml_element *message(unsigned id)
{
	return xml_element_attr_u64(
		xml_element_new("message", XMPP_NS_CLIENT), "id", id);
}

static void push(unsigned from, unsigned to)
{
	for (unsigned id = from; id <= to; id++)
		assert_true(xmpp_sm_push(&sm, message(id)));
}

static void write_all(void)
{
	while (xmpp_sm_next(&sm))
		xmpp_sm_sent(&sm);
}

static void enable(void)
{
	xml_element_free(xmpp_sm_enable(&sm, 0));
	struct xml_element *enabled = xmpp_sm_make("enabled");
	xmpp_sm_enabled(&sm, enabled);
	xml_element_free(enabled);
}

/* The ids in the queue, taken out of it: "3 4". */
static void assert_left(const char *want)
{
	struct buf ids = BUF_INIT(4096);
	struct xml_element *s;
	while ((s = xmpp_sm_take(&sm))) {
		buf_printf(&ids, "%s%s", ids.len ? " " : "",
			xml_element_attr_find(s, "id"));
		xml_element_free(s);
	}
	buf_text(&ids);
	assert_span(buf_view(&ids), want);
	buf_clear(&ids);
}

static void without_it_what_is_written_is_gone(void **state)
{
	(void)state;
	push(1, 3);
	xmpp_sm_sent(&sm);
	assert_int_equal(xmpp_sm_unacked(&sm), 0);
	assert_false(xmpp_sm_should_ask(&sm, true));
	assert_left("2 3");
}

static void what_is_written_stays_until_it_is_acknowledged(void **state)
{
	(void)state;
	enable();
	push(1, 5);
	write_all();
	assert_int_equal(xmpp_sm_unacked(&sm), 5);
	assert_true(xmpp_sm_ack(&sm, 3, NULL));
	assert_int_equal(xmpp_sm_unacked(&sm), 2);
	assert_true(xmpp_sm_ack(&sm, 3, NULL));
	assert_left("4 5");
}

static void what_was_written_between_enable_and_enabled_counts(void **state)
{
	(void)state;
	push(1, 2);
	struct xml_element *s = xmpp_sm_enable(&sm, 0);
	xml_element_free(s);
	write_all();
	s = xmpp_sm_make("enabled");
	xmpp_sm_enabled(&sm, s);
	xml_element_free(s);
	assert_int_equal(xmpp_sm_unacked(&sm), 2);
	assert_true(xmpp_sm_ack(&sm, 2, NULL));
	assert_int_equal(sm.count, 0);
}

static void more_than_was_sent_cannot_be_acknowledged(void **state)
{
	(void)state;
	enable();
	push(1, 3);
	write_all();
	struct err e = ERR_NONE;
	assert_true(xmpp_sm_ack(&sm, 2, &e));
	assert_false(xmpp_sm_ack(&sm, 4, &e));
	assert_string_equal(e.condition, "undefined-condition");
	/* Going back is as wrong as going too far. */
	assert_false(xmpp_sm_ack(&sm, 1, &e));
	assert_int_equal(sm.acked, 2);
}

static void counts_go_round_at_two_to_the_thirty_second(void **state)
{
	(void)state;
	enable();
	sm.sent = sm.acked = sm.asked_at = UINT32_MAX - 1;
	push(1, 4);
	write_all();
	assert_int_equal(sm.sent, 2);
	assert_true(xmpp_sm_ack(&sm, UINT32_MAX, NULL));
	assert_true(xmpp_sm_ack(&sm, 1, NULL));
	assert_left("4");
}

static void what_is_rewound_is_written_again_in_its_order(void **state)
{
	(void)state;
	enable();
	push(1, 4);
	write_all();
	push(5, 5);
	assert_true(xmpp_sm_ack(&sm, 2, NULL));
	xmpp_sm_rewind(&sm);
	assert_string_equal(
		xml_element_attr_find(xmpp_sm_next(&sm), "id"), "3");
	write_all();
	assert_int_equal(sm.sent, 5);
	assert_true(xmpp_sm_ack(&sm, 5, NULL));
	assert_int_equal(sm.count, 0);
}

static void the_queue_is_bounded(void **state)
{
	(void)state;
	push(1, XMPP_SM_QUEUE_MAX);
	assert_true(xmpp_sm_is_full(&sm));
	struct xml_element *s = message(0);
	assert_false(xmpp_sm_push(&sm, s));
	xml_element_free(s);
	xmpp_sm_sent(&sm);
	assert_false(xmpp_sm_is_full(&sm));
}

static void a_request_stands_behind_a_burst_one_at_a_time(void **state)
{
	(void)state;
	enable();
	push(1, 3);
	xmpp_sm_sent(&sm);
	assert_false(xmpp_sm_should_ask(&sm, false));
	write_all();
	assert_true(xmpp_sm_should_ask(&sm, true));
	xmpp_sm_asked(&sm);
	assert_false(xmpp_sm_should_ask(&sm, true));
	push(4, 4);
	write_all();
	assert_false(xmpp_sm_should_ask(&sm, true));
	assert_true(xmpp_sm_ack(&sm, 3, NULL));
	assert_true(xmpp_sm_should_ask(&sm, true));
	xmpp_sm_asked(&sm);
	push(5, 4 + XMPP_SM_ASK_EVERY);
	write_all();
	assert_true(xmpp_sm_should_ask(&sm, false));
}

static void a_stanza_not_handled_yet_holds_back_those_behind_it(void **state)
{
	(void)state;
	enable();
	uint32_t first = xmpp_sm_came(&sm);
	assert_int_equal(xmpp_sm_h(&sm), 1);
	uint32_t second = xmpp_sm_came(&sm);
	xmpp_sm_defer(&sm, second);
	assert_int_equal(xmpp_sm_h(&sm), first);
	uint32_t third = xmpp_sm_came(&sm);
	xmpp_sm_defer(&sm, third);
	xmpp_sm_came(&sm);
	xmpp_sm_handled(&sm, third);
	assert_int_equal(xmpp_sm_h(&sm), 1);
	xmpp_sm_handled(&sm, second);
	assert_int_equal(xmpp_sm_h(&sm), 4);
	xmpp_sm_handled(&sm, second);
	assert_int_equal(xmpp_sm_h(&sm), 4);
}

static void a_refusal_means_nothing_will_be_acknowledged(void **state)
{
	(void)state;
	xml_element_free(xmpp_sm_enable(&sm, 0));
	push(1, 3);
	xmpp_sm_sent(&sm);
	xmpp_sm_off(&sm);
	assert_int_equal(xmpp_sm_unacked(&sm), 0);
	assert_left("2 3");
}

static void only_a_stream_with_an_id_can_be_resumed(void **state)
{
	(void)state;
	struct xml_element *s = xmpp_sm_make("enabled");
	xml_element_attr(s, "resume", "true");
	xmpp_sm_enabled(&sm, s);
	assert_null(sm.id);
	xml_element_attr(s, "id", "some-long-sm-id");
	xml_element_attr(s, "location", "[2001:db8::1]:9222");
	xmpp_sm_enabled(&sm, s);
	assert_string_equal(sm.id, "some-long-sm-id");
	assert_string_equal(sm.location, "[2001:db8::1]:9222");
	xml_element_free(s);
}

static void h_is_a_number_of_thirty_two_bits(void **state)
{
	(void)state;
	static const struct {
		const char *h;
		bool good;
		uint32_t value;
	} rows[] = { { "0", true, 0 }, { "4294967295", true, UINT32_MAX },
		{ "4294967296", false, 0 }, { "-1", false, 0 },
		{ "", false, 0 }, { "1x", false, 0 }, { NULL, false, 0 } };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct xml_element *a = xmpp_sm_make("a");
		xml_element_attr(a, "h", rows[i].h);
		uint32_t h = 7;
		bool good = xmpp_sm_parse_h(a, &h);
		if (good != rows[i].good || (good && h != rows[i].value))
			fail_msg("h='%s': %d, %u", rows[i].h, good, h);
		xml_element_free(a);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

TEST_MAIN(T(without_it_what_is_written_is_gone),
	T(what_is_written_stays_until_it_is_acknowledged),
	T(what_was_written_between_enable_and_enabled_counts),
	T(more_than_was_sent_cannot_be_acknowledged),
	T(counts_go_round_at_two_to_the_thirty_second),
	T(what_is_rewound_is_written_again_in_its_order),
	T(the_queue_is_bounded),
	T(a_request_stands_behind_a_burst_one_at_a_time),
	T(a_stanza_not_handled_yet_holds_back_those_behind_it),
	T(a_refusal_means_nothing_will_be_acknowledged),
	T(only_a_stream_with_an_id_can_be_resumed),
	T(h_is_a_number_of_thirty_two_bits))
