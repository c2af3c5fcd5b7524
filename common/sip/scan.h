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
#include "sip/hdr.h"

/* Limits.  A message is no larger than the largest datagram; the others keep
 * a worst message far from costing anybody milliseconds. */
#define SIP_MSG_MAX 65536
#define SIP_LINES_MAX 256  /* header fields in a message */
#define SIP_LINE_MAX 8192  /* bytes of a header field, or of the start line */
#define SIP_VALUES_MAX 256 /* comma separated values in a header field */
#define SIP_PARAMS_MAX 64  /* parameters of a value */

/* X(constant, status code, reason phrase): 0 is for a fault that concerns
 * responses only, which are dropped. */
#define SIP_FAULT_LIST(X)                                                      \
	X(START_LINE, 400, "Malformed Start Line")                             \
	X(VERSION, 505, "Version Not Supported")                               \
	X(METHOD, 400, "Malformed Method")                                     \
	X(REQUEST_URI, 400, "Malformed Request-URI")                           \
	X(STATUS_CODE, 0, "Malformed Status Code")                             \
	X(REASON_PHRASE, 0, "Malformed Reason Phrase")                         \
	X(LINE_END, 400, "Bare CR Or LF")                                      \
	X(HEADER_LINE, 400, "Malformed Header Field")                          \
	X(HEADER_NAME, 400, "Malformed Header Field Name")                     \
	X(CONTROL, 400, "Control Character In Header Field")                   \
	X(NO_END, 400, "Header Fields Without End")                            \
	X(CONTENT_LENGTH, 400, "Malformed Content-Length")                     \
	X(CONTENT_LENGTHS, 400, "Conflicting Content-Length")                  \
	X(NO_LENGTH, 400, "Missing Content-Length")                            \
	X(BODY_SHORT, 400, "Body Shorter Than Content-Length")                 \
	X(MSG_TOO_LARGE, 513, "Message Too Large")                             \
	X(LINE_TOO_LONG, 400, "Header Field Too Long")                         \
	X(TOO_MANY_LINES, 400, "Too Many Header Fields")                       \
	X(TOO_MANY_VALUES, 400, "Too Many Values In Header Field")             \
	X(TOO_MANY_PARAMS, 400, "Too Many Parameters In Header Field")         \
	/* what sip/check.h finds beyond the shape */                          \
	X(MISSING_FIELD, 400, "Missing Header Field")                          \
	X(REPEATED_FIELD, 400, "Repeated Header Field")                        \
	X(VIA, 400, "Malformed Via")                                           \
	X(FROM, 400, "Malformed From")                                         \
	X(TO, 400, "Malformed To")                                             \
	X(CALL_ID, 400, "Malformed Call-ID")                                   \
	X(CSEQ, 400, "Malformed CSeq")                                         \
	X(CSEQ_METHOD, 400, "CSeq Method Does Not Match")                      \
	X(MAX_FORWARDS, 400, "Malformed Max-Forwards")                         \
	X(CONTACT, 400, "Malformed Contact")                                   \
	X(ROUTE, 400, "Malformed Route")                                       \
	X(CONTENT_TYPE, 400, "Malformed Content-Type")                         \
	X(EXPIRES, 400, "Malformed Expires")                                   \
	X(SCHEME, 416, "Unsupported URI Scheme")                               \
	X(EXTENSION, 420, "Bad Extension")                                     \
	X(UNKNOWN_METHOD, 501, "Not Implemented")                              \
	X(METHOD_NOT_ALLOWED, 405, "Method Not Allowed")                       \
	X(MEDIA_TYPE, 415, "Unsupported Media Type")

#define SIP_FAULT_ENUM(constant, code, reason) SIP_FAULT_##constant,
enum sip_fault_kind { SIP_FAULT_LIST(SIP_FAULT_ENUM) SIP_FAULT_COUNT };
#undef SIP_FAULT_ENUM

struct sip_fault {
	enum sip_fault_kind kind;
	struct span where; /* the line or value; may be empty */
};

#define SIP_FAULTS_MAX 8

/* Every kind of fault once, at its first place, in the order found. */
struct sip_faults {
	uint64_t kinds; /* bit SIP_FAULT_X: all kinds that occurred */
	unsigned count;
	struct sip_fault list[SIP_FAULTS_MAX]; /* the first of them */
};

void sip_fault_add(
	struct sip_faults *f, enum sip_fault_kind kind, struct span where);
bool sip_fault_has(const struct sip_faults *f, enum sip_fault_kind kind);
unsigned sip_fault_code(enum sip_fault_kind kind);      /* 400 …, or 0 */
const char *sip_fault_reason(enum sip_fault_kind kind); /* for a reply */

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
	uint16_t last[SIP_HDR_COUNT];  /* private */
	struct sip_field fields[SIP_LINES_MAX];
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
	SIP_FRAME_MESSAGE, /* length bytes from skip on are a message */
	SIP_FRAME_MORE,    /* more bytes are needed; skip may be consumed */
	SIP_FRAME_PING,    /* CRLFCRLF: answer CRLF, consume skip */
	SIP_FRAME_BROKEN,  /* no boundary can be found: answer, then close */
};

/* Looks for the next message in what a stream has brought so far.  skip is
 * the number of bytes to drop in front of it (keep-alives), length the
 * message's.  For BROKEN, length is as much as sip_scan can make something
 * of: the header fields are there, their Content-Length is no use; or it
 * is over a limit.  scanned is the caller's, 0 for a new message and kept
 * between calls while the answer is MORE: bytes are looked at once. */
enum sip_frame sip_scan_frame(
	struct span bytes, size_t *scanned, size_t *skip, size_t *length);

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

/* ---- inside a value ------------------------------------------------------- */

/* Takes the next comma separated value from *rest, trimmed; commas inside
 * quotes and <> do not separate.  False at the end, and with *rest not empty
 * where a quote or bracket stays open. */
bool sip_value_next(struct span *rest, struct span *value);

/* One parameter: ";name", ";name=value" or ";name = "quoted value"". */
struct sip_param {
	struct span name;
	struct span value; /* a quoted one with its quotes */
	bool has_value;
};

/* Takes the next parameter from *rest, which is empty or begins with ';' (or
 * white space in front of it).  False at the end, and with *rest not empty
 * where it is malformed. */
bool sip_param_next(struct span *rest, struct sip_param *param);

/* The parameter of that name (any case); false where there is none, or the
 * list is malformed in front of it or has more than SIP_PARAMS_MAX. */
bool sip_param_find(
	struct span params, const char *name, struct sip_param *param);

/* Is the list well-formed, within the limit, and without one twice? */
bool sip_params_are_valid(struct span params);

bool sip_is_token(struct span s);
bool sip_is_quoted(struct span s); /* whole, and well-formed */
/* What is between the quotes, still escaped; any other text as it is. */
struct span sip_unquote(struct span s);

#endif
