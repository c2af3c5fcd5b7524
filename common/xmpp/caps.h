/* caps - entity capabilities (XEP-0115): is what somebody says it can do what
 * its presence promised?
 *
 * A client's presence carries the hash of its answer to disco#info, so that
 * one answer serves for all who send the same hash.  That is safe only where
 * the answer was hashed again and compared.
 *
 * The string that is hashed puts "<" behind each value and "/" between the
 * parts of an identity without escaping them: an answer that has them inside
 * could be two things at once, and is ill-formed here.
 */
#ifndef XMPP_CAPS_H
#define XMPP_CAPS_H

#include "base/buf.h"
#include "base/err.h"
#include "xmpp/stanza.h"

#define XMPP_NS_CAPS "http://jabber.org/protocol/caps"

/* The <c/> of a presence or of stream features; points into it. */
struct xmpp_caps {
	const char *node, *ver, *hash;
};

/* False: there is none, or one of before the hashes (section 11). */
bool xmpp_caps_find(struct xmpp_caps *c, const struct xml_element *s);
/* The node to ask for: node#ver; to mem_free. */
char *xmpp_caps_make_node(const struct xmpp_caps *c);

/* Is that hash one we can compute?  Of those in the IANA registry sha-1,
 * sha-256, sha-512 and md5. */
bool xmpp_caps_knows(const char *hash);

/* Section 5.1 and the checks of 5.4: appends the verification string of the
 * answer, in base64.  False: the answer is ill-formed (STATUS_MALFORMED), or
 * the hash not known (STATUS_USAGE). */
bool xmpp_caps_compute(struct buf *out, const struct xml_element *query,
	const char *hash, struct err *e);

/* Section 5.4: the answer is that of c.  False: STATUS_MALFORMED. */
bool xmpp_caps_verify(const struct xmpp_caps *c,
	const struct xml_element *query, struct err *e);

#endif
