/* dns - the records in a nameserver's reply (RFC 1035 section 4); private
 * to net/
 *
 * c-ares has matched the reply to its question and looked at the return code.
 * Its own readers lose the TTL and take records of any owner; this one follows
 * the CNAMEs from the name that was asked for and takes nothing else.
 */
#ifndef NET_DNS_H
#define NET_DNS_H

#include "net/answer.h"

#define DNS_NAME_SIZE 256 /* as text, with the NUL (section 2.3.4) */

/* Appends the records of this type.  A reply that breaks off or contradicts
 * itself is OUTCOME_FAILED and nothing is kept; a single record whose names
 * are not printable ASCII is left out. */
void dns_read_answer(
	struct answer *out, enum record_type type, struct span reply);

/* The name at *at, which goes behind it; "." is the root.  False where it is
 * not one. */
bool dns_read_name(struct span message, size_t *at, char out[DNS_NAME_SIZE]);

#endif
