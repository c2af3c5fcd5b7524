/* Clients whose connections are cut, again and again and at any moment, with
 * xmppserve at the other end: each message is there once, in order. */
#include "tests/common/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "cmd/xmppserve/certificate.h"
#include "cmd/xmppserve/user.h"
#include "tests/xmppserve/guest.h"
#include "xmpp/client.h"
#include "xmpp/deliver.h"
#include "xmpp/ns.h"

#define ALICE_AT "192.0.2.11"
#define BOB_AT "192.0.2.12"

/* One of the two who talk. */
struct party {
	struct xmpp_jid jid;
	struct xmpp_client *client;
	int online, renewed, ended;
	struct err end;
};

static struct {
	struct resolver *resolver;
	struct xmpp_target target;
	struct party alice, bob;
	unsigned count; /* messages to send */
	unsigned sent, decided, failed, unknown;
	unsigned next; /* the one bob is to get next */
	unsigned twice, gaps;
	bool sends_fresh;   /* the same ids may come twice */
	struct err outcome; /* the last that was no success */
} talk;

static void send_more(void);

static void on_delivered(void *arg, const struct err *e)
{
	(void)arg;
	talk.decided++;
	if (!err_is_set(e))
		return;
	talk.outcome = *e;
	talk.failed++;
	talk.unknown += e->status == STATUS_TIMEOUT;
}

static void send_more(void)
{
	struct xmpp_client *c = talk.alice.client;
	while (talk.sent < talk.count && !xmpp_client_is_full(c)) {
		struct err e = ERR_NONE;
		struct xml_element *s =
			xml_element_new("message", XMPP_NS_CLIENT);
		xml_element_attr(s, "to", "bob@" INN_DOMAIN);
		xml_element_attr(s, "type", "chat");
		xml_element_attr_u64(s, "id", ++talk.sent);
		xml_element_text(xml_element_child(s, "body", NULL), "x");
		assert_ok(xmpp_deliver(c, s, XMPP_UNTIL_ACCEPTED, USEC_NEVER,
				  on_delivered, NULL, &e) != NULL,
			&e);
	}
}

static void on_progress(void *arg)
{
	if (arg == &talk.alice && talk.count)
		send_more();
}

static void on_online(void *arg)
{
	struct party *p = arg;
	p->online++;
	on_progress(arg);
}

static void on_renewed(void *arg)
{
	struct party *p = arg;
	p->renewed++;
}

static void on_ended(void *arg, const struct err *e)
{
	struct party *p = arg;
	p->ended++;
	p->end = *e;
}

static void on_message(void *arg, const struct xml_element *s)
{
	const char *id = xml_element_attr_find(s, "id");
	if (arg != &talk.bob || !id)
		return;
	unsigned number = (unsigned)strtoul(id, NULL, 10);
	if (number < talk.next)
		talk.twice++;
	else
		talk.gaps += number - talk.next;
	if (number >= talk.next)
		talk.next = number + 1;
}

static const struct xmpp_client_handlers handlers = {
	.online = on_online,
	.renewed = on_renewed,
	.message = on_message,
	.progress = on_progress,
	.ended = on_ended,
};

static void enter(struct party *p, const char *jid)
{
	struct err e = ERR_NONE;
	assert_ok(xmpp_jid_parse(&p->jid, span_of(jid), &e), &e);
	struct xmpp_stream_settings settings = { .jid = &p->jid,
		.password = SPAN("pw"),
		.server = &talk.target,
		.tls = { .ca_file = inn_ca() },
		.deadline = USEC_NEVER,
		.reconnect = 100 * USEC_SEC };
	p->client = xmpp_client_new(
		inn.server->loop, talk.resolver, &settings, &handlers, p, &e);
	assert_ok(p->client != NULL, &e);
}

static int setup(void **state)
{
	struct err e = ERR_NONE;
	inn_setup(state);
	memset(&talk, 0, sizeof(talk));
	talk.next = 1;
	talk.resolver = resolver_new(inn.server->loop, NULL, &e);
	assert_ok(talk.resolver != NULL, &e);
	assert_ok(xmpp_target_parse(&talk.target, SPAN(INN_AT),
			  XMPP_SECURITY_STARTTLS, &e),
		&e);
	return 0;
}

static int teardown(void **state)
{
	xmpp_client_free(talk.alice.client);
	xmpp_client_free(talk.bob.client);
	xmpp_jid_clear(&talk.alice.jid);
	xmpp_jid_clear(&talk.bob.jid);
	resolver_free(talk.resolver);
	return inn_teardown(state);
}

static bool are_online(void *arg)
{
	(void)arg;
	return talk.alice.online && talk.bob.online;
}

static bool is_over(void *arg)
{
	(void)arg;
	return talk.decided == talk.count || talk.alice.ended || talk.bob.ended;
}

static void enter_both(void)
{
	static const struct xmpp_presence here = { 0 };
	enter(&talk.alice, "alice@" INN_DOMAIN);
	enter(&talk.bob, "bob@" INN_DOMAIN);
	assert_true(xmpp_client_set_presence(talk.bob.client, &here, NULL));
	assert_true(sim_run(inn.sim, are_online, NULL, 10 * USEC_SEC));
	inn_go(USEC_SEC);
}

static void assert_all_came_once(void)
{
	if (talk.alice.ended || talk.bob.ended)
		fail_msg("ended: \"%s\" \"%s\"", talk.alice.end.text,
			talk.bob.end.text);
	if (talk.decided != talk.count || talk.failed)
		fail_msg("%u of %u decided, %u failed: \"%s\"", talk.decided,
			talk.count, talk.failed, talk.outcome.text);
	inn_go(100 * USEC_SEC); /* the receiver may be cut off just now */
	if (talk.next != talk.count + 1 || talk.gaps || talk.twice)
		fail_msg("the last was %u of %u, %u are missing, %u came twice",
			talk.next - 1, talk.count, talk.gaps, talk.twice);
}

static void cut_all(void)
{
	struct endpoint at;
	assert_true(endpoint_parse(&at, SPAN(INN_AT), 0, NULL));
	sim_reset_streams(inn.sim, &at);
}

static bool is_alice_online(void *arg)
{
	(void)arg;
	return xmpp_client_is_online(talk.alice.client);
}

/* Cuts of both connections at any moment: while stanzas and acknowledgements
 * are under way, within TLS, SASL and <resume/>. */
static void talk_with_cuts(uint64_t seed, unsigned cuts)
{
	unsigned in_flight = 0, resuming = 0;
	struct sim_faults slow = {
		.delay_min = USEC_MS, .delay_max = 5 * USEC_MS, .segment = 700
	};
	sim_set_faults(inn.sim, &slow);
	enter_both();
	for (uint64_t i = 0; i < seed; i++)
		rand_below(7);
	for (unsigned i = 0; i < cuts; i++) {
		bool online = i % 4 != 0;
		if (online)
			sim_run(inn.sim, is_alice_online, NULL, 99 * USEC_SEC);
		talk.count += 40;
		send_more();
		inn_go((usec_t)rand_below(online ? 12 : 250) * USEC_MS);
		in_flight +=
			xmpp_sm_unacked(xmpp_client_sm(talk.alice.client)) > 0;
		resuming += !is_alice_online(NULL);
		cut_all();
	}
	sim_run(inn.sim, is_over, NULL, 1000 * USEC_SEC);
	assert_all_came_once();
	assert_in_range(in_flight, cuts * 3 / 4, cuts);
	assert_in_range(resuming, 3, cuts);
}

static void each_message_comes_once_whenever_it_is_cut(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 12; seed++) {
		talk_with_cuts(seed, 50);
		teardown(NULL);
		setup(NULL);
	}
}

/* The client notices, the server does not: the old connection is still there
 * when the session is resumed. */
static void a_half_open_connection_is_taken_over(void **state)
{
	(void)state;
	struct endpoint at;
	enter_both();
	talk.count = 1;
	send_more();
	inn_go(USEC_SEC);
	assert_true(endpoint_parse(&at, SPAN(INN_AT), 0, NULL));
	/* The connection that came of it may be half open later in turn. */
	for (unsigned count = 300; count <= 600; count += 300) {
		sim_cut(inn.sim, &at, true);
		talk.count = count;
		send_more();
		inn_go(XMPP_CLIENT_QUIET + XMPP_CLIENT_ANSWER + USEC_SEC);
		sim_cut(inn.sim, &at, false);
		sim_run(inn.sim, is_over, NULL, 100 * USEC_SEC);
		assert_all_came_once();
		assert_non_null(
			strstr(buf_text(&inn.events), "resumed alice@"));
		buf_reset(&inn.events);
	}
	assert_int_equal(talk.alice.renewed + talk.bob.renewed, 0);
}

/* ---- where it cannot be resumed ---- */

static void check_lost(bool resend)
{
	inn.server->keep = 0;
	enter_both();
	xmpp_client_set_resend(talk.alice.client, resend);
	talk.count = 200;
	send_more();
	inn_go(500); /* less than a packet takes: nothing is acknowledged */
	cut_all();
	sim_run(inn.sim, is_over, NULL, 100 * USEC_SEC);
	inn_go(USEC_SEC);
	assert_int_equal(talk.alice.renewed, 1);
	assert_int_equal(talk.decided, talk.count);
}

static void what_is_unknown_is_said_of_each(void **state)
{
	(void)state;
	check_lost(false);
	assert_int_equal(talk.unknown, talk.count);
	assert_non_null(strstr(
		talk.outcome.text, "bob@" INN_DOMAIN ": unknown whether it"));
	assert_int_equal(talk.twice, 0);
}

static void or_it_is_sent_again_with_the_same_id(void **state)
{
	(void)state;
	check_lost(true);
	assert_int_equal(talk.failed, 0);
	assert_int_equal(talk.next, talk.count + 1);
	assert_int_equal(talk.gaps, 0);
}

/* A cut so long after a hundred were sent, until the session is given up. */
static void cut_too_long(usec_t after)
{
	struct endpoint at;
	inn.server->keep = 20 * USEC_SEC;
	enter_both();
	talk.count = 100;
	send_more();
	inn_go(after);
	assert_int_equal(talk.decided, 0);
	assert_true(endpoint_parse(&at, SPAN(INN_AT), 0, NULL));
	cut_all();
	sim_cut(inn.sim, &at, true);
	inn_go(30 * USEC_SEC);
	sim_cut(inn.sim, &at, false);
	sim_run(inn.sim, is_over, NULL, 100 * USEC_SEC);
	assert_int_equal(talk.alice.renewed, 1);
}

static void what_a_late_refusal_counts_is_known_to_have_come(void **state)
{
	(void)state;
	/* They have come, nobody has said so. */
	cut_too_long(3 * SIM_DELAY / 2);
	assert_int_equal(talk.unknown, 100);
	assert_non_null(strstr(talk.outcome.text, "accepted here, unknown"));
	/* Bob's presence was said again: they have reached him. */
	inn_go(USEC_SEC);
	assert_int_equal(talk.next, 101);
}

static void what_it_does_not_count_is_said_again(void **state)
{
	(void)state;
	cut_too_long(500); /* less than a packet takes */
	assert_int_equal(talk.unknown + talk.failed, 0);
	inn_go(USEC_SEC);
	assert_int_equal(talk.next, 101);
	assert_int_equal(talk.gaps + talk.twice, 0);
}

/* ---- when it ends ---- */

static void nobody_comes_back_after_a_conflict(void **state)
{
	(void)state;
	struct guest *other = guest_new((struct guest){ .user = "alice" });
	enter_both();
	other->resource =
		mem_strn(xmpp_client_jid(talk.alice.client)->resource.p,
			xmpp_client_jid(talk.alice.client)->resource.n);
	guest_enter(other);
	inn_go(100 * USEC_SEC);
	assert_int_equal(talk.alice.ended, 1);
	assert_string_equal(talk.alice.end.condition, "conflict");
	assert_false(other->closed);
	mem_free((char *)other->resource);
}

static void it_is_tried_for_so_long_and_then_it_ends(void **state)
{
	(void)state;
	struct endpoint at;
	enter_both();
	talk.count = 5;
	assert_true(endpoint_parse(&at, SPAN(INN_AT), 0, NULL));
	sim_cut(inn.sim, &at, true);
	cut_all();
	send_more();
	/* A pause of up to a minute that would end too late is not begun. */
	inn_go(35 * USEC_SEC);
	assert_int_equal(talk.alice.ended, 0);
	inn_go(85 * USEC_SEC);
	assert_int_equal(talk.alice.ended, 1);
	assert_int_equal(talk.decided, 5);
	assert_int_equal(talk.failed, 5);
	assert_int_equal(talk.unknown, 5);
	sim_cut(inn.sim, &at, false);
}

static void a_session_nobody_comes_back_for_ends(void **state)
{
	(void)state;
	inn.server->keep = 20 * USEC_SEC;
	enter_both();
	cut_all();
	xmpp_client_free(talk.bob.client);
	talk.bob.client = NULL;
	inn_go(USEC_SEC);
	struct user *bob = user_find(inn.server, SPAN("bob"));
	assert_false(link_is_alone(&bob->sessions));
	talk.count = 3;
	send_more();
	inn_go(30 * USEC_SEC);
	assert_true(link_is_alone(&bob->sessions));
	assert_int_equal(bob->offline.count, 3);
	assert_int_equal(talk.decided, 3);
	assert_int_equal(talk.failed, 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

TEST_MAIN(T(each_message_comes_once_whenever_it_is_cut),
	T(a_half_open_connection_is_taken_over),
	T(what_is_unknown_is_said_of_each),
	T(or_it_is_sent_again_with_the_same_id),
	T(what_a_late_refusal_counts_is_known_to_have_come),
	T(what_it_does_not_count_is_said_again),
	T(nobody_comes_back_after_a_conflict),
	T(it_is_tried_for_so_long_and_then_it_ends),
	T(a_session_nobody_comes_back_for_ends))
