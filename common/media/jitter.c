#include "media/jitter.h"

#include <string.h>

/* Clocks of the two sides differ, and packets bunch up on the way. */
#define SLACK (200 * USEC_MS)

void jitter_init(struct jitter *j, unsigned clock_rate)
{
	j->clock_rate = clock_rate;
	j->started = j->flushing = false;
	j->count = 0;
	for (unsigned i = 0; i < JITTER_PACKETS; i++)
		j->slots[i].used = false;
}

static struct jitter_slot *slot_of(struct jitter *j, uint16_t sequence)
{
	return &j->slots[sequence % JITTER_PACKETS];
}

/* The one that was sent first of those that wait; j->count is not 0. */
static struct jitter_slot *earliest(struct jitter *j)
{
	struct jitter_slot *first = NULL;
	uint16_t least = UINT16_MAX;
	for (unsigned i = 0; i < JITTER_PACKETS; i++) {
		struct jitter_slot *s = &j->slots[i];
		uint16_t ahead =
			(uint16_t)(s->packet.sequence - j->next_sequence);
		if (s->used && (!first || ahead < least)) {
			first = s;
			least = ahead;
		}
	}
	return first;
}

bool jitter_put(struct jitter *j, const struct jitter_packet *p)
{
	if (p->payload.n > JITTER_PAYLOAD_MAX)
		return false;
	if (!j->started) {
		j->started = true;
		j->next_sequence = p->sequence;
		j->next_timestamp = p->timestamp;
		j->last_taken = p->arrival;
	}
	int16_t ahead = (int16_t)(p->sequence - j->next_sequence);
	if (ahead < 0)
		return false;
	/* Too far ahead for the window: those in front have had their time. */
	if (ahead >= JITTER_PACKETS && j->count > 0)
		return false;
	if (ahead >= JITTER_PACKETS)
		j->next_sequence = p->sequence;
	struct jitter_slot *s = slot_of(j, p->sequence);
	if (s->used)
		return false;
	s->used = true;
	s->packet = *p;
	if (p->payload.n)
		memcpy(s->bytes, p->payload.p, p->payload.n);
	s->packet.payload = span_from(s->bytes, p->payload.n);
	j->count++;
	return true;
}

/* Silence in front of p, as its timestamp says and the time allows. */
static uint32_t silence_before(
	const struct jitter *j, const struct jitter_packet *p)
{
	int32_t units = (int32_t)(p->timestamp - j->next_timestamp);
	usec_t passed = p->arrival - j->last_taken + SLACK;
	int64_t most = passed * j->clock_rate / USEC_SEC;
	if (units <= 0 || passed <= 0)
		return 0;
	return (uint32_t)(units < most ? units : most);
}

bool jitter_take(struct jitter *j, usec_t now, struct jitter_packet *out,
	uint32_t *missing)
{
	if (j->count == 0)
		return false;
	struct jitter_slot *s = slot_of(j, j->next_sequence);
	if (!s->used) {
		s = earliest(j);
		bool full = j->count >= JITTER_PACKETS / 2;
		bool waited = now - s->packet.arrival >= JITTER_WAIT;
		if (!full && !waited && !j->flushing)
			return false;
	}
	s->used = false;
	j->count--;
	*out = s->packet;
	*missing = silence_before(j, out);
	j->next_sequence = (uint16_t)(out->sequence + 1);
	j->next_timestamp = out->timestamp;
	j->last_taken = out->arrival;
	return true;
}

void jitter_took(struct jitter *j, uint32_t length)
{
	j->next_timestamp += length;
}

void jitter_flush(struct jitter *j)
{
	j->flushing = true;
}
