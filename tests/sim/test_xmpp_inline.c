/* A resource that comes with authentication (XEP-0386): when it is asked for,
 * and what is believed of the answer. */
#include "tests/common/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/common/xmpp_near.h"
#include "xmpp/keep.h"
#include "xmpp/ns.h"

static char folder[64];
static struct xmpp_jid account;

static const char offer[] =
	"<authentication xmlns='" XMPP_NS_SASL2
	"'><mechanism>PLAIN</mechanism><inline><sm xmlns='" XMPP_NS_SM
	"'/><bind xmlns='" XMPP_NS_BIND2 "'><inline><feature var='" XMPP_NS_SM
	"'/><feature var='" XMPP_NS_CARBONS
	"'/></inline></bind></inline></authentication>";

#define SUCCESS(jid, result)                                                   \
	"<success xmlns='" XMPP_NS_SASL2 "'><authorization-identifier>" jid    \
	"</authorization-identifier>" result                                   \
	"</success><stream:features><bind xmlns='" XMPP_NS_BIND                \
	"'/><sm xmlns='" XMPP_NS_SM "'/></stream:features>"
#define BOUND(inside) "<bound xmlns='" XMPP_NS_BIND2 "'>" inside "</bound>"
#define ENABLED "<enabled xmlns='" XMPP_NS_SM "'/>"

/* The archive of the account was seen to take everything. */
static int setup(void **state)
{
	struct err e = ERR_NONE;
	struct xmpp_known known = { .archive = true };
	snprintf(folder, sizeof(folder), "/tmp/samtal-inline-XXXXXX");
	assert_non_null(mkdtemp(folder));
	setenv("XDG_STATE_HOME", folder, 1);
	near_setup(state);
	assert_ok(xmpp_jid_parse(&account, SPAN(PEER_USER "@" PEER_DOMAIN), &e),
		&e);
	assert_ok(xmpp_keep_write(&known, &account, "starttls", false, &e), &e);
	near.settings.jid = &account;
	near.settings.remember = near.settings.allow_plain = true;
	near.peer.features = offer;
	return 0;
}

static int teardown(void **state)
{
	near_teardown(state);
	xmpp_jid_clear(&account);
	char *command = mem_format("rm -rf '%s'", folder);
	assert_int_equal(system(command), 0);
	mem_free(command);
	return 0;
}

static bool was_heard(const char *text)
{
	struct span all = buf_view(&near.peer.heard);
	return span_find_span(all, span_of(text), 0) < all.n;
}

/* What the server says to <authenticate/>. */
static void start(const char *answer, bool catches_up)
{
	near.peer.lines[PEER_STANZA].say = answer;
	near_start();
	xmpp_client_set_catches_up(near.client, catches_up);
	near_go(USEC_SEC);
}

static void it_is_taken_with_all_that_comes_with_it(void **state)
{
	(void)state;
	start(SUCCESS("me@our.example/s/1",
		      BOUND(ENABLED "<metadata xmlns='" XMPP_NS_MAM
				    "'><start id='m1'/><end id='m9'/>"
				    "</metadata>")),
		true);
	assert_int_equal(near.online, 1);
	assert_string_equal(
		xmpp_client_jid(near.client)->text, "me@our.example/s/1");
	assert_true(xmpp_client_is_inline(near.client));
	assert_true(xmpp_client_has_carbons(near.client));
	assert_string_equal(xmpp_client_archive_end(near.client), "m9");
	assert_int_equal(xmpp_client_sm(near.client)->state, XMPP_SM_ON);
	assert_true(was_heard("<bind xmlns='" XMPP_NS_BIND2 "'>"));
	assert_int_equal(near.peer.came[PEER_BIND], 0);
	assert_int_equal(near.peer.came[PEER_ENABLE], 0);
}

static void it_is_not_asked_for_unless_all_is_well(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct err e = ERR_NONE;
		struct xmpp_known none = { 0 };
		if (i == 1)
			xmpp_keep_write(&none, &account, "starttls", false, &e);
		if (i == 2)
			near.settings.jid = &near.jid; /* with a resource */
		if (i == 3)
			near.settings.remember = false;
		start(SUCCESS("me@our.example", ""), i > 0);
		assert_int_equal(near.online, 1);
		assert_false(was_heard(XMPP_NS_BIND2));
		assert_false(xmpp_client_is_inline(near.client));
		teardown(NULL);
		setup(NULL);
	}
}

static void who_passes_over_it_is_asked_as_ever(void **state)
{
	(void)state;
	start(SUCCESS("me@our.example", ""), true);
	assert_true(was_heard(XMPP_NS_BIND2));
	assert_int_equal(near.online, 1);
	assert_int_equal(near.peer.came[PEER_BIND], 1);
	assert_int_equal(near.peer.came[PEER_ENABLE], 1);
	assert_false(xmpp_client_is_inline(near.client));
	assert_false(xmpp_client_has_carbons(near.client));
	assert_null(xmpp_client_archive_end(near.client));
}

static void without_acknowledgements_it_is_taken_too(void **state)
{
	(void)state;
	start(SUCCESS("me@our.example/1",
		      BOUND("<failed xmlns='" XMPP_NS_SM
			    "'/><metadata xmlns='" XMPP_NS_MAM "'/>")),
		true);
	assert_int_equal(near.online, 1);
	assert_true(xmpp_client_is_inline(near.client));
	assert_null(xmpp_client_archive_end(near.client));
}

static void an_address_that_is_none_is_refused(void **state)
{
	static const char *const answers[] = {
		SUCCESS("me@our.example", BOUND(ENABLED)),
		SUCCESS("", BOUND(ENABLED)),
		SUCCESS("@/", BOUND(ENABLED)),
	};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		start(answers[i], true);
		near_assert_end(STATUS_MALFORMED, "no full JID");
		teardown(NULL);
		setup(NULL);
	}
}

/* Nobody has asked for a session to be resumed. */
static void what_was_not_asked_for_is_passed_over(void **state)
{
	(void)state;
	start(SUCCESS("me@our.example", "<resumed xmlns='" XMPP_NS_SM
					"' h='0' previd='x'/>" BOUND("")),
		false);
	assert_int_equal(near.online, 1);
	assert_int_equal(near.peer.came[PEER_BIND], 1);
	assert_false(xmpp_client_is_inline(near.client));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

TEST_MAIN(T(it_is_taken_with_all_that_comes_with_it),
	T(it_is_not_asked_for_unless_all_is_well),
	T(who_passes_over_it_is_asked_as_ever),
	T(without_acknowledgements_it_is_taken_too),
	T(an_address_that_is_none_is_refused),
	T(what_was_not_asked_for_is_passed_over))
