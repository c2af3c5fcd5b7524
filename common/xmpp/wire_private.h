/* wire_private - what wire.c (out, the connection) and wire_in.c (in) share
 */
#ifndef XMPP_WIRE_PRIVATE_H
#define XMPP_WIRE_PRIVATE_H

#include "xmpp/parser.h"
#include "xmpp/wire.h"

struct xmpp_wire {
	struct loop *loop;
	const char *content_ns;
	struct xmpp_wire_handlers handlers;
	void *arg;
	struct conn *conn; /* NULL: there is none any more */
	struct xmpp_parser *parser;
	struct buf out;         /* formatted, not yet given to conn */
	struct timer *flush;    /* at the end of this turn */
	struct timer *deadline; /* for the far side's end */
	struct err fault; /* why it ends, where we or a stream error said */
	char *other_host; /* of see-other-host; NULL */
	usec_t heard, spoke;
	size_t left; /* bytes behind <starttls/>, or not looked at by a pause */
	bool accepted, starting_tls;
	bool ignores; /* what comes */
	bool connected;
	bool declared;                 /* <?xml …?> is out */
	bool header_sent, footer_sent; /* of our stream of now */
	bool footer_came;
	bool finished; /* the connection is being closed */
	bool abandoned;
	bool feeding; /* the parser is at it */
	bool doomed;  /* freed meanwhile */
};

extern const struct xmpp_parser_handler xmpp_wire_parser_handler;

size_t xmpp_wire_data(void *arg, struct span bytes);

/* text is s as it stands on the wire; empty where it has to be made. */
void xmpp_wire_trace(struct xmpp_wire *w, bool sent,
	const struct xmpp_stanza *s, struct span text);

#endif
