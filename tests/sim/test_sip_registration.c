/* Registrations on the simulated network: what they ask, how long they stay,
 * and what brings them back (RFC 3261 section 10.2, RFC 5626 section 4.5). */
#include "tests/common/test.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "net/sim.h"
#include "sip/registration.h"
#include "sip/ua.h"
#include "tests/common/sip_raw.h"

#define US "192.0.2.1:5060"
#define REGISTRAR "192.0.2.2:5060"
#define HOUR 3600000 /* ms */

/* A registrar that grants `grant` seconds, and asks for `least` of them. */
struct registrar {
	struct sip_raw raw;
	unsigned grant, least, refuse;
	const char *lines; /* more of a 200 */
	bool is_bound, is_silent, says_no_contact;
	unsigned requests, refreshes;
	uint32_t last_cseq;
	usec_t expires_at;
	usec_t gap; /* the longest the binding was not there */
};

struct client {
	struct sip_ua *ua;
	struct sip_registration *registration;
	struct buf log;
	usec_t again;
};

static void reply_bound(struct registrar *g, struct sip_raw *raw)
{
	struct buf lines = BUF_INIT(4000);
	struct sip_contact c = { .has_expires = false };

	sip_contact_parse(
		&c, sip_scan_value(&raw->scan, SIP_HDR_CONTACT), NULL);
	buf_printf(&lines, "%s", g->lines ? g->lines : "");
	if (g->is_bound && !g->says_no_contact && !c.is_star)
		buf_printf(&lines, "Contact: <%.*s>;expires=%u%s\r\n",
			SPAN_ARGS(c.addr.uri), g->grant,
			c.addr.params.n &&
					span_find_span(c.addr.params,
						SPAN("+sip.instance"), 0) <
						c.addr.params.n
				? ";+sip.instance=\"<urn:uuid:1>\""
				  ";pub-gruu=\"sip:a@192.0.2.2;gr=1\""
				  ";temp-gruu=\"sip:t@192.0.2.2;gr\""
				: "");
	sip_raw_reply_lines(raw, 200, "registrar", buf_text(&lines));
	buf_clear(&lines);
}

static void note_binding(struct registrar *g, const struct sip_contact *c)
{
	usec_t now = loop_now(sim_loop(g->raw.sim));
	uint32_t asked = c->has_expires ? c->expires : 3600;

	if (g->is_bound && now > g->expires_at && now - g->expires_at > g->gap)
		g->gap = now - g->expires_at;
	g->refreshes += g->is_bound && asked;
	g->is_bound = asked && !c->is_star;
	g->expires_at = now + (usec_t)g->grant * USEC_SEC;
}

static void registrar_answers(struct sip_raw *raw)
{
	struct registrar *g = raw->arg;
	struct sip_contact c = { .has_expires = false };
	struct sip_cseq cseq;
	char lines[60];

	g->requests++;
	assert_true(sip_cseq_parse(
		&cseq, sip_scan_value(&raw->scan, SIP_HDR_CSEQ), NULL));
	assert_true(cseq.number >= g->last_cseq);
	bool again = cseq.number == g->last_cseq;
	g->last_cseq = cseq.number;
	if (g->is_silent)
		return;
	if (g->refuse) {
		sip_raw_reply(raw, g->refuse, "registrar");
		return;
	}
	struct span contact = sip_scan_value(&raw->scan, SIP_HDR_CONTACT);
	if (contact.n)
		assert_true(sip_contact_parse(&c, contact, NULL));
	if (g->least && c.has_expires && c.expires && c.expires < g->least) {
		snprintf(lines, sizeof(lines), "Min-Expires: %u\r\n", g->least);
		sip_raw_reply_lines(raw, 423, "registrar", lines);
		return;
	}
	if (contact.n && !again)
		note_binding(g, &c);
	reply_bound(g, raw);
}

static void registrar_open(struct registrar *g, struct sim *sim)
{
	memset(g, 0, sizeof(*g));
	sip_raw_open(&g->raw, sim, REGISTRAR);
	g->raw.answers = registrar_answers;
	g->raw.arg = g;
	g->grant = 3600;
}

static void told(void *arg, const struct sip_registration_event *event)
{
	struct client *c = arg;

	c->again = event->again;
	switch (event->what) {
	case SIP_REGISTRATION_DONE:
		buf_printf(&c->log, "done %u", event->granted);
		if (event->has_own && event->own.pub_gruu.n)
			buf_printf(&c->log, " %.*s %.*s",
				SPAN_ARGS(event->own.pub_gruu),
				SPAN_ARGS(event->own.temp_gruu));
		break;
	case SIP_REGISTRATION_BINDINGS:
		buf_str(&c->log, "bindings");
		break;
	case SIP_REGISTRATION_REMOVED:
		buf_str(&c->log, "removed");
		break;
	case SIP_REGISTRATION_FAILED:
		buf_printf(&c->log, "failed %d", event->e->status);
		break;
	}
	buf_char(&c->log, ';');
}

static void client_open(struct client *c, struct sim *sim, bool keep,
	const char *instance)
{
	struct sip_ua_settings ua = { .loop = sim_loop(sim) };
	struct endpoint local = sip_raw_at(US);
	struct err e = ERR_NONE;

	memset(c, 0, sizeof(*c));
	buf_init(&c->log, 1 << 20);
	c->ua = sip_ua_new(&ua);
	assert_ok(sip_ua_listen(c->ua, &local, NULL, &e), &e);
	c->registration = sip_registration_new(
		&(struct sip_registration_settings){ .ua = c->ua,
			.aor = SPAN("sip:alice@192.0.2.2"),
			.user = SPAN("alice"),
			.expires = 600,
			.instance = span_of(instance),
			.keep = keep },
		told, c, &e);
	assert_ok(c->registration, &e);
}

static void client_close(struct client *c)
{
	sip_registration_free(c->registration);
	sip_ua_free(c->ua);
	buf_clear(&c->log);
}

#define assert_log(c, want)                                                    \
	do {                                                                   \
		assert_string_equal(buf_text(&(c)->log), want);                \
		buf_reset(&(c)->log);                                          \
	} while (0)

/* ---- what is asked ----------------------------------------------------------------- */

static void a_request_is_as_section_10_2_has_it(void **state)
{
	struct sim *sim = sim_new(1);
	struct registrar g;
	struct client c;
	struct sip_scan *m = &g.raw.scan;

	(void)state;
	registrar_open(&g, sim);
	client_open(&c, sim, false, "");
	sip_registration_start(c.registration);
	sip_raw_run(sim, 100);
	assert_log(&c, "done 3600;");
	assert_span(m->request_uri, "sip:192.0.2.2");
	assert_span(sip_scan_value(m, SIP_HDR_TO), "<sip:alice@192.0.2.2>");
	assert_span(sip_scan_value(m, SIP_HDR_CONTACT),
		"<sip:alice@192.0.2.1:5060>;expires=600");
	assert_span(sip_scan_value(m, SIP_HDR_SUPPORTED), "path");
	sip_registration_query(c.registration);
	sip_raw_run(sim, 100);
	assert_log(&c, "bindings;");
	assert_null(sip_scan_find(m, SIP_HDR_CONTACT));
	sip_registration_remove(c.registration, SPAN("sip:old@192.0.2.9"));
	sip_raw_run(sim, 100);
	assert_span(sip_scan_value(m, SIP_HDR_CONTACT),
		"<sip:old@192.0.2.9>;expires=0");
	sip_registration_remove(c.registration, SPAN("*"));
	sip_raw_run(sim, 100);
	assert_span(sip_scan_value(m, SIP_HDR_CONTACT), "*");
	assert_span(sip_scan_value(m, SIP_HDR_EXPIRES), "0");
	assert_log(&c, "removed;removed;");
	sip_registration_stop(c.registration);
	sip_raw_run(sim, 100);
	assert_span(sip_scan_value(m, SIP_HDR_CONTACT),
		"<sip:alice@192.0.2.1:5060>;expires=0");
	assert_log(&c, "removed;");
	client_close(&c);
	sip_raw_close(&g.raw);
	sim_free(sim);
}

static void a_registrar_that_wants_longer_gets_it(void **state)
{
	struct sim *sim = sim_new(1);
	struct registrar g;
	struct client c;

	(void)state;
	registrar_open(&g, sim);
	g.least = g.grant = 1800;
	client_open(&c, sim, false, "");
	sip_registration_start(c.registration);
	sip_raw_run(sim, 100);
	assert_log(&c, "done 1800;");
	assert_int_equal(g.requests, 2);
	client_close(&c);
	sip_raw_close(&g.raw);
	sim_free(sim);
}

static void an_instance_gets_its_gruus(void **state)
{
	struct sim *sim = sim_new(1);
	struct registrar g;
	struct client c;

	(void)state;
	registrar_open(&g, sim);
	client_open(&c, sim, false, "urn:uuid:1");
	sip_registration_start(c.registration);
	sip_raw_run(sim, 100);
	assert_log(&c, "done 3600 sip:a@192.0.2.2;gr=1 sip:t@192.0.2.2;gr;");
	assert_span(sip_scan_value(&g.raw.scan, SIP_HDR_SUPPORTED),
		"path, gruu");
	client_close(&c);
	sip_raw_close(&g.raw);
	sim_free(sim);
}

static void what_waits_begins_when_the_answer_is_there(void **state)
{
	struct sim *sim = sim_new(1);
	struct registrar g;
	struct client c;

	(void)state;
	registrar_open(&g, sim);
	client_open(&c, sim, true, "");
	sip_registration_start(c.registration);
	sip_registration_stop(c.registration);
	sip_raw_run(sim, 100);
	assert_log(&c, "done 3600;removed;");
	assert_false(g.is_bound);
	sip_raw_run(sim, 2 * HOUR);
	assert_int_equal(g.requests, 2);
	client_close(&c);
	sip_raw_close(&g.raw);
	assert_int_equal(sim_set_timers(sim), 0);
	sim_free(sim);
}

/* ---- staying ------------------------------------------------------------------------ */

static void what_was_granted_counts_and_not_what_was_asked(void **state)
{
	static const struct {
		unsigned grant;
		bool silent;
	} rows[] = { { 60, false }, { 300, false }, { 7200, false },
		{ 600, true } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sim *sim = sim_new(i);
		struct registrar g;
		struct client c;
		registrar_open(&g, sim);
		g.grant = rows[i].grant;
		g.says_no_contact = rows[i].silent;
		client_open(&c, sim, true, "");
		sip_registration_start(c.registration);
		sip_raw_run(sim, 100);
		usec_t granted = (usec_t)rows[i].grant * USEC_SEC;
		assert_true(c.again < granted * 9 / 10);
		assert_true(c.again > granted * 2 / 5);
		sip_raw_run(sim, 10 * (usec_t)rows[i].grant * 1000);
		assert_true(g.refreshes >= 10 && g.refreshes <= 25);
		assert_int_equal(g.gap, 0);
		client_close(&c);
		sip_raw_close(&g.raw);
		sim_free(sim);
	}
}

static void a_registrar_that_was_away_is_tried_until_it_is_back(void **state)
{
	struct sim *sim = sim_new(1);
	struct registrar g;
	struct client c;

	(void)state;
	registrar_open(&g, sim);
	client_open(&c, sim, true, "");
	sip_registration_start(c.registration);
	sip_raw_run(sim, 100);
	g.is_silent = true;
	sip_raw_run(sim, 3 * HOUR);
	assert_false(sip_registration_is_there(c.registration));
	/* 11 transmissions each, and waits of up to half an hour. */
	assert_true(g.requests > 60 && g.requests < 200);
	g.is_silent = false;
	g.refuse = 503;
	sip_raw_run(sim, HOUR);
	g.refuse = 0;
	buf_reset(&c.log);
	sip_raw_run(sim, HOUR * 4 / 5);
	assert_true(sip_registration_is_there(c.registration));
	client_close(&c);
	sip_raw_close(&g.raw);
	sim_free(sim);
}

static void what_would_be_refused_again_is_not_tried_again(void **state)
{
	static const unsigned codes[] = { 401, 403, 404, 423, 603 };

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct sim *sim = sim_new(1);
		struct registrar g;
		struct client c;
		registrar_open(&g, sim);
		g.refuse = codes[i];
		client_open(&c, sim, true, "");
		sip_registration_start(c.registration);
		sip_raw_run(sim, 2 * HOUR);
		assert_log(&c, codes[i] == 401 ? "failed 5;" : "failed 1;");
		assert_int_equal(g.requests, 1);
		client_close(&c);
		sip_raw_close(&g.raw);
		assert_int_equal(sim_set_timers(sim), 0);
		sim_free(sim);
	}
}

/* A UDP flow that answers no STUN is no flow: RFC 5626 section 4.4.2. */
static void an_outbound_flow_is_kept_alive_and_replaced_when_it_fails(
	void **state)
{
	(void)state;
	for (int outbound = 0; outbound < 2; outbound++) {
		struct sim *sim = sim_new(1);
		struct registrar g;
		struct client c;
		struct err e = ERR_NONE;
		registrar_open(&g, sim);
		g.lines = outbound ? "Require: outbound\r\nFlow-Timer: 30\r\n"
				   : "";
		client_open(&c, sim, true, "");
		sip_registration_free(c.registration);
		c.registration = sip_registration_new(
			&(struct sip_registration_settings){ .ua = c.ua,
				.aor = SPAN("sip:alice@192.0.2.2"),
				.instance = SPAN("urn:uuid:1"),
				.reg_id = 1,
				.keep = true },
			told, &c, &e);
		assert_ok(c.registration, &e);
		sip_registration_start(c.registration);
		sip_raw_run(sim, HOUR / 6);
		if (outbound)
			assert_true(g.refreshes >= 3);
		else
			assert_int_equal(g.refreshes, 0);
		client_close(&c);
		sip_raw_close(&g.raw);
		assert_int_equal(sim_set_timers(sim), 0);
		sim_free(sim);
	}
}

/* ---- a day -------------------------------------------------------------------------- */

static void a_day_of_refreshes_on_a_bad_network_takes_no_more_memory(
	void **state)
{
	struct sim_faults faults = { .loss = 0.2,
		.duplicate = 0.05,
		.reorder = 0.1,
		.delay_min = 1 * USEC_MS,
		.delay_max = 60 * USEC_MS };
	struct sim *sim;
	struct registrar g;
	struct client c;
	size_t before = 0, after;
	const char *text = getenv("SEED");
	uint64_t seed = 0;

	(void)state;
	/* Not from base/rand: the simulations before have seeded it. */
	assert_int_equal(getrandom(&seed, 6, 0), 6);
	seed = text ? strtoull(text, NULL, 10) : seed;
	print_message("# SEED=%llu\n", (unsigned long long)seed);
	sim = sim_new(seed);
	registrar_open(&g, sim);
	g.grant = 300;
	client_open(&c, sim, true, "urn:uuid:1");
	sip_registration_start(c.registration);
	sim_set_faults(sim, &faults);
	for (int hour = 0; hour < 24; hour++) {
		sip_raw_run(sim, HOUR);
		buf_reset(&c.log);
		buf_reset(&g.raw.log);
		after = mallinfo2().uordblks;
		before = hour == 1 ? after : before;
		assert_int_equal(sim_open_sockets(sim), 3);
	}
	print_message("# %u refreshes, %zu bytes after two hours, %zu after "
		      "24\n",
		g.refreshes, before, after);
	assert_true(g.refreshes > 24 * 12);
	/* 11 tries of a request and its answer, of which 0.36 are lost; where
	 * all of them are, it is tried again before it expires. */
	assert_true(g.gap < 60 * USEC_SEC);
	/* What a request that is under way just now takes, and no more. */
	assert_true(after < before + 32 * 1024);
	client_close(&c);
	sip_raw_close(&g.raw);
	assert_int_equal(sim_set_timers(sim), 0);
	sim_free(sim);
}

TEST_MAIN(cmocka_unit_test(a_request_is_as_section_10_2_has_it),
	cmocka_unit_test(a_registrar_that_wants_longer_gets_it),
	cmocka_unit_test(an_instance_gets_its_gruus),
	cmocka_unit_test(what_waits_begins_when_the_answer_is_there),
	cmocka_unit_test(what_was_granted_counts_and_not_what_was_asked),
	cmocka_unit_test(a_registrar_that_was_away_is_tried_until_it_is_back),
	cmocka_unit_test(what_would_be_refused_again_is_not_tried_again),
	cmocka_unit_test(
		an_outbound_flow_is_kept_alive_and_replaced_when_it_fails),
	cmocka_unit_test(
		a_day_of_refreshes_on_a_bad_network_takes_no_more_memory))
