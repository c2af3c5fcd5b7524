/* audio - one RTP stream each way, paced by the loop (RFC 3550, 3551, 4961)
 *
 * Sends a packet every ptime from what `source` gives, at times counted from
 * the first one, so that errors do not add up; hands what arrives to `sink`,
 * in order and with silence for what is missing.  Samples are signed, 16
 * bits, mono, at audio_rate.
 *
 * Whom it believes (RTP bleed): packets from the address of the far side's
 * SDP; where none came from there yet, the first source that sends two in a
 * row is latched onto, once, and answered there (symmetric RTP), until one
 * comes from the address of the SDP after all.  A new SSRC from where we
 * listen is a new source and fine.
 *
 * ICMP errors do not end anything: the far side's socket may open later.
 */
#ifndef CALL_AUDIO_H
#define CALL_AUDIO_H

#include "call/offer.h"
#include "net/loop.h"

/* After this many packets nobody is latched onto any more. */
#define AUDIO_LATCH_PACKETS 50

struct audio;

struct audio_handlers {
	/* Up to max samples now; fewer are made up with silence.  *ended: the
	 * input is over.  NULL: silence is sent. */
	size_t (*source)(void *arg, int16_t *out, size_t max, bool *ended);
	/* The input is over and its last packet has been played for its whole
	 * length.  Silence follows.  May be NULL. */
	void (*drained)(void *arg);
	/* May be NULL. */
	void (*sink)(void *arg, const int16_t *samples, size_t count);
};

struct audio_report {
	uint64_t sent;     /* packets */
	uint64_t received; /* believed ones, duplicates included */
	uint64_t lost;     /* never came */
	uint64_t late, duplicated;
	uint64_t ignored;       /* from elsewhere, or of no codec of ours */
	usec_t jitter;          /* RFC 3550 */
	struct endpoint remote; /* who is believed; len 0: nobody yet */
};

/* Takes an even port of `address` at random. */
struct audio *audio_new(struct loop *l, const struct endpoint *address,
	const struct audio_handlers *handlers, void *arg, struct err *e);
void audio_free(struct audio *a); /* NULL is fine */

const struct endpoint *audio_local(const struct audio *a);

/* What to send and to take from now on; again after a re-INVITE.  Sending
 * begins, and goes on, where its direction allows it. */
void audio_agree(struct audio *a, const struct call_agreed *agreed);
/* Sending starts only now: not while the call is ringing. */
void audio_start(struct audio *a);
/* Stops sending and hands over what was held back. */
void audio_stop(struct audio *a);

void audio_report(const struct audio *a, struct audio_report *out);

#endif
