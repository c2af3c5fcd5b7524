/* What xmppserve keeps of what is said, and whom it tells (XEP-0313, XEP-0059,
 * XEP-0359, XEP-0334). */
#include "tests/common/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/xmppserve/archive.h"
#include "tests/xmppserve/house.h"
#include "xmpp/ns.h"

static struct session *alice, *bob;
static char ids[8][ARCHIVE_ID_SIZE]; /* of bob's, the oldest first */

static void learn_ids(void)
{
	size_t i = 0;
	LIST_EACH(&bob->user->archive, at)
	if (i < 8)
		strcpy(ids[i++], LIST_ITEM(at, struct archived, link)->id);
}

static void talk(const char *body)
{
	char *xml = mem_format("<message to='bob@~' type='chat'><body>%s"
			       "</body></message>",
		body);
	house_say(alice, xml);
	mem_free(xml);
}

/* bob is there, and five messages have come. */
static int setup(void **state)
{
	static const char *const bodies[] = { "a", "b", "c", "d", "e" };
	house_setup(state);
	house.server.archive = true;
	alice = house_enter("alice", "x", 0);
	bob = house_enter("bob", "y", 0);
	for (size_t i = 0; i < 5; i++)
		talk(bodies[i]);
	house_forget((struct session *[]){ alice, bob }, 2);
	learn_ids();
	return 0;
}

/* What c is told: bodies, then [count first last] of <fin/>, with ids as their
 * letter, and "." where it is complete; or a condition. */
static const char *answer(struct session *c)
{
	static char text[512];
	struct buf out = BUF_INIT(sizeof(text) - 1);
	struct xml_element *s;
	while ((s = queue_take(&c->outbox))) {
		const struct xml_element *at =
			xml_element_find(s, "result", XMPP_NS_MAM);
		const struct xml_element *fin =
			xml_element_find(s, "fin", XMPP_NS_MAM);
		const struct xml_element *error =
			xml_element_find(s, "error", NULL);
		if (at) {
			at = xml_element_find(at, "forwarded", NULL);
			assert_non_null(
				xml_element_find(at, "delay", XMPP_NS_DELAY));
			at = xml_element_find(at, "message", XMPP_NS_CLIENT);
			buf_span(
				&out, xml_element_child_text(at, "body", NULL));
		} else if (fin) {
			const struct xml_element *set =
				xml_element_find(fin, "set", XMPP_NS_RSM);
			buf_printf(&out, "[%.*s",
				SPAN_ARGS(xml_element_child_text(
					set, "count", NULL)));
			for (size_t end = 0; end < 2; end++)
				for (size_t i = 0; i < 5; i++)
					if (span_is(xml_element_child_text(set,
							    end ? "last"
								: "first",
							    NULL),
						    ids[i]))
						buf_printf(&out, " %c",
							"abcde"[i]);
			buf_str(&out,
				xml_element_attr_is(fin, "complete", "true")
					? " .]"
					: "]");
		} else if (error) {
			buf_str(&out, xml_element_find(
					      error, NULL, XMPP_NS_STANZA_ERROR)
					      ->name);
		}
		xml_element_free(s);
	}
	timer_stop(c->limit);
	assert_true(span_copy(text, sizeof(text), buf_view(&out)));
	buf_clear(&out);
	return text;
}

static void ask(struct session *c, const char *to, const char *query)
{
	char *xml =
		mem_format("<iq type='set' id='q'%s><query xmlns='" XMPP_NS_MAM
			   "' queryid='f'>%s</query></iq>",
			to, query);
	house_say(c, xml);
	mem_free(xml);
}

/* With an id in it, where there is a "%s". */
static void check(const char *query, const char *id, const char *expected)
{
	const char *at = strstr(query, "%s");
	char *filled = at ? mem_format("%.*s%s%s", (int)(at - query), query, id,
				    at + 2)
			  : mem_str(query);
	ask(bob, "", filled);
	const char *came = answer(bob);
	if (strcmp(came, expected) != 0)
		fail_msg("%s: expected \"%s\", came \"%s\"", filled, expected,
			came);
	mem_free(filled);
}

#define SET(x) "<set xmlns='" XMPP_NS_RSM "'>" x "</set>"
#define FORM(var, value)                                                       \
	"<x xmlns='" XMPP_NS_DATA "' type='submit'><field var='FORM_TYPE' "    \
	"type='hidden'><value>" XMPP_NS_MAM "</value></field><field var='" var \
	"'><value>" value "</value></field></x>"

static void it_is_read_in_pages_from_either_end(void **state)
{
	(void)state;
	check("", "", "abcde[5 a e .]");
	check(SET("<max>2</max>"), "", "ab[5 a b]");
	check(SET("<max>2</max><after>%s</after>"), ids[1], "cd[5 c d]");
	check(SET("<max>2</max><after>%s</after>"), ids[3], "e[5 e e .]");
	check(SET("<max>2</max><after>%s</after>"), ids[4], "[5 .]");
	check(SET("<max>2</max><before/>"), "", "de[5 d e]");
	check(SET("<max>2</max><before>%s</before>"), ids[3], "bc[5 b c]");
	check(SET("<max>2</max><before>%s</before>"), ids[1], "a[5 a a .]");
	check(SET("<max>0</max>"), "", "[5]");
	check(SET("<max>4294967295</max>"), "", "abcde[5 a e .]");
}

static void what_is_asked_badly_is_refused(void **state)
{
	(void)state;
	check(SET("<after>nobody</after>"), "", "item-not-found");
	check(SET("<before>nobody</before>"), "", "item-not-found");
	check(SET("<max>-1</max>"), "", "bad-request");
	check(SET("<max>many</max>"), "", "bad-request");
	check(FORM("start", "yesterday"), "", "bad-request");
	check(FORM("with", "@"), "", "bad-request");
}

static void it_is_chosen_by_time_and_by_whom(void **state)
{
	(void)state;
	check(FORM("start", "2100-01-01T00:00:00Z"), "", "[0 .]");
	check(FORM("end", "1970-01-01T00:00:01Z"), "", "[0 .]");
	check(FORM("end", "2100-01-01T00:00:00Z"), "", "abcde[5 a e .]");
	house_say(bob, "<message to='carol@~' type='chat'><body>f</body>"
		       "</message>");
	check(FORM("with", "carol@" HOUSE_DOMAIN), "", "f[1 .]");
	check(FORM("with", "alice@" HOUSE_DOMAIN) SET("<max>1</max>"), "",
		"a[5 a a]");
	check(FORM("with", "alice@" HOUSE_DOMAIN "/x") SET("<max>1</max>"), "",
		"a[5 a a]");
	check(FORM("with", "alice@" HOUSE_DOMAIN "/other"), "", "[0 .]");
}

static void it_is_ones_own(void **state)
{
	(void)state;
	ask(alice, " to='bob@~'", "");
	assert_string_equal(answer(alice), "forbidden");
	/* Hers has what she sent, with ids of its own. */
	ask(alice, "", "");
	assert_string_equal(answer(alice), "abcde[5 a e .]");
	house.server.archive = false;
	check("", "", "service-unavailable");
}

static void some_is_not_kept(void **state)
{
	static const char *const passing[] = {
		"<message to='bob@~' type='headline'><body>x</body></message>",
		"<message to='bob@~' type='chat'><body>x</body>"
		"<no-store xmlns='urn:xmpp:hints'/></message>",
		"<message to='bob@~' type='chat'><body>x</body>"
		"<no-permanent-store xmlns='urn:xmpp:hints'/></message>",
		"<message to='bob@~' type='chat'><composing "
		"xmlns='http://jabber.org/protocol/chatstates'/></message>",
		"<message to='bob@~' type='error'><body>x</body></message>",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		house_say(alice, passing[i]);
	house_forget((struct session *[]){ alice, bob }, 2);
	check("", "", "abcde[5 a e .]");
	house_say(alice, "<message to='bob@~'><subject>s</subject></message>");
	house_forget((struct session *[]){ bob }, 1);
	check(SET("<max>0</max>"), "", "[6]");
}

static void who_gets_it_knows_its_id_and_no_other(void **state)
{
	(void)state;
	house_say(alice,
		"<message to='bob@~/y' type='chat'><body>f</body>"
		"<stanza-id xmlns='urn:xmpp:sid:0' by='bob@~' id='forged'/>"
		"<stanza-id xmlns='urn:xmpp:sid:0' by='bob@~' id='again'/>"
		"<stanza-id xmlns='urn:xmpp:sid:0' by='room@far' id='good'/>"
		"</message>");
	struct xml_element *s = queue_take(&bob->outbox);
	const struct archived *last =
		LIST_ITEM(bob->user->archive.prev, struct archived, link);
	unsigned ours = 0, others = 0;
	XML_ELEMENT_EACH(s, at, "stanza-id", XMPP_NS_SID)
	if (xml_element_attr_is(at, "by", "bob@" HOUSE_DOMAIN)) {
		ours++;
		assert_true(xml_element_attr_is(at, "id", last->id));
	} else {
		others++;
	}
	assert_int_equal(ours, 1);
	assert_int_equal(others, 1);
	xml_element_free(s);
	/* The id in hers is not told to him. */
	last = LIST_ITEM(alice->user->archive.prev, struct archived, link);
	XML_ELEMENT_EACH(last->message, at, "stanza-id", XMPP_NS_SID)
	assert_false(xml_element_attr_is(at, "by", "alice@" HOUSE_DOMAIN));
}

static void the_oldest_go_when_it_is_full(void **state)
{
	(void)state;
	for (size_t i = 5; i <= ARCHIVE_MAX; i++) {
		talk("z");
		house_forget((struct session *[]){ bob }, 1);
	}
	assert_int_equal(bob->user->archive_count, ARCHIVE_MAX);
	check(SET("<max>2</max>"), "", "bc[10000 b c]");
	check(SET("<after>%s</after>"), ids[0], "item-not-found");
	archive_forget_all(bob->user);
	assert_int_equal(bob->user->archive_count, 0);
	assert_int_equal(bob->user->archive_memory, 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, house_teardown)

TEST_MAIN(T(it_is_read_in_pages_from_either_end),
	T(what_is_asked_badly_is_refused), T(it_is_chosen_by_time_and_by_whom),
	T(it_is_ones_own), T(some_is_not_kept),
	T(who_gets_it_knows_its_id_and_no_other),
	T(the_oldest_go_when_it_is_full))
