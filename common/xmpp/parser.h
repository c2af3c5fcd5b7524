/* parser - bytes of a peer to stanzas
 *
 * RFC 6120 section 11 and RFC 7395 section 3.3.3.  Bytes may come cut
 * anywhere.  A stanza is delivered when its last tag is closed and never
 * before; what is refused ends the stream with the condition of RFC 6120
 * section 4.9.3 to send, in e->condition:
 *
 *	restricted-xml		comment, processing instruction, DTD, entity
 *	unsupported-encoding	not UTF-8, by declaration or by its bytes
 *	not-well-formed		XML or namespaces broken, unbound prefix
 *	policy-violation	over a limit below
 *	bad-format		text between stanzas
 *	invalid-namespace	the root is no stream
 *
 * Every limit is counted, and everything restricted is refused, before libxml2
 * sees the bytes (xmpp/scan.h, xmpp/encoding.h, xmpp/xml.h).
 */
#ifndef XMPP_PARSER_H
#define XMPP_PARSER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/span.h"
#include "xmpp/stanza.h"

/* Prosody takes 256 KiB of a client and 512 KiB of a server, ejabberd 256. */
#define XMPP_STANZA_MAX (256 * 1024)
/* RFC 6120 section 13.12: everybody takes stanzas of so many bytes. */
#define XMPP_STANZA_LEAST 10000
/* What is nested deepest today is a forwarded form in an archive: 12. */
#define XMPP_DEPTH_MAX 64
/* Attributes and namespace declarations of one tag; libxml2 compares each
 * with each. */
#define XMPP_ATTRS_MAX 64
/* libxml2 buffers a whole tag before it calls back. */
#define XMPP_TAG_MAX (16 * 1024)

enum xmpp_parser_mode {
	XMPP_PARSER_STREAM, /* RFC 6120: one document, stanzas below its root */
	XMPP_PARSER_DOCUMENT, /* RFC 7395: each stanza is a document */
};

/* Called from xmpp_parser_feed (and _end).  A handler may reset or free the
 * parser; what was fed behind the stanza is then dropped. */
struct xmpp_parser_handler {
	/* The stream header: root without children, freed by the parser after
	 * the call.  content_ns is its default namespace, "" where it has none.
	 * Only in stream mode. */
	void (*open)(void *arg, const struct xmpp_stanza *header,
		const char *content_ns);
	/* stanza is the callee's, to xmpp_stanza_free. */
	void (*stanza)(void *arg, struct xmpp_stanza *stanza);
	/* The root was closed; what follows is ignored.  Only in stream mode. */
	void (*close)(void *arg);
};

struct xmpp_parser;

/* handler is borrowed; those of its members that cannot be called may be
 * NULL. */
struct xmpp_parser *xmpp_parser_new(enum xmpp_parser_mode mode,
	const struct xmpp_parser_handler *handler, void *arg);
void xmpp_parser_free(struct xmpp_parser *p);

/* Forgets everything fed so far, for a stream that starts anew on the same
 * connection (STARTTLS, SASL success): the next byte is the first of a stream
 * header. */
void xmpp_parser_reset(struct xmpp_parser *p);

/* After false the parser refuses everything until it is reset. */
bool xmpp_parser_feed(struct xmpp_parser *p, struct span bytes, struct err *e);

/* Document mode: the frame is over; delivers its stanza, or says what is
 * missing. */
bool xmpp_parser_end(struct xmpp_parser *p, struct err *e);

/* From within a handler: how many bytes of this feed stand behind what is being
 * delivered.  For who must not lose them, or must not have them. */
size_t xmpp_parser_rest(const struct xmpp_parser *p);

/* From within `stanza`: what is behind it is not looked at now.  The rest, as
 * xmpp_parser_rest counts it, is to be fed again when there is room. */
void xmpp_parser_hold(struct xmpp_parser *p);

/* Bytes of a stanza are there, but not its end: it was cut off if the
 * connection ends now. */
bool xmpp_parser_is_within_stanza(const struct xmpp_parser *p);

#endif
