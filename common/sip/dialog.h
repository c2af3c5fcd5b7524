/* dialog - who talks with whom, by which way, and how far they have counted
 *
 * RFC 3261 section 12.  A value without sockets and timers: it is made from
 * a request and its response, writes the requests within the dialog and
 * judges those that come.  sip/ua.h finds it for an incoming request, and
 * sip/invite.h (later a subscription) lives on it.
 */
#ifndef SIP_DIALOG_H
#define SIP_DIALOG_H

#include "base/err.h"
#include "base/map.h"
#include "sip/msg.h"
#include "sip/scan.h"

/* Record-Route values there may be: each costs a Route in every request. */
#define SIP_ROUTES_MAX 32

struct sip_dialog_handlers; /* of sip/ua.h */

struct sip_dialog {
	/* private to sip/ua, which has it in its table by `key` */
	struct map_node node;
	const struct sip_dialog_handlers *handlers; /* NULL: not there */
	void *handlers_arg;
	char *key; /* call_id, local_tag, remote_tag, by sip_dialog_key */
	char *call_id;
	char *local_tag;
	char *remote_tag; /* "" of a peer that speaks RFC 2543 */
	char *local;      /* From of our requests: the whole value, with tag */
	char *remote;     /* To of our requests: likewise */
	char *target;     /* the remote target URI */
	char *routes[SIP_ROUTES_MAX]; /* whole values, first hop first */
	size_t route_count;
	uint32_t local_cseq; /* of our last request */
	uint32_t remote_cseq;
	bool has_remote_cseq;
	bool is_caller;
	bool is_confirmed; /* else early */
	bool is_secure;    /* by sips: throughout */
};

/* 12.1.2, from our request as it was sent and a response from 101 to 299.
 * Fails (STATUS_MALFORMED) where it cannot make a dialog, as without a
 * Contact.  d is set only on success. */
bool sip_dialog_start_caller(struct sip_dialog *d,
	const struct sip_scan *request, const struct sip_scan *response,
	struct err *e);
/* 12.1.1, from a request and the To tag of our response. */
bool sip_dialog_start_callee(struct sip_dialog *d,
	const struct sip_scan *request, struct span local_tag, struct err *e);
/* RFC 6665 section 4.4.1, from the first NOTIFY to a SUBSCRIBE of ours, whose
 * CSeq was local_cseq. */
bool sip_dialog_start_notified(struct sip_dialog *d,
	const struct sip_scan *notify, uint32_t local_cseq, struct err *e);
void sip_dialog_clear(struct sip_dialog *d);

/* A 2xx makes an early dialog of ours a confirmed one and says the route set
 * anew (13.2.2.4). */
bool sip_dialog_confirm(
	struct sip_dialog *d, const struct sip_scan *response, struct err *e);

/* Appends request line, Route, Max-Forwards, From, To, Call-ID and the next
 * CSeq (12.2.1.1), strict routers as they want it; the caller adds the rest
 * and sip_msg_end. */
bool sip_dialog_request(
	struct buf *out, struct sip_dialog *d, struct span method);
/* The same for the ACK of a 2xx: cseq is that of its INVITE (13.2.2.4). */
bool sip_dialog_ack(struct buf *out, const struct sip_dialog *d, uint32_t cseq);
/* The URI where such a request goes first: borrowed. */
struct span sip_dialog_next_hop(const struct sip_dialog *d);

/* A request within the dialog (12.2.2): 0 and its CSeq is noted, or the
 * status code to refuse it with (500: it is out of order). */
unsigned sip_dialog_receive(
	struct sip_dialog *d, const struct sip_scan *request);
/* The Contact of a target refresh (re-INVITE, UPDATE, or a 2xx to ours). */
void sip_dialog_refresh_target(struct sip_dialog *d, const struct sip_scan *m);

/* Is the response one of this dialog (Call-ID and both tags)? */
bool sip_dialog_is_of_response(
	const struct sip_dialog *d, const struct sip_scan *response);

/* All values of a header field that are addresses (Record-Route, Route,
 * Service-Route, Path), each copied; false (STATUS_MALFORMED) and nothing
 * where one is malformed or there are more than SIP_ROUTES_MAX. */
bool sip_routes_copy(char *routes[SIP_ROUTES_MAX], size_t *count,
	const struct sip_scan *m, enum sip_hdr kind, struct err *e);

/* The key of the dialog a request from the far side is in; false where it has
 * no To tag, or no Call-ID. */
bool sip_dialog_key(struct buf *out, const struct sip_scan *request);

#endif
