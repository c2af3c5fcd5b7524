/* Flows that stay open (RFC 5626 section 4.4), and STUN on a SIP port. */
#include "tests/common/test.h"

#include <string.h>

#include "net/stun.h"
#include "sip/keepalive.h"
#include "sip/ua.h"
#include "tests/common/sip_raw.h"

#define US "192.0.2.1:5060"
#define SERVER "192.0.2.2:5060"

struct world {
	struct sim *sim;
	struct sip_ua *near, *far;
	struct sip_flow_user user;
	struct sip_keepalive *keepalive;
	unsigned failures;
	struct err e;
};

static const struct sip_flow_events no_events = { .ready = NULL };

static void failed(void *arg, const struct err *e)
{
	struct world *w = arg;

	w->failures++;
	w->e = *e;
}

static void begin(struct world *w, enum sip_transport_kind kind, bool far)
{
	struct sip_target target = { kind, sip_raw_at(SERVER), NULL };
	struct endpoint us = sip_raw_at(US), them = sip_raw_at(SERVER);
	struct err e = ERR_NONE;

	memset(w, 0, sizeof(*w));
	w->sim = sim_new(61);
	struct sip_ua_settings s = { .loop = sim_loop(w->sim) };
	w->near = sip_ua_new(&s);
	assert_ok(sip_ua_listen(w->near, &us, NULL, &e), &e);
	if (far) {
		w->far = sip_ua_new(&s);
		assert_ok(sip_ua_listen(w->far, &them, NULL, &e), &e);
	}
	assert_ok(sip_flow_open(sip_ua_transport(w->near), &target, &w->user,
			  &no_events, &e),
		&e);
	sip_raw_run(w->sim, 100);
	w->keepalive =
		sip_keepalive_new(sim_loop(w->sim), w->user.flow, 0, failed, w);
}

static void end(struct world *w)
{
	sip_keepalive_free(w->keepalive);
	sip_flow_drop(&w->user);
	sip_raw_run(w->sim, 1000000);
	sip_ua_free(w->near);
	sip_ua_free(w->far);
	assert_int_equal(sim_set_timers(w->sim), 0);
	sim_free(w->sim);
}

static void a_flow_is_kept_for_a_day(void **state)
{
	static const enum sip_transport_kind kinds[] = { SIP_TRANSPORT_UDP,
		SIP_TRANSPORT_TCP };
	struct world w;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		begin(&w, kinds[i], true);
		assert_false(sip_keepalive_is_proven(w.keepalive));
		sip_raw_run(w.sim, 86400 * 1000);
		assert_true(sip_keepalive_is_proven(w.keepalive));
		assert_int_equal(w.failures, 0);
		assert_true(sip_flow_is_ready(w.user.flow));
		end(&w);
	}
}

static void silence_is_a_failure(void **state)
{
	struct endpoint them = sip_raw_at(SERVER);
	struct world w;

	(void)state;
	begin(&w, SIP_TRANSPORT_TCP, true);
	sip_raw_run(w.sim, 200000);
	assert_int_equal(w.failures, 0);
	sim_cut(w.sim, &them, true);
	sip_raw_run(w.sim, 131000);
	assert_int_equal(w.failures, 1);
	assert_int_equal(w.e.status, STATUS_TIMEOUT);
	end(&w);

	begin(&w, SIP_TRANSPORT_UDP, true);
	sip_raw_run(w.sim, 60000);
	sim_cut(w.sim, &them, true);
	/* 29 s, and 39.5 s of RFC 8489 section 6.2.1 */
	sip_raw_run(w.sim, 70000);
	assert_int_equal(w.failures, 1);
	end(&w);
}

static void a_port_that_is_closed_is_a_failure_at_once(void **state)
{
	struct world w;

	(void)state;
	struct sip_raw host;
	begin(&w, SIP_TRANSPORT_UDP, false);
	sip_raw_open(&host, w.sim, "192.0.2.2:7000");
	sip_raw_run(w.sim, 30000);
	sip_raw_close(&host);
	assert_int_equal(w.failures, 1);
	assert_int_equal(w.e.status, STATUS_UNREACHABLE);
	end(&w);
}

static void answer_other_address(struct sip_raw *r)
{
	(void)r;
}

/* A server by hand: where it says others were is up to the test. */
static void reply_mapped(struct sip_raw *r, const char *where)
{
	struct buf answer = BUF_INIT(100);
	struct endpoint at = sip_raw_at(where);
	struct stun s;

	assert_true(stun_parse(&s, buf_view(&r->last)));
	assert_int_equal(s.kind, STUN_REQUEST);
	assert_true(stun_answer(&answer, &s, &at));
	assert_true(dgram_send(r->dgram, buf_view(&answer), &r->from, NULL));
	buf_clear(&answer);
}

static void another_address_is_a_failure(void **state)
{
	struct sip_raw server;
	struct world w;

	(void)state;
	begin(&w, SIP_TRANSPORT_UDP, false);
	sip_raw_open(&server, w.sim, SERVER);
	server.answers = answer_other_address;
	sip_raw_run(w.sim, 29100);
	reply_mapped(&server, "198.51.100.1:1");
	sip_raw_run(w.sim, 100);
	assert_true(sip_keepalive_is_proven(w.keepalive));
	sip_raw_run(w.sim, 29000);
	reply_mapped(&server, "198.51.100.1:1");
	sip_raw_run(w.sim, 29000);
	assert_int_equal(w.failures, 0);
	reply_mapped(&server, "198.51.100.1:2");
	sip_raw_run(w.sim, 100);
	assert_int_equal(w.failures, 1);
	sip_raw_close(&server);
	end(&w);
}

static void a_sip_port_answers_stun_and_nothing_like_it(void **state)
{
	static const unsigned char id[STUN_ID_SIZE] = "twelve bytes";
	struct buf request = BUF_INIT(100);
	struct endpoint to = sip_raw_at(US);
	struct sip_raw raw;
	struct world w;
	struct stun s;

	(void)state;
	begin(&w, SIP_TRANSPORT_UDP, true);
	sip_raw_open(&raw, w.sim, "192.0.2.9:3478");
	stun_request(&request, id);
	for (size_t n = 0; n < request.len; n++) /* cut short: no answer */
		dgram_send(raw.dgram, span_first(buf_view(&request), n), &to,
			NULL);
	sip_raw_run(w.sim, 100);
	assert_int_equal(raw.log.len, 0);
	dgram_send(raw.dgram, buf_view(&request), &to, NULL);
	sip_raw_run(w.sim, 100);
	assert_true(stun_parse(&s, buf_view(&raw.last)));
	assert_int_equal(s.kind, STUN_SUCCESS);
	char text[ENDPOINT_TEXT_SIZE];
	assert_string_equal(endpoint_format(text, &s.mapped), "192.0.2.9:3478");
	/* an answer that nobody asked for is none */
	size_t said = raw.log.len;
	dgram_send(raw.dgram, buf_view(&raw.last), &to, NULL);
	sip_raw_run(w.sim, 100);
	assert_int_equal(raw.log.len, said);
	buf_clear(&request);
	sip_raw_close(&raw);
	end(&w);
}

TEST_MAIN(cmocka_unit_test(a_flow_is_kept_for_a_day),
	cmocka_unit_test(silence_is_a_failure),
	cmocka_unit_test(a_port_that_is_closed_is_a_failure_at_once),
	cmocka_unit_test(another_address_is_a_failure),
	cmocka_unit_test(a_sip_port_answers_stun_and_nothing_like_it))
