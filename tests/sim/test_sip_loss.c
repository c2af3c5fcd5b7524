/* Under loss, duplication and reordering, over many seeds: every request and
 * every call ends exactly once, on both sides, and nothing is left behind.
 *
 * The seeds are the same each time; SEED=N begins at another one. */
#include "tests/common/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "tests/common/sip_party.h"
#include "tests/common/sip_raw.h"

#define SEEDS 120
#define CALLER "192.0.2.1:5060"
#define CALLEE "192.0.2.2:5060"

static uint64_t first_seed(void)
{
	const char *text = getenv("SEED");

	return text ? strtoull(text, NULL, 10) : 1000;
}

/* Loss from 0 to 40 %, and always 5 % twice and 10 % late. */
static void set_faults(struct sim *sim, int round)
{
	struct sim_faults f = { .loss = 0.4 * (round % 9) / 8,
		.duplicate = 0.05,
		.reorder = 0.1,
		.delay_min = 1 * USEC_MS,
		.delay_max = 60 * USEC_MS };

	sim_set_faults(sim, &f);
}

/* ---- requests ------------------------------------------------------------------ */

#define REQUESTS 40

struct exchange {
	struct sip_client *client;
	int answered, ended, timed_out, served;
};

struct bench {
	struct sip_ua *ua;
	struct exchange exchanges[REQUESTS];
};

static void on_response(void *arg, struct sip_client *c, struct sip_scan *m)
{
	struct exchange *x = arg;

	(void)c;
	if (m->status_code >= 200)
		x->answered++;
}

static void on_ended(void *arg, const struct err *e)
{
	struct exchange *x = arg;

	x->ended++;
	x->timed_out += e && e->status == STATUS_TIMEOUT;
}

static void serve(void *arg, struct sip_server *s, struct sip_scan *m)
{
	struct bench *b = arg;
	struct sip_reply reply = { .reason = SPAN_EMPTY };
	struct sip_cseq cseq;
	struct err e = ERR_NONE;

	assert_ok(
		sip_cseq_parse(&cseq, sip_scan_value(m, SIP_HDR_CSEQ), &e), &e);
	b->exchanges[cseq.number - 1].served++;
	sip_ua_reply(b->ua, s, 200, &reply, NULL);
}

static void send_message(struct bench *b, struct sip_ua *ua, unsigned n)
{
	static const struct sip_client_handlers handlers = {
		.response = on_response, .ended = on_ended
	};
	struct sip_target target = { SIP_TRANSPORT_UDP, sip_raw_at(CALLEE),
		NULL };
	char *text = mem_format("MESSAGE sip:b@192.0.2.2 SIP/2.0\r\n"
				"Max-Forwards: 70\r\n"
				"From: <sip:a@192.0.2.1>;tag=a\r\n"
				"To: <sip:b@192.0.2.2>\r\n"
				"Call-ID: c%u@192.0.2.1\r\n"
				"CSeq: %u MESSAGE\r\n"
				"Content-Length: 0\r\n\r\n",
		n, n + 1);
	struct err e = ERR_NONE;

	b->exchanges[n].client = sip_client_new(sip_ua_transactions(ua),
		span_of(text), &target, &handlers, &b->exchanges[n], &e);
	assert_ok(b->exchanges[n].client, &e);
	mem_free(text);
}

static void every_request_ends_once_and_is_served_once(void **state)
{
	int unknown = 0, total = 0;

	(void)state;
	for (int round = 0; round < SEEDS; round++) {
		struct sim *sim = sim_new(first_seed() + (uint64_t)round);
		struct sip_party a, b;
		struct bench bench;
		memset(&bench, 0, sizeof(bench));
		sip_party_open(&a, sim, CALLER);
		sip_party_open(&b, sim, CALLEE);
		bench.ua = b.ua;
		sip_ua_serve(b.ua, SIP_METHOD_MESSAGE, serve, &bench);
		set_faults(sim, round);
		for (unsigned n = 0; n < REQUESTS; n++) {
			send_message(&bench, a.ua, n);
			sip_raw_run(sim, (usec_t)rand_below(50));
		}
		sip_raw_run(sim, 100000);
		for (unsigned n = 0; n < REQUESTS; n++) {
			const struct exchange *x = &bench.exchanges[n];
			if (x->ended != 1 || x->served > 1 ||
				x->answered + x->timed_out != 1 ||
				(x->answered && !x->served))
				fail_msg("seed %d request %u: ended %d, "
					 "answered %d, timed out %d, served %d",
					round, n, x->ended, x->answered,
					x->timed_out, x->served);
			unknown += x->timed_out;
			total++;
		}
		sip_party_close(&a);
		sip_party_close(&b);
		assert_int_equal(sim_set_timers(sim), 0);
		assert_int_equal(sim_open_sockets(sim), 0);
		sim_free(sim);
	}
	/* 11 transmissions, each way lossy: 0.64^11 at 40 %, which is one
	 * round in nine; about one in a thousand over all. */
	print_message("# %d requests, %d without an answer\n", total, unknown);
	assert_true(unknown <= total / 250);
}

/* ---- calls ----------------------------------------------------------------------- */

struct tally {
	int calls, confirmed, cancelled, refused, failed;
};

static void note_end(struct tally *t, const struct sip_party *p)
{
	t->calls++;
	t->cancelled += p->end.how == SIP_INVITE_CANCELLED;
	t->refused += p->end.how == SIP_INVITE_REFUSED;
	t->failed += p->end.how == SIP_INVITE_FAILED;
}

/* One call in which each side does at random moments what it may. */
static void random_call(struct sim *sim, struct sip_party *a,
	struct sip_party *b, struct tally *t, int round)
{
	unsigned ended_a = a->ended, ended_b = b->ended;
	unsigned calls = b->calls;
	struct err e = ERR_NONE;

	buf_reset(&a->log);
	buf_reset(&b->log);
	b->ring = rand_below(4) ? 180 : 0;
	b->answer = rand_below(3) ? 0 : 200;
	sip_party_call(a, "sip:b@" CALLEE);
	for (int step = 0; step < 6; step++) {
		sip_raw_run(sim, (usec_t)rand_below(3000));
		bool open = b->invite &&
			    sip_invite_state(b->invite) == SIP_INVITE_RINGING;
		switch (rand_below(6)) {
		case 0:
			if (a->invite)
				sip_invite_end(a->invite, 0, SPAN_EMPTY);
			break;
		case 1:
			if (b->invite)
				sip_invite_end(b->invite, 0, SPAN_EMPTY);
			break;
		case 2:
			/* may come too late: then e says so */
			if (open)
				sip_invite_refuse(b->invite, 486, SPAN_EMPTY,
					SPAN_EMPTY, &e);
			break;
		default:
			if (open)
				sip_invite_answer(b->invite, NULL, &e);
		}
	}
	if (a->invite)
		sip_invite_end(a->invite, 0, SPAN_EMPTY);
	sip_raw_run(sim, 40000);
	/* Where all that the callee said was lost, the caller has given up
	 * (Timer B) and may not CANCEL: nobody stops the ringing but the
	 * callee. */
	if (b->invite)
		sip_invite_end(b->invite, 0, SPAN_EMPTY);
	sip_raw_run(sim, 100000);
	/* The callee's side may never have heard of it; and where it heard it
	 * twice, that was one call. */
	if (a->ended != ended_a + 1 || b->calls - calls > 1 ||
		b->ended - ended_b != b->calls - calls)
		fail_msg("round %d: caller ended %u times, callee %u of %u\n"
			 "caller:\n%scallee:\n%s",
			round, a->ended - ended_a, b->ended - ended_b,
			b->calls - calls, buf_text(&a->log), buf_text(&b->log));
	note_end(t, a);
}

static void every_call_ends_once_on_both_sides(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (int round = 0; round < SEEDS; round++) {
		struct sim *sim = sim_new(first_seed() + (uint64_t)round);
		struct sip_party a, b;
		sip_party_open(&a, sim, CALLER);
		sip_party_open(&b, sim, CALLEE);
		set_faults(sim, round);
		for (int call = 0; call < 5; call++)
			random_call(sim, &a, &b, &t, round);
		t.confirmed += (int)a.confirmed;
		sip_party_close(&a);
		sip_party_close(&b);
		assert_int_equal(sim_set_timers(sim), 0);
		assert_int_equal(sim_open_sockets(sim), 0);
		sim_free(sim);
	}
	print_message(
		"# %d calls: %d up, %d cancelled, %d refused, %d failed\n",
		t.calls, t.confirmed, t.cancelled, t.refused, t.failed);
	assert_true(t.confirmed > t.calls / 4);
	assert_true(t.failed < t.calls / 50);
}

/* ---- a server that comes and goes, and a long night ------------------------------------ */

static void a_server_that_restarts_answers_what_is_repeated(void **state)
{
	struct sim *sim = sim_new(3);
	struct sip_party a, b;
	struct bench bench;

	(void)state;
	memset(&bench, 0, sizeof(bench));
	sip_party_open(&a, sim, CALLER);
	sip_party_open(&b, sim, CALLEE);
	bench.ua = b.ua;
	sip_ua_serve(b.ua, SIP_METHOD_MESSAGE, serve, &bench);
	struct endpoint host = sip_raw_at("192.0.2.2:0");
	/* It gets the request, and goes down before its answer arrives. */
	send_message(&bench, a.ua, 0);
	sip_raw_run(sim, 1);
	sim_cut(sim, &host, true);
	sip_ua_free(b.ua);
	buf_clear(&b.log);
	sip_raw_run(sim, 2000);
	sip_party_open(&b, sim, CALLEE);
	bench.ua = b.ua;
	sip_ua_serve(b.ua, SIP_METHOD_MESSAGE, serve, &bench);
	sim_cut(sim, &host, false);
	sip_raw_run(sim, 40000);
	assert_int_equal(bench.exchanges[0].answered, 1);
	assert_int_equal(bench.exchanges[0].ended, 1);
	sip_party_close(&a);
	sip_party_close(&b);
	sim_free(sim);
}

static void a_day_of_requests_leaves_nothing_behind(void **state)
{
	struct sim *sim = sim_new(4);
	struct sip_party a, b;
	struct bench bench;
	size_t most = 0;

	(void)state;
	memset(&bench, 0, sizeof(bench));
	sip_party_open(&a, sim, CALLER);
	sip_party_open(&b, sim, CALLEE);
	bench.ua = b.ua;
	sip_ua_serve(b.ua, SIP_METHOD_MESSAGE, serve, &bench);
	for (int minute = 0; minute < 24 * 60; minute++) {
		send_message(&bench, a.ua, (unsigned)minute % REQUESTS);
		sip_raw_run(sim, 60000);
		size_t count =
			sip_transactions_count(sip_ua_transactions(a.ua)) +
			sip_transactions_count(sip_ua_transactions(b.ua));
		most = count > most ? count : most;
	}
	assert_int_equal(most, 0); /* a minute is longer than any timer */
	assert_int_equal(sim_set_timers(sim), 0);
	assert_int_equal(sim_open_sockets(sim), 4);
	sip_party_close(&a);
	sip_party_close(&b);
	sim_free(sim);
}

TEST_MAIN(cmocka_unit_test(every_request_ends_once_and_is_served_once),
	cmocka_unit_test(every_call_ends_once_on_both_sides),
	cmocka_unit_test(a_server_that_restarts_answers_what_is_repeated),
	cmocka_unit_test(a_day_of_requests_leaves_nothing_behind))
