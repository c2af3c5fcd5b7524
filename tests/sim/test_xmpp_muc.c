/* In a room whose server does what it likes: nicks taken, kicks, messages in
 * others' names, reflections that never come, a room that has forgotten us. */
#include "tests/common/test.h"

#include <string.h>

#include "base/mem.h"
#include "tests/common/xmpp_near.h"
#include "xmpp/muc_room.h"
#include "xmpp/ns.h"

#define ROOM "tea@rooms.example"
#define X "<x xmlns='" XMPP_NS_MUC_USER "'>"
#define ITEM "<item affiliation='none' role='participant'/>"
#define IN(nick, more)                                                         \
	"<presence from='" ROOM "/" nick "'>" X ITEM more "</x></presence>"
#define SELF "<status code='110'/>"

static struct {
	struct xmpp_muc_room *room;
	struct xmpp_jid jid;
	int joined, said, left, messages, occupants;
	struct err outcome, end;
	bool create, only;
} seen;

static void on_joined(void *arg)
{
	(void)arg;
	seen.joined++;
}

static void on_occupant(void *arg, const struct xmpp_muc_occupant *o)
{
	(void)arg;
	(void)o;
	seen.occupants++;
}

static void on_room_message(
	void *arg, const struct xml_element *s, const char *nick)
{
	(void)arg;
	(void)s;
	(void)nick;
	seen.messages++;
}

static void on_said(void *arg, uint64_t tag, const struct err *why)
{
	(void)arg;
	assert_int_equal(tag, 7);
	seen.said++;
	seen.outcome = *why;
}

static void on_left(void *arg, const struct err *why)
{
	(void)arg;
	seen.left++;
	seen.end = *why;
}

static const struct xmpp_muc_handlers room_handlers = {
	.joined = on_joined,
	.occupant = on_occupant,
	.message = on_room_message,
	.said = on_said,
	.left = on_left,
};

/* ---- a client that gives all to the room ---- */

static bool on_raw(void *arg, const struct xml_element *s)
{
	struct xmpp_presence p;
	(void)arg;
	if (!seen.room)
		return false;
	if (strcmp(s->name, "message") == 0)
		return xmpp_muc_room_take_message(seen.room, s);
	return xmpp_presence_parse(&p, s) &&
	       xmpp_muc_room_take_presence(seen.room, s, &p);
}

static void on_ended(void *arg, const struct err *e)
{
	(void)arg;
	(void)e;
}

static int setup(void **state)
{
	static const struct xmpp_client_handlers handlers = { .raw = on_raw,
		.ended = on_ended };
	memset(&seen, 0, sizeof(seen));
	if (near_setup(state) != 0)
		return -1;
	assert_true(xmpp_jid_parse(&seen.jid, SPAN(ROOM), NULL));
	near.client = xmpp_client_new(near.loop, near.resolver, &near.settings,
		&handlers, NULL, NULL);
	near_go(5 * USEC_SEC);
	assert_true(xmpp_client_is_online(near.client));
	return 0;
}

static int teardown(void **state)
{
	xmpp_muc_room_free(seen.room);
	seen.room = NULL;
	xmpp_jid_clear(&seen.jid);
	return near_teardown(state);
}

static bool heard(const char *text)
{
	struct span all = buf_view(&near.peer.heard);
	return span_find_span(all, span_of(text), 0) < all.n;
}

static void say(const char *xml)
{
	peer_say(&near.peer, xml);
	near_go(100 * USEC_MS);
}

static void join(void)
{
	struct xmpp_muc_settings s = { .loop = near.loop,
		.client = near.client,
		.room = &seen.jid,
		.nick = "me",
		.create = seen.create,
		.only_this_nick = seen.only };
	seen.room = xmpp_muc_room_new(&s, &room_handlers, NULL, NULL);
	near_go(100 * USEC_MS);
	assert_true(heard("to='" ROOM "/me'"));
	assert_true(heard("<history maxstanzas='0'/>"));
}

static void be_in(void)
{
	join();
	say(IN("other", "") IN("me", SELF));
	assert_int_equal(seen.joined, 1);
}

/* The id of what was said. */
static char *say_one(void)
{
	struct xml_element *s = xml_element_new("message", XMPP_NS_CLIENT);
	xml_element_text(xml_element_child(s, "body", NULL), "hello");
	assert_true(xmpp_muc_room_say(seen.room, s, 7, NULL));
	near_go(100 * USEC_MS);
	struct span all = buf_view(&near.peer.heard), id;
	const struct span mark =
		SPAN("<origin-id xmlns='" XMPP_NS_SID "' id='");
	size_t at = span_find_span(all, mark, 0);
	assert_true(at < all.n);
	all = span_skip(all, at + mark.n);
	span_cut(&all, '\'', &id);
	return span_dup(id);
}

static void reflect(const char *from, const char *type, const char *id)
{
	char *xml = mem_format("<message from='%s' type='%s' id='%s'>"
			       "<body>hello</body></message>",
		from, type, id);
	say(xml);
	mem_free(xml);
}

/* ---- joining ---- */

static void one_is_in_with_ones_own_presence_not_before(void **state)
{
	(void)state;
	join();
	say(IN("other", ""));
	assert_int_equal(seen.joined, 0);
	say(IN("me", SELF));
	assert_int_equal(seen.joined, 1);
	assert_int_equal(seen.occupants, 2);
	assert_true(xmpp_muc_room_is_joined(seen.room));
}

static void presence_of_elsewhere_is_not_the_rooms(void **state)
{
	(void)state;
	join();
	say("<presence from='evil@rooms.example/me'>" X ITEM SELF
	    "</x></presence>");
	say("<presence from='rooms.example/me'>" X ITEM SELF "</x></presence>");
	assert_int_equal(seen.joined + seen.occupants + seen.left, 0);
}

#define CONFLICT(nick)                                                         \
	"<presence type='error' from='" ROOM "/" nick                          \
	"'><error type='cancel'><conflict xmlns='" XMPP_NS_STANZA_ERROR        \
	"'/></error></presence>"

static void a_name_that_is_taken_is_changed_unless_it_was_asked_for(
	void **state)
{
	(void)state;
	join();
	say(CONFLICT("me"));
	assert_true(heard("to='" ROOM "/me-2'"));
	say(CONFLICT("me-2") CONFLICT("me-3") CONFLICT("me-4"));
	assert_int_equal(seen.left, 1);
	assert_string_equal(seen.end.condition, "conflict");
	xmpp_muc_room_free(seen.room);
	seen.only = true;
	join();
	say(CONFLICT("me"));
	assert_int_equal(seen.left, 2);
}

static void a_room_that_was_not_there_is_ended_again(void **state)
{
	(void)state;
	join();
	say(IN("me", SELF "<status code='201'/>"));
	assert_int_equal(seen.joined, 0);
	assert_int_equal(seen.left, 1);
	assert_int_equal(seen.end.status, STATUS_REFUSED);
	assert_true(heard("type='cancel'"));
	assert_true(heard("type='unavailable'"));
}

/* ---- saying ---- */

static void what_the_room_reflects_was_said(void **state)
{
	(void)state;
	be_in();
	char *id = say_one();
	assert_int_equal(seen.said, 0);
	reflect(ROOM "/me", "groupchat", id);
	assert_int_equal(seen.said, 1);
	assert_false(err_is_set(&seen.outcome));
	reflect(ROOM "/me", "groupchat", id);
	assert_int_equal(seen.said, 1);
	mem_free(id);
}

static void nobody_else_can_reflect_it(void **state)
{
	(void)state;
	be_in();
	char *id = say_one();
	reflect(ROOM "/other", "groupchat", id);
	reflect(ROOM "/me", "chat", id);
	reflect("evil@rooms.example/me", "groupchat", id);
	reflect(ROOM "/me", "groupchat", "guessed");
	assert_int_equal(seen.said, 0);
	xmpp_muc_room_give_up(seen.room);
	assert_int_equal(seen.said, 1);
	assert_int_equal(seen.outcome.status, STATUS_TIMEOUT);
	mem_free(id);
}

static void a_refusal_is_the_messages(void **state)
{
	(void)state;
	be_in();
	char *id = say_one();
	char *xml = mem_format(
		"<message type='error' from='" ROOM "' id='%s'>"
		"<error type='auth'><forbidden xmlns='" XMPP_NS_STANZA_ERROR
		"'/></error></message>",
		id);
	say(xml);
	assert_int_equal(seen.said, 1);
	assert_string_equal(seen.outcome.condition, "forbidden");
	mem_free(xml);
	mem_free(id);
}

static void so_many_may_wait_for_the_room_and_no_more(void **state)
{
	(void)state;
	be_in();
	for (int i = 0; i < XMPP_MUC_UNREFLECTED_MAX; i++) {
		assert_false(xmpp_muc_room_is_full(seen.room));
		mem_free(say_one());
	}
	assert_true(xmpp_muc_room_is_full(seen.room));
}

/* ---- going ---- */

static void who_is_kicked_is_told_why(void **state)
{
	(void)state;
	be_in();
	mem_free(say_one());
	say("<presence type='unavailable' from='" ROOM "/me'>" X
	    "<item affiliation='none' role='none'><reason>spam</reason></item>"
	    "<status code='307'/>" SELF "</x></presence>");
	assert_int_equal(seen.left, 1);
	assert_int_equal(seen.end.status, STATUS_REFUSED);
	assert_non_null(strstr(seen.end.text, "kicked out of the room: spam"));
	/* What was on its way is decided, too. */
	assert_int_equal(seen.said, 1);
	assert_true(err_is_set(&seen.outcome));
}

static void another_ones_kick_is_not_ours(void **state)
{
	(void)state;
	be_in();
	say("<presence type='unavailable' from='" ROOM "/other'>" X
	    "<item role='none'/><status code='307'/></x></presence>");
	assert_int_equal(seen.left, 0);
}

static void a_room_that_forgot_us_is_joined_again(void **state)
{
	(void)state;
	be_in();
	near_go(XMPP_MUC_QUIET + USEC_SEC);
	struct span all = buf_view(&near.peer.heard), id;
	const struct span mark = SPAN("to='" ROOM "/me' id='");
	size_t at = span_find_span(all, mark, 0);
	assert_true(at < all.n);
	all = span_skip(all, at + mark.n);
	span_cut(&all, '\'', &id);
	char *xml =
		mem_format("<iq type='error' from='" ROOM "/me' id='%.*s'>"
			   "<error type='cancel'><not-acceptable "
			   "xmlns='" XMPP_NS_STANZA_ERROR "'/></error></iq>",
			SPAN_ARGS(id));
	unsigned before = near.peer.stanzas;
	say(xml);
	mem_free(xml);
	assert_true(near.peer.stanzas > before);
	assert_false(xmpp_muc_room_is_joined(seen.room));
	say(IN("me", SELF));
	assert_int_equal(seen.joined, 2);
}

#define ROOMED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
TEST_MAIN(ROOMED(one_is_in_with_ones_own_presence_not_before),
	ROOMED(presence_of_elsewhere_is_not_the_rooms),
	ROOMED(a_name_that_is_taken_is_changed_unless_it_was_asked_for),
	ROOMED(a_room_that_was_not_there_is_ended_again),
	ROOMED(what_the_room_reflects_was_said),
	ROOMED(nobody_else_can_reflect_it), ROOMED(a_refusal_is_the_messages),
	ROOMED(so_many_may_wait_for_the_room_and_no_more),
	ROOMED(who_is_kicked_is_told_why),
	ROOMED(another_ones_kick_is_not_ours),
	ROOMED(a_room_that_forgot_us_is_joined_again))
