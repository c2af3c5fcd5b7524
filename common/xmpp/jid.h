/* jid - addresses of XMPP: localpart@domainpart/resourcepart
 *
 * RFC 7622 for the shape and its limits.  Preparation is that of RFC 6122
 * (nodeprep, resourceprep, IDNA), which is what servers do, by xmpp/prep.h:
 * comparing two prepared JIDs is comparing bytes.
 *
 * A struct xmpp_jid owns its text; the three parts are views into it and may
 * be copied out as spans for as long as the JID lives.  {0} is no JID and may
 * be cleared, compared and copied.
 */
#ifndef XMPP_JID_H
#define XMPP_JID_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

/* RFC 7622 sections 3.2 to 3.4: each part, in bytes, after preparation. */
#define XMPP_JID_PART_MAX 1023
#define XMPP_JID_MAX (3 * XMPP_JID_PART_MAX + 2)

struct xmpp_jid {
	char *text; /* prepared, with a NUL; NULL: no JID */
	struct span local, domain, resource; /* empty where there is none */
};

#define XMPP_JID_NONE ((struct xmpp_jid){ 0 })

/* *jid is overwritten, not freed; on failure it is XMPP_JID_NONE. */
bool xmpp_jid_parse(struct xmpp_jid *jid, struct span text, struct err *e);
/* From parts that are not prepared; local and resource may be empty. */
bool xmpp_jid_make(struct xmpp_jid *jid, struct span local, struct span domain,
	struct span resource, struct err *e);
void xmpp_jid_copy(struct xmpp_jid *jid, const struct xmpp_jid *from);
void xmpp_jid_copy_bare(struct xmpp_jid *jid, const struct xmpp_jid *from);
void xmpp_jid_clear(struct xmpp_jid *jid);

/* Views: all of it, and all before the slash. */
struct span xmpp_jid_full(const struct xmpp_jid *jid);
struct span xmpp_jid_bare(const struct xmpp_jid *jid);

bool xmpp_jid_is_set(const struct xmpp_jid *jid);
bool xmpp_jid_is_bare(const struct xmpp_jid *jid); /* no resourcepart */
bool xmpp_jid_is_full(const struct xmpp_jid *jid);
bool xmpp_jid_equal(const struct xmpp_jid *a, const struct xmpp_jid *b);
bool xmpp_jid_equal_bare(const struct xmpp_jid *a, const struct xmpp_jid *b);

/* XEP-0106: a name that may hold " & ' / : < > @ and spaces, to a localpart
 * and back for a person to read.  Escaping fails where a space is first or
 * last. */
bool xmpp_jid_escape(struct buf *out, struct span name);
void xmpp_jid_unescape(struct buf *out, struct span local);

#endif
