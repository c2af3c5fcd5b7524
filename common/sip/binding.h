/* binding - where somebody is registered: a Contact of a 2xx to REGISTER
 *
 * RFC 3261 sections 10.2.4 and 10.3, RFC 5626 (reg-id), RFC 5627 (GRUU).
 * Spans point into the message.
 */
#ifndef SIP_BINDING_H
#define SIP_BINDING_H

#include <stdbool.h>
#include <stdint.h>

#include "sip/header.h"
#include "sip/scan.h"

/* RFC 3261 section 10.3: where nobody says for how long. */
#define SIP_BINDING_EXPIRES 3600

struct sip_binding {
	struct span uri;
	uint32_t expires; /* seconds; of itself, else of Expires */
	bool has_q;
	unsigned q;           /* thousandths */
	struct span instance; /* "urn:uuid:…"; empty: none */
	uint32_t reg_id;      /* 0: none */
	struct span pub_gruu, temp_gruu;
};

/* Takes the next one; what is malformed is passed over.  *at is
 * SIP_VALUES_INIT at the start. */
bool sip_binding_next(
	struct sip_binding *b, const struct sip_scan *m, struct sip_values *at);

/* Is it that of this URI (section 19.1.4), or where an instance is given of
 * this instance and reg-id (RFC 5626 section 6)? */
bool sip_binding_is_of(const struct sip_binding *b, struct span uri,
	struct span instance, uint32_t reg_id);

#endif
