/* resolve - names to addresses and services (RFC 1035, 2782, 3403)
 *
 * One resolver a run, on its loop: c-ares for real, a zone of fake names on a
 * simulated loop.  Reads /etc/hosts first; `localhost` and what ends in it is
 * loopback without asking (RFC 6761).  Names are ASCII: an IDN is made an
 * A-label before (xmpp/prep).  A dead nameserver costs 0.4 s before the next
 * is asked; a whole lookup takes RESOLVE_DEADLINE at most.
 *
 * `done` is called exactly once, never from within the call that asks, unless
 * the query was cancelled.  Results are borrowed until done returns.  No such
 * name and no such record are both STATUS_UNREACHABLE, with condition
 * "no-such-name" and "no-such-record"; a nameserver that does not answer is
 * STATUS_TIMEOUT, one that failed STATUS_UNREACHABLE and retryable.  At most 64
 * results are given.
 */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include "base/span.h"
#include "net/endpoint.h"
#include "net/loop.h"

#define RESOLVE_DEADLINE (5 * USEC_SEC)

struct resolver;
struct query;

/* server: "ADDR[:PORT]" (--resolver); NULL for those of /etc/resolv.conf, whose
 * search list then completes the names of hosts. */
struct resolver *resolver_new(
	struct loop *l, const char *server, struct err *e);
void resolver_free(struct resolver *r); /* cancels what is open */

enum resolve_family { RESOLVE_ANY, RESOLVE_V4, RESOLVE_V6 };

struct srv_record {
	uint16_t priority, weight, port;
	const char *target; /* "." : the service is not here */
	uint32_t ttl;
};

struct naptr_record {
	uint16_t order, preference;
	const char *flags, *services, *regexp;
	const char *replacement; /* "." : there is none, regexp is used */
	uint32_t ttl;
};

/* Port 0 in each endpoint; for RESOLVE_ANY in the order to try them:
 * families alternate, IPv6 first (RFC 8305 section 4).  A numeric address
 * gives itself. */
typedef void resolve_addresses_done(void *arg, const struct endpoint *found,
	size_t count, const struct err *e);
struct query *resolve_addresses(struct resolver *r, const char *name,
	enum resolve_family family, resolve_addresses_done *done, void *arg);

/* In the order to try them: by priority, by weight at random within one
 * (RFC 2782). */
typedef void resolve_srv_done(void *arg, const struct srv_record *found,
	size_t count, const struct err *e);
struct query *resolve_srv(struct resolver *r, const char *name,
	resolve_srv_done *done, void *arg);

/* By order, then preference. */
typedef void resolve_naptr_done(void *arg, const struct naptr_record *found,
	size_t count, const struct err *e);
struct query *resolve_naptr(struct resolver *r, const char *name,
	resolve_naptr_done *done, void *arg);

/* Of the address found[i], seconds; from within its done only.  NO_TTL: it is
 * from the hosts file or needed no asking. */
#define RESOLVE_NO_TTL UINT32_MAX
uint32_t query_ttl(const struct query *q, size_t i);

void query_cancel(struct query *q); /* done is not called; NULL is fine */

#endif
