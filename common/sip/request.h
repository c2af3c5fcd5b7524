/* request - one request to a URI, wherever that may be reached
 *
 * RFC 3261 section 8.1.2, RFC 3263 section 4.3: the URI of the next hop is
 * located, and its targets are tried in turn, each with a transaction of its
 * own, until one answers: a transport error, a timeout and a 503 lead to the
 * next.  Each target has its share of what is left until the deadline.
 *
 * A 401 or 407 of a server that our login is for is answered (sip/login.h,
 * RFC 3261 section 22): the same target gets the request again, composed with
 * the next CSeq.  Its TU only hears of the one that is not.
 *
 * A 2xx whose rspauth is wrong (RFC 7616 section 3.5) is not handed over: the
 * request ends with STATUS_AUTH and condition "not-proven", and an INVITE's
 * phone is hung up on.
 *
 * Where the user agent may follow redirections, a 3xx leads to its Contacts,
 * by their q (8.1.3.4): composed as before, for another Request-URI.
 *
 * What else section 8.1.3.5 has a client try again with less is told to a person,
 * who has asked for that body, type, URI and extension: see sip_request_refused.
 *
 * The request is composed anew for each target, since Contact and SDP depend
 * on the route.  `ended` is the last call, exactly once, never from within
 * sip_request_new, unless sip_request_forget came first.
 */
#ifndef SIP_REQUEST_H
#define SIP_REQUEST_H

#include "sip/locate.h"
#include "sip/login.h"
#include "sip/transaction.h"

struct sip_ua;
struct sip_request;

struct sip_request_handlers {
	/* Appends the whole request without Via and credentials, as it shall
	 * go to this target; local is our address towards it
	 * (sip_transport_local).  After a challenge it is called again and
	 * must write the next CSeq: see `cseq`.  false and e give the request
	 * up. */
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
	/* The CSeq that compose writes, raised before it has to write the
	 * next one; NULL where compose counts by itself, as
	 * sip_dialog_request does. */
	uint32_t *cseq;
	struct sip_login *login; /* NULL: that of the user agent */
	bool is_theirs; /* in a dialog the far side began: no credentials */
	/* An open connection to the one that is meant, held by the caller:
	 * tried before next_hop is; NULL: none. */
	struct sip_flow *flow;
	const char *flow_name; /* for which we have opened it; copied; NULL:
				  the far side has */
	bool is_in_dialog; /* a 3xx is an answer like any other (12.2.1.2) */
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
/* Appends its Authorization and Proxy-Authorization, which the ACK of a 2xx has
 * as well (13.2.2.4); not where that goes to somebody else. */
void sip_request_add_credentials(
	struct buf *out, const struct sip_request *r, struct span next_hop);

/* From within `response`, of a final one from 300 on: what to tell a person.
 * STATUS_REFUSED, or STATUS_AUTH for a 401 and 407 with the reason why they
 * were not answered, or not with success; with what a 405, 413, 415, 420, 421,
 * 423 or 503 says in its own field; code is set.  Returns false. */
bool sip_request_refused(
	const struct sip_request *r, const struct sip_scan *m, struct err *e);

#endif
