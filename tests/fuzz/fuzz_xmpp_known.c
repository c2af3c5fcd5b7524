/* What is remembered of a server: what was read can be written, says the same
 * again, and does not touch what is of another transport. */
#include <stdlib.h>

#include "xmpp/known.h"

static void check(bool good)
{
	if (!good)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_from((const char *)data, size);
	struct buf out = BUF_INIT(1 << 20);
	struct xmpp_known here, there, again;
	struct xmpp_features offer;
	xmpp_known_parse(&here, in, "starttls");
	xmpp_known_parse(&there, in, "direct-tls");
	check(xmpp_known_replace(&out, in, "starttls", &here));
	xmpp_known_parse(&again, buf_view(&out), "starttls");
	check(xmpp_known_equal(&here, &again));
	xmpp_known_parse(&again, buf_view(&out), "direct-tls");
	check(xmpp_known_equal(&there, &again));
	xmpp_known_offer(&here, &offer);
	check(offer.sasl.mechanism_count <= XMPP_SASL_OFFER_MAX);
	check(xmpp_known_set_offer(&again, &offer));
	buf_clear(&out);
	return 0;
}
