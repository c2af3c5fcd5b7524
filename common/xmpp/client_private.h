/* client_private - what client.c and deliver.c share
 */
#ifndef XMPP_CLIENT_PRIVATE_H
#define XMPP_CLIENT_PRIVATE_H

#include "base/list.h"
#include "xmpp/client.h"

struct xmpp_client {
	struct loop *loop;
	struct xmpp_client_handlers handlers;
	void *arg;
	struct xmpp_log log;
	struct xmpp_stream *stream;
	struct xmpp_iqs *iqs;
	struct link deliveries;
	struct timer *quiet; /* the server has said nothing for so long */
	bool probed;         /* and was asked for a sign of life */
	bool paused;         /* we do not listen ourselves */
	bool available;      /* our presence, as others know it */
	bool ended;
	struct err end;
	bool ending; /* those who wait are being told */
	bool doomed; /* freed meanwhile */
};

/* ---- deliver.c ---- */

/* True: s is the bounce of a delivery. */
bool xmpp_deliveries_take(struct xmpp_client *c, const struct xmpp_stanza *s);
void xmpp_deliveries_end(struct xmpp_client *c, const struct err *e);
void xmpp_deliveries_forget(struct xmpp_client *c); /* without a call */

#endif
