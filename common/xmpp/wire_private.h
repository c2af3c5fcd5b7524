/* wire_private - what wire.c (the connection), wire_out.c, wire_in.c, wire_ws.c
 * (the framing of RFC 7395) and wire_bosh.c (that of XEP-0206) share
 */
#ifndef XMPP_WIRE_PRIVATE_H
#define XMPP_WIRE_PRIVATE_H

#include "base/units.h"
#include "xml/parser.h"
#include "xmpp/bosh.h"
#include "xmpp/wire.h"

struct xmpp_wire {
	struct loop *loop;
	const char *content_ns;
	struct xmpp_wire_handlers handlers;
	void *arg;
	struct conn *conn;      /* NULL: another one, or none any more */
	struct ws *ws;          /* NULL: none (any more) */
	struct xmpp_bosh *bosh; /* likewise */
	bool is_framed; /* each element stands by itself: not RFC 6120 */
	struct xml_parser *parser; /* BOSH has its own */
	/* Formatted, not yet given to conn; framed, each with a NUL behind it,
	 * which XML cannot have. */
	struct buf out;
	struct units units; /* of out where it is not framed */
	size_t whole;       /* bytes behind the last of them, as far as whole */
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
	bool header_came, footer_came; /* of its; framed, of the first */
	bool finished;                 /* the connection is being closed */
	bool abandoned;
	bool feeding; /* the parser is at it */
	bool doomed;  /* freed meanwhile */
};

extern const struct xml_parser_handler xmpp_wire_parser_handler;

size_t xmpp_wire_data(void *arg, struct span bytes);

/* What both framings have, of the far side: a header, an element (taken), the
 * end. */
void xmpp_wire_take_header(struct xmpp_wire *w,
	const struct xml_element *header, const char *content_ns);
void xmpp_wire_take_element(struct xmpp_wire *w, struct xml_element *s);
void xmpp_wire_take_close(struct xmpp_wire *w);
void xmpp_wire_refuse_input(
	struct xmpp_wire *w, const char *condition, const char *sentence);

/* wire_out.c */
void xmpp_wire_on_flush(void *wire); /* the turn ends */
/* text is whole, and goes with the end of this turn. */
void xmpp_wire_put(struct xmpp_wire *w, struct span text);

/* What both connections tell. */
void xmpp_wire_opened(struct xmpp_wire *w);
void xmpp_wire_flush_and_tell(struct xmpp_wire *w);
void xmpp_wire_ended(struct xmpp_wire *w, const struct err *e);

/* wire_ws.c */
extern const struct ws_handlers xmpp_wire_ws_handlers;
extern const struct xml_parser_handler xmpp_wire_ws_parser_handler;
struct ws_settings xmpp_wire_ws_settings(
	const struct xmpp_wire_settings *s, const struct conn_settings *conn);
void xmpp_wire_ws_flush(struct xmpp_wire *w);

/* wire_bosh.c */
extern const struct xmpp_bosh_handlers xmpp_wire_bosh_handlers;
struct http_link_settings xmpp_wire_bosh_settings(
	const struct xmpp_wire_settings *s, const struct conn_settings *conn);
void xmpp_wire_bosh_open(struct xmpp_wire *w, const struct xmpp_header *h);
void xmpp_wire_bosh_flush(struct xmpp_wire *w);
void xmpp_wire_bosh_finish(struct xmpp_wire *w);

static inline bool xmpp_wire_is_alive(const struct xmpp_wire *w)
{
	return w->conn || w->ws || w->bosh;
}

static inline const struct conn *xmpp_wire_conn(const struct xmpp_wire *w)
{
	if (w->bosh)
		return xmpp_bosh_conn(w->bosh);
	return w->ws ? ws_conn(w->ws) : w->conn;
}

/* text is s as it stands on the wire; empty where it has to be made. */
void xmpp_wire_trace(struct xmpp_wire *w, bool sent,
	const struct xml_element *s, struct span text);

#endif
