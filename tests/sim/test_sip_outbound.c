/* Flows by which a registered phone is reached (RFC 5626 section 4), how long
 * their failures take, and the way that a registrar shows (RFC 3608). */
#include "tests/common/test.h"

#include <string.h>

#include "sip/compose.h"
#include "tests/common/sip_registrar.h"

#define OUTBOUND "Require: outbound\r\nFlow-Timer: 30\r\n"

static const struct sip_registration_settings flow = {
	.instance = SPAN("urn:uuid:1"), .reg_id = 1, .keep = true
};

static struct span last(const struct sip_registered *c, enum sip_hdr kind)
{
	return sip_scan_value(&c->registrar.raw.scan, kind);
}

/* ---- flows -------------------------------------------------------------------------- */

/* A UDP flow that answers no STUN is no flow: RFC 5626 section 4.4.2. */
static void an_outbound_flow_is_kept_alive_and_replaced_when_it_fails(
	void **state)
{
	(void)state;
	for (int outbound = 0; outbound < 2; outbound++) {
		struct sip_registered c;
		sip_registered_open(&c, 1, &flow);
		c.registrar.lines = outbound ? OUTBOUND : "";
		sip_registration_start(c.registration);
		sip_registered_run(&c, SIP_REGISTRAR_HOUR / 6);
		if (outbound)
			assert_true(c.registrar.refreshes >= 3);
		else
			assert_int_equal(c.registrar.refreshes, 0);
		sip_registered_close(&c);
	}
}

static void a_first_hop_that_lacks_outbound_is_registered_by_without(
	void **state)
{
	struct sip_registered c;

	(void)state;
	sip_registered_open(&c, 1, &flow);
	c.registrar.refuse = 439;
	sip_registration_start(c.registration);
	sip_registered_run(&c, 1000);
	assert_registered(&c, "done 3600 without sip:a@192.0.2.2;gr=1 "
			      "sip:t@192.0.2.2;gr;");
	assert_int_equal(c.registrar.requests, 2);
	assert_span(last(&c, SIP_HDR_SUPPORTED), "path, gruu");
	assert_span(last(&c, SIP_HDR_CONTACT),
		"<sip:alice@192.0.2.1:5060>;+sip.instance=\"<urn:uuid:1>\""
		";expires=600");
	sip_registered_close(&c);
	/* who did not ask for it takes it as a refusal (section 11.6), as
	 * 430, which is for proxies (11.5) */
	static const struct sip_registration_settings plain = { .keep = true };
	sip_registered_open(&c, 1, &plain);
	c.registrar.refuse = 430;
	sip_registration_start(c.registration);
	sip_registered_run(&c, 2 * SIP_REGISTRAR_HOUR);
	assert_registered(&c, "failed 1;");
	assert_int_equal(c.registrar.requests, 1);
	sip_registered_close(&c);
}

static void other_requests_ask_to_be_called_back_by_the_flow(void **state)
{
	struct sip_target target = { SIP_TRANSPORT_UDP,
		sip_raw_at(SIP_REGISTRAR_AT), NULL };
	struct endpoint local = sip_raw_at("192.0.2.1:5060");
	struct sip_compose options = { .method = SPAN("OPTIONS"),
		.request_uri = SPAN("sip:b@b.example"),
		.tag = SPAN("1"),
		.call_id = SPAN("1"),
		.cseq = 1 };
	struct sip_registered c;
	static struct sip_scan m;

	(void)state;
	sip_registered_open(&c, 1, &flow);
	c.registrar.lines = OUTBOUND;
	for (int registered = 0; registered < 2; registered++) {
		struct buf out = BUF_INIT(SIP_MSG_MAX);
		assert_true(sip_compose(&out, c.ua, &options, &target, &local));
		assert_true(sip_msg_end(&out, SPAN_EMPTY, SPAN_EMPTY));
		assert_true(sip_scan(&m, buf_view(&out)));
		assert_span(sip_scan_value(&m, SIP_HDR_CONTACT),
			registered ? "<sip:192.0.2.1:5060;ob>"
				   : "<sip:192.0.2.1:5060>");
		assert_span(sip_scan_value(&m, SIP_HDR_SUPPORTED),
			registered ? "outbound, path" : "");
		buf_clear(&out);
		sip_registration_start(c.registration);
		sip_registered_run(&c, 100);
	}
	/* the binding that is refreshed stays what it was */
	assert_int_equal(c.registrar.requests, 2);
	assert_span(last(&c, SIP_HDR_CONTACT),
		"<sip:alice@192.0.2.1:5060>;+sip.instance=\"<urn:uuid:1>\""
		";reg-id=1;expires=600");
	assert_span(last(&c, SIP_HDR_SUPPORTED), "path, gruu, outbound");
	sip_registered_close(&c);
}

/* ---- a stream to an edge proxy ---------------------------------------------------- */

static void takes(void *arg, struct sip_server *s, struct sip_scan *m)
{
	struct sip_reply reply = { .headers = SPAN(OUTBOUND) };
	struct err e = ERR_NONE;

	(void)m;
	assert_ok(sip_ua_reply(*(struct sip_ua **)arg, s, 200, &reply, &e), &e);
}

static struct sip_ua *edge_open(struct sim *sim, struct sip_ua **arg)
{
	struct sip_ua_settings s = { .loop = sim_loop(sim) };
	struct endpoint at = sip_raw_at("192.0.2.3:5060");
	struct err e = ERR_NONE;

	*arg = sip_ua_new(&s);
	assert_ok(sip_ua_listen(*arg, &at, NULL, &e), &e);
	sip_ua_serve(*arg, SIP_METHOD_REGISTER, takes, arg);
	return *arg;
}

static void a_flow_that_was_good_is_replaced_at_once(void **state)
{
	(void)state;
	for (int good = 0; good < 2; good++) {
		struct sip_registration_settings s = flow;
		struct sip_registered c;
		struct sip_ua *edge, *arg;

		s.kind = SIP_TRANSPORT_TCP;
		s.registrar = SPAN("sip:192.0.2.3");
		sip_registered_open(&c, 1, &s);
		edge = edge_open(c.sim, &arg);
		sip_registration_start(c.registration);
		/* until a keep-alive was answered, or was not asked for yet */
		sip_registered_run(&c, good ? 60000 : 5000);
		assert_registered(&c, "done 600 outbound;");
		sip_ua_free(edge);
		edge = edge_open(c.sim, &arg);
		sip_registered_run(&c, 5000);
		assert_registered(&c, good ? "done 600 outbound;" : "");
		assert_int_equal(
			sip_registration_is_there(c.registration), good);
		sip_registered_run(&c, 60000);
		assert_registered(&c, good ? "" : "done 600 outbound;");
		sip_registration_free(c.registration);
		c.registration = NULL;
		sip_registered_run(&c, 400000);
		sip_ua_free(edge);
		sip_registered_close(&c);
	}
}

/* ---- how long failures take (section 4.5) ------------------------------------------- */

static void waits_grow_as_section_4_5_has_it(void **state)
{
	static const struct {
		unsigned flows;
		usec_t most[8]; /* s */
	} rows[] = {
		{ 0, { 60, 120, 240, 480, 960, 1800, 1800, 1800 } },
		{ 1, { 180, 360, 720, 1440, 1800, 1800, 1800, 1800 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		unsigned flows = rows[i].flows;
		struct sip_registration_settings s = flow;
		struct sip_registered c;
		s.flows = &flows;
		sip_registered_open(&c, i + 1, &s);
		c.registrar.refuse = 503;
		sip_registration_start(c.registration);
		sip_registered_run(&c, 100);
		for (size_t n = 0; n < 8; n++) {
			usec_t most = rows[i].most[n] * USEC_SEC;
			if (c.again < most / 2 || c.again > most)
				fail_msg("wait %zu: %lld s of %lld", n,
					(long long)(c.again / USEC_SEC),
					(long long)(most / USEC_SEC));
			assert_int_equal(c.registrar.requests, n + 1);
			sip_registered_run(&c, c.again / USEC_MS + 100);
		}
		c.registrar.refuse = 0;
		sip_registered_run(&c, c.again / USEC_MS + 100);
		assert_int_equal(flows, rows[i].flows + 1);
		sip_registered_close(&c);
		assert_int_equal(flows, rows[i].flows);
	}
}

static void retry_after_is_believed_within_reason(void **state)
{
	static const struct {
		const char *lines;
		usec_t least, most; /* s */
	} rows[] = { { "Retry-After: 5\r\n", 30, 60 },
		{ "Retry-After: 200 (busy)\r\n", 200, 200 },
		{ "Retry-After: 4294967295\r\n", 86400, 86400 },
		{ "Retry-After: soon\r\n", 30, 60 } };
	struct sip_registered c;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		sip_registered_open(&c, i + 1, &flow);
		c.registrar.refuse = 503;
		c.registrar.refuse_lines = rows[i].lines;
		sip_registration_start(c.registration);
		sip_registered_run(&c, 100);
		if (c.again < rows[i].least * USEC_SEC ||
			c.again > rows[i].most * USEC_SEC)
			fail_msg("row %zu: %lld s", i,
				(long long)(c.again / USEC_SEC));
		sip_registered_close(&c);
	}
	/* 0 is at once (4.2.1), but not again and again */
	sip_registered_open(&c, 1, &flow);
	c.registrar.refuse = 503;
	c.registrar.refuse_lines = "Retry-After: 0\r\n";
	sip_registration_start(c.registration);
	sip_registered_run(&c, 20000);
	assert_int_equal(c.registrar.requests, 2);
	sip_registered_close(&c);
}

/* ---- the service route (RFC 3608 section 6.1) ------------------------------------- */

static void the_service_route_is_for_other_requests_while_it_lasts(void **state)
{
	static const struct span uri = SPAN("sip:b@b.example");
	struct sip_registered c;

	(void)state;
	sip_registered_open(&c, 1, &flow);
	c.registrar.lines = "Service-Route: <sip:192.0.2.9;lr>\r\n";
	sip_registration_start(c.registration);
	sip_registered_run(&c, 100);
	assert_span(sip_compose_next_hop(c.ua, SPAN_EMPTY, uri),
		"sip:192.0.2.9;lr");
	/* a refresh goes as usual */
	sip_registration_start(c.registration);
	sip_registered_run(&c, 100);
	assert_int_equal(c.registrar.requests, 2);
	assert_null(sip_scan_find(&c.registrar.raw.scan, SIP_HDR_ROUTE));
	c.registrar.refuse = 503;
	sip_registration_start(c.registration);
	sip_registered_run(&c, 100);
	assert_span(
		sip_compose_next_hop(c.ua, SPAN_EMPTY, uri), "sip:b@b.example");
	sip_registered_close(&c);
}

TEST_MAIN(cmocka_unit_test(
		  an_outbound_flow_is_kept_alive_and_replaced_when_it_fails),
	cmocka_unit_test(
		a_first_hop_that_lacks_outbound_is_registered_by_without),
	cmocka_unit_test(other_requests_ask_to_be_called_back_by_the_flow),
	cmocka_unit_test(a_flow_that_was_good_is_replaced_at_once),
	cmocka_unit_test(waits_grow_as_section_4_5_has_it),
	cmocka_unit_test(retry_after_is_believed_within_reason),
	cmocka_unit_test(
		the_service_route_is_for_other_requests_while_it_lasts))
