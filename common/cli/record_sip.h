/* record_sip - what a record says of a SIP message
 *
 * The same keys in the same order by whatever tool a message was seen.  Nothing
 * is validated: of a message that is wrong each part is given as far as it can
 * be told, and `faults` says what is wrong.
 */
#ifndef CLI_RECORD_SIP_H
#define CLI_RECORD_SIP_H

#include "cli/record.h"
#include "cli/record_in.h"
#include "sip/scan.h"

/* The keys of a message itself, borrowed from it; in text only those that have
 * a column. */
void record_sip_message(struct record *r, const struct sip_scan *m);

/* KEY_HEADERS, written into json first, which is reset. */
void record_sip_headers(
	struct record *r, const struct sip_scan *m, struct buf *json);

/* KEY_FAULTS, written into text first, which is reset; nothing where there are
 * no faults. */
void record_sip_faults(
	struct record *r, const struct sip_faults *f, struct buf *text);

/* The other way: appends the message that a record tells.  Where it has raw,
 * those are the bytes; else it is made of method and request_uri or
 * status_code and reason, headers in their order, and body, and Content-Length
 * is that of the body.  as_is: everything as it stands there, also what cannot
 * be in a message, and no Content-Length but that of headers.  False: it is no
 * message (STATUS_MALFORMED). */
bool record_sip_build(
	struct buf *out, const struct record_in *in, bool as_is, struct err *e);

#endif
