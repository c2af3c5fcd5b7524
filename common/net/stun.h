/* stun - Binding requests and responses, as SIP keeps its UDP flows open
 *
 * RFC 8489 sections 5, 6 and 14, RFC 5626 section 8: no attributes but
 * XOR-MAPPED-ADDRESS and what refuses a request that wants more.  Pure; what
 * comes in is hostile.
 */
#ifndef NET_STUN_H
#define NET_STUN_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"
#include "net/endpoint.h"

#define STUN_ID_SIZE 12

enum stun_kind { STUN_REQUEST, STUN_SUCCESS, STUN_ERROR };

struct stun {
	enum stun_kind kind; /* of method Binding */
	unsigned char id[STUN_ID_SIZE];
	struct endpoint mapped; /* of a success; len 0: none */
	uint16_t unknown;       /* the first attribute that must be understood
				   and is not; 0: none */
};

/* By its first bytes: no SIP message begins like that. */
bool stun_is_likely(struct span bytes);
/* False: it is no whole STUN message of ours. */
bool stun_parse(struct stun *out, struct span bytes);

bool stun_request(struct buf *out, const unsigned char id[STUN_ID_SIZE]);
/* The answer to a request from there: with its address, or, where it wants
 * what is not understood, a 420. */
bool stun_answer(struct buf *out, const struct stun *request,
	const struct endpoint *from);

#endif
