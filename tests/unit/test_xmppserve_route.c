/* Where xmppserve sends what its clients say: RFC 6120 section 10, RFC 6121
 * section 8, in the table's order; and what comes back. */
#include "tests/common/test.h"

#include <string.h>

#include "base/mem.h"
#include "tests/xmppserve/house.h"

/* ---- messages, by table 1 of section 8.5.4 ---- */

/* Who is there of bob's, and to whom alice writes: what each hears. */
static void check_message(const char *what, struct session *alice,
	struct session *const *bobs, size_t count, const char *to,
	const char *type, const char *expected)
{
	char *xml = mem_format(
		"<message to='%s' type='%s' id='1'><body>x</body></message>",
		to, type);
	struct buf came = BUF_INIT(4096);
	house_say(alice, xml);
	for (size_t i = 0; i < count; i++)
		if (*house_hear(bobs[i]))
			buf_printf(&came, "%s ",
				bobs[i]->jid.text + strlen("bob@our."
							   "example/"));
	const char *back = house_hear(alice);
	if (strstr(back, "service-unavailable"))
		buf_str(&came, "bounced ");
	else if (*back)
		buf_str(&came, back);
	size_t stored = user_find(&house.server, SPAN("bob"))->offline.count;
	if (stored)
		buf_str(&came, "stored ");
	queue_clear(&user_find(&house.server, SPAN("bob"))->offline);
	if (strcmp(buf_text(&came), expected) != 0)
		fail_msg("%s, %s to %s: expected \"%s\", came \"%s\"", what,
			type, to, expected, buf_text(&came));
	buf_clear(&came);
	mem_free(xml);
}

static const char *const types[] = { "normal", "chat", "groupchat", "headline",
	"error" };
#define TYPES 5

struct rule {
	const char *to;
	const char *expected[TYPES];
};

static void check_rules(const char *what, struct session *const *bobs,
	size_t count, const struct rule *rules, size_t rule_count)
{
	struct session *alice = house_bind("alice", "a");
	house_forget(bobs, count);
	for (size_t i = 0; i < rule_count; i++)
		for (size_t t = 0; t < TYPES; t++)
			check_message(what, alice, bobs, count, rules[i].to,
				types[t], rules[i].expected[t]);
}

static void messages_to_an_account_that_does_not_exist(void **state)
{
	(void)state;
	check_rules("nobody", NULL, 0,
		(const struct rule[]){
			{ "eve@~", { "bounced ", "bounced ", "bounced ", "",
					   "" } },
			{ "eve@~/x", { "bounced ", "bounced ", "bounced ",
					     "bounced ", "" } },
		},
		2);
}

static void messages_to_an_account_without_resources(void **state)
{
	(void)state;
	check_rules("no resources", NULL, 0,
		(const struct rule[]){
			{ "bob@~",
				{ "stored ", "stored ", "bounced ", "", "" } },
			{ "bob@~/x", { "bounced ", "stored ", "bounced ",
					     "bounced ", "" } },
		},
		2);
}

/* Section 8.5.2.1.1: as if there were none; connected without presence is no
 * more than that. */
static void messages_to_resources_of_negative_priority(void **state)
{
	(void)state;
	struct session *bobs[] = { house_enter("bob", "minus", -1),
		house_bind("bob", "quiet") };
	check_rules("negative", bobs, 2,
		(const struct rule[]){
			{ "bob@~",
				{ "stored ", "stored ", "bounced ", "", "" } },
			{ "bob@~/minus", { "minus ", "minus ", "minus ",
						 "minus ", "minus " } },
			{ "bob@~/quiet", { "quiet ", "quiet ", "quiet ",
						 "quiet ", "quiet " } },
			{ "bob@~/x", { "bounced ", "stored ", "bounced ",
					     "bounced ", "" } },
		},
		4);
}

static void messages_to_one_resource(void **state)
{
	(void)state;
	struct session *bobs[] = { house_enter("bob", "one", 0),
		house_enter("bob", "minus", -1) };
	check_rules("one", bobs, 2,
		(const struct rule[]){
			{ "bob@~", { "one ", "one ", "bounced ", "one ", "" } },
			{ "bob@~/one",
				{ "one ", "one ", "one ", "one ", "one " } },
			{ "bob@~/x", { "bounced ", "one ", "bounced ",
					     "bounced ", "" } },
		},
		3);
}

static void messages_to_several_resources(void **state)
{
	(void)state;
	struct session *bobs[] = { house_enter("bob", "low", 0),
		house_enter("bob", "high", 5), house_enter("bob", "same", 5),
		house_enter("bob", "minus", -1) };
	check_rules("several", bobs, 4,
		(const struct rule[]){
			{ "bob@~", { "same ", "same ", "bounced ",
					   "low high same ", "" } },
			{ "bob@~/low",
				{ "low ", "low ", "low ", "low ", "low " } },
			{ "bob@~/x", { "bounced ", "same ", "bounced ",
					     "bounced ", "" } },
		},
		3);
}

/* Section 8.5.2.1.1: `to` is not rewritten; RFC 6120 section 8.1.2.1: `from`
 * is, whatever the client says. */
static void addresses_are_the_servers_word(void **state)
{
	(void)state;
	struct session *alice = house_bind("alice", "a");
	struct session *bob = house_enter("bob", "b", 0);
	house_say(alice, "<message to='bob@~' from='carol@~/x' type='chat'>"
			 "<body>hello</body></message>");
	assert_heard(bob, "message chat alice@~/a > bob@~: hello");
	house_say(alice, "<message to='BOB@~' type='chat'><body>hello</body>"
			 "</message>");
	assert_heard(bob, "message chat alice@~/a > BOB@~: hello");
}

static void a_message_to_nobody_is_to_oneself(void **state)
{
	(void)state;
	struct session *alice = house_enter("alice", "a", 0);
	struct session *other = house_enter("alice", "b", 1);
	house_forget((struct session *[]){ alice, other }, 2);
	house_say(alice, "<message><body>note</body></message>");
	assert_heard(other, "message - alice@~/a > -: note");
	assert_heard(alice, "");
}

static void what_has_no_way_comes_back(void **state)
{
	(void)state;
	struct session *alice = house_bind("alice", "a");
	static const struct {
		const char *said, *back;
	} rows[] = {
		{ "<message to='bob@far.example'><body>x</body></message>",
			"message error bob@far.example > alice@~/a: "
			"remote-server-not-found" },
		{ "<iq to='far.example' type='get' id='1'>"
		  "<ping xmlns='urn:xmpp:ping'/></iq>",
			"iq error far.example > alice@~/a: "
			"remote-server-not-found" },
		{ "<message to='@'><body>x</body></message>",
			"message error @ > alice@~/a: jid-malformed" },
		{ "<message to='~'><body>x</body></message>",
			"message error ~ > alice@~/a: service-unavailable" },
		{ "<message to='far.example' type='error'/>", "" },
		{ "<iq to='far.example' type='result' id='1'/>", "" },
		{ "<presence to='bob@~' type='here'/>",
			"presence error bob@~ > alice@~/a: bad-request" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		house_say(alice, rows[i].said);
		assert_heard(alice, rows[i].back);
	}
}

/* ---- offline storage ---- */

static void what_was_stored_comes_first_in_order_and_with_its_time(void **state)
{
	(void)state;
	struct session *alice = house_bind("alice", "a");
	house_say(alice, "<message to='bob@~'><body>1</body></message>"
			 "<message to='bob@~' type='chat'><body>2</body>"
			 "</message>");
	struct session *bob = house_bind("bob", "b");
	assert_heard(bob, "");
	house_say(bob, "<presence><priority>-1</priority></presence>");
	assert_heard(bob, "presence - bob@~/b > bob@~");
	house_say(bob, "<presence/>");
	house_say(alice, "<message to='bob@~'><body>3</body></message>");
	assert_heard(bob, "presence - bob@~/b > bob@~"
			  "|message - alice@~/a > bob@~: 1 (delay)"
			  "|message chat alice@~/a > bob@~: 2 (delay)"
			  "|message - alice@~/a > bob@~: 3");
}

/* XEP-0160 section 3; but a receipt is worth keeping. */
static void chat_states_alone_are_not_stored(void **state)
{
	(void)state;
	struct session *alice = house_bind("alice", "a");
	house_say(alice, "<message to='bob@~' type='chat'><composing "
			 "xmlns='http://jabber.org/protocol/chatstates'/>"
			 "<thread>t</thread></message>"
			 "<message to='bob@~' type='chat'><received "
			 "xmlns='urn:xmpp:receipts' id='1'/></message>");
	assert_int_equal(
		user_find(&house.server, SPAN("bob"))->offline.count, 1);
	assert_heard(alice, "");
}

static void over_the_bound_of_the_store_it_comes_back(void **state)
{
	(void)state;
	struct session *alice = house_bind("alice", "a");
	for (int i = 0; i < OFFLINE_MAX; i++)
		house_say(alice, "<message to='bob@~'><body>x</body>"
				 "</message>");
	assert_heard(alice, "");
	house_say(alice, "<message to='bob@~'><body>x</body></message>");
	assert_heard(
		alice, "message error bob@~ > alice@~/a: service-unavailable");
}

/* ---- a resource that goes ---- */

/* XEP-0198 section 4: what was not acknowledged, or never written. */
static void what_a_resource_did_not_get_goes_to_another(void **state)
{
	(void)state;
	struct session *alice = house_bind("alice", "a");
	struct session *bob = house_enter("bob", "b", 5);
	struct session *other = house_enter("bob", "other", 0);
	house_hear(bob);
	house_say(alice, "<message to='bob@~'><body>1</body></message>"
			 "<message to='bob@~/b'><body>2</body></message>"
			 "<iq to='bob@~/b' type='result' id='1'/>"
			 "<message to='bob@~' type='groupchat'/>");
	house_hear(alice);
	session_drop(bob);
	assert_heard(other, "presence unavailable bob@~/b > bob@~"
			    "|message - alice@~/a > bob@~: 1"
			    "|message - alice@~/a > bob@~/b: 2");
	assert_heard(alice, "");
}

static void what_the_last_resource_did_not_get_is_stored_in_front(void **state)
{
	(void)state;
	struct session *alice = house_bind("alice", "a");
	struct session *bob = house_enter("bob", "b", 0);
	house_say(alice, "<message to='bob@~'><body>1</body></message>"
			 "<message to='bob@~'><body>2</body></message>");
	house_say(bob, "<presence><priority>-1</priority></presence>");
	house_say(alice, "<message to='bob@~'><body>3</body></message>");
	session_drop(bob);
	bob = house_bind("bob", "again");
	house_say(bob, "<presence/>");
	assert_heard(bob, "presence - bob@~/again > bob@~"
			  "|message - alice@~/a > bob@~: 1 (delay)"
			  "|message - alice@~/a > bob@~: 2 (delay)"
			  "|message - alice@~/a > bob@~: 3 (delay)");
}

static void a_request_that_did_not_arrive_is_answered_with_an_error(
	void **state)
{
	(void)state;
	struct session *alice = house_enter("alice", "a", 0);
	struct session *other = house_enter("alice", "b", 0);
	house_forget((struct session *[]){ alice, other }, 2);
	house_say(alice, "<iq to='alice@~/b' type='get' id='1'>"
			 "<time xmlns='urn:xmpp:time'/></iq>");
	session_drop(other);
	assert_heard(alice, "presence unavailable alice@~/b > alice@~"
			    "|iq error alice@~/b > alice@~/a: "
			    "service-unavailable");
}

/* RFC 6120 section 7.7.2.2: the newer one stays; whoever sees the name go
 * sees it come back behind that. */
static void the_newer_of_two_of_a_name_stays(void **state)
{
	(void)state;
	struct session *watcher = house_enter("bob", "watch", 0);
	house_enter("bob", "twin", 0);
	house_hear(watcher);
	buf_reset(&house.events);
	struct session *newer = house_bind("bob", "twin");
	house_say(newer, "<presence/>");
	assert_heard(watcher, "presence unavailable bob@~/twin > bob@~"
			      "|presence - bob@~/twin > bob@~");
	assert_span(buf_view(&house.events), "bound bob@our.example/twin|");
}

/* ---- requests (sections 8.5.1, 8.5.2.1.3, 8.5.3) ---- */

#define PING(to)                                                               \
	"<iq to='" to "' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>"
#define TIME(to)                                                               \
	"<iq to='" to "' type='get' id='1'><time xmlns='urn:xmpp:time'/></iq>"

static void requests_to_servers_and_accounts_are_answered_for_them(void **state)
{
	(void)state;
	struct session *alice = house_bind("alice", "a");
	struct session *bob = house_enter("bob", "b", 0);
	static const struct {
		const char *said, *back;
	} rows[] = {
		{ PING("~"), "iq result ~ > alice@~/a" },
		{ PING("bob@~"), "iq result bob@~ > alice@~/a" },
		{ PING("alice@~"), "iq result alice@~ > alice@~/a" },
		{ "<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>",
			"iq result - > alice@~/a" },
		{ TIME("~"), "iq error ~ > alice@~/a: service-unavailable" },
		{ TIME("bob@~"),
			"iq error bob@~ > alice@~/a: service-unavailable" },
		{ TIME("eve@~"),
			"iq error eve@~ > alice@~/a: service-unavailable" },
		{ TIME("eve@~/x"),
			"iq error eve@~/x > alice@~/a: service-unavailable" },
		{ TIME("bob@~/x"),
			"iq error bob@~/x > alice@~/a: service-unavailable" },
		{ PING("eve@~"),
			"iq error eve@~ > alice@~/a: service-unavailable" },
		{ "<iq to='bob@~' type='get' id='1'>"
		  "<query xmlns='jabber:iq:roster'/></iq>",
			"iq error bob@~ > alice@~/a: forbidden" },
		{ "<iq to='bob@~' type='set' id='1'>"
		  "<query xmlns='jabber:iq:roster'><item jid='x@~'/></query>"
		  "</iq>",
			"iq error bob@~ > alice@~/a: forbidden" },
		{ "<iq to='~' type='get' id='1'><query "
		  "xmlns='http://jabber.org/protocol/disco#info'/></iq>",
			"iq result ~ > alice@~/a: query" },
		{ "<iq to='bob@~' type='get' id='1'><query "
		  "xmlns='http://jabber.org/protocol/disco#info'/></iq>",
			"iq error bob@~ > alice@~/a: service-unavailable" },
		{ "<iq type='set' id='1'><session "
		  "xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>",
			"iq result - > alice@~/a" },
		/* RFC 6120 section 8.2.3 */
		{ "<iq to='~' type='get' id='1'/>",
			"iq error ~ > alice@~/a: bad-request" },
		{ "<iq to='~' type='get'><ping xmlns='urn:xmpp:ping'/></iq>",
			"iq error ~ > alice@~/a: bad-request" },
		{ "<iq to='~' type='ask' id='1'>"
		  "<ping xmlns='urn:xmpp:ping'/></iq>",
			"iq error ~ > alice@~/a: bad-request" },
		{ "<iq to='~' type='get' id='1'><ping xmlns='urn:xmpp:ping'/>"
		  "<ping xmlns='urn:xmpp:ping'/></iq>",
			"iq error ~ > alice@~/a: bad-request" },
		/* of roster pushes */
		{ "<iq type='result' id='1'/>", "" },
		{ "<iq to='bob@~' type='result' id='1'/>", "" },
		{ "<iq to='~' type='error' id='1'/>", "" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		house_say(alice, rows[i].said);
		assert_heard(alice, rows[i].back);
		assert_heard(bob, "");
	}
}

/* Section 8.5.3.1: a request would tell that the resource is there. */
static void a_request_needs_presence_to_reach_a_resource(void **state)
{
	(void)state;
	struct session *alice = house_enter("alice", "a", 0);
	struct session *bob = house_enter("bob", "b", 0);
	house_say(alice, TIME("bob@~/b"));
	assert_heard(
		alice, "iq error bob@~/b > alice@~/a: service-unavailable");
	assert_heard(bob, "");

	house_say(bob, "<presence to='alice@~/a'/>");
	assert_heard(alice, "presence - bob@~/b > alice@~/a");
	house_say(alice, TIME("bob@~/b"));
	assert_heard(bob, "iq get alice@~/a > bob@~/b: time");
	house_say(bob, "<iq to='alice@~/a' type='result' id='1'/>");
	assert_heard(alice, "iq result bob@~/b > alice@~/a");

	/* A result goes through, whoever sends it. */
	house_say(alice, "<iq to='bob@~/b' type='result' id='9'/>");
	assert_heard(bob, "iq result alice@~/a > bob@~/b");

	struct session *own = house_bind("alice", "b");
	house_say(own, TIME("alice@~/a"));
	assert_heard(alice, "iq get alice@~/b > alice@~/a: time");
}

/* ---- streams ---- */

static void an_element_that_is_no_stanza_ends_the_session(void **state)
{
	(void)state;
	struct session *alice = house_bind("alice", "a");
	house_say(alice, "<massage to='bob@~'/>");
	assert_int_equal(alice->phase, SESSION_ENDING);
	assert_true(link_is_alone(
		&user_find(&house.server, SPAN("alice"))->sessions));
}

#define RULE(name)                                                             \
	cmocka_unit_test_setup_teardown(name, house_setup, house_teardown)

TEST_MAIN(RULE(messages_to_an_account_that_does_not_exist),
	RULE(messages_to_an_account_without_resources),
	RULE(messages_to_resources_of_negative_priority),
	RULE(messages_to_one_resource), RULE(messages_to_several_resources),
	RULE(addresses_are_the_servers_word),
	RULE(a_message_to_nobody_is_to_oneself),
	RULE(what_has_no_way_comes_back),
	RULE(what_was_stored_comes_first_in_order_and_with_its_time),
	RULE(chat_states_alone_are_not_stored),
	RULE(over_the_bound_of_the_store_it_comes_back),
	RULE(what_a_resource_did_not_get_goes_to_another),
	RULE(what_the_last_resource_did_not_get_is_stored_in_front),
	RULE(a_request_that_did_not_arrive_is_answered_with_an_error),
	RULE(the_newer_of_two_of_a_name_stays),
	RULE(requests_to_servers_and_accounts_are_answered_for_them),
	RULE(a_request_needs_presence_to_reach_a_resource),
	RULE(an_element_that_is_no_stanza_ends_the_session))
