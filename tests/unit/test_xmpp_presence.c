/* Presence, read and made (RFC 6121 section 4.7). */
#include "tests/common/test.h"

#include <string.h>

#include "xmpp/ns.h"
#include "xmpp/presence.h"

static struct xml_element *presence(
	const char *type, const char *show, const char *priority)
{
	struct xml_element *s = xml_element_new("presence", XMPP_NS_CLIENT);
	xml_element_attr(s, "type", type);
	if (show)
		xml_element_text(xml_element_child(s, "show", NULL), show);
	if (priority)
		xml_element_text(
			xml_element_child(s, "priority", NULL), priority);
	return s;
}

static void show_is_one_of_four_words_or_nothing(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum xmpp_show show;
	} rows[] = { { NULL, XMPP_SHOW_NONE }, { "away", XMPP_SHOW_AWAY },
		{ "chat", XMPP_SHOW_CHAT }, { "dnd", XMPP_SHOW_DND },
		{ "xa", XMPP_SHOW_XA }, { " xa\n", XMPP_SHOW_XA },
		{ "XA", XMPP_SHOW_NONE }, { "gone", XMPP_SHOW_NONE },
		{ "", XMPP_SHOW_NONE } };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct xml_element *s = presence(NULL, rows[i].text, NULL);
		struct xmpp_presence p;
		assert_true(xmpp_presence_parse(&p, s));
		if (p.show != rows[i].show)
			fail_msg("%s: %d", rows[i].text, p.show);
		xml_element_free(s);
	}
}

static void priority_is_a_signed_byte(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int value;
	} rows[] = { { NULL, 0 }, { "5", 5 }, { "127", 127 }, { "-128", -128 },
		{ "128", 0 }, { "-129", 0 }, { "1.5", 0 }, { "--1", 0 },
		{ " -1 ", -1 }, { "+3", 3 }, { "99999999999999999999", 0 } };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct xml_element *s = presence(NULL, NULL, rows[i].text);
		struct xmpp_presence p;
		assert_true(xmpp_presence_parse(&p, s));
		if (p.priority != rows[i].value)
			fail_msg("%s: %d", rows[i].text, p.priority);
		xml_element_free(s);
	}
}

static void a_type_that_is_none_is_no_presence(void **state)
{
	(void)state;
	static const struct {
		const char *type;
		bool good;
		enum xmpp_presence_type value;
	} rows[] = { { NULL, true, XMPP_PRESENCE_AVAILABLE },
		{ "unavailable", true, XMPP_PRESENCE_UNAVAILABLE },
		{ "subscribe", true, XMPP_PRESENCE_SUBSCRIBE },
		{ "error", true, XMPP_PRESENCE_ERROR },
		{ "available", false, 0 }, { "", false, 0 } };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct xml_element *s = presence(rows[i].type, NULL, NULL);
		struct xmpp_presence p;
		bool good = xmpp_presence_parse(&p, s);
		if (good != rows[i].good || (good && p.type != rows[i].value))
			fail_msg("type %s: %d", rows[i].type, good);
		xml_element_free(s);
	}
}

static void what_is_made_reads_as_the_same(void **state)
{
	(void)state;
	struct xmpp_presence p = { .show = XMPP_SHOW_DND,
		.status = SPAN("in a <meeting> & busy"),
		.priority = -7 };
	struct xml_element *s = xmpp_presence_make(&p);
	struct xmpp_presence again;
	assert_true(xmpp_presence_parse(&again, s));
	assert_int_equal(again.type, XMPP_PRESENCE_AVAILABLE);
	assert_int_equal(again.show, XMPP_SHOW_DND);
	assert_span(again.status, "in a <meeting> & busy");
	assert_int_equal(again.priority, -7);
	xml_element_free(s);
	p = (struct xmpp_presence){ 0 };
	s = xmpp_presence_make(&p);
	assert_null(s->first);
	assert_null(s->attrs);
	xml_element_free(s);
}

TEST_MAIN(cmocka_unit_test(show_is_one_of_four_words_or_nothing),
	cmocka_unit_test(priority_is_a_signed_byte),
	cmocka_unit_test(a_type_that_is_none_is_no_presence),
	cmocka_unit_test(what_is_made_reads_as_the_same))
