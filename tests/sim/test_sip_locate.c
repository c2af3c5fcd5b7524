/* From a URI to its targets (RFC 3263, RFC 6116), each step of it as it is
 * told, and what a hostile DNS cannot do. */
#include "tests/common/test.h"

#include <stdio.h>
#include <string.h>

#include "net/sim.h"
#include "sip/enum.h"
#include "sip/locate.h"

static struct sim *sim;
static struct resolver *resolver;

/* What came of the last one. */
static struct buf targets, steps;
static char enum_uri[200];
static int calls, questions;
static struct err outcome;
static struct sip_locate *locating;

static int begin(void **state)
{
	struct err e = ERR_NONE;

	(void)state;
	sim = sim_new(5);
	resolver = resolver_new(sim_loop(sim), NULL, &e);
	assert_ok(resolver, &e);
	buf_init(&targets, 4000);
	buf_init(&steps, 100000);
	return 0;
}

static int end(void **state)
{
	(void)state;
	resolver_free(resolver);
	assert_int_equal(sim_set_timers(sim), 0);
	sim_free(sim);
	buf_clear(&targets);
	buf_clear(&steps);
	return 0;
}

static void on_step(void *arg, const struct sip_locate_step *s)
{
	char address[ENDPOINT_TEXT_SIZE];

	(void)arg;
	questions++;
	buf_printf(&steps, "%s %s", s->type, s->question);
	if (s->naptr)
		buf_printf(&steps, " %u %u %s %s", s->naptr->order,
			s->naptr->preference, s->naptr->services,
			s->naptr->replacement);
	if (s->srv)
		buf_printf(&steps, " %u %u %u %s", s->srv->priority,
			s->srv->weight, s->srv->port, s->srv->target);
	if (s->address)
		buf_printf(&steps, " %s",
			endpoint_format_address(address, s->address, false));
	if (s->ttl != RESOLVE_NO_TTL)
		buf_printf(&steps, " ttl %u", s->ttl);
	buf_printf(&steps, " %c %s\n", s->is_chosen ? '+' : '-', s->why);
}

static void on_done(void *arg, const struct sip_target *found, size_t count,
	const struct err *e)
{
	char address[ENDPOINT_TEXT_SIZE];
	const char *uri = sip_locate_enum_uri(locating);

	(void)arg;
	calls++;
	outcome = *e;
	span_copy(enum_uri, sizeof(enum_uri), span_of(uri ? uri : ""));
	for (size_t i = 0; i < count; i++)
		buf_printf(&targets, "%s%s %s%s%s", i ? ", " : "",
			sip_transport_name(found[i].kind),
			endpoint_format(address, &found[i].address),
			found[i].name ? " " : "",
			found[i].name ? found[i].name : "");
}

static bool is_done(void *arg)
{
	(void)arg;
	return calls > 0;
}

static const char *locate_with(struct sip_locate_settings s, const char *uri)
{
	buf_reset(&targets);
	buf_reset(&steps);
	calls = questions = 0;
	s.loop = sim_loop(sim);
	s.resolver = resolver;
	s.step = on_step;
	locating = sip_locate_new(&s, span_of(uri), on_done, NULL);
	assert_int_equal(calls, 0);
	assert_true(sim_run(sim, is_done, NULL, 20 * USEC_SEC));
	assert_int_equal(calls, 1);
	return buf_text(&targets);
}

static const char *locate(const char *uri)
{
	return locate_with((struct sip_locate_settings){ .kinds = 0 }, uri);
}

static void assert_steps(const char *want)
{
	if (!span_is(buf_view(&steps), want))
		fail_msg("expected the steps\n%scame\n%s", want,
			buf_text(&steps));
}

/* ---- RFC 3263 ------------------------------------------------------------------ */

/* Section 4.1's own example. */
static void add_example(void)
{
	sim_add_naptr(sim, "example.com", 50, 50, "s", "SIPS+D2T", "",
		"_sips._tcp.example.com");
	sim_add_naptr(sim, "example.com", 90, 50, "s", "SIP+D2T", "",
		"_sip._tcp.example.com");
	sim_add_naptr(sim, "example.com", 100, 50, "s", "SIP+D2U", "",
		"_sip._udp.example.com");
	sim_add_srv(sim, "_sips._tcp.example.com", 0, 1, 5061,
		"server1.example.com");
	sim_add_srv(sim, "_sip._tcp.example.com", 0, 1, 5060,
		"server1.example.com");
	sim_add_srv(sim, "_sip._tcp.example.com", 1, 2, 5060,
		"server2.example.com");
	sim_add_srv(sim, "_sip._udp.example.com", 0, 1, 5060,
		"server1.example.com");
	sim_add_address(sim, "server1.example.com", "192.0.2.1");
	sim_add_address(sim, "server2.example.com", "192.0.2.2");
}

static void the_domain_chooses_the_transport(void **state)
{
	struct sip_locate_settings s = {
		.kinds = SIP_KIND(SIP_TRANSPORT_UDP) |
			 SIP_KIND(SIP_TRANSPORT_TCP),
	};

	(void)state;
	add_example();
	assert_string_equal(locate("sip:user@example.com"),
		"TLS 192.0.2.1:5061 example.com");
	assert_string_equal(locate("sips:user@example.com"),
		"TLS 192.0.2.1:5061 example.com");
	/* "Since the client supports TCP and UDP, TCP will be used" */
	assert_string_equal(locate_with(s, "sip:user@example.com"),
		"TCP 192.0.2.1:5060, TCP 192.0.2.2:5060");
	assert_steps("NAPTR example.com 50 50 SIPS+D2T _sips._tcp.example.com "
		     "ttl 3600 - its transport is not there\n"
		     "NAPTR example.com 90 50 SIP+D2T _sip._tcp.example.com "
		     "ttl 3600 + TCP, place 1\n"
		     "NAPTR example.com 100 50 SIP+D2U _sip._udp.example.com "
		     "ttl 3600 - left out: order 90 matched\n"
		     "SRV _sip._tcp.example.com 0 1 5060 server1.example.com "
		     "ttl 3600 + place 1 by priority 0, weight 1\n"
		     "SRV _sip._tcp.example.com 1 2 5060 server2.example.com "
		     "ttl 3600 + place 2 by priority 1, weight 2\n"
		     "A server1.example.com 192.0.2.1 ttl 3600 + target 1, TCP "
		     "port 5060\n"
		     "A server2.example.com 192.0.2.2 ttl 3600 + target 2, TCP "
		     "port 5060\n");
	/* the transport said, or a port: no NAPTR */
	assert_string_equal(
		locate("sip:example.com;transport=udp"), "UDP 192.0.2.1:5060");
	assert_null(strstr(buf_text(&steps), "NAPTR"));
	assert_string_equal(
		locate("sip:server2.example.com:5070"), "UDP 192.0.2.2:5070");
	assert_null(strstr(buf_text(&steps), "NAPTR"));
	assert_null(strstr(buf_text(&steps), "SRV"));
	/* a number: nothing is asked */
	assert_string_equal(locate("sip:192.0.2.9"), "UDP 192.0.2.9:5060");
	assert_steps("");
}

static void records_of_one_order_all_count_by_preference(void **state)
{
	(void)state;
	sim_add_naptr(sim, "a", 10, 2, "S", "sip+d2u", "", "_sip._udp.a");
	sim_add_naptr(sim, "a", 10, 1, "s", "SIP+D2W", "", "_sip._ws.a");
	sim_add_naptr(sim, "a", 5, 1, "u", "E2U+sip", "!x!sip:y!", ".");
	sim_add_naptr(sim, "a", 6, 1, "a", "SIP+D2U", "", "b");
	sim_add_naptr(sim, "a", 7, 1, "s", "SIP+D2U", "!a!b!", ".");
	sim_add_naptr(sim, "a", 8, 1, "s", "SIPS+D2U", "", "_sips._udp.a");
	sim_add_srv(sim, "_sip._udp.a", 0, 0, 5062, "b");
	sim_add_srv(sim, "_sip._ws.a", 0, 0, 8080, "b");
	sim_add_address(sim, "b", "192.0.2.3");
	assert_string_equal(
		locate("sip:a"), "WS 192.0.2.3:8080 a, UDP 192.0.2.3:5062");
	/* none of them for sips: by SRV, then by the name */
	assert_string_equal(locate("sips:a"), "");
	assert_non_null(strstr(buf_text(&steps), "a sips: URI wants SIPS"));
	assert_non_null(strstr(buf_text(&steps), "SRV _sips._tcp.a - "));
	assert_non_null(strstr(buf_text(&steps), "A,AAAA a - "));
	assert_int_equal(outcome.status, STATUS_UNREACHABLE);
}

static void the_name_itself_is_the_last_resort(void **state)
{
	(void)state;
	sim_add_address(sim, "plain", "192.0.2.4");
	assert_string_equal(locate("sip:plain"), "UDP 192.0.2.4:5060");
	assert_steps("NAPTR plain - plain: the name has no NAPTR record\n"
		     "SRV _sip._udp.plain - _sip._udp.plain: no such name\n"
		     "SRV _sip._tcp.plain - _sip._tcp.plain: no such name\n"
		     "A plain 192.0.2.4 ttl 3600 + target 1, UDP port 5060\n");
	assert_string_equal(locate("sips:plain"), "TLS 192.0.2.4:5061 plain");
	assert_string_equal(
		locate("sip:plain;transport=ws"), "WS 192.0.2.4:80 plain");
	assert_string_equal(
		locate("sips:plain;transport=ws"), "WSS 192.0.2.4:443 plain");
	/* also where NAPTR leads to SRV records that are not there */
	sim_add_naptr(sim, "half", 1, 1, "s", "SIP+D2T", "", "_sip._tcp.gone");
	sim_add_address(sim, "half", "192.0.2.5");
	assert_string_equal(locate("sip:half"), "TCP 192.0.2.5:5060");
	/* but not where SIP is decidedly not offered */
	sim_add_srv(sim, "_sip._udp.none", 0, 0, 0, ".");
	sim_add_address(sim, "none", "192.0.2.6");
	assert_string_equal(locate("sip:none"), "");
	assert_string_equal(outcome.text, "none offers no SIP over UDP");
	assert_non_null(strstr(buf_text(&steps), "- UDP is not offered"));
	/* where TCP is, it is TCP */
	sim_add_srv(sim, "_sip._tcp.none", 0, 0, 5066, "none");
	assert_string_equal(locate("sip:none"), "TCP 192.0.2.6:5066");
}

/* RFC 2782: the weights say how often each comes first; 1,000 draws of 3:1
 * are within 750 ± 60 but for one run in 10,000, and the seed is fixed. */
static void weights_share_the_load(void **state)
{
	int first = 0;

	(void)state;
	sim_add_srv(sim, "_sip._udp.w", 1, 30, 5060, "x");
	sim_add_srv(sim, "_sip._udp.w", 1, 10, 5060, "y");
	sim_add_address(sim, "x", "192.0.2.7");
	sim_add_address(sim, "y", "192.0.2.8");
	for (int i = 0; i < 1000; i++) {
		const char *got = locate("sip:w;transport=udp");
		assert_non_null(strstr(got, "192.0.2.7"));
		assert_non_null(strstr(got, "192.0.2.8"));
		first += strncmp(got, "UDP 192.0.2.7", 13) == 0;
	}
	if (first < 690 || first > 810)
		fail_msg("x came first %d times of 1000, expected 750", first);
}

/* ---- bounds --------------------------------------------------------------------- */

static void a_zone_of_endless_answers_costs_no_more_than_a_name_may(
	void **state)
{
	char name[40];

	(void)state;
	for (int i = 0; i < 64; i++) {
		snprintf(name, sizeof(name), "_sip._udp.n%d", i);
		sim_add_naptr(sim, "many", 1, 1, "s", "SIP+D2U", "", name);
		for (int k = 0; k < 64; k++)
			sim_add_srv(sim, name, 1, 1, 5060, "silent");
	}
	sim_silent_name(sim, "silent");
	usec_t from = loop_now(sim_loop(sim));
	assert_string_equal(locate("sip:many"), "");
	assert_int_equal(outcome.status, STATUS_TIMEOUT);
	usec_t took = loop_now(sim_loop(sim)) - from;
	if (took > RESOLVE_DEADLINE + USEC_MS)
		fail_msg("expected at most 5 s, took %g",
			(double)took / USEC_SEC);
	/* what was found before the silence is used */
	sim_add_naptr(sim, "some", 1, 1, "s", "SIP+D2U", "", "_sip._udp.some");
	sim_add_srv(sim, "_sip._udp.some", 1, 1, 5060, "found");
	sim_add_srv(sim, "_sip._udp.some", 2, 1, 5060, "silent");
	sim_add_address(sim, "found", "192.0.2.9");
	assert_string_equal(locate("sip:some"), "UDP 192.0.2.9:5060");
	/* sixteen targets are enough */
	for (int i = 1; i <= 20; i++) {
		snprintf(name, sizeof(name), "192.0.2.%d", i);
		sim_add_address(sim, "crowd", name);
	}
	locate("sip:crowd:5060");
	assert_non_null(strstr(buf_text(&targets), "192.0.2.16:5060"));
	assert_null(strstr(buf_text(&targets), "192.0.2.17:5060"));
	assert_non_null(
		strstr(buf_text(&steps), "192.0.2.17 ttl 3600 - left out"));
}

static void what_is_cancelled_is_gone(void **state)
{
	struct sip_locate_settings s = { .loop = sim_loop(sim),
		.resolver = resolver };
	static const char *const uris[] = { "sip:a", "sip:192.0.2.1", "tel:+1",
		"nonsense" };

	(void)state;
	calls = 0;
	for (size_t i = 0; i < sizeof(uris) / sizeof(*uris); i++) {
		sip_locate_cancel(
			sip_locate_new(&s, span_of(uris[i]), on_done, NULL));
		sim_run(sim, is_done, NULL, 10 * USEC_SEC);
		assert_int_equal(calls, 0);
	}
	sip_locate_cancel(NULL);
}

/* ---- ENUM (RFC 6116) -------------------------------------------------------------- */

#define KEY "3.8.0.0.6.9.2.3.6.1.4.4.e164.arpa"

/* Section 4's own example. */
static void a_number_becomes_a_uri_and_that_is_located(void **state)
{
	(void)state;
	sim_add_naptr(sim, KEY, 100, 52, "u", "E2U+email:mailto",
		"!^.*$!mailto:info@example.com!", ".");
	sim_add_naptr(sim, KEY, 100, 51, "u", "E2U+h323",
		"!^\\+441632960083$!h323:operator@example.com!", ".");
	sim_add_naptr(sim, KEY, 100, 50, "u", "E2U+sip",
		"!^(\\+441632960083)$!sip:\\1@example.com!", ".");
	sim_add_address(sim, "example.com", "192.0.2.1");
	assert_string_equal(
		locate("tel:+44-1632-960083;x=y"), "UDP 192.0.2.1:5060");
	assert_string_equal(enum_uri, "sip:+441632960083@example.com");
	assert_steps("NAPTR " KEY " 100 50 E2U+sip . ttl 3600 + it makes "
		     "sip:+441632960083@example.com\n"
		     "NAPTR " KEY " 100 51 E2U+h323 . ttl 3600 - not "
		     "considered: there is a URI already\n"
		     "NAPTR " KEY " 100 52 E2U+email:mailto . ttl 3600 - not "
		     "considered: there is a URI already\n"
		     "NAPTR example.com - example.com: the name has no NAPTR "
		     "record\n"
		     "SRV _sip._udp.example.com - _sip._udp.example.com: no "
		     "such name\n"
		     "SRV _sip._tcp.example.com - _sip._tcp.example.com: no "
		     "such name\n"
		     "A example.com 192.0.2.1 ttl 3600 + target 1, UDP port "
		     "5060\n");
	struct sip_locate_settings s = { .enum_suffix = "e164.example" };
	assert_string_equal(locate_with(s, "tel:+441632960083"), "");
	assert_string_equal(outcome.text,
		"3.8.0.0.6.9.2.3.6.1.4.4.e164.example: no such name");
	assert_int_equal(outcome.status, STATUS_UNREACHABLE);
	/* only ways that are not SIP's */
	sim_add_naptr(sim, "2.1.e164.arpa", 1, 1, "u", "E2U+sms:tel",
		"!^.*$!tel:+99!", ".");
	assert_string_equal(locate("tel:+12"), "");
	assert_string_equal(
		outcome.text, "+12 has no SIP address in the DNS (ENUM)");
}

static void rules_that_lead_elsewhere_are_followed_and_come_back(void **state)
{
	(void)state;
	sim_add_naptr(sim, "1.e164.arpa", 1, 1, "", "ignored", "ignored", "a");
	sim_add_naptr(sim, "1.e164.arpa", 2, 1, "", "", "", "gone");
	sim_add_naptr(sim, "1.e164.arpa", 3, 1, "x", "E2U+sip",
		"!^.*$!sip:no@192.0.2.1!", ".");
	sim_add_naptr(sim, "1.e164.arpa", 4, 1, "U", "e2u+voice:tel+voice:sip",
		"/^\\+(.*)$/sip:n\\1@192.0.2.2/i", ".");
	/* a leads to itself, back, nowhere, and to what is malformed */
	sim_add_naptr(sim, "a", 1, 1, "", "", "", "A");
	sim_add_naptr(sim, "a", 2, 1, "", "", "", "1.E164.arpa");
	sim_add_naptr(sim, "a", 3, 1, "", "", "", ".");
	sim_add_naptr(sim, "a", 4, 1, "u", "E2U+sip", "!(!sip:x!", ".");
	sim_add_naptr(sim, "a", 5, 1, "u", "E2U+sip", "!^\\+9!sip:x@y!", ".");
	sim_add_naptr(sim, "a", 6, 1, "u", "E2U+P-x:sip", "!.!sip:x@y!", ".");
	sim_add_naptr(sim, "a", 7, 1, "u", "SIP+D2U", "!.!sip:x@y!", ".");
	assert_string_equal(locate("tel:+1"), "UDP 192.0.2.2:5060");
	assert_string_equal(enum_uri, "sip:n1@192.0.2.2");
	assert_int_equal(questions, 12);
}

/* Each name leads to ten others, each of which does the same. */
static void a_maze_of_rules_has_an_end(void **state)
{
	char from[40], to[40];

	(void)state;
	for (int i = 0; i < 10; i++) {
		snprintf(to, sizeof(to), "maze%d", i);
		sim_add_naptr(sim, "1.e164.arpa", 1, 1, "", "", "", to);
		for (int k = 0; k < 60; k++) {
			snprintf(
				from, sizeof(from), "maze%d", i + 10 * (k % 6));
			snprintf(to, sizeof(to), "maze%d",
				(i * 7 + k * 3) % 10 + 10 * (k % 6 + 1));
			sim_add_naptr(sim, from, 1, 1, "", "", "", to);
		}
	}
	assert_string_equal(locate("tel:+1"), "");
	assert_int_equal(outcome.status, STATUS_UNREACHABLE);
	const char *deep = "further than five names";
	assert_non_null(strstr(buf_text(&steps), deep));
	assert_non_null(strstr(buf_text(&steps), "too many names"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

TEST_MAIN(TEST(the_domain_chooses_the_transport),
	TEST(records_of_one_order_all_count_by_preference),
	TEST(the_name_itself_is_the_last_resort), TEST(weights_share_the_load),
	TEST(a_zone_of_endless_answers_costs_no_more_than_a_name_may),
	TEST(what_is_cancelled_is_gone),
	TEST(a_number_becomes_a_uri_and_that_is_located),
	TEST(rules_that_lead_elsewhere_are_followed_and_come_back),
	TEST(a_maze_of_rules_has_an_end))
