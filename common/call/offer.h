/* offer - what two sides agree to send each other: one audio stream
 *
 * RFC 3264, RFC 8866, RFC 3551.  Pure: SDP in, SDP out.  Of an offer's media
 * lines the first audio line over RTP/AVP with a codec in common is taken,
 * all others are refused, line by line (RFC 3264 section 6).  Addresses must be
 * numeric and of our family; 0.0.0.0 is the hold of old (RFC 3264 section 8.4).
 */
#ifndef CALL_OFFER_H
#define CALL_OFFER_H

#include "base/buf.h"
#include "base/err.h"
#include "media/codec.h"
#include "net/endpoint.h"
#include "sip/sdp.h"

#define CALL_CODECS_MAX 8
#define CALL_PTIME 20      /* ms in a packet unless the far side asks */
#define CALL_PTIME_MAX 200 /* ms; what is over it is not followed */

/* In the order of preference. */
struct call_codecs {
	const struct codec_format *list[CALL_CODECS_MAX];
	size_t count;
};

/* All there are; and those of a list as "PCMA,PCMU". */
void call_codecs_all(struct call_codecs *c);
bool call_codecs_parse(struct call_codecs *c, struct span list, struct err *e);

/* Our side of the description. */
struct call_local {
	struct endpoint rtp; /* where we receive */
	uint64_t session_id, session_version;
	enum sip_sdp_direction direction;
};

struct call_payload {
	unsigned type;
	const struct codec_format *format;
};

/* What came out of an offer and its answer, seen from here. */
struct call_agreed {
	const struct codec_format *format;
	unsigned send_type, receive_type; /* payload types */
	/* What else may come: who answers with several codecs may send any of
	 * them at any time (RFC 3264 section 6.1).  All of one clock. */
	struct call_payload others[CALL_CODECS_MAX];
	size_t other_count;
	struct endpoint remote; /* RTP goes there; no endpoint while on hold */
	enum sip_sdp_direction direction; /* what we may do */
	unsigned ptime;                   /* ms, of what we send */
	unsigned media;                   /* which media line it is */
};

bool call_offer(struct buf *out, const struct call_codecs *codecs,
	const struct call_local *local);

/* An answer to our offer, from a family address as ours.  Refused and
 * malformed ones fail: STATUS_REFUSED, STATUS_MALFORMED. */
bool call_read_answer(struct call_agreed *a, const struct call_codecs *codecs,
	int family, struct span answer, struct err *e);

/* An offer of theirs: fails with STATUS_REFUSED where nothing is in common
 * (a 488), with STATUS_MALFORMED where it cannot be read (a 400). */
bool call_read_offer(struct call_agreed *a, const struct call_codecs *codecs,
	int family, struct span offer, struct err *e);
/* The answer to the offer that gave `a`. */
bool call_answer(struct buf *out, const struct call_agreed *a,
	const struct call_local *local, struct span offer);

#endif
