/* Discovery against a far side that answers what it likes: trees without end,
 * circles, silence, answers of somebody else. */
#include "tests/common/test.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "tests/common/xmpp_near.h"
#include "xmpp/disco_walk.h"

static struct {
	struct xmpp_disco_walk *walk;
	int infos, items, errors;
	int64_t deepest;
	struct err error;
	bool full;
	size_t read; /* of what the peer heard */
} seen;

static void on_info(void *arg, const struct xmpp_disco_place *p,
	const struct xml_element *query)
{
	(void)arg;
	(void)p;
	(void)query;
	seen.infos++;
}

static void on_items(void *arg, const struct xmpp_disco_place *p,
	const struct xml_element *query)
{
	(void)arg;
	(void)query;
	seen.items++;
	if (p->depth > seen.deepest)
		seen.deepest = p->depth;
}

static void on_error(void *arg, const struct xmpp_disco_place *p,
	const char *asked, const struct err *why)
{
	(void)arg;
	(void)p;
	(void)asked;
	seen.errors++;
	seen.error = *why;
}

static bool may_ask(void *arg)
{
	(void)arg;
	return !seen.full;
}

static const struct xmpp_disco_walk_handlers handlers = {
	.info = on_info,
	.items = on_items,
	.error = on_error,
	.may_ask = may_ask,
};

static void walk(int64_t depth, int64_t max)
{
	struct xmpp_disco_walk_settings s = { .client = near.client,
		.items = true,
		.depth = depth,
		.max = max,
		.wait = 10 * USEC_SEC };
	seen.walk = xmpp_disco_walk_new(&s, &handlers, NULL);
	xmpp_disco_walk_add(seen.walk, "far.example", NULL);
}

static int setup(void **state)
{
	memset(&seen, 0, sizeof(seen));
	if (near_setup(state) != 0)
		return -1;
	near_start_online();
	return 0;
}

static int teardown(void **state)
{
	xmpp_disco_walk_free(seen.walk);
	return near_teardown(state);
}

/* The next request that came since, its address and id; false: none. */
static bool next_request(char *to, char *id, size_t size)
{
	near_go(50 * USEC_MS);
	struct span rest = span_skip(buf_view(&near.peer.heard), seen.read);
	const struct span mark = SPAN("<iq type='get' to='");
	size_t at = span_find_span(rest, mark, 0);
	if (at == rest.n)
		return false;
	seen.read += at + mark.n;
	rest = span_skip(rest, at + mark.n);
	struct span address, token;
	span_cut(&rest, '\'', &address);
	at = span_find_span(rest, SPAN("id='"), 0);
	rest = span_skip(rest, at + 4);
	span_cut(&rest, '\'', &token);
	return span_copy(to, size, address) && span_copy(id, size, token);
}

static void answer(const char *from, const char *id, const char *items)
{
	char *text = mem_format("<iq type='result' from='%s' id='%s'>"
				"<query xmlns='" XMPP_NS_DISCO_ITEMS
				"'>%s</query></iq>",
		from, id, items);
	peer_say(&near.peer, text);
	mem_free(text);
}

/* Every place has two below it that nobody has seen before. */
static int grow(int limit)
{
	char to[200], id[64], items[500];
	int asked = 0;
	while (asked < limit && next_request(to, id, sizeof(id))) {
		snprintf(items, sizeof(items),
			"<item jid='a%d.example'/><item jid='b%d.example' "
			"node='n'/>",
			asked, asked);
		answer(to, id, items);
		asked++;
	}
	near_go(100 * USEC_MS);
	return asked;
}

static void a_tree_without_end_ends_at_the_number(void **state)
{
	(void)state;
	walk(1000, 50);
	assert_int_equal(grow(500), 50);
	assert_int_equal(seen.items, 50);
	assert_true(xmpp_disco_walk_is_done(seen.walk));
	assert_true(xmpp_disco_walk_was_cut(seen.walk));
}

static void a_tree_without_end_ends_at_the_depth(void **state)
{
	(void)state;
	walk(3, 1000);
	assert_int_equal(grow(500), 1 + 2 + 4 + 8);
	assert_int_equal(seen.deepest, 3);
	assert_true(xmpp_disco_walk_is_done(seen.walk));
	assert_false(xmpp_disco_walk_was_cut(seen.walk));
}

static void a_circle_is_walked_once(void **state)
{
	(void)state;
	char to[64], id[64];
	int asked = 0;
	walk(1000, 1000);
	while (asked < 20 && next_request(to, id, sizeof(id))) {
		answer(to, id,
			"<item jid='far.example'/><item jid='FAR.example'/>"
			"<item jid='a.example'/><item jid='no jid@'/><item/>");
		asked++;
	}
	near_go(100 * USEC_MS);
	assert_int_equal(asked, 2);
	assert_true(xmpp_disco_walk_is_done(seen.walk));
}

static void only_a_few_are_asked_at_the_same_time(void **state)
{
	(void)state;
	char to[64], id[64], *items = mem_str("");
	int open = 0;
	walk(1, 1000);
	assert_true(next_request(to, id, sizeof(id)));
	for (int i = 0; i < 30; i++) {
		char *more =
			mem_format("%s<item jid='i%d.example'/>", items, i);
		mem_free(items);
		items = more;
	}
	answer(to, id, items);
	mem_free(items);
	while (next_request(to, id, sizeof(id)))
		open++;
	assert_int_equal(open, XMPP_DISCO_WALK_ASKED_MAX);
	/* One that stays silent is given up, and the next one is asked. */
	near_go(11 * USEC_SEC);
	assert_int_equal(seen.errors, XMPP_DISCO_WALK_ASKED_MAX);
	assert_int_equal(seen.error.status, STATUS_TIMEOUT);
	assert_true(next_request(to, id, sizeof(id)));
}

static void an_answer_of_somebody_else_is_none(void **state)
{
	(void)state;
	char to[64], id[64];
	walk(5, 100);
	assert_true(next_request(to, id, sizeof(id)));
	answer("evil.example", id, "<item jid='evil.example'/>");
	answer("far.example", "guessed", "<item jid='evil.example'/>");
	near_go(100 * USEC_MS);
	assert_int_equal(seen.items, 0);
	assert_int_equal(seen.errors, 0);
	answer("far.example", id, "<item jid='good.example'/>");
	near_go(100 * USEC_MS);
	assert_int_equal(seen.items, 1);
}

static void an_answer_without_a_query_is_an_error(void **state)
{
	(void)state;
	char to[64], id[64];
	walk(5, 100);
	assert_true(next_request(to, id, sizeof(id)));
	char *text = mem_format(
		"<iq type='result' from='far.example' id='%s'/>", id);
	peer_say(&near.peer, text);
	mem_free(text);
	near_go(100 * USEC_MS);
	assert_int_equal(seen.errors, 1);
	assert_int_equal(seen.error.status, STATUS_MALFORMED);
	assert_true(xmpp_disco_walk_is_done(seen.walk));
}

static void while_nobody_reads_nothing_is_asked(void **state)
{
	(void)state;
	char to[64], id[64];
	seen.full = true;
	walk(5, 100);
	assert_false(next_request(to, id, sizeof(id)));
	assert_false(xmpp_disco_walk_has_begun(seen.walk));
	seen.full = false;
	xmpp_disco_walk_go(seen.walk);
	assert_true(next_request(to, id, sizeof(id)));
}

static void it_may_be_forgotten_at_any_time(void **state)
{
	(void)state;
	char to[64], id[64];
	walk(5, 100);
	assert_true(next_request(to, id, sizeof(id)));
	xmpp_disco_walk_free(seen.walk);
	seen.walk = NULL;
	answer(to, id, "<item jid='a.example'/>");
	near_go(20 * USEC_SEC);
	assert_int_equal(seen.items + seen.errors, 0);
}

/* ---- when we are asked ---- */

static void ask(const char *query)
{
	char *text = mem_format("<iq type='get' id='q' from='far.example'>"
				"<query xmlns=%s/></iq>",
		query);
	seen.read = near.peer.heard.len;
	peer_say(&near.peer, text);
	mem_free(text);
	near_go(50 * USEC_MS);
}

static void assert_said(const char *part, bool said)
{
	struct span came = span_skip(buf_view(&near.peer.heard), seen.read);
	size_t at = span_find_span(came, span_of(part), 0);
	if ((at < came.n) != said)
		fail_msg("expected %s\"%s\", came: %.*s", said ? "" : "no ",
			part, (int)came.n, came.p);
}

static void we_say_what_we_can(void **state)
{
	(void)state;
	ask("'" XMPP_NS_DISCO_INFO "'");
	assert_said("type='result'", true);
	assert_said("to='far.example'", true);
	assert_said("category='client'", true);
	assert_said("var='urn:xmpp:ping'", true);
	assert_said("urn:xmpp:receipts", false);
	xmpp_client_add_feature(near.client, XMPP_NS_RECEIPTS);
	ask("'" XMPP_NS_DISCO_INFO "'");
	assert_said("var='urn:xmpp:receipts'", true);
}

static void we_have_no_items_and_no_nodes(void **state)
{
	(void)state;
	ask("'" XMPP_NS_DISCO_ITEMS "'");
	assert_said("type='result'", true);
	assert_said("<item", false);
	ask("'" XMPP_NS_DISCO_INFO "' node='secret'");
	assert_said("<item-not-found", true);
	ask("'" XMPP_NS_DISCO_ITEMS "' node='secret'");
	assert_said("<item-not-found", true);
}

#define WALKING(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
TEST_MAIN(WALKING(a_tree_without_end_ends_at_the_number),
	WALKING(a_tree_without_end_ends_at_the_depth),
	WALKING(a_circle_is_walked_once),
	WALKING(only_a_few_are_asked_at_the_same_time),
	WALKING(an_answer_of_somebody_else_is_none),
	WALKING(an_answer_without_a_query_is_an_error),
	WALKING(while_nobody_reads_nothing_is_asked),
	WALKING(it_may_be_forgotten_at_any_time), WALKING(we_say_what_we_can),
	WALKING(we_have_no_items_and_no_nodes))
