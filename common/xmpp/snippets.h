/* snippets - stanzas a person or a program has written, one after another
 *
 * Bytes without a stream around them: elements of jabber:client, white space
 * between them, cut anywhere.  The parser of streams reads them, with its
 * limits, so that nothing goes out that we would not take; what is refused is
 * refused with its line and column (characters, from 1), where it was noticed:
 * that is the end of the tag that does not fit.
 *
 *	while ((got = xmpp_snippets_take(s, &bytes, &stanza, e)) ==
 *		XMPP_SNIPPETS_STANZA)
 *		…
 */
#ifndef XMPP_SNIPPETS_H
#define XMPP_SNIPPETS_H

#include "xmpp/stanza.h"

struct xmpp_snippets;

struct xmpp_snippets *xmpp_snippets_new(void);
void xmpp_snippets_free(struct xmpp_snippets *s); /* NULL is fine */

enum xmpp_snippets_got {
	XMPP_SNIPPETS_MORE,   /* all bytes are used */
	XMPP_SNIPPETS_STANZA, /* *out is one, the caller's */
	XMPP_SNIPPETS_FAULT,  /* e, STATUS_MALFORMED; and so it stays */
};

/* Goes on to the end of the next one; *bytes is then what is behind it. */
enum xmpp_snippets_got xmpp_snippets_take(struct xmpp_snippets *s,
	struct span *bytes, struct xml_element **out, struct err *e);

/* There is no more.  False: in the middle of one. */
bool xmpp_snippets_end(const struct xmpp_snippets *s, struct err *e);

/* Where the one taken last begins. */
void xmpp_snippets_place(const struct xmpp_snippets *s,
	unsigned long long *line, unsigned long long *column);

#endif
