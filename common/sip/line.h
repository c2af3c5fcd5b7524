/* line - one header field, found in the bytes of a message
 *
 * RFC 3261 section 7.3.  What sip_scan goes through a message with, and
 * sip_scan_frame through a stream: the same lines for both, so that nobody
 * can hide a Content-Length from one of them.
 */
#ifndef SIP_LINE_H
#define SIP_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "sip/scan.h"

/* Takes the header field at p, p < end, folded lines with it; returns what
 * is behind it.  The empty line behind the header fields has an empty raw.
 * *faults gets a bit for each SIP_FAULT_ of its shape; controls in its value
 * are sip_line_controls's. */
const char *sip_line_next(struct sip_field *field, uint64_t *faults,
	const char *p, const char *end);

/* The start line, which cannot be folded: *text without its CRLF. */
const char *sip_line_first(
	struct span *text, uint64_t *faults, const char *p, const char *end);

/* Is there a control character but HTAB and CRLF anywhere?  If so, the
 * faults of each value. */
bool sip_line_has_controls(struct span head);
uint64_t sip_line_controls(struct span value);

/* Digits of a Content-Length; one that no integer holds is malformed. */
bool sip_line_length(uint64_t *length, struct span value);

#endif
