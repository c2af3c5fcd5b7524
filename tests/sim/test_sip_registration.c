/* Registrations on the simulated network: what they ask, how long they stay,
 * and what brings them back (RFC 3261 section 10.2, RFC 5626 section 4.5). */
#include "tests/common/test.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "tests/common/sip_registrar.h"

static const struct sip_registration_settings once,
	kept = { .keep = true }, device = { .instance = SPAN("urn:uuid:1") },
	kept_device = { .instance = SPAN("urn:uuid:1"), .keep = true };

/* ---- what is asked ----------------------------------------------------------------- */

static void a_request_is_as_section_10_2_has_it(void **state)
{
	struct sip_registered c;
	struct sip_scan *m = &c.registrar.raw.scan;

	(void)state;
	sip_registered_open(&c, 1, &once);
	sip_registration_start(c.registration);
	sip_registered_run(&c, 100);
	assert_registered(&c, "done 3600;");
	assert_span(m->request_uri, "sip:192.0.2.2");
	assert_span(sip_scan_value(m, SIP_HDR_TO), "<sip:alice@192.0.2.2>");
	assert_span(sip_scan_value(m, SIP_HDR_CONTACT),
		"<sip:alice@192.0.2.1:5060>;expires=600");
	assert_span(sip_scan_value(m, SIP_HDR_SUPPORTED), "path");
	sip_registration_query(c.registration);
	sip_registered_run(&c, 100);
	assert_registered(&c, "bindings;");
	assert_null(sip_scan_find(m, SIP_HDR_CONTACT));
	sip_registration_remove(c.registration, SPAN("sip:old@192.0.2.9"));
	sip_registered_run(&c, 100);
	assert_span(sip_scan_value(m, SIP_HDR_CONTACT),
		"<sip:old@192.0.2.9>;expires=0");
	sip_registration_remove(c.registration, SPAN("*"));
	sip_registered_run(&c, 100);
	assert_span(sip_scan_value(m, SIP_HDR_CONTACT), "*");
	assert_span(sip_scan_value(m, SIP_HDR_EXPIRES), "0");
	assert_registered(&c, "removed;removed;");
	sip_registration_stop(c.registration);
	sip_registered_run(&c, 100);
	assert_span(sip_scan_value(m, SIP_HDR_CONTACT),
		"<sip:alice@192.0.2.1:5060>;expires=0");
	assert_registered(&c, "removed;");
	sip_registered_close(&c);
}

static void a_registrar_that_wants_longer_gets_it(void **state)
{
	struct sip_registered c;

	(void)state;
	sip_registered_open(&c, 1, &once);
	c.registrar.least = c.registrar.grant = 1800;
	sip_registration_start(c.registration);
	sip_registered_run(&c, 100);
	assert_registered(&c, "done 1800;");
	assert_int_equal(c.registrar.requests, 2);
	sip_registered_close(&c);
}

static void an_instance_gets_its_gruus(void **state)
{
	struct sip_registered c;

	(void)state;
	sip_registered_open(&c, 1, &device);
	sip_registration_start(c.registration);
	sip_registered_run(&c, 100);
	assert_registered(
		&c, "done 3600 sip:a@192.0.2.2;gr=1 sip:t@192.0.2.2;gr;");
	assert_span(sip_scan_value(&c.registrar.raw.scan, SIP_HDR_SUPPORTED),
		"path, gruu");
	sip_registered_close(&c);
}

static void what_waits_begins_when_the_answer_is_there(void **state)
{
	struct sip_registered c;

	(void)state;
	sip_registered_open(&c, 1, &kept);
	sip_registration_start(c.registration);
	sip_registration_stop(c.registration);
	sip_registered_run(&c, 100);
	assert_registered(&c, "done 3600;removed;");
	assert_false(c.registrar.is_bound);
	sip_registered_run(&c, 2 * SIP_REGISTRAR_HOUR);
	assert_int_equal(c.registrar.requests, 2);
	sip_registered_close(&c);
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
		struct sip_registered c;
		sip_registered_open(&c, 1, &kept);
		c.registrar.grant = rows[i].grant;
		c.registrar.says_no_contact = rows[i].silent;
		sip_registration_start(c.registration);
		sip_registered_run(&c, 100);
		usec_t granted = (usec_t)rows[i].grant * USEC_SEC;
		assert_true(c.again < granted * 9 / 10);
		assert_true(c.again > granted * 2 / 5);
		sip_registered_run(&c, 10 * (usec_t)rows[i].grant * 1000);
		assert_true(c.registrar.refreshes >= 10 &&
			    c.registrar.refreshes <= 25);
		assert_int_equal(c.registrar.gap, 0);
		sip_registered_close(&c);
	}
}

static void a_registrar_that_was_away_is_tried_until_it_is_back(void **state)
{
	struct sip_registered c;

	(void)state;
	sip_registered_open(&c, 1, &kept);
	sip_registration_start(c.registration);
	sip_registered_run(&c, 100);
	c.registrar.is_silent = true;
	sip_registered_run(&c, 3 * SIP_REGISTRAR_HOUR);
	assert_false(sip_registration_is_there(c.registration));
	/* 11 transmissions each, and waits of up to half an hour. */
	assert_true(c.registrar.requests > 60 && c.registrar.requests < 200);
	c.registrar.is_silent = false;
	c.registrar.refuse = 503;
	sip_registered_run(&c, SIP_REGISTRAR_HOUR);
	c.registrar.refuse = 0;
	buf_reset(&c.log);
	sip_registered_run(&c, SIP_REGISTRAR_HOUR * 4 / 5);
	assert_true(sip_registration_is_there(c.registration));
	sip_registered_close(&c);
}

static void what_would_be_refused_again_is_not_tried_again(void **state)
{
	static const unsigned codes[] = { 401, 403, 404, 423, 603 };

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct sip_registered c;
		sip_registered_open(&c, 1, &kept);
		c.registrar.refuse = codes[i];
		sip_registration_start(c.registration);
		sip_registered_run(&c, 2 * SIP_REGISTRAR_HOUR);
		assert_registered(
			&c, codes[i] == 401 ? "failed 5;" : "failed 1;");
		assert_int_equal(c.registrar.requests, 1);
		sip_registered_close(&c);
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
	struct sip_registered c;
	size_t before = 0, after;
	const char *text = getenv("SEED");
	uint64_t seed = 0;

	(void)state;
	/* Not from base/rand: the simulations before have seeded it. */
	assert_int_equal(getrandom(&seed, 6, 0), 6);
	seed = text ? strtoull(text, NULL, 10) : seed;
	print_message("# SEED=%llu\n", (unsigned long long)seed);
	sip_registered_open(&c, seed, &kept_device);
	c.registrar.grant = 300;
	sip_registration_start(c.registration);
	sim_set_faults(c.sim, &faults);
	for (int hour = 0; hour < 24; hour++) {
		sip_registered_run(&c, SIP_REGISTRAR_HOUR);
		buf_reset(&c.log);
		buf_reset(&c.registrar.raw.log);
		after = mallinfo2().uordblks;
		before = hour == 1 ? after : before;
		assert_int_equal(sim_open_sockets(c.sim), 3);
	}
	print_message("# %u refreshes, %zu bytes after two hours, %zu after "
		      "24\n",
		c.registrar.refreshes, before, after);
	assert_true(c.registrar.refreshes > 24 * 12);
	/* 11 tries of a request and its answer, of which 0.36 are lost; where
	 * all of them are, it is tried again before it expires. */
	assert_true(c.registrar.gap < 60 * USEC_SEC);
	/* What a request that is under way just now takes, and no more. */
	assert_true(after < before + 32 * 1024);
	sip_registered_close(&c);
}

TEST_MAIN(cmocka_unit_test(a_request_is_as_section_10_2_has_it),
	cmocka_unit_test(a_registrar_that_wants_longer_gets_it),
	cmocka_unit_test(an_instance_gets_its_gruus),
	cmocka_unit_test(what_waits_begins_when_the_answer_is_there),
	cmocka_unit_test(what_was_granted_counts_and_not_what_was_asked),
	cmocka_unit_test(a_registrar_that_was_away_is_tried_until_it_is_back),
	cmocka_unit_test(what_would_be_refused_again_is_not_tried_again),
	cmocka_unit_test(
		a_day_of_refreshes_on_a_bad_network_takes_no_more_memory))
