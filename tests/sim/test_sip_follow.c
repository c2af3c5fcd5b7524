/* Where a 3xx leads (RFC 3261 section 8.1.3.4), and what every request has
 * that is made outside of a dialog (8.1.1). */
#include "tests/common/test.h"

#include <string.h>

#include "base/mem.h"
#include "sip/compose.h"
#include "sip/request.h"
#include "tests/common/sip_raw.h"

#define US "192.0.2.1:5060"

/* ---- a request and those it may be led to ---------------------------------------- */

struct chase {
	struct sim *sim;
	struct sip_ua *ua;
	struct sip_raw here, there, yonder; /* .2, .3 and .4 */
	uint32_t cseq;
	unsigned code, responses, ended;
	struct span uri;
	struct err e;
};

static bool compose(void *arg, struct buf *out, const struct sip_target *target,
	const struct endpoint *local, struct err *e)
{
	struct chase *c = arg;
	struct sip_compose s = { .method = SPAN("OPTIONS"),
		.request_uri = c->uri,
		.tag = SPAN("1"),
		.call_id = SPAN("one"),
		.cseq = c->cseq };

	(void)e;
	sip_compose(out, c->ua, &s, target, local);
	return sip_msg_end(out, SPAN_EMPTY, SPAN_EMPTY);
}

static void on_response(void *arg, struct sip_scan *m)
{
	struct chase *c = arg;

	c->responses++;
	c->code = m->status_code;
}

static void on_ended(void *arg, const struct err *e)
{
	struct chase *c = arg;

	c->ended++;
	c->e = e ? *e : ERR_NONE;
}

static void begin(struct chase *c, struct sip_ua_settings *s)
{
	struct endpoint us = sip_raw_at(US);
	struct err e = ERR_NONE;

	memset(c, 0, sizeof(*c));
	c->sim = sim_new(41);
	s->loop = sim_loop(c->sim);
	c->ua = sip_ua_new(s);
	assert_ok(sip_ua_listen(c->ua, &us, NULL, &e), &e);
	sip_raw_open(&c->here, c->sim, "192.0.2.2:5060");
	sip_raw_open(&c->there, c->sim, "192.0.2.3:5060");
	sip_raw_open(&c->yonder, c->sim, "192.0.2.4:5060");
	c->uri = SPAN("sip:b@192.0.2.2");
	c->cseq = 1;
}

static void end(struct chase *c)
{
	sip_raw_run(c->sim, 80000);
	sip_ua_free(c->ua);
	sip_raw_close(&c->here);
	sip_raw_close(&c->there);
	sip_raw_close(&c->yonder);
	assert_int_equal(sim_set_timers(c->sim), 0);
	sim_free(c->sim);
}

static void go(struct chase *c)
{
	static const struct sip_request_handlers handlers = {
		.compose = compose, .response = on_response, .ended = on_ended
	};
	struct sip_request_settings s = { .next_hop = sip_compose_next_hop(
						  c->ua, SPAN_EMPTY, c->uri),
		.patience = 10 * USEC_SEC,
		.cseq = &c->cseq };

	c->responses = c->ended = c->code = 0;
	sip_request_new(c->ua, &s, &handlers, c);
	sip_raw_run(c->sim, 60000);
	assert_int_equal(c->ended, 1);
	assert_true(c->responses <= 1);
}

static void redirects(struct sip_raw *r)
{
	sip_raw_reply_lines(r, 302, "t", r->arg);
}

static void lead(struct sip_raw *r, const char *contacts)
{
	r->answers = redirects;
	r->arg = (void *)(uintptr_t)contacts;
}

static struct span last_value(const struct sip_raw *r, enum sip_hdr kind)
{
	return sip_scan_value(&r->scan, kind);
}

/* ---- redirections ------------------------------------------------------------------ */

static void a_3xx_is_an_answer_unless_it_is_to_be_followed(void **state)
{
	struct sip_ua_settings s = { .loop = NULL };
	struct chase c;

	(void)state;
	begin(&c, &s);
	lead(&c.here, "Contact: <sip:b@192.0.2.3>\r\n");
	go(&c);
	assert_int_equal(c.code, 302);
	assert_int_equal(c.there.log.len, 0);
	end(&c);
}

static void a_3xx_leads_to_its_best_contact(void **state)
{
	struct sip_ua_settings s = { .max_redirects = SIP_REDIRECTS_MAX };
	struct chase c;

	(void)state;
	begin(&c, &s);
	lead(&c.here, "Contact: <sip:b@192.0.2.4>;q=0.2, "
		      "<mailto:b@b.example>;q=1, "
		      "<sip:c@192.0.2.3;method=INVITE;user=ip?Subject=x>;q=0.9"
		      "\r\n");
	c.there.auto_code = 200;
	go(&c);
	assert_int_equal(c.code, 200);
	assert_span(c.there.scan.request_uri, "sip:c@192.0.2.3;user=ip");
	assert_span(last_value(&c.there, SIP_HDR_TO), "<sip:b@192.0.2.2>");
	assert_span(last_value(&c.there, SIP_HDR_CALL_ID), "one");
	assert_span(last_value(&c.there, SIP_HDR_CSEQ), "2 OPTIONS");
	assert_int_equal(c.yonder.log.len, 0);
	end(&c);
}

static void who_refuses_there_leaves_the_other_contacts(void **state)
{
	struct sip_ua_settings s = { .max_redirects = SIP_REDIRECTS_MAX };
	struct chase c;

	(void)state;
	begin(&c, &s);
	lead(&c.here,
		"Contact: <sip:c@192.0.2.3>, <sip:d@192.0.2.4>;q=0.1\r\n");
	c.there.auto_code = 486;
	c.yonder.auto_code = 200;
	go(&c);
	assert_int_equal(c.code, 200);
	end(&c);

	begin(&c, &s); /* silence as well */
	lead(&c.here,
		"Contact: <sip:c@192.0.2.3>, <sip:d@192.0.2.4>;q=0.1\r\n");
	c.yonder.auto_code = 200;
	go(&c);
	assert_int_equal(c.code, 200);
	end(&c);

	begin(&c, &s); /* but 6xx is for everywhere */
	lead(&c.here,
		"Contact: <sip:c@192.0.2.3>, <sip:d@192.0.2.4>;q=0.1\r\n");
	c.there.auto_code = 603;
	c.yonder.auto_code = 200;
	go(&c);
	assert_int_equal(c.code, 603);
	end(&c);
}

static void a_circle_ends(void **state)
{
	struct sip_ua_settings s = { .max_redirects = SIP_REDIRECTS_MAX };
	struct chase c;

	(void)state;
	begin(&c, &s);
	lead(&c.here, "Contact: <sip:c@192.0.2.3>\r\n");
	lead(&c.there,
		"Contact: <sip:b@192.0.2.2>, <sip:C@192.0.2.3:5060>\r\n");
	go(&c);
	assert_int_equal(c.code, 302);
	assert_int_equal(c.cseq, 3);
	end(&c);
}

static void a_secure_uri_is_not_led_into_the_open(void **state)
{
	static struct sip_scan m;
	struct sip_redirects r = { .count = 0 };

	(void)state;
	sip_scan(&m, SPAN("SIP/2.0 302 Moved\r\nContact: <sip:a@b>, "
			  "<sips:c@d>\r\nContent-Length: 0\r\n\r\n"));
	sip_redirects_add(&r, SPAN("sips:x@y"), &m);
	assert_string_equal(sip_redirects_next(&r), "sips:c@d");
	assert_null(sip_redirects_next(&r));
	sip_redirects_clear(&r);
}

/* ---- what a request has ----------------------------------------------------------- */

static void the_proxy_gets_it_and_stays_in_the_route(void **state)
{
	struct sip_ua_settings s = { .proxy = "sip:192.0.2.2;lr",
		.max_redirects = SIP_REDIRECTS_MAX };
	struct chase c;

	(void)state;
	begin(&c, &s);
	c.uri = SPAN("sip:b@far.example;transport=tcp");
	c.here.auto_code = 200;
	go(&c);
	assert_int_equal(c.code, 200);
	assert_span(c.here.scan.request_uri, "sip:b@far.example;transport=tcp");
	assert_span(last_value(&c.here, SIP_HDR_ROUTE), "<sip:192.0.2.2;lr>");
	assert_span(last_value(&c.here, SIP_HDR_TO), "<sip:b@far.example>");
	assert_null(sip_scan_find(&c.here.scan, SIP_HDR_USER_AGENT));
	end(&c);
}

static void custom_fields_are_in_it(void **state)
{
	struct sip_ua_settings s = { .headers = "X-One: 1\r\nSubject: s\r\n",
		.contact = "<sip:me@nat.example>;q=0.5",
		.user_agent = "mine/1" };
	struct chase c;

	(void)state;
	begin(&c, &s);
	c.here.auto_code = 200;
	go(&c);
	assert_span(last_value(&c.here, SIP_HDR_CONTACT),
		"<sip:me@nat.example>;q=0.5");
	assert_span(last_value(&c.here, SIP_HDR_SUBJECT), "s");
	assert_non_null(sip_scan_find_name(&c.here.scan, SPAN("X-One")));
	assert_span(last_value(&c.here, SIP_HDR_USER_AGENT), "mine/1");
	end(&c);
}

static void a_service_route_is_the_way_from_then_on(void **state)
{
	static struct sip_scan m;
	struct sip_ua_settings s = { .loop = NULL };
	struct err e = ERR_NONE;
	struct chase c;

	(void)state;
	begin(&c, &s);
	c.here.auto_code = c.there.auto_code = 200;
	sip_scan(&m, SPAN("SIP/2.0 200 OK\r\nService-Route: "
			  "<sip:192.0.2.3;lr>, <sip:hsp.example;lr>\r\n"
			  "Content-Length: 0\r\n\r\n"));
	assert_ok(sip_ua_set_service_route(c.ua, &m, &e), &e);
	go(&c);
	assert_int_equal(c.here.log.len, 0);
	assert_span(c.there.scan.request_uri, "sip:b@192.0.2.2");
	struct sip_values at = SIP_VALUES_INIT;
	assert_true(sip_scan_values(&c.there.scan, SIP_HDR_ROUTE, &at));
	assert_span(at.value, "<sip:192.0.2.3;lr>");
	assert_true(sip_scan_values(&c.there.scan, SIP_HDR_ROUTE, &at));
	assert_span(at.value, "<sip:hsp.example;lr>");
	/* a strict router gets itself as Request-URI (12.2.1.1) */
	sip_scan(&m, SPAN("SIP/2.0 200 OK\r\nService-Route: "
			  "<sip:192.0.2.3>\r\nContent-Length: 0\r\n\r\n"));
	assert_ok(sip_ua_set_service_route(c.ua, &m, &e), &e);
	c.cseq = 9;
	go(&c);
	assert_span(c.there.scan.request_uri, "sip:192.0.2.3");
	assert_span(last_value(&c.there, SIP_HDR_ROUTE), "<sip:b@192.0.2.2>");
	/* a malformed one changes nothing, none ends it */
	sip_scan(&m, SPAN("SIP/2.0 200 OK\r\nService-Route: <sip:\r\n"
			  "Content-Length: 0\r\n\r\n"));
	assert_false(sip_ua_set_service_route(c.ua, &m, &e));
	assert_span(
		sip_compose_next_hop(c.ua, SPAN_EMPTY, c.uri), "sip:192.0.2.3");
	sip_scan(&m, SPAN("SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"));
	assert_ok(sip_ua_set_service_route(c.ua, &m, &e), &e);
	assert_span(sip_compose_next_hop(c.ua, SPAN_EMPTY, c.uri),
		"sip:b@192.0.2.2");
	end(&c);
}

static void an_identity_says_who_and_not_which_way(void **state)
{
	static const char *const rows[][2] = {
		{ "sip:b@h", "<sip:b@h>" },
		{ "sip:b@h:5070", "<sip:b@h>" },
		{ "sips:b:secret@[::1]:5070;transport=tcp;lr;user=phone;x",
			"<sips:b:secret@[::1];user=phone;x>" },
		{ "sip:h;maddr=1.2.3.4;ttl=1;method=INVITE?a=b", "<sip:h>" },
		{ "sip:h;tr%61nsport=udp", "<sip:h>" },
		{ "tel:+461;phone-context=x", "<tel:+461;phone-context=x>" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf out = BUF_INIT(200);
		assert_true(sip_compose_identity(&out, span_of(rows[i][0])));
		assert_span(buf_view(&out), rows[i][1]);
		buf_clear(&out);
	}
}

TEST_MAIN(cmocka_unit_test(a_3xx_is_an_answer_unless_it_is_to_be_followed),
	cmocka_unit_test(a_3xx_leads_to_its_best_contact),
	cmocka_unit_test(who_refuses_there_leaves_the_other_contacts),
	cmocka_unit_test(a_circle_ends),
	cmocka_unit_test(a_secure_uri_is_not_led_into_the_open),
	cmocka_unit_test(the_proxy_gets_it_and_stays_in_the_route),
	cmocka_unit_test(custom_fields_are_in_it),
	cmocka_unit_test(a_service_route_is_the_way_from_then_on),
	cmocka_unit_test(an_identity_says_who_and_not_which_way))
