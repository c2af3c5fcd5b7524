/* keepalive - a flow that stays open, and is known to be
 *
 * RFC 5626 sections 3.5 and 4.4: over streams an empty line of two CRLFs,
 * answered within 10 s by one, or by anything; over UDP a STUN Binding
 * request, whose answer must keep saying the same address.  A WebSocket has
 * pings of its own (net/ws.h).  STUN is for servers that are known to take it
 * (section 8): the caller knows, by "ob" in Path or by a person's word.
 *
 * Holds the flow.  `failed` is called at most once, and never from within
 * sip_keepalive_new; the caller then frees it and makes a new flow (4.5).
 */
#ifndef SIP_KEEPALIVE_H
#define SIP_KEEPALIVE_H

#include "sip/transport.h"

#define SIP_KEEPALIVE_STREAM (120 * USEC_SEC) /* 4.4.1: at most */
#define SIP_KEEPALIVE_UDP (29 * USEC_SEC)     /* 4.4.2 */
#define SIP_PONG_WAIT (10 * USEC_SEC)         /* 4.4.1 */
/* RFC 8489 section 6.2.1: RTO, Rc and Rm */
#define SIP_STUN_RTO (500 * USEC_MS)
#define SIP_STUN_REQUESTS 7
#define SIP_STUN_LAST 16

struct sip_keepalive;

/* interval: the longest between two, of Flow-Timer; 0: of the transport.
 * Each is up to a fifth shorter, at random. */
struct sip_keepalive *sip_keepalive_new(struct loop *loop,
	struct sip_flow *flow, usec_t interval,
	void (*failed)(void *arg, const struct err *e), void *arg);
void sip_keepalive_free(struct sip_keepalive *k); /* NULL is fine */
/* Answered at least once: the flow is good (4.5). */
bool sip_keepalive_is_proven(const struct sip_keepalive *k);

#endif
