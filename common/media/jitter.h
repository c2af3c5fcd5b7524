/* jitter - RTP packets in the order they were sent, with the holes measured
 *
 * For a listener that writes down what it hears: packets are handed out in
 * sequence as soon as that is possible, a missing one is waited for until
 * JITTER_WAIT has passed or JITTER_PACKETS wait behind it.  Timestamps say how
 * much silence stands in front of a packet (lost ones, or a far end that is
 * silent by RFC 3551 section 4.1), never more than the time that went by: a
 * peer cannot make us write hours of it with one packet.
 *
 * No timer of its own: what can be handed out is asked for after each packet,
 * and at the end with jitter_flush before.
 */
#ifndef MEDIA_JITTER_H
#define MEDIA_JITTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/span.h"

#define JITTER_PACKETS 16
#define JITTER_PAYLOAD_MAX 1600 /* 200 ms of G.711 */
#define JITTER_WAIT (60 * USEC_MS)

struct jitter_packet {
	uint16_t sequence;
	uint32_t timestamp;
	usec_t arrival;
	uint8_t payload_type;
	struct span payload;
};

struct jitter {
	unsigned clock_rate;
	bool started, flushing;
	uint16_t next_sequence;
	uint32_t next_timestamp;
	usec_t last_taken; /* arrival of the packet handed out last */
	unsigned count;
	struct jitter_slot {
		bool used;
		struct jitter_packet packet;
		char bytes[JITTER_PAYLOAD_MAX];
	} slots[JITTER_PACKETS]; /* by sequence */
};

void jitter_init(struct jitter *j, unsigned clock_rate);

/* Copies it in.  False: too late, there already, or too large. */
bool jitter_put(struct jitter *j, const struct jitter_packet *p);

/* The next packet, valid until the next jitter_put, and how many units of the
 * clock are missing in front of it.  `length` is told back with jitter_took,
 * once the payload was decoded. */
bool jitter_take(struct jitter *j, usec_t now, struct jitter_packet *out,
	uint32_t *missing);
void jitter_took(struct jitter *j, uint32_t length);

/* No more will come: what is left is handed out without waiting. */
void jitter_flush(struct jitter *j);

#endif
