/* Rooms that are remembered, and invitations to others: what is read of them,
 * on whose word, and what is kept of what others wrote. */
#include "tests/common/test.h"

#include <string.h>

#include "base/mem.h"
#include "xml/document.h"
#include "xmpp/bookmark.h"
#include "xmpp/invitation.h"
#include "xmpp/ns.h"

static struct xmpp_jid room, self;
static struct xml_element *reply;

static int setup(void **state)
{
	(void)state;
	assert_true(xmpp_jid_parse(&room, SPAN("tea@rooms.example"), NULL));
	assert_true(xmpp_jid_parse(&self, SPAN("me@our.example/here"), NULL));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	xmpp_jid_clear(&room);
	xmpp_jid_clear(&self);
	xml_element_free(reply);
	reply = NULL;
	return 0;
}

static const struct xml_element *parse(const char *text)
{
	struct err e = ERR_NONE;
	xml_element_free(reply);
	reply = xml_document_read(span_of(text), &e);
	assert_ok(reply != NULL, &e);
	return reply;
}

static void assert_written(struct xml_element *s, const char *want)
{
	struct buf out = BUF_INIT(1 << 16);
	assert_true(xmpp_stanza_format(&out, s, XMPP_NS_CLIENT, NULL));
	const char *text = buf_text(&out);
	if (!strstr(text, want))
		fail_msg("not in it: %s\n%s", want, text);
	buf_clear(&out);
	xml_element_free(s);
}

/* ---- bookmarks ---- */

#define IQ(inside) "<iq xmlns='jabber:client' type='result'>" inside "</iq>"
#define ITEMS(node, inside)                                                    \
	IQ("<pubsub xmlns='" XMPP_NS_PUBSUB "'><items node='" node "'>" inside \
	   "</items></pubsub>")
#define ITEM(id, attrs, inside)                                                \
	"<item id='" id "'><conference xmlns='" XMPP_NS_BOOKMARKS "' " attrs   \
	">" inside "</conference></item>"
#define STORAGE(inside)                                                        \
	"<storage xmlns='" XMPP_NS_BOOKMARKS_OLD "'>" inside "</storage>"
#define PRIVATE(inside)                                                        \
	IQ("<query xmlns='" XMPP_NS_PRIVATE "'>" STORAGE(inside) "</query>")
#define OLD(jid, inside)                                                       \
	"<conference jid='" jid "' autojoin='1'>" inside "</conference>"

static size_t count(enum xmpp_bookmark_place place, const char *text)
{
	struct xmpp_bookmarks all;
	struct xmpp_bookmark b;
	size_t n = 0;
	xmpp_bookmarks_begin(&all, place, parse(text));
	while (xmpp_bookmarks_next(&all, &b))
		n++;
	return n;
}

static void each_place_is_read(void **state)
{
	(void)state;
	struct xmpp_bookmark b;
	assert_true(xmpp_bookmarks_find(&b, XMPP_BOOKMARK_ITEMS,
		parse(ITEMS(XMPP_NS_BOOKMARKS,
			ITEM("a@b.example", "", "") ITEM("TEA@rooms.example",
				"name='Tea' autojoin='true'",
				"<nick>me</nick><password>p</password>"))),
		&room));
	assert_string_equal(b.jid, "TEA@rooms.example");
	assert_string_equal(b.name, "Tea");
	assert_true(span_is(b.nick, "me") && span_is(b.password, "p"));
	assert_true(b.autojoin);
	assert_true(xmpp_bookmarks_find(&b, XMPP_BOOKMARK_PEP,
		parse(ITEMS(XMPP_NS_BOOKMARKS_OLD,
			"<item>" STORAGE(OLD("tea@rooms.example", "")) "</"
								       "item"
								       ">")),
		&room));
	assert_true(b.autojoin && !b.nick.p && !b.name);
	assert_false(xmpp_bookmarks_find(&b, XMPP_BOOKMARK_ITEMS,
		parse(ITEMS(XMPP_NS_BOOKMARKS,
			ITEM("a@b.example", "name='x'", ""))),
		&room));
	assert_null(b.name);
	assert_int_equal(count(XMPP_BOOKMARK_PRIVATE,
				 PRIVATE("<url url='http://a'/>" OLD("a@b", "")
						 OLD("c@d", ""))),
		2);
}

static void what_is_not_a_bookmark_is_passed_over(void **state)
{
	(void)state;
	static const char *const rows[] = { IQ(""),
		IQ("<pubsub xmlns='" XMPP_NS_PUBSUB "'/>"),
		ITEMS("other", ITEM("a@b", "", "")),
		ITEMS(XMPP_NS_BOOKMARKS, "<item id='a@b'/>"),
		ITEMS(XMPP_NS_BOOKMARKS, "<item><conference xmlns='" //
			XMPP_NS_BOOKMARKS "'/></item>"),
		ITEMS(XMPP_NS_BOOKMARKS, "<item id='a@b'><conference "
					 "xmlns='urn:other'/></item>") };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(count(XMPP_BOOKMARK_ITEMS, rows[i]), 0);
	assert_int_equal(
		count(XMPP_BOOKMARK_PRIVATE, PRIVATE("<conference/>")), 0);
}

static void what_others_wrote_is_kept(void **state)
{
	(void)state;
	struct xmpp_bookmark b;
	const struct xml_element *old = parse(ITEMS(
		XMPP_NS_BOOKMARKS, ITEM("tea@rooms.example", "autojoin='true'",
					   "<nick>old</nick><extensions><state "
					   "xmlns='urn:x'/></extensions>")));
	assert_true(xmpp_bookmarks_find(&b, XMPP_BOOKMARK_ITEMS, old, &room));
	b.nick = SPAN("new");
	assert_written(
		xmpp_bookmark_make_put(XMPP_BOOKMARK_ITEMS, old, &room, &b),
		"<item id='tea@rooms.example'><conference "
		"xmlns='" XMPP_NS_BOOKMARKS "' autojoin='true'><nick>new</nick>"
		"<extensions><state xmlns='urn:x'/></extensions>"
		"</conference></item>");
	old = parse(PRIVATE("<url url='http://a'/>" OLD("tea@rooms.example",
		"<nick>me</nick><x xmlns='urn:y'/>") OLD("a@b", "")));
	assert_true(xmpp_bookmarks_find(&b, XMPP_BOOKMARK_PRIVATE, old, &room));
	b.autojoin = false;
	assert_written(
		xmpp_bookmark_make_put(XMPP_BOOKMARK_PRIVATE, old, &room, &b),
		STORAGE("<url url='http://a'/>"
			"<conference jid='a@b' autojoin='1'/>"
			"<conference jid='tea@rooms.example'>"
			"<nick>me</nick><x xmlns='urn:y'/></conference>"));
	assert_written(
		xmpp_bookmark_make_remove(XMPP_BOOKMARK_PRIVATE, old, &room),
		STORAGE("<url url='http://a'/>"
			"<conference jid='a@b' autojoin='1'/>"));
}

static void what_is_published_is_for_us_alone(void **state)
{
	(void)state;
	struct xmpp_bookmark b = { .name = "Tea" };
	static const char *const wanted[] = {
		"<publish node='" XMPP_NS_BOOKMARKS "'>",
		"<value>" XMPP_NS_PUBLISH_OPTIONS "</value>",
		"<field var='pubsub#access_model'><value>whitelist</value>",
		"<field var='pubsub#persist_items'><value>true</value>",
		"<field var='pubsub#max_items'><value>max</value>"
	};
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		assert_written(xmpp_bookmark_make_put(
				       XMPP_BOOKMARK_ITEMS, NULL, &room, &b),
			wanted[i]);
	assert_written(
		xmpp_bookmark_make_put(XMPP_BOOKMARK_PEP, NULL, &room, &b),
		"<field var='pubsub#access_model'><value>whitelist</value>");
	assert_written(
		xmpp_bookmark_make_remove(XMPP_BOOKMARK_ITEMS, NULL, &room),
		"<retract node='" XMPP_NS_BOOKMARKS "' notify='true'>"
		"<item id='tea@rooms.example'/></retract>");
}

/* ---- invitations ---- */

#define INVITE(from)                                                           \
	"<x xmlns='" XMPP_NS_MUC_USER "'><invite from='" from                  \
	"'><reason>tea</reason></invite></x>"
#define DIRECT(jid)                                                            \
	"<x xmlns='" XMPP_NS_CONFERENCE "' jid='" jid "' reason='tea'/>"
#define MESSAGE(attrs, inside)                                                 \
	"<message xmlns='jabber:client' " attrs ">" inside "</message>"

static bool is_invited(const char *text, struct xmpp_invitation *i)
{
	struct xmpp_message m;
	xmpp_message_read(&m, parse(text), &self, false);
	return xmpp_invitation_read(i, &m);
}

static void an_invitation_is_of_the_room_or_of_its_sender(void **state)
{
	(void)state;
	struct xmpp_invitation i;
	assert_true(is_invited(
		MESSAGE("from='tea@rooms.example'", INVITE("bob@b.example/x")),
		&i));
	assert_string_equal(i.from, "bob@b.example/x");
	assert_string_equal(i.room, "tea@rooms.example");
	assert_true(span_is(i.reason, "tea"));
	assert_true(is_invited(
		MESSAGE("from='bob@b.example/x'", DIRECT("tea@rooms.example")),
		&i));
	assert_string_equal(i.from, "bob@b.example/x");
	assert_string_equal(i.room, "tea@rooms.example");
	/* Both: the room's is for its own room. */
	assert_true(is_invited(
		MESSAGE("from='tea@rooms.example'",
			INVITE("bob@b.example") DIRECT("evil@rooms.example")),
		&i));
	assert_string_equal(i.room, "tea@rooms.example");
}

static void and_of_nobody_else(void **state)
{
	(void)state;
	struct xmpp_invitation i;
	static const char *const rows[] = {
		/* somebody in the room speaks in its name */
		MESSAGE("from='tea@rooms.example/evil'",
			INVITE("bob@b.example")),
		MESSAGE("from='rooms.example'", INVITE("bob@b.example")),
		MESSAGE("from='tea@rooms.example'", INVITE("@")),
		MESSAGE("from='bob@b.example/x'", DIRECT("rooms.example")),
		MESSAGE("from='bob@b.example/x'", DIRECT("a@b/c")),
		MESSAGE("from='bob@b.example/x'", DIRECT("@")),
		MESSAGE("", DIRECT("tea@rooms.example")),
		/* our own comes back */
		MESSAGE("from='bob@b.example' type='error'",
			DIRECT("tea@rooms.example")),
		MESSAGE("from='tea@rooms.example' type='groupchat'",
			INVITE("bob@b.example")),
		/* within what claims to be a carbon */
		MESSAGE("from='evil@b.example'",
			"<received xmlns='" XMPP_NS_CARBONS
			"'><forwarded xmlns='" XMPP_NS_FORWARD "'>" MESSAGE(
				"from='tea@rooms.example' to='me@our.example'",
				INVITE("bob@b.example")) "</forwarded></"
							 "received>")
	};
	for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++)
		if (is_invited(rows[n], &i))
			fail_msg("believed: %s", rows[n]);
}

#define ROOMED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
TEST_MAIN(ROOMED(each_place_is_read),
	ROOMED(what_is_not_a_bookmark_is_passed_over),
	ROOMED(what_others_wrote_is_kept),
	ROOMED(what_is_published_is_for_us_alone),
	ROOMED(an_invitation_is_of_the_room_or_of_its_sender),
	ROOMED(and_of_nobody_else))
