/* client_private - what the files of client and deliver share
 */
#ifndef XMPP_CLIENT_PRIVATE_H
#define XMPP_CLIENT_PRIVATE_H

#include "base/list.h"
#include "base/map.h"
#include "xmpp/client.h"

struct xmpp_client {
	struct loop *loop;
	struct xmpp_client_handlers handlers;
	void *arg;
	struct xmpp_log log;
	struct xmpp_stream *stream;
	struct xmpp_iqs *iqs;
	struct timer *quiet; /* the server has said nothing for so long */
	usec_t asked;    /* it was asked for a sign of life; 0: it was not */
	usec_t patience; /* how long that may take */
	usec_t deadline; /* of the settings */
	bool reconnects;
	bool paused;                  /* we do not listen ourselves */
	bool resend;                  /* messages of a session that is gone */
	struct xml_element *presence; /* ours, as others know it; NULL: none */
	const char *features[XMPP_CLIENT_FEATURES]; /* we say we have */
	size_t feature_count;
	bool was_online;
	bool ended;
	struct err end;
	unsigned telling; /* those who wait are being told */
	bool doomed;      /* freed meanwhile */

	/* deliver.c */
	struct link deliveries;    /* all that are open, in their order */
	struct map correspondents; /* by bare JID */
	struct timer *settle;      /* some may be decided by now */
};

/* Between the two xmpp_client_free only says that it shall be. */
void xmpp_client_hold(struct xmpp_client *c);
void xmpp_client_release(struct xmpp_client *c);

/* ---- client_stream.c ---- */

extern const struct xmpp_stream_handlers xmpp_client_stream_handlers;
void xmpp_client_answer_all(struct xmpp_client *c);
/* The server has said nothing for a while; arg is the client. */
void xmpp_client_quiet(void *arg);

/* ---- client_disco.c ---- */

void xmpp_client_answer_disco(struct xmpp_client *c);

/* ---- deliver.c ---- */

/* True: s is the bounce, or the receipt, of a delivery. */
bool xmpp_deliveries_take(struct xmpp_client *c, const struct xml_element *s);
/* Some may have been written, or acknowledged. */
void xmpp_deliveries_look(struct xmpp_client *c);
/* The session is gone: whose fate will never be known? */
void xmpp_deliveries_doubt(struct xmpp_client *c);
/* A new one is there: they are told, and the others asked about again. */
void xmpp_deliveries_renew(struct xmpp_client *c);
void xmpp_deliveries_end(struct xmpp_client *c, const struct err *e);
void xmpp_deliveries_forget(struct xmpp_client *c); /* without a call */

#endif
