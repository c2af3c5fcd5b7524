/* features - what a server offers on a stream (RFC 6120 section 4.3.2)
 *
 * Both sides: a server fills the struct in and sends it, a client reads it.
 * An offer this room does not know is passed over.  Strings point into the
 * element they were read from, or are the caller's.
 */
#ifndef XMPP_FEATURES_H
#define XMPP_FEATURES_H

#include <stdbool.h>
#include <stddef.h>

#include "net/tls.h"
#include "xmpp/stanza.h"

/* Ten are registered that anybody offers; the rest of a longer list is passed
 * over. */
#define XMPP_MECHANISMS_MAX 32

struct xmpp_features {
	bool starttls, starttls_required;            /* section 5.4.1 */
	const char *mechanisms[XMPP_MECHANISMS_MAX]; /* section 6.4.1 */
	size_t mechanism_count;
	/* XEP-0440: bits 1 << enum tls_binding; listed where the server says
	 * anything of bindings at all. */
	unsigned bindings;
	bool bindings_listed;
	bool bind;             /* section 7.4 */
	bool session_required; /* RFC 3921 section 3, of old servers */
	bool sm;               /* XEP-0198 */
};

/* False where s is not <features/> of streams. */
bool xmpp_features_parse(struct xmpp_features *f, const struct xmpp_stanza *s);
struct xmpp_stanza *xmpp_features_make(const struct xmpp_features *f);

bool xmpp_features_has_mechanism(
	const struct xmpp_features *f, const char *name);

/* RFC 9266, RFC 5929: "tls-exporter" …, as SASL and XEP-0440 write it. */
const char *xmpp_binding_name(enum tls_binding type);

#endif
