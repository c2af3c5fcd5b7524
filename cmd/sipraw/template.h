/* template - text with ${variables}
 *
 * A name is letters, digits, '_' and '-'.  "$" in front of anything but "{"
 * is itself, and "$${" is "${".  What is put in is not looked at again.
 */
#ifndef SIPRAW_TEMPLATE_H
#define SIPRAW_TEMPLATE_H

#include "base/buf.h"
#include "base/err.h"

/* Appends the value; false: there is no such variable. */
typedef bool template_lookup(void *arg, struct span name, struct buf *out);

/* False: STATUS_MALFORMED, a variable that is not there or has no end, or out
 * is full. */
bool template_expand(struct buf *out, struct span text, template_lookup *lookup,
	void *arg, struct err *e);

#endif
