/* authenticate - who it is: SASL (RFC 6120 section 6)
 *
 * SCRAM, with channel binding where the connection can (XEP-0440), and PLAIN
 * where it is asked for.
 */
#ifndef XMPPSERVE_AUTHENTICATE_H
#define XMPPSERVE_AUTHENTICATE_H

#include "session.h"
#include "xmpp/sasl.h"

/* For server.mechanisms: all SCRAM; or those of a list with commas between
 * them, false and STATUS_USAGE where one is not known. */
unsigned authenticate_usual(void);
bool authenticate_choose(unsigned *mechanisms, const char *list, struct err *e);

/* What is offered on this connection: its strings are static. */
void authenticate_offer(const struct session *c, struct xmpp_sasl_offer *offer);
void authenticate_element(struct session *c, const struct xmpp_stanza *s);
void authenticate_clear(struct session *c);

#endif
