/* record_sip - what a record says of a SIP message
 *
 * The same keys in the same order by whatever tool a message was seen.  Nothing
 * is validated: of a message that is wrong each part is given as far as it can
 * be told, and `faults` says what is wrong.
 */
#ifndef CLI_RECORD_SIP_H
#define CLI_RECORD_SIP_H

#include "cli/record.h"
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

#endif
