/* A walk through an archive, page by page, and whose results it believes. */
#include "tests/common/test.h"

#include <string.h>

#include "base/mem.h"
#include "tests/common/xmpp_near.h"
#include "xmpp/archive.h"
#include "xmpp/ns.h"

static struct xmpp_archive *walk;
static struct buf came; /* bodies, each with a '|' */
static int pages, ended;
static char last[64];
static struct err outcome;

static void on_message(void *arg, const struct xmpp_message *m)
{
	(void)arg;
	buf_span(&came, xml_element_child_text(m->stanza, "body", NULL));
	buf_char(&came, '|');
}

static void on_page(void *arg)
{
	(void)arg;
	pages++;
	xmpp_archive_next(walk);
}

static void on_done(void *arg, const char *id, const struct err *e)
{
	(void)arg;
	ended++;
	outcome = *e;
	assert_true(span_copy(last, sizeof(last), span_of(id)));
}

static const struct xmpp_archive_handlers handlers = { on_message, on_page,
	on_done };

static int setup(void **state)
{
	buf_init(&came, 1 << 16);
	pages = ended = 0;
	walk = NULL;
	return near_setup(state);
}

static int teardown(void **state)
{
	xmpp_archive_free(walk);
	buf_clear(&came);
	return near_teardown(state);
}

static void begin(const struct xmpp_archive_query *q)
{
	struct err e = ERR_NONE;
	near_start_online();
	near.archive = &walk;
	walk = xmpp_archive_walk(near.client, q, &handlers, NULL, &e);
	assert_ok(walk != NULL, &e);
	near_go(100 * USEC_MS);
}

/* Of the last <iq/> with a query: the value of this attribute. */
static const char *asked(const char *attr)
{
	static char value[64];
	struct span all = buf_view(&near.peer.heard), token;
	size_t at = 0, next;
	char *want = mem_format(" %s='", attr);
	while ((next = span_find_span(all, SPAN("<iq type='set'"), at + 1)) <
		all.n)
		at = next;
	struct span rest = span_skip(all, at);
	rest = span_skip(
		rest, span_find_span(rest, span_of(want), 0) + strlen(want));
	span_cut(&rest, '\'', &token);
	assert_true(span_copy(value, sizeof(value), token));
	mem_free(want);
	return value;
}

static bool heard(const char *text)
{
	struct span all = buf_view(&near.peer.heard);
	return span_find_span(all, span_of(text), 0) < all.n;
}

static void say(char *text)
{
	peer_say(&near.peer, text);
	mem_free(text);
	near_go(100 * USEC_MS);
}

/* A result from this sender; query_id NULL: the one that was asked with. */
static void result(const char *from, const char *query_id, const char *id)
{
	char *query = mem_str(query_id ? query_id : asked("queryid"));
	say(mem_format(
		"<message%s%s%s><result xmlns='" XMPP_NS_MAM
		"' queryid='%s' id='%s'><forwarded xmlns='" XMPP_NS_FORWARD
		"'><delay xmlns='" XMPP_NS_DELAY
		"' stamp='2026-01-01T00:00:00Z'/><message "
		"xmlns='jabber:client' from='bob@far.example' "
		"to='me@our.example'><body>%s</body></message></forwarded>"
		"</result></message>",
		from ? " from='" : "", from ? from : "", from ? "'" : "", query,
		id, id));
	mem_free(query);
}

static void fin(const char *from, const char *attrs, const char *end)
{
	char *id = mem_str(asked("id"));
	say(mem_format(
		"<iq type='result'%s%s%s id='%s'><fin xmlns='" XMPP_NS_MAM
		"'%s><set xmlns='" XMPP_NS_RSM "'>%s%s%s</set></fin></iq>",
		from ? " from='" : "", from ? from : "", from ? "'" : "", id,
		attrs, end ? "<first>x</first><last>" : "", end ? end : "",
		end ? "</last>" : ""));
	mem_free(id);
}

static void assert_came(const char *want)
{
	if (strcmp(buf_text(&came), want) != 0)
		fail_msg("expected %s, got %s", want, buf_text(&came));
}

static void a_walk_goes_page_by_page_to_the_end(void **state)
{
	(void)state;
	begin(&(struct xmpp_archive_query){ .after = "m0" });
	assert_true(heard("<after>m0</after>"));
	result("me@our.example", NULL, "m1");
	result(NULL, NULL, "m2");
	fin(NULL, "", "m2");
	assert_int_equal(pages, 1);
	assert_true(heard("<after>m2</after>"));
	result(NULL, NULL, "m3");
	fin("me@our.example", " complete='true'", "m3");
	assert_came("m1|m2|m3|");
	assert_int_equal(ended, 1);
	assert_int_equal(outcome.status, STATUS_DONE);
	assert_string_equal(last, "m3");
	assert_int_equal(near.messages, 0);
}

static void the_time_is_asked_for_where_no_id_is_known(void **state)
{
	(void)state;
	begin(&(struct xmpp_archive_query){
		.start = INT64_C(1795342530123456) });
	assert_true(
		heard("<field var='FORM_TYPE' type='hidden'><value>" XMPP_NS_MAM
		      "</value></field><field var='start'>"
		      "<value>2026-11-22T10:15:30.123456Z"
		      "</value></field>"));
	fin(NULL, " complete='1'", NULL);
	assert_int_equal(ended, 1);
	assert_string_equal(last, "");
}

static void the_tip_is_an_id_and_no_message(void **state)
{
	(void)state;
	begin(&(struct xmpp_archive_query){ .tip = true });
	assert_true(heard("<max>1</max><before/>"));
	result(NULL, NULL, "m9");
	fin(NULL, "", "m9");
	assert_came("");
	assert_int_equal(ended, 1);
	assert_string_equal(last, "m9");
}

/* Whoever knows an id learns that nothing was behind it. */
static void an_end_without_a_message_is_no_last_one(void **state)
{
	(void)state;
	begin(&(struct xmpp_archive_query){ .after = "m0" });
	fin(NULL, " complete='true'", NULL);
	assert_int_equal(ended, 1);
	assert_string_equal(last, "");
}

/* hazards.md section 1: `from` == queried archive and open queryid. */
static void a_result_of_another_is_a_message_of_its_sender(void **state)
{
	(void)state;
	static const char *const spoofed[] = { "mallory@evil.example",
		"mallory@our.example", "our.example", "me@evil.example",
		"me@our.example/phone", "me@our.example/here", "far.example",
		"bob@far.example", "me@our.example.evil.example" };
	begin(&(struct xmpp_archive_query){ 0 });
	for (size_t i = 0; i < sizeof(spoofed) / sizeof(spoofed[0]); i++) {
		result(spoofed[i], NULL, "forged");
		if (near.messages != (int)i + 1)
			fail_msg("%s is believed", spoofed[i]);
	}
	assert_came("");
	result("me@our.example", NULL, "genuine");
	assert_came("genuine|");
}

static void an_end_of_another_is_none(void **state)
{
	(void)state;
	static const char *const spoofed[] = { "mallory@evil.example",
		"mallory@our.example", "me@evil.example",
		"me@our.example/phone", "far.example", "bob@far.example" };
	begin(&(struct xmpp_archive_query){ 0 });
	for (size_t i = 0; i < sizeof(spoofed) / sizeof(spoofed[0]); i++) {
		fin(spoofed[i], " complete='true'", "forged");
		if (ended)
			fail_msg("%s is believed", spoofed[i]);
	}
	fin("me@our.example", " complete='true'", "genuine");
	assert_int_equal(ended, 1);
	assert_string_equal(last, "genuine");
}

static void a_result_of_another_question_is_none(void **state)
{
	(void)state;
	begin(&(struct xmpp_archive_query){ 0 });
	result("me@our.example", "f27", "forged");
	result("me@our.example", "", "forged");
	assert_came("");
	result("me@our.example", NULL, "genuine");
	assert_came("genuine|");
	char *old = mem_str(asked("queryid"));
	fin(NULL, "", "genuine");
	result("me@our.example", old, "late");
	mem_free(old);
	assert_came("genuine|");
	fin(NULL, " complete='true'", NULL);
	assert_int_equal(ended, 1);
	result("me@our.example", NULL, "behind");
	assert_came("genuine|");
	assert_int_equal(near.messages, 4);
}

static void an_archive_that_stands_still_is_left(void **state)
{
	(void)state;
	begin(&(struct xmpp_archive_query){ .after = "m1" });
	fin(NULL, "", "m1");
	assert_int_equal(ended, 1);
	assert_int_equal(pages, 0);
}

static void what_goes_wrong_is_said(void **state)
{
	(void)state;
	begin(&(struct xmpp_archive_query){ .after = "gone" });
	say(mem_format("<iq type='error' id='%s'><error type='cancel'>"
		       "<item-not-found xmlns='" XMPP_NS_STANZA_ERROR
		       "'/></error></iq>",
		asked("id")));
	assert_int_equal(ended, 1);
	assert_string_equal(outcome.condition, "item-not-found");
	xmpp_archive_free(walk);
	walk = xmpp_archive_walk(near.client, &(struct xmpp_archive_query){ 0 },
		&handlers, NULL, NULL);
	near_go(100 * USEC_MS);
	say(mem_format("<iq type='result' id='%s'/>", asked("id")));
	assert_int_equal(ended, 2);
	assert_int_equal(outcome.status, STATUS_MALFORMED);
}

static void a_deleted_message_is_passed_over(void **state)
{
	(void)state;
	begin(&(struct xmpp_archive_query){ 0 });
	say(mem_format(
		"<message><result xmlns='" XMPP_NS_MAM
		"' queryid='%s' id='m1'><forwarded xmlns='" XMPP_NS_FORWARD
		"'/></result></message>",
		asked("queryid")));
	result(NULL, NULL, "m2");
	fin(NULL, " complete='true'", "m2");
	assert_came("m2|");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

TEST_MAIN(T(a_walk_goes_page_by_page_to_the_end),
	T(the_time_is_asked_for_where_no_id_is_known),
	T(the_tip_is_an_id_and_no_message),
	T(an_end_without_a_message_is_no_last_one),
	T(a_result_of_another_is_a_message_of_its_sender),
	T(an_end_of_another_is_none), T(a_result_of_another_question_is_none),
	T(an_archive_that_stands_still_is_left), T(what_goes_wrong_is_said),
	T(a_deleted_message_is_passed_over))
