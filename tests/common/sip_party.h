/* sip_party - a user agent with at most one session, whose log says what it
 * was told: lines "MS WHAT", virtual milliseconds since the start
 */
#ifndef TESTS_SIP_PARTY_H
#define TESTS_SIP_PARTY_H

#include "base/buf.h"
#include "net/sim.h"
#include "sip/invite.h"

struct sip_party {
	struct sim *sim;
	struct sip_ua *ua;
	struct sip_invite *invite;
	struct buf log;
	usec_t start;
	unsigned ring, answer; /* what a callee does at once; 0: nothing */
	unsigned calls, confirmed, ended;
	struct sip_invite_end end; /* the last; strings are not kept */
	enum status status;        /* of its e */
	bool takes_reinvites;
};

/* Listens there, takes calls.  t1 0: the RFC's. */
void sip_party_open(struct sip_party *p, struct sim *sim, const char *address);
/* The same by these settings; their loop is set. */
void sip_party_open_with(struct sip_party *p, struct sim *sim,
	const char *address, const struct sip_ua_settings *settings);
/* Checks that nothing is left on it. */
void sip_party_close(struct sip_party *p);
void sip_party_call(struct sip_party *p, const char *uri);
/* Compares the log and empties it. */
#define assert_party(p, want) sip_party_log(p, want, __FILE__, __LINE__)
void sip_party_log(
	struct sip_party *p, const char *want, const char *file, int line);

#endif
