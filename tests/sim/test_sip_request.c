/* Where a URI leads (RFC 3263), and a request that goes from one target to
 * the next until somebody answers. */
#include "tests/common/test.h"

#include <string.h>

#include "base/mem.h"
#include "sip/request.h"
#include "sip/ua.h"
#include "tests/common/sip_raw.h"

static struct sim *sim;
static struct resolver *resolver;

static void begin(void)
{
	struct err e = ERR_NONE;

	sim = sim_new(21);
	resolver = resolver_new(sim_loop(sim), NULL, &e);
	assert_ok(resolver, &e);
}

static void end(void)
{
	resolver_free(resolver);
	assert_int_equal(sim_set_timers(sim), 0);
	assert_int_equal(sim_open_sockets(sim), 0);
	sim_free(sim);
}

/* ---- locating -------------------------------------------------------------------- */

struct found {
	struct buf text; /* "UDP 192.0.2.1:5060 " … */
	int calls;
	struct err e;
};

static void on_located(void *arg, const struct sip_target *targets,
	size_t count, const struct err *e)
{
	struct found *f = arg;
	char address[ENDPOINT_TEXT_SIZE];

	f->calls++;
	f->e = *e;
	for (size_t i = 0; i < count; i++)
		buf_printf(&f->text, "%s%s %s%s%s", i ? ", " : "",
			sip_transport_name(targets[i].kind),
			endpoint_format(address, &targets[i].address),
			targets[i].name ? " " : "",
			targets[i].name ? targets[i].name : "");
}

static void locate(struct found *f, const char *uri, enum resolve_family family,
	enum sip_transport_kind kind, const char *const *connect_to)
{
	struct sip_locate_settings s = { .loop = sim_loop(sim),
		.resolver = resolver,
		.family = family,
		.kind = kind,
		.connect_to = connect_to };

	*f = (struct found){ .text = BUF_INIT(1000) };
	struct sip_locate *l = sip_locate_new(&s, span_of(uri), on_located, f);
	assert_non_null(l);
	assert_int_equal(f->calls, 0);
	sip_raw_run(sim, 20000);
	assert_int_equal(f->calls, 1);
}

static void each_uri_leads_where_rfc_3263_says(void **state)
{
	static const struct {
		const char *uri;
		enum sip_transport_kind kind;
		enum resolve_family family;
		const char *want;
	} rows[] = {
		{ "sip:192.0.2.1", 0, 0, "UDP 192.0.2.1:5060" },
		{ "sip:192.0.2.1:7000", 0, 0, "UDP 192.0.2.1:7000" },
		{ "sip:192.0.2.1;transport=tcp", 0, 0, "TCP 192.0.2.1:5060" },
		{ "sip:192.0.2.1;transport=TCP", SIP_TRANSPORT_UDP, 0,
			"UDP 192.0.2.1:5060" },
		{ "sip:[2001:db8::9]", 0, 0, "UDP [2001:db8::9]:5060" },
		{ "sips:192.0.2.1", 0, 0, "TLS 192.0.2.1:5061 192.0.2.1" },
		{ "sips:192.0.2.1;transport=tcp", 0, 0,
			"TLS 192.0.2.1:5061 192.0.2.1" },
		{ "sip:far.example;maddr=192.0.2.5", 0, 0,
			"UDP 192.0.2.5:5060" },
		/* a name with a port: no SRV */
		{ "sip:srv.example:5070", 0, 0, "UDP 192.0.2.10:5070" },
		{ "sip:srv.example", 0, 0,
			"UDP 192.0.2.11:6001, UDP 192.0.2.12:6002, "
			"TCP 192.0.2.13:6003" },
		{ "sip:srv.example;transport=tcp", 0, 0,
			"TCP 192.0.2.13:6003" },
		{ "sips:srv.example", 0, 0, "TLS 192.0.2.14:6004 srv.example" },
		{ "sip:plain.example", 0, 0, "UDP 192.0.2.15:5060" },
		{ "sip:both.example:5060", 0, RESOLVE_V4,
			"UDP 192.0.2.16:5060" },
		{ "sip:both.example:5060", 0, RESOLVE_V6,
			"UDP [2001:db8::16]:5060" },
		{ "sip:both.example:5060", 0, 0,
			"UDP [2001:db8::16]:5060, UDP 192.0.2.16:5060" },
	};

	(void)state;
	begin();
	sim_add_address(sim, "srv.example", "192.0.2.10");
	sim_add_srv(sim, "_sip._udp.srv.example", 2, 0, 6002, "b.example");
	sim_add_srv(sim, "_sip._udp.srv.example", 1, 0, 6001, "a.example");
	sim_add_srv(sim, "_sip._tcp.srv.example", 1, 0, 6003, "c.example");
	sim_add_srv(sim, "_sips._tcp.srv.example", 1, 0, 6004, "d.example");
	sim_add_address(sim, "a.example", "192.0.2.11");
	sim_add_address(sim, "b.example", "192.0.2.12");
	sim_add_address(sim, "c.example", "192.0.2.13");
	sim_add_address(sim, "d.example", "192.0.2.14");
	sim_add_address(sim, "plain.example", "192.0.2.15");
	sim_add_address(sim, "both.example", "192.0.2.16");
	sim_add_address(sim, "both.example", "2001:db8::16");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct found f;
		locate(&f, rows[i].uri, rows[i].family, rows[i].kind, NULL);
		if (!span_is(buf_view(&f.text), rows[i].want))
			fail_msg("%s: expected %s, got %s (%s)", rows[i].uri,
				rows[i].want, buf_text(&f.text), f.e.text);
		buf_clear(&f.text);
	}
	end();
}

static void what_leads_nowhere_says_so(void **state)
{
	static const struct {
		const char *uri;
		enum resolve_family family;
		enum status status;
	} rows[] = { { "sip:nobody.example", 0, STATUS_UNREACHABLE },
		{ "sip:nobody.example:5060", 0, STATUS_UNREACHABLE },
		{ "sip:none.example", 0, STATUS_UNREACHABLE },
		{ "sip:silent.example", 0, STATUS_TIMEOUT },
		{ "sip:192.0.2.1;transport=carrier", 0, STATUS_USAGE },
		{ "sips:a@192.0.2.1;transport=udp", 0, STATUS_USAGE },
		{ "tel:+1", 0, STATUS_UNREACHABLE },
		{ "tel:911", 0, STATUS_USAGE }, { "im:a@b", 0, STATUS_USAGE },
		{ "sip:192.0.2.1", RESOLVE_V6, STATUS_USAGE },
		{ "sip:", 0, STATUS_MALFORMED } };

	(void)state;
	begin();
	sim_add_srv(sim, "_sip._udp.none.example", 0, 0, 0, ".");
	sim_add_address(sim, "none.example", "192.0.2.1");
	sim_silent_name(sim, "_sip._udp.silent.example");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct found f;
		locate(&f, rows[i].uri, rows[i].family, 0, NULL);
		if (f.text.len || f.e.status != rows[i].status)
			fail_msg("%s: expected %d, got %s, %d (%s)",
				rows[i].uri, rows[i].status, buf_text(&f.text),
				f.e.status, f.e.text);
		buf_clear(&f.text);
	}
	end();
}

static void connect_to_stands_for_what_is_meant(void **state)
{
	static const char *const to[] = { "other:1:192.0.2.1:1",
		"Pbx.example:5060:192.0.2.7:7000",
		"[2001:db8::1]:5060:[2001:db8::2]:7001", NULL };
	static const char *const wrong[] = { "pbx.example", "a:b:c:d",
		"a:1:name:2", "a:1:192.0.2.1:70000", "[::1:1:[::2]:2" };
	struct found f;

	(void)state;
	begin();
	locate(&f, "sip:pbx.example", 0, 0, to);
	assert_span(buf_view(&f.text), "UDP 192.0.2.7:7000");
	buf_clear(&f.text);
	locate(&f, "sip:[2001:db8::1]", 0, 0, to);
	assert_span(buf_view(&f.text), "UDP [2001:db8::2]:7001");
	buf_clear(&f.text);
	locate(&f, "sip:pbx.example:5061", 0, 0, to);
	assert_int_equal(f.e.status, STATUS_UNREACHABLE);
	buf_clear(&f.text);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		const char *const one[] = { wrong[i], NULL };
		locate(&f, "sip:pbx.example", 0, 0, one);
		assert_int_equal(f.e.status, STATUS_USAGE);
		buf_clear(&f.text);
	}
	end();
}

/* ---- failover (4.3) ------------------------------------------------------------------ */

/* Two servers behind one name, of which the first is to be tried first. */
struct failover {
	struct sip_ua *ua;
	struct sip_raw first, second;
	struct sip_request *request;
	unsigned code;
	int composed, ended;
	uint32_t cseq;
	const char *method; /* NULL: MESSAGE */
	struct err e;
	usec_t start, ended_at;
};

static bool compose(void *arg, struct buf *out, const struct sip_target *target,
	const struct endpoint *local, struct err *e)
{
	struct failover *f = arg;
	char to[ENDPOINT_TEXT_SIZE];

	(void)e;
	f->composed++;
	assert_true(endpoint_port(local) == 5060);
	const char *method = f->method ? f->method : "MESSAGE";
	return buf_printf(out,
		"%s sip:b@%s SIP/2.0\r\nMax-Forwards: 70\r\n"
		"From: <sip:a@a.example>;tag=1\r\nTo: <sip:b@b.example>\r\n"
		"Call-ID: 1\r\nCSeq: %u %s\r\nContent-Length: 0\r\n\r\n",
		method, endpoint_format(to, &target->address), f->cseq, method);
}

static void on_response(void *arg, struct sip_scan *m)
{
	struct failover *f = arg;

	f->code = m->status_code;
}

static void on_ended(void *arg, const struct err *e)
{
	struct failover *f = arg;

	f->ended++;
	f->request = NULL;
	f->e = e ? *e : ERR_NONE;
	f->ended_at = sip_raw_ms(sim, f->start);
}

static void failover_begin(
	struct failover *f, unsigned first, unsigned second, usec_t patience)
{
	static const struct sip_request_handlers handlers = {
		.compose = compose, .response = on_response, .ended = on_ended
	};
	struct endpoint local = sip_raw_at("192.0.2.1:5060");
	struct sip_request_settings s = { .next_hop = SPAN("sip:two.example"),
		.patience = patience };
	struct err e = ERR_NONE;

	memset(f, 0, sizeof(*f));
	begin();
	struct sip_ua_settings ua = { .loop = sim_loop(sim),
		.resolver = resolver };
	f->ua = sip_ua_new(&ua);
	assert_ok(sip_ua_listen(f->ua, &local, NULL, &e), &e);
	sim_add_srv(sim, "_sip._udp.two.example", 1, 0, 5060, "one.example");
	sim_add_srv(sim, "_sip._udp.two.example", 2, 0, 5060, "both.example");
	sim_add_address(sim, "one.example", "192.0.2.31");
	sim_add_address(sim, "both.example", "192.0.2.32");
	sip_raw_open(&f->first, sim, "192.0.2.31:5060");
	sip_raw_open(&f->second, sim, "192.0.2.32:5060");
	f->first.auto_code = first;
	f->second.auto_code = second;
	f->start = loop_now(sim_loop(sim));
	f->request = sip_request_new(f->ua, &s, &handlers, f);
}

static void failover_end(struct failover *f)
{
	sip_raw_run(sim, 80000);
	assert_true(f->ended <= 1);
	sip_ua_free(f->ua);
	sip_raw_close(&f->first);
	sip_raw_close(&f->second);
	end();
}

static void the_first_target_that_answers_is_enough(void **state)
{
	struct failover f;

	(void)state;
	failover_begin(&f, 404, 200, 0);
	sip_raw_run(sim, 1000);
	assert_int_equal(f.code, 404);
	assert_int_equal(f.ended, 1);
	assert_false(err_is_set(&f.e));
	assert_int_equal(f.second.log.len, 0);
	failover_end(&f);
}

static void a_503_leads_to_the_next(void **state)
{
	struct failover f;

	(void)state;
	failover_begin(&f, 503, 200, 0);
	sip_raw_run(sim, 1000);
	assert_int_equal(f.code, 200);
	assert_int_equal(f.composed, 2);
	failover_end(&f);
	failover_begin(&f, 503, 503, 0); /* but the last one is an answer */
	sip_raw_run(sim, 1000);
	assert_int_equal(f.code, 503);
	failover_end(&f);
}

static void an_icmp_error_leads_to_the_next(void **state)
{
	struct failover f;

	(void)state;
	failover_begin(&f, 0, 200, 0);
	sip_raw_close(&f.first);
	sip_raw_run(sim, 400);
	assert_int_equal(f.code, 200);
	sip_raw_open(&f.first, sim, "192.0.2.31:5060");
	failover_end(&f);
}

static void silence_leads_to_the_next_in_time(void **state)
{
	struct failover f;

	(void)state;
	failover_begin(&f, 0, 200, 10 * USEC_SEC);
	sip_raw_run(sim, 9000);
	assert_int_equal(f.code, 200);
	/* half of what there was */
	assert_true(f.ended_at > 4900 && f.ended_at < 5100);
	/* and the silent one is left alone from then on */
	size_t sent = f.first.log.len;
	sip_raw_run(sim, 30000);
	assert_int_equal(f.first.log.len, sent);
	failover_end(&f);
	failover_begin(&f, 0, 0, 10 * USEC_SEC);
	sip_raw_run(sim, 20000);
	assert_int_equal(f.e.status, STATUS_TIMEOUT);
	assert_true(f.ended_at > 9900 && f.ended_at < 10100);
	failover_end(&f);
	failover_begin(&f, 0, 200, 0); /* timer F, and then the other */
	sip_raw_run(sim, 40000);
	assert_int_equal(f.code, 200);
	assert_true(f.ended_at > 32000 && f.ended_at < 32100);
	failover_end(&f);
}

static void what_is_cancelled_before_it_went_never_goes(void **state)
{
	struct failover f;

	(void)state;
	failover_begin(&f, 200, 200, 0);
	sip_request_cancel(f.request, SPAN_EMPTY);
	assert_int_equal(f.ended, 0);
	sip_raw_run(sim, 1000);
	assert_int_equal(f.ended, 1);
	assert_string_equal(f.e.condition, "cancelled");
	assert_int_equal(f.first.log.len, 0);
	failover_end(&f);
	failover_begin(&f, 200, 200, 0);
	sip_request_forget(f.request);
	sip_raw_run(sim, 1000);
	assert_int_equal(f.ended, 0);
	failover_end(&f);
}

static void a_phone_that_was_given_up_is_hung_up_on(void **state)
{
	struct failover f;
	struct sip_raw contact;

	(void)state;
	failover_begin(&f, 0, 486, 10 * USEC_SEC);
	f.method = "INVITE";
	sip_raw_open(&contact, sim, "192.0.2.9:5060");
	contact.auto_code = 200;
	sip_raw_run(sim, 8000);
	assert_int_equal(f.code, 486); /* of the second */
	assert_int_equal(f.ended, 1);
	sip_raw_reply(&f.first, 200, "late");
	sip_raw_run(sim, 1000);
	assert_true(span_find_span(buf_view(&contact.log), SPAN(" ACK\n"), 0) <
		    contact.log.len);
	assert_true(span_find_span(buf_view(&contact.log), SPAN(" BYE\n"), 0) <
		    contact.log.len);
	assert_span(sip_tag(sip_scan_value(&contact.scan, SIP_HDR_TO)), "late");
	size_t said = contact.log.len;
	sip_raw_reply(&f.first, 200, "late"); /* again: its ACK was lost */
	sip_raw_run(sim, 1000);
	assert_span(span_skip(buf_view(&contact.log), contact.log.len - 4),
		"ACK\n");
	assert_true(contact.log.len > said);
	sip_raw_close(&contact);
	failover_end(&f);
}

static void a_100_does_not_hide_a_503(void **state)
{
	struct failover f;

	(void)state;
	failover_begin(&f, 0, 200, 10 * USEC_SEC);
	f.method = "INVITE";
	sip_raw_run(sim, 100);
	sip_raw_reply(&f.first, 100, NULL);
	sip_raw_run(sim, 100);
	sip_raw_reply(&f.first, 503, "t");
	sip_raw_run(sim, 1000);
	assert_int_equal(f.code, 200);
	failover_end(&f);
}

/* ---- TCP: the first that can be connected to (RFC 8305) ----------------------------- */

static void begin_race(struct failover *f, usec_t patience)
{
	static const struct sip_request_handlers handlers = {
		.compose = compose, .response = on_response, .ended = on_ended
	};
	struct endpoint local = sip_raw_at("192.0.2.1:5060");
	struct endpoint first = sip_raw_at("192.0.2.31:5060");
	struct sip_request_settings s = {
		.next_hop = SPAN("sip:two.example:5060;transport=tcp"),
		.patience = patience
	};
	struct err e = ERR_NONE;

	memset(f, 0, sizeof(*f));
	begin();
	struct sip_ua_settings ua = { .loop = sim_loop(sim),
		.resolver = resolver };
	f->ua = sip_ua_new(&ua);
	assert_ok(sip_ua_listen(f->ua, &local, NULL, &e), &e);
	sim_add_address(sim, "two.example", "192.0.2.31");
	sim_add_address(sim, "two.example", "192.0.2.32");
	sim_cut(sim, &first, true);
	f->start = loop_now(sim_loop(sim));
	f->request = sip_request_new(f->ua, &s, &handlers, f);
}

static void a_host_that_swallows_connections_costs_a_quarter_second(
	void **state)
{
	struct endpoint second = sip_raw_at("192.0.2.32:5060");
	struct sip_ua_settings s = { .loop = NULL };
	struct err e = ERR_NONE;
	struct failover f;

	(void)state;
	begin_race(&f, 10 * USEC_SEC);
	s.loop = sim_loop(sim);
	struct sip_ua *far = sip_ua_new(&s);
	assert_ok(sip_ua_listen(far, &second, NULL, &e), &e);
	sip_raw_run(sim, 1000);
	assert_int_equal(f.code, 405); /* MESSAGE is not served there */
	assert_int_equal(f.ended, 1);
	assert_true(f.ended_at >= 250 && f.ended_at < 300);
	assert_int_equal(f.composed, 1);
	sip_raw_run(sim, 400000);
	sip_ua_free(far);
	sip_ua_free(f.ua);
	end();
}

static void a_race_that_nobody_wins_ends_in_time(void **state)
{
	struct endpoint second = sip_raw_at("192.0.2.32:5060");
	struct failover f;

	(void)state;
	begin_race(&f, 4 * USEC_SEC);
	sim_cut(sim, &second, true);
	sip_raw_run(sim, 5000);
	assert_int_equal(f.ended, 1);
	assert_int_equal(f.e.status, STATUS_TIMEOUT);
	assert_true(f.ended_at > 3900 && f.ended_at < 4100);
	sip_ua_free(f.ua);
	end();
	begin_race(&f, 0); /* refused by one, swallowed by the other */
	sip_raw_run(sim, 20000);
	assert_int_equal(f.ended, 1);
	assert_true(f.e.status == STATUS_UNREACHABLE ||
		    f.e.status == STATUS_TIMEOUT);
	sip_ua_free(f.ua);
	end();
	begin_race(&f, 0);
	sip_raw_run(sim, 100);
	sip_request_cancel(f.request, SPAN_EMPTY);
	sip_raw_run(sim, 100);
	assert_string_equal(f.e.condition, "cancelled");
	sip_ua_free(f.ua);
	end();
}

TEST_MAIN(cmocka_unit_test(
		  a_host_that_swallows_connections_costs_a_quarter_second),
	cmocka_unit_test(a_race_that_nobody_wins_ends_in_time),
	cmocka_unit_test(a_phone_that_was_given_up_is_hung_up_on),
	cmocka_unit_test(a_100_does_not_hide_a_503),
	cmocka_unit_test(each_uri_leads_where_rfc_3263_says),
	cmocka_unit_test(what_leads_nowhere_says_so),
	cmocka_unit_test(connect_to_stands_for_what_is_meant),
	cmocka_unit_test(the_first_target_that_answers_is_enough),
	cmocka_unit_test(a_503_leads_to_the_next),
	cmocka_unit_test(an_icmp_error_leads_to_the_next),
	cmocka_unit_test(silence_leads_to_the_next_in_time),
	cmocka_unit_test(what_is_cancelled_before_it_went_never_goes))
