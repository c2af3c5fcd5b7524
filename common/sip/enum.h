/* enum - telephone numbers as URIs (ENUM)
 *
 * RFC 6116, RFC 3402 (the rules), RFC 3403 (NAPTR), RFC 3966 (tel:).  The
 * digits of a number are a name in the DNS whose NAPTR records are rules:
 * those with the flag "u" make a URI out of the number, those without lead to
 * another name.  The first URI that SIP can reach (sip:, sips:) is taken.
 *
 * What the DNS says is hostile: expressions are sip/ere's, a URI has at most
 * SIP_ENUM_URI_MAX bytes, no name is asked twice, and at most
 * SIP_ENUM_QUERIES_MAX are, at most SIP_ENUM_DEPTH_MAX deep.
 */
#ifndef SIP_ENUM_H
#define SIP_ENUM_H

#include "base/buf.h"
#include "sip/locate_step.h"

#define SIP_ENUM_SUFFIX "e164.arpa"
#define SIP_ENUM_NUMBER_MAX 15 /* digits, ITU-T E.164 section 6.1 */
#define SIP_ENUM_URI_MAX 1000
#define SIP_ENUM_DEPTH_MAX 5 /* section 5.2.1 */
#define SIP_ENUM_QUERIES_MAX 16

/* ---- codec ---- */

/* The Application Unique String (section 3.1.1) of a tel: URI or a number:
 * "+" and digits; visual separators are left out, parameters ignored.  A
 * number that is not global has none. */
bool sip_enum_number(
	char out[SIP_ENUM_NUMBER_MAX + 2], struct span tel, struct err *e);

/* Appends the key (section 3.2) of such a string: 1.2.3.e164.arpa. */
bool sip_enum_key(struct buf *out, struct span number, const char *suffix);

/* Is a rule of these services for SIP: does an Enumservice have the type or
 * subtype sip or sips (section 3.4.3)?  Types that begin with "P-" are not. */
bool sip_enum_is_sip(struct span services);
bool sip_enum_is_enum(struct span services); /* E2U at all, old form too */

/* Appends what the rule of this Regexp field makes of the number.  False and
 * e: it is malformed, does not match, or makes no URI. */
bool sip_enum_apply(
	struct buf *out, struct span regexp, struct span number, struct err *e);

/* ---- session ---- */

struct sip_enum;

struct sip_enum_settings {
	struct resolver *resolver;
	const char *suffix;    /* NULL: SIP_ENUM_SUFFIX */
	sip_locate_step *step; /* may be NULL; called with arg */
};

/* Once, never from within sip_enum_new, unless cancelled.  uri is NULL, with
 * e, where there is none; borrowed until it returns. */
typedef void sip_enum_done(void *arg, const char *uri, const struct err *e);

/* number: see sip_enum_number.  NULL and e: it is none. */
struct sip_enum *sip_enum_new(const struct sip_enum_settings *s,
	struct span number, sip_enum_done *done, void *arg, struct err *e);
void sip_enum_cancel(struct sip_enum *n); /* NULL is fine */

#endif
