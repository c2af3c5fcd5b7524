/* The roster as it was read, and what is set of it (RFC 6121 section 2). */
#include "tests/common/test.h"

#include <string.h>

#include "xmpp/ns.h"
#include "xmpp/roster.h"

static struct xml_element *reply(const char *const *jids, size_t count)
{
	struct xml_element *s = xmpp_iq_make("result", NULL);
	struct xml_element *query =
		xml_element_child(s, "query", XMPP_NS_ROSTER);
	for (size_t i = 0; i < count; i++)
		xml_element_attr(
			xml_element_child(query, "item", NULL), "jid", jids[i]);
	return s;
}

static void items_are_found_and_come_in_their_order(void **state)
{
	(void)state;
	static const char *const jids[] = { "b@x", NULL, "a@x", "b@x", "c" };
	struct xml_element *s = reply(jids, 5);
	struct xmpp_roster *r = xmpp_roster_new(s);
	xml_element_free(s); /* it is copied */
	struct buf all = BUF_INIT(100);
	const struct xmpp_roster_item *item = NULL;
	while ((item = xmpp_roster_next(r, item)))
		buf_printf(&all, "%s|", item->jid);
	assert_string_equal(buf_text(&all), "b@x|a@x|c|");
	assert_string_equal(xmpp_roster_find(r, "a@x")->jid, "a@x");
	assert_null(xmpp_roster_find(r, "A@x"));
	buf_clear(&all);
	xmpp_roster_free(r);
}

static void a_reply_without_a_roster_has_nobody(void **state)
{
	(void)state;
	struct xml_element *s = xmpp_iq_make("result", NULL);
	struct xmpp_roster *r = xmpp_roster_new(s);
	assert_null(xmpp_roster_next(r, NULL));
	assert_null(xmpp_roster_find(r, "a@x"));
	xmpp_roster_free(r);
	xmpp_roster_free(NULL);
	xml_element_free(s);
}

static void a_set_has_the_whole_item(void **state)
{
	(void)state;
	static const char *const groups[] = { "a", "b & c" };
	struct xml_element *s = xmpp_roster_make_set("a@x", "A", groups, 2);
	struct buf text = BUF_INIT(1000);
	assert_true(xmpp_stanza_format(&text, s, XMPP_NS_CLIENT, NULL));
	assert_string_equal(buf_text(&text),
		"<iq type='set'><query xmlns='jabber:iq:roster'>"
		"<item jid='a@x' name='A'><group>a</group>"
		"<group>b &amp; c</group></item></query></iq>");
	xml_element_free(s);
	buf_reset(&text);
	s = xmpp_roster_make_remove("a@x");
	assert_true(xmpp_stanza_format(&text, s, XMPP_NS_CLIENT, NULL));
	assert_string_equal(buf_text(&text),
		"<iq type='set'><query xmlns='jabber:iq:roster'>"
		"<item jid='a@x' subscription='remove'/></query></iq>");
	xml_element_free(s);
	buf_clear(&text);
}

TEST_MAIN(cmocka_unit_test(items_are_found_and_come_in_their_order),
	cmocka_unit_test(a_reply_without_a_roster_has_nobody),
	cmocka_unit_test(a_set_has_the_whole_item))
