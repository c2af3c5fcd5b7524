/* tls_probe - which TLS an address speaks, for tools that diagnose
 *
 * First a connection as any client makes it, whose certificate is verified;
 * then one for each version from 1.0 to 1.3, in which nothing is sent.  `done`
 * is called exactly once, from the loop, unless it was cancelled.
 */
#ifndef NET_TLS_PROBE_H
#define NET_TLS_PROBE_H

#include "net/endpoint.h"
#include "net/tls.h"

struct loop;
struct tls_probe;

struct tls_probe_settings {
	struct loop *loop;
	struct endpoint address;
	struct tls_peer peer;      /* borrowed, as the strings of trust */
	struct tls_settings trust; /* of the first connection */
	usec_t patience;           /* for each of them */
};

#define TLS_PROBE_VERSIONS 4

struct tls_probed {
	/* Of the first connection: STATUS_TLS where the certificate or the
	 * versions are refused, another where it came to no TLS at all. */
	struct err refused;
	char version[16], cipher[64];     /* where it was not refused */
	bool accepts[TLS_PROBE_VERSIONS]; /* 1.0, 1.1, 1.2, 1.3 */
	bool has_times;                   /* of the certificate */
	usec_t from, until;
};

typedef void tls_probe_done(void *arg, const struct tls_probed *found);

/* NULL and e: the trust that is wanted cannot be set up. */
struct tls_probe *tls_probe_new(const struct tls_probe_settings *s,
	tls_probe_done *done, void *arg, struct err *e);
void tls_probe_cancel(struct tls_probe *p); /* NULL is fine */

const char *tls_probe_version_name(unsigned index); /* "TLS 1.0" … */

#endif
