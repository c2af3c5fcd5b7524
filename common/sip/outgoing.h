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
	enum sip_transport_kind kind; /* asked for; the flow has the real one */
	bool may_fall_back;           /* left UDP for its size only */
	char branch[SIP_BRANCH_SIZE];
	char *text; /* without our Via; NULL: forgotten */
	size_t len;
};

/* branch NULL: a fresh one.  e and false: it cannot be sent at all; cleared. */
bool sip_outgoing_start(struct sip_outgoing *o, struct sip_transport *t,
	struct span request, const struct sip_target *target,
	const char *branch, const struct sip_outgoing_events *events,
	struct err *e);
void sip_outgoing_clear(struct sip_outgoing *o);

bool sip_outgoing_is_ready(const struct sip_outgoing *o);
/* Appends the request as it goes over the wire: only when ready. */
bool sip_outgoing_format(struct buf *out, const struct sip_outgoing *o);
bool sip_outgoing_send(struct sip_outgoing *o, struct err *e);

#endif
