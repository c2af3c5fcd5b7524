/* outgoing - one request on its way to one target
 *
 * RFC 3261 sections 18.1.1 and 8.1.1.7: its Via and branch, the transport
 * that its size allows, and the way back to UDP where a stream is refused.
 * Under a client transaction, which retransmits it, and by itself for the ACK
 * of a 2xx (13.2.2.4), which is sent again whenever that comes again.
 *
 * Part of the owner's struct.  `ready` and `failed` are not called from
 * within outgoing_start.
 */
#ifndef SIP_OUTGOING_H
#define SIP_OUTGOING_H

#include "sip/transport.h"

/* z9hG4bK and 80 random bits */
#define SIP_BRANCH_SIZE 24

struct sip_outgoing;
struct sip_outgoing_events {
	/* It can be sent now: a connection has been opened, or a stream was
	 * refused and it goes by UDP.  Not called where it was ready at
	 * once. */
	void (*ready)(struct sip_outgoing *o);
	void (*failed)(struct sip_outgoing *o, const struct err *e);
};

struct sip_outgoing {
	struct sip_transport *transport;
	const struct sip_outgoing_events *events;
	struct sip_flow_user user;
	struct endpoint remote;
	bool may_fall_back; /* left UDP for its size only */
	bool is_whole;      /* text has its Via already */
	char branch[SIP_BRANCH_SIZE];
	char *text; /* without our Via; NULL: forgotten */
	size_t len;
};

/* False: it cannot be sent at all (e); o is clear. */
bool sip_outgoing_start(struct sip_outgoing *o, struct sip_transport *t,
	struct span request, const struct sip_target *target,
	const struct sip_outgoing_events *events, struct err *e);
/* A request that has its Via, with this branch, by a flow that is ready: a
 * CANCEL goes where its INVITE went. */
void sip_outgoing_start_on(struct sip_outgoing *o, struct sip_transport *t,
	struct sip_flow *flow, struct span request, const char *branch,
	const struct sip_outgoing_events *events);
void sip_outgoing_clear(struct sip_outgoing *o);

bool sip_outgoing_is_ready(const struct sip_outgoing *o);
/* Appends the request as it goes over the wire: only when ready. */
bool sip_outgoing_format(struct buf *out, const struct sip_outgoing *o);
bool sip_outgoing_send(struct sip_outgoing *o, struct err *e);

#endif
