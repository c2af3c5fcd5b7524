/* tls_far - our TLS in memory, against a far side that is OpenSSL itself
 *
 * The far side is made by the test as it likes: old versions, other ALPN, any
 * certificate.  far_run carries bytes both ways, `piece` at a time, until
 * nothing moves any more.
 */
#ifndef TESTS_TLS_FAR_H
#define TESTS_TLS_FAR_H

#include <openssl/ssl.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/tls.h"
#include "tests/common/certs.h"

struct far {
	SSL_CTX *ctx;
	SSL *ssl;
	BIO *in, *out;
	struct buf said; /* what it read from us */
	int reason;      /* of its failure, as ERR_GET_REASON; 0: none */

	struct tls_config *config;
	struct tls *tls;
	struct buf wire_in, wire_out, plain;
	struct err e; /* why ours ended */
	bool over;    /* ours returned false */
	size_t piece; /* 0: any */
};

/* The far side's context, to be changed before far_start; its certificate
 * may be NULL for a client. */
void far_init(struct far *f, bool server, const struct cert *certificate);
/* Ours against it; the name to verify may be NULL. */
void far_start(struct far *f, const struct tls_settings *s,
	enum tls_naming naming, const char *name);
void far_run(struct far *f);
void far_say(struct far *f, const char *text); /* to us, without far_run */
void far_clear(struct far *f);

#endif
