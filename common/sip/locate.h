/* locate - from a URI to the places where it may be reached
 *
 * RFC 3263 section 4, RFC 7118 section 5.5, RFC 6116.  The transport is that
 * of the URI or of the user, where one is said; of a numeric host and of one
 * with a port it is UDP for sip: and TLS for sips:, and it is looked up as it
 * is (A and AAAA).  Of any other host NAPTR records are asked for, and those
 * of the lowest order with a transport of ours lead to SRV records; where
 * there are none, SRV records of each transport; and where there are none of
 * them, the name itself with the default port.  SRV records come by priority
 * and, by chance, weight (RFC 2782).  A tel: URI is looked up by ENUM first,
 * and then the SIP URI that gives.
 *
 * All of it takes RESOLVE_DEADLINE at most; what has been found until then is
 * given.  `done` is called exactly once and never from within sip_locate_new,
 * unless it was cancelled; targets are borrowed until it returns and stand in
 * the order in which to try them (at most SIP_TARGETS_MAX).
 */
#ifndef SIP_LOCATE_H
#define SIP_LOCATE_H

#include "net/resolve.h"
#include "sip/locate_step.h"
#include "sip/transport.h"
#include "sip/uri.h"

#define SIP_TARGETS_MAX 16

struct sip_locate;

struct sip_locate_settings {
	struct loop *loop;
	struct resolver *resolver; /* NULL: numeric hosts only */
	enum resolve_family family;
	enum sip_transport_kind kind; /* --transport; NONE: as the URI says */
	/* SIP_KIND of those the DNS may choose from; 0: all. */
	unsigned kinds;
	/* "HOST:PORT:ADDR:PORT", NULL at the end; NULL: none.  Where the first
	 * pair is meant the second is taken, under the name of the first. */
	const char *const *connect_to;
	const char *enum_suffix; /* of tel:; NULL: e164.arpa */
	sip_locate_step *step;   /* may be NULL; called with arg */
	/* Whose clients are known by names below ".invalid"; NULL: none. */
	struct sip_transport *transport;
};

typedef void sip_locate_done(void *arg, const struct sip_target *targets,
	size_t count, const struct err *e);

struct sip_locate *sip_locate_new(const struct sip_locate_settings *s,
	struct span uri, sip_locate_done *done, void *arg);
void sip_locate_cancel(struct sip_locate *l); /* NULL is fine */

/* The SIP URI that a tel: URI turned out to be, from within done or a step;
 * NULL: it was none. */
const char *sip_locate_enum_uri(const struct sip_locate *l);

#endif
