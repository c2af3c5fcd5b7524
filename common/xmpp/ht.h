/* ht - the SASL mechanisms that prove a token in one message
 *
 * draft-schmaus-kitten-sasl-ht, as XEP-0484 (FAST) uses it: HT-SHA-256-EXPR
 * and its kin.  Messages are bytes, not yet in base64.  A token is what the
 * server gave, byte for byte; it is a secret.
 */
#ifndef XMPP_HT_H
#define XMPP_HT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/span.h"
#include "xmpp/sasl.h"

struct xmpp_ht {
	enum hash hash;
	const char *binding; /* "tls-exporter" …; NULL: none (-NONE) */
};

/* False: none that we have. */
bool xmpp_ht_of(struct xmpp_ht *ht, struct span mechanism);

/* The best of those offered that this connection can be bound by; one without
 * binding only where `unbound`.  Empty: none.  It is one of offered. */
struct span xmpp_ht_choose(const struct span *offered, size_t count,
	const struct xmpp_sasl_binding *bindings, size_t binding_count,
	bool unbound);

/* authcid NUL HMAC(token, "Initiator" || cb-data); data: of the binding. */
void xmpp_ht_initiate(struct buf *out, const struct xmpp_ht *ht,
	struct span name, struct span token, struct span data);
/* HMAC(token, "Responder" || cb-data) */
void xmpp_ht_respond(struct buf *out, const struct xmpp_ht *ht,
	struct span token, struct span data);

/* Is the message that of somebody who knows the token?  In a time that does
 * not depend on where it differs. */
bool xmpp_ht_is_responder(const struct xmpp_ht *ht, struct span message,
	struct span token, struct span data);
bool xmpp_ht_is_initiator(const struct xmpp_ht *ht, struct span proof,
	struct span token, struct span data);
/* The server's side: views into message. */
bool xmpp_ht_parse(struct span message, struct span *name, struct span *proof);

#endif
