/* uri - SIP, SIPS and TEL URIs, and others as text
 *
 * RFC 3261 section 19.1, RFC 3966, RFC 5118.  The text is checked here
 * (characters, escapes, port, host and IPv6 reference), taken apart by
 * libosip2, and the parts are views of the caller's text: still escaped, so
 * that format gives back what was parsed, and living as long as the text.
 *
 * Of a scheme that is not sip or sips, only scheme and opaque are set.
 */
#ifndef SIP_URI_H
#define SIP_URI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "sip/value.h"

#define SIP_URI_MAX 8191 /* bytes of a URI: less than a header field's limit */

enum sip_scheme {
	SIP_SCHEME_OTHER, /* opaque: mailto, http, urn, im, pres … */
	SIP_SCHEME_SIP,
	SIP_SCHEME_SIPS,
	SIP_SCHEME_TEL,
};

struct sip_uri {
	struct span text; /* the whole URI */
	enum sip_scheme kind;
	struct span scheme;
	struct span opaque; /* all behind the colon; of every scheme */

	bool has_user; /* "sip:@h" has none; "sip::p@h" is refused */
	struct span user;
	bool has_password;
	struct span password;
	struct span host; /* without the brackets of an IPv6 reference */
	bool is_ipv6;
	uint16_t port;       /* 0 where there is none */
	struct span params;  /* from the first ';' on */
	struct span headers; /* behind the '?', without it */
};

/* u is set only on success.  Brackets around the URI, white space, control
 * characters and bytes over 0x7f are errors, STATUS_MALFORMED. */
bool sip_uri_parse(struct sip_uri *u, struct span text, struct err *e);

/* Appends the URI built from the parts, host in brackets where is_ipv6. */
bool sip_uri_format(struct buf *out, const struct sip_uri *u);

/* Appends it as it may stand in a From or To (RFC 3261 section 19.1.1): without
 * port, headers, and the parameters method, maddr, ttl, transport and lr. */
bool sip_uri_add_identity(struct buf *out, const struct sip_uri *u);

/* The scheme alone, where it is one: also of what sip_uri_parse refuses. */
bool sip_uri_scheme(
	struct span text, enum sip_scheme *kind, struct span *scheme);

/* RFC 3261 section 19.1.4.  Other schemes: equal but for the scheme's case;
 * tel by RFC 3966 section 4, without visual separators. */
bool sip_uri_equal(const struct sip_uri *a, const struct sip_uri *b);

/* Takes the next name=value from *rest: u->params with ';', u->headers with
 * '&'.  False at the end. */
bool sip_uri_pair_next(
	struct span *rest, char separator, struct sip_param *pair);
/* A parameter's value: true where it is there, value empty where it has
 * none.  Names compare without case. */
bool sip_uri_param(
	const struct sip_uri *u, const char *name, struct span *value);
bool sip_uri_is_loose(const struct sip_uri *u); /* ;lr */

/* Appends s with each %HH decoded; false and nothing appended where an
 * escape is malformed.  The result may hold any byte, NUL included. */
bool sip_uri_decode(struct buf *out, struct span s);
/* Appends s as it may stand in a user part: the rest as %HH. */
bool sip_uri_encode_user(struct buf *out, struct span s);

/* Is it a hostname, an IPv4 address or (without brackets) an IPv6 address? */
bool sip_host_is_valid(struct span host, bool ipv6);

#endif
