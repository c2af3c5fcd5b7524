/* bosh_private - what bosh.c (the session, its requests), bosh_in.c (answers)
 * and bosh_line.c (the two connections, and which request goes over which)
 * share
 */
#ifndef XMPP_BOSH_PRIVATE_H
#define XMPP_BOSH_PRIVATE_H

#include "xmpp/bosh.h"
#include "xmpp/bosh_body.h"
#include "xml/parser.h"

struct xmpp_bosh_line {
	struct xmpp_bosh *bosh;
	struct http_link *link; /* NULL: not connected */
	bool was_open;
	struct xmpp_bosh_posted *carries; /* NULL: nothing */
};

/* A request without its whole answer. */
struct xmpp_bosh_posted {
	struct buf body;             /* as it was sent, to be repeated */
	struct xmpp_bosh_line *line; /* NULL: it has to be sent again */
	unsigned tries;
	bool opens, is_empty;
	size_t taken; /* elements of its answer that were handed up */
	usec_t at;    /* when it was sent first */
};

enum xmpp_bosh_phase {
	XMPP_BOSH_NEW, /* without a session */
	XMPP_BOSH_ON,
	XMPP_BOSH_LEAVING, /* the last request went */
	XMPP_BOSH_OVER,
};

struct xmpp_bosh {
	struct loop *loop;
	struct xmpp_bosh_handlers handlers;
	void *arg;
	/* Of the connections; strings owned. */
	struct http_link_settings where;
	struct tunnel_settings tunnel;
	struct endpoint *addresses;
	struct xmpp_bosh_line lines[XMPP_BOSH_REQUESTS];

	enum xmpp_bosh_phase phase;
	bool connected;
	char *sid;
	uint64_t rid;                     /* of the next request */
	unsigned requests, polling, wait; /* as the server wants it */
	/* A stream that is to be opened as soon as a request may go. */
	bool opening;
	char *to, *from, *lang;

	struct xmpp_bosh_posted posted[XMPP_BOSH_REQUESTS]; /* oldest first */
	size_t count;
	struct timer *poll; /* for an empty request */
	struct timer *leave;
	struct timer *deadline; /* of the answer to the oldest */

	/* The answer at hand, that to the oldest. */
	struct xml_parser *parser;
	struct xmpp_bosh_answer answer;
	char condition[64]; /* of it */
	bool is_whole;      /* its root is closed */
	size_t seen;        /* elements of it */
	bool feeding, paused;
	size_t left; /* bytes not looked at by a pause */
	usec_t heard;

	unsigned held;
	bool freed;
};

/* Between the two xmpp_bosh_free only says that it shall be. */
void xmpp_bosh_hold(struct xmpp_bosh *b);
void xmpp_bosh_release(struct xmpp_bosh *b);

/* ---- bosh.c ---- */

/* The last of it; why is ERR_NONE where it was in order. */
void xmpp_bosh_end(struct xmpp_bosh *b, const struct err *why);
/* The same by a sentence; false. */
bool xmpp_bosh_refuse(struct xmpp_bosh *b, enum status status, const char *why);
/* The stream that is to be opened, where a request may go now. */
void xmpp_bosh_open_stream(struct xmpp_bosh *b);

/* ---- bosh_in.c ---- */

extern const struct xml_parser_handler xmpp_bosh_parser_handler;

/* The answer to the oldest is about to come, whole. */
void xmpp_bosh_begin_answer(struct xmpp_bosh *b);
/* Bytes of it came; returns how many were used. */
size_t xmpp_bosh_take(struct xmpp_bosh *b, struct span bytes);
/* It is whole. */
void xmpp_bosh_take_end(struct xmpp_bosh *b);

/* ---- bosh_line.c ---- */

void xmpp_bosh_copy_settings(
	struct xmpp_bosh *b, const struct http_link_settings *s);
void xmpp_bosh_free_settings(struct xmpp_bosh *b);
/* The first one. */
void xmpp_bosh_connect(struct xmpp_bosh *b);
void xmpp_bosh_drop_lines(struct xmpp_bosh *b);
/* Sends it, for the first time or again. */
void xmpp_bosh_post(struct xmpp_bosh *b, struct xmpp_bosh_posted *p);
/* The oldest is another one now. */
void xmpp_bosh_listen(struct xmpp_bosh *b);

#endif
