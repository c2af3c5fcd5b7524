/* call_party - a user agent with at most one call on it, for tests
 *
 * What it says is a ramp in which every sample tells which one it is, so that
 * whoever hears it can say how much came and whether it was that.  Its log has
 * lines "MS WHAT", virtual milliseconds since the start.
 */
#ifndef TESTS_CALL_PARTY_H
#define TESTS_CALL_PARTY_H

#include "base/buf.h"
#include "call/call.h"
#include "net/sim.h"

struct call_party {
	struct sim *sim;
	struct sip_ua *ua;
	struct call *call; /* NULL: none, or it has ended */
	struct buf log;
	usec_t start;
	struct call_codecs codecs;
	bool picks_up; /* a call that comes is answered at once */
	unsigned give; /* samples to say; 0: silence without an end */
	unsigned given;
	unsigned heard; /* samples, silence included */
	unsigned told;  /* of them with sound in them */
	unsigned calls, refused, ups, drained, ends;
	enum sip_invite_how how; /* of the last end */
	unsigned code;
	enum status status;
	char text[ERR_TEXT_MAX]; /* of its err, or of the last refusal's */
	struct call_report report;
};

/* Listens there, takes calls, has all codecs. */
void call_party_open(
	struct call_party *p, struct sim *sim, const char *address);
/* Checks that no dialog and no transaction is left on it. */
void call_party_close(struct call_party *p);
void call_party_call(struct call_party *p, const char *uri);
void call_party_accept(struct call_party *p);
/* Compares the log and empties it. */
#define assert_calls(p, want) call_party_log(p, want, __FILE__, __LINE__)
void call_party_log(
	struct call_party *p, const char *want, const char *file, int line);

#endif
