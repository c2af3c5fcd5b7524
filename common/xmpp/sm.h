/* sm - stream management: who has which stanza (XEP-0198), for either side
 *
 * Bookkeeping without input or output: the stream tells what went and what
 * came and asks what to write.  What is to be sent waits in one queue, first
 * those not yet acknowledged, then those not yet written; without stream
 * management a stanza leaves it when it is written.
 *
 * A session outlives its connection where it can be resumed (section 5): the
 * counts go on, and what is not acknowledged is written again.  Where it
 * cannot, xmpp_sm_sift asks about each of those, and xmpp_sm_forget begins
 * anew with what is left.
 *
 * Counts are modulo 2^32, as section 4 has them.
 */
#ifndef XMPP_SM_H
#define XMPP_SM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/list.h"
#include "xmpp/stanza.h"

/* INTEROP: Prosody forgets what it keeps for a client beyond 500. */
#define XMPP_SM_QUEUE_MAX 400
/* Where many are sent, an acknowledgement is asked for this often, also while
 * an older request is open; where many come, one is given unasked. */
#define XMPP_SM_ASK_EVERY 100

enum xmpp_sm_state {
	XMPP_SM_OFF,
	XMPP_SM_ASKED, /* <enable/> is out: counts as on for what we send */
	XMPP_SM_ON,
};

struct xmpp_sm {
	enum xmpp_sm_state state;
	char *id;       /* of <enabled/>, where it can be resumed; else NULL */
	char *location; /* HOST[:PORT] to resume at, where given; else NULL */
	uint32_t sent;  /* stanzas written since <enable/> */
	uint32_t acked; /* of those the far side has */
	uint32_t asked_at;   /* `sent` when <r/> was last written */
	bool asking;         /* an <r/> is not answered yet */
	uint32_t received;   /* stanzas that came since <enabled/> */
	uint32_t told;       /* of those we last acknowledged */
	uint32_t before;     /* private: numbers given in older sessions */
	uint64_t pushed;     /* how many were ever taken into the queue */
	struct link queue;   /* private: written ones in front */
	struct link *unsent; /* private: the first of those not written */
	size_t count;        /* in the queue */
	size_t max; /* XMPP_SM_QUEUE_MAX, until somebody sets another */
	/* private: numbers received and not yet handled, ascending, with those
	 * handled out of turn between them: count of room, from first on */
	struct xmpp_sm_deferred *deferred;
	size_t deferred_first, deferred_count, deferred_room;
};

void xmpp_sm_init(struct xmpp_sm *sm);
void xmpp_sm_clear(struct xmpp_sm *sm);
/* All of from goes into to, which is cleared; from is as new. */
void xmpp_sm_move(struct xmpp_sm *to, struct xmpp_sm *from);

/* ---- what we send ---- */

/* Takes s into the queue; false, and not taken, where that is full. */
bool xmpp_sm_push(struct xmpp_sm *sm, struct xml_element *s);
bool xmpp_sm_is_full(const struct xmpp_sm *sm);
/* The next one to write, NULL where there is none; once written, _sent. */
const struct xml_element *xmpp_sm_next(const struct xmpp_sm *sm);
void xmpp_sm_sent(struct xmpp_sm *sm);
/* The far side has h of them.  False where it cannot (condition
 * undefined-condition, section 6). */
bool xmpp_sm_ack(struct xmpp_sm *sm, uint32_t h, struct err *e);
/* Written and not acknowledged. */
size_t xmpp_sm_unacked(const struct xmpp_sm *sm);
/* Section 5: what is not acknowledged is to be written again. */
void xmpp_sm_rewind(struct xmpp_sm *sm);

/* Where is the n-th that was ever pushed? */
enum xmpp_sm_place {
	XMPP_SM_UNSENT,
	XMPP_SM_UNACKED, /* written, and whether it came is not known */
	XMPP_SM_GONE,    /* acknowledged; without stream management: written */
};
enum xmpp_sm_place xmpp_sm_place(const struct xmpp_sm *sm, uint64_t n);

/* Asks about each of the queue, in order, whether it stays; keep must leave
 * the queue alone. */
typedef bool xmpp_sm_keep(
	void *arg, const struct xml_element *s, bool was_written);
void xmpp_sm_sift(struct xmpp_sm *sm, xmpp_sm_keep *keep, void *arg);
/* The session is gone: what is left in the queue counts as not written. */
void xmpp_sm_forget(struct xmpp_sm *sm);
/* The oldest of the queue, out of it, to xml_element_free: for who reports
 * what was lost.  NULL where it is empty. */
struct xml_element *xmpp_sm_take(struct xmpp_sm *sm);

/* Is it time for an <r/>?  Behind a burst (`idle`: nothing more is to be
 * written now) one open request at a time, and within a long one. */
bool xmpp_sm_should_ask(const struct xmpp_sm *sm, bool idle);
void xmpp_sm_asked(struct xmpp_sm *sm);

/* ---- what we receive ---- */

/* A stanza came: its number, which no other one gets, not in a later session
 * either. */
uint32_t xmpp_sm_came(struct xmpp_sm *sm);
/* Number is not handled when its handler returns but later, by _handled; the
 * last one that came only. */
void xmpp_sm_defer(struct xmpp_sm *sm, uint32_t number);
void xmpp_sm_handled(struct xmpp_sm *sm, uint32_t number);
/* How many are handled, without a gap. */
uint32_t xmpp_sm_h(const struct xmpp_sm *sm);
/* Is it time for an <a/> nobody asked for? */
bool xmpp_sm_should_tell(const struct xmpp_sm *sm);

/* ---- its elements ---- */

bool xmpp_sm_is(const struct xml_element *s, const char *name);
struct xml_element *xmpp_sm_make(const char *name);     /* r, enabled … */
struct xml_element *xmpp_sm_make_a(struct xmpp_sm *sm); /* it is told */
/* <resume/> of a session that has an id. */
struct xml_element *xmpp_sm_make_resume(struct xmpp_sm *sm);
/* The h of a, resumed, failed; false where it has none. */
bool xmpp_sm_parse_h(const struct xml_element *s, uint32_t *h);
/* <enable/> to write; what is written behind it counts.  resume: the seconds
 * for which the far side is asked to keep the session; 0: not at all. */
struct xml_element *xmpp_sm_enable(struct xmpp_sm *sm, unsigned resume);
/* <enabled/> came, and on a server <enable/>: counting begins. */
void xmpp_sm_enabled(struct xmpp_sm *sm, const struct xml_element *s);
/* <failed/> came: what was written counts as sent for good. */
void xmpp_sm_off(struct xmpp_sm *sm);

#endif
