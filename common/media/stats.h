/* stats - what arrived of one RTP source (RFC 3550 appendices A.1, A.3, A.8)
 *
 * A source is the packets of one SSRC.  It is not believed before two packets
 * came in sequence; a jump far ahead or behind is a restart once the next
 * packet goes on from it.  Counts are since the source was believed.
 *
 * Beside the appendix, duplicated and late packets are counted apart: by RFC
 * 3550 both make up for lost ones, so `lost` is what the reports carry, and
 * stats_missing what a listener went without.
 */
#ifndef MEDIA_STATS_H
#define MEDIA_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

#define STATS_WINDOW 128 /* sequence numbers in which duplicates are seen */

struct rtp_stats {
	uint64_t received; /* late and duplicated ones included */
	uint64_t duplicated;
	uint64_t late;    /* behind a later one, not seen before */
	uint32_t jitter;  /* private: A.8, scaled by 16 */
	uint32_t transit; /* private */
	uint32_t base_seq, cycles, bad_seq; /* private: A.1 */
	uint16_t max_seq;
	uint8_t probation;
	bool has_transit;
	uint64_t expected_prior, received_prior; /* private: A.3 */
	uint64_t seen[STATS_WINDOW / 64]; /* private: bit i is max_seq - i */
};

enum stats_verdict {
	STATS_INVALID,   /* not (yet) of this source: leave it */
	STATS_IN_ORDER,  /* the newest so far */
	STATS_LATE,      /* an older one that had been missing */
	STATS_DUPLICATE, /* seen before */
	STATS_RESTART,   /* in order, of a source that began anew */
};

/* sequence is that of the first packet, to be counted next. */
void stats_init(struct rtp_stats *s, uint16_t sequence);

enum stats_verdict stats_count(struct rtp_stats *s, uint16_t sequence);

/* The jitter of a packet that was not STATS_INVALID; arrival by any clock,
 * rate in Hz. */
void stats_arrival(struct rtp_stats *s, uint32_t timestamp, usec_t arrival,
	unsigned clock_rate);

uint32_t stats_extended_max(const struct rtp_stats *s);
uint64_t stats_expected(const struct rtp_stats *s);
int64_t stats_lost(const struct rtp_stats *s);     /* negative by duplicates */
uint64_t stats_missing(const struct rtp_stats *s); /* without duplicates */
uint32_t stats_jitter(const struct rtp_stats *s);  /* in timestamp units */
usec_t stats_jitter_time(const struct rtp_stats *s, unsigned clock_rate);

/* Of 256, since the last call: the fraction lost of a report block. */
uint8_t stats_fraction_lost(struct rtp_stats *s);
/* For a report block: clamped to 24 bits, signed. */
int32_t stats_cumulative_lost(const struct rtp_stats *s);

#endif
