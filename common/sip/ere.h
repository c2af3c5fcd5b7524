/* ere - the POSIX extended regular expressions of ENUM, with bounds
 *
 * RFC 3402 section 3.2, POSIX.1-2017 XBD section 9.4.  Expressions come out
 * of the DNS, from anybody, and regcomp(3) and regexec(3) can be made to take
 * all memory and time; here a program of bounded size is walked once over a
 * text of bounded size.  What an expression may not be, or what POSIX leaves
 * undefined (a repetition of nothing, a backslash before a letter or digit),
 * is refused.  Bytes are compared, in the C locale.
 *
 * The leftmost match is found, and of those the longest.
 */
#ifndef SIP_ERE_H
#define SIP_ERE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/span.h"

#define ERE_GROUPS 10    /* the whole match, and \1 to \9 */
#define ERE_TEXT_MAX 256 /* a number is 16 */

struct ere;

/* The caller's to free; NULL and e, STATUS_MALFORMED. */
struct ere *ere_new(struct span expression, struct err *e);
void ere_free(struct ere *x); /* NULL is fine */

/* groups are views of text; empty where one took no part. */
bool ere_match(
	const struct ere *x, struct span text, struct span groups[ERE_GROUPS]);

#endif
