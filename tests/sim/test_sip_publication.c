/* Event state that is published (RFC 3903), at a server that does what the
 * test says. */
#include "tests/common/test.h"

#include <string.h>

#include "net/sim.h"
#include "sip/publication.h"
#include "tests/common/sip_raw.h"

#define US "192.0.2.1:5060"
#define SERVER "192.0.2.2:5060"

struct near {
	struct sim *sim;
	struct sip_ua *ua;
	struct sip_publication *publication;
	struct sip_raw server;
	int published;
	bool has_ended;
	struct err end;
};

static void on_published(void *arg)
{
	((struct near *)arg)->published++;
}

static void on_ended(void *arg, const struct err *e)
{
	struct near *n = arg;

	assert_false(n->has_ended);
	n->has_ended = true;
	n->end = *e;
}

static void near_open(struct near *n, uint64_t seed)
{
	static const struct sip_publication_handlers handlers = { on_published,
		on_ended };
	struct endpoint local = sip_raw_at(US);
	struct err e = ERR_NONE;

	memset(n, 0, sizeof(*n));
	n->sim = sim_new(seed);
	struct sip_ua_settings ua = { .loop = sim_loop(n->sim) };
	sip_raw_open(&n->server, n->sim, SERVER);
	n->ua = sip_ua_new(&ua);
	assert_ok(sip_ua_listen(n->ua, &local, NULL, &e), &e);
	n->publication = sip_publication_new(
		&(struct sip_publication_settings){ .ua = n->ua,
			.uri = SPAN("sip:a@192.0.2.2"),
			.event = SPAN("presence"),
			.content_type = SPAN("text/plain") },
		&handlers, n);
}

static void near_close(struct near *n)
{
	sip_publication_free(n->publication);
	sip_ua_free(n->ua);
	sip_raw_close(&n->server);
	sim_free(n->sim);
}

static void run_for(struct near *n, int seconds)
{
	for (int i = 0; i < seconds; i++)
		sip_raw_run(n->sim, 1000);
}

/* Runs until the next PUBLISH is there. */
static void expect_publish(
	struct near *n, const char *body, const char *etag, const char *expires)
{
	const struct sip_scan *m = &n->server.scan;

	for (int i = 0;
		i < 3600 && !strstr(buf_text(&n->server.log), "PUBLISH"); i++)
		run_for(n, 1);
	assert_span(m->method, "PUBLISH");
	assert_span(m->body, body);
	assert_span(sip_scan_value(m, SIP_HDR_SIP_IF_MATCH), etag);
	assert_span(sip_scan_value(m, SIP_HDR_EXPIRES), expires);
	buf_reset(&n->server.log);
}

static void a_state_is_published_refreshed_changed_and_removed(void **state)
{
	struct near n;

	(void)state;
	near_open(&n, 1);
	sip_publication_set(n.publication, SPAN("here"));
	expect_publish(&n, "here", "", "3600");
	sip_raw_reply_lines(
		&n.server, 200, "t", "SIP-ETag: one\r\nExpires: 600\r\n");
	run_for(&n, 1);
	assert_int_equal(n.published, 1);
	expect_publish(&n, "", "one", "3600");
	sip_raw_reply_lines(
		&n.server, 200, "t", "SIP-ETag: two\r\nExpires: 600\r\n");
	run_for(&n, 1);
	sip_publication_set(n.publication, SPAN("away"));
	expect_publish(&n, "away", "two", "3600");
	/* changed again before the answer: one at a time */
	sip_publication_set(n.publication, SPAN("back"));
	sip_raw_reply_lines(
		&n.server, 200, "t", "SIP-ETag: three\r\nExpires: 600\r\n");
	expect_publish(&n, "back", "three", "3600");
	sip_raw_reply_lines(
		&n.server, 200, "t", "SIP-ETag: four\r\nExpires: 600\r\n");
	run_for(&n, 1);
	sip_publication_end(n.publication);
	expect_publish(&n, "", "four", "0");
	sip_raw_reply(&n.server, 200, "t");
	run_for(&n, 1);
	assert_true(n.has_ended);
	assert_false(err_is_set(&n.end));
	near_close(&n);
}

static void a_server_that_has_lost_it_gets_it_anew(void **state)
{
	struct near n;

	(void)state;
	near_open(&n, 2);
	sip_publication_set(n.publication, SPAN("here"));
	expect_publish(&n, "here", "", "3600");
	sip_raw_reply_lines(&n.server, 423, "t", "Min-Expires: 7200\r\n");
	expect_publish(&n, "here", "", "7200");
	sip_raw_reply_lines(
		&n.server, 200, "t", "SIP-ETag: one\r\nExpires: 60\r\n");
	run_for(&n, 1);
	expect_publish(&n, "", "one", "7200");
	sip_raw_reply(&n.server, 412, "t");
	expect_publish(&n, "here", "", "7200");
	near_close(&n);
}

static void a_server_that_refuses_ends_it(void **state)
{
	struct near n;

	(void)state;
	near_open(&n, 3);
	sip_publication_set(n.publication, SPAN("here"));
	expect_publish(&n, "here", "", "3600");
	sip_raw_reply(&n.server, 403, "t");
	run_for(&n, 1);
	assert_true(n.has_ended);
	assert_int_equal(n.end.status, STATUS_REFUSED);
	near_close(&n);
}

static void a_server_that_is_silent_is_asked_again(void **state)
{
	struct near n;

	(void)state;
	near_open(&n, 4);
	sip_publication_set(n.publication, SPAN("here"));
	expect_publish(&n, "here", "", "3600");
	sip_raw_reply_lines(
		&n.server, 200, "t", "SIP-ETag: one\r\nExpires: 60\r\n");
	run_for(&n, 1);
	expect_publish(&n, "", "one", "3600");
	run_for(&n, 40); /* Timer F */
	buf_reset(&n.server.log);
	expect_publish(&n, "", "one", "3600");
	assert_false(n.has_ended);
	near_close(&n);
}

TEST_MAIN(cmocka_unit_test(a_state_is_published_refreshed_changed_and_removed),
	cmocka_unit_test(a_server_that_has_lost_it_gets_it_anew),
	cmocka_unit_test(a_server_that_refuses_ends_it),
	cmocka_unit_test(a_server_that_is_silent_is_asked_again))
