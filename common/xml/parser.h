/* parser - bytes of a peer to elements, within limits
 *
 * XML as protocols use it (RFC 6120 section 11, RFC 7395 section 3.3.3): no
 * document type, no entities but the five, no comments.  Bytes may come cut
 * anywhere.  What is delivered whole is called a stanza here: a child of the
 * root of a stream, or the root of a document.  It is delivered when its last
 * tag is closed and never before; what is refused has the condition of RFC
 * 6120 section 4.9.3 in e->condition:
 *
 *	restricted-xml		comment, processing instruction, DTD, entity
 *	unsupported-encoding	not UTF-8, by declaration or by its bytes
 *	not-well-formed		XML or namespaces broken, unbound prefix
 *	policy-violation	over a limit below
 *	bad-format		text between stanzas
 *	invalid-namespace	the root is not what the handler asks for
 *
 * Every limit is counted, and everything restricted is refused, before libxml2
 * sees the bytes (xml/scan.h, xml/encoding.h, xml/sax.h).
 */
#ifndef XML_PARSER_H
#define XML_PARSER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/span.h"
#include "xml/element.h"

/* Of a stanza: Prosody takes 256 KiB of a client and 512 KiB of a server,
 * ejabberd 256. */
#define XML_ELEMENT_MAX (256 * 1024)
/* What is nested deepest today is a forwarded form in an archive: 12. */
#define XML_DEPTH_MAX 64
/* Attributes and namespace declarations of one tag; libxml2 compares each
 * with each. */
#define XML_ATTRS_MAX 64
/* libxml2 buffers a whole tag before it calls back. */
#define XML_TAG_MAX (16 * 1024)

enum xml_parser_mode {
	XML_PARSER_STREAM, /* RFC 6120: one document, stanzas below its root */
	XML_PARSER_DOCUMENT, /* RFC 7395: each stanza is a document */
};

/* Called from xml_parser_feed (and _end).  A handler may reset or free the
 * parser; what was fed behind the stanza is then dropped. */
struct xml_parser_handler {
	/* The stream header: root without children, freed by the parser after
	 * the call.  content_ns is its default namespace, "" where it has none.
	 * Only in stream mode. */
	void (*open)(void *arg, const struct xml_element *header,
		const char *content_ns);
	/* stanza is the callee's, to xml_element_free. */
	void (*stanza)(void *arg, struct xml_element *stanza);
	/* The root was closed; what follows is ignored.  Only in stream mode. */
	void (*close)(void *arg);
	/* Stream mode: any other root is refused.  NULL: none is. */
	const char *root_name, *root_ns;
};

struct xml_parser;

/* handler is borrowed; those of its members that cannot be called may be
 * NULL. */
struct xml_parser *xml_parser_new(enum xml_parser_mode mode,
	const struct xml_parser_handler *handler, void *arg);
void xml_parser_free(struct xml_parser *p);

/* Forgets everything fed so far, for a stream that starts anew on the same
 * connection (STARTTLS, SASL success): the next byte is the first of a stream
 * header. */
void xml_parser_reset(struct xml_parser *p);

/* After false the parser refuses everything until it is reset. */
bool xml_parser_feed(struct xml_parser *p, struct span bytes, struct err *e);

/* Document mode: the frame is over; delivers its stanza, or says what is
 * missing. */
bool xml_parser_end(struct xml_parser *p, struct err *e);

/* From within a handler: how many bytes of this feed stand behind what is being
 * delivered.  For who must not lose them, or must not have them. */
size_t xml_parser_rest(const struct xml_parser *p);

/* From within `stanza`: what is behind it is not looked at now.  The rest, as
 * xml_parser_rest counts it, is to be fed again when there is room. */
void xml_parser_hold(struct xml_parser *p);

/* Bytes of a stanza are there, but not its end: it was cut off if the
 * connection ends now. */
bool xml_parser_is_within_stanza(const struct xml_parser *p);

#endif
