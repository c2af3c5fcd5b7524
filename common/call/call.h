/* call - a telephone call: sip/invite with offers, answers and audio in it
 *
 * The caller offers, the callee answers; an INVITE without an offer gets ours
 * in the 200 and the answer in its ACK.  Audio is heard from the first answer
 * on, early media too; it is sent once the call is up.  A re-INVITE may move
 * or hold the audio, and change the codec for one of the same rates.
 *
 * A call may be used until `ended`, its last handler, or until call_forget.
 */
#ifndef CALL_CALL_H
#define CALL_CALL_H

#include "call/audio.h"
#include "sip/invite.h"

struct call;

struct call_handlers {
	struct audio_handlers audio; /* with the same arg */
	/* Caller: a provisional response but 100.  May be NULL. */
	void (*progress)(void *arg, unsigned code, struct span reason);
	void (*up)(void *arg);
	void (*ended)(void *arg, const struct sip_invite_end *end);
};

struct call_report {
	struct audio_report audio;
	const struct codec_format *format; /* NULL: none was agreed on */
	usec_t duration; /* from when it was up to its end; 0: never was */
	struct endpoint rtp_local, rtp_remote; /* len 0: none */
};

/* Both copy what they are given but codecs' formats, which are static. */
struct call *call_place(struct sip_ua *ua, const struct sip_invite_settings *s,
	const struct call_codecs *codecs, const struct call_handlers *handlers,
	void *arg);

/* From within the handler of INVITE: takes it over and rings (180).  NULL: it
 * has been refused, with 488 where its offer is of no use; e says why. */
struct call *call_take(struct sip_ua *ua, struct sip_server *s,
	struct sip_scan *m, const struct call_codecs *codecs,
	const struct call_handlers *handlers, void *arg, struct err *e);
bool call_accept(struct call *c, struct err *e);

/* Says farewell, by the state it is in (sip/invite.h); `ended` follows.
 * code: what a callee who has not accepted says; 0: 480. */
void call_hang_up(struct call *c, unsigned code);
void call_forget(struct call *c); /* NULL is fine */

const struct sip_invite *call_invite(const struct call *c);
void call_report(const struct call *c, struct call_report *out);

#endif
