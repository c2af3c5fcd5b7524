/* Who sees whom: presence, subscriptions and rosters of xmppserve (RFC 6121
 * sections 2, 3 and 4), as the clients of both sides see it. */
#include "tests/common/test.h"

#include "base/mem.h"
#include "tests/xmppserve/house.h"

static struct {
	struct session *alice, *bob;
} s;

static int enter(void **state)
{
	house_setup(state);
	s.alice = house_enter("alice", "a", 0);
	s.bob = house_enter("bob", "b", 0);
	return 0;
}

/* Both subscribed to each other, with nothing left to hear. */
static void befriend(void)
{
	house_say(s.alice, "<presence to='bob@~' type='subscribe'/>");
	house_say(s.bob, "<presence to='alice@~' type='subscribed'/>");
	house_say(s.bob, "<presence to='alice@~' type='subscribe'/>");
	house_say(s.alice, "<presence to='bob@~' type='subscribed'/>");
	house_hear(s.alice);
	house_hear(s.bob);
}

/* ---- subscribing (sections 3.1 to 3.3) ---- */

static void a_subscription_is_asked_for_and_granted(void **state)
{
	(void)state;
	house_say(s.alice, "<presence to='bob@~/b' type='subscribe' id='1'>"
			   "<status>please</status></presence>");
	assert_heard(s.bob, "presence subscribe alice@~ > bob@~: please");
	assert_heard(s.alice, "iq set - > alice@~/a: bob@~ none ask");

	house_say(s.bob, "<presence to='alice@~' type='subscribed'/>");
	assert_heard(s.bob, "iq set - > bob@~/b: alice@~ from");
	assert_heard(s.alice, "presence subscribed bob@~ > alice@~"
			      "|iq set - > alice@~/a: bob@~ to"
			      "|presence - bob@~/b > alice@~");

	house_say(s.bob, "<presence><show>away</show></presence>");
	assert_heard(s.alice, "presence - bob@~/b > alice@~: away");
	house_hear(s.bob);
	house_say(s.alice, "<presence><show>dnd</show></presence>");
	assert_heard(s.bob, "");
}

static void a_subscription_is_denied(void **state)
{
	(void)state;
	house_say(s.alice, "<presence to='bob@~' type='subscribe'/>");
	house_forget((struct session *[]){ s.alice, s.bob }, 2);
	house_say(s.bob, "<presence to='alice@~' type='unsubscribed'/>");
	assert_heard(s.alice, "presence unsubscribed bob@~ > alice@~"
			      "|iq set - > alice@~/a: bob@~ none");
	/* She was never in his roster. */
	assert_heard(s.bob, "");
	assert_null(user_contact(s.bob->user, &s.alice->jid));
}

static void a_subscription_is_cancelled_by_who_granted_it(void **state)
{
	(void)state;
	befriend();
	house_say(s.bob, "<presence to='alice@~' type='unsubscribed'/>");
	assert_heard(s.alice, "presence unavailable bob@~/b > alice@~"
			      "|presence unsubscribed bob@~ > alice@~"
			      "|iq set - > alice@~/a: bob@~ from");
	assert_heard(s.bob, "iq set - > bob@~/b: alice@~ to");
}

static void a_subscription_is_ended_by_who_asked_for_it(void **state)
{
	(void)state;
	befriend();
	house_say(s.alice, "<presence to='bob@~' type='unsubscribe'/>");
	assert_heard(s.bob, "presence unsubscribe alice@~ > bob@~"
			    "|iq set - > bob@~/b: alice@~ to");
	assert_heard(s.alice, "presence unavailable bob@~/b > alice@~"
			      "|iq set - > alice@~/a: bob@~ from");
}

/* Section 3.1.3: the request waits, whole and once, and comes again to each
 * resource until it is answered. */
static void a_request_waits_for_who_is_away(void **state)
{
	(void)state;
	house_say(s.alice, "<presence to='carol@~' type='subscribe'>"
			   "<status>please</status></presence>"
			   "<presence to='carol@~' type='subscribe'>"
			   "<status>again</status></presence>");
	struct session *carol = house_bind("carol", "c");
	house_say(carol, "<iq type='get' id='1'>"
			 "<query xmlns='jabber:iq:roster'/></iq>");
	assert_heard(carol, "iq result - > carol@~/c");
	house_say(carol, "<presence/>");
	assert_heard(carol, "presence - carol@~/c > carol@~"
			    "|presence subscribe alice@~ > carol@~: please");
	struct session *other = house_bind("carol", "d");
	house_say(other, "<presence/>");
	assert_heard(other, "presence - carol@~/d > carol@~"
			    "|presence - carol@~/c > carol@~/d"
			    "|presence subscribe alice@~ > carol@~: please");
	house_hear(carol);
	house_say(carol, "<presence to='alice@~' type='subscribed'/>");
	assert_heard(carol, "iq set - > carol@~/c: alice@~ from");
	struct session *third = house_bind("carol", "e");
	house_say(third, "<presence/>");
	assert_heard(third, "presence - carol@~/e > carol@~"
			    "|presence - carol@~/c > carol@~/e"
			    "|presence - carol@~/d > carol@~/e");
}

/* Section 3.1.3, rule 2: one that is granted already is answered at once. */
static void a_request_that_was_granted_is_answered_for_the_account(void **state)
{
	(void)state;
	befriend();
	house_say(s.alice, "<presence to='bob@~' type='subscribe'/>");
	assert_heard(s.bob, "");
	assert_heard(s.alice, "presence - bob@~/b > alice@~");
}

/* Section 8.5.1; and nobody subscribes to oneself. */
static void requests_that_cannot_be_granted(void **state)
{
	(void)state;
	house_say(s.alice, "<presence to='eve@~' type='subscribe'/>");
	assert_heard(s.alice, "iq set - > alice@~/a: eve@~ none ask");
	house_say(s.alice, "<presence to='alice@~' type='subscribe'/>");
	assert_heard(
		s.alice, "presence error alice@~ > alice@~/a: not-allowed");
	house_say(s.alice, "<presence to='x@far.example' type='subscribe'/>");
	assert_heard(s.alice, "presence error x@far.example > alice@~/a: "
			      "remote-server-not-found");
	/* A grant that nobody asked for: no pre-approval. */
	house_say(s.bob, "<presence to='alice@~' type='subscribed'/>");
	assert_heard(s.bob, "");
	assert_heard(s.alice, "");
}

/* ---- rosters (section 2) ---- */

#define SET(item)                                                              \
	"<iq type='set' id='1'><query xmlns='jabber:iq:roster'>" item          \
	"</query></iq>"

static void a_roster_is_changed_and_pushed_to_who_asked_for_it(void **state)
{
	(void)state;
	struct session *interested = house_enter("alice", "i", 0);
	struct session *other = house_bind("alice", "o");
	house_say(other, "<presence/>");
	house_forget((struct session *[]){ s.alice, interested, other }, 3);
	house_say(other, SET("<item jid='Bob@~/x' name='Bob &amp; Co'>"
			     "<group>Friends</group><group>Work</group>"
			     "</item>"));
	assert_heard(other, "iq result - > alice@~/o");
	assert_heard(s.alice, "iq set - > alice@~/a: bob@~ none \"Bob & Co\" "
			      "[Friends] [Work]");
	assert_heard(interested, "iq set - > alice@~/i: bob@~ none "
				 "\"Bob & Co\" [Friends] [Work]");
	house_say(s.alice, SET("<item jid='bob@~' name='B'/>"));
	assert_heard(s.alice, "iq set - > alice@~/a: bob@~ none \"B\""
			      "|iq result - > alice@~/a");
	house_say(s.alice, "<iq type='get' id='2'>"
			   "<query xmlns='jabber:iq:roster'/></iq>");
	assert_heard(s.alice, "iq result - > alice@~/a: bob@~ none \"B\"");
}

static void removing_a_contact_ends_both_subscriptions(void **state)
{
	(void)state;
	befriend();
	house_say(s.alice, SET("<item jid='bob@~' subscription='remove'/>"));
	assert_heard(s.alice, "presence unavailable bob@~/b > alice@~"
			      "|iq set - > alice@~/a: bob@~ remove"
			      "|iq result - > alice@~/a");
	assert_heard(s.bob, "presence unsubscribe alice@~ > bob@~"
			    "|iq set - > bob@~/b: alice@~ to"
			    "|presence unavailable alice@~/a > bob@~"
			    "|presence unsubscribed alice@~ > bob@~"
			    "|iq set - > bob@~/b: alice@~ none");
	assert_null(user_contact(s.alice->user, &s.bob->jid));
}

static void a_roster_set_that_is_wrong_is_refused(void **state)
{
	(void)state;
	char *name = mem_alloc(1100), *long_name;
	for (int i = 0; i < 1024; i++)
		name[i] = 'x';
	long_name = mem_format(SET("<item jid='x@~' name='%s'/>"), name);
	const struct {
		const char *said, *condition;
	} rows[] = {
		{ SET(""), "bad-request" },
		{ SET("<item jid='x@~'/><item jid='y@~'/>"), "bad-request" },
		{ SET("<item name='x'/>"), "bad-request" },
		{ SET("<item jid='x@~'><group>g</group><group>g</group>"
		      "</item>"),
			"bad-request" },
		{ SET("<item jid='x@~'><group/></item>"), "not-acceptable" },
		{ long_name, "not-acceptable" },
		{ SET("<item jid='@'/>"), "jid-malformed" },
		{ SET("<item jid='x@~' subscription='remove'/>"),
			"item-not-found" },
		{ SET("<item jid='alice@~'/>"), "not-allowed" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *expected = mem_format(
			"iq error - > alice@~/a: %s", rows[i].condition);
		house_say(s.alice, rows[i].said);
		assert_heard(s.alice, expected);
		mem_free(expected);
	}
	assert_int_equal(s.alice->user->roster.count, 0);
	mem_free(long_name);
	mem_free(name);
}

/* It must fit into one stanza. */
static void a_roster_has_an_end(void **state)
{
	(void)state;
	for (int i = 0; i <= ROSTER_MAX; i++) {
		char *xml = mem_format(SET("<item jid='u%d@~'/>"), i);
		house_say(s.alice, xml);
		mem_free(xml);
		if (i == ROSTER_MAX)
			break;
		house_hear(s.alice);
	}
	assert_heard(s.alice, "iq error - > alice@~/a: resource-constraint");
	assert_int_equal(s.alice->user->roster.count, ROSTER_MAX);
	assert_true(s.alice->user->roster_bytes <= ROSTER_BYTES_MAX);
}

/* ---- presence (sections 4.2 to 4.5) ---- */

static void who_comes_sees_who_is_there_and_is_seen(void **state)
{
	(void)state;
	befriend();
	house_say(s.bob, "<presence><show>away</show></presence>");
	house_forget((struct session *[]){ s.alice, s.bob }, 2);
	struct session *second = house_bind("alice", "second");
	house_say(second, "<presence><show>chat</show></presence>");
	assert_heard(s.bob, "presence - alice@~/second > bob@~: chat");
	assert_heard(s.alice, "presence - alice@~/second > alice@~: chat");
	assert_heard(second, "presence - alice@~/second > alice@~: chat"
			     "|presence - bob@~/b > alice@~/second: away"
			     "|presence - alice@~/a > alice@~/second");
}

static void who_leaves_is_seen_to_leave(void **state)
{
	(void)state;
	befriend();
	house_say(s.bob, "<presence type='unavailable'><status>bye</status>"
			 "</presence>");
	assert_heard(s.alice, "presence unavailable bob@~/b > alice@~: bye");
	assert_heard(s.bob, "presence unavailable bob@~/b > bob@~: bye");
	/* And only once. */
	session_drop(s.bob);
	assert_heard(s.alice, "");
}

static void who_is_cut_off_is_seen_to_leave(void **state)
{
	(void)state;
	befriend();
	session_drop(s.bob);
	assert_heard(s.alice, "presence unavailable bob@~/b > alice@~");
}

/* Section 4.5.2: what comes behind it is initial presence again. */
static void who_comes_back_sees_all_again(void **state)
{
	(void)state;
	befriend();
	house_say(s.alice, "<presence type='unavailable'/>");
	house_say(s.bob, "<presence><show>xa</show></presence>");
	house_forget((struct session *[]){ s.alice, s.bob }, 2);
	house_say(s.alice, "<presence/>");
	assert_heard(s.alice, "presence - alice@~/a > alice@~"
			      "|presence - bob@~/b > alice@~/a: xa");
}

/* ---- directed presence (section 4.6) ---- */

static void who_was_told_in_person_is_told_of_the_end(void **state)
{
	(void)state;
	house_say(s.alice, "<presence to='bob@~'><show>chat</show>"
			   "</presence>");
	assert_heard(s.bob, "presence - alice@~/a > bob@~: chat");
	house_say(s.alice, "<presence><show>away</show></presence>");
	assert_heard(s.bob, "");
	house_say(s.alice, "<presence type='unavailable'/>");
	assert_heard(s.bob, "presence unavailable alice@~/a > bob@~");
	house_hear(s.alice);
	session_drop(s.alice);
	assert_heard(s.bob, "");
}

static void who_was_told_of_the_end_in_person_is_not_told_again(void **state)
{
	(void)state;
	house_say(s.alice, "<presence to='bob@~/b'/>"
			   "<presence to='bob@~/b' type='unavailable'/>");
	house_hear(s.bob);
	session_drop(s.alice);
	assert_heard(s.bob, "");
}

/* Section 4.6.3, rule 1: a subscriber is told by the broadcast. */
static void a_subscriber_told_in_person_is_told_once(void **state)
{
	(void)state;
	befriend();
	house_say(s.alice, "<presence to='bob@~'/>");
	house_hear(s.bob);
	session_drop(s.alice);
	assert_heard(s.bob, "presence unavailable alice@~/a > bob@~");
}

/* ... and rule 3: without initial presence there is no broadcast. */
static void a_resource_never_available_tells_whom_it_told(void **state)
{
	(void)state;
	befriend();
	struct session *silent = house_bind("alice", "silent");
	house_say(silent, "<presence to='bob@~'/>");
	assert_heard(s.bob, "presence - alice@~/silent > bob@~");
	session_drop(silent);
	assert_heard(s.bob, "presence unavailable alice@~/silent > bob@~");
}

static void presence_to_who_is_not_there_is_swallowed(void **state)
{
	(void)state;
	house_say(s.alice, "<presence to='eve@~'/><presence to='bob@~/x'/>"
			   "<presence to='carol@~'/>"
			   "<presence to='bob@~' type='error'/>");
	assert_heard(s.alice, "");
	assert_heard(s.bob, "");
	house_say(s.alice, "<presence to='bob@~/b' type='error'/>");
	assert_heard(s.bob, "presence error alice@~/a > bob@~/b: "
			    "undefined-condition");
}

/* ---- probes (sections 4.3.2 and 4.6.6) ---- */

static void a_probe_is_answered_to_who_may_know(void **state)
{
	(void)state;
	struct session *carol = house_enter("carol", "c", 0);
	befriend();
	house_say(s.bob, "<presence><show>away</show></presence>");
	house_forget((struct session *[]){ s.alice, s.bob }, 2);
	house_say(s.alice, "<presence to='bob@~' type='probe'/>");
	assert_heard(s.alice, "presence - bob@~/b > alice@~/a: away");
	/* To a full JID no more than that it is there. */
	house_say(s.alice, "<presence to='bob@~/b' type='probe'/>"
			   "<presence to='bob@~/x' type='probe'/>");
	assert_heard(s.alice, "presence - bob@~/b > alice@~/a"
			      "|presence unavailable bob@~/x > alice@~/a");

	house_say(carol, "<presence to='bob@~' type='probe'/>"
			 "<presence to='bob@~/b' type='probe'/>"
			 "<presence to='eve@~' type='probe'/>");
	assert_heard(carol, "presence unsubscribed bob@~ > carol@~/c"
			    "|presence unsubscribed bob@~ > carol@~/c"
			    "|presence unsubscribed eve@~ > carol@~/c");
	house_say(s.bob, "<presence to='carol@~/c'/>");
	house_hear(carol);
	house_say(carol, "<presence to='bob@~/b' type='probe'/>");
	assert_heard(carol, "presence - bob@~/b > carol@~/c");

	session_drop(s.bob);
	house_hear(s.alice);
	house_say(s.alice, "<presence to='bob@~' type='probe'/>");
	assert_heard(s.alice, "presence unavailable bob@~ > alice@~/a (delay)");
}

/* ---- befriended from the start ---- */

static void friends_are_in_everybodys_roster(void **state)
{
	(void)state;
	struct err e = ERR_NONE;
	assert_ok(user_befriend_all(&house.server, &e), &e);
	house_say(s.alice, "<presence><show>chat</show></presence>");
	assert_heard(s.bob, "presence - alice@~/a > bob@~: chat");
	for (const struct contact *c = user_next_contact(s.alice->user, NULL);
		c; c = user_next_contact(s.alice->user, c))
		assert_int_equal(c->subscription, SUB_BOTH);
	assert_int_equal(s.alice->user->roster.count, 2);
}

#define T(name) cmocka_unit_test_setup_teardown(name, enter, house_teardown)

TEST_MAIN(T(a_subscription_is_asked_for_and_granted),
	T(a_subscription_is_denied),
	T(a_subscription_is_cancelled_by_who_granted_it),
	T(a_subscription_is_ended_by_who_asked_for_it),
	T(a_request_waits_for_who_is_away),
	T(a_request_that_was_granted_is_answered_for_the_account),
	T(requests_that_cannot_be_granted),
	T(a_roster_is_changed_and_pushed_to_who_asked_for_it),
	T(removing_a_contact_ends_both_subscriptions),
	T(a_roster_set_that_is_wrong_is_refused), T(a_roster_has_an_end),
	T(who_comes_sees_who_is_there_and_is_seen),
	T(who_leaves_is_seen_to_leave), T(who_is_cut_off_is_seen_to_leave),
	T(who_comes_back_sees_all_again),
	T(who_was_told_in_person_is_told_of_the_end),
	T(who_was_told_of_the_end_in_person_is_not_told_again),
	T(a_subscriber_told_in_person_is_told_once),
	T(a_resource_never_available_tells_whom_it_told),
	T(presence_to_who_is_not_there_is_swallowed),
	T(a_probe_is_answered_to_who_may_know),
	T(friends_are_in_everybodys_roster))
