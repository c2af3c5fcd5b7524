/* hdr - the names of header fields and methods, as numbers
 *
 * RFC 3261 sections 7.3.1, 7.3.3 and 20, and the extensions samtal knows.
 * A name is resolved once, while a message is scanned; a compact form and
 * its long form are the same number.
 */
#ifndef SIP_HDR_H
#define SIP_HDR_H

#include <stdbool.h>

#include "base/span.h"

/* X(constant, canonical name, compact form or 0, flags) */
#define SIP_HDR_LIST(X)                                                        \
	X(ACCEPT, "Accept", 0, SIP_HDR_IS_LIST)                                \
	X(ACCEPT_CONTACT, "Accept-Contact", 'a', SIP_HDR_IS_LIST)              \
	X(ACCEPT_ENCODING, "Accept-Encoding", 0, SIP_HDR_IS_LIST)              \
	X(ACCEPT_LANGUAGE, "Accept-Language", 0, SIP_HDR_IS_LIST)              \
	X(ALERT_INFO, "Alert-Info", 0, SIP_HDR_IS_LIST)                        \
	X(ALLOW, "Allow", 0, SIP_HDR_IS_LIST)                                  \
	X(ALLOW_EVENTS, "Allow-Events", 'u', SIP_HDR_IS_LIST)                  \
	X(AUTHENTICATION_INFO, "Authentication-Info", 0, 0)                    \
	X(AUTHORIZATION, "Authorization", 0, 0)                                \
	X(CALL_ID, "Call-ID", 'i', SIP_HDR_IS_SINGLE)                          \
	X(CALL_INFO, "Call-Info", 0, SIP_HDR_IS_LIST)                          \
	X(CONTACT, "Contact", 'm', SIP_HDR_IS_LIST)                            \
	X(CONTENT_DISPOSITION, "Content-Disposition", 0, SIP_HDR_IS_SINGLE)    \
	X(CONTENT_ENCODING, "Content-Encoding", 'e', SIP_HDR_IS_LIST)          \
	X(CONTENT_LANGUAGE, "Content-Language", 0, SIP_HDR_IS_LIST)            \
	X(CONTENT_LENGTH, "Content-Length", 'l', SIP_HDR_IS_SINGLE)            \
	X(CONTENT_TYPE, "Content-Type", 'c', SIP_HDR_IS_SINGLE)                \
	X(CSEQ, "CSeq", 0, SIP_HDR_IS_SINGLE)                                  \
	X(DATE, "Date", 0, 0)                                                  \
	X(ERROR_INFO, "Error-Info", 0, SIP_HDR_IS_LIST)                        \
	X(EVENT, "Event", 'o', SIP_HDR_IS_SINGLE)                              \
	X(EXPIRES, "Expires", 0, SIP_HDR_IS_SINGLE)                            \
	X(FROM, "From", 'f', SIP_HDR_IS_SINGLE)                                \
	X(IDENTITY, "Identity", 'y', 0)                                        \
	X(IN_REPLY_TO, "In-Reply-To", 0, SIP_HDR_IS_LIST)                      \
	X(MAX_FORWARDS, "Max-Forwards", 0, SIP_HDR_IS_SINGLE)                  \
	X(MIME_VERSION, "MIME-Version", 0, 0)                                  \
	X(MIN_EXPIRES, "Min-Expires", 0, SIP_HDR_IS_SINGLE)                    \
	X(MIN_SE, "Min-SE", 0, SIP_HDR_IS_SINGLE)                              \
	X(ORGANIZATION, "Organization", 0, 0)                                  \
	X(P_ASSERTED_IDENTITY, "P-Asserted-Identity", 0, SIP_HDR_IS_LIST)      \
	X(P_PREFERRED_IDENTITY, "P-Preferred-Identity", 0, SIP_HDR_IS_LIST)    \
	X(PATH, "Path", 0, SIP_HDR_IS_LIST)                                    \
	X(PRIORITY, "Priority", 0, 0)                                          \
	X(PRIVACY, "Privacy", 0, 0)                                            \
	X(PROXY_AUTHENTICATE, "Proxy-Authenticate", 0, 0)                      \
	X(PROXY_AUTHENTICATION_INFO, "Proxy-Authentication-Info", 0, 0)        \
	X(PROXY_AUTHORIZATION, "Proxy-Authorization", 0, 0)                    \
	X(PROXY_REQUIRE, "Proxy-Require", 0, SIP_HDR_IS_LIST)                  \
	X(RACK, "RAck", 0, SIP_HDR_IS_SINGLE)                                  \
	X(REASON, "Reason", 0, SIP_HDR_IS_LIST)                                \
	X(RECORD_ROUTE, "Record-Route", 0, SIP_HDR_IS_LIST)                    \
	X(REFER_TO, "Refer-To", 'r', SIP_HDR_IS_SINGLE)                        \
	X(REFERRED_BY, "Referred-By", 'b', SIP_HDR_IS_SINGLE)                  \
	X(REJECT_CONTACT, "Reject-Contact", 'j', SIP_HDR_IS_LIST)              \
	X(REPLACES, "Replaces", 0, SIP_HDR_IS_SINGLE)                          \
	X(REPLY_TO, "Reply-To", 0, SIP_HDR_IS_SINGLE)                          \
	X(REQUEST_DISPOSITION, "Request-Disposition", 'd', SIP_HDR_IS_LIST)    \
	X(REQUIRE, "Require", 0, SIP_HDR_IS_LIST)                              \
	X(RETRY_AFTER, "Retry-After", 0, SIP_HDR_IS_SINGLE)                    \
	X(ROUTE, "Route", 0, SIP_HDR_IS_LIST)                                  \
	X(RSEQ, "RSeq", 0, SIP_HDR_IS_SINGLE)                                  \
	X(SERVER, "Server", 0, 0)                                              \
	X(SERVICE_ROUTE, "Service-Route", 0, SIP_HDR_IS_LIST)                  \
	X(SESSION_EXPIRES, "Session-Expires", 'x', SIP_HDR_IS_SINGLE)          \
	X(SIP_ETAG, "SIP-ETag", 0, SIP_HDR_IS_SINGLE)                          \
	X(SIP_IF_MATCH, "SIP-If-Match", 0, SIP_HDR_IS_SINGLE)                  \
	X(SUBJECT, "Subject", 's', 0)                                          \
	X(SUBSCRIPTION_STATE, "Subscription-State", 0, SIP_HDR_IS_SINGLE)      \
	X(SUPPORTED, "Supported", 'k', SIP_HDR_IS_LIST)                        \
	X(TIMESTAMP, "Timestamp", 0, 0)                                        \
	X(TO, "To", 't', SIP_HDR_IS_SINGLE)                                    \
	X(UNSUPPORTED, "Unsupported", 0, SIP_HDR_IS_LIST)                      \
	X(USER_AGENT, "User-Agent", 0, 0)                                      \
	X(VIA, "Via", 'v', SIP_HDR_IS_LIST)                                    \
	X(WARNING, "Warning", 0, SIP_HDR_IS_LIST)                              \
	X(WWW_AUTHENTICATE, "WWW-Authenticate", 0, 0)

enum {
	SIP_HDR_IS_LIST = 1,   /* values are separated by commas (7.3.1) */
	SIP_HDR_IS_SINGLE = 2, /* a second one makes the message ambiguous */
};

#define SIP_HDR_ENUM(constant, name, compact, flags) SIP_HDR_##constant,
enum sip_hdr {
	SIP_HDR_OTHER, /* a name that is not in the list */
	SIP_HDR_LIST(SIP_HDR_ENUM) SIP_HDR_COUNT
};
#undef SIP_HDR_ENUM

/* Any case, long or compact. */
enum sip_hdr sip_hdr_find(struct span name);
const char *sip_hdr_name(enum sip_hdr kind); /* "Via"; "" of OTHER */
bool sip_hdr_is_list(enum sip_hdr kind);
bool sip_hdr_is_single(enum sip_hdr kind);

enum sip_method {
	SIP_METHOD_OTHER, /* none of these: look at the text */
	SIP_METHOD_ACK,
	SIP_METHOD_BYE,
	SIP_METHOD_CANCEL,
	SIP_METHOD_INFO,
	SIP_METHOD_INVITE,
	SIP_METHOD_MESSAGE,
	SIP_METHOD_NOTIFY,
	SIP_METHOD_OPTIONS,
	SIP_METHOD_PRACK,
	SIP_METHOD_PUBLISH,
	SIP_METHOD_REFER,
	SIP_METHOD_REGISTER,
	SIP_METHOD_SUBSCRIBE,
	SIP_METHOD_UPDATE,
	SIP_METHOD_COUNT
};

enum sip_method sip_method_find(struct span name);   /* case counts */
const char *sip_method_name(enum sip_method method); /* "" of OTHER */

/* RFC 3261 section 21 and IANA's register; "Unknown" for a code that has no
 * phrase of its own. */
const char *sip_reason_phrase(unsigned status_code);

#endif
