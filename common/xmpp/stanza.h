/* stanza - what XMPP adds to XML's elements (RFC 6120 sections 4.8, 8)
 *
 * Stanzas, stream features and every other first-level element of a stream are
 * trees of xml/element.h: the parser of xml/parser.h delivers them, and what is
 * sent is built by hand and formatted.
 */
#ifndef XMPP_STANZA_H
#define XMPP_STANZA_H

#include "xml/element.h"
#include "xml/parser.h"

/* What we take and send at the most, in bytes. */
#define XMPP_STANZA_MAX XML_ELEMENT_MAX
/* RFC 6120 section 13.12: everybody takes stanzas of so many bytes. */
#define XMPP_STANZA_LEAST 10000

/* An empty stanza, the caller's, that answers s: its name and id, from and to
 * exchanged, and the type ("result", "error" …; NULL: none). */
struct xml_element *xmpp_stanza_reply(
	const struct xml_element *s, const char *type);

/* Appends s as xml_element_format does.  ns is the default namespace of the
 * stream it goes into, where the prefix "stream" is declared too (RFC 6120
 * section 4.8); with NULL s becomes a document of its own (RFC 7395 section
 * 3.3.3). */
bool xmpp_stanza_format(struct buf *out, const struct xml_element *s,
	const char *ns, struct err *e);

#endif
