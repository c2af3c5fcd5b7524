/* What xmppserve does by the tables of RFC 6121, row by row: subscriptions
 * (appendix A) and messages (section 8.5.4).  And the faults it is asked for.
 */
#include "tests/common/test.h"

#include <string.h>

#include "cmd/xmppserve/delivery.h"
#include "cmd/xmppserve/fault.h"
#include "cmd/xmppserve/queue.h"
#include "cmd/xmppserve/subscription.h"
#include "xmpp/ns.h"

/* ---- appendix A ---- */

/* Section A.1, in its order. */
enum {
	NONE = SUB_NONE,
	NONE_OUT = SUB_OUT,
	NONE_IN = SUB_IN,
	NONE_OUT_IN = SUB_OUT | SUB_IN,
	TO = SUB_TO,
	TO_IN = SUB_TO | SUB_IN,
	FROM = SUB_FROM,
	FROM_OUT = SUB_FROM | SUB_OUT,
	BOTH = SUB_TO | SUB_FROM,
};

static const char *name_of(unsigned state)
{
	switch (state) {
	case NONE:
		return "None";
	case NONE_OUT:
		return "None + Pending Out";
	case NONE_IN:
		return "None + Pending In";
	case NONE_OUT_IN:
		return "None + Pending Out+In";
	case TO:
		return "To";
	case TO_IN:
		return "To + Pending In";
	case FROM:
		return "From";
	case FROM_OUT:
		return "From + Pending Out";
	case BOTH:
		return "Both";
	default:
		return "no state";
	}
}

#define ROWS 9

struct row {
	unsigned existing;
	bool passed_on; /* routed, delivered */
	unsigned new;
	enum subscription_step answer;
};

#define NO_ANSWER STEP_NONE

static void check(const char *what, const struct row *row, unsigned state,
	bool passed_on, enum subscription_step answer)
{
	if (state != row->new || passed_on != row->passed_on ||
		answer != row->answer)
		fail_msg("%s in \"%s\": expected \"%s\", %s on, answer %d; "
			 "came \"%s\", %s on, answer %d",
			what, name_of(row->existing), name_of(row->new),
			row->passed_on ? "passed" : "not passed", row->answer,
			name_of(state), passed_on ? "passed" : "not passed",
			answer);
}

static void check_out(
	enum subscription_step step, const struct row rows[static ROWS])
{
	for (size_t i = 0; i < ROWS; i++) {
		unsigned state = rows[i].existing;
		bool routed = subscription_out(&state, step);
		check(subscription_step_text(step), &rows[i], state, routed,
			NO_ANSWER);
	}
}

static void check_in(
	enum subscription_step step, const struct row rows[static ROWS])
{
	for (size_t i = 0; i < ROWS; i++) {
		unsigned state = rows[i].existing;
		enum subscription_step answer = STEP_SUBSCRIBE;
		bool told = subscription_in(&state, step, &answer);
		check(subscription_step_text(step), &rows[i], state, told,
			answer);
	}
}

#define ROUTED true
#define DELIVERED true
#define NOT false

static void an_outbound_subscribe_follows_table_2(void **state)
{
	(void)state;
	check_out(STEP_SUBSCRIBE,
		(const struct row[ROWS]){
			{ NONE, ROUTED, NONE_OUT, NO_ANSWER },
			{ NONE_OUT, ROUTED, NONE_OUT, NO_ANSWER },
			{ NONE_IN, ROUTED, NONE_OUT_IN, NO_ANSWER },
			{ NONE_OUT_IN, ROUTED, NONE_OUT_IN, NO_ANSWER },
			{ TO, ROUTED, TO, NO_ANSWER },
			{ TO_IN, ROUTED, TO_IN, NO_ANSWER },
			{ FROM, ROUTED, FROM_OUT, NO_ANSWER },
			{ FROM_OUT, ROUTED, FROM_OUT, NO_ANSWER },
			{ BOTH, ROUTED, BOTH, NO_ANSWER },
		});
}

static void an_outbound_unsubscribe_follows_table_3(void **state)
{
	(void)state;
	check_out(STEP_UNSUBSCRIBE,
		(const struct row[ROWS]){
			{ NONE, ROUTED, NONE, NO_ANSWER },
			{ NONE_OUT, ROUTED, NONE, NO_ANSWER },
			{ NONE_IN, ROUTED, NONE_IN, NO_ANSWER },
			{ NONE_OUT_IN, ROUTED, NONE_IN, NO_ANSWER },
			{ TO, ROUTED, NONE, NO_ANSWER },
			{ TO_IN, ROUTED, NONE_IN, NO_ANSWER },
			{ FROM, ROUTED, FROM, NO_ANSWER },
			{ FROM_OUT, ROUTED, FROM, NO_ANSWER },
			{ BOTH, ROUTED, FROM, NO_ANSWER },
		});
}

/* Without pre-approval, which is not offered: no state change there. */
static void an_outbound_subscribed_follows_table_4(void **state)
{
	(void)state;
	check_out(STEP_SUBSCRIBED,
		(const struct row[ROWS]){
			{ NONE, NOT, NONE, NO_ANSWER },
			{ NONE_OUT, NOT, NONE_OUT, NO_ANSWER },
			{ NONE_IN, ROUTED, FROM, NO_ANSWER },
			{ NONE_OUT_IN, ROUTED, FROM_OUT, NO_ANSWER },
			{ TO, NOT, TO, NO_ANSWER },
			{ TO_IN, ROUTED, BOTH, NO_ANSWER },
			{ FROM, NOT, FROM, NO_ANSWER },
			{ FROM_OUT, NOT, FROM_OUT, NO_ANSWER },
			{ BOTH, NOT, BOTH, NO_ANSWER },
		});
}

static void an_outbound_unsubscribed_follows_table_5(void **state)
{
	(void)state;
	check_out(STEP_UNSUBSCRIBED,
		(const struct row[ROWS]){
			{ NONE, NOT, NONE, NO_ANSWER },
			{ NONE_OUT, NOT, NONE_OUT, NO_ANSWER },
			{ NONE_IN, ROUTED, NONE, NO_ANSWER },
			{ NONE_OUT_IN, ROUTED, NONE_OUT, NO_ANSWER },
			{ TO, NOT, TO, NO_ANSWER },
			{ TO_IN, ROUTED, TO, NO_ANSWER },
			{ FROM, ROUTED, NONE, NO_ANSWER },
			{ FROM_OUT, ROUTED, NONE_OUT, NO_ANSWER },
			{ BOTH, ROUTED, TO, NO_ANSWER },
		});
}

static void an_inbound_subscribe_follows_table_6(void **state)
{
	(void)state;
	check_in(STEP_SUBSCRIBE,
		(const struct row[ROWS]){
			{ NONE, DELIVERED, NONE_IN, NO_ANSWER },
			{ NONE_OUT, DELIVERED, NONE_OUT_IN, NO_ANSWER },
			{ NONE_IN, NOT, NONE_IN, NO_ANSWER },
			{ NONE_OUT_IN, NOT, NONE_OUT_IN, NO_ANSWER },
			{ TO, DELIVERED, TO_IN, NO_ANSWER },
			{ TO_IN, NOT, TO_IN, NO_ANSWER },
			{ FROM, NOT, FROM, STEP_SUBSCRIBED },
			{ FROM_OUT, NOT, FROM_OUT, STEP_SUBSCRIBED },
			{ BOTH, NOT, BOTH, STEP_SUBSCRIBED },
		});
}

static void an_inbound_unsubscribe_follows_table_7(void **state)
{
	(void)state;
	check_in(STEP_UNSUBSCRIBE,
		(const struct row[ROWS]){
			{ NONE, NOT, NONE, NO_ANSWER },
			{ NONE_OUT, NOT, NONE_OUT, NO_ANSWER },
			{ NONE_IN, DELIVERED, NONE, STEP_UNSUBSCRIBED },
			{ NONE_OUT_IN, DELIVERED, NONE_OUT, STEP_UNSUBSCRIBED },
			{ TO, NOT, TO, NO_ANSWER },
			{ TO_IN, DELIVERED, TO, STEP_UNSUBSCRIBED },
			{ FROM, DELIVERED, NONE, STEP_UNSUBSCRIBED },
			{ FROM_OUT, DELIVERED, NONE_OUT, STEP_UNSUBSCRIBED },
			{ BOTH, DELIVERED, TO, STEP_UNSUBSCRIBED },
		});
}

static void an_inbound_subscribed_follows_table_8(void **state)
{
	(void)state;
	check_in(STEP_SUBSCRIBED,
		(const struct row[ROWS]){
			{ NONE, NOT, NONE, NO_ANSWER },
			{ NONE_OUT, DELIVERED, TO, NO_ANSWER },
			{ NONE_IN, NOT, NONE_IN, NO_ANSWER },
			{ NONE_OUT_IN, DELIVERED, TO_IN, NO_ANSWER },
			{ TO, NOT, TO, NO_ANSWER },
			{ TO_IN, NOT, TO_IN, NO_ANSWER },
			{ FROM, NOT, FROM, NO_ANSWER },
			{ FROM_OUT, DELIVERED, BOTH, NO_ANSWER },
			{ BOTH, NOT, BOTH, NO_ANSWER },
		});
}

static void an_inbound_unsubscribed_follows_table_9(void **state)
{
	(void)state;
	check_in(STEP_UNSUBSCRIBED,
		(const struct row[ROWS]){
			{ NONE, NOT, NONE, NO_ANSWER },
			{ NONE_OUT, DELIVERED, NONE, NO_ANSWER },
			{ NONE_IN, NOT, NONE_IN, NO_ANSWER },
			{ NONE_OUT_IN, DELIVERED, NONE_IN, NO_ANSWER },
			{ TO, DELIVERED, NONE, NO_ANSWER },
			{ TO_IN, DELIVERED, NONE_IN, NO_ANSWER },
			{ FROM, NOT, FROM, NO_ANSWER },
			{ FROM_OUT, DELIVERED, FROM, NO_ANSWER },
			{ BOTH, DELIVERED, FROM, NO_ANSWER },
		});
}

static void a_step_is_known_by_its_presence_type(void **state)
{
	(void)state;
	assert_int_equal(subscription_step_of("subscribe"), STEP_SUBSCRIBE);
	assert_int_equal(
		subscription_step_of("unsubscribed"), STEP_UNSUBSCRIBED);
	assert_int_equal(subscription_step_of("unavailable"), STEP_NONE);
	assert_int_equal(subscription_step_of(NULL), STEP_NONE);
}

/* ---- section 8.5.4, table 1 ---- */

/* What the RFC allows, by its letters; D for the one non-negative resource is
 * what M and A are then. */
static const struct {
	enum delivery_account account;
	enum delivery_address address;
	const char *allowed[4]; /* normal, chat, groupchat, headline */
} rules[] = {
	{ ACCOUNT_UNKNOWN, ADDRESS_BARE, { "SE", "SE", "E", "S" } },
	{ ACCOUNT_UNKNOWN, ADDRESS_NO_MATCH, { "SE", "SE", "SE", "SE" } },
	{ ACCOUNT_AWAY, ADDRESS_BARE, { "OE", "OE", "E", "S" } },
	{ ACCOUNT_AWAY, ADDRESS_MATCH, { "D", "D", "D", "D" } },
	{ ACCOUNT_AWAY, ADDRESS_NO_MATCH, { "SE", "OE", "SE", "SE" } },
	{ ACCOUNT_PRESENT, ADDRESS_BARE, { "MA", "M", "E", "A" } },
	{ ACCOUNT_PRESENT, ADDRESS_MATCH, { "D", "D", "D", "D" } },
	{ ACCOUNT_PRESENT, ADDRESS_NO_MATCH, { "SE", "M", "SE", "SE" } },
};

static char letter_of(enum delivery d)
{
	static const char letters[] = { [DELIVER_NOT] = 'S',
		[DELIVER_BOUNCE] = 'E',
		[DELIVER_STORE] = 'O',
		[DELIVER_TO_IT] = 'D',
		[DELIVER_TO_BEST] = 'M',
		[DELIVER_TO_ALL] = 'A' };
	return letters[d];
}

static void a_message_is_delivered_by_table_1(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		for (int type = MESSAGE_NORMAL; type <= MESSAGE_HEADLINE;
			type++) {
			char came = letter_of(delivery_of(rules[i].account,
				rules[i].address, (enum delivery_type)type));
			if (!strchr(rules[i].allowed[type], came))
				fail_msg("row %zu, type %d: allowed %s, "
					 "came %c",
					i, type, rules[i].allowed[type], came);
		}
}

/* Section 8.5: silently ignored, unless its resource is there. */
static void an_error_goes_to_its_resource_or_nowhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		assert_int_equal(delivery_of(rules[i].account, rules[i].address,
					 MESSAGE_ERROR),
			rules[i].address == ADDRESS_MATCH ? DELIVER_TO_IT
							  : DELIVER_NOT);
}

static void a_type_that_is_none_is_normal(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum delivery_type type;
	} types[] = { { NULL, MESSAGE_NORMAL }, { "normal", MESSAGE_NORMAL },
		{ "chat", MESSAGE_CHAT }, { "groupchat", MESSAGE_GROUPCHAT },
		{ "headline", MESSAGE_HEADLINE }, { "error", MESSAGE_ERROR },
		{ "Chat", MESSAGE_NORMAL }, { "", MESSAGE_NORMAL } };
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct xml_element *s =
			xml_element_new("message", XMPP_NS_CLIENT);
		xml_element_attr(s, "type", types[i].text);
		assert_int_equal(delivery_type_of(s), types[i].type);
		xml_element_free(s);
	}
}

/* ---- faults ---- */

static void a_fault_is_due_at_its_count_and_a_bounce_from_then_on(void **state)
{
	(void)state;
	struct faults f = { 0 };
	struct err e = ERR_NONE;
	assert_ok(fault_add(&f, "message:reset:2", &e), &e);
	assert_ok(fault_add(&f, "message:bounce:3", &e), &e);
	assert_ok(fault_add(&f, "proceed:silent", &e), &e);
	assert_int_equal(fault_now(&f, FAULT_MESSAGE), FAULT_NONE);
	assert_int_equal(fault_now(&f, FAULT_MESSAGE), FAULT_RESET);
	assert_int_equal(fault_now(&f, FAULT_MESSAGE), FAULT_BOUNCE);
	assert_int_equal(fault_now(&f, FAULT_MESSAGE), FAULT_BOUNCE);
	assert_int_equal(fault_now(&f, FAULT_PROCEED), FAULT_SILENT);
	assert_int_equal(fault_now(&f, FAULT_PROCEED), FAULT_NONE);
	assert_int_equal(fault_now(&f, FAULT_PING), FAULT_NONE);
}

static void a_fault_that_is_none_is_refused_with_what_there_is(void **state)
{
	(void)state;
	static const struct {
		const char *option, *sentence;
	} wrong[] = {
		{ "proceed", "--fault proceed: give WHEN:WHAT" },
		{ "later:close", "--fault later:close: \"later\" is not one "
				 "of connect, proceed, success, bound, "
				 "message, ping" },
		{ "bound:explode", "--fault bound:explode: \"explode\" is not "
				   "one of silent, close, reset, half, "
				   "malformed, bounce" },
		{ "bound:close:0",
			"--fault bound:close:0: \"0\" is not a count from 1 "
			"on" },
		{ "bound:close:x",
			"--fault bound:close:x: \"x\" is not a count from 1 "
			"on" },
		{ "bound:bounce", "--fault bound:bounce: only message and "
				  "ping can bounce" },
	};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct faults f = { 0 };
		struct err e = ERR_NONE;
		assert_false(fault_add(&f, wrong[i].option, &e));
		assert_int_equal(e.status, STATUS_USAGE);
		assert_string_equal(e.text, wrong[i].sentence);
		assert_int_equal(f.count, 0);
	}
}

/* ---- queues ---- */

static void put(struct queue *q, const char *first, const char *last)
{
	for (char c = *first; c <= *last; c++)
		queue_put(q, xml_element_new((char[]){ c, '\0' }, "ns"));
}

static void assert_queue(struct queue *q, const char *names)
{
	struct xml_element *s;
	assert_int_equal(q->count, strlen(names));
	for (; (s = queue_take(q)); names++) {
		assert_int_equal(*s->name, *names);
		xml_element_free(s);
	}
	assert_int_equal(*names, '\0');
	assert_int_equal(q->memory, 0);
}

static void queues_keep_their_order_and_count(void **state)
{
	(void)state;
	struct queue a, b;
	queue_init(&a);
	queue_init(&b);
	put(&a, "c", "e");
	put(&b, "a", "b");
	assert_true(a.memory > 3 * 1024);
	queue_prepend_all(&a, &b);
	assert_int_equal(b.count, 0);
	assert_int_equal(b.memory, 0);
	put(&b, "f", "g");
	queue_append_all(&a, &b);
	assert_string_equal(queue_first(&a)->name, "a");
	assert_queue(&a, "abcdefg");
	assert_null(queue_first(&a));
	put(&a, "a", "c");
	queue_clear(&a);
	assert_queue(&a, "");
}

TEST_MAIN(cmocka_unit_test(an_outbound_subscribe_follows_table_2),
	cmocka_unit_test(an_outbound_unsubscribe_follows_table_3),
	cmocka_unit_test(an_outbound_subscribed_follows_table_4),
	cmocka_unit_test(an_outbound_unsubscribed_follows_table_5),
	cmocka_unit_test(an_inbound_subscribe_follows_table_6),
	cmocka_unit_test(an_inbound_unsubscribe_follows_table_7),
	cmocka_unit_test(an_inbound_subscribed_follows_table_8),
	cmocka_unit_test(an_inbound_unsubscribed_follows_table_9),
	cmocka_unit_test(a_step_is_known_by_its_presence_type),
	cmocka_unit_test(a_message_is_delivered_by_table_1),
	cmocka_unit_test(an_error_goes_to_its_resource_or_nowhere),
	cmocka_unit_test(a_type_that_is_none_is_normal),
	cmocka_unit_test(a_fault_is_due_at_its_count_and_a_bounce_from_then_on),
	cmocka_unit_test(a_fault_that_is_none_is_refused_with_what_there_is),
	cmocka_unit_test(queues_keep_their_order_and_count))
