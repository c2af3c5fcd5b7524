/* redirects - where 3xx responses say a request should go instead
 *
 * RFC 3261 section 8.1.3.4: the Contacts of all of them, each tried once, by
 * their q.  What is not sip: or sips: is left out, and of a sips: request what
 * is not sips: (section 26.4.4).  Part of its owner's struct, zeroed.
 */
#ifndef SIP_REDIRECTS_H
#define SIP_REDIRECTS_H

#include <stdbool.h>
#include <stddef.h>

#include "sip/scan.h"

/* URIs one request may be led to; a longer way is nobody's. */
#define SIP_REDIRECTS_MAX 10

struct sip_redirects {
	struct {
		char *uri; /* without headers and method: not for the wire */
		unsigned q;
		bool tried;
	} list[SIP_REDIRECTS_MAX];
	size_t count;
};

/* Adds the Contacts of a 3xx to a request for request_uri, which itself is
 * not tried again. */
void sip_redirects_add(struct sip_redirects *r, struct span request_uri,
	const struct sip_scan *response);
/* The best of those not tried; it is from now on.  NULL: none is left. */
const char *sip_redirects_next(struct sip_redirects *r);
void sip_redirects_clear(struct sip_redirects *r);

#endif
