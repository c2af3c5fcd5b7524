/* Audio on the simulated network: paced, in order, and from nobody else. */
#include "tests/common/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "call/audio.h"
#include "media/rtp.h"
#include "net/dgram.h"
#include "net/sim.h"

#define SECOND 8000

struct side {
	struct audio *audio;
	unsigned give, given; /* samples of the input */
	bool drained;
	usec_t drained_at;
	unsigned heard, errors;
	struct loop *loop;
};

/* A ramp: every sample says which one it is, as coarse as G.711 leaves it. */
static int16_t sample(unsigned index)
{
	return (int16_t)((index % 64) * 500 - 16000);
}

static size_t speak(void *arg, int16_t *out, size_t max, bool *ended)
{
	struct side *s = arg;
	size_t left = s->give - s->given;
	size_t count = left < max ? left : max;
	for (size_t i = 0; i < count; i++)
		out[i] = sample(s->given++);
	*ended = s->given == s->give;
	return count;
}

static void drained(void *arg)
{
	struct side *s = arg;
	s->drained = true;
	s->drained_at = loop_now(s->loop);
}

static void hear(void *arg, const int16_t *samples, size_t count)
{
	struct side *s = arg;
	for (size_t i = 0; i < count; i++, s->heard++)
		if (abs(samples[i] - sample(s->heard)) > 600)
			s->errors++;
}

static const struct audio_handlers handlers = { speak, drained, hear };

static struct call_agreed towards(const struct endpoint *remote)
{
	return (struct call_agreed){
		.format = codec_format_find(SPAN("PCMU"), 8000, 1),
		.remote = *remote,
		.direction = SIP_SDP_SENDRECV,
		.ptime = 20,
	};
}

static void open_side(struct side *s, struct sim *sim, const char *address)
{
	struct endpoint at;
	struct err e;
	s->loop = sim_loop(sim);
	assert_true(endpoint_parse_address(&at, span_of(address)));
	s->audio = audio_new(s->loop, &at, &handlers, s, &e);
	assert_ok(s->audio != NULL, &e);
	assert_int_equal(endpoint_port(audio_local(s->audio)) % 2, 0);
}

static void connect_sides(struct side *a, struct side *b)
{
	struct call_agreed to_b = towards(audio_local(b->audio));
	struct call_agreed to_a = towards(audio_local(a->audio));
	audio_agree(a->audio, &to_b);
	audio_agree(b->audio, &to_a);
	audio_start(a->audio);
	audio_start(b->audio);
}

static bool is_drained(void *arg)
{
	return ((struct side *)arg)->drained;
}

static void what_is_said_is_heard_at_its_pace(void **state)
{
	(void)state;
	struct sim *sim = sim_new(1);
	struct side a = { .give = 3 * SECOND + 80 }, b = { 0 };
	struct audio_report sent, heard;
	open_side(&a, sim, "192.0.2.1");
	open_side(&b, sim, "192.0.2.2");
	usec_t from = loop_now(a.loop);
	connect_sides(&a, &b);
	assert_true(sim_run(sim, is_drained, &a, 10 * USEC_SEC));
	/* 150 whole packets and a half one, each played for its 20 ms */
	assert_in_range(a.drained_at - from, 3020 * USEC_MS, 3025 * USEC_MS);
	audio_report(a.audio, &sent);
	assert_int_equal(sent.sent, 151);
	audio_stop(a.audio);
	audio_stop(b.audio);
	sim_run(sim, NULL, NULL, USEC_SEC);
	audio_report(b.audio, &heard);
	assert_int_equal(heard.received, 151);
	assert_int_equal(heard.lost, 0);
	/* the last half packet is made up with silence */
	assert_in_range(b.heard, 3 * SECOND + 80, 3 * SECOND + 160);
	assert_in_range(b.errors, 0, 80);
	audio_free(a.audio);
	audio_free(b.audio);
	assert_int_equal(sim_open_sockets(sim), 0);
	assert_int_equal(sim_set_timers(sim), 0);
	sim_free(sim);
}

/* Under loss and reordering the time axis stays: what was said in second n
 * is heard in second n. */
static void holes_are_as_long_as_they_were(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 50; seed++) {
		struct sim *sim = sim_new(seed);
		struct side a = { .give = 5 * SECOND }, b = { 0 };
		struct audio_report heard;
		sim_set_faults(sim, &(struct sim_faults){ .loss = 0.1,
					    .duplicate = 0.05,
					    .reorder = 0.1,
					    .delay_min = 5 * USEC_MS,
					    .delay_max = 30 * USEC_MS });
		open_side(&a, sim, "192.0.2.1");
		open_side(&b, sim, "192.0.2.2");
		connect_sides(&a, &b);
		assert_true(sim_run(sim, is_drained, &a, 10 * USEC_SEC));
		sim_run(sim, NULL, NULL, USEC_SEC);
		audio_stop(b.audio);
		audio_report(b.audio, &heard);
		assert_true(heard.lost > 0);
		/* a second more was silence; at most a burst is missing from
		 * the front, and some at the end */
		if (b.heard < 5 * SECOND - SECOND / 2 ||
			b.heard > 6 * SECOND + SECOND / 2)
			print_error("seed %llu\n", (unsigned long long)seed);
		assert_in_range(b.heard, 5 * SECOND - SECOND / 2,
			6 * SECOND + SECOND / 2);
		audio_free(a.audio);
		audio_free(b.audio);
		sim_free(sim);
	}
}

/* ---- whom it believes ---- */

static void ignore(void *arg, const struct dgram_packet *p)
{
	(void)arg, (void)p;
}

struct stranger {
	struct dgram *socket;
	uint16_t sequence;
};

static void open_stranger(
	struct stranger *s, struct sim *sim, const char *address)
{
	static const struct dgram_handlers none = { .packet = ignore };
	struct endpoint at;
	struct err e;
	endpoint_parse_address(&at, span_of(address));
	s->socket = dgram_new(sim_loop(sim), &at, &none, NULL, &e);
	assert_ok(s->socket != NULL, &e);
	s->sequence = 100;
}

static void say(struct stranger *s, const struct endpoint *to, unsigned count)
{
	static const char payload[160];
	for (unsigned i = 0; i < count; i++) {
		struct buf packet = BUF_INIT(2000);
		rtp_format(&packet,
			&(struct rtp){ .sequence = s->sequence,
				.timestamp = (uint32_t)s->sequence * 160,
				.ssrc = 77,
				.payload = { payload, sizeof(payload) } });
		s->sequence++;
		dgram_send(s->socket, buf_view(&packet), to, NULL);
		buf_clear(&packet);
	}
}

static void a_stranger_is_not_heard_beside_the_far_side(void **state)
{
	(void)state;
	struct sim *sim = sim_new(1);
	struct side us = { 0 };
	struct stranger them, stranger;
	struct audio_report r;
	open_side(&us, sim, "192.0.2.1");
	open_stranger(&them, sim, "192.0.2.2");
	open_stranger(&stranger, sim, "192.0.2.66");
	struct call_agreed agreed = towards(dgram_local(them.socket));
	audio_agree(us.audio, &agreed);
	say(&them, audio_local(us.audio), 3);
	sim_run(sim, NULL, NULL, USEC_SEC);
	say(&stranger, audio_local(us.audio), 20);
	sim_run(sim, NULL, NULL, USEC_SEC);
	audio_report(us.audio, &r);
	assert_int_equal(r.received, 3);
	assert_int_equal(r.ignored, 20);
	/* the control: the far side itself still is */
	say(&them, audio_local(us.audio), 3);
	sim_run(sim, NULL, NULL, USEC_SEC);
	audio_report(us.audio, &r);
	assert_int_equal(r.received, 6);
	audio_free(us.audio);
	dgram_free(them.socket);
	dgram_free(stranger.socket);
	sim_free(sim);
}

static void behind_a_nat_the_first_source_is_latched_once(void **state)
{
	(void)state;
	struct sim *sim = sim_new(1);
	struct side us = { 0 };
	struct stranger nat, stranger;
	struct endpoint private_address;
	struct audio_report r;
	open_side(&us, sim, "192.0.2.1");
	open_stranger(&nat, sim, "192.0.2.2");
	open_stranger(&stranger, sim, "192.0.2.66");
	endpoint_parse(&private_address, SPAN("10.0.0.5:4000"), 0, NULL);
	struct call_agreed agreed = towards(&private_address);
	audio_agree(us.audio, &agreed);
	say(&nat, audio_local(us.audio), 10);
	sim_run(sim, NULL, NULL, USEC_SEC);
	say(&stranger, audio_local(us.audio), 10);
	sim_run(sim, NULL, NULL, USEC_SEC);
	audio_report(us.audio, &r);
	assert_int_equal(r.received, 9);
	assert_int_equal(r.ignored, 11);
	audio_free(us.audio);
	dgram_free(nat.socket);
	dgram_free(stranger.socket);
	sim_free(sim);
}

static void an_unreachable_far_side_ends_nothing(void **state)
{
	(void)state;
	struct sim *sim = sim_new(1);
	struct side us = { .give = SECOND };
	struct stranger other;
	struct endpoint closed;
	open_side(&us, sim, "192.0.2.1");
	open_stranger(&other, sim, "192.0.2.2");
	closed = *dgram_local(other.socket);
	endpoint_set_port(&closed, 4);
	struct call_agreed agreed = towards(&closed);
	audio_agree(us.audio, &agreed);
	audio_start(us.audio);
	assert_true(sim_run(sim, is_drained, &us, 5 * USEC_SEC));
	audio_free(us.audio);
	dgram_free(other.socket);
	sim_free(sim);
}

static void on_hold_nothing_is_sent_and_nothing_used_up(void **state)
{
	(void)state;
	struct sim *sim = sim_new(1);
	struct side a = { .give = SECOND }, b = { 0 };
	struct audio_report r;
	open_side(&a, sim, "192.0.2.1");
	open_side(&b, sim, "192.0.2.2");
	connect_sides(&a, &b);
	sim_run(sim, NULL, NULL, USEC_SEC / 2);
	struct call_agreed hold = towards(audio_local(b.audio));
	hold.direction = SIP_SDP_INACTIVE;
	audio_agree(a.audio, &hold);
	unsigned given = a.given;
	audio_report(a.audio, &r);
	uint64_t sent = r.sent;
	sim_run(sim, NULL, NULL, 5 * USEC_SEC);
	audio_report(a.audio, &r);
	assert_int_equal(r.sent, sent);
	assert_int_equal(a.given, given);
	struct call_agreed back = towards(audio_local(b.audio));
	audio_agree(a.audio, &back);
	assert_true(sim_run(sim, is_drained, &a, 2 * USEC_SEC));
	audio_free(a.audio);
	audio_free(b.audio);
	sim_free(sim);
}

TEST_MAIN(cmocka_unit_test(what_is_said_is_heard_at_its_pace),
	cmocka_unit_test(holes_are_as_long_as_they_were),
	cmocka_unit_test(a_stranger_is_not_heard_beside_the_far_side),
	cmocka_unit_test(behind_a_nat_the_first_source_is_latched_once),
	cmocka_unit_test(an_unreachable_far_side_ends_nothing),
	cmocka_unit_test(on_hold_nothing_is_sent_and_nothing_used_up))
