/* locate - from a URI to the places where it may be reached
 *
 * RFC 3263 section 4.  A numeric host, or one with a port, is looked up as it
 * is (A and AAAA); of any other, SRV records of the transport are asked for,
 * and where there are none, the name itself with the default port.  Without a
 * transport in the URI or from the user it is UDP for sip:, TLS for sips:.
 *
 * `done` is called exactly once and never from within sip_locate_new, unless
 * it was cancelled; targets are borrowed until it returns and stand in the
 * order in which to try them (at most SIP_TARGETS_MAX).
 */
#ifndef SIP_LOCATE_H
#define SIP_LOCATE_H

#include "net/resolve.h"
#include "sip/transport.h"
#include "sip/uri.h"

#define SIP_TARGETS_MAX 16

struct sip_locate;

struct sip_locate_settings {
	struct loop *loop;
	struct resolver *resolver; /* NULL: numeric hosts only */
	enum resolve_family family;
	enum sip_transport_kind kind; /* --transport; NONE: as the URI says */
	/* "HOST:PORT:ADDR:PORT", NULL at the end; NULL: none.  Where the first
	 * pair is meant the second is taken, under the name of the first. */
	const char *const *connect_to;
};

typedef void sip_locate_done(void *arg, const struct sip_target *targets,
	size_t count, const struct err *e);

struct sip_locate *sip_locate_new(const struct sip_locate_settings *s,
	struct span uri, sip_locate_done *done, void *arg);
void sip_locate_cancel(struct sip_locate *l); /* NULL is fine */

#endif
