/* request - one request to a URI, wherever that may be reached
 *
 * RFC 3261 section 8.1.2, RFC 3263 section 4.3: the URI of the next hop is
 * located, and its targets are tried in turn, each with a transaction of its
 * own, until one answers: a transport error, a timeout and a 503 lead to the
 * next.  Each target has its share of what is left until the deadline.
 *
 * The request is composed anew for each target, since Contact and SDP depend
 * on the route.  `ended` is the last call, exactly once, never from within
 * sip_request_new, unless sip_request_forget came first.
 */
#ifndef SIP_REQUEST_H
#define SIP_REQUEST_H

#include "sip/locate.h"
#include "sip/transaction.h"

struct sip_ua;
struct sip_request;

struct sip_request_handlers {
	/* Appends the whole request without Via, as it shall go to this
	 * target; local is our address towards it (sip_transport_local).
	 * false and e give the request up. */
	bool (*compose)(void *arg, struct buf *out,
		const struct sip_target *target, const struct endpoint *local,
		struct err *e);
	/* A provisional or final response; of an INVITE each 2xx. */
	void (*response)(void *arg, struct sip_scan *m);
	/* e is NULL where a final response was handed over. */
	void (*ended)(void *arg, const struct err *e);
};

struct sip_request_settings {
	struct span next_hop;         /* a URI; copied */
	enum sip_transport_kind kind; /* NONE: by RFC 3263 */
	/* Until the first answer of any kind, over all targets; 0: Timer B or
	 * F for each of them. */
	usec_t patience;
};

struct sip_request *sip_request_new(struct sip_ua *ua,
	const struct sip_request_settings *s,
	const struct sip_request_handlers *handlers, void *arg);
/* Nobody is told any more; what was sent stays sent. */
void sip_request_forget(struct sip_request *r); /* NULL is fine */
/* Of an INVITE: see sip_client_cancel.  What is not sent yet never is, and
 * ends with condition "cancelled". */
void sip_request_cancel(struct sip_request *r, struct span headers);

/* The transaction of the present try; NULL where there is none. */
struct sip_client *sip_request_client(const struct sip_request *r);

#endif
