/* The state that partial notifications make up: RFC 4235 section 4.3 (with the
 * flow of section 6.1), RFC 3680 section 5.2, RFC 4575 section 4.6. */
#include "tests/common/test.h"

#include "base/buf.h"
#include "base/mem.h"
#include "cli/news.h"
#include "xml/document.h"

#define DIALOGS(version, state)                                                \
	"<dialog-info xmlns='urn:ietf:params:xml:ns:dialog-info' "             \
	"version='" version "' state='" state                                  \
	"' entity='sip:alice@example.com'>"
#define REG(version, state)                                                    \
	"<reginfo xmlns='urn:ietf:params:xml:ns:reginfo' version='" version    \
	"' state='" state "'>"
#define CONFERENCE(version, state)                                             \
	"<conference-info xmlns='urn:ietf:params:xml:ns:conference-info' "     \
	"version='" version "' state='" state "' entity='sip:c@example.com'>"

struct watch {
	struct news *news;
	struct buf log;
};

static void watch_open(struct watch *w)
{
	w->news = news_new();
	buf_init(&w->log, 1 << 20);
}

static void watch_close(struct watch *w)
{
	news_free(w->news);
	buf_clear(&w->log);
}

/* "added STATE ID;", and what else a row has but who it is about. */
static void on_row(void *arg, const struct news_row *row)
{
	static const char *const changes[] = { "added", "changed", "removed" };
	struct watch *w = arg;

	buf_printf(&w->log, "%s", changes[row->change]);
	for (size_t i = 0; i < row->field_count; i++)
		if (row->fields[i].key != KEY_FROM)
			buf_printf(&w->log, " %.*s",
				SPAN_ARGS(row->fields[i].value));
	buf_str(&w->log, ";");
}

static struct news_result take_span(
	struct watch *w, bool is_first, struct span text)
{
	struct err e = ERR_NONE;
	struct xml_element *document = xml_document_read(text, &e);

	assert_ok(document, &e);
	struct news_result r =
		news_take(w->news, document, is_first, on_row, w);

	xml_element_free(document);
	return r;
}

static struct news_result take(struct watch *w, const char *text)
{
	return take_span(w, false, span_of(text));
}

#define assert_log(w, want)                                                    \
	do {                                                                   \
		assert_string_equal(buf_text(&(w)->log), want);                \
		buf_reset(&(w)->log);                                          \
	} while (0)

/* ---- dialog ------------------------------------------------------------------------ */

static void a_call_is_followed_from_seizing_to_its_end(void **state)
{
	struct watch w;

	(void)state;
	watch_open(&w);
	take_span(&w, true, SPAN(DIALOGS("0", "full") "</dialog-info>"));
	assert_log(&w, "");
	take(&w, DIALOGS("1", "partial") "<dialog id='as7'><state>trying"
					 "</state></dialog></dialog-info>");
	assert_log(&w, "added trying as7;");
	take(&w,
		DIALOGS("2",
			"partial") "<dialog id='as7' call-id='a84' "
				   "direction='initiator'>"
				   "<state>trying</"
				   "state><remote><identity>sip:bob@example.net"
				   "</identity></remote></dialog></"
				   "dialog-info>");
	assert_log(&w, "changed trying out sip:bob@example.net a84 as7;");
	/* Only the target of the remote party is told. */
	take(&w, DIALOGS("3",
			 "partial") "<dialog id='as7' call-id='a84' "
				    "direction='initiator'>"
				    "<state code='180'>early</state><remote>"
				    "<target "
				    "uri='sip:b@host2'/></remote></dialog></"
				    "dialog-info>");
	assert_log(&w, "changed early out sip:bob@example.net a84 as7;");
	struct news_result r = take(&w,
		DIALOGS("4",
			"partial") "<dialog id='as7'><state "
				   "reason='cancelled'>terminated</state>"
				   "</dialog><dialog id='zx' "
				   "direction='initiator'><state>"
				   "confirmed</state></dialog></dialog-info>");
	assert_log(&w, "removed terminated out sip:bob@example.net a84 as7;"
		       "added confirmed out zx;");
	assert_true(r.is_known);
	assert_false(r.wants_all || r.is_passed_over);
	/* Of one that is over nothing is kept: this is another. */
	take(&w, DIALOGS("5", "partial") "<dialog id='as7'><state>trying"
					 "</state></dialog></dialog-info>");
	assert_log(&w, "added trying as7;");
	watch_close(&w);
}

static void the_whole_state_tells_only_what_is_different(void **state)
{
	static const char whole[] =
		"<dialog id='a'><state>confirmed</state></dialog>"
		"<dialog id='b'><state>early</state></dialog></dialog-info>";
	struct watch w;

	(void)state;
	watch_open(&w);
	char *text = mem_format("%s%s", DIALOGS("7", "full"), whole);
	take_span(&w, true, span_of(text));
	assert_log(&w, "added confirmed a;added early b;");
	take(&w, text); /* as after a refresh */
	assert_log(&w, "");
	take(&w, DIALOGS("9", "full") "<dialog id='b'><state>confirmed</state>"
				      "</dialog></dialog-info>");
	assert_log(&w, "changed confirmed b;removed terminated a;");
	/* A new subscription counts from its own first number. */
	struct news_result r = take_span(&w, true,
		SPAN(DIALOGS("0", "full") "<dialog id='b'><state>confirmed"
					  "</state></dialog></dialog-info>"));
	assert_log(&w, "");
	assert_false(r.is_passed_over || r.wants_all);
	mem_free(text);
	watch_close(&w);
}

static void what_is_old_is_passed_over_and_a_gap_wants_all(void **state)
{
	struct watch w;
	struct news_result r;

	(void)state;
	watch_open(&w);
	take_span(&w, true, SPAN(DIALOGS("3", "full") "</dialog-info>"));
	r = take(&w, DIALOGS("2", "partial") "<dialog id='a'/></dialog-info>");
	assert_true(r.is_passed_over);
	assert_false(r.wants_all);
	r = take(&w, DIALOGS("3", "partial") "<dialog id='a'/></dialog-info>");
	assert_true(r.is_passed_over);
	assert_log(&w, "");
	r = take(&w, DIALOGS("5", "partial") "<dialog id='a'/></dialog-info>");
	assert_true(r.wants_all);
	assert_log(&w, "added a;");
	/* It was asked for, and is not asked for twice. */
	r = take(&w, DIALOGS("6", "partial") "<dialog id='b'/></dialog-info>");
	assert_false(r.wants_all);
	r = take(&w, DIALOGS("6", "full") "<dialog id='b'/></dialog-info>");
	assert_false(r.wants_all || r.is_passed_over);
	assert_log(&w, "added b;removed a terminated;");
	r = take(&w, DIALOGS("8", "partial") "</dialog-info>");
	assert_true(r.wants_all);
	/* A number that is none: as it comes. */
	r = take(&w, DIALOGS("-1", "partial") "<dialog id='c'/></dialog-info>");
	assert_false(r.is_passed_over);
	watch_close(&w);
}

static void a_state_that_begins_in_the_middle_wants_all(void **state)
{
	struct watch w;

	(void)state;
	watch_open(&w);
	struct news_result r = take_span(&w, true,
		SPAN(DIALOGS("0", "partial") "<dialog id='a'/></dialog-info>"));
	assert_true(r.wants_all);
	assert_log(&w, "added a;");
	watch_close(&w);
}

/* ---- reg --------------------------------------------------------------------------- */

static void contacts_are_those_of_their_registration(void **state)
{
	struct watch w;

	(void)state;
	watch_open(&w);
	take_span(&w, true,
		SPAN(REG("0",
			"full") "<registration aor='sip:a@x' id='r1' "
				"state='active'>"
				"<contact id='1' state='active' "
				"event='registered' "
				"expires='99'><uri>sip:a1</uri></contact>"
				"</registration><registration aor='sip:b@x' "
				"id='r2' "
				"state='active'><contact id='1' state='active' "
				"event='registered'><uri>sip:b1</uri></contact>"
				"</registration></reginfo>"));
	assert_log(&w, "added sip:a1 active registered 99;"
		       "added sip:b1 active registered;");
	take(&w, REG("1", "partial") "<registration aor='sip:b@x' id='r2' "
				     "state='active'>"
				     "<contact id='1' state='terminated' "
				     "event='unregistered'>"
				     "<uri>sip:b1</uri></contact><contact "
				     "id='2' state='active' "
				     "event='created'><uri>sip:b2</uri></"
				     "contact></registration>"
				     "</reginfo>");
	assert_log(&w, "removed sip:b1 terminated unregistered;"
		       "added sip:b2 active created;");
	/* That time has passed is no change. */
	take(&w, REG("2", "full") "<registration aor='sip:a@x' id='r1' "
				  "state='active'>"
				  "<contact id='1' state='active' "
				  "event='registered' "
				  "expires='60'><uri>sip:a1</uri></contact></"
				  "registration>"
				  "</reginfo>");
	assert_log(&w, "removed sip:b2 terminated created;");
	watch_close(&w);
}

/* ---- conference -------------------------------------------------------------------- */

#define WHOLE                                                                  \
	CONFERENCE("1", "full")                                                \
	"<conference-description/><users>"                                     \
	"<user entity='sip:bob'><display-text>Bob</display-text>"              \
	"<endpoint entity='sip:bob@1'><status>connected</status></endpoint>"   \
	"<endpoint entity='sip:bob@2'><status>on-hold</status></endpoint>"     \
	"</user><user entity='sip:eve'><endpoint entity='e'><status>"          \
	"connected</status></endpoint></user></users></conference-info>"

static void a_conference_is_merged_by_the_state_of_each_element(void **state)
{
	struct watch w;

	(void)state;
	watch_open(&w);
	take_span(&w, true, SPAN(WHOLE));
	assert_log(&w, "added sip:bob Bob connected;added sip:eve connected;");
	take(&w, CONFERENCE("2", "partial") "<users state='partial'><user "
					    "entity='sip:bob' state='partial'>"
					    "<endpoint entity='sip:bob@1' "
					    "state='deleted'/></user>"
					    "<user entity='sip:ann' "
					    "state='full'><display-text>Ann"
					    "</display-text></user></users></"
					    "conference-info>");
	assert_log(&w, "changed sip:bob Bob on-hold;added sip:ann Ann;");
	take(&w, CONFERENCE("3", "partial") "<users state='partial'><user "
					    "entity='sip:eve' "
					    "state='deleted'/></users></"
					    "conference-info>");
	assert_log(&w, "removed sip:eve deleted;");
	/* `users` without a state is all of them. */
	take(&w, CONFERENCE("4", "partial") "<users><user "
					    "entity='sip:ann'/></users></"
					    "conference-info>");
	assert_log(&w, "changed sip:ann;removed sip:bob Bob deleted;");
	watch_close(&w);
}

static void a_gap_in_a_conference_is_not_taken(void **state)
{
	struct watch w;
	struct news_result r;

	(void)state;
	watch_open(&w);
	take_span(&w, true, SPAN(WHOLE));
	buf_reset(&w.log);
	r = take(&w, CONFERENCE("1", "full") "</conference-info>");
	assert_true(r.is_passed_over);
	r = take(&w, CONFERENCE("3", "partial") "<users state='partial'><user "
						"entity='sip:ann'/></users>"
						"</conference-info>");
	assert_true(r.is_passed_over && r.wants_all);
	assert_log(&w, "");
	/* Section 5.2: it may have the number of the partial one. */
	r = take(&w,
		CONFERENCE("3",
			"full") "<users><user "
				"entity='sip:ann'/></users></conference-info>");
	assert_false(r.is_passed_over || r.wants_all);
	assert_log(&w, "added sip:ann;removed sip:bob Bob deleted;"
		       "removed sip:eve deleted;");
	r = take(&w, CONFERENCE("4", "deleted") "</conference-info>");
	assert_true(r.is_over);
	assert_log(&w, "removed sip:ann deleted;");
	watch_close(&w);
}

/* ---- hostile ------------------------------------------------------------------------ */

/* A peer that adds and adds: what is too much is forgotten, and wanted. */
static void the_state_has_a_limit(void **state)
{
	struct watch w;
	struct buf text = BUF_INIT(1 << 20);
	int forgotten = 0;

	(void)state;
	watch_open(&w);
	take_span(&w, true, SPAN(DIALOGS("0", "full") "</dialog-info>"));
	for (int i = 1; i <= 40; i++) {
		buf_reset(&text);
		buf_printf(&text,
			"<dialog-info "
			"xmlns='urn:ietf:params:xml:ns:dialog-info'"
			" version='%d' state='partial'>",
			i);
		for (int j = 0; j < 1000; j++)
			buf_printf(&text, "<dialog id='%d.%d'/>", i, j);
		buf_str(&text, "</dialog-info>");
		struct news_result r = take_span(&w, false, buf_view(&text));
		forgotten += r.wants_all;
		buf_reset(&w.log);
	}
	assert_int_equal(forgotten, 1);
	buf_clear(&text);
	watch_close(&w);
}

static void rows_without_a_key_or_with_the_same_are_told(void **state)
{
	struct watch w;

	(void)state;
	watch_open(&w);
	take_span(&w, true,
		SPAN(DIALOGS(
			"0", "full") "<dialog><state>early</state></dialog>"
				     "<dialog><state>trying</state></dialog></"
				     "dialog-info>"));
	assert_log(&w, "added early;added trying;");
	struct news_result r = take(&w, "<other xmlns='urn:x'/>");
	assert_false(r.is_known);
	/* One of another kind: what was before is no longer. */
	take(&w,
		REG("0",
			"partial") "<registration id='r'><contact id='c' "
				   "state='active'/></registration></reginfo>");
	assert_log(&w, "added active;");
	watch_close(&w);
}

TEST_MAIN(cmocka_unit_test(a_call_is_followed_from_seizing_to_its_end),
	cmocka_unit_test(the_whole_state_tells_only_what_is_different),
	cmocka_unit_test(what_is_old_is_passed_over_and_a_gap_wants_all),
	cmocka_unit_test(a_state_that_begins_in_the_middle_wants_all),
	cmocka_unit_test(contacts_are_those_of_their_registration),
	cmocka_unit_test(a_conference_is_merged_by_the_state_of_each_element),
	cmocka_unit_test(a_gap_in_a_conference_is_not_taken),
	cmocka_unit_test(the_state_has_a_limit),
	cmocka_unit_test(rows_without_a_key_or_with_the_same_are_told))
