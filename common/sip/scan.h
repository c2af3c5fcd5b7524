/* scan - one SIP message as views of its bytes
 *
 * RFC 3261 sections 7, 18.3 and 25; the limits are ours.  The scanner is
 * strict and goes on: what can be shown of a message is shown, and what is
 * wrong with it is in a list of faults, each with the status code to answer
 * with (RFC 4475).  So a 400 can be built from a message whose header fields
 * cannot be parsed, and a sniffer shows what a user agent refuses.
 *
 * Nothing is copied or allocated: every span points into the bytes given to
 * sip_scan and lives as long as they do.  A struct sip_scan is 12 KiB, needs
 * no clearing, and may be used again.
 */
#ifndef SIP_SCAN_H
#define SIP_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "sip/fault.h"
#include "sip/hdr.h"
#include "sip/value.h"

/* Limits.  A message is no larger than the largest datagram; the others, with
 * those of sip/value.h, keep the worst message from costing milliseconds. */
#define SIP_MSG_MAX 65536
#define SIP_LINES_MAX 256 /* header fields in a message */
#define SIP_LINE_MAX 8192 /* bytes of a header field, or of the start line */

/* One header field. */
struct sip_field {
	struct span name;  /* as written, without white space behind it */
	struct span value; /* trimmed; has the CRLFs of its folding in it */
	struct span raw;   /* whole, with the last CRLF */
	enum sip_hdr kind;
	uint16_t next; /* private: of the same kind, its index + 1, or 0 */
};

struct sip_scan {
	struct span raw;  /* from the start line to the end of the body */
	struct span head; /* the start line and header fields, empty line too */
	struct span body; /* as Content-Length says, or to the end */
	struct span start_line; /* without CRLF */

	bool is_request;
	struct span version; /* "SIP/2.0" */
	/* of a request */
	struct span method;
	struct span request_uri;
	enum sip_method method_kind;
	/* of a response; 0 where it is not three digits from 100 to 699 */
	unsigned status_code;
	struct span reason;

	bool has_content_length; /* and it is a number */
	uint64_t content_length;

	struct sip_faults faults;

	unsigned count; /* of fields; those over SIP_LINES_MAX are not here */
	uint16_t first[SIP_HDR_COUNT]; /* private: index + 1, or 0 */
	struct sip_field fields[SIP_LINES_MAX];
	uint16_t last[SIP_HDR_COUNT]; /* private: valid where first is */
};

/* Scans one whole message: a datagram, or what sip_scan_frame framed.  What
 * stands behind the body is left out of raw (RFC 3261 section 18.3).  Empty
 * lines in front of the start line are skipped (7.5).  True where there are
 * no faults.  False with an empty start_line: not SIP at all. */
bool sip_scan(struct sip_scan *m, struct span bytes);

/* Could these bytes be the start of a SIP message?  Cheap and generous: for
 * a sniffer that looks at every datagram. */
bool sip_scan_is_likely(struct span bytes);

/* ---- streams (RFC 3261 sections 7.5, 18.3; RFC 5626 section 3.5.1) -------- */

enum sip_frame {
	SIP_FRAME_MESSAGE, /* the next length bytes are a message */
	SIP_FRAME_MORE,    /* more bytes are needed */
	SIP_FRAME_PING,    /* CRLFCRLF was skipped: answer CRLF */
	SIP_FRAME_BROKEN,  /* no boundary can be found: answer, then close */
};

/* What is known of the message that has begun; zero at the start. */
struct sip_framer {
	size_t scanned; /* private: without an end of the header fields */
	size_t need;    /* private: bytes of the whole message, once known */
};

/* Looks for the next message at the front of what a stream has brought.  In
 * every case the caller first drops skip bytes (keep-alives), and goes on
 * with the same framer: no byte is looked at twice.  For BROKEN, length is
 * what sip_scan can make something of: header fields whose Content-Length is
 * missing, no number, or over the limit. */
enum sip_frame sip_scan_frame(
	struct sip_framer *f, struct span bytes, size_t *skip, size_t *length);

/* ---- header fields -------------------------------------------------------- */

/* The first field of a kind, and the one of the same kind behind it; NULL
 * where there is none. */
const struct sip_field *sip_scan_find(
	const struct sip_scan *m, enum sip_hdr kind);
const struct sip_field *sip_scan_next(
	const struct sip_scan *m, const struct sip_field *field);

/* A header field whose name is not in sip/hdr.h. */
const struct sip_field *sip_scan_find_name(
	const struct sip_scan *m, struct span name);

/* The value of the first field of a kind; empty where there is none. */
struct span sip_scan_value(const struct sip_scan *m, enum sip_hdr kind);

/* Walks every value of a kind, over lines and commas alike:
 *	struct sip_values at = SIP_VALUES_INIT;
 *	while (sip_scan_values(m, SIP_HDR_ROUTE, &at)) … at.value
 * malformed is set, and the walk ends, where a quote or bracket stays open
 * or there are more than SIP_VALUES_MAX in a line. */
struct sip_values {
	struct span value; /* trimmed */
	bool malformed;
	struct span rest;              /* private */
	const struct sip_field *field; /* private */
	unsigned count;                /* private */
};
#define SIP_VALUES_INIT ((struct sip_values){ .malformed = false })
bool sip_scan_values(
	const struct sip_scan *m, enum sip_hdr kind, struct sip_values *at);

#endif
