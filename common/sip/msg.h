/* msg - writing SIP messages into a buf
 *
 * RFC 3261 sections 7, 8.1.1, 8.2.6, 9.1, 17.1.1.3.  A message is a start
 * line, header fields in the caller's order, and sip_msg_end, which writes
 * Content-Type, Content-Length and the body.  Whatever cannot be part of a
 * message (CR, LF or NUL in a value, a name that is no token) writes nothing
 * and sets out->failed, as does running over out->max: append all, ask once,
 * at sip_msg_end.
 */
#ifndef SIP_MSG_H
#define SIP_MSG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "sip/hdr.h"
#include "sip/scan.h"

#define SIP_MAX_FORWARDS 70 /* RFC 3261 section 8.1.1.6 */

/* ---- the parts -------------------------------------------------------------- */

bool sip_msg_request_line(
	struct buf *out, struct span method, struct span request_uri);
/* An empty reason: that of the register. */
bool sip_msg_status_line(struct buf *out, unsigned code, struct span reason);

bool sip_msg_add(struct buf *out, enum sip_hdr kind, struct span value);
bool sip_msg_add_name(struct buf *out, struct span name, struct span value);
bool sip_msg_add_number(struct buf *out, enum sip_hdr kind, uint64_t value);
bool sip_msg_addf(struct buf *out, enum sip_hdr kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
bool sip_msg_add_cseq(struct buf *out, uint32_t number, struct span method);

/* All header fields of a kind, byte for byte and in order; a CR, LF or other
 * control that has no place there becomes a space. */
bool sip_msg_copy(struct buf *out, const struct sip_scan *m, enum sip_hdr kind);

/* Content-Type where there is one, Content-Length, the empty line, the body.
 * True where the whole message is in out. */
bool sip_msg_end(struct buf *out, struct span content_type, struct span body);

/* ---- responses (8.2.6) -------------------------------------------------------- */

struct sip_msg_response {
	unsigned code;
	struct span reason; /* empty: the register's */
	struct span to_tag; /* added where To has none; not to a 100 */
	/* What the server transport adds to the topmost Via (RFC 3261 section
	 * 18.2.1, RFC 3581 section 4); empty and 0 where it adds nothing. */
	struct span received; /* an address without brackets */
	uint16_t rport;
};

/* Status line, Via, From, To, Call-ID, CSeq as the request has them, and
 * Timestamp in a 100; the caller adds the rest and sip_msg_end.  Of a request
 * that lacks some of them, those that are there. */
bool sip_msg_respond(struct buf *out, const struct sip_scan *request,
	const struct sip_msg_response *response);

/* ---- what belongs to an INVITE -------------------------------------------------- */

/* The whole ACK for a final response of 300 and above (17.1.1.3), from the
 * INVITE as it was sent and that response. */
bool sip_msg_ack(struct buf *out, const struct sip_scan *invite,
	const struct sip_scan *response);
/* The whole CANCEL of a request as it was sent (9.1). */
bool sip_msg_cancel(struct buf *out, const struct sip_scan *request);

/* The message m with the value put in front as a new first Via (a proxy's),
 * or with its first Via changed: how retries get a new branch.  Both keep
 * every other byte. */
bool sip_msg_push_via(
	struct buf *out, const struct sip_scan *m, struct span via);
bool sip_msg_replace_via(
	struct buf *out, const struct sip_scan *m, struct span via);

#endif
