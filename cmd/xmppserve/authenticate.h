/* authenticate - who it is: SASL (RFC 6120 section 6) and SASL2 (XEP-0388)
 *
 * SCRAM, with channel binding where the connection can (XEP-0440), and PLAIN
 * where it is asked for; tokens (XEP-0484) by SASL2.
 */
#ifndef XMPPSERVE_AUTHENTICATE_H
#define XMPPSERVE_AUTHENTICATE_H

#include "session.h"
#include "xmpp/features.h"

/* For server.mechanisms: all SCRAM; or those of a list with commas between
 * them, false and STATUS_USAGE where one is not known. */
unsigned authenticate_usual(void);
bool authenticate_choose(unsigned *mechanisms, const char *list, struct err *e);

/* What is offered on this connection: sasl, sasl2 and fast; its strings are
 * static. */
void authenticate_offer(const struct session *c, struct xmpp_features *f);
void authenticate_element(struct session *c, const struct xml_element *s);
void authenticate_clear(struct session *c);

/* ---- between authenticate.c and mechanism.c ---- */

/* A message came.  False: e has the condition.  *done: the reply goes with
 * success, c->user is who it is; else it is a challenge. */
bool authenticate_step(struct session *c, struct span message,
	struct buf *reply, bool *done, struct err *e);
bool authenticate_offers_token(const struct session *c, const char *mechanism);
/* The id of the client that authenticates; NULL: it has not said. */
const char *authenticate_agent(const struct session *c);

#endif
