/* base64 - RFC 4648 sections 4 and 5
 *
 * Decoding is strict: no white space, right padding, no stray bits, since
 * what SASL and pins compare must have one spelling.
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/buf.h"
#include "base/span.h"

bool base64_add(struct buf *out, struct span bytes);
bool base64_add_url(struct buf *out, struct span bytes); /* no padding */

/* Appends the bytes; false and nothing appended where s is not base64. */
bool base64_decode(struct buf *out, struct span s);

bool base64_add_hex(struct buf *out, struct span bytes); /* lower case */

#endif
