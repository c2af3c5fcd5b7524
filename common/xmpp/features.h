/* features - what a server offers on a stream (RFC 6120 section 4.3.2)
 *
 * Both sides: a server fills the struct in and sends it, a client reads it.
 * An offer this room does not know is passed over.  Strings point into the
 * element they were read from, or are the caller's.
 */
#ifndef XMPP_FEATURES_H
#define XMPP_FEATURES_H

#include <stdbool.h>

#include "xmpp/sasl.h"
#include "xmpp/stanza.h"

struct xmpp_features {
	bool starttls, starttls_required; /* section 5.4.1 */
	struct xmpp_sasl_offer sasl;      /* section 6.4.1, XEP-0440 */
	/* XEP-0388, with what may be done in the same breath */
	struct xmpp_sasl_offer sasl2;
	struct span fast[XMPP_SASL_OFFER_MAX]; /* XEP-0484: for tokens */
	size_t fast_count;
	bool resume; /* XEP-0198 section 9 of today: to resume a session */
	bool bind2;  /* XEP-0386, and of its features these: */
	bool bind2_sm, bind2_carbons, bind2_csi;
	bool bind;             /* section 7.4 */
	bool session_required; /* RFC 3921 section 3, of old servers */
	bool sm;               /* XEP-0198 */
	uint32_t max_bytes;    /* XEP-0478: of one element; 0: not said */
	bool csi;              /* XEP-0352 */
};

/* False: s is not <features/> of streams, or offers too much. */
bool xmpp_features_parse(
	struct xmpp_features *f, const struct xml_element *s, struct err *e);
struct xml_element *xmpp_features_make(const struct xmpp_features *f);

#endif
