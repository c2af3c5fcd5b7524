/* check - may this message be acted upon, and what to answer if not
 *
 * RFC 3261 sections 8.1.3, 8.2.1 to 8.2.3, 16.3, 18.3; RFC 4475.  What a
 * user agent (or another role) must refuse before its transaction and
 * dialog layers see a message.  Pure: a scan and a policy go in, a verdict
 * comes out.  Every tool that listens uses it, so that all give the same
 * answer to the same message.
 */
#ifndef SIP_CHECK_H
#define SIP_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "sip/msg.h"
#include "sip/scan.h"

/* Contacts, routes and their parameters in a message: more is nobody's, and
 * each costs libosip2 half a microsecond. */
#define SIP_PIECES_MAX 2048

struct sip_check_policy {
	/* Bit 1 << SIP_METHOD_X for each method served; 0: any, also unknown
	 * ones.  Known ones that are not served get 405, unknown ones 501. */
	uint32_t methods;
	/* Option tags understood, NULL at the end; NULL: none. */
	const char *const *extensions;
	/* Media types of bodies, "application/sdp", NULL at the end; NULL: any. */
	const char *const *media_types;
	bool accept_tel; /* a tel: request-URI is not a 416 */
	bool is_proxy;   /* Proxy-Require instead of Require, Max-Forwards 0 */
	bool is_stream;  /* Content-Length is mandatory (18.3) */
};

enum sip_check_action {
	SIP_CHECK_ACCEPT,
	SIP_CHECK_REPLY, /* with code and reason; never to an ACK */
	SIP_CHECK_DROP,  /* not answerable, or a response that is wrong */
};

struct sip_verdict {
	enum sip_check_action action;
	unsigned code;             /* of a reply */
	const char *reason;        /* its phrase, says what is wrong */
	enum sip_fault_kind fault; /* unless accepted */
	struct span where;         /* what is wrong, in the message; or empty */
	bool close;                /* a stream has lost its framing: close it */
};

/* methods, extensions and media types concern requests only; a malformed
 * Contact is a fault of a request, and of a response one to be told only.  A response
 * with more than one Via is not for a user agent (8.1.3.3).
 *
 * Faults that are found are also added to m->faults, for those who print
 * them all.  Returns true for SIP_CHECK_ACCEPT. */
bool sip_check_request(struct sip_verdict *v, struct sip_scan *m,
	const struct sip_check_policy *policy);
bool sip_check_response(struct sip_verdict *v, struct sip_scan *m,
	const struct sip_check_policy *policy);

/* Is text one of the list, which may be NULL and ends with NULL? */
bool sip_check_is_in(const char *const *list, struct span text);
/* The header field that names the extensions this role must know. */
enum sip_hdr sip_check_require(const struct sip_check_policy *policy);

/* The whole reply to a request that was refused: sip_msg_respond and what
 * its code demands: Unsupported (420), Allow (405, 501), Accept (415). */
bool sip_check_reply(struct buf *out, const struct sip_scan *request,
	const struct sip_verdict *v, const struct sip_check_policy *policy,
	const struct sip_msg_response *via);

#endif
