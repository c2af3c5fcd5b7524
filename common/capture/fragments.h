/* fragments - IP datagrams out of their fragments, in any order
 *
 * Of IPv4 (RFC 791, RFC 815) and IPv6 (RFC 8200 section 4.5).  Memory is
 * bounded in all and the oldest datagram leaves first; one whose fragments do
 * not come within FRAGMENTS_TIMEOUT, by the times of the packets, is given up.
 * The same fragment twice is taken once.  Fragments that overlap in another
 * way are how filters are fooled: the whole datagram is dropped (RFC 5722).
 */
#ifndef CAPTURE_FRAGMENTS_H
#define CAPTURE_FRAGMENTS_H

#include "base/clock.h"
#include "capture/ip.h"

#define CAPTURE_FRAGMENTS_TIMEOUT (30 * USEC_SEC)
/* All datagrams together: 256 of the largest kind, thousands of usual ones. */
#define CAPTURE_FRAGMENTS_MEMORY (16u * 1024 * 1024)

struct capture_fragments;

struct capture_fragment_counts {
	uint64_t complete;   /* datagrams */
	uint64_t incomplete; /* datagrams given up: too late, or too many */
	uint64_t overlapped; /* datagrams */
	uint64_t malformed;  /* fragments: impossible, or cut in capturing */
};

struct capture_fragments *capture_fragments_new(void);
void capture_fragments_free(struct capture_fragments *f); /* NULL is fine */

/* True: fragment completed a datagram, and *whole is it, without extension
 * headers; its payload is valid until the next call. */
bool capture_fragments_add(struct capture_fragments *f,
	const struct capture_ip *fragment, usec_t time,
	struct capture_ip *whole);

/* incomplete counts those that are still open as well. */
struct capture_fragment_counts capture_fragments_counts(
	const struct capture_fragments *f);

#endif
