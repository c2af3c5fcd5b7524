/* locate_step - what was asked on the way from a URI to its targets
 *
 * RFC 3263 section 4, RFC 6116: a step is a question to the DNS with one
 * record of its answer, or with none, and what was made of it.  For people who
 * want to see why a request goes where it goes (sipdig).
 */
#ifndef SIP_LOCATE_STEP_H
#define SIP_LOCATE_STEP_H

#include <stdbool.h>
#include <stdint.h>

#include "net/resolve.h"

struct sip_locate_step {
	const char *question; /* the name that was asked about */
	const char *type;     /* "NAPTR" "SRV" "A" "AAAA" "A,AAAA" */

	/* The record; at most one, all NULL where there was none. */
	const struct naptr_record *naptr;
	const struct srv_record *srv;
	const struct endpoint *address;
	uint32_t ttl; /* RESOLVE_NO_TTL: none */

	bool is_chosen;  /* it was gone on with */
	const char *why; /* it was or was not; or why there is no record */
};

/* Everything is borrowed until it returns; nothing may be ended from it. */
typedef void sip_locate_step(void *arg, const struct sip_locate_step *s);

#endif
