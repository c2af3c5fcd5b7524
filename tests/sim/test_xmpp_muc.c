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
	bool create, only, resend;
	usec_t wait;
	char stanza_id[20];
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

static void on_said(
	void *arg, uint64_t tag, const char *stanza_id, const struct err *why)
{
	(void)arg;
	seen.stanza_id[0] = '\0';
	if (stanza_id)
		span_copy(seen.stanza_id, sizeof(seen.stanza_id),
			span_of(stanza_id));
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

static bool on_keep(void *arg, const struct xml_element *s, bool was_written)
{
	(void)arg;
	return xmpp_muc_room_keep(seen.room, s, was_written);
}

static void on_renewed(void *arg)
{
	(void)arg;
	xmpp_muc_room_renew(seen.room);
}

static void on_ended(void *arg, const struct err *e)
{
	(void)arg;
	(void)e;
}

static int setup(void **state)
{
	static const struct xmpp_client_handlers handlers = { .raw = on_raw,
		.keep = on_keep,
		.renewed = on_renewed,
		.ended = on_ended };
	memset(&seen, 0, sizeof(seen));
	if (near_setup(state) != 0)
		return -1;
	assert_true(xmpp_jid_parse(&seen.jid, SPAN(ROOM), NULL));
	near.settings.reconnect = 60 * USEC_SEC;
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

static int times_heard(const char *text)
{
	struct span all = buf_view(&near.peer.heard), what = span_of(text);
	int count = 0;
	for (size_t at; (at = span_find_span(all, what, 0)) < all.n; count++)
		all = span_skip(all, at + what.n);
	return count;
}

/* What stands behind the mark, up to the quote. */
static char *find_id(const char *mark)
{
	struct span all = buf_view(&near.peer.heard), id;
	size_t at = span_find_span(all, span_of(mark), 0);
	assert_true(at < all.n);
	all = span_skip(all, at + strlen(mark));
	span_cut(&all, '\'', &id);
	return span_dup(id);
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
		.only_this_nick = seen.only,
		.wait = seen.wait,
		.resend = seen.resend };
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
	return find_id("<origin-id xmlns='" XMPP_NS_SID "' id='");
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
	xmpp_muc_room_give_up(seen.room, NULL);
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

static void a_room_that_is_silent_is_not_waited_for_any_longer(void **state)
{
	(void)state;
	seen.wait = 5 * USEC_SEC;
	be_in();
	mem_free(say_one());
	near_go(4 * USEC_SEC);
	assert_int_equal(seen.said, 0);
	near_go(2 * USEC_SEC);
	assert_int_equal(seen.said, 1);
	assert_int_equal(seen.outcome.status, STATUS_TIMEOUT);
	assert_true(xmpp_muc_room_is_joined(seen.room));
	xmpp_muc_room_free(seen.room);
	join();
	near_go(6 * USEC_SEC);
	assert_int_equal(seen.left, 1);
	assert_int_equal(seen.end.status, STATUS_TIMEOUT);
}

/* ---- the ids a room gives ---- */

/* It can do this. */
static void answer_info(const char *feature)
{
	char *id = find_id("to='" ROOM "' id='");
	char *xml = mem_format("<iq type='result' from='" ROOM "' id='%s'>"
			       "<query xmlns='" XMPP_NS_DISCO_INFO "'>"
			       "<feature var='%s'/></query></iq>",
		id, feature);
	say(xml);
	mem_free(xml);
	mem_free(id);
}

static void reflect_with(const char *more)
{
	char *id = say_one();
	char *xml = mem_format("<message from='" ROOM
			       "/me' type='groupchat' id='%s'>%s"
			       "<body>hello</body></message>",
		id, more);
	int before = seen.said;
	say(xml);
	assert_int_equal(seen.said, before + 1);
	mem_free(xml);
	mem_free(id);
	buf_reset(&near.peer.heard);
}

#define BY(jid, id)                                                            \
	"<stanza-id xmlns='" XMPP_NS_SID "' by='" jid "' id='" id "'/>"

static void an_id_is_believed_of_the_room_that_vouches_for_it(void **state)
{
	(void)state;
	join();
	answer_info(XMPP_NS_SID);
	say(IN("me", SELF));
	buf_reset(&near.peer.heard);
	reflect_with(BY(ROOM, "genuine"));
	assert_string_equal(seen.stanza_id, "genuine");
	reflect_with(BY("evil@far.example", "x") BY(ROOM, "genuine"));
	assert_string_equal(seen.stanza_id, "genuine");
	reflect_with(BY("evil@far.example", "x"));
	assert_string_equal(seen.stanza_id, "");
	reflect_with(BY(ROOM "/other", "x"));
	assert_string_equal(seen.stanza_id, "");
	reflect_with(BY("rooms.example", "x"));
	assert_string_equal(seen.stanza_id, "");
	reflect_with(BY(ROOM, "x") BY(ROOM, "y"));
	assert_string_equal(seen.stanza_id, "");
}

static void a_room_that_does_not_vouch_gives_no_id(void **state)
{
	(void)state;
	join();
	answer_info(XMPP_NS_MUC);
	say(IN("me", SELF));
	buf_reset(&near.peer.heard);
	reflect_with(BY(ROOM, "x"));
	assert_string_equal(seen.stanza_id, "");
}

/* ---- a session is lost ---- */

static void lose_session(void)
{
	peer_say(&near.peer, "<stream:error><reset xmlns='" XMPP_NS_STREAM_ERROR
			     "'/></stream:error></stream:stream>");
	near_go(10 * USEC_SEC);
	assert_int_equal(near.peer.connections, 2);
	assert_false(xmpp_muc_room_is_joined(seen.room));
}

static void answer_ping(void)
{
	char *id = find_id("to='" ROOM "/me' id='");
	char *xml = mem_format(
		"<iq type='result' from='" ROOM "/me' id='%s'/>", id);
	say(xml);
	mem_free(xml);
	mem_free(id);
}

static void say_history(const char *nick, const char *id)
{
	char *xml = mem_format("<message from='" ROOM
			       "/%s' type='groupchat' id='%s'>"
			       "<body>hello</body><delay xmlns='" XMPP_NS_DELAY
			       "' stamp='2026-01-01T00:00:00Z'/></message>",
		nick, id);
	say(xml);
	mem_free(xml);
}

static void what_stands_in_the_history_was_said(void **state)
{
	(void)state;
	be_in();
	char *id = say_one();
	lose_session();
	assert_true(heard("<history maxstanzas='51'/>"));
	say(IN("me", SELF));
	say_history("other", id);
	assert_int_equal(seen.said, 0);
	say_history("me", id);
	assert_int_equal(seen.said, 1);
	assert_false(err_is_set(&seen.outcome));
	assert_int_equal(seen.messages, 0); /* of before, and shown before */
	assert_false(xmpp_muc_room_is_joined(seen.room));
	answer_ping();
	assert_int_equal(seen.joined, 2);
	assert_int_equal(seen.said, 1);
	mem_free(id);
}

static void what_does_not_is_unknown(void **state)
{
	(void)state;
	be_in();
	mem_free(say_one());
	lose_session();
	say(IN("me", SELF));
	assert_int_equal(seen.said, 0);
	answer_ping();
	assert_int_equal(seen.said, 1);
	assert_int_equal(seen.outcome.status, STATUS_TIMEOUT);
	assert_true(seen.outcome.retryable);
	assert_int_equal(times_heard("<body>hello"), 1);
}

static void or_said_again_where_that_was_wanted(void **state)
{
	(void)state;
	seen.resend = true;
	near.peer.lines[PEER_REQUEST].say = "";
	be_in();
	char *id = say_one();
	lose_session();
	assert_int_equal(times_heard("<body>hello"), 1);
	say(IN("me", SELF));
	answer_ping();
	assert_int_equal(seen.said, 0);
	char *mark =
		mem_format("<origin-id xmlns='%s' id='%s'/>", XMPP_NS_SID, id);
	assert_int_equal(times_heard(mark), 2);
	reflect(ROOM "/me", "groupchat", id);
	assert_int_equal(seen.said, 1);
	assert_false(err_is_set(&seen.outcome));
	mem_free(mark);
	mem_free(id);
}

static void what_never_left_is_said_behind_joining_again(void **state)
{
	(void)state;
	be_in();
	peer_say(&near.peer, "<stream:error><reset xmlns='" XMPP_NS_STREAM_ERROR
			     "'/></stream:error></stream:stream>");
	near_go(30 * USEC_MS);
	assert_false(xmpp_client_is_online(near.client));
	struct xml_element *s = xml_element_new("message", XMPP_NS_CLIENT);
	xml_element_text(xml_element_child(s, "body", NULL), "late");
	xml_element_attr(s, "id", "mine");
	assert_true(xmpp_muc_room_say(seen.room, s, 7, NULL));
	near_go(10 * USEC_SEC);
	assert_int_equal(times_heard("to='" ROOM "/me'"), 2);
	assert_int_equal(times_heard("late"), 0);
	say(IN("me", SELF));
	assert_int_equal(times_heard("late"), 1);
	reflect(ROOM "/me", "groupchat", "mine");
	assert_int_equal(seen.said, 1);
	assert_false(err_is_set(&seen.outcome));
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
	char *id = find_id("to='" ROOM "/me' id='");
	char *xml =
		mem_format("<iq type='error' from='" ROOM "/me' id='%s'>"
			   "<error type='cancel'><not-acceptable "
			   "xmlns='" XMPP_NS_STANZA_ERROR "'/></error></iq>",
			id);
	mem_free(id);
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
	ROOMED(a_room_that_is_silent_is_not_waited_for_any_longer),
	ROOMED(an_id_is_believed_of_the_room_that_vouches_for_it),
	ROOMED(a_room_that_does_not_vouch_gives_no_id),
	ROOMED(what_stands_in_the_history_was_said),
	ROOMED(what_does_not_is_unknown),
	ROOMED(or_said_again_where_that_was_wanted),
	ROOMED(what_never_left_is_said_behind_joining_again),
	ROOMED(who_is_kicked_is_told_why),
	ROOMED(another_ones_kick_is_not_ours),
	ROOMED(a_room_that_forgot_us_is_joined_again))
