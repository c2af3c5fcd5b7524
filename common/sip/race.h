/* race - which of several stream targets can be connected to
 *
 * RFC 8305 section 5, within what RFC 3263 section 4.3 calls trying them in
 * turn: the next is begun where one is not connected after 250 ms, and the
 * first that is has won; the others are left alone.  Nothing is sent: the
 * winner's connection is there when the request goes.
 *
 * `done` is called exactly once, never from within sip_race_new, unless the
 * race was freed first.
 */
#ifndef SIP_RACE_H
#define SIP_RACE_H

#include "sip/transport.h"

#define SIP_RACE_STEP (250 * USEC_MS) /* RFC 8305 section 8 */

struct sip_race;

/* won: of targets; count: none could be connected to, and e is the last
 * failure.  The connection is held until `done` returns: a request that is
 * made there finds it. */
typedef void sip_race_done(void *arg, size_t won, const struct err *e);

/* The targets are borrowed until the end; all of the same stream transport. */
struct sip_race *sip_race_new(struct loop *loop, struct sip_transport *t,
	const struct sip_target *targets, size_t count, sip_race_done *done,
	void *arg);
void sip_race_free(struct sip_race *r); /* NULL is fine; not within `done` */

/* How many of the first targets may race: those of one stream transport. */
size_t sip_race_count(const struct sip_target *targets, size_t count);

#endif
