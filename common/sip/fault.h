/* fault - what can be wrong with a SIP message, and how to answer it
 *
 * RFC 3261 section 21, RFC 4475 section 3.  One list for the scanner
 * (sip/scan.h), which sees the shape, and the checks (sip/check.h), which see
 * the meaning.
 */
#ifndef SIP_FAULT_H
#define SIP_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

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
	X(TOO_MANY_HOPS, 483, "Too Many Hops")                                 \
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
/* Appends the reason of each, with commas between them. */
bool sip_faults_list(struct buf *out, const struct sip_faults *f);

#endif
