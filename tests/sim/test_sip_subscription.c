/* Subscriptions (RFC 6665): the subscriber and the notifier, with each other
 * and with ends that do what they should not. */
#include "tests/common/test.h"

#include <string.h>

#include "base/mem.h"
#include "net/sim.h"
#include "sip/notifier.h"
#include "sip/subscription.h"
#include "tests/common/sip_raw.h"

#define US "192.0.2.1:5060"
#define THEM "192.0.2.2:5060"

struct near {
	struct sim *sim;
	struct sip_ua *ua;
	struct sip_subscription *subscription;
	struct buf log;
	int firsts; /* NOTIFYs that were the first of a dialog */
	struct err end;
	bool has_ended;
};

static void on_notify(void *arg, const struct sip_notify *n)
{
	struct near *near = arg;
	static const char *const states[] = { "pending", "active",
		"terminated" };

	near->firsts += n->is_first;
	buf_printf(&near->log, "%s %.*s;", states[n->state],
		SPAN_ARGS(n->state == SIP_SUBSCRIPTION_TERMINATED ? n->reason
								  : n->body));
}

static void on_ended(void *arg, const struct err *e)
{
	struct near *near = arg;

	assert_false(near->has_ended);
	near->has_ended = true;
	near->end = *e;
}

static const struct sip_subscription_handlers handlers = { on_notify,
	on_ended };

static void near_open(struct near *n, struct sim *sim, uint32_t expires)
{
	struct sip_ua_settings ua = { .loop = sim_loop(sim) };
	struct endpoint local = sip_raw_at(US);
	struct err e = ERR_NONE;

	memset(n, 0, sizeof(*n));
	n->sim = sim;
	buf_init(&n->log, 1 << 20);
	n->ua = sip_ua_new(&ua);
	assert_ok(sip_ua_listen(n->ua, &local, NULL, &e), &e);
	sip_subscription_serve(n->ua);
	n->subscription = sip_subscription_new(
		&(struct sip_subscription_settings){ .ua = n->ua,
			.uri = SPAN("sip:b@192.0.2.2"),
			.event = SPAN("presence"),
			.expires = expires },
		&handlers, n);
}

static void near_close(struct near *n)
{
	sip_subscription_free(n->subscription);
	sip_ua_free(n->ua);
	buf_clear(&n->log);
}

#define assert_log(n, want)                                                    \
	do {                                                                   \
		assert_string_equal(buf_text(&(n)->log), want);                \
		buf_reset(&(n)->log);                                          \
	} while (0)

struct far {
	struct sip_ua *ua;
	struct sip_notifier *notifier;
	int watchers;
	bool has_ended;
};

static void on_watched(void *arg, struct span who, bool begins)
{
	struct far *f = arg;

	assert_true(span_is(who, "sip:anonymous@anonymous.invalid"));
	f->watchers += begins ? 1 : -1;
}

static void on_all_gone(void *arg)
{
	((struct far *)arg)->has_ended = true;
}

static void far_open(struct far *f, struct sim *sim)
{
	static const struct sip_notifier_handlers h = { on_watched,
		on_all_gone };
	struct sip_ua_settings ua = { .loop = sim_loop(sim) };
	struct endpoint local = sip_raw_at(THEM);
	struct err e = ERR_NONE;

	memset(f, 0, sizeof(*f));
	f->ua = sip_ua_new(&ua);
	assert_ok(sip_ua_listen(f->ua, &local, NULL, &e), &e);
	f->notifier =
		sip_notifier_new(&(struct sip_notifier_settings){ .ua = f->ua,
					 .event = "presence",
					 .content_type = "text/plain" },
			&h, f);
	sip_notifier_publish(f->notifier, SPAN("here"));
}

static void far_close(struct far *f)
{
	sip_notifier_free(f->notifier);
	sip_ua_free(f->ua);
}

/* What a test is about: us, and our notifier or a peer that does what the test
 * says. */
struct scene {
	struct sim *sim;
	struct near near;
	struct far far;
	struct sip_raw peer;
};

static void both_open(struct scene *s, uint64_t seed, uint32_t expires)
{
	s->sim = sim_new(seed);
	far_open(&s->far, s->sim);
	near_open(&s->near, s->sim, expires);
	sip_raw_run(s->sim, 100);
}

static void both_close(struct scene *s)
{
	near_close(&s->near);
	far_close(&s->far);
	sim_free(s->sim);
}

/* Our SUBSCRIBE is the last message that the peer has. */
static void peer_open(struct scene *s, uint64_t seed, uint32_t expires)
{
	s->sim = sim_new(seed);
	sip_raw_open(&s->peer, s->sim, THEM);
	near_open(&s->near, s->sim, expires);
	sip_raw_run(s->sim, 100);
}

static void peer_close(struct scene *s)
{
	near_close(&s->near);
	sip_raw_close(&s->peer);
	sim_free(s->sim);
}

/* ---- with our notifier ---------------------------------------------------------- */

static void run_for(struct sim *sim, int seconds)
{
	for (int i = 0; i < seconds; i++)
		sip_raw_run(sim, 1000);
}

static void each_change_comes_until_it_is_ended(void **state)
{
	struct scene s;

	(void)state;
	both_open(&s, 1, 600);
	assert_log(&s.near, "active here;");
	assert_int_equal(s.far.watchers, 1);
	sip_notifier_publish(s.far.notifier, SPAN("away"));
	sip_raw_run(s.sim, 100);
	assert_log(&s.near, "active away;");
	run_for(s.sim, 3600); /* refreshed, which tells the present state */
	assert_non_null(strstr(buf_text(&s.near.log), "active away;"));
	assert_null(strstr(buf_text(&s.near.log), "terminated"));
	assert_int_equal(s.far.watchers, 1);
	buf_reset(&s.near.log);
	sip_subscription_end(s.near.subscription);
	sip_raw_run(s.sim, 100);
	assert_log(&s.near, "terminated timeout;");
	assert_true(s.near.has_ended);
	assert_false(err_is_set(&s.near.end));
	assert_int_equal(s.far.watchers, 0);
	both_close(&s);
}

static void a_fetch_is_one_notify(void **state)
{
	struct scene s;

	(void)state;
	both_open(&s, 2, 0);
	assert_log(&s.near, "terminated timeout;");
	assert_true(s.near.has_ended);
	assert_false(err_is_set(&s.near.end));
	assert_int_equal(sip_notifier_watchers(s.far.notifier), 0);
	both_close(&s);
}

static void too_short_a_time_is_raised(void **state)
{
	struct scene s;

	(void)state;
	both_open(&s, 3, 5);
	run_for(s.sim, 10);
	assert_log(&s.near, "active here;");
	both_close(&s);
}

static void a_notifier_that_ends_says_so_and_is_found_again(void **state)
{
	struct scene s;

	(void)state;
	both_open(&s, 4, 600);
	buf_reset(&s.near.log);
	sip_notifier_end(s.far.notifier);
	sip_raw_run(s.sim, 100);
	assert_log(&s.near, "terminated probation;");
	assert_true(s.far.has_ended);
	assert_false(s.near.has_ended);
	far_close(&s.far);
	far_open(&s.far, s.sim);
	run_for(s.sim, 40);
	assert_log(&s.near, "active here;");
	both_close(&s);
}

static void after_a_restart_of_the_notifier_it_is_made_anew(void **state)
{
	struct scene s;

	(void)state;
	both_open(&s, 5, 600);
	far_close(&s.far);
	run_for(s.sim, 60);
	far_open(&s.far, s.sim);
	buf_reset(&s.near.log);
	run_for(s.sim, 600);
	assert_non_null(strstr(buf_text(&s.near.log), "active here;"));
	assert_int_equal(s.far.watchers, 1);
	both_close(&s);
}

/* A watcher that is gone without a word costs one NOTIFY, then nothing. */
static void a_watcher_that_does_not_answer_is_given_up(void **state)
{
	struct scene s;

	(void)state;
	both_open(&s, 6, 600);
	near_close(&s.near);
	sip_notifier_publish(s.far.notifier, SPAN("away"));
	run_for(s.sim, 40);
	assert_int_equal(sip_notifier_watchers(s.far.notifier), 0);
	far_close(&s.far);
	sim_free(s.sim);
}

/* Who finds that something is missing asks for all, but not all the time. */
static void the_whole_state_is_asked_for_at_a_pace(void **state)
{
	struct scene s;

	(void)state;
	both_open(&s, 11, 600);
	assert_log(&s.near, "active here;");
	sip_subscription_refresh(s.near.subscription);
	sip_raw_run(s.sim, 100);
	assert_log(&s.near, "active here;");
	sip_subscription_refresh(s.near.subscription);
	sip_raw_run(s.sim, 4500);
	assert_log(&s.near, "");
	sip_raw_run(s.sim, 500);
	assert_log(&s.near, "active here;");
	run_for(s.sim, 300);
	assert_log(&s.near, "");
	sip_subscription_end(s.near.subscription);
	sip_subscription_refresh(s.near.subscription);
	run_for(s.sim, 60);
	assert_log(&s.near, "terminated timeout;");
	assert_true(s.near.has_ended);
	both_close(&s);
}

static void each_dialog_has_a_first_notify(void **state)
{
	struct scene s;

	(void)state;
	both_open(&s, 12, 600);
	sip_notifier_publish(s.far.notifier, SPAN("away"));
	sip_raw_run(s.sim, 100);
	assert_int_equal(s.near.firsts, 1);
	far_close(&s.far);
	far_open(&s.far, s.sim);
	run_for(s.sim, 600); /* 481, and made anew */
	assert_int_equal(s.near.firsts, 2);
	both_close(&s);
}

/* ---- with a peer that does what the test says ------------------------------------- */

static void send_notify(struct sip_raw *peer, const char *branch,
	const char *from_tag, const char *event, const char *state)
{
	struct span call_id = sip_scan_value(&peer->scan, SIP_HDR_CALL_ID);
	struct span us = sip_scan_value(&peer->scan, SIP_HDR_FROM);
	struct buf text = BUF_INIT(4096);

	buf_printf(&text,
		"NOTIFY sip:192.0.2.1 SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK%s\r\n"
		"From: <sip:b@192.0.2.2>;tag=%s\r\nTo: %.*s\r\n"
		"Call-ID: %.*s\r\nCSeq: 1 NOTIFY\r\nMax-Forwards: 70\r\n"
		"Contact: <sip:b@192.0.2.2>\r\nEvent: %s\r\n"
		"Subscription-State: %s\r\nContent-Type: text/plain\r\n"
		"Content-Length: 3\r\n\r\nhey",
		branch, from_tag, SPAN_ARGS(us), SPAN_ARGS(call_id), event,
		state);
	sip_raw_send(peer, US, buf_text(&text));
	buf_clear(&text);
}

static void a_notify_may_come_before_the_answer(void **state)
{
	struct scene s;
	struct sip_raw contact;

	(void)state;
	peer_open(&s, 7, 600);
	sip_raw_open(&contact, s.sim, "192.0.2.9:5060");
	assert_string_equal(buf_text(&s.peer.log), "1 SUBSCRIBE\n");
	char *subscribe = mem_strn(s.peer.last.data, s.peer.last.len);
	size_t len = s.peer.last.len;
	send_notify(&s.peer, "1", "t", "other", "active");
	sip_raw_run(s.sim, 100);
	assert_int_equal(s.peer.scan.status_code, 489);
	sip_scan(&s.peer.scan, span_from(subscribe, len));
	send_notify(&s.peer, "2", "t", "presence", "active;expires=600");
	sip_raw_run(s.sim, 100);
	assert_int_equal(s.peer.scan.status_code, 200);
	assert_log(&s.near, "active hey;");
	sip_scan(&s.peer.scan, span_from(subscribe, len));
	sip_raw_reply_lines(&s.peer, 200, "t", "Expires: 600\r\n");
	/* A fork: its dialog is not ours. */
	send_notify(&s.peer, "3", "fork", "presence", "active;expires=600");
	sip_raw_run(s.sim, 100);
	assert_int_equal(s.peer.scan.status_code, 481);
	assert_int_equal(sip_ua_dialogs(s.near.ua), 1);
	run_for(s.sim, 560); /* it is refreshed where the 2xx's Contact is */
	assert_non_null(strstr(buf_text(&contact.log), "SUBSCRIBE"));
	mem_free(subscribe);
	sip_raw_close(&contact);
	peer_close(&s);
}

static void an_accepted_one_without_notify_has_failed(void **state)
{
	struct scene s;

	(void)state;
	peer_open(&s, 8, 0);
	sip_raw_reply(&s.peer, 202, "t");
	run_for(s.sim, 40);
	assert_true(s.near.has_ended);
	assert_int_equal(s.near.end.status, STATUS_TIMEOUT);
	peer_close(&s);
}

static void one_that_is_ended_for_good_is_over(void **state)
{
	struct scene s;

	(void)state;
	peer_open(&s, 10, 600);
	send_notify(
		&s.peer, "1", "t", "presence", "terminated;reason=noresource");
	sip_raw_run(s.sim, 100);
	assert_log(&s.near, "terminated noresource;");
	assert_true(s.near.has_ended);
	assert_int_equal(s.near.end.status, STATUS_REFUSED);
	peer_close(&s);
}

static void one_that_is_refused_says_so(void **state)
{
	static const struct {
		unsigned code;
		enum status status;
	} rows[] = { { 489, STATUS_REFUSED }, { 404, STATUS_REFUSED },
		{ 401, STATUS_AUTH }, { 500, STATUS_REFUSED } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct scene s;
		peer_open(&s, 9, 600);
		sip_raw_reply(&s.peer, rows[i].code, "t");
		sip_raw_run(s.sim, 100);
		assert_true(s.near.has_ended);
		assert_int_equal(s.near.end.status, rows[i].status);
		peer_close(&s);
	}
}

/* ---- over a bad network ------------------------------------------------------------- */

static void losses_lose_no_last_word(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 100; seed++) {
		struct sim *sim = sim_new(seed);
		struct near near;
		struct far far;

		sim_set_faults(sim, &(struct sim_faults){ .loss = 0.2,
					    .duplicate = 0.05,
					    .reorder = 0.1 });
		far_open(&far, sim);
		near_open(&near, sim, 600);
		run_for(sim, 40);
		sip_notifier_publish(far.notifier, SPAN("away"));
		sip_notifier_publish(far.notifier, SPAN("back"));
		run_for(sim, 700); /* a refresh later at the latest */
		const char *log = buf_text(&near.log);
		if (!near.has_ended && !strstr(log, "active back;"))
			fail_msg("seed %d: %s", (int)seed, log);
		near_close(&near);
		far_close(&far);
		sim_free(sim);
	}
}

TEST_MAIN(cmocka_unit_test(each_change_comes_until_it_is_ended),
	cmocka_unit_test(a_fetch_is_one_notify),
	cmocka_unit_test(too_short_a_time_is_raised),
	cmocka_unit_test(a_notifier_that_ends_says_so_and_is_found_again),
	cmocka_unit_test(after_a_restart_of_the_notifier_it_is_made_anew),
	cmocka_unit_test(a_watcher_that_does_not_answer_is_given_up),
	cmocka_unit_test(the_whole_state_is_asked_for_at_a_pace),
	cmocka_unit_test(each_dialog_has_a_first_notify),
	cmocka_unit_test(a_notify_may_come_before_the_answer),
	cmocka_unit_test(an_accepted_one_without_notify_has_failed),
	cmocka_unit_test(one_that_is_ended_for_good_is_over),
	cmocka_unit_test(one_that_is_refused_says_so),
	cmocka_unit_test(losses_lose_no_last_word))
