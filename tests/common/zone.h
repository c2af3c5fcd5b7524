/* zone - a scripted nameserver's records, and its replies as bytes
 *
 * A line is `NAME TYPE DATA`, # begins a comment; "*" is every name that has
 * no line of its own.
 *
 *	a.example A 192.0.2.1
 *	a.example AAAA 2001:db8::1
 *	b.example CNAME a.example
 *	_sip._udp.example SRV 10 60 5060 a.example
 *	example NAPTR 50 50 "s" "SIP+D2U" "" _sip._udp.example
 *	c.example SILENT		no reply
 *	d.example SLOW 300		a reply after so many milliseconds
 *	e.example SERVFAIL		or REFUSED
 *	f.example TRUNCATED		by UDP empty and truncated, by TCP whole
 *	g.example GARBAGE		a reply that breaks off
 */
#ifndef TESTS_ZONE_H
#define TESTS_ZONE_H

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/span.h"

struct zone;

struct zone *zone_new(struct span text, struct err *e);
void zone_free(struct zone *z);

/* Appends the reply to this query; false where there is none.  *after is how
 * long to wait with it. */
bool zone_reply(const struct zone *z, struct span query, bool is_udp,
	struct buf *reply, usec_t *after);

#endif
