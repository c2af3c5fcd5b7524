/* compose - what every request outside of a dialog has (RFC 3261 8.1.1)
 *
 * Request line, the preloaded Route set (the proxy, then what a registrar
 * said in Service-Route, RFC 3608), Max-Forwards, From, To, Call-ID, CSeq,
 * Contact, the custom header fields of the user agent, User-Agent.  A strict
 * router in front gets what section 12.2.1.1 gives it.  The caller appends
 * the rest and sip_msg_end.
 *
 * Where the request goes is sip_compose_next_hop, for sip/request.h.
 */
#ifndef SIP_COMPOSE_H
#define SIP_COMPOSE_H

#include "sip/transport.h"
#include "sip/ua.h"

struct sip_compose {
	struct span method, request_uri;
	struct span from; /* a whole value without tag; empty: anonymous
			     (8.1.1.3) */
	struct span to;   /* a whole value; empty: request_uri, without what
			     may not stand in a To (19.1.1) */
	struct span tag, call_id;
	uint32_t cseq;
	const unsigned *max_forwards; /* NULL: 70 */
	bool no_contact;              /* as in a MESSAGE (RFC 3428 section 4) */
	bool is_register;             /* the service route is not its way */
	struct span user;             /* of our Contact; may be empty */
	/* Instead of the user agent's proxy; as sip_compose_next_hop got it. */
	struct span proxy;
};

bool sip_compose(struct buf *out, struct sip_ua *ua,
	const struct sip_compose *c, const struct sip_target *target,
	const struct endpoint *local);

/* The URI to which it is sent: that of `proxy`, else of the user agent's
 * proxy, else the first of the service route, else request_uri.  Borrowed,
 * until the service route changes. */
struct span sip_compose_next_hop(
	const struct sip_ua *ua, struct span proxy, struct span request_uri);

/* The same for a REGISTER, which goes "as usual" (RFC 3608 section 6.1). */
struct span sip_compose_register_hop(
	const struct sip_ua *ua, struct span registrar);

/* Appends a From or To value of that URI: "<sip:bob@example.org>", without
 * port, headers and the parameters that are about the way there. */
bool sip_compose_identity(struct buf *out, struct span uri);

#endif
