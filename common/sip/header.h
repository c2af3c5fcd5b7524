/* header - the values of header fields, taken apart
 *
 * RFC 3261 sections 20 and 25.1, RFC 3581, RFC 6665.  Each function takes one
 * value (sip/scan.h separates them), sets its output only on success, and
 * fails with STATUS_MALFORMED.  Spans point into the value.
 *
 * libosip2 takes apart URIs (sip/uri.h) and media types; what is read for
 * every message (Via, CSeq, tags), and the numbers, which it wraps at 2^32,
 * is read here.
 */
#ifndef SIP_HEADER_H
#define SIP_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "sip/hdr.h"
#include "sip/uri.h"

#define SIP_CSEQ_MAX 0x7fffffffu /* RFC 3261 section 8.1.1.5 */
#define SIP_EXPIRES_MAX 0xffffffffu

/* ---- Via (20.42, RFC 3581) ------------------------------------------------ */

#define SIP_BRANCH_COOKIE "z9hG4bK"

struct sip_via {
	struct span transport; /* "UDP", "TCP", "TLS", "WS" …, any case */
	struct span host;      /* sent-by, without brackets */
	bool is_ipv6;
	uint16_t port;       /* 0 where there is none */
	struct span sent_by; /* host and port as written */
	struct span params;
	struct span branch;   /* empty where there is none */
	struct span received; /* without brackets, if it had any */
	struct span maddr;
	bool has_ttl;
	uint8_t ttl;
	bool has_rport;
	uint16_t rport; /* 0 where rport has no value yet */
};

bool sip_via_parse(struct sip_via *v, struct span value, struct err *e);
/* Does its branch tell transactions apart (RFC 3261 section 8.1.1.7)? */
bool sip_via_has_cookie(const struct sip_via *v);

/* ---- name-addr and addr-spec: From, To, Contact, Route … (20.10) ----------- */

struct sip_addr {
	struct span display; /* as written, quotes included; may be empty */
	struct span uri;     /* without <>: for sip_uri_parse */
	struct span params;  /* the header's own, from the first ';' on */
	bool has_brackets;
};

/* Takes the value apart; the URI is looked at by sip_uri_parse only. */
bool sip_addr_parse(struct sip_addr *a, struct span value, struct err *e);
/* Both in one: the address and its URI, both well-formed. */
bool sip_addr_parse_uri(struct sip_addr *a, struct sip_uri *u,
	struct span value, struct err *e);

/* The tag of a From or To value; empty where there is none. */
struct span sip_addr_tag(const struct sip_addr *a);
/* The same from the value; empty also where it is malformed. */
struct span sip_tag(struct span value);

/* Appends the display name without quotes and escapes. */
bool sip_addr_display(struct buf *out, const struct sip_addr *a);
/* Appends "name" <uri>, quoting name where it is not empty. */
bool sip_addr_format(struct buf *out, struct span display, struct span uri);
/* Appends s as a quoted-string; fails on CR, LF and NUL. */
bool sip_quote(struct buf *out, struct span s);

struct sip_contact {
	bool is_star; /* "*": nothing else is set */
	struct sip_addr addr;
	bool has_q;
	unsigned q; /* thousandths, 0 … 1000 */
	bool has_expires;
	uint32_t expires; /* seconds */
};

/* An expires beyond 2^32-1 or not a number is taken as absent (RFC 4475
 * section 3.1.2.4 lets us; 10.3 says the default); a wrong q is an error. */
bool sip_contact_parse(struct sip_contact *c, struct span value, struct err *e);

/* ---- numbers and words ------------------------------------------------------ */

struct sip_cseq {
	uint32_t number; /* 0 … SIP_CSEQ_MAX */
	struct span method;
	enum sip_method kind;
};
bool sip_cseq_parse(struct sip_cseq *c, struct span value, struct err *e);

/* RAck of PRACK, RFC 3262 section 7.2 */
struct sip_rack {
	uint32_t rseq;
	struct sip_cseq cseq;
};
bool sip_rack_parse(struct sip_rack *r, struct span value, struct err *e);

/* Expires, Min-Expires, RSeq …: digits up to 2^32-1. */
bool sip_seconds_parse(uint32_t *seconds, struct span value, struct err *e);
/* Max-Forwards: 0 … 255 */
bool sip_max_forwards_parse(uint8_t *hops, struct span value, struct err *e);
/* Retry-After: seconds, then perhaps a comment and parameters. */
bool sip_retry_after_parse(uint32_t *seconds, struct span value, struct err *e);
/* "0.33": thousandths */
bool sip_q_parse(unsigned *thousandths, struct span text);
bool sip_call_id_is_valid(struct span value); /* word [ "@" word ] */

/* Content-Type, one value of Accept: type "/" subtype and parameters. */
struct sip_media_type {
	struct span type, subtype; /* any case; "*" in Accept */
	struct span params;
};
bool sip_media_type_parse(
	struct sip_media_type *t, struct span value, struct err *e);
/* sip_media_type_is(&t, "application", "sdp") */
bool sip_media_type_is(
	const struct sip_media_type *t, const char *type, const char *subtype);

/* "presence;id=7", "active;expires=60", "SIP;cause=200": a token and its
 * parameters (Event, Subscription-State, Reason, Session-Expires …). */
struct sip_token_value {
	struct span token;
	struct span params;
};
bool sip_token_value_parse(
	struct sip_token_value *t, struct span value, struct err *e);

/* Replaces, RFC 3891 section 6.1 */
struct sip_replaces {
	struct span call_id, to_tag, from_tag;
	bool early_only;
};
bool sip_replaces_parse(
	struct sip_replaces *r, struct span value, struct err *e);

#endif
