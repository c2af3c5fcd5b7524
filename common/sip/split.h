/* split - the messages of a file, one after the other
 *
 * For what people and programs have written down: captures as text, logs,
 * templates.  Messages are framed by Content-Length as in a stream (RFC 3261
 * section 18.3), but nothing is lost where that fails: a message without a
 * usable one, or cut short, reaches to the next start line or to the end of
 * the file, and text that is no message reaches to the next start line.
 *
 * What a peer sends is sip_scan_frame's: there such guesses would be unsafe.
 */
#ifndef SIP_SPLIT_H
#define SIP_SPLIT_H

#include <stdbool.h>

#include "base/span.h"
#include "sip/scan.h"

enum sip_split_got {
	SIP_SPLIT_MESSAGE, /* piece is one, for sip_scan: sound or not */
	SIP_SPLIT_OTHER,   /* piece is no message */
	SIP_SPLIT_MORE,    /* more bytes are needed; never where is_end */
	SIP_SPLIT_END,
};

/* All zero at the start. */
struct sip_split {
	/* A message reaches to the next start line whatever its Content-Length
	 * says: a template's is not known yet. */
	bool by_start_line;
	struct sip_framer framer; /* private */
};

/* Takes the next piece, and the empty lines in front of it, from *rest, which
 * begins where the last call left it.  is_end: behind rest is nothing.  No
 * piece is longer than SIP_MSG_MAX, and as much of rest is needed at most. */
enum sip_split_got sip_split_next(struct sip_split *s, struct span *rest,
	bool is_end, struct span *piece);

#endif
