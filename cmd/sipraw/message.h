/* message - from a template to the bytes that are sent
 *
 * RFC 3261 sections 7, 8.1.1.7 and 18.3.  Unless it shall go as it is, a line
 * of the header fields ends in CRLF, a request without a Via gets ours, an empty
 * Route is left out, empty lines alone are no body, and Content-Length is that
 * of the body.
 */
#ifndef SIPRAW_MESSAGE_H
#define SIPRAW_MESSAGE_H

#include "base/buf.h"
#include "base/err.h"
#include "net/endpoint.h"

/* Appends the message; via is the value of ours.  False: it has no empty line
 * behind its header fields, or is too long (STATUS_MALFORMED). */
bool message_complete(
	struct buf *out, struct span text, struct span via, struct err *e);

/* The method of a request, "" of a response or of neither. */
struct span message_method(struct span text);

#endif
