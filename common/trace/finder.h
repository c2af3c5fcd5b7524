/* finder - the SIP messages in what was captured
 *
 * By content, on any port: a first line that is a SIP request's or response's.
 * What is no SIP costs a look at its first bytes.  Of a datagram the first
 * message is taken (RFC 3261 section 18.3), of a TCP segment all that lie whole
 * within it; those that go on in the next segment are counted, not found.
 *
 *	trace_finder_begin(&f, &segment);
 *	while (trace_finder_next(&f))
 *		… f.message, with f.message.faults …
 *
 * The message points into the segment's payload.
 */
#ifndef TRACE_FINDER_H
#define TRACE_FINDER_H

#include "capture/decode.h"
#include "sip/scan.h"

struct trace_finder {
	struct sip_scan message; /* the one found last */
	const struct capture_segment *segment;
	struct span rest; /* private: of the payload */

	uint64_t found;
	uint64_t with_faults;
	uint64_t unfinished; /* of TCP, longer than their segment */
};

void trace_finder_init(struct trace_finder *f);
void trace_finder_begin(
	struct trace_finder *f, const struct capture_segment *segment);
bool trace_finder_next(struct trace_finder *f);

#endif
