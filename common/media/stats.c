#include "media/stats.h"

#include <string.h>

#define SEQ_MOD (UINT32_C(1) << 16)
#define MAX_DROPOUT 3000
#define MAX_MISORDER 100
#define MIN_SEQUENTIAL 2

/* Appendix A.1: init_seq. */
static void begin(struct rtp_stats *s, uint16_t sequence)
{
	*s = (struct rtp_stats){
		.base_seq = sequence,
		.max_seq = sequence,
		.bad_seq = SEQ_MOD + 1,
		.seen = { 1 },
	};
}

void stats_init(struct rtp_stats *s, uint16_t sequence)
{
	begin(s, sequence);
	s->max_seq = (uint16_t)(sequence - 1);
	s->probation = MIN_SEQUENTIAL;
}

/* The window follows max_seq: bit 0 is the newest. */
static void shift_window(struct rtp_stats *s, unsigned by)
{
	if (by >= STATS_WINDOW) {
		memset(s->seen, 0, sizeof(s->seen));
	} else if (by >= 64) {
		s->seen[1] = s->seen[0] << (by - 64);
		s->seen[0] = 0;
	} else if (by > 0) {
		s->seen[1] = s->seen[1] << by | s->seen[0] >> (64 - by);
		s->seen[0] <<= by;
	}
	s->seen[0] |= 1;
}

static bool mark_seen(struct rtp_stats *s, unsigned behind)
{
	uint64_t bit = UINT64_C(1) << behind % 64;
	bool before = s->seen[behind / 64] & bit;
	s->seen[behind / 64] |= bit;
	return before;
}

static enum stats_verdict on_probation(struct rtp_stats *s, uint16_t sequence)
{
	bool follows = sequence == (uint16_t)(s->max_seq + 1);
	s->max_seq = sequence;
	s->probation = follows ? s->probation - 1 : MIN_SEQUENTIAL - 1;
	if (s->probation > 0)
		return STATS_INVALID;
	begin(s, sequence);
	s->received = 1;
	return STATS_IN_ORDER;
}

static enum stats_verdict far_jump(struct rtp_stats *s, uint16_t sequence)
{
	if (sequence != s->bad_seq) {
		s->bad_seq = (sequence + 1) & (SEQ_MOD - 1);
		return STATS_INVALID;
	}
	/* Two in sequence: the other side began anew without a word. */
	begin(s, sequence);
	s->received = 1;
	return STATS_RESTART;
}

static enum stats_verdict behind(struct rtp_stats *s, unsigned by)
{
	s->received++;
	if (mark_seen(s, by)) {
		s->duplicated++;
		return STATS_DUPLICATE;
	}
	s->late++;
	return STATS_LATE;
}

enum stats_verdict stats_count(struct rtp_stats *s, uint16_t sequence)
{
	uint16_t ahead = (uint16_t)(sequence - s->max_seq);
	if (s->probation > 0)
		return on_probation(s, sequence);
	if (ahead == 0)
		return behind(s, 0);
	if (ahead >= MAX_DROPOUT && ahead <= SEQ_MOD - MAX_MISORDER)
		return far_jump(s, sequence);
	if (ahead > SEQ_MOD - MAX_MISORDER)
		return behind(s, SEQ_MOD - ahead);
	if (sequence < s->max_seq)
		s->cycles += SEQ_MOD;
	s->max_seq = sequence;
	shift_window(s, ahead);
	s->received++;
	return STATS_IN_ORDER;
}

void stats_arrival(struct rtp_stats *s, uint32_t timestamp, usec_t arrival,
	unsigned clock_rate)
{
	/* Whole seconds apart, so that no wall time overflows. */
	uint64_t units = (uint64_t)(arrival / USEC_SEC) * clock_rate +
			 (uint64_t)(arrival % USEC_SEC) * clock_rate / USEC_SEC;
	uint32_t transit = (uint32_t)units - timestamp;
	int32_t d = (int32_t)(transit - s->transit);
	bool first = !s->has_transit;
	s->transit = transit;
	s->has_transit = true;
	if (first)
		return;
	uint32_t magnitude = d < 0 ? -(uint32_t)d : (uint32_t)d;
	/* A jump of the sender's timestamps is not the network's jitter; the
	 * estimate would need minutes to forget it. */
	if (magnitude > clock_rate * 10)
		return;
	s->jitter += magnitude - ((s->jitter + 8) >> 4);
}

uint32_t stats_extended_max(const struct rtp_stats *s)
{
	return s->cycles + s->max_seq;
}

uint64_t stats_expected(const struct rtp_stats *s)
{
	if (s->received == 0)
		return 0;
	return (uint64_t)stats_extended_max(s) - s->base_seq + 1;
}

int64_t stats_lost(const struct rtp_stats *s)
{
	return (int64_t)stats_expected(s) - (int64_t)s->received;
}

uint64_t stats_missing(const struct rtp_stats *s)
{
	int64_t missing = stats_lost(s) + (int64_t)s->duplicated;
	/* Late ones from before the first count as received, not expected. */
	return missing > 0 ? (uint64_t)missing : 0;
}

uint32_t stats_jitter(const struct rtp_stats *s)
{
	return s->jitter >> 4;
}

usec_t stats_jitter_time(const struct rtp_stats *s, unsigned clock_rate)
{
	return (usec_t)s->jitter * USEC_SEC / 16 / clock_rate;
}

uint8_t stats_fraction_lost(struct rtp_stats *s)
{
	uint64_t expected = stats_expected(s);
	int64_t interval = (int64_t)(expected - s->expected_prior);
	int64_t lost = interval - (int64_t)(s->received - s->received_prior);
	s->expected_prior = expected;
	s->received_prior = s->received;
	if (interval <= 0 || lost <= 0)
		return 0;
	int64_t fraction = lost * 256 / interval;
	return fraction > 255 ? 255 : (uint8_t)fraction;
}

int32_t stats_cumulative_lost(const struct rtp_stats *s)
{
	int64_t lost = stats_lost(s);
	if (lost > 0x7fffff)
		return 0x7fffff;
	return lost < -0x800000 ? -0x800000 : (int32_t)lost;
}
