/* MESSAGE requests on a network that loses, doubles and reorders (RFC 3428):
 * one at a time to each URI, every one delivered or reported unknown, none
 * handed over twice.
 *
 * The seeds are new each time, and printed; SEED=N begins at that one. */
#include "tests/common/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/sim.h"
#include "sip/message.h"
#include "sip/ua.h"
#include "tests/common/sip_raw.h"

#define SENDER "192.0.2.1:5060"
#define SERVER "192.0.2.2:5060"

/* ---- a sender and a peer that answers ------------------------------------------ */

struct sender {
	struct sim *sim;
	struct sip_ua *ua;
	struct sip_messages *messages;
	struct buf log; /* "BODY CODE" or "BODY STATUS" of each, in order */
};

struct sent {
	struct sender *of;
	const char *name;
};

static void on_done(void *arg, const struct sip_message_end *end)
{
	struct sent *s = arg;

	buf_printf(&s->of->log, "%s ", s->name);
	if (end->code)
		buf_printf(&s->of->log, "%u;", end->code);
	else
		buf_printf(&s->of->log, "%s;", end->e->condition);
	assert_true((end->code / 100 == 2) == (end->e == NULL));
	mem_free(s);
}

static void sender_open(struct sender *s, struct sim *sim, bool large)
{
	struct sip_ua_settings ua = { .loop = sim_loop(sim) };
	struct sip_messages_settings settings = {
		.from = SPAN("<sip:alice@example.org>"), .large = large
	};
	struct endpoint local = sip_raw_at(SENDER);
	struct err e = ERR_NONE;

	memset(s, 0, sizeof(*s));
	s->sim = sim;
	buf_init(&s->log, 1 << 20);
	s->ua = sip_ua_new(&ua);
	assert_ok(sip_ua_listen(s->ua, &local, NULL, &e), &e);
	settings.ua = s->ua;
	s->messages = sip_messages_new(&settings);
}

static void sender_close(struct sender *s)
{
	sip_messages_free(s->messages);
	sip_ua_free(s->ua);
	buf_clear(&s->log);
}

static void send_text(struct sender *s, const char *to, const char *text)
{
	struct sent *sent = mem_alloc(sizeof(*sent));

	sent->of = s;
	sent->name = text;
	sip_message_send(s->messages,
		&(struct sip_message){ .to = span_of(to),
			.content_type = SPAN("text/plain"),
			.body = span_of(text) },
		on_done, sent);
}

#define assert_log(s, want)                                                    \
	do {                                                                   \
		assert_string_equal(buf_text(&(s)->log), want);                \
		buf_reset(&(s)->log);                                          \
	} while (0)

static void only_one_is_under_way_to_a_uri(void **state)
{
	struct sim *sim = sim_new(1);
	struct sip_raw peer;
	struct sender s;

	(void)state;
	sip_raw_open(&peer, sim, SERVER);
	sender_open(&s, sim, false);
	send_text(&s, "sip:b@192.0.2.2", "one");
	send_text(&s, "SIP:b@192.0.2.2", "two");
	send_text(&s, "sip:B@192.0.2.2", "other");
	sip_raw_run(sim, 100);
	assert_string_equal(buf_text(&peer.log), "1 MESSAGE\n1 MESSAGE\n");
	assert_span(peer.scan.body, "other");
	sip_raw_reply(&peer, 202, "tag");
	sip_raw_run(sim, 100);
	assert_log(&s, "other 202;");
	assert_int_equal(sip_messages_count(s.messages), 2);
	/* The first is repeated; its answer lets the second go. */
	buf_reset(&peer.log);
	sip_raw_run(sim, 400);
	assert_string_equal(buf_text(&peer.log), "501 MESSAGE\n");
	assert_span(peer.scan.body, "one");
	sip_raw_reply(&peer, 404, "tag");
	sip_raw_run(sim, 100);
	assert_log(&s, "one 404;");
	assert_span(peer.scan.body, "two");
	sip_raw_reply(&peer, 200, "tag");
	sip_raw_run(sim, 100);
	assert_log(&s, "two 200;");
	assert_int_equal(sip_messages_count(s.messages), 0);
	sender_close(&s);
	sip_raw_close(&peer);
	sim_free(sim);
}

static void a_request_has_what_rfc_3428_wants_and_no_contact(void **state)
{
	struct sim *sim = sim_new(1);
	struct sip_raw peer;
	struct sender s;

	(void)state;
	sip_raw_open(&peer, sim, SERVER);
	peer.auto_code = 200;
	sender_open(&s, sim, false);
	send_text(&s, "sip:b@192.0.2.2", "hello");
	sip_raw_run(sim, 100);
	assert_span(sip_scan_value(&peer.scan, SIP_HDR_TO), "<sip:b@192.0.2.2>");
	assert_true(span_starts(sip_scan_value(&peer.scan, SIP_HDR_FROM),
		"<sip:alice@example.org>;tag="));
	assert_span(sip_scan_value(&peer.scan, SIP_HDR_CONTENT_TYPE),
		"text/plain");
	assert_null(sip_scan_find(&peer.scan, SIP_HDR_CONTACT));
	sender_close(&s);
	sip_raw_close(&peer);
	sim_free(sim);
}

static void a_request_over_1300_bytes_is_not_sent(void **state)
{
	char body[1201];

	(void)state;
	memset(body, 'x', sizeof(body) - 1);
	body[sizeof(body) - 1] = '\0';
	for (int large = 0; large < 2; large++) {
		struct sim *sim = sim_new(1);
		struct sip_raw peer;
		struct sender s;
		sip_raw_open(&peer, sim, SERVER);
		peer.auto_code = 200;
		sender_open(&s, sim, large);
		/* The header fields take some three hundred. */
		send_text(&s, "sip:b@192.0.2.2", body + 400);
		sip_raw_run(sim, 1000);
		buf_reset(&s.log);
		assert_true(peer.scan.raw.n <= SIP_MESSAGE_MAX);
		send_text(&s, "sip:b@192.0.2.2", body);
		sip_raw_run(sim, 1000);
		/* The peer has no TCP, so the large one comes back to UDP. */
		assert_true(span_ends(buf_view(&s.log),
			large ? " 200;" : " too-large;"));
		assert_int_equal(peer.scan.body.n == 1200, large);
		sender_close(&s);
		sip_raw_close(&peer);
		sim_free(sim);
	}
}

static void who_gives_up_is_told_what_is_not_known(void **state)
{
	struct sim *sim = sim_new(1);
	struct sip_raw peer;
	struct sender s;

	(void)state;
	sip_raw_open(&peer, sim, SERVER);
	sender_open(&s, sim, false);
	send_text(&s, "sip:b@192.0.2.2", "one");
	send_text(&s, "sip:b@192.0.2.2", "two");
	sip_raw_run(sim, 100);
	sip_messages_give_up(s.messages);
	assert_log(&s, "one timeout;two not-sent;");
	send_text(&s, "sip:b@192.0.2.2", "three");
	sip_raw_run(sim, 40000);
	assert_log(&s, "three timeout;");
	sender_close(&s);
	sip_raw_close(&peer);
	assert_int_equal(sim_set_timers(sim), 0);
	sim_free(sim);
}

TEST_MAIN(cmocka_unit_test(only_one_is_under_way_to_a_uri),
	cmocka_unit_test(a_request_has_what_rfc_3428_wants_and_no_contact),
	cmocka_unit_test(a_request_over_1300_bytes_is_not_sent),
	cmocka_unit_test(who_gives_up_is_told_what_is_not_known))
