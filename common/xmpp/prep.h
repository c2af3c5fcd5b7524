/* prep - preparation of internationalized strings; the door to libidn(2)
 *
 * RFC 6122 appendices A and B (nodeprep, resourceprep), RFC 4013 (SASLprep)
 * and IDNA for domain names.  No C library has PRECIS (RFC 8264); for what
 * both take the outcome is the same.
 *
 * Each appends the prepared string to out, or appends nothing and says why.
 * ASCII takes a path of its own.
 */
#ifndef XMPP_PREP_H
#define XMPP_PREP_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

bool xmpp_prep_local(struct buf *out, struct span s, struct err *e);
bool xmpp_prep_resource(struct buf *out, struct span s, struct err *e);
/* To U-labels in lower case, as RFC 7622 section 3.2 compares them; IPv4
 * addresses and IPv6 literals in brackets; a final dot is removed. */
bool xmpp_prep_domain(struct buf *out, struct span s, struct err *e);
/* A prepared domain as DNS and certificates have it: A-labels. */
bool xmpp_prep_domain_ascii(struct buf *out, struct span s, struct err *e);

/* As a query, in which newer characters are allowed (RFC 5802 section 5.1):
 * a password of emoji is one everywhere else. */
bool xmpp_prep_sasl(struct buf *out, struct span s, struct err *e);

#endif
