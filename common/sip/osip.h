/* osip - the door to libosip2, which knows SIP's grammar
 *
 * libosip2 copies what it parses into strings of its own, stops without an
 * error at what it does not understand, decodes escapes so that %00 cuts a
 * user part and %0d%0a becomes a line end in it, wraps numbers at 2^32, needs
 * quadratic time, and logs to stdout.  So it is given one bounded value at a
 * time, its escapes protected, and asked only where the parts are: what it
 * found, put together again, must be the text it was given.
 *
 * Both functions set the spans of their result inside of text; false where
 * libosip2 refuses the text or took it for something else than it is.
 */
#ifndef SIP_OSIP_H
#define SIP_OSIP_H

#include <stdbool.h>

#include "base/span.h"

struct sip_uri;
struct sip_media_type;

#define SIP_OSIP_TEXT_MAX 8192 /* bytes of a value given to libosip2 */

/* A sip or sips URI: user, password, host, is_ipv6, port and params.
 * The caller has taken off headers and seen that no byte is outside of 0x21
 * to 0x7e, that every '%' begins an escape, and that there are few ';'. */
bool sip_osip_uri(struct sip_uri *u, struct span text);

/* type "/" subtype and params, which the caller has seen to be valid. */
bool sip_osip_media_type(struct sip_media_type *t, struct span text);

#endif
